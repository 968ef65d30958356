package store

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
)

// Code is a code that stands for a reward. Its key is the hash of its normal form.
type Code struct {
	Key  Key
	Code string // as it is shown
	// Reward is the number of the reward's name.
	Reward ledger.Name
	// Batch is the batch that it was made or imported with, and Number its number
	// there; 0 for a voucher.
	Batch, Number int64
	// Member is who has it; 0 for nobody. Bearer tells of a member's that others can
	// use it too, as anybody can use one that nobody has.
	Member ledger.MemberID
	Bearer bool
	// From and Until are when it can be used: calendar.Beginning and calendar.Never
	// for a bound that there is not.
	From, Until calendar.Instant
	// Uses is how often it can be used in all.
	Uses int64
	// Blocked is since when it can't be used; calendar.None if it can.
	Blocked calendar.Instant
	// Redemption is the id of the event that issued a voucher; empty for others.
	Redemption string
}

// CodeBatch is codes that were made or imported together.
type CodeBatch struct {
	Batch int64  // its number, given by the store
	ID    string // the caller's
	// Reward, From, Until and Uses are those of its codes.
	Reward      ledger.Name
	From, Until calendar.Instant
	Uses        int64
	// Pattern is empty for an import.
	Pattern string
	// Series names what its numbers are allotted from: no two batches of one series
	// have a number in common.
	Series string
	// Wanted is how many codes it is to have, and Made how many it has.
	Wanted, Made int64
	// Its numbers are from First to below Ends; Next is the first that was not tried.
	First, Next, Ends int64
	// Digest tells a repetition of a request from a reuse of its id.
	Digest []byte
	// Created is when it was begun, and Finished when all codes were there;
	// calendar.None before.
	Created, Finished calendar.Instant
}

// CodeBlock ends a code's use from the instant on.
type CodeBlock struct {
	Key Key
	At  calendar.Instant
}

// CodeMove gives all codes of a member to another one.
type CodeMove struct{ From, To ledger.MemberID }

// Codes gives those of the codes that exist.
func (s *Store) Codes(ctx context.Context, keys []Key) (map[Key]Code, error) {
	var found []Code
	var err error
	if s.dialect == Postgres {
		found, err = s.codesPostgres(ctx, s.readers, keys)
	} else {
		err = s.readSQLite(ctx, func(c *liteConn) error {
			found, err = s.codesSQLite(ctx, c, keys)
			return err
		})
	}
	return byKey(found), err
}

// Codes gives those of the codes that exist.
func (b *Batch) Codes(ctx context.Context, keys []Key) (map[Key]Code, error) {
	var found []Code
	var err error
	if b.lite != nil {
		found, err = b.s.codesSQLite(context.WithoutCancel(ctx), b.lite, keys)
	} else {
		found, err = b.s.codesPostgres(ctx, b.pg, keys)
	}
	return byKey(found), err
}

func byKey(found []Code) map[Key]Code {
	codes := make(map[Key]Code, len(found))
	for _, code := range found {
		codes[code.Key] = code
	}
	return codes
}

func (s *Store) codesPostgres(ctx context.Context, on pgSender, keys []Key) ([]Code, error) {
	shards, values := make([]Shard, len(keys)), make([][]byte, len(keys))
	for i := range keys {
		shards[i], values[i] = s.ShardOfKey(keys[i]), keys[i][:]
	}
	var found []Code
	err := s.lookUp(ctx, on, pgCodes, pgCodesOfShard, shards, values, func(r row) error {
		code, err := scanCode(r)
		found = append(found, code)
		return err
	})
	return found, wrong("read codes", err)
}

func (s *Store) codesSQLite(ctx context.Context, c *liteConn, keys []Key) ([]Code, error) {
	var found []Code
	err := c.queryList(ctx, &liteCodes, len(keys), func(i int, values []any) []any {
		return append(values, int64(s.ShardOfKey(keys[i])), keys[i][:])
	}, func(r row) error {
		code, err := scanCode(r)
		found = append(found, code)
		return err
	})
	return found, wrong("read codes", err)
}

