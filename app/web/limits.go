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
	perSecond rate.Limit // 0 is no limit
	burst     int
	mu        sync.Mutex
	buckets   map[string]*rate.Limiter
}

const mostBuckets = 16 << 10

func newLimiter(perSecond int) *limiter {
	return &limiter{perSecond: rate.Limit(perSecond), burst: perSecond, buckets: map[string]*rate.Limiter{}}
}

// Of failures to sign in an address has so many at once, and one more each time
// that many seconds have gone by.
const (
	mostFailures = 20
	failureEvery = 15 * time.Second
)

// newSlowLimiter is for failures; whoever has no limit of requests has none of these.
func newSlowLimiter(perSecond int) *limiter {
	l := newLimiter(perSecond)
	if perSecond > 0 {
		l.perSecond, l.burst = rate.Every(failureEvery), mostFailures
	}
	return l
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
	if l.perSecond <= 0 {
		return 0
	}
	tokens := l.bucket(who, now).TokensAt(now)
	if tokens >= 1 {
		return 0
	}
	return max(time.Second, time.Duration((1-tokens)/float64(l.perSecond)*float64(time.Second)))
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
	b := rate.NewLimiter(l.perSecond, l.burst)
	l.buckets[who] = b
	return b
}

// forget drops the full buckets, which are as good as new ones, and if there
// are too few of them any others.
func (l *limiter) forget(now time.Time) {
	for who, b := range l.buckets {
		if b.TokensAt(now) >= float64(l.burst) {
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
