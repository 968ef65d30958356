package store

import (
	"context"
	"errors"

	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
)

// Figure is a sum of one day.
type Figure struct {
	Name string
	// About is what it is about: a wallet, level, reward or rule; 0 for all.
	About ledger.Name
	// Day counts from 1970-01-01, in the program's time zone.
	Day    int64
	Amount int64
}

// FigureTotal is a figure over many days, and the last day that has some of it.
type FigureTotal struct {
	Name   string
	About  ledger.Name
	Amount int64
	Last   int64
}

// Taken is a reward that a member took, or that a rule gave, and where it stands.
type Taken struct {
	Redemption string
	Member     ledger.MemberID
	// Reward is 0 in a later step, which says only State, Until and Changed.
	Reward   ledger.Name
	Quantity int64
	// State is held, ordered, ready, handed_over, sent, failed, cancelled or refunded.
	State string
	At    calendar.Instant
	// Until is when a hold ends by itself; calendar.Never for what is not held.
	Until   calendar.Instant
	Changed calendar.Instant
}

// ErrCursorMoved says that somebody else has done what a cursor stood before.
var ErrCursorMoved = errors.New("another server was faster")

const (
	moveCursor = `
INSERT INTO cursors (subscriber, shard, seq) VALUES ($1, $2, $3)
ON CONFLICT (subscriber, shard) DO UPDATE SET seq = excluded.seq WHERE cursors.seq = $4`

	addFigure = `
INSERT INTO figures (figure, about, day, amount) VALUES ($1, $2, $3, $4)
ON CONFLICT (figure, about, day) DO UPDATE SET amount = figures.amount + excluded.amount`

	putTaken = `
INSERT INTO redemptions (redemption, member, reward, quantity, state, taken, until, changed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (redemption) DO UPDATE SET
	member = CASE WHEN excluded.reward <> 0 THEN excluded.member ELSE redemptions.member END,
	quantity = CASE WHEN excluded.reward <> 0 THEN excluded.quantity ELSE redemptions.quantity END,
	taken = CASE WHEN excluded.reward <> 0 THEN excluded.taken ELSE redemptions.taken END,
	reward = CASE WHEN excluded.reward <> 0 THEN excluded.reward ELSE redemptions.reward END,
	state = CASE WHEN excluded.changed >= redemptions.changed THEN excluded.state ELSE redemptions.state END,
	until = CASE WHEN excluded.changed >= redemptions.changed THEN excluded.until ELSE redemptions.until END,
	changed = CASE WHEN excluded.changed >= redemptions.changed THEN excluded.changed ELSE redemptions.changed END`

	totalFigures = `
SELECT figure, about, CAST(sum(amount) AS bigint), max(day) FROM figures WHERE day <= $1 GROUP BY figure, about ORDER BY figure, about`

	listFigures = `
SELECT figure, about, day, amount FROM figures WHERE day > $1 AND day <= $2 ORDER BY figure, about, day`

	takenValues = `SELECT redemption, member, reward, quantity, state, taken, until, changed FROM redemptions`

	listTaken = takenValues + `
WHERE reward <> 0 AND ($4 = 0 OR reward = $4) AND (taken < $1 OR (taken = $1 AND redemption < $2)) ORDER BY taken DESC, redemption DESC LIMIT $3`

	listTakenIn = takenValues + `
WHERE state = $5 AND reward <> 0 AND ($4 = 0 OR reward = $4) AND (taken < $1 OR (taken = $1 AND redemption < $2)) ORDER BY taken DESC, redemption DESC LIMIT $3`

	listTakenUp = takenValues + `
WHERE reward <> 0 AND ($4 = 0 OR reward = $4) AND (taken > $1 OR (taken = $1 AND redemption > $2)) ORDER BY taken, redemption LIMIT $3`

	listTakenInUp = takenValues + `
WHERE state = $5 AND reward <> 0 AND ($4 = 0 OR reward = $4) AND (taken > $1 OR (taken = $1 AND redemption > $2)) ORDER BY taken, redemption LIMIT $3`

	oldestTakenIn = takenValues + `
WHERE state = $1 AND reward <> 0 AND taken < $2 ORDER BY taken, redemption LIMIT $3`
)

