package app

import (
	"context"

	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/text"
	"premia/internal/journal"
	"premia/internal/store"
)

// The lengths after which a condition of the server begins.
const (
	sweepOverdue    = 10 * calendar.Minute
	sendingOverdue  = 10 * calendar.Minute // from a message to its being sent
	clockBack       = calendar.Minute      // of the clock behind what was recorded last
	certificateEnds = 14 * calendar.Day    // before it does; one that renews itself did so long before
	subscriberBack  = 10_000               // entries
)

// Certificate is one that visitors are shown, or that could not be got.
type Certificate struct {
	// Name is the domain, or the file that it comes from.
	Name string
	// Ends is when it does; calendar.None where there is none yet.
	Ends calendar.Instant
	// Err is why a new one could not be got or read the last time; nil if it could.
	Err error
}

// Watched is what a server runs that conditions speak of; nil for what it does not run.
type Watched struct {
	Sweeper *journal.Sweeper
	Backups *Backups
	// Certificates gives those of the server.
	Certificates func() []Certificate
	// Free gives what is free on the disk of a folder, in bytes; nil asks the system.
	Free func(folder string) (uint64, error)
	// Sends tells that messages are sent, rather than shown as a demo does.
	Sends bool
}

func (w *Watched) backupsErr() error {
	if w.Backups == nil {
		return nil
	}
	return w.Backups.Err()
}

func (w *Watched) free(folder string) (uint64, error) {
	if w.Free != nil {
		return w.Free(folder)
	}
	return freeBytes(folder)
}

// Watch tells the workspace what the server runs.
func (a *App) Watch(w Watched) { a.watched.Store(&w) }

// watching is what the server runs; nothing where no server does.
func (a *App) watching() *Watched {
	if w := a.watched.Load(); w != nil {
		return w
	}
	return &Watched{}
}

// upkeep is what the machine needs: backups, the sweeper, room on the disk.
func (s *seeker) upkeep(ctx context.Context) error {
	watched := s.app.watching()
	switch err := watched.backupsErr(); {
	case err != nil:
		s.found("backup_failed", "")
	case s.app.watched.Load() != nil && watched.Backups == nil && s.app.Store.Dialect() == store.SQLite:
		s.found("no_backups", "")
	}
	if watched.Sweeper != nil && watched.Sweeper.Err() != nil {
		s.found("sweeper_stopped", "")
	}
	for _, shard := range s.app.Store.Shards() {
		due, err := s.app.Store.DueMembers(ctx, shard, s.now-sweepOverdue, 1)
		if err != nil {
			return err
		}
		if len(due) > 0 {
			s.found("sweeper_behind", "")
			break
		}
	}
	if s.app.folder != "" {
		if free, err := watched.free(s.app.folder); err == nil && free < 4*minFree {
			s.found("disk_full", "", "Number", int64(free>>20))
		}
	}
	return nil
}

// journal: the clock stands behind what was recorded, so that times are wrong.
func (s *seeker) journal(ctx context.Context) error {
	newest, err := s.app.newestRecorded(ctx)
	if err == nil && newest-s.now > clockBack {
		s.found("clock_behind", "", "Now", text.Moment(s.now.In(s.zone())), "Recorded", text.Moment(newest.In(s.zone())))
	}
	return err
}

// newestRecorded gives when the journal's newest entry was recorded; calendar.None where
// it has none.
func (a *App) newestRecorded(ctx context.Context) (calendar.Instant, error) {
	var at []store.Position
	for _, shard := range a.Store.Shards() {
		head, err := a.Store.Head(ctx, shard)
		if err != nil {
			return calendar.None, err
		}
		if head.Seq > 0 {
			at = append(at, store.Position{Shard: shard, Seq: head.Seq})
		}
	}
	newest := calendar.None
	if len(at) == 0 {
		return newest, nil
	}
	entries, err := a.Store.Entries(ctx, at)
	for i := range entries {
		newest = max(newest, entries[i].Recorded)
	}
	return newest, err
}