func scanCode(r row) (Code, error) {
	var c Code
	var key []byte
	var reward, member, bearer, from, until, blocked int64
	err := r.Scan(&key, &c.Code, &reward, &c.Batch, &c.Number, &member, &bearer, &from, &until, &c.Uses, &blocked, &c.Redemption)
	copy(c.Key[:], key)
	c.Reward, c.Member = ledger.Name(reward), ledger.MemberID(member)
	c.Bearer = bearer != 0
	c.From, c.Until, c.Blocked = calendar.Instant(from), calendar.Instant(until), calendar.Instant(blocked)
	return c, err
}

// errCodeTaken tells that a code's key was taken after it was found free.
var errCodeTaken = errors.New("a code was taken by another transaction at the same time")

// insertCodesSQLite adds the codes whose keys are free, and gives how many.
func (s *Store) insertCodesSQLite(c *liteConn, codes []Code) (int64, error) {
	added, err := c.execList(&liteInsertCodes, len(codes), func(i int, values []any) []any {
		one := &codes[i]
		return append(values, int64(s.ShardOfKey(one.Key)), one.Key[:], one.Code, int64(one.Reward), one.Batch, one.Number,
			int64(one.Member), int64(bit(one.Bearer)), int64(one.From), int64(one.Until), one.Uses, int64(one.Blocked), one.Redemption)
	})
	return added, wrong("codes", err)
}

func bit(is bool) int16 {
	if is {
		return 1
	}
	return 0
}

// codeColumns are the values of codes as arrays, for PostgreSQL.
func (s *Store) codeColumns(codes []Code) []any {
	n := len(codes)
	shards, keys, texts, rewards := make([]int32, n), make([][]byte, n), make([]string, n), make([]int32, n)
	batches, numbers, members := make([]int64, n), make([]int64, n), make([]int64, n)
	froms, untils, uses := make([]int64, n), make([]int64, n), make([]int64, n)
	bearers, blocked, redemptions := make([]int16, n), make([]int64, n), make([]string, n)
	for i := range codes {
		c := &codes[i]
		shards[i], keys[i], texts[i], rewards[i] = int32(s.ShardOfKey(c.Key)), c.Key[:], c.Code, int32(c.Reward)
		batches[i], numbers[i], members[i] = c.Batch, c.Number, int64(c.Member)
		bearers[i] = bit(c.Bearer)
		froms[i], untils[i], uses[i] = int64(c.From), int64(c.Until), c.Uses
		blocked[i], redemptions[i] = int64(c.Blocked), c.Redemption
	}
	return []any{shards, keys, texts, rewards, batches, numbers, members, bearers, froms, untils, uses, blocked, redemptions}
}

// addCodes adds the codes whose keys are free, and gives how many.
func (s *Store) addCodes(ctx context.Context, l link, codes []Code) (int64, error) {
	// In one order, so that two who add the same codes don't wait in a circle.
	slices.SortFunc(codes, func(a, b Code) int { return bytes.Compare(a.Key[:], b.Key[:]) })
	if c, ok := l.(*liteConn); ok {
		return s.insertCodesSQLite(c, codes)
	}
	added, err := l.exec(ctx, pgInsertCodes, s.codeColumns(codes)...)
	return added, wrong("codes", err)
}

// AddCodes adds codes outside a batch of theirs, and tells how many were not there
// yet. It is for who copies them from another database.
func (s *Store) AddCodes(ctx context.Context, codes []Code) (added int64, err error) {
	err = s.write(ctx, func(l link) error {
		added, err = s.addCodes(ctx, l, slices.Clone(codes))
		return err
	})
	return added, wrong("add codes", err)
}

