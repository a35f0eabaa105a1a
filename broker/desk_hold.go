package broker

import (
	"context"
	"time"
)

// deskTime is how long something lies open before one of the staff who does nothing with it.
const deskTime = 5 * time.Minute

// DeskHold is what lies open before somebody.
type DeskHold struct {
	Thing   string // a case, a disclosure or a registration
	Account string
	Until   time.Time
}

// DeskStore keeps what lies open at the desk. It is no history: it goes past the
// committer, and a crash may forget it.
type DeskStore interface {
	// Hold gives the thing to an account, unless another one has it still and over is not
	// said. It answers with whoever has it then.
	Hold(ctx context.Context, h DeskHold, now time.Time, over bool) (DeskHold, error)
	// Leave lets go of a thing that an account has, of all of them without a name, and
	// forgets what nobody has any more.
	Leave(ctx context.Context, account, thing string, now time.Time) error
	// Held lists what somebody has, a thousand of it at most.
	Held(ctx context.Context, now time.Time) ([]DeskHold, error)
}

// OpenAtDesk lays something before one of the staff, unless it lies before somebody else
// already: the answer says before whom. Over takes it from him. Whoever only reads takes
// nothing.
func (b *Broker) OpenAtDesk(ctx context.Context, s Staff, thing string, over bool) (DeskHold, error) {
	if !s.atDesk() {
		return DeskHold{}, nil
	}
	now := b.now()
	return b.Store.Hold(ctx, DeskHold{Thing: thing, Account: s.Account, Until: now.Add(deskTime)}, now, over)
}

// LeaveDesk lets go of a thing that lies before one of the staff; of all of them where
// none is named.
func (b *Broker) LeaveDesk(ctx context.Context, s Staff, thing string) error {
	if !s.atDesk() {
		return nil
	}
	return b.Store.Leave(ctx, s.Account, thing, b.now())
}

// atDesk says whether he works on anything that several can work on.
func (s *Staff) atDesk() bool { return s.handles() || s.reviews() }

// AtDesk says before whom things lie, by thing.
func (b *Broker) AtDesk(ctx context.Context, s Staff) (map[string]string, error) {
	if !s.reads() && !s.readsReviews() {
		return nil, ErrRole
	}
	all, err := b.Store.Held(ctx, b.now())
	held := make(map[string]string, len(all))
	for _, h := range all {
		held[h.Thing] = h.Account
	}
	return held, err
}
