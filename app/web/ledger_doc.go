package web

import (
	"net/http"
	"strings"

	"github.com/swaggest/openapi-go/openapi31"
)

// What the OpenAPI document says of the log.

func doGetTile() operation {
	return operation{
		id: "getTile", tag: "ledger", summary: "A tile of the log's hashes (C2SP tlog-tiles)",
		description: "256 hashes of 32 bytes, or as many as a partial path says. They never change. " +
			"With --public-ledger nobody needs a key. A tile that the log does not have yet is 404; a path that cannot be one is 400.",
		answers: []answered{{status: http.StatusOK, media: "application/octet-stream"}},
	}
}

func doGetEntries() operation {
	return operation{
		id: "getEntries", tag: "ledger", summary: "A bundle of the log's entries (C2SP tlog-tiles)",
		description: "256 entries, or as many as a partial path says, each behind its length in two bytes, big-endian. They never change. " +
			"A leaf of the tree is the RFC 6962 hash of its entry.",
		answers: []answered{{status: http.StatusOK, media: "application/octet-stream"}},
	}
}

func doGetInclusion() operation {
	return operation{
		id: "getInclusion", tag: "ledger", summary: "What shows that an entry is in the tree of a size",
		description: "Any size up to the newest checkpoint's.",
		answers: []answered{{status: http.StatusOK, body: inclusionAnswer{}, example: `{"index":17,"size":18,
"leaf_hash":"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=","hashes":["47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="]}`}},
	}
}

func doGetConsistency() operation {
	return operation{
		id: "getConsistency", tag: "ledger", summary: "What shows that the tree of one size is the beginning of another",
		description: "Any sizes up to the newest checkpoint's.",
		answers: []answered{{
			status: http.StatusOK, body: consistencyAnswer{},
			example: `{"from":16,"to":18,"hashes":["47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="]}`,
		}},
	}
}

// tileParameters are the parts of a tile's path. The last one holds slashes,
// which OpenAPI has no word for: "x001/x234/067.p/89" say.
func (r *route) tileParameters() []openapi31.ParameterOrReference {
	var ps []openapi31.ParameterOrReference
	for _, x := range []struct{ name, description string }{
		{"level", "0 for the hashes of entries; each higher one has 256 times less"},
		{"tile", "the number in groups of three digits, all but the last one behind an x, as in x001/x234/067; then .p/ and the width where it is partial"},
	} {
		if strings.Contains(r.template, "{"+x.name+"}") {
			p := openapi31.Parameter{Name: x.name, In: openapi31.ParameterInPath, Schema: map[string]any{"type": "string"}}
			p.WithDescription(x.description).WithRequired(true)
			ps = append(ps, openapi31.ParameterOrReference{Parameter: &p})
		}
	}
	return ps
}

// numberSchema is a size or an index.
func numberSchema() map[string]any { return map[string]any{"type": "integer", "minimum": 0} }
