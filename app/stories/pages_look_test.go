package stories

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"bauta.dev/bauta/app/chromium"
	"bauta.dev/bauta/app/web/pages"
)

// shelf serves the pages as they are kept beside their templates, under the policy that they
// are sent with: every state that one can have, without a marketplace that is in it.
func shelf(t *testing.T) (url string, names []string) {
	t.Helper()
	const kept = "../web/pages/testdata"
	files, err := filepath.Glob(filepath.Join(kept, "*.html"))
	if err != nil || len(files) == 0 {
		t.Fatal("no pages", err)
	}
	var about strings.Builder
	scripted := pages.SignIn{Others: pages.OtherWays{Passkeys: true}}
	for _, p := range []pages.Page{pages.About{}, scripted} {
		if err := pages.Render(&about, p); err != nil {
			t.Fatal(err)
		}
	}
	hashes := map[string]string{}
	for _, m := range regexp.MustCompile(`/assets/(\w+\.([0-9a-f]{12})\.(\w+))`).FindAllStringSubmatch(about.String(), -1) {
		hashes[strings.Replace(m[1], m[2], "HASH", 1)] = m[1]
	}
	mux := http.NewServeMux()
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		page := string(text)
		for name, asset := range hashes {
			page = strings.ReplaceAll(page, name, asset)
		}
		policy := pages.Policy
		if strings.Contains(page, "/assets/passkey.") {
			policy = pages.PolicyOf(scripted)
		}
		name := strings.TrimSuffix(filepath.Base(f), ".html")
		names = append(names, name)
		mux.HandleFunc("GET /"+name, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Security-Policy", policy)
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = w.Write([]byte(page))
		})
	}
	mux.HandleFunc("GET /assets/{name}", func(w http.ResponseWriter, r *http.Request) {
		a, ok := pages.FindAsset(r.PathValue("name"))
		if !ok {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		w.Header().Set("Content-Type", a.Type)
		_, _ = w.Write(a.Content)
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	slices.Sort(names)
	return s.URL, names
}

// The pages of numbers, of the ledger and of all components, as they are seen: wide and
// narrow, by day and by night. Of all pages: none scrolls sideways, in a small window or at
// twice its size, what is pressed is large enough, and paper has no value that was opened.
func TestPagesLook(t *testing.T) {
	t.Parallel()
	url, names := shelf(t)
	v := chromium.New(t).Open(t, chromium.Looks()[0])
	for _, name := range []string{"components", "overview", "ledger_desk", "permit_table"} {
		v.Turn(chromium.Looks()[0])
		v.Visit(url + "/" + name)
		for _, l := range chromium.Looks() {
			if name != "components" && l.Mobile != l.Dark { // by day and wide, by night and narrow
				continue
			}
			v.Turn(l)
			v.Check()
			v.Shoot("page-" + name)
		}
	}
	for _, name := range names {
		v.Turn(chromium.Look{Name: "zoom-200", Width: 720, Height: 450})
		v.Visit(url + "/" + name)
		v.Fits(name)
		v.Turn(chromium.Look{Name: "320", Width: 320, Height: 256})
		v.Fits(name)
	}
	for name, opened := range map[string]string{"case_values": "Giovana", "case": "alert(1)", "glass": "alert(1)", "review": "杭州", "first_sight": "Giovana"} {
		v.Visit(url + "/" + name)
		v.Says("main", opened)
		v.OnPaper(func() {
			v.SaysNot("main", opened)
			if n := v.Count(`[...document.querySelectorAll("form")].filter(f => f.getClientRects().length).length`); n > 0 {
				t.Errorf("%s has %d forms on paper", name, n)
			}
		})
	}
	v.Visit(url + "/case")
	v.Print("page-case")
}
