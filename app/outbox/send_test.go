package outbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"bauta.dev/bauta/broker"
)

// received is what an endpoint gets.
type received struct {
	header http.Header
	body   []byte
}

// endpoint answers with do, and keeps what it got.
func endpoint(t *testing.T, do http.HandlerFunc) (*broker.Endpoint, *[]received) {
	t.Helper()
	var got []received
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		got = append(got, received{r.Header, body})
		do(w, r)
	}))
	t.Cleanup(s.Close)
	return &broker.Endpoint{ID: 1, URL: s.URL + "/hook?token=sesame", Secrets: []broker.Secret{bytes.Repeat([]byte{7}, 32)}}, &got
}

func ok(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }

// What is sent is what the library of the specification's authors verifies, with
// its own clock; and it refuses what was changed, is old, or has another secret.
func TestOthersVerify(t *testing.T) {
	t.Parallel()
	e, got := endpoint(t, ok)
	old := broker.Secret(bytes.Repeat([]byte{9}, 24))
	e.Secrets = append(e.Secrets, old)
	status, err := Ping(t.Context(), NewClient(), e, "msg_1", time.Now())
	if err != nil || status != http.StatusNoContent || len(*got) != 1 {
		t.Fatalf("ping: %d %v", status, err)
	}
	r := (*got)[0]
	for name, secret := range map[string]broker.Secret{"new": e.Secrets[0], "old": old} {
		wh, err := standardwebhooks.NewWebhook(FormatSecret(secret))
		if err != nil {
			t.Fatal(err)
		}
		if err := wh.Verify(r.body, r.header); err != nil {
			t.Errorf("with the %s secret: %v", name, err)
		}
		if wh.Verify(append(bytes.Clone(r.body), ' '), r.header) == nil {
			t.Errorf("with the %s secret: a changed body verifies", name)
		}
		for _, h := range []string{"webhook-id", "webhook-timestamp"} {
			changed := r.header.Clone()
			changed.Set(h, changed.Get(h)+"1")
			if wh.VerifyIgnoringTimestamp(r.body, changed) == nil {
				t.Errorf("with the %s secret: a changed %s verifies", name, h)
			}
		}
	}
	other, err := standardwebhooks.NewWebhook(FormatSecret(bytes.Repeat([]byte{8}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	if other.Verify(r.body, r.header) == nil {
		t.Error("another secret verifies")
	}
	if _, err := Ping(t.Context(), NewClient(), e, "msg_2", time.Now().Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	wh, _ := standardwebhooks.NewWebhook(FormatSecret(old))
	if wh.Verify((*got)[1].body, (*got)[1].header) == nil {
		t.Error("a message of an hour ago verifies")
	}
	var m struct{ Type string }
	if err := json.Unmarshal(r.body, &m); err != nil || m.Type != "ping" || r.header.Get("Content-Type") != "application/json" {
		t.Errorf("ping: %s %v", r.body, err)
	}
}

// A redirect is not followed, and what an endpoint says is neither kept nor
// read without end.
func TestAnswersDecideNothing(t *testing.T) {
	t.Parallel()
	there, reached := endpoint(t, ok)
	e, _ := endpoint(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, there.URL, http.StatusTemporaryRedirect)
	})
	status, err := Ping(t.Context(), NewClient(), e, "msg_1", time.Now())
	if err != nil || accepted(status) || len(*reached) != 0 {
		t.Errorf("a redirect: %d %v, %d followed", status, err, len(*reached))
	}
	written := 0
	e, _ = endpoint(t, func(w http.ResponseWriter, _ *http.Request) {
		for err := error(nil); err == nil && written < 1<<30; {
			var n int
			n, err = w.Write(make([]byte, 1<<16))
			written += n
		}
	})
	status, err = Ping(t.Context(), NewClient(), e, "msg_1", time.Now())
	if err != nil || !accepted(status) || written >= 1<<30 {
		t.Errorf("an endless answer: %d %v after %d bytes", status, err, written)
	}
	e.URL = "http://127.0.0.1:1/hook?token=sesame"
	if _, err = Ping(t.Context(), NewClient(), e, "msg_1", time.Now()); err == nil || strings.Contains(err.Error(), "sesame") {
		t.Errorf("nobody there: %v", err)
	}
}

// A message goes to the URL, whatever proxy the environment names.
func TestNoProxy(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	t.Setenv("ALL_PROXY", "http://127.0.0.1:1")
	e, _ := endpoint(t, ok)
	if client := NewClient(); client.Transport.(*http.Transport).Proxy != nil || client.Timeout == 0 {
		t.Error("the client asks the environment for a proxy, or waits for ever")
	}
	if status, err := Ping(t.Context(), NewClient(), e, "msg_1", time.Now()); err != nil || !accepted(status) {
		t.Errorf("ping: %d %v", status, err)
	}
}

func TestCheckURL(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]bool{
		"https://shop.example/hooks":        true,
		"https://10.0.0.7:8443/hooks?x=1":   true, // the operator's own hand: a private address is his to name
		"http://localhost:9000/hooks":       true,
		"http://127.0.0.1:9000":             true,
		"http://[::1]/":                     true,
		"http://shop.example/hooks":         false,
		"http://127.0.0.1.shop.example/":    false,
		"https://user:pass@shop.example/":   false,
		"https://shop.example/#part":        false,
		"https:///hooks":                    false,
		"https://:8443/hooks":               false,
		"ftp://localhost/":                  false,
		"shop.example/hooks":                false,
		"":                                  false,
		"https://shop.example/\x7f?sesame=": false,
	} {
		err := CheckURL(url)
		if (err == nil) != want {
			t.Errorf("%q: %v", url, err)
		}
		if err != nil && strings.Contains(err.Error(), "sesame") {
			t.Errorf("the error repeats the URL: %v", err)
		}
	}
}

// A secret is printed where it is handed over, and by nothing else.
func TestSecretDoesNotPrint(t *testing.T) {
	t.Parallel()
	s := broker.Secret("sesame-sesame-sesame-sesame")
	j, err := json.Marshal(broker.Endpoint{Secrets: []broker.Secret{s}})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{fmt.Sprint(s), fmt.Sprintf("%v %+v %#v %x %s %q %d %t", s, s, s, s, s, s, s, s), string(j), fmt.Sprintf("%+v", broker.Endpoint{Secrets: []broker.Secret{s}})} {
		for _, form := range []string{"sesame", "736573", "115 101", "c2VzYW"} {
			if strings.Contains(text, form) {
				t.Errorf("it prints: %s", text)
			}
		}
	}
}

// Attempts are spread over three days, and not over many more.
func TestBackoff(t *testing.T) {
	t.Parallel()
	var all time.Duration
	for i := 1; i < mostAttempts; i++ {
		if i > 1 && backoff(i) < backoff(i-1) {
			t.Errorf("attempt %d comes sooner than the one before", i)
		}
		all += backoff(i)
	}
	if all < 72*time.Hour || all > 78*time.Hour {
		t.Errorf("the last attempt is after %s, want three days", all)
	}
}
