package testkit

import (
	"sync"
	"time"
)

// Clock is a clock that moves only when a test moves it. Its methods may be
// called from several goroutines.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock makes a clock that stands at the given instant.
func NewClock(now time.Time) *Clock { return &Clock{now: now} }

// Now is the instant at which the clock stands. The method value clock.Now goes
// wherever code asks for a func() time.Time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock, backwards when the duration is negative, and returns
// the new instant.
func (c *Clock) Advance(by time.Duration) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(by)
	return c.now
}
