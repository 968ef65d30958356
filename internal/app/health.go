package app

import (
	"context"
	"time"

	"premia/internal/core/text"
	"premia/internal/journal"
)

// maxLag is how far a subscriber may be behind before the server calls itself
// not ready.
const maxLag = 1_000_000

// minFree is how many bytes must be free on the disk of a SQLite database.
const minFree = 64 << 20

// readyPatience bounds how long the checks may take in all: a database that does
// not answer by then is away.
const readyPatience = 5 * time.Second

// secretsCheck is the check of the key by which secrets are sealed.
const secretsCheck = "secrets"

// Check is one thing that must be so for the server to be ready.
type Check struct {
	Name string
	// Err is why it is not so; nil if it is.
	Err error
}

// Subscribers are the names of the journal's subscribers that a server runs.
func Subscribers() []string { return []string{journal.FollowUpsName, PersonalMovesName, PostbacksName} }

// Ready checks what a server needs: that the database answers and can be written
// to, that the sweeper sweeps, that the subscribers keep up, and that the disk
// has room. The sweeper may be nil.
func (a *App) Ready(ctx context.Context, sweeper *journal.Sweeper) []Check {
	ctx, cancel := context.WithTimeout(ctx, readyPatience)
	defer cancel()
	_, err := a.Store.Head(ctx, a.Store.Shards()[0])
	checks := []Check{{"database", err}, {"writing", a.Journal.Writable(ctx)}, {secretsCheck, a.SecretsErr()}}
	if sweeper != nil {
		checks = append(checks, Check{"sweeper", sweeper.Err()})
	}
	for _, name := range Subscribers() {
		lag, err := a.Journal.Lag(ctx, name)
		if err == nil && lag > maxLag {
			err = text.Say("the subscriber is {Number} entries behind", lag)
		}
		checks = append(checks, Check{name, err})
	}
	if a.folder != "" {
		free, err := freeBytes(a.folder)
		if err == nil && free < minFree {
			err = text.Say("the disk has {Free} MiB left; at least {Least} are needed", int64(free>>20), minFree>>20)
		}
		checks = append(checks, Check{"disk", err})
	}
	return checks
}
