package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"bauta.dev/bauta/app/load"
	"bauta.dev/bauta/app/postgres/cluster"
)

// imports compares `bauta import` with \copy of the same rows in clear, of a
// marketplace like the Olist one: 31,250 rows. Both are timed as whole commands
// over the same files.
func (p *place) imports(ctx context.Context) error {
	files, rows, err := p.marketplaceFiles(5_000)
	if err != nil {
		return err
	}
	copied, err := p.copyRows(ctx, files)
	if err != nil {
		return err
	}
	s := &load.Server{Binary: p.binary, Env: p.settings("import")}
	if err := s.Start(ctx); err != nil {
		return err
	}
	began := time.Now()
	if _, err := s.Run(ctx, "import", "--parties", files[0], "--transactions", files[1], "--performances", files[2]); err != nil {
		return err
	}
	took := time.Since(began)
	p.rows = append(p.rows, row{
		"import, rows/s ÷ \\copy in clear", rate(float64(rows) / copied.Seconds()), rate(float64(rows) / took.Seconds()),
		copied.Seconds() / took.Seconds(), "0.1",
	})
	_, err = s.Stop()
	return err
}

// copyRows loads the files with \copy into plain tables with their primary keys,
// as one command.
func (p *place) copyRows(ctx context.Context, files [3]string) (time.Duration, error) {
	psql, err := serverProgram("psql")
	if err != nil {
		return 0, err
	}
	run := func(commands ...string) error {
		args := []string{"-q", "-v", "ON_ERROR_STOP=1", p.cluster.URL(cluster.RoleOwner)}
		for _, c := range commands {
			args = append(args, "-c", c)
		}
		out, err := exec.CommandContext(ctx, psql, args...).CombinedOutput() //nolint:gosec // our own arguments
		if err != nil {
			return fmt.Errorf("psql: %w: %s", err, out)
		}
		return nil
	}
	err = run(`CREATE TABLE plain_parties (party_id text PRIMARY KEY, kind text, name text, email text, phone text, street text,
			city text, region text, postal_code text, country text, locale text)`,
		`CREATE TABLE plain_transactions (transaction_id text PRIMARY KEY, kind text, buyer_id text, seller_id text, currency text,
			amount numeric, items int, created_at timestamptz, state text)`,
		`CREATE TABLE plain_performances (transaction_id text, obligation text, done numeric, attested_by text,
			performed_at timestamptz, reference text)`)
	if err != nil {
		return 0, err
	}
	began := time.Now()
	err = run(`\copy plain_parties FROM '`+files[0]+`' CSV HEADER`, `\copy plain_transactions FROM '`+files[1]+`' CSV HEADER`,
		`\copy plain_performances FROM '`+files[2]+`' CSV HEADER`)
	return time.Since(began), err
}

// marketplaceFiles writes n orders in the import columns of the contract.
func (p *place) marketplaceFiles(n int) (files [3]string, rows int, err error) {
	names := [3]string{"parties.csv", "transactions.csv", "performances.csv"}
	headers := [3]string{
		"party_id,kind,name,email,phone,street,city,region,postal_code,country,locale",
		"transaction_id,kind,buyer_id,seller_id,currency,amount,items,created_at,state",
		"transaction_id,obligation,done,attested_by,performed_at,reference",
	}
	var texts [3]strings.Builder
	for i, h := range headers {
		texts[i].WriteString(h + "\n")
	}
	for i := range n {
		writeParty(&texts[0], "b", "person", i)
		rows += 6
		if i%4 == 0 { // a merchant sells more than once: 1.25 parties an order, as in real ones
			writeParty(&texts[0], "s", "merchant", i/4)
			rows++
		}
		fmt.Fprintf(&texts[1], "%s,shipped_goods,%s,%s,BRL,221.65,1,2017-01-05T13:34:00-03:00,completed\n", id("t", i), id("b", i), id("s", i/4))
		for _, o := range []string{"pay,221.65", "accept,1", "ship,1", "deliver,1"} {
			fmt.Fprintf(&texts[2], "%s,%s,platform,2017-01-07T03:45:00-03:00,ref/%s\n", id("t", i), o, o[:3])
		}
	}
	for i := range names {
		files[i] = filepath.Join(p.dir, names[i])
		if err := os.WriteFile(files[i], []byte(texts[i].String()), 0o600); err != nil {
			return files, 0, err
		}
	}
	return files, rows, nil
}

