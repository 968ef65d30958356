package store

import (
	"context"

	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
)

// The bounds of clicks: how many are kept of one ambassador in a minute, and how many
// old ones go with each new one, so that the table shrinks where fewer come.
const (
	maxClicksAMinute  = 1_000
	forgottenTogether = 20
)

const (
	// A click beyond the bound is not kept.
	addClick = `
INSERT INTO clicks (id, member, at, sub1, sub2, sub3, sub4, sub5)
SELECT CAST($1 AS bigint), CAST($2 AS bigint), CAST($3 AS bigint), CAST($4 AS text), CAST($5 AS text), CAST($6 AS text), CAST($7 AS text), CAST($8 AS text)
WHERE (SELECT count(*) FROM (SELECT 1 FROM clicks WHERE member = $2 AND at > $9 LIMIT $10) AS recent) < $10`

	forgetClicks = `
DELETE FROM clicks WHERE id IN (SELECT id FROM clicks WHERE at < $1 ORDER BY at LIMIT $2)`

	keepClick = `
INSERT INTO clicks (id, member, at, sub1, sub2, sub3, sub4, sub5) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING`

	clickOf = `
SELECT id, member, at, sub1, sub2, sub3, sub4, sub5 FROM clicks WHERE id = $1`

	// Zones begin their days at whole quarters of an hour.
	clicksOfMember = `
SELECT at / 900000000, CASE CAST($2 AS bigint) WHEN 2 THEN sub2 WHEN 3 THEN sub3 WHEN 4 THEN sub4 WHEN 5 THEN sub5 ELSE sub1 END, count(*)
FROM clicks WHERE member = $1 GROUP BY 1, 2 ORDER BY 1, 2`

	clicksAfter = `
SELECT id, member, at, sub1, sub2, sub3, sub4, sub5 FROM clicks WHERE id > $1 ORDER BY id LIMIT $2`
)

// AddClick keeps a click and forgets some of those before oldest. It tells whether the
// click was kept: of one ambassador's, not more than a thousand a minute are.
func (s *Store) AddClick(ctx context.Context, c *ledger.Click, oldest calendar.Instant) (kept bool, err error) {
	err = s.write(ctx, func(l link) error {
		n, err := l.exec(ctx, addClick, append(clickValues(c), int64(c.At-calendar.Minute), int64(maxClicksAMinute))...)
		if kept = n > 0; err != nil {
			return err
		}
		_, err = l.exec(ctx, forgetClicks, int64(oldest), int64(forgottenTogether))
		return err
	})
	return kept, wrong("click", err)
}

// KeepClick keeps a click that another database has; one that is there already stays.
func (s *Store) KeepClick(ctx context.Context, c *ledger.Click) error {
	return wrong("click", s.run(ctx, keepClick, clickValues(c)...))
}

// Click gives a click; the error is [ErrNotFound] if it is not there, or not any more.
func (s *Store) Click(ctx context.Context, id ledger.ClickID) (*ledger.Click, error) {
	all, err := readAll(ctx, s, clickOf, []any{int64(id)}, scanClick)
	if err == nil && len(all) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return nil, wrong("click", err)
	}
	return &all[0], nil
}

// Clicks lists clicks in the order of their numbers, from the one after another on.
func (v *Snapshot) Clicks(ctx context.Context, after ledger.ClickID, limit int) ([]ledger.Click, error) {
	return snapshotAll(ctx, v, clicksAfter, []any{int64(after), int64(limit)}, scanClick)
}

func clickValues(c *ledger.Click) []any {
	values := []any{int64(c.ID), int64(c.By), int64(c.At)}
	for i := range ledger.MaxSubs {
		sub := ""
		if i < len(c.Subs) {
			sub = c.Subs[i]
		}
		values = append(values, sub)
	}
	return values
}

func scanClick(r row) (ledger.Click, error) {
	var c ledger.Click
	var id, member, at int64
	var subs [ledger.MaxSubs]string
	err := r.Scan(&id, &member, &at, &subs[0], &subs[1], &subs[2], &subs[3], &subs[4])
	c.ID, c.By, c.At = ledger.ClickID(id), ledger.MemberID(member), calendar.Instant(at)
	for n := ledger.MaxSubs; n > 0; n-- {
		if subs[n-1] != "" {
			c.Subs = append(c.Subs, subs[:n]...)
			break
		}
	}
	return c, err
}

// ClickCount is how many clicks there were in a quarter of an hour with a mark.
type ClickCount struct {
	From  calendar.Instant
	Sub   string
	Count int64
}

// ClicksOf counts the clicks that are kept of a member's links by the n-th of the marks,
// from 1 to ledger.MaxSubs, in the order of time and mark.
func (s *Store) ClicksOf(ctx context.Context, member ledger.MemberID, mark int) ([]ClickCount, error) {
	return readAll(ctx, s, clicksOfMember, []any{int64(member), int64(mark)}, func(r row) (ClickCount, error) {
		var c ClickCount
		var quarter int64
		err := r.Scan(&quarter, &c.Sub, &c.Count)
		c.From = calendar.Instant(quarter) * 15 * calendar.Minute
		return c, err
	})
}
