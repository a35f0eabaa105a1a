package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

// handlerCommands are the operator's hand on accounts.
type handlerCommands struct {
	Add   addHandlerCommand   `cmd:"" help:"Make an account and print its set-up code, once."`
	List  listHandlersCommand `cmd:"" help:"List the accounts that there are."`
	Reset resetHandlerCommand `cmd:"" help:"Take password and authenticator away, end all sessions, and print a new set-up code."`
	End   endHandlerCommand   `cmd:"" help:"End an account for good."`
}

// invitation is where a set-up code is given.
type invitation struct {
	PublicURL string `name:"public-url" env:"BAUTA_PUBLIC_URL" placeholder:"URL" help:"The URL by which people know the broker, for a link to the page."`
}

// print says what its person needs. In a link the code is in the fragment,
// which no browser sends.
func (i *invitation) print(p *program, v broker.AccountView) error {
	code := accounts.Spell(v.SetUpCode)
	where := "on the page /sign-in/set-up of the broker"
	if i.PublicURL != "" {
		where = "at " + strings.TrimSuffix(i.PublicURL, "/") + "/sign-in/set-up#" + code
	}
	_, err := fmt.Fprintf(p.stdout, "account      %s\nrole         %s\nset-up code  %s\n\nIts person gives the code %s, until %s.\n",
		v.ID, v.Role, code, where, date(v.SetUpUntil))
	return err
}

type addHandlerCommand struct {
	Email string `arg:"" help:"The person's e-mail address; it is kept sealed."`
	Role  string `required:"" placeholder:"ROLE" help:"handler, lead, auditor, merchant_reviewer or privacy_officer."`
	invitation
}

// Help of handler add.
func (*addHandlerCommand) Help() string {
	return `The account may approve at once, and an entry says that the operator made it. One that is made by another account is told
to all privacy officers, and can approve nothing for 24 hours.

    bauta handler add ana@example.com --role privacy_officer
    bauta handler add rui@example.com --role handler --public-url https://broker.example.com`
}

// Run makes an account.
func (c *addHandlerCommand) Run(ctx context.Context, p *program) error {
	role, err := accounts.ParseRole(c.Role)
	if err != nil {
		return errors.New(fault.Of(err).Detail)
	}
	email, err := address(c.Email)
	if err != nil {
		return err
	}
	return p.visit(ctx, working, func(h *house) error {
		b, err := h.operator(ctx, p)
		if err != nil {
			return err
		}
		v, _, err := b.AddAccount(ctx, nil, email, role, nil)
		if err != nil {
			return fmt.Errorf("make account: %w", err)
		}
		return c.print(p, v)
	})
}

func address(s string) (masking.Text, error) {
	t, err := masking.Normalize(masking.Email, masking.NewText(s), "")
	if err != nil {
		return t, errors.New("this is not an e-mail address") // which it was, nobody repeats
	}
	return t, nil
}

type listHandlersCommand struct{}

// Run lists the accounts.
func (*listHandlersCommand) Run(ctx context.Context, p *program) error {
	return p.visit(ctx, looking, func(h *house) error {
		b, err := h.operator(ctx, p)
		if err != nil {
			return err
		}
		all, err := b.ListAccounts(ctx)
		if err != nil {
			return fmt.Errorf("list accounts: %w", err)
		}
		t := tabwriter.NewWriter(p.stdout, 0, 8, 2, ' ', 0)
		_, _ = fmt.Fprintln(t, "ID\tROLE\tE-MAIL\tMADE\tBY\tMAY APPROVE FROM\tSET UP\tENDED")
		for _, a := range all {
			ready := "no"
			if a.Ready {
				ready = "yes"
			}
			_, _ = fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", a.ID, a.Role, a.Email, date(a.MadeAt), a.MadeBy, date(a.ApprovesAt), ready, date(a.EndedAt))
		}
		return t.Flush()
	})
}

// whom is an account by its id or its e-mail address.
type whom struct {
	Account string `arg:"" placeholder:"ID|EMAIL" help:"The account's id, or its e-mail address."`
}

// on does something to the account that is meant.
func (w *whom) on(ctx context.Context, p *program, do func(*broker.Broker, accounts.ID) error) error {
	id, ok := accounts.ParseID(w.Account)
	var email masking.Text
	if !ok {
		id = ""
		var err error
		if email, err = address(w.Account); err != nil {
			return errors.New("this is neither an account's id nor an e-mail address")
		}
	}
	return p.visit(ctx, looking, func(h *house) error {
		b, err := h.operator(ctx, p)
		if err != nil {
			return err
		}
		v, err := b.FindAccount(ctx, id, email)
		if errors.Is(err, broker.ErrNotFound) {
			return errors.New("there is no such account; bauta handler list shows those that there are")
		}
		if err != nil {
			return fmt.Errorf("find account: %w", err)
		}
		return do(b, v.ID)
	})
}

type resetHandlerCommand struct {
	whom
	invitation
}

// Run resets an account.
func (c *resetHandlerCommand) Run(ctx context.Context, p *program) error {
	return c.on(ctx, p, func(b *broker.Broker, id accounts.ID) error {
		v, err := b.ResetAccount(ctx, id)
		if err != nil {
			return fmt.Errorf("reset account: %w", err)
		}
		return c.print(p, v)
	})
}

type endHandlerCommand struct {
	whom
	Reason string `enum:"left,misuse,mistake,other" default:"left" placeholder:"REASON" help:"left, misuse, mistake or other (${default})."`
}

// Run ends an account.
func (c *endHandlerCommand) Run(ctx context.Context, p *program) error {
	return c.on(ctx, p, func(b *broker.Broker, id accounts.ID) error {
		if _, _, err := b.EndAccount(ctx, nil, id, c.Reason, nil); err != nil {
			return fmt.Errorf("end account: %w", err)
		}
		_, err := fmt.Fprintf(p.stdout, "%s has ended\n", id)
		return err
	})
}
