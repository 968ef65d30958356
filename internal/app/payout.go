package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"premia/internal/core/bank"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/reward"
	"premia/internal/core/text"
	"premia/internal/journal"
	"premia/internal/store"
)

// The codes of problems with pay-outs.
const (
	CodeInvalidIBAN        = "invalid_iban"
	CodeUnknownPayoutBatch = "unknown_payout_batch"
	CodeNothingToPay       = "nothing_to_pay"
	CodePayoutUnfinished   = "payout_batch_unfinished"
	CodeUnknownPayout      = "unknown_payout"
	CodePayoutSettled      = "payout_settled"
	CodeAccountGone        = "bank_account_gone"
	CodeNoPayoutAccount    = "no_payout_account"
)

// BankAccount is the account to which a member wants money, as it was written.
type BankAccount struct{ IBAN, Name string }

// RecordPayout decides a redemption that pays money to an account. The account is a
// personal value: it is kept beside the journal, which has a salted digest of it.
func (a *App) RecordPayout(ctx context.Context, e *event.Event, to BankAccount) (journal.Answer, error) {
	iban, err := bank.ParseIBAN(to.IBAN)
	if err != nil {
		return journal.Answer{}, problem(CodeInvalidIBAN, "bank_account.iban", text.Of(err))
	}
	name, err := bank.ParseName(to.Name)
	if err != nil {
		return journal.Answer{}, problem(event.CodeInvalid, "bank_account.name", text.Of(err))
	}
	p, err := a.checked(ctx, e)
	if err != nil {
		return journal.Answer{}, err
	}
	if needsAccount(p, e) == nil {
		return journal.Answer{}, problem(event.CodeNotAllowed, "bank_account", "this reward pays nothing to a bank account")
	}
	if e.ID == "" {
		e.ID = NewEventID()
	}
	r := journal.Request{Event: e, Unknown: engine.RefuseUnknown}
	r.Personal = []store.Personal{{Kind: store.Bank, Name: accountName(e.ID), Value: string(iban) + " " + name}}
	if r.Member, r.Identity, err = a.Who(e.Member); err != nil {
		return journal.Answer{}, err
	}
	answer, err := a.append(ctx, r)
	if err != nil {
		return answer, refused(err, e)
	}
	return answer, nil
}

// needsAccount refuses a redemption that pays money and says no account.
func needsAccount(p *engine.Program, e *event.Event) error {
	if e.Type != event.Redemption || reward.PayingOut(p, e.Reward) == nil {
		return nil
	}
	return problem(event.CodeMissing, "bank_account", "this reward pays money: take it by the member's redemptions, with the bank_account", "Name", "bank_account")
}

// hashed is a redemption's id in a form that fits wherever there is little room.
func hashed(redemption string) string {
	sum := sha256.Sum256([]byte(redemption))
	return hex.EncodeToString(sum[:])[:32]
}

// accountName is the name of the personal value that has a redemption's account.
func accountName(redemption string) string { return "account_" + hashed(redemption) }

// accountOf gives the account of a redemption; ok is false if it is not known any
// more.
func (a *App) accountOf(ctx context.Context, member ledger.MemberID, redemption string) (to bank.Account, ok bool, err error) {
	_, now, err := a.Journal.StateOf(ctx, member)
	if err != nil {
		return to, false, err
	}
	// Where the members were merged just now, the record may not have moved yet.
	for _, id := range slices.Compact([]ledger.MemberID{now, member}) {
		values, err := a.Store.PersonalOf(ctx, id)
		if err != nil {
			return to, false, err
		}
		for i := range values {
			if v := &values[i]; v.Kind == store.Bank && v.Name == accountName(redemption) {
				iban, name, _ := strings.Cut(v.Value, " ")
				return bank.Account{Name: name, IBAN: bank.IBAN(iban)}, true, nil
			}
		}
	}
	return to, false, nil
}

// MaskedAccount gives the account of a redemption as people may see it; empty if it
// pays to none.
func (a *App) MaskedAccount(ctx context.Context, r *Redemption) string {
	if r.PaysOut == 0 {
		return ""
	}
	to, _, err := a.accountOf(ctx, r.Member, r.ID)
	if err != nil {
		return ""
	}
	return to.IBAN.Masked()
}

// Payouts is the subscriber that lists what redemptions order to be paid.
type Payouts struct{ App *App }

// Name names its cursors.
func (Payouts) Name() string { return "payouts" }

// Mask asks for entries that order money.
func (Payouts) Mask() uint32 { return journal.MaskPayout }

