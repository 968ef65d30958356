package app

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"

	"premia/internal/core/calendar"
	"premia/internal/core/code"
	"premia/internal/core/document"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/reward"
	"premia/internal/core/text"
	"premia/internal/journal"
	"premia/internal/store"
)

// The codes of problems with codes.
const (
	CodeUnknownBatch = "unknown_code_batch"
	CodeUnfinished   = "code_batch_unfinished"
	CodeTooShort     = "pattern_too_short"
	CodeAllTaken     = "codes_taken"
	CodeRowsRejected = "code_rows_rejected"
)

// MaxCodes is how many codes a batch can have.
const MaxCodes = 5_000_000

// NewCodes is a batch of codes that is to be made or imported.
type NewCodes struct {
	// ID makes the batch happen once: the same again goes on with what is missing,
	// and finds the batch when nothing is. A new one is made if it is empty.
	ID string
	// Reward is the id of the reward that the codes stand for.
	Reward string
	// Pattern is how codes are made; empty for the one that the program says. An import
	// has none.
	Pattern string
	Count   int64
	// From and Until bound when the codes can be used; calendar.None where nothing
	// does.
	From, Until calendar.Instant
	// Uses is how often each can be used; 0 is once.
	Uses int64
}

// chunkOfCodes is how many codes one transaction makes: on SQLite nobody else writes
// meanwhile.
const chunkOfCodes = 10_000

// slackOfCodes is how many numbers a batch gets beside those of its codes, for codes
// that are taken by imports.
func slackOfCodes(count int64) int64 { return count/100 + 100 }

// GenerateCodes makes a batch of codes. Progress, if not nil, hears of how many are
// there. When it is stopped half-way, the same request goes on.
func (a *App) GenerateCodes(ctx context.Context, r NewCodes, progress func(done, total int64)) (store.CodeBatch, error) {
	if r.Pattern == "" {
		r.Pattern = a.patternOf(r.Reward)
	}
	b, err := a.newBatch(&r, "")
	if err != nil {
		return store.CodeBatch{}, err
	}
	p, err := code.Parse(r.Pattern)
	if err != nil {
		return store.CodeBatch{}, problem(event.CodeInvalid, "pattern", text.Of(err))
	}
	b.Pattern, b.Series, b.Wanted = p.String(), p.Normal(), r.Count
	b.Ends = r.Count + slackOfCodes(r.Count)
	b, continued, err := a.beginCodes(ctx, b, a.batchRow(ctx, "codes.made", &b, r.Reward), func() error { return a.roomFor(ctx, p, r.Count) })
	if err != nil {
		return b, err
	}
	maker, err := a.Journal.Keys().Maker(p)
	if err != nil {
		return b, err
	}
	return a.moreCodes(ctx, b, progress, func(b *store.CodeBatch) ([]store.Code, error) {
		codes := make([]store.Code, 0, min(chunkOfCodes, b.Wanted-b.Made))
		for len(codes) < cap(codes) && b.Next < min(b.Ends, p.Numbers()) {
			codes = append(codes, a.codeOf(b, maker.Make(b.Next)))
			codes[len(codes)-1].Number = b.Next
			b.Next++
		}
		return codes, nil
	}, continued...)
}

// batchRow is the row of the audit trail of a batch of codes.
func (a *App) batchRow(ctx context.Context, action string, b *store.CodeBatch, reward string) auditRow {
	return a.audited(ctx, action, b.ID, "reward", reward, "count", b.Wanted)
}

// patternOf gives the pattern that the program says for codes of a reward; empty if it
// says none.
func (a *App) patternOf(rewardID string) string {
	if p := a.program(); p != nil {
		if r := rewardByID(reward.Rewards(p), rewardID); r != nil && r.Source.Codes != nil {
			return r.Source.Codes.Pattern
		}
	}
	return ""
}

// codeOf is a code of a batch.
func (a *App) codeOf(b *store.CodeBatch, text string) store.Code {
	return store.Code{Key: a.Journal.Keys().Code(text), Code: text, Reward: b.Reward, Batch: b.Batch, From: b.From, Until: b.Until, Uses: b.Uses}
}

// newBatch checks what generating and importing have in common. More is what else
// tells one request from another.
func (a *App) newBatch(r *NewCodes, more string) (store.CodeBatch, error) {
	p := a.program()
	if p == nil {
		return store.CodeBatch{}, refused(journal.ErrNoProgram, &event.Event{})
	}
	found := rewardByID(reward.Rewards(p), r.Reward)
	if found == nil {
		return store.CodeBatch{}, unknownReward(reward.Rewards(p), r.Reward)
	}
	if p.Discounts[found.Name] == nil {
		return store.CodeBatch{}, problem(event.CodeInvalid, "reward", text.Say("the reward {Reward} takes nothing off a basket; codes stand for a reward of the kind discount", strconv.Quote(r.Reward)))
	}
	b := store.CodeBatch{
		ID: r.ID, Reward: found.Name, Uses: max(r.Uses, 1), Created: a.Journal.Now(),
		From: orInstant(r.From, calendar.Beginning), Until: orInstant(r.Until, calendar.Never),
	}
	switch {
	case r.Count < 1 || r.Count > MaxCodes:
		return b, problem(event.CodeInvalid, "count", text.Say("a batch has 1 to {Most} codes; make several batches", MaxCodes))
	case b.From >= b.Until:
		return b, problem(event.CodeInvalid, "valid_until", "the codes could never be used: they end before they begin")
	case r.Uses < 0:
		return b, problem(event.CodeInvalid, "uses", "a code can be used once or more often")
	case len(r.ID) > event.MaxIDLength:
		return b, problem(event.CodeTooLong, "id", "the id of the batch is too long")
	}
	if b.ID == "" {
		var fresh [10]byte
		rand.Read(fresh[:])
		b.ID = "codes_" + hex.EncodeToString(fresh[:])
	}
	hash := sha256.New()
	for _, part := range []string{r.Reward, r.Pattern, strconv.FormatInt(r.Count, 10), strconv.FormatInt(int64(b.From), 10), strconv.FormatInt(int64(b.Until), 10), strconv.FormatInt(b.Uses, 10), more} {
		fmt.Fprintf(hash, "%d:%s", len(part), part)
	}
	b.Digest = hash.Sum(nil)
	return b, nil
}