// queueCodes queues what a batch writes of codes.
func (w *Writes) queueCodes(queue *pgx.Batch, s *Store) (added func() error) {
	inserted := int64(0)
	if len(w.Codes) > 0 {
		queue.Queue(pgInsertCodes, s.codeColumns(w.Codes)...).Exec(func(tag pgconn.CommandTag) error {
			inserted = tag.RowsAffected()
			return nil
		})
	}
	return func() error { return w.allAdded(inserted) }
}

func (w *Writes) allAdded(added int64) error {
	if added < int64(len(w.Codes)) {
		return &TransientError{errCodeTaken}
	}
	return nil
}

// codeStatements are the parts of a batch that change codes, one statement each.
func (w *Writes) codeStatements(s *Store) []statement {
	var all []statement
	for _, b := range w.BlockCodes {
		all = append(all, statement{blockCode, []any{int64(s.ShardOfKey(b.Key)), b.Key[:], int64(b.At)}})
	}
	for _, m := range w.MoveCodes {
		all = append(all, statement{moveCodes, []any{int64(m.From), int64(m.To)}})
	}
	return all
}

// BlockCode ends a code's use from the instant on; one that was blocked before keeps
// its instant. [ErrNotFound] if there is no such code.
func (s *Store) BlockCode(ctx context.Context, b CodeBlock, audit ...Audit) error {
	return s.changeCode(ctx, audit, "block a code", blockCode, int64(s.ShardOfKey(b.Key)), b.Key[:], int64(b.At))
}

// GiveCode makes a code that nobody has a member's alone. [ErrNotFound] if there is
// none, and it isn't the member's alone already.
func (s *Store) GiveCode(ctx context.Context, key Key, to ledger.MemberID, audit ...Audit) error {
	return s.changeCode(ctx, audit, "give a code", giveCode, int64(s.ShardOfKey(key)), key[:], int64(to))
}

func (s *Store) changeCode(ctx context.Context, audit []Audit, what, text string, values ...any) error {
	err := s.writeAudited(ctx, audit, func(l link) (bool, error) {
		changed, err := l.exec(ctx, text, values...)
		if err == nil && changed == 0 {
			err = ErrNotFound
		}
		return changed > 0, err
	})
	return wrong(what, err)
}

// CodesOfMember gives a member's codes that end after an instant, those that end soonest
// first, at most limit.
func (s *Store) CodesOfMember(ctx context.Context, member ledger.MemberID, after calendar.Instant, limit int) ([]Code, error) {
	return readAll(ctx, s, codesOfMember, []any{int64(member), int64(after), int64(limit)}, scanCode)
}

// CodesOfBatch gives a batch's codes with numbers above after, in their order, at
// most limit.
func (s *Store) CodesOfBatch(ctx context.Context, batch, after int64, limit int) ([]Code, error) {
	return readAll(ctx, s, codesOfBatch, []any{batch, after, int64(limit)}, scanCode)
}

// CodeBatches gives all batches, the oldest first.
func (s *Store) CodeBatches(ctx context.Context) ([]CodeBatch, error) {
	return readAll(ctx, s, listCodeBatches, nil, scanCodeBatch)
}

// CodeBatch gives the batch with the id; [ErrNotFound] if there is none.
func (s *Store) CodeBatch(ctx context.Context, id string) (CodeBatch, error) {
	found, err := readAll(ctx, s, codeBatchByID, []any{id}, scanCodeBatch)
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("batch %s: %w", id, ErrNotFound)
	}
	if err != nil {
		return CodeBatch{}, err
	}
	return found[0], nil
}

func scanCodeBatch(r row) (CodeBatch, error) {
	var b CodeBatch
	var reward, from, until, created int64
	var finished *int64
	err := r.Scan(&b.Batch, &b.ID, &reward, &b.Pattern, &b.Series, &b.Wanted, &b.Made, &b.First, &b.Next, &b.Ends,
		&from, &until, &b.Uses, &b.Digest, &created, &finished)
	b.Reward, b.From, b.Until = ledger.Name(reward), calendar.Instant(from), calendar.Instant(until)
	b.Created, b.Finished = calendar.Instant(created), orNone(finished, calendar.None)
	return b, err
}