// Handle lists an order. Doing it again changes nothing.
func (p Payouts) Handle(ctx context.Context, entry *store.Entry) error {
	answer, err := p.App.Journal.Read(entry)
	if err != nil {
		return err
	}
	out := store.Payout{Redemption: answer.Event.ID, Member: entry.Member, Ordered: answer.Decision.At, State: store.PayoutOrdered}
	if answer.Event.Type == event.Confirmation {
		out.Redemption = answer.Event.Redemption
	}
	for i := range answer.Decision.Steps {
		if s := &answer.Decision.Steps[i]; s.Result == engine.PaidOut {
			out.Amount += s.Base
		}
	}
	return p.App.Store.AddPayout(ctx, out)
}

// PayoutBatch is a batch with its pay-outs.
type PayoutBatch struct {
	store.PayoutBatch
	Payouts []store.Payout
}

// Sum gives how many pay-outs of the states there are, and their sum.
func (b *PayoutBatch) Sum(states ...store.PayoutState) (count, sum int64) {
	for i := range b.Payouts {
		if slices.Contains(states, b.Payouts[i].State) {
			count++
			sum += b.Payouts[i].Amount
		}
	}
	return count, sum
}

// maxBatchID is how long the id of a batch may be: that of a message to a bank.
const maxBatchID = 35

// CreatePayoutBatch makes a batch of all ordered pay-outs that are in none, and lets
// each redemption know. With the same id again it goes on with that batch, and takes no
// more. An empty id gets a new one.
func (a *App) CreatePayoutBatch(ctx context.Context, id string) (PayoutBatch, error) {
	if id == "" {
		id = strings.TrimPrefix(NewEventID(), "evt_")
	}
	if len(id) > maxBatchID || strings.Trim(strings.ToLower(id), "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return PayoutBatch{}, problem(event.CodeInvalid, "id", text.Say("the id of a batch is at most {Most} letters, digits and hyphens", maxBatchID))
	}
	if _, err := a.Journal.Deliver(ctx, Payouts{a}); err != nil {
		return PayoutBatch{}, err
	}
	if _, err := a.Store.TakePayouts(ctx, store.PayoutBatch{ID: id, Created: a.Journal.Now()}, a.audited(ctx, "payouts.batched", id)); err != nil {
		return PayoutBatch{}, err
	}
	b, err := a.PayoutBatch(ctx, id)
	if AsProblem(err).Code == CodeUnknownPayoutBatch {
		return b, problem(CodeNothingToPay, "", "no pay-out is ordered that is in no batch")
	}
	if err != nil {
		return b, err
	}
	for i := range b.Payouts {
		if p := &b.Payouts[i]; p.State == store.PayoutTaken {
			if err := a.takePayout(ctx, p); err != nil {
				return b, err
			}
		}
	}
	return a.PayoutBatch(ctx, id)
}

// takePayout lets a redemption know that it is being paid; one that was given back
// before, or whose account is gone, is dropped from the batch.
func (a *App) takePayout(ctx context.Context, p *store.Payout) error {
	status, to := ledger.Ready, store.PayoutReady
	_, known, err := a.accountOf(ctx, p.Member, p.Redemption)
	if err != nil && !errors.Is(err, journal.ErrUnknownMember) {
		return err
	}
	if !known {
		status, to = ledger.Failed, store.PayoutDropped
	}
	applied, err := a.fulfilPayout(ctx, p.Redemption, status)
	if err != nil {
		return err
	}
	if !applied {
		to = store.PayoutDropped
	}
	return a.Store.SetPayoutState(ctx, p.Redemption, store.PayoutTaken, to)
}

// fulfilPayout leads a redemption to a state, once, and tells whether that was
// possible.
func (a *App) fulfilPayout(ctx context.Context, redemption string, status ledger.RedemptionStatus) (bool, error) {
	e := &event.Event{ID: "payout:" + hashed(redemption) + ":" + status.String(), Type: event.Fulfilment, Redemption: redemption, Status: status.String()}
	answer, err := a.Record(ctx, e)
	if code := AsProblem(err).Code; code == CodeMemberErased || code == CodeUnknownRedemption {
		return false, nil
	}
	return err == nil && answer.Decision.Outcome == engine.Applied, err
}

// PayoutBatch reads a batch. The error is a *Problem if there is none.
func (a *App) PayoutBatch(ctx context.Context, id string) (PayoutBatch, error) {
	all, err := a.Store.PayoutBatches(ctx)
	if err != nil {
		return PayoutBatch{}, err
	}
	for _, b := range all {
		if b.ID == id {
			payouts, err := a.Store.Payouts(ctx, id)
			return PayoutBatch{b, payouts}, err
		}
	}
	return PayoutBatch{}, problem(CodeUnknownPayoutBatch, "id", text.Say("there is no batch {ID} of pay-outs", strconv.Quote(id)), "Key", text.Quoted(id))
}

