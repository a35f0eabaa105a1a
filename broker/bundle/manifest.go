package bundle

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/necessity"
)

// Names of the members, in their order.
const (
	reportName   = "report.html"
	recordName   = "case.json"
	policyFolder = "policies/"
	sealName     = "receipts/seal.receipt"

	version = 1
)

func receiptName(i int) string {
	if i == 0 {
		return "receipts/case.receipt"
	}
	return fmt.Sprintf("receipts/case-%d.receipt", i+1)
}

// manifest names every member but itself and the seal, which names it.
type manifest struct {
	Case      string    `json:"case"`
	Members   []listed  `json:"members"`
	Recipient Recipient `json:"recipient"`
	Version   int       `json:"version"`
}

type listed struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"` // base64
	Size   int    `json:"size"`
}

func manifestOf(id string, to Recipient, members []ledger.ArchiveMember) manifest {
	m := manifest{Case: id, Recipient: to, Version: version}
	for _, x := range members {
		sum := sha256.Sum256(x.Content)
		m.Members = append(m.Members, listed{x.Name, base64.StdEncoding.EncodeToString(sum[:]), len(x.Content)})
	}
	return m
}

func (m *manifest) marshal() []byte { return canonical(m) }

// canonical is a value's JSON in the form of RFC 8785. Only types of this package
// are written, and all of them can be.
func canonical(v any) []byte {
	b, err := jsonv2.Marshal(v, jsontext.AllowInvalidUTF8(true)) // a name of a zip may be anything
	if err == nil {
		err = (*jsontext.Value)(&b).Canonicalize()
	}
	if err != nil {
		panic(err) // a type that JSON does not know
	}
	return b
}

// read is the strict inverse of canonical.
func read(b []byte, into any) error {
	if err := jsonv2.Unmarshal(b, into, jsonv2.RejectUnknownMembers(true)); err != nil || !bytes.Equal(canonical(into), b) {
		return ErrForm // the cause would tell what stands there
	}
	return nil
}

// policies are the members for the sets that decided in the story: those, and no others.
func (c *Contents) policies(s *story) ([]ledger.ArchiveMember, error) {
	sets := slices.SortedFunc(slices.Values(c.Policies), func(a, b Policy) int { return cmp.Compare(a.Version, b.Version) })
	var members []ledger.ArchiveMember
	for _, p := range sets {
		name, err := p.name()
		if err != nil {
			return nil, fmt.Errorf("make bundle: %w", err)
		}
		members = append(members, ledger.ArchiveMember{Name: name, Content: canonical(p)})
	}
	if err := s.decidedBy(sets); err != nil {
		return nil, fmt.Errorf("make bundle: %w", err)
	}
	return members, nil
}

// name is that of the member; the set has to be the one that its version names.
func (p *Policy) name() (string, error) {
	v, err := necessity.VersionOf(p.Text, p.Floor)
	sum, found := strings.CutPrefix(p.Version, "sha256:")
	if raw, bad := hex.DecodeString(sum); err != nil || v != p.Version || !found || bad != nil || len(raw) != sha256.Size {
		return "", ErrPolicies
	}
	return policyFolder + sum + ".json", nil
}

// parts are the members of a bundle that was read.
type parts struct {
	manifest manifest
	sum      []byte
	derived  []ledger.ArchiveMember
	policies []Policy
	receipts [][]byte
	seal     []byte
}

// parse takes a bundle apart. All its members are those of the manifest, in their order.
func parse(file []byte) (*parts, error) {
	members, err := ledger.ReadMembers(file)
	if err != nil {
		return nil, err
	}
	if len(members) < 5 || members[0].Name != ledger.CaseManifest {
		return nil, ErrForm
	}
	p := &parts{seal: members[len(members)-1].Content}
	if err := read(members[0].Content, &p.manifest); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(members[0].Content)
	p.sum = sum[:]
	if p.manifest.Version != version || !slices.Contains(Recipients(), p.manifest.Recipient) || members[len(members)-1].Name != sealName {
		return nil, ErrForm
	}
	listed := members[1 : len(members)-1]
	if want := manifestOf(p.manifest.Case, p.manifest.Recipient, listed); !slices.Equal(want.Members, p.manifest.Members) {
		return nil, ErrManifest
	}
	return p, p.sort(listed)
}

// sort tells the members apart by their names, which have one order.
func (p *parts) sort(members []ledger.ArchiveMember) error {
	if members[0].Name != reportName || members[1].Name != recordName {
		return ErrForm
	}
	p.derived = members[:2]
	for _, m := range members[2:] {
		if len(p.receipts) == 0 && strings.HasPrefix(m.Name, policyFolder) {
			var set Policy
			if err := read(m.Content, &set); err != nil {
				return err
			}
			if name, err := set.name(); err != nil || name != m.Name || len(p.policies) > 0 && p.policies[len(p.policies)-1].Version >= set.Version {
				return ErrPolicies
			}
			p.policies = append(p.policies, set)
			continue
		}
		if m.Name != receiptName(len(p.receipts)) {
			return ErrForm
		}
		p.receipts = append(p.receipts, m.Content)
	}
	if len(p.receipts) == 0 {
		return ErrForm
	}
	return nil
}
