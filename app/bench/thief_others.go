package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/masking"
)

// uselessThief has keys that disclose nothing, and tries with each of them every
// door that a value could come out of.
func (p *place) uselessThief(ctx context.Context, l *loot) error {
	for _, scope := range []string{"attest", "merchants", "disputes", "audit"} {
		key, err := p.server.Run(ctx, "key", "create", "--scope", scope)
		if err != nil {
			return err
		}
		all(func(i int) {
			n := strconv.Itoa(i)
			l.try(p.client, key, "POST", "/v1/disclosures", asked("t-"+n, "s-"+n, true))
			for _, path := range []string{"/v1/parties/b-" + n, "/v1/parties/b-" + n + "/export", "/v1/transactions/t-" + n + "?viewer=s-" + n} {
				l.try(p.client, key, "GET", path, "")
			}
			l.link(ctx, p, key, n)
		})
	}
	return nil
}

// privacyThief makes himself a link to everybody's own page, which has all that
// there is about its party.
func (p *place) privacyThief(ctx context.Context, l *loot) error {
	key, err := p.server.Run(ctx, "key", "create", "--scope", "privacy")
	if err != nil {
		return err
	}
	all(func(i int) { l.link(ctx, p, key, strconv.Itoa(i)) })
	return nil
}

// link makes a link to the page of a buyer, opens it, and takes the export.
func (l *loot) link(ctx context.Context, p *place, key, n string) {
	var made struct {
		URL string `json:"url"`
	}
	if !l.answered(p.client.Do("POST", "/v1/parties/b-"+n+"/access-link", key, "{}", &made), "a link") {
		return
	}
	_, code, _ := strings.Cut(made.URL, "#")
	jar, _ := cookiejar.New(nil) // it never fails
	browser := &http.Client{Jar: jar, Timeout: time.Minute}
	for _, x := range []struct{ path, code string }{{"/me", code}, {"/me/export", ""}} {
		text, err := form(ctx, browser, p.server.URL, x.path, url.Values{"code": {x.code}})
		if err == nil && strings.Contains(text, "giovana"+n+"@example.com") {
			l.sees("b-" + n)
		}
	}
}

// form sends a form as the page itself would.
func form(ctx context.Context, browser *http.Client, base, path string, fields url.Values) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+path, strings.NewReader(fields.Encode()))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	resp, err := browser.Do(req)
	if err != nil {
		return "", fmt.Errorf("open page: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	return string(text), err
}

// inside is a thief at the desk: requests about everybody wait for people, and he
// takes each of them and opens what he may look at to decide it.
func inside(role string) func(*place, context.Context, *loot) error {
	return func(p *place, ctx context.Context, l *loot) error {
		waiting, err := p.waits(ctx)
		if err != nil {
			return err
		}
		session, err := p.signsIn(ctx, role)
		if err != nil {
			return err
		}
		all(func(i int) {
			path := "/v1/requests/" + waiting[i]
			l.try(p.client, session, "POST", path+"/taking", `{}`)
			var opened seen
			body := `{"purpose":"decide_request","reason":"identity_unclear","fields":["name","phone","address"]}`
			if l.answered(p.client.Do("POST", path+"/reveals", session, body, &opened), "a look") && len(opened.Fields) > 0 {
				l.sees("b-" + strconv.Itoa(i))
			}
		})
		return nil
	}
}

// waits makes a request about every buyer that a person has to decide.
func (p *place) waits(ctx context.Context) ([]string, error) {
	key, err := p.server.Run(ctx, "key", "create", "--scope", "privacy")
	if err != nil {
		return nil, err
	}
	waiting, failed := make([]string, victims), make([]error, victims)
	all(func(i int) {
		n := strconv.Itoa(i)
		var d seen
		failed[i] = errors.Join(p.client.Do("PUT", "/v1/parties/b-"+n+"/flags", key, `["at_risk"]`, nil),
			p.client.Do("POST", "/v1/disclosures", p.client.Market, asked("t-"+n, "s-"+n, true), &d))
		if waiting[i] = d.ID; d.Decision != "pending" && failed[i] == nil {
			failed[i] = fmt.Errorf("the request is %s", d.Decision)
		}
	})
	return waiting, errors.Join(failed...)
}

// signsIn makes an account as an operator does, and gives its session.
func (p *place) signsIn(ctx context.Context, role string) (string, error) {
	said, err := p.server.Run(ctx, "handler", "add", "thief@desk.example.com", "--role", role)
	if err != nil {
		return "", err
	}
	code := regexp.MustCompile(`[0-9a-z]{6}(-[0-9a-z]{6}){3}`).FindString(said)
	var e struct {
		Secret string `json:"secret"`
	}
	if err := p.client.Do("POST", "/v1/session/enrolment", "", fmt.Sprintf(`{"set_up_code":%q}`, code), &e); err != nil {
		return "", err
	}
	var in struct {
		Token string `json:"token"`
	}
	shown := accounts.Code(masking.NewText(e.Secret), accounts.Step(time.Now()))
	err = p.client.Do("POST", "/v1/session/set-up", "", fmt.Sprintf(`{"set_up_code":%q,"password":"three lazy herons at noon","code":%q}`, code, shown), &in)
	return in.Token, err
}
