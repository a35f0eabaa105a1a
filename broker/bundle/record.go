package bundle

import (
	"fmt"

	"github.com/go-json-experiment/json/jsontext"

	"bauta.dev/bauta/broker/ledger"
)

// record is what the bundle says for machines: nothing but what its entries say.
type record struct {
	Version     int        `json:"version"`
	Case        string     `json:"case"`
	Recipient   Recipient  `json:"recipient"`
	Transaction string     `json:"transaction"`
	Kind        string     `json:"kind"`
	Buyer       string     `json:"buyer"`
	Seller      string     `json:"seller"`
	Entries     []recorded `json:"entries"`
}

type recorded struct {
	Index  int64                     `json:"index"`
	Origin string                    `json:"origin"`
	Leaf   string                    `json:"leaf"` // base64 of the leaf hash
	Type   string                    `json:"type"`
	Says   map[string]jsontext.Value `json:"says"` // by audience
	Text   string                    `json:"text,omitempty"`
}

func (s *story) record() ([]byte, error) {
	r := record{Version: version, Case: s.id, Recipient: s.to, Transaction: s.transaction, Kind: s.kind, Buyer: s.buyer, Seller: s.seller, Entries: []recorded{}}
	for i := range s.entries {
		e := &s.entries[i]
		x := recorded{Index: e.Index, Origin: e.Origin, Leaf: encoded(e.Leaf), Type: e.Type.String(), Says: map[string]jsontext.Value{}, Text: e.text()}
		for n, a := range e.Said {
			said, err := e.Says[n].Canonical()
			if err != nil {
				return nil, fmt.Errorf("write record: %w", err)
			}
			x.Says[a.String()] = said
		}
		r.Entries = append(r.Entries, x)
	}
	return canonical(r), nil
}

// text is the text that came with an entry, if it is opened.
func (e *told) text() string {
	if len(e.Opened) == 0 {
		return ""
	}
	return string(e.Opened[0].Value)
}

// derived are the members that follow from the entries.
func (s *story) derived() ([]ledger.ArchiveMember, error) {
	page, err := s.report()
	if err != nil {
		return nil, err
	}
	machine, err := s.record()
	if err != nil {
		return nil, err
	}
	return []ledger.ArchiveMember{{Name: reportName, Content: page}, {Name: recordName, Content: machine}}, nil
}