func orInstant(at, none calendar.Instant) calendar.Instant {
	if at == calendar.None {
		return none
	}
	return at
}

func rewardByID(all []reward.Compiled, id string) *reward.Compiled {
	for i := range all {
		if all[i].Source.ID == id {
			return &all[i]
		}
	}
	return nil
}

func unknownReward(all []reward.Compiled, id string) *Problem {
	ids := make([]string, len(all))
	for i := range all {
		ids[i] = all[i].Source.ID
	}
	hint := text.Sentence("codes stand for a reward of the program")
	if near, ok := document.Closest(id, ids); ok {
		hint = text.Say("did you mean {Near}?", strconv.Quote(near))
	}
	return problem(CodeUnknownReward, "reward", text.Say("the program has no reward {ID}; {Hint}", strconv.Quote(id), hint))
}

// roomFor checks that a pattern can make so many codes more and that guessing them
// stays no use.
func (a *App) roomFor(ctx context.Context, p code.Pattern, count int64) error {
	batches, err := a.Store.CodeBatches(ctx)
	if err != nil {
		return err
	}
	made := int64(0)
	for i := range batches {
		if batches[i].Series == p.Normal() {
			made += batches[i].Wanted
		}
	}
	if made+count <= p.Capacity() {
		return nil
	}
	hint := text.Sentence("a pattern has too few characters for so many codes; make a smaller batch")
	if places := code.Longer(made + count); places > 0 {
		hint = text.Say("write a pattern with at least {Places} characters to be made (#)", places)
	}
	return problem(CodeTooShort, "pattern", text.Say("the pattern {Pattern} is good for {Capacity} codes that can't be guessed, and {Made} are made of it already; {Hint}", p, p.Capacity(), made, hint),
		"Pattern", text.Quoted(p.String()), "Most", p.Capacity(), "Made", made)
}

// beginCodes begins a batch, which the row of the audit trail tells, or finds the one
// that the same request began before, and gives the row of going on with it.
func (a *App) beginCodes(ctx context.Context, b store.CodeBatch, row auditRow, check func() error) (known store.CodeBatch, continued []auditRow, err error) {
	known, err = a.Store.CodeBatch(ctx, b.ID)
	if errors.Is(err, store.ErrNotFound) {
		if err := check(); err != nil {
			return b, nil, err
		}
		known, err = a.Store.BeginCodes(ctx, b, row)
	} else if err == nil {
		row.Action = "codes.continued"
		continued = append(continued, row)
	}
	if err != nil {
		return b, nil, err
	}
	if string(known.Digest) != string(b.Digest) {
		return known, nil, problem(CodeIDReused, "id", "a batch with this id was asked for before, and otherwise; ask for the same, or use another id", "Key", text.Quoted(b.ID))
	}
	return known, continued, nil
}

// moreCodes goes on with a batch until it is finished. The first codes that it adds
// are told to the audit trail, if there is something to tell.
func (a *App) moreCodes(ctx context.Context, b store.CodeBatch, progress func(done, total int64), fill func(*store.CodeBatch) ([]store.Code, error), audit ...auditRow) (store.CodeBatch, error) {
	for b.Finished == calendar.None {
		if err := ctx.Err(); err != nil {
			return b, err
		}
		before := b.Next
		more, err := a.Store.MoreCodes(ctx, b.Batch, a.Journal.Now(), fill, audit...)
		if err != nil {
			return b, err
		}
		audit = nil
		if b = more; b.Next == before && b.Finished == calendar.None {
			return b, problem(CodeAllTaken, "pattern", text.Say("only {Made} of {Wanted} codes are free: the others are known already; choose another pattern", b.Made, b.Wanted),
				"Made", b.Made, "Wanted", b.Wanted)
		}
		if progress != nil {
			progress(b.Made, b.Wanted)
		}
	}
	return b, nil
}

// CodeBatches lists the batches, the oldest first.
func (a *App) CodeBatches(ctx context.Context) ([]store.CodeBatch, error) {
	return a.Store.CodeBatches(ctx)
}

// CodeBatch gives a batch by its id. The error is a *Problem if there is none.
func (a *App) CodeBatch(ctx context.Context, id string) (store.CodeBatch, error) {
	b, err := a.Store.CodeBatch(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		err = problem(CodeUnknownBatch, "id", text.Say("there is no batch of codes {ID}", strconv.Quote(id)), "Batch", text.Quoted(id))
	}
	return b, err
}

// RewardID gives the id of a reward by the number of its name.
func (a *App) RewardID(name ledger.Name) string {
	full := a.Journal.Rules().Names.Name(name)
	if id := full[min(len(reward.Kind)+1, len(full)):]; full == reward.Kind+"."+id {
		return id
	}
	return full
}

// quotaOf names the limit of a code's uses.
func (a *App) quotaOf(rewardID string, key store.Key) ledger.Quota {
	name, _ := a.Journal.Rules().Names.Find("code." + rewardID)
	return ledger.Quota{Name: name, Window: a.Journal.Keys().Window(key)}
}