// PayoutBatches lists all batches, the oldest first.
func (a *App) PayoutBatches(ctx context.Context) ([]PayoutBatch, error) {
	all, err := a.Store.PayoutBatches(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]PayoutBatch, len(all))
	for i, b := range all {
		payouts, err := a.Store.Payouts(ctx, b.ID)
		if err != nil {
			return nil, err
		}
		out[i] = PayoutBatch{b, payouts}
	}
	return out, nil
}

// payoutAccount is the setting that has the business's own account.
const payoutAccount = "payout_account"

// CheckedAccount reads a business's own account.
func CheckedAccount(name, iban, bic string) (bank.Account, error) {
	out := bank.Account{BIC: strings.ToUpper(strings.TrimSpace(bic))}
	var err error
	if out.Name, err = bank.ParseName(name); err != nil {
		return out, problem(event.CodeInvalid, "name", text.Of(err))
	}
	if out.IBAN, err = bank.ParseIBAN(iban); err != nil {
		return out, problem(CodeInvalidIBAN, "iban", text.Of(err))
	}
	if n := len(out.BIC); n != 0 && n != 8 && n != 11 || strings.Trim(out.BIC, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" {
		return out, problem(event.CodeInvalid, "bic", "a BIC is 8 or 11 letters and digits (ISO 9362)")
	}
	return out, nil
}

// SetPayoutAccount keeps the account that pay-outs are paid from.
func (a *App) SetPayoutAccount(ctx context.Context, from bank.Account) error {
	value, err := json.Marshal(from)
	if err != nil {
		return err
	}
	row := a.audited(ctx, "settings.changed", payoutAccount, "iban", from.IBAN.Masked())
	return a.change(ctx, row, func(tx *store.Tx) error { return tx.SetSetting(ctx, payoutAccount, value) })
}

// PayoutAccount gives that account. The error is a *Problem if none was set.
func (a *App) PayoutAccount(ctx context.Context) (from bank.Account, err error) {
	value, err := a.Store.Setting(ctx, payoutAccount)
	if errors.Is(err, store.ErrNotFound) {
		return from, problem(CodeNoPayoutAccount, "", "the business's own account is not known; set it by premia payout account, or say it with the export")
	}
	if err == nil {
		err = json.Unmarshal(value, &from)
	}
	return from, err
}

// PayoutOrder gives what the bank is asked for a batch, to be paid on a day (2026-03-01;
// empty for the day of the batch). It has accounts of members, so that somebody took it
// is kept.
func (a *App) PayoutOrder(ctx context.Context, id string, from bank.Account, day string) (*bank.Order, error) {
	b, err := a.PayoutBatch(ctx, id)
	if err != nil {
		return nil, err
	}
	if n, _ := b.Sum(store.PayoutTaken); n > 0 {
		return nil, problem(CodePayoutUnfinished, "id", text.Say("the batch was not finished; create it again with the id {ID}, which goes on with it", strconv.Quote(id)))
	}
	p := a.program()
	if p == nil {
		return nil, refused(journal.ErrNoProgram, &event.Event{})
	}
	created := b.Created.In(time.UTC)
	if day == "" {
		day = b.Created.In(p.Zone).Format(time.DateOnly)
	} else if _, err := time.Parse(time.DateOnly, day); err != nil {
		return nil, problem(event.CodeInvalid, "day", "write the day as 2026-03-01")
	}
	out := &bank.Order{ID: b.ID, Created: created.Format("2006-01-02T15:04:05Z"), Day: day, From: from, Currency: p.Currency}
	for i := range b.Payouts {
		one := &b.Payouts[i]
		if one.State == store.PayoutDropped {
			continue
		}
		to, known, err := a.accountOf(ctx, one.Member, one.Redemption)
		if err != nil {
			return nil, err
		}
		if !known && one.State == store.PayoutFailed {
			continue
		}
		if !known {
			return nil, problem(CodeAccountGone, "id", text.Say("the account of the redemption {Redemption} was erased since; settle that pay-out as failed before anything is paid", one.Redemption))
		}
		out.Transfers = append(out.Transfers, bank.Transfer{ID: hashed(one.Redemption), To: to, Amount: one.Amount, Reference: one.Redemption})
	}
	if len(out.Transfers) == 0 {
		return nil, problem(CodeNothingToPay, "id", "nothing is left to be paid in this batch")
	}
	return out, a.note(ctx, a.audited(ctx, "payouts.exported", b.ID, "transfers", int64(len(out.Transfers))))
}

