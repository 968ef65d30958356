package store

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"strings"

	"premia/internal/core/calendar"
)

// Audit is a row of the audit trail: who did what, to what, from where, when. It has
// no secret and no personal value beside the address.
type Audit struct {
	// Seq numbers the rows, from 1 and without gaps.
	Seq int64
	At  calendar.Instant
	// Kind is that of the actor: user, key, member or system; Actor is the id.
	Kind, Actor string
	// Address is the network address that the actor came from.
	Address string
	// Action is what was done, such as "user.invited", and Target the id of what it
	// was done to.
	Action, Target string
	// Details are what else is to say, as a JSON object; empty for nothing.
	Details string
	Hash    [32]byte
}

// AuditFilter chooses rows; empty fields choose all.
type AuditFilter struct {
	Actor, Action, Target string
	// Actors are several of whom one has to have acted, and Address is the network
	// address that they came from.
	Actors  []string
	Address string
	// From and Until bound the time, Until is not within; calendar.None is no bound.
	From, Until calendar.Instant
	// Before chooses rows with lower numbers, After those with higher ones; 0 is no
	// bound.
	Before, After int64
}

const (
	auditValues = `seq, at, kind, actor, address, action, target, details, hash`

	lastAudit = `
SELECT ` + auditValues + ` FROM audit ORDER BY seq DESC LIMIT 1`

	insertAudit = `
INSERT INTO audit (` + auditValues + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`

	// An action that ends in a point chooses all that begin with it. Several actors stand
	// between lines.
	auditWhere = `
SELECT ` + auditValues + ` FROM audit
WHERE ($1 = '' OR actor = $1) AND ($2 = '' OR target = $2)
AND ($3 = '' OR action = $3 OR (action >= $3 AND action < $4))
AND at >= $5 AND at < $6 AND seq < $7 AND seq > $8
AND ($9 = '' OR address = $9) AND ($10 = '' OR replace($10, '|' || actor || '|', '') <> $10)`

	auditBackwards = auditWhere + ` ORDER BY seq DESC LIMIT $11`
	auditForwards  = auditWhere + ` ORDER BY seq LIMIT $11`

	auditAfter = `
SELECT ` + auditValues + ` FROM audit WHERE seq > $1 ORDER BY seq LIMIT $2`
)

// LinkAudit gives the hash that a row is to have after the row with the hash before:
// SHA-256 over that hash and the row's fields, each with its length before it.
func LinkAudit(before [32]byte, a *Audit) [32]byte {
	h := sha256.New()
	h.Write(before[:])
	var number [8]byte
	for _, n := range []int64{a.Seq, int64(a.At)} {
		binary.BigEndian.PutUint64(number[:], uint64(n))
		h.Write(number[:])
	}
	for _, s := range []string{a.Kind, a.Actor, a.Address, a.Action, a.Target, a.Details} {
		binary.BigEndian.PutUint64(number[:], uint64(len(s)))
		h.Write(number[:])
		h.Write([]byte(s))
	}
	return [32]byte(h.Sum(nil))
}

// appendAudit chains the rows behind the last one; the lock is held.
func appendAudit(ctx context.Context, l link, rows []Audit) error {
	last, err := linkAll(ctx, l, lastAudit, nil, scanAudit)
	if err != nil {
		return err
	}
	var before Audit
	if len(last) > 0 {
		before = last[0]
	}
	for _, a := range rows {
		a.Seq = before.Seq + 1
		a.At = max(a.At, before.At) // the order of rows is that of time
		a.Hash = LinkAudit(before.Hash, &a)
		if err := insertAuditRow(ctx, l, &a); err != nil {
			return err
		}
		before = a
	}
	return nil
}

func insertAuditRow(ctx context.Context, l link, a *Audit) error {
	_, err := l.exec(ctx, insertAudit, a.Seq, int64(a.At), a.Kind, a.Actor, a.Address, a.Action, a.Target, a.Details, a.Hash[:])
	return wrong("audit trail", err)
}

// Audit appends to the audit trail; the store gives numbers and hashes.
func (tx *Tx) Audit(ctx context.Context, rows ...Audit) error {
	return appendAudit(ctx, tx.link, rows)
}

// Audit appends to the audit trail with the batch. It comes last, because others wait
// for whoever appends.
func (b *Batch) Audit(ctx context.Context, rows ...Audit) error {
	if len(rows) == 0 {
		return nil
	}
	if b.lite != nil {
		ctx = context.WithoutCancel(ctx)
	}
	if err := b.s.lockAudit(ctx, b.link()); err != nil {
		return err
	}
	return appendAudit(ctx, b.link(), rows)
}

// writeAudited runs fn in a transaction that locks no shard, and appends to the audit
// trail, last of all, if fn tells that it changed something.
func (s *Store) writeAudited(ctx context.Context, audit []Audit, fn func(link) (changed bool, err error)) error {
	return s.write(ctx, func(l link) error {
		changed, err := fn(l)
		if err != nil || !changed || len(audit) == 0 {
			return err
		}
		if err := s.lockAudit(ctx, l); err != nil {
			return err
		}
		return appendAudit(ctx, l, audit)
	})
}

// Audits gives up to limit rows that the filter chooses, the latest first.
func (s *Store) Audits(ctx context.Context, f AuditFilter, limit int) ([]Audit, error) {
	return s.chooseAudits(ctx, auditBackwards, f, limit)
}

// AuditsForwards gives up to limit rows that the filter chooses, the earliest first.
func (s *Store) AuditsForwards(ctx context.Context, f AuditFilter, limit int) ([]Audit, error) {
	return s.chooseAudits(ctx, auditForwards, f, limit)
}

func (s *Store) chooseAudits(ctx context.Context, text string, f AuditFilter, limit int) ([]Audit, error) {
	from, until, before := int64(calendar.Beginning), int64(calendar.Never), int64(math.MaxInt64)
	if f.From != calendar.None {
		from = int64(f.From)
	}
	if f.Until != calendar.None {
		until = int64(f.Until)
	}
	if f.Before > 0 {
		before = f.Before
	}
	upTo := f.Action
	if n := len(upTo); n > 0 && upTo[n-1] == '.' {
		upTo = upTo[:n-1] + "/" // the character after the point
	}
	actors := ""
	if len(f.Actors) > 0 {
		actors = "|" + strings.Join(f.Actors, "| |") + "|"
	}
	return readAll(ctx, s, text, []any{f.Actor, f.Target, f.Action, upTo, from, until, before, f.After, f.Address, actors, int64(limit)}, scanAudit)
}

// AuditFrom gives rows in their order, from the one after a number on.
func (s *Store) AuditFrom(ctx context.Context, after int64, limit int) ([]Audit, error) {
	return readAll(ctx, s, auditAfter, []any{after, int64(limit)}, scanAudit)
}

// Audits gives rows in their order, from the one after a number on.
func (v *Snapshot) Audits(ctx context.Context, after int64, limit int) ([]Audit, error) {
	return snapshotAll(ctx, v, auditAfter, []any{after, int64(limit)}, scanAudit)
}

// KeepAudit writes rows that another database has, as they are.
func (s *Store) KeepAudit(ctx context.Context, rows []Audit) error {
	return s.write(ctx, func(l link) error {
		for i := range rows {
			if err := insertAuditRow(ctx, l, &rows[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

func scanAudit(r row) (Audit, error) {
	var a Audit
	var at int64
	var hash []byte
	err := r.Scan(&a.Seq, &at, &a.Kind, &a.Actor, &a.Address, &a.Action, &a.Target, &a.Details, &hash)
	if err == nil && len(hash) != len(a.Hash) {
		err = fmt.Errorf("%w: a row of the audit trail has a hash of %d bytes", ErrCorrupt, len(hash))
	}
	a.At = calendar.Instant(at)
	copy(a.Hash[:], hash)
	return a, err
}
