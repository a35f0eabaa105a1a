package pages

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// AssetPrefix is where pages look for their assets.
const AssetPrefix = "/assets/"

// Asset is a file that pages refer to. Its name changes with its content, so
// whoever has it may keep it for ever.
type Asset struct {
	Name, Type string
	Content    []byte
}

// AssetCaching is the Cache-Control of every asset.
const AssetCaching = "public, max-age=31536000, immutable"

// stylesheets become one, in this order: later ones may rely on earlier ones.
func stylesheets() []string {
	return []string{"tokens.css", "base.css", "parts.css", "forms.css", "subject.css", "register.css", "cases.css", "figures.css", "first_sight.css", "components.css"}
}

// FindAsset finds an asset by its full name, the hash in it.
func FindAsset(name string) (Asset, bool) {
	for _, a := range []Asset{styles(), mark(), linkScript(), passkeyScript()} {
		if a.Name == name {
			return a, true
		}
	}
	return Asset{}, false
}

func styles() Asset {
	var all bytes.Buffer
	for _, name := range stylesheets() {
		all.Write(embedded(name))
	}
	return named("bauta.css", "text/css; charset=utf-8", all.Bytes())
}

func mark() Asset { return named("mark.svg", "image/svg+xml", embedded("mark.svg")) }

// linkScript puts the code of a link into the form that spends it.
func linkScript() Asset {
	return named("link.js", "text/javascript; charset=utf-8", embedded("link.js"))
}

// embedded panics for a file that the build did not take in: every page needs
// them all, so no program can start without one.
func embedded(name string) []byte {
	content, err := assetFiles.ReadFile("assets/" + name)
	if err != nil {
		panic("pages: " + err.Error())
	}
	return content
}

func named(name, kind string, content []byte) Asset {
	hash := sha256.Sum256(content)
	stem, extension, _ := strings.Cut(name, ".")
	return Asset{Name: stem + "." + hex.EncodeToString(hash[:6]) + "." + extension, Type: kind, Content: content}
}
