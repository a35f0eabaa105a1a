package web

import (
	"bytes"
	"log/slog"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/masking"
)

// What the door itself costs: everything but the broker.

func BenchmarkDoorDisclosure(b *testing.B) {
	d := newDoor(b, func(deps *Deps) { deps.Log = slog.New(slog.NewJSONHandler(discard{}, nil)) })
	body := []byte(endpoints()[7].body)
	v := sampleView()
	for _, r := range d.routes() {
		if r.template == "/v1/disclosures" && r.method == "POST" {
			r.template, r.handle = "/bench", func(c *call) error {
				body, err := decode[disclosureBody](c)
				if err != nil {
					return err
				}
				if _, err := body.input(); err != nil {
					return err
				}
				return c.answer(201, showDisclosure(v))
			}
			d.App().Add(r.method, r.template, d.enter(r))
		}
	}
	handler := d.App().Handler()
	var rc fasthttp.RequestCtx
	rc.Request.Header.SetMethod("POST")
	rc.Request.SetRequestURI("/bench")
	rc.Request.Header.Set("Authorization", "Bearer bauta_m_secret")
	rc.Request.Header.SetContentType("application/json")
	rc.Request.SetBody(body)
	b.ReportAllocs()
	for b.Loop() {
		rc.Response.Reset()
		handler(&rc)
	}
	if rc.Response.StatusCode() != 201 {
		b.Fatalf("%d %s", rc.Response.StatusCode(), rc.Response.Body())
	}
}

func BenchmarkDecodeDisclosure(b *testing.B) {
	body := []byte(endpoints()[7].body)
	b.ReportAllocs()
	for b.Loop() {
		var v disclosureBody
		if err := decodeBytes(body, &v); err != nil {
			b.Fatal(err)
		}
		if _, err := v.input(); err != nil {
			b.Fatal(err)
		}
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

func sampleView() *broker.DisclosureView {
	at := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	address := masking.Value{Address: masking.Address{
		Street: masking.NewText("Estrada do Coco, 2138"), City: masking.NewText("Recife"), PostalCode: masking.NewText("51190-321"), Country: "BR",
	}}
	return &broker.DisclosureView{
		Decided: broker.Decided{
			ID: "dsc_05wq0e9m2r6a1b7c3d4e5f6g7g", At: at, Transaction: "t-1", Requester: "s-1", Subject: "b-1",
			Purpose: "deliver", Decision: "granted", Ground: "3b", Policy: "sha256:ab", AssertedBy: "platform",
			Fields: []broker.FieldOutcome{
				{Field: masking.Name, Outcome: necessity.Granted, Rule: "deliver-shipped-goods"},
				{Field: masking.FullAddress, Outcome: necessity.Granted, Rule: "deliver-shipped-goods"},
				{Field: masking.Email, Outcome: necessity.Withheld, Reason: necessity.NotNecessary},
			},
		},
		State: "live", ExpiresAt: at, ViewsLeft: 19,
		Values: map[masking.Field]masking.Value{masking.Name: {Text: masking.NewText("Giovana Teixeira")}, masking.FullAddress: address},
	}
}

// What is shown: every shape of a disclosure is one that the document has.
func TestShownDisclosures(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	granted := sampleView()
	bare := *granted
	bare.Bare = true
	refused := *granted
	refused.Decision, refused.Ground, refused.State, refused.Values = "refused", "", "", nil
	refused.Fields = []broker.FieldOutcome{{Field: masking.Email, Outcome: necessity.Withheld, Reason: necessity.NoPerformance}}
	refused.Reasons = []broker.Reason{{Code: necessity.NoPerformance, Detail: "x", Missing: []broker.Missing{{Obligation: "pay", Need: "10.00", Have: "0.00"}}}}
	for name, x := range map[string]struct {
		v          *broker.DisclosureView
		has, lacks []string
	}{
		"granted": {granted, []string{`"value":"Giovana Teixeira"`, `"value":{"street":"Estrada do Coco, 2138","city":"Recife","postal_code":"51190-321","country":"BR"}`, `"views_left":19`}, []string{"reasons"}},
		"bare":    {&bare, []string{`"state":"live"`, `"index":0`}, []string{"fields", "Giovana"}},
		"refused": {&refused, []string{`"expires_at":null`, `"ground":null`, `"missing":[{"obligation":"pay","need":"10.00","have":"0.00"}]`}, []string{"value"}},
	} {
		raw := encoded(t, showDisclosure(x.v))
		if err := d.holds("POST", "/v1/disclosures", 201, mediaJSON, []byte(endpoints()[7].body), raw); err != nil {
			t.Error(err)
		}
		for _, s := range x.has {
			if !bytes.Contains(raw, []byte(s)) {
				t.Errorf("%s lacks %s: %s", name, s, raw)
			}
		}
		for _, s := range x.lacks {
			if bytes.Contains(raw, []byte(s)) {
				t.Errorf("%s has %s: %s", name, s, raw)
			}
		}
	}
}