// SettlePayouts says what became of a batch: the redemptions named failed, by their
// ids or end-to-end ids, and all others were sent. What was settled before stays; to
// say otherwise of it is an error.
func (a *App) SettlePayouts(ctx context.Context, id string, failed []string) (PayoutBatch, error) {
	b, err := a.PayoutBatch(ctx, id)
	if err != nil {
		return b, err
	}
	if n, _ := b.Sum(store.PayoutTaken); n > 0 {
		return b, problem(CodePayoutUnfinished, "id", text.Say("the batch was not finished; create it again with the id {ID}, which goes on with it", strconv.Quote(id)))
	}
	fails := func(p *store.Payout) bool {
		return slices.Contains(failed, p.Redemption) || slices.Contains(failed, hashed(p.Redemption))
	}
	for _, one := range failed {
		at := slices.IndexFunc(b.Payouts, func(p store.Payout) bool { return p.Redemption == one || hashed(p.Redemption) == one })
		switch {
		case at < 0:
			return b, problem(CodeUnknownPayout, "failed", text.Say("the batch has no pay-out {One}", strconv.Quote(one)), "Key", text.Quoted(one))
		case b.Payouts[at].State == store.PayoutSent:
			return b, problem(CodePayoutSettled, "failed", text.Say("the pay-out {One} was settled as sent before", strconv.Quote(one)), "Key", text.Quoted(one))
		}
	}
	row := []auditRow{a.audited(ctx, "payouts.settled", b.ID, "failed", int64(len(failed)))}
	for i := range b.Payouts {
		p := &b.Payouts[i]
		if p.State != store.PayoutReady {
			continue
		}
		status, to := ledger.Sent, store.PayoutSent
		if fails(p) {
			status, to = ledger.Failed, store.PayoutFailed
		}
		if err := a.settlePayout(ctx, p, status, to, row...); err != nil {
			return b, err
		}
		row = nil // said once, with the first
	}
	return a.PayoutBatch(ctx, id)
}

// settlePayout says what became of one pay-out.
func (a *App) settlePayout(ctx context.Context, p *store.Payout, status ledger.RedemptionStatus, to store.PayoutState, rows ...auditRow) error {
	if _, err := a.fulfilPayout(ctx, p.Redemption, status); err != nil {
		return err
	}
	return a.Store.SetPayoutState(ctx, p.Redemption, store.PayoutReady, to, rows...)
}

// FailPayout says that one pay-out of a batch failed, and nothing of the others.
func (a *App) FailPayout(ctx context.Context, id, redemption string) (PayoutBatch, error) {
	b, err := a.PayoutBatch(ctx, id)
	if err != nil {
		return b, err
	}
	at := slices.IndexFunc(b.Payouts, func(p store.Payout) bool { return p.Redemption == redemption })
	switch {
	case at < 0:
		return b, problem(CodeUnknownPayout, "failed", text.Say("the batch has no pay-out {One}", strconv.Quote(redemption)), "Key", text.Quoted(redemption))
	case b.Payouts[at].State == store.PayoutTaken:
		return b, problem(CodePayoutUnfinished, "id", text.Say("the batch was not finished; create it again with the id {ID}, which goes on with it", strconv.Quote(id)))
	case b.Payouts[at].State != store.PayoutReady:
		return b, problem(CodePayoutSettled, "failed", text.Say("the pay-out {One} was settled before", strconv.Quote(redemption)), "Key", text.Quoted(redemption))
	}
	if err := a.settlePayout(ctx, &b.Payouts[at], ledger.Failed, store.PayoutFailed, a.audited(ctx, "payouts.settled", b.ID, "failed", redemption)); err != nil {
		return b, err
	}
	return a.PayoutBatch(ctx, id)
}

// OrderedPayouts lists the pay-outs that are in no batch yet.
func (a *App) OrderedPayouts(ctx context.Context) ([]store.Payout, error) {
	if _, err := a.Journal.Deliver(ctx, Payouts{a}); err != nil {
		return nil, err
	}
	return a.Store.Payouts(ctx, "")
}

// EndToEnd gives the id by which a bank knows a pay-out.
func EndToEnd(p *store.Payout) string { return hashed(p.Redemption) }

// payouts copies the batches of pay-outs and the pay-outs.
func (m *mover) payouts(ctx context.Context) error {
	batches, err := m.source.PayoutBatches(ctx)
	if err != nil {
		return err
	}
	for _, b := range append(batches, store.PayoutBatch{}) {
		if b.ID != "" {
			if err := m.to.AddPayoutBatch(ctx, b); err != nil {
				return err
			}
		}
		payouts, err := m.source.Payouts(ctx, b.ID)
		if err != nil {
			return err
		}
		for _, p := range payouts {
			if err := m.to.AddPayout(ctx, p); err != nil {
				return err
			}
		}
	}
	return nil
}
