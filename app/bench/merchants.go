package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"sync/atomic"
	"time"

	"bauta.dev/bauta/app/load"
	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/masking"
)

// merchants measures what a registration costs, with all checks (a number of a register,
// a tax number, a LEI and an account, three of which others are looked for by) and without
// documents, and how a public profile is read beside a page that never changes.
func (p *place) merchants(ctx context.Context) error {
	key, err := p.server.Run(ctx, "key", "create", "--scope", "merchants")
	if err != nil {
		return err
	}
	if err := p.registrations(key); err != nil {
		return err
	}
	id, err := p.approved(ctx, key)
	if err != nil {
		return err
	}
	return p.profile(id)
}

// registration is one of a company of its own: other names, other numbers, each with its
// check digits.
func registration(name string, i int) string {
	return fmt.Sprintf(`{"party":"%s-%d","jurisdiction":"EU","type":"company","legal_name":"Nordlicht Kerzen %d GmbH",
"registration":{"kind":"register","number":"HRB %d","register":"Amtsgericht Hamburg","country":"DE"},"tax":[{"kind":"vat","country":"DE","number":"DE%s"}],
"representative":{"name":"Ottilie Brandt"},"contact":{"email":"kontor%d@example.com","phone":"+494030303344"},
"address":{"street":"Am Sandtorkai %d","city":"Hamburg","postal_code":"20457","country":"DE"},
"payout":{"iban":"DE89370400440532013000"},"lei":"%s","certifications":["lawful_goods"]}`, name, i, i, i+1, taxNumber(10000000+i), i, i, lei(i))
}

// taxNumber has the check digit of ISO 7064, mod 11,10.
func taxNumber(i int) string {
	body := fmt.Sprintf("%08d", i)
	p := 10
	for _, r := range body {
		if p = (int(r-'0') + p) % 10; p == 0 {
			p = 10
		}
		p = 2 * p % 11
	}
	return fmt.Sprintf("%s%d", body, (11-p)%10)
}

// lei has those of ISO 7064, mod 97-10; its letters count as 10 to 35.
func lei(i int) string {
	body := fmt.Sprintf("213800%012d", i)
	rest := 0
	for _, r := range body + "00" {
		rest = (rest*10 + int(r-'0')) % 97
	}
	return fmt.Sprintf("%s%02d", body, 98-rest)
}

func (p *place) registrations(key string) error {
	var next atomic.Int64
	register := func(int, int) error {
		return p.client.Do("POST", "/v1/merchants", key, registration("m", int(next.Add(1))), nil)
	}
	fmt.Fprintln(os.Stderr, "16 clients register merchants…")
	load.Measure(16, 3*time.Second, 0, register)
	before, broker, database := next.Load(), spent(p.server.Pid()), spent(p.cluster.Pid())
	r := load.Measure(16, 0, time.Duration(p.seconds)*time.Second, register)
	if r.Errors > 0 {
		return fmt.Errorf("%d registrations failed", r.Errors)
	}
	n := time.Duration(max(next.Load()-before, 1))
	c := cost{r.PerSecond, (spent(p.server.Pid()) - broker) / n, (spent(p.cluster.Pid()) - database) / n}
	p.rows = append(p.rows,
		row{what: "merchant registrations/s at 16 connections", result: rate(c.perSecond)},
		row{what: "processor time of one: broker + PostgreSQL", result: c.String(), reach: "broker under 2000 µs"})
	return nil
}

var setUpCode = regexp.MustCompile(`set-up code\s+(\S.*)`)

// worker makes an account and signs in as its person would.
func (p *place) worker(ctx context.Context, email, role string) (session string, err error) {
	said, err := p.server.Run(ctx, "handler", "add", email, "--role", role)
	if err != nil {
		return "", err
	}
	m := setUpCode.FindStringSubmatch(said)
	if m == nil {
		return "", errors.New("handler add said no code")
	}
	var enrolment struct {
		Secret string `json:"secret"`
	}
	if err := p.client.Do("POST", "/v1/session/enrolment", "", fmt.Sprintf(`{"set_up_code":%q}`, m[1]), &enrolment); err != nil {
		return "", err
	}
	code := accounts.Code(masking.NewText(enrolment.Secret), time.Now().Unix()/30)
	var in struct {
		Token string `json:"token"`
	}
	err = p.client.Do("POST", "/v1/session/set-up", "", fmt.Sprintf(`{"set_up_code":%q,"password":"a benchmark has no secrets","code":%q}`, m[1], code), &in)
	return in.Token, err
}

// approved is a merchant that is public.
func (p *place) approved(ctx context.Context, key string) (id string, err error) {
	session, err := p.worker(ctx, "reviewer@example.com", "merchant_reviewer")
	if err != nil {
		return "", err
	}
	var made struct {
		ID string `json:"id"`
	}
	if err := p.client.Do("POST", "/v1/merchants", key, registration("approved", 99_999), &made); err != nil {
		return "", err
	}
	for _, step := range [][2]string{{"/taking", `{}`}, {"/values", `{"purpose":"decide_registration","reason":"fields_to_verify"}`}} {
		if err := p.client.Do("POST", "/v1/reviews/"+made.ID+step[0], session, step[1], nil); err != nil {
			return "", err
		}
	}
	return made.ID, p.client.Do("POST", "/v1/reviews/"+made.ID+"/approval", session,
		fmt.Sprintf(`{"reason":"verified","checks":[{"source":"company_register","method":"looked_up","at":%q}]}`, time.Now().UTC().Format(time.RFC3339)), nil)
}

// profile compares in turns, for a machine that is shared has bad moments.
func (p *place) profile(id string) error {
	wires, err := p.client.Wires(64)
	if err != nil {
		return err
	}
	defer func() {
		for _, w := range wires {
			w.Close()
		}
	}()
	fmt.Fprintln(os.Stderr, "64 clients read a page, and a public profile…")
	turn := time.Duration(p.seconds) * time.Second / 4
	var static, public float64
	for range 4 {
		for _, x := range []struct {
			path string
			sum  *float64
		}{{"/", &static}, {"/v1/public/merchants/" + id, &public}} {
			r := load.Measure(64, time.Second/2, turn, func(client, _ int) error {
				_, err := wires[client].Get(x.path, "")
				return err
			})
			if r.Errors > 0 {
				return fmt.Errorf("%d reads failed", r.Errors)
			}
			*x.sum += r.PerSecond / 4
		}
	}
	p.rows = append(p.rows, row{"public profiles/s at 64 connections ÷ the page /", rate(static), rate(public), public / static, "0.5"})
	return nil
}