// id is a name as marketplaces give them: hashed, so that rows come in no order.
func id(prefix string, i int) string {
	sum := sha256.Sum256([]byte(prefix + strconv.Itoa(i)))
	return prefix + "-" + hex.EncodeToString(sum[:16])
}

func writeParty(w *strings.Builder, side, kind string, i int) {
	fmt.Fprintf(w, "%s,%s,Giovana Teixeira %d,giovana%d@example.com,+55879919%05d,\"Estrada do Coco, %d\",Recife,PE,51190-321,BR,pt-BR\n",
		id(side, i), kind, i, i, i%100000, i)
}

// start measures how long a broker with an existing cluster needs to "ready".
func (p *place) start(ctx context.Context) error {
	s := &load.Server{Binary: p.binary, Env: p.settings("start")}
	if err := s.Start(ctx); err != nil {
		return err
	}
	if _, err := s.Stop(); err != nil {
		return err
	}
	began := time.Now()
	if err := s.Start(ctx); err != nil {
		return err
	}
	took := time.Since(began)
	p.rows = append(p.rows, row{what: "start with an existing cluster, to ready", result: took.Round(time.Millisecond).String(), reach: "under 3 s"})
	_, err := s.Stop()
	return err
}

// memory measures the broker's resident memory under load, with many parties.
func (p *place) memory(ctx context.Context) error {
	if p.only == "" {
		p.rows = append(p.rows, row{what: "memory at 1 million parties under load", result: "-only memory", reach: "150 MiB"})
		return nil
	}
	files, _, err := p.marketplaceFiles(p.parties * 4 / 5)
	if err != nil {
		return err
	}
	s := &load.Server{Binary: p.binary, Env: p.settings("memory")}
	if err := s.Start(ctx); err != nil {
		return err
	}
	if _, err := s.Run(ctx, "import", "--parties", files[0], "--transactions", files[1]); err != nil {
		return err
	}
	client := load.Dial(s.URL, 64)
	if client.Market, err = s.Run(ctx, "key", "create", "--scope", "marketplace"); err != nil {
		return err
	}
	load.Measure(64, 0, time.Duration(p.seconds)*time.Second, func(c, i int) error {
		return client.Do("GET", "/v1/parties/"+id("b", (c*104729+i*7919)%(p.parties*4/5)), client.Market, "", nil)
	})
	kib, err := resident(s.Pid())
	p.rows = append(p.rows, row{what: fmt.Sprintf("memory at %d parties under load", p.parties), result: fmt.Sprintf("%d MiB", kib/1024), reach: "150 MiB"})
	_, stop := s.Stop()
	return errors.Join(err, stop)
}

// resident is VmHWM of /proc/PID/status, in KiB: the most it ever was.
func resident(pid int) (int, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			return strconv.Atoi(strings.Fields(rest)[0])
		}
	}
	return 0, errors.New("the system does not say how much memory a process has")
}

// kill is the long form of the test that kills broker and database under load.
func (p *place) kill(ctx context.Context) error {
	k := &load.Killing{
		Server: &load.Server{Binary: p.binary, Env: p.settings("kill")}, DataDir: filepath.Join(p.dir, "kill"),
		Clients: 64, Orders: 500, Brokers: p.kills, Servers: p.kills, Seed: 1,
		Say: func(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) },
	}
	report, err := k.Run(ctx)
	if err != nil {
		return err
	}
	p.rows = append(p.rows, row{
		what:   fmt.Sprintf("%d kills of the broker and %d of PostgreSQL under load", p.kills, p.kills),
		result: report.String(),
	})
	_, err = k.Server.Stop()
	return err
}