// AddFigures adds up what entries of one shard came to, together with the cursor that
// says so: all of it once. The cursor must stand at before; otherwise it is
// [ErrCursorMoved], and nothing is added.
func (s *Store) AddFigures(ctx context.Context, c Cursor, before int64, figures []Figure, taken []Taken, offers []OfferMember) error {
	return wrong("figures", s.write(ctx, func(l link) error {
		moved, err := l.exec(ctx, moveCursor, c.Subscriber, int64(c.Shard), c.Seq, before)
		if err != nil {
			return err
		}
		if moved == 0 {
			return ErrCursorMoved
		}
		for _, f := range figures {
			if _, err := l.exec(ctx, addFigure, f.Name, int64(f.About), f.Day, f.Amount); err != nil {
				return err
			}
		}
		for i := range taken {
			if _, err := l.exec(ctx, putTaken, taken[i].values()...); err != nil {
				return err
			}
		}
		for i := range offers {
			if _, err := l.exec(ctx, putOfferMember, offers[i].values()...); err != nil {
				return err
			}
		}
		return nil
	}))
}

func (t *Taken) values() []any {
	return []any{t.Redemption, int64(t.Member), int64(t.Reward), t.Quantity, t.State, int64(t.At), int64(t.Until), int64(t.Changed)}
}

// FigureTotals gives the figures up to a day, that day included.
func (s *Store) FigureTotals(ctx context.Context, until int64) ([]FigureTotal, error) {
	return readAll(ctx, s, totalFigures, []any{until}, func(r row) (FigureTotal, error) {
		var t FigureTotal
		var about int64
		err := r.Scan(&t.Name, &about, &t.Amount, &t.Last)
		t.About = ledger.Name(about)
		return t, err
	})
}

// Figures gives the figures of the days after one and up to another.
func (s *Store) Figures(ctx context.Context, after, until int64) ([]Figure, error) {
	return readAll(ctx, s, listFigures, []any{after, until}, func(r row) (Figure, error) {
		var f Figure
		var about int64
		err := r.Scan(&f.Name, &about, &f.Day, &f.Amount)
		f.About = ledger.Name(about)
		return f, err
	})
}

// TakenFilter says which redemptions to list: those before a place, the latest first, or
// with Up those after it, the earliest first.
type TakenFilter struct {
	// State and Reward choose; empty and 0 are all.
	State  string
	Reward ledger.Name
	// Before and ID are the place before which to begin, or after; calendar.Never is the
	// latest, and calendar.Beginning the earliest.
	Before calendar.Instant
	ID     string
	Up     bool
}

// Taken lists redemptions, at most limit.
func (s *Store) Taken(ctx context.Context, f TakenFilter, limit int) ([]Taken, error) {
	all, in := listTaken, listTakenIn
	if f.Up {
		all, in = listTakenUp, listTakenInUp
	}
	statement, values := all, []any{int64(f.Before), f.ID, int64(limit), int64(f.Reward)}
	if f.State != "" {
		statement, values = in, append(values, f.State)
	}
	return readAll(ctx, s, statement, values, scanTaken)
}

// OldestTaken lists redemptions in a state that were taken before an instant, the
// oldest first, at most limit.
func (s *Store) OldestTaken(ctx context.Context, state string, before calendar.Instant, limit int) ([]Taken, error) {
	return readAll(ctx, s, oldestTakenIn, []any{state, int64(before), int64(limit)}, scanTaken)
}

func scanTaken(r row) (Taken, error) {
	var t Taken
	var member, reward, at, until, changed int64
	err := r.Scan(&t.Redemption, &member, &reward, &t.Quantity, &t.State, &at, &until, &changed)
	t.Member, t.Reward = ledger.MemberID(member), ledger.Name(reward)
	t.At, t.Until, t.Changed = calendar.Instant(at), calendar.Instant(until), calendar.Instant(changed)
	return t, err
}
