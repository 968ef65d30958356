package app

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/text"
	"premia/internal/store"
)

// A sandbox is a workspace to try things in: its clock can be moved on, so that a
// year passes in a minute. A workspace is made one while it is empty, and stays one;
// one in which a business works can't become one. What belongs to the people at their
// browsers and to machines outside goes by the machine's clock all the same: signing
// in, sessions, links, keys, tills, the audit trail, messages, webhooks and backups. A
// file that is about these calls wall; package archtest finds those that don't.

// CodeNoSandbox says that the workspace's clock can't be moved.
const (
	CodeNoSandbox     = "no_sandbox"
	CodeSandboxLate   = "sandbox_not_empty"
	CodeClockBackward = "clock_backward"
	CodeClockTooFar   = "clock_too_far"
)

// sandboxSetting holds by how many microseconds a sandbox's clock is ahead of the
// machine's; a workspace without it is no sandbox.
const sandboxSetting = "sandbox"

// farthest is the most that a sandbox's clock may be moved at once, in days.
const farthest = 5 * 366

// lookForMoves is how often a server looks whether another one, or a command, moved
// the clock.
const lookForMoves = time.Second

// clock tells a workspace's time: the machine's, and what a sandbox is ahead of it.
type clock struct {
	machine func() time.Time
	ahead   atomic.Int64 // microseconds
	sandbox atomic.Bool
	stop    context.CancelFunc
	looking sync.WaitGroup
}

func (c *clock) now() time.Time {
	return c.machine().Add(time.Duration(c.ahead.Load()) * time.Microsecond)
}

// read takes up how the clock stands; a workspace that is no sandbox has none to read.
func (c *clock) read(ctx context.Context, s *store.Store) error {
	value, err := s.Setting(ctx, sandboxSetting)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	ahead, err := strconv.ParseInt(string(value), 10, 64)
	if err != nil {
		return fmt.Errorf("the setting %s: %w", sandboxSetting, err)
	}
	c.ahead.Store(ahead)
	c.sandbox.Store(true)
	return nil
}

// follow reads the clock again and again until it is ended.
func (c *clock) follow(a *App) {
	ctx, stop := context.WithCancel(context.Background())
	c.stop = stop
	c.looking.Go(func() {
		look := time.NewTicker(lookForMoves)
		defer look.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-look.C:
				if err := c.read(ctx, a.Store); err != nil && ctx.Err() == nil {
					a.Log.Warn("the sandbox's clock can't be read", "error", err)
				}
			}
		}
	})
}

func (c *clock) end() {
	if c.stop != nil {
		c.stop()
		c.looking.Wait()
	}
}

// Sandbox tells whether the workspace's clock can be moved.
func (a *App) Sandbox() bool { return a.clock.sandbox.Load() }

// MakeSandbox makes the workspace a sandbox. The error is a *Problem if something
// happened in it already, other than that it is one.
func (a *App) MakeSandbox(ctx context.Context) error {
	if a.Sandbox() {
		return nil
	}
	for _, shard := range a.Store.Shards() {
		head, err := a.Store.Head(ctx, shard)
		if err != nil {
			return err
		}
		if head.Seq > 0 {
			return problem(CodeSandboxLate, "", "the workspace is in use already; a sandbox is made of an empty database, by premia serve --sandbox")
		}
	}
	err := a.Store.Change(ctx, func(tx *store.Tx) error {
		made, err := tx.SetSettingIfAbsent(ctx, sandboxSetting, []byte("0"))
		if err != nil || !made {
			return err // another server was first
		}
		return tx.Audit(ctx, a.audited(ctx, "sandbox.made", ""))
	})
	if err != nil {
		return err
	}
	if err := a.clock.read(ctx, a.Store); err != nil {
		return err
	}
	a.clock.follow(a)
	return nil
}

// MoveClock moves a sandbox's clock on to a moment, and lets all that falls due
// meanwhile happen. It answers how many members had something coming. The errors are
// of a workspace that is no sandbox, and of a moment that is past or more than five
// years ahead.
func (a *App) MoveClock(ctx context.Context, to calendar.Instant) (int, error) {
	if err := may(ctx, auth.SettingsWrite); err != nil {
		return 0, err
	}
	now := a.Journal.Now()
	switch {
	case !a.Sandbox():
		return 0, problem(CodeNoSandbox, "", "only the clock of a sandbox can be moved, and this workspace is none")
	case to <= now:
		return 0, problem(CodeClockBackward, "to", text.Say("the clock is at {Now} already, and only moves on", now))
	case to > calendar.Add(now, calendar.Span{Days: farthest}, time.UTC):
		return 0, problem(CodeClockTooFar, "to", "the clock moves at most five years at once")
	}
	ahead := int64(to - calendar.Of(a.clock.machine()))
	err := a.change(ctx, a.audited(ctx, "sandbox.clock_moved", "", "to", to.String()), func(tx *store.Tx) error {
		return tx.SetSetting(ctx, sandboxSetting, strconv.AppendInt(nil, ahead, 10))
	})
	if err != nil {
		return 0, err
	}
	a.clock.ahead.Store(ahead)
	return a.pass(ctx)
}

// pass lets what is due now happen.
func (a *App) pass(ctx context.Context) (int, error) {
	if _, err := a.PlanDays(ctx); err != nil {
		return 0, err
	}
	swept, err := a.Journal.Sweep(ctx)
	if err != nil {
		return swept, err
	}
	_, _, err = a.EndLeaderboards(ctx)
	return swept, err
}

// wall is the machine's time, by which people sign in, also in a sandbox; what happens
// to members has the journal's.
func (a *App) wall() calendar.Instant { return calendar.Of(a.clock.machine()) }
