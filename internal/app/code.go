package app

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"premia/internal/core/calendar"
	"premia/internal/core/code"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/reward"
	"premia/internal/core/text"
	"premia/internal/store"
)

// The codes of problems with one code.
const (
	CodeUnknownCode  = "unknown_code"
	CodeMistypedCode = "code_mistyped"
	CodeSomebodys    = "code_of_another"
	CodeNotUsable    = "code_not_usable"
	CodeDeclared     = "code_declared"
)

// The states of a code: whether it can be used now, as far as the code itself goes.
const (
	CodeUsable  = "usable"
	CodeNotYet  = "not_yet"
	CodeOver    = "over"
	CodeUsedUp  = "used_up"
	CodeBlocked = "blocked"
)

// CodeState is a code with what became of it.
type CodeState struct {
	store.Code
	RewardID string
	// BatchID is empty for a voucher.
	BatchID string
	// Declared tells that the program itself declares it, for everybody.
	Declared bool
	// Used is how often it was used.
	Used int64
	// State is usable, not_yet, over, used_up or blocked.
	State string
}

// Code gives what is known of a code, as people write it. The error is a *Problem:
// of the code unknown_code, or code_mistyped where the check character of a pattern
// tells that a character is wrong.
func (a *App) Code(ctx context.Context, written string) (CodeState, error) {
	if c, ok, err := a.declaredCode(ctx, written); ok || err != nil {
		return c, err
	}
	key := a.Journal.Keys().Code(written)
	found, err := a.Store.Codes(ctx, []store.Key{key})
	if err != nil {
		return CodeState{}, err
	}
	c, ok := found[key]
	if !ok {
		return CodeState{}, a.unknownCode(ctx, written)
	}
	states, err := a.codeStates(ctx, []store.Code{c})
	if err != nil {
		return CodeState{}, err
	}
	return states[0], nil
}

func (a *App) unknownCode(ctx context.Context, written string) error {
	batches, err := a.Store.CodeBatches(ctx)
	if err != nil {
		return err
	}
	patterns := []code.Pattern{code.VoucherPattern}
	if p := a.program(); p != nil {
		patterns = append(patterns, p.CodePatterns...)
	}
	for i := range batches {
		if p, err := code.Parse(batches[i].Pattern); err == nil {
			patterns = append(patterns, p)
		}
	}
	for _, p := range patterns {
		if p.Fit(code.Normal(written)) == code.Mistyped {
			return problem(CodeMistypedCode, "code", text.Say("the code {Text} is mistyped: a character is wrong, or two have changed places", strconv.Quote(written)), "Code", text.Quoted(written))
		}
	}
	return problem(CodeUnknownCode, "code", text.Say("there is no code {Text}", strconv.Quote(written)), "Code", text.Quoted(written))
}

// codeStates tells what became of codes.
func (a *App) codeStates(ctx context.Context, codes []store.Code) ([]CodeState, error) {
	batches, err := a.Store.CodeBatches(ctx)
	if err != nil {
		return nil, err
	}
	ids := make(map[int64]string, len(batches))
	for i := range batches {
		ids[batches[i].Batch] = batches[i].ID
	}
	out := make([]CodeState, len(codes))
	for i := range codes {
		out[i] = CodeState{Code: codes[i], RewardID: a.RewardID(codes[i].Reward), BatchID: ids[codes[i].Batch]}
		if out[i].Used, err = a.Store.Used(ctx, a.quotaOf(out[i].RewardID, codes[i].Key)); err != nil {
			return nil, err
		}
		out[i].State = stateOfCode(&out[i], a.Journal.Now())
	}
	return out, nil
}

func stateOfCode(c *CodeState, now calendar.Instant) string {
	switch {
	case c.Blocked != calendar.None:
		return CodeBlocked
	case c.Uses > 0 && c.Used >= c.Uses:
		return CodeUsedUp
	case now >= c.Until:
		return CodeOver
	case now < c.From:
		return CodeNotYet
	}
	return CodeUsable
}

// BlockCode ends a code's use for good.
func (a *App) BlockCode(ctx context.Context, written string) (CodeState, error) {
	c, err := a.Code(ctx, written)
	if err != nil {
		return c, err
	}
	if err := declared(&c); err != nil {
		return c, err
	}
	if err := a.Store.BlockCode(ctx, store.CodeBlock{Key: c.Key, At: a.Journal.Now()}, a.codeRow(ctx, "code.blocked", &c, c.Member)); err != nil {
		return c, err
	}
	return a.Code(ctx, written)
}

