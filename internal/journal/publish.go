package journal

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/contest"
	"premia/internal/core/program"
	"premia/internal/core/text"
	"premia/internal/store"
)

// Published is what Publish came to.
type Published struct {
	Version  uint32
	LiveFrom calendar.Instant
	// Unchanged tells that the document is the live one already; nothing was
	// written.
	Unchanged bool
}

// ErrIncompatible says why a document can't follow the ones published before.
var ErrIncompatible = errors.New("the program can't be published")

// incompatible is ErrIncompatible with the reason.
type incompatible struct{ why text.Sentence }

func (e incompatible) Error() string { return e.Unwrap().Error() }

// Is tells that it is ErrIncompatible.
func (incompatible) Is(target error) bool { return target == ErrIncompatible }

// Unwrap gives the sentence.
func (e incompatible) Unwrap() error { return text.Say("the program can't be published: {Why}", e.why) }

// Publish makes a document the program from the instant on; calendar.None means
// now. The first program of a workspace governs all that came before it, too.
// The version is entered in every shard's journal under its lock: an exact cut.
// Errors are document.Problems, ErrIncompatible, the database's, or those of also, which
// is done in the same transaction, last of all.
func (j *Journal) Publish(ctx context.Context, src []byte, from calendar.Instant, comment string, also ...func(*store.Batch, Published) error) (Published, error) {
	var out Published
	err := j.store.Batch(ctx, j.store.Shards(), func(tx *store.Batch) error {
		var err error
		if out, err = j.publish(ctx, tx, src, from, comment); err != nil {
			return err
		}
		for _, fn := range also {
			if err := fn(tx, out); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return Published{}, err
	}
	if err := j.Reload(ctx); err != nil {
		return Published{}, err
	}
	j.signal.send()
	return out, nil
}

func (j *Journal) publish(ctx context.Context, tx *store.Batch, src []byte, from calendar.Instant, comment string) (Published, error) {
	rules, err := j.rulesFor(ctx, tx.ProgramVersion())
	if err != nil {
		return Published{}, err
	}
	now := j.Now()
	sum := sha256.Sum256(src)
	version := rules.Newest + 1
	live := max(from, now)
	if rules.Newest == 0 {
		live = calendar.Beginning
	} else if same, err := j.sameDocument(ctx, rules, live, sum[:]); err != nil || same != 0 {
		return Published{Version: same, LiveFrom: live, Unchanged: true}, err
	}
	names := rules.Names.Clone()
	doc, err := program.Load("program", src, names)
	if err != nil {
		return Published{}, err
	}
	if err := compatible(rules, doc.Program); err != nil {
		return Published{}, err
	}
	if err := j.keepsContests(ctx, rules, doc.Program); err != nil {
		return Published{}, err
	}
	w := store.Writes{Programs: []store.Program{{
		Version: int64(version), Document: src, LiveFrom: live, Published: now, Digest: sum[:], Comment: comment,
	}}}
	for i, name := range names.Since(rules.Names.Len()) {
		w.Names = append(w.Names, store.Named{No: ledger.Name(rules.Names.Len() + 1 + i), Name: name})
	}
	w.Entries = publishEntries(tx.Heads(), version, live, now)
	doc.Program.Version = version
	all := append(slices.Clone(rules.Timeline.All()), engine.Live{From: live, Program: doc.Program})
	if engine.NewTimeline(all...).Renews(version) {
		if err := tx.LowerDue(ctx, live); err != nil {
			return Published{}, err
		}
	}
	return Published{Version: version, LiveFrom: live}, tx.Write(ctx, &w)
}

// sameDocument gives the version that is live at the instant if it is this very
// document.
func (j *Journal) sameDocument(ctx context.Context, rules *Rules, at calendar.Instant, sum []byte) (uint32, error) {
	p := rules.Timeline.At(at)
	all, err := j.store.Programs(ctx)
	if err != nil {
		return 0, err
	}
	for i := range all {
		if p != nil && uint32(all[i].Version) == p.Version && bytes.Equal(all[i].Digest, sum) {
			return p.Version, nil
		}
	}
	return 0, nil
}

// compatible refuses programs under which stored amounts would mean something
// else.
func compatible(rules *Rules, p *engine.Program) error {
	if rules.Newest == 0 {
		return nil
	}
	before := rules.Timeline.Version(rules.Newest)
	if before.Currency != p.Currency {
		return incompatible{text.Say("its currency is {Currency} with {Count} decimals, but the workspace's amounts are in {Other} with {Scale}; keep the currency",
			p.Currency.Code, p.Currency.Scale, before.Currency.Code, before.Currency.Scale)}
	}
	for _, live := range rules.Timeline.All() {
		for i := range live.Program.Wallets {
			w := &live.Program.Wallets[i]
			now := p.WalletByID(w.ID)
			if now == nil {
				if w.Currency != "" {
					return incompatible{text.Say("there are no gift cards in {Currency} any more, but cards may hold value in it; keep a kind of them", w.Currency)}
				}
				return incompatible{text.Say("the wallet {Wallet} is gone, but members may hold value in it; keep it, and let no rule give in it", w.ID)}
			}
			if now.Unit.Scale != w.Unit.Scale {
				return incompatible{text.Say("the wallet {Wallet} has scale {Scale}, but members hold amounts of scale {Other}; keep the scale", w.ID, now.Unit.Scale, w.Unit.Scale)}
			}
		}
	}
	return nil
}

// The settings that keep contests: the entries among which is drawn, and what was drawn
// once all prizes are given. Both are written once and never change.
const (
	ContestEntries = "contest-entries."
	ContestDrawn   = "contest-drawn."
)

// keepsContests refuses programs without a contest that was announced and whose prizes
// are not all given, and those that change one which is being drawn.
func (j *Journal) keepsContests(ctx context.Context, rules *Rules, p *engine.Program) error {
	if rules.Newest == 0 {
		return nil
	}
	now := contest.All(p)
	for _, before := range contest.All(rules.Timeline.Version(rules.Newest)) {
		if _, err := j.store.Setting(ctx, ContestDrawn+before.ID); err == nil {
			continue
		} else if !errors.Is(err, store.ErrNotFound) {
			return err
		}
		i := slices.IndexFunc(now, func(a contest.Contested) bool { return a.ID == before.ID })
		if i < 0 {
			return incompatible{text.Say("the contest {Contest} is gone, but its prizes are not all given; keep it until they are", before.ID)}
		}
		if reflect.DeepEqual(now[i], before) {
			continue
		}
		if _, err := j.store.Setting(ctx, ContestEntries+before.ID); err == nil {
			return incompatible{text.Say("the contest {Contest} is being drawn; leave its draw and its prizes as they are", before.ID)}
		} else if !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	return nil
}

func publishEntries(heads []store.Head, version uint32, live, now calendar.Instant) []store.Entry {
	e := event.Event{ID: "program-" + strconv.Itoa(int(version)), Type: event.Publish, Reference: strconv.Itoa(int(version))}
	src := e.Append(nil, event.Scales{})
	d := engine.Decision{Revision: engine.Revision, Program: version, Clock: now, At: now, Outcome: engine.Recorded}
	decision := d.Append(nil)
	entries := make([]store.Entry, 0, len(heads))
	for _, head := range heads {
		entry := store.Entry{
			Position: store.Position{Shard: head.Shard, Seq: head.Seq + 1},
			Kind:     KindPublish, At: max(live, now), Recorded: now, Event: src, Decision: decision,
		}
		entry.Hash = Link(head.Hash, &entry)
		entries = append(entries, entry)
	}
	return entries
}

// Reload reads the published programs again.
func (j *Journal) Reload(ctx context.Context) error {
	j.loading.Lock()
	defer j.loading.Unlock()
	rules, err := LoadRules(ctx, j.store)
	if err != nil {
		return err
	}
	j.rules.Store(rules)
	return nil
}

// registerNames enters names that this version of Premia gives to the parts of
// programs which an earlier version published.
func (j *Journal) registerNames(ctx context.Context) error {
	named, err := j.store.Names(ctx)
	if err != nil || len(named) == j.Rules().Names.Len() || j.Rules().Newest == 0 {
		return err
	}
	err = j.store.Batch(ctx, j.store.Shards(), func(tx *store.Batch) error {
		rules, err := LoadRules(ctx, j.store)
		if err != nil {
			return err
		}
		w := store.Writes{}
		for i, name := range rules.Names.Since(int(tx.LastName())) {
			w.Names = append(w.Names, store.Named{No: tx.LastName() + ledger.Name(i+1), Name: name})
		}
		return tx.Write(ctx, &w)
	})
	if err != nil {
		return fmt.Errorf("enter the names of this version: %w", err)
	}
	return j.Reload(ctx)
}

// KeepUp reads the programs again if another server published one. Rules is then
// another value than before.
func (j *Journal) KeepUp(ctx context.Context) error {
	newest, err := j.store.NewestProgram(ctx)
	if err != nil || newest <= int64(j.Rules().Newest) {
		return err
	}
	return j.Reload(ctx)
}

// rulesFor gives the rules of at least the given version, which is known to be
// in the database.
func (j *Journal) rulesFor(ctx context.Context, version int64) (*Rules, error) {
	if rules := j.Rules(); int64(rules.Newest) >= version {
		return rules, nil
	}
	if err := j.Reload(ctx); err != nil {
		return nil, err
	}
	if rules := j.Rules(); int64(rules.Newest) >= version {
		return rules, nil
	}
	return nil, fmt.Errorf("program version %d is entered, but can't be read", version)
}

// LoadRules reads and compiles all published programs.
func LoadRules(ctx context.Context, s *store.Store) (*Rules, error) {
	programs, err := s.Programs(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the programs: %w", err)
	}
	named, err := s.Names(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the register of names: %w", err)
	}
	list := make([]string, len(named))
	for i := range named {
		list[i] = named[i].Name
	}
	rules := &Rules{Names: engine.NewNames(list...)}
	lives := make([]engine.Live, 0, len(programs))
	for i := range programs {
		p := &programs[i]
		// All versions share the register, which has their names already.
		doc, err := program.LoadPublished("program version "+strconv.FormatInt(p.Version, 10), p.Document, rules.Names)
		if err != nil {
			return nil, fmt.Errorf("a published program can't be read by this version of Premia: %w", err)
		}
		doc.Program.Version = uint32(p.Version)
		lives = append(lives, engine.Live{From: p.LiveFrom, Program: doc.Program})
		rules.Newest = max(rules.Newest, uint32(p.Version))
	}
	rules.Timeline = engine.NewTimeline(lives...)
	return rules, nil
}
