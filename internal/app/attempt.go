package app

import (
	"context"
	"net/netip"
	"strings"
	"time"

	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/text"
	"premia/internal/store"
)

// The bounds of attempts to sign in. Beyond the free ones each failure doubles the time
// until the next may be made, up to the longest. Whoever guesses for long, or sends one
// guess whenever the next may be made, keeps strangers' browsers out of an account, and
// not those that it was signed in with before, which are counted apart.
const (
	freeOfAccount  = 5
	freeOfAddress  = 30
	shortestDelay  = 30 * calendar.Second
	longestDelay   = 15 * calendar.Minute
	forgetFailures = calendar.Day
)

// CodeTooManyAttempts says that somebody has to wait before the next attempt.
const CodeTooManyAttempts = "too_many_attempts"

// attempt is one attempt to prove something. It counts as failed from its beginning, so
// that many at once are as many.
type attempt struct {
	app      *App
	counters []counter
}

type counter struct {
	key  []byte
	free int64
	// until is how long one had to wait before the attempt counted.
	until calendar.Instant
}

// ofAccount counts what is tried of one account, of whatever kind.
func ofAccount(what, account string) counter {
	return counter{key: auth.TokenHash(what + ":" + account), free: freeOfAccount}
}

// ofAddress counts what is tried from one network address: each kind by itself, so that
// what strangers send from there keeps nobody from anything else.
func ofAddress(what, address string) counter {
	return counter{key: auth.TokenHash("address of " + what + ":" + Network(address)), free: freeOfAddress}
}

// try begins an attempt, which counts for the account or the browser whose it is, and for
// whatever else. The error is a *Problem with CodeTooManyAttempts if it comes too early;
// nothing then says whether there is such an account.
func (a *App) try(ctx context.Context, whose counter, more ...counter) (*attempt, error) {
	t := &attempt{app: a, counters: append([]counter{whose}, more...)}
	now := a.wall()
	for i, c := range t.counters {
		var wait calendar.Instant
		err := a.Store.CountAttempt(ctx, c.key, func(f *store.Attempts) {
			if wait = f.Until - now; wait > 0 {
				return
			}
			t.counters[i].until = f.Until
			fail(f, c.free, now)
		})
		if err != nil {
			return nil, err
		}
		if wait > 0 {
			// Nothing was tried, so that it counts for none of them.
			for _, before := range t.counters[:i] {
				if err := a.untried(ctx, before); err != nil {
					return nil, err
				}
			}
			return nil, tooManyAttempts(wait)
		}
	}
	return t, nil
}

// fail counts a failure, and says until when the next attempt has to wait.
func fail(f *store.Attempts, free int64, now calendar.Instant) {
	if now-f.Last >= forgetFailures {
		f.Failures = 0
	}
	f.Failures, f.Last = f.Failures+1, now
	if over := f.Failures - free; over >= 0 {
		delay := longestDelay
		if over < 5 {
			delay = min(longestDelay, shortestDelay<<over)
		}
		f.Until = now + delay
	}
}

func tooManyAttempts(wait calendar.Instant) error {
	seconds := int64((wait + calendar.Second - 1) / calendar.Second)
	return problem(CodeTooManyAttempts, "", text.Say("there were too many attempts; try again in {Duration}", (time.Duration(seconds)*time.Second).String()), "Count", seconds)
}

// TooOften says that something was asked for too often, and when it may be again.
func TooOften(wait time.Duration) error { return tooManyAttempts(instants(wait)) }

// succeed takes the attempt back: the account's failures are forgotten, and the
// address's, and what else it counted for, are one less, so that whoever has one account
// can't use it to guess others.
func (t *attempt) succeed(ctx context.Context) error {
	for i, c := range t.counters {
		if i == 0 {
			if err := t.app.Store.ForgetAttempts(ctx, c.key); err != nil {
				return err
			}
			continue
		}
		if err := t.app.takeBack(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// untried takes back what counted of an attempt that was not made.
func (a *App) untried(ctx context.Context, c counter) error {
	return a.Store.CountAttempt(ctx, c.key, func(f *store.Attempts) {
		f.Failures, f.Until = max(0, f.Failures-1), c.until
	})
}

// takeBack counts one failure less.
func (a *App) takeBack(ctx context.Context, c counter) error {
	return a.Store.CountAttempt(ctx, c.key, func(f *store.Attempts) {
		f.Failures = max(0, f.Failures-1)
		if f.Failures < c.free {
			f.Until = calendar.None
		}
	})
}

// Network gives what one attacker has: an IPv4 address, or the /64 of an IPv6 one.
func Network(address string) string {
	ip, err := netip.ParseAddr(strings.Trim(address, "[]"))
	if err != nil {
		return address
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is4() {
		return ip.String()
	}
	prefix, err := ip.Prefix(64)
	if err != nil {
		return address
	}
	return prefix.String()
}