// GiveCode gives a member a code that nobody has: from then on only the member can
// use it. The same again changes nothing.
func (a *App) GiveCode(ctx context.Context, ref, written string) (CodeState, ledger.MemberID, error) {
	id, err := a.Find(ctx, ref)
	if err != nil {
		return CodeState{}, 0, err
	}
	c, err := a.Code(ctx, written)
	if err != nil {
		return c, id, err
	}
	if err := declared(&c); err != nil {
		return c, id, err
	}
	if c.State != CodeUsable && c.State != CodeNotYet {
		return c, id, problem(CodeNotUsable, "code", text.Say("the code {Text} can't be used any more ({State}); give another one", strconv.Quote(written), c.State), "Code", text.Quoted(written))
	}
	err = a.Store.GiveCode(ctx, c.Key, id, a.codeRow(ctx, "code.given", &c, id))
	if errors.Is(err, store.ErrNotFound) {
		return c, id, problem(CodeSomebodys, "code", text.Say("the code {Text} belongs to somebody already; give another one", strconv.Quote(written)), "Code", text.Quoted(written))
	}
	if err != nil {
		return c, id, err
	}
	c, err = a.Code(ctx, written)
	return c, id, err
}

// codeRow is the row of the audit trail of one code. It does not say the code, which is
// worth something to whoever reads it, but the batch with the number, or the redemption.
func (a *App) codeRow(ctx context.Context, action string, c *CodeState, member ledger.MemberID) auditRow {
	target, details := c.Redemption, []any(nil)
	if c.Batch != 0 {
		target, details = c.BatchID, append(details, "number", c.Number)
	}
	if member != 0 {
		details = append(details, "member", member.String())
	}
	return a.audited(ctx, action, target, details...)
}

// Vouchers lists the codes that a member has, those that end soonest first, at most
// limit: those of the rewards that the member took, and those that were given.
func (a *App) Vouchers(ctx context.Context, ref string, limit int) ([]CodeState, ledger.MemberID, error) {
	id, err := a.Find(ctx, ref)
	if err != nil {
		return nil, 0, err
	}
	codes, err := a.Store.CodesOfMember(ctx, id, calendar.Beginning, min(max(limit, 1), MaxPage))
	if err != nil {
		return nil, id, err
	}
	states, err := a.codeStates(ctx, codes)
	return states, id, err
}

// UsableVouchers lists the codes of a member that can be used in a purchase now, those that
// end soonest first: no more than MaxPage, and none of a member who is blocked.
func (a *App) UsableVouchers(ctx context.Context, ref string) ([]CodeState, error) {
	p := a.program()
	m, err := a.Member(ctx, ref)
	if err != nil || p == nil || m.Status == ledger.Blocked {
		return nil, err
	}
	codes, err := a.Store.CodesOfMember(ctx, m.ID, a.Journal.Now(), MaxPage)
	if err != nil {
		return nil, err
	}
	states, err := a.codeStates(ctx, codes)
	return slices.DeleteFunc(states, func(c CodeState) bool { return c.State != CodeUsable || p.Discounts[c.Reward] == nil }), err
}

// VouchersOf gives the codes of the vouchers that a redemption issued.
func (a *App) VouchersOf(ctx context.Context, redemption string) ([]CodeState, error) {
	p := a.program()
	if p == nil || len(p.Discounts) == 0 {
		return nil, nil
	}
	codes, err := a.Journal.VouchersOf(ctx, redemption)
	if err != nil || len(codes) == 0 {
		return nil, err
	}
	return a.codeStates(ctx, codes)
}

// declaredCode gives the state of a code that the program itself declares for
// everybody.
func (a *App) declaredCode(ctx context.Context, written string) (CodeState, bool, error) {
	p := a.program()
	if p == nil {
		return CodeState{}, false, nil
	}
	name, declared := p.DeclaredCodes[code.Normal(written)]
	if !declared {
		return CodeState{}, false, nil
	}
	out := CodeState{RewardID: a.RewardID(name), Declared: true}
	out.Code = store.Code{Code: rewardByID(reward.Rewards(p), out.RewardID).Source.Code, Reward: name, From: calendar.Beginning, Until: calendar.Never}
	if d := p.Discounts[name]; d != nil && d.Voucher != nil {
		out.Uses = d.Voucher.Uses
	}
	quota := a.quotaOf(out.RewardID, store.Key{})
	quota.Window = 0
	var err error
	out.Used, err = a.Store.Used(ctx, quota)
	out.State = stateOfCode(&out, a.Journal.Now())
	return out, true, err
}

// declared refuses what can't be done to a code that the program declares.
func declared(c *CodeState) error {
	if !c.Declared {
		return nil
	}
	return problem(CodeDeclared, "code", text.Say("the program itself declares the code {Code} for everybody; change it there", c.Code.Code), "Code", text.Quoted(c.Code.Code))
}