// certificates end, or can't be renewed.
func (s *seeker) certificates(context.Context) error {
	watched, now := s.app.watching(), s.app.wall()
	if watched.Certificates == nil {
		return nil
	}
	for _, c := range watched.Certificates() {
		switch {
		case c.Err != nil:
			s.found("certificate_failing", "", "Name", text.Quoted(c.Name), "Why", text.Quoted(c.Err.Error()))
		case c.Ends != calendar.None && c.Ends-now <= certificateEnds:
			s.found("certificate_ends", "", "Name", text.Quoted(c.Name), "Ends", text.Moment(c.Ends.In(s.zone())))
		}
	}
	return nil
}

// secrets: their key is there, so that they can be read, and a copy of the database alone
// does not give them away.
func (s *seeker) secrets(context.Context) error {
	switch {
	case s.app.SecretsErr() != nil:
		s.found("secrets_locked", "")
	case s.app.watched.Load() != nil && !s.app.Sealing():
		s.found("secrets_unsealed", "")
	}
	return nil
}

// mostUnsent is how many unsent messages are counted.
const mostUnsent = 500

// messages: those that were refused, and those that nothing sends.
func (s *seeker) messages(ctx context.Context) error {
	if !s.app.watching().Sends {
		return nil
	}
	unsent, err := s.app.Store.UnsentMessages(ctx, givenUp, mostUnsent)
	if err != nil {
		return err
	}
	failing, waiting := int64(0), int64(0)
	for i := range unsent {
		switch m := &unsent[i]; {
		case m.Error != "":
			failing++
		case !s.app.CanSend(m.Channel) && !s.app.TooLate(m) && s.app.wall()-m.Created >= sendingOverdue:
			waiting++
		}
	}
	if failing > 0 {
		s.found("messages_failing", "", "Number", failing)
	}
	if waiting > 0 {
		s.found("messages_unsent", "", "Number", waiting)
	}
	return nil
}

// texts looks whether more text messages were to be sent today than are.
func (s *seeker) texts(ctx context.Context) error {
	counted, err := s.app.Store.Attempts(ctx, auth.TokenHash(textsKey))
	if err == nil && counted.Failures > s.app.texts && s.wall-counted.Last < calendar.Day {
		s.found("texts_bounded", "", "Number", s.app.texts)
	}
	return err
}

func (s *seeker) subscribers(ctx context.Context) error {
	parked, err := s.app.Store.ParkedList(ctx, "", 0, 100)
	if err != nil {
		return err
	}
	if len(parked) > 0 {
		s.found("parked", "", "Number", int64(len(parked)))
	}
	for _, name := range Subscribers() {
		lag, err := s.app.Journal.Lag(ctx, name)
		if err != nil {
			return err
		}
		if lag > subscriberBack {
			s.found("subscriber_behind", "", "Subscriber", text.New("console.upkeep.check."+name), "Number", lag)
		}
	}
	return nil
}

// owners: whoever can do everything has a second factor.
func (s *seeker) owners(ctx context.Context) error {
	users, err := s.app.Users(ctx)
	for i := range users {
		u := &users[i]
		if u.Role == string(auth.Owner) && u.Disabled == calendar.None && !u.HasCode && len(u.Passkeys) == 0 && !u.HasProvider {
			s.found("owner_factor", u.ID, "Name", u.Name)
		}
	}
	return err
}

func (s *seeker) keys(ctx context.Context) error {
	all, err := s.app.Keys(ctx)
	for i := range all {
		k := &all[i]
		if k.Revoked == calendar.None && k.Expires != calendar.None && s.wall < k.Expires && k.Expires-s.wall <= keyEnds {
			s.found("key_ends", "", "Name", k.Name, "Days", int64((k.Expires-s.wall)/calendar.Day)+1)
		}
	}
	return err
}
