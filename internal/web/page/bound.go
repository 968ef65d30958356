package page

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"premia/internal/app"
)

// Bound is how often one visitor may ask for something; 0 is without a bound.
type Bound struct{ Minute, Hour int }

// ListFile stands among the bounds for any list as a file.
const ListFile = "a list as a file"

// bounds counts what visitors ask for. It may be used by several goroutines; each server
// counts by itself.
type bounds struct {
	clock func() time.Time

	mu      sync.Mutex
	counted map[counting]int
	swept   time.Time
}

// counting is what somebody asks for in a stretch of time.
type counting struct {
	what, who string
	length    time.Duration
	begins    time.Time
}

// refused counts one more, and gives how long to wait where that is too many; 0 if it is
// not.
func (b *bounds) refused(what, who string, most Bound) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.clock()
	if now.Sub(b.swept) >= time.Minute {
		b.swept = now
		for k := range b.counted {
			if now.Sub(k.begins) >= k.length {
				delete(b.counted, k)
			}
		}
	}
	var wait time.Duration
	for _, one := range []struct {
		most   int
		length time.Duration
	}{{most.Minute, time.Minute}, {most.Hour, time.Hour}} {
		if one.most == 0 {
			continue
		}
		k := counting{what, who, one.length, now.Truncate(one.length)}
		if b.counted[k]++; b.counted[k] > one.most {
			wait = max(wait, k.begins.Add(one.length).Sub(now))
		}
	}
	return wait
}

// within refuses a visitor who asks for a page too often: a browser sees when to try
// again, and a program reads it.
func (c *Context) within(pattern string) error {
	s := c.area.site
	what := pattern
	if c.R.Method == http.MethodGet && c.R.URL.Query().Get("format") == "csv" {
		what = ListFile
	}
	most, bounded := s.Bounds[what]
	if !bounded {
		return nil
	}
	who := c.Visitor.UserID
	switch {
	case who != "":
	case c.Visitor.Member != 0:
		who = c.Visitor.Member.String()
	default:
		who = app.Network(AddressOf(c.R))
	}
	wait := s.asks.refused(what, who, most)
	if wait == 0 {
		return nil
	}
	c.W.Header().Set("Retry-After", strconv.FormatInt(int64((wait+time.Second-1)/time.Second), 10))
	return app.TooOften(wait)
}
