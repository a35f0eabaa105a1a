package web

import (
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// limiter has a bucket for each caller: a second's worth of requests, refilled
// as time goes by. It is bounded; what it forgets was, or begins again, full.
type limiter struct {
	perSecond int
	mu        sync.Mutex
	buckets   map[string]*rate.Limiter
}

const mostBuckets = 16 << 10

func newLimiter(perSecond int) *limiter {
	return &limiter{perSecond: perSecond, buckets: map[string]*rate.Limiter{}}
}

// take counts one request, or says how long to wait.
func (l *limiter) take(who string, now time.Time) time.Duration {
	if l.perSecond <= 0 {
		return 0
	}
	r := l.bucket(who, now).ReserveN(now, 1)
	wait := r.DelayFrom(now)
	if wait > 0 {
		r.CancelAt(now) // it is refused, so it does not count
	}
	return wait
}

// exhausted says how long the next request would have to wait; it counts none.
func (l *limiter) exhausted(who string, now time.Time) time.Duration {
	if l.perSecond <= 0 || l.bucket(who, now).TokensAt(now) >= 1 {
		return 0
	}
	return time.Second
}

func (l *limiter) bucket(who string, now time.Time) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	if b, ok := l.buckets[who]; ok {
		return b
	}
	if len(l.buckets) >= mostBuckets {
		l.forget(now)
	}
	b := rate.NewLimiter(rate.Limit(l.perSecond), l.perSecond)
	l.buckets[who] = b
	return b
}

// forget drops the full buckets, which are as good as new ones, and if there
// are too few of them any others.
func (l *limiter) forget(now time.Time) {
	for who, b := range l.buckets {
		if b.TokensAt(now) >= float64(l.perSecond) {
			delete(l.buckets, who)
		}
	}
	for who := range l.buckets {
		if len(l.buckets) < mostBuckets*3/4 {
			return
		}
		delete(l.buckets, who)
	}
}

// address is where a caller without a key comes from: an IPv4 address, or the
// /64 that an IPv6 subscriber has to himself. Behind a proxy it is what the
// proxy itself wrote: the last entry, not the ones before it.
func (c *call) address() string {
	if c.server.BehindProxy {
		hops := strings.Split(c.Get("X-Forwarded-For"), ",")
		if a, err := netip.ParseAddr(strings.TrimSpace(hops[len(hops)-1])); err == nil {
			return subscriber(a)
		}
	}
	if a, ok := netip.AddrFromSlice(c.Context().RemoteIP()); ok {
		return subscriber(a)
	}
	return "nowhere"
}

func subscriber(a netip.Addr) string {
	if a = a.Unmap().WithZone(""); a.Is4() {
		return a.String()
	}
	p, err := a.Prefix(64)
	if err != nil {
		return a.String()
	}
	return p.String()
}