func (b *CodeBatch) values() []any {
	return []any{b.Batch, b.ID, int64(b.Reward), b.Pattern, b.Series, b.Wanted, b.Made, b.First, b.Next, b.Ends,
		int64(b.From), int64(b.Until), b.Uses, present(b.Digest), int64(b.Created), optional(b.Finished, calendar.None)}
}

// BeginCodes begins a batch: it gets a number, and as many numbers of its series as
// lie between First and Ends, after those that were allotted before. If a batch with
// the id is there already, that one is given, and nothing is done. Rows of the audit
// trail are kept with a new one.
func (s *Store) BeginCodes(ctx context.Context, b CodeBatch, audit ...Audit) (CodeBatch, error) {
	err := s.writeAudited(ctx, audit, func(l link) (bool, error) {
		if s.dialect == Postgres {
			if _, err := l.exec(ctx, "LOCK TABLE code_batches IN EXCLUSIVE MODE"); err != nil {
				return false, err
			}
		}
		known := false
		err := l.query(ctx, codeBatchByID, []any{b.ID}, func(r row) (err error) {
			b, err = scanCodeBatch(r)
			known = true
			return err
		})
		if err != nil || known {
			return false, err
		}
		var last, allotted int64
		if err := queryRow(ctx, l, lastCodeBatch, []any{b.Series}, &last, &allotted); err != nil {
			return false, err
		}
		b.Batch, b.First, b.Next, b.Ends = last+1, allotted, allotted, allotted+b.Ends-b.First
		_, err = l.exec(ctx, insertCodeBatch, b.values()...)
		return true, err
	})
	return b, wrong("begin a batch of codes", err)
}

// MoreCodes goes on with a batch in one transaction in which nobody else does: fill
// sees how far it is, moves Next and gives the codes up to there, of which those
// whose keys are taken are left out. The batch is finished when it has as many as it
// is to have. Rows of the audit trail are kept with what is added.
func (s *Store) MoreCodes(ctx context.Context, batch int64, now calendar.Instant, fill func(*CodeBatch) ([]Code, error), audit ...Audit) (b CodeBatch, err error) {
	text := liteCodeBatch
	if s.dialect == Postgres {
		text = pgCodeBatch
	}
	err = s.writeAudited(ctx, audit, func(l link) (bool, error) {
		err := l.query(ctx, text, []any{batch}, func(r row) (err error) {
			b, err = scanCodeBatch(r)
			return err
		})
		if err != nil || b.Batch != batch || b.Finished != calendar.None {
			return false, cmp.Or(err, missing(b.Batch != batch))
		}
		codes, err := fill(&b)
		if err != nil {
			return false, err
		}
		added, err := s.addCodes(ctx, l, codes)
		if err != nil {
			return false, err
		}
		if b.Made += added; b.Made >= b.Wanted {
			b.Finished = now
		}
		_, err = l.exec(ctx, noteCodeBatch, b.Batch, b.Made, b.Next, optional(b.Finished, calendar.None))
		return true, err
	})
	return b, wrong("make codes", err)
}

func missing(is bool) error {
	if is {
		return ErrNotFound
	}
	return nil
}

// KeepCodeBatch writes a batch as it is, for who copies it from another database.
func (s *Store) KeepCodeBatch(ctx context.Context, b CodeBatch) error {
	return wrong("keep a batch of codes", s.run(ctx, insertCodeBatch, b.values()...))
}

// CodeBatches gives all batches, the oldest first.
func (v *Snapshot) CodeBatches(ctx context.Context) ([]CodeBatch, error) {
	return snapshotAll(ctx, v, listCodeBatches, nil, scanCodeBatch)
}

// Codes gives the shard's codes with keys above after, at most limit; an empty
// after stands before all.
func (v *Snapshot) Codes(ctx context.Context, shard Shard, after []byte, limit int) ([]Code, error) {
	return snapshotAll(ctx, v, codesAfter, []any{int64(shard), present(after), int64(limit)}, scanCode)
}
