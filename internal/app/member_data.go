package app

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/core/money"
	"premia/internal/journal"
	"premia/internal/store"
)

// Consent is what a member agreed to, or did not.
type Consent struct {
	Name  string
	Given bool
	// At is when it was said last.
	At calendar.Instant
}

// Consents gives what a member said of each channel or purpose, and when, by name.
func (a *App) Consents(ctx context.Context, id ledger.MemberID) ([]Consent, error) {
	m, err := a.Member(ctx, id.String())
	if err != nil {
		return nil, err
	}
	missing := len(m.Consents)
	out := make([]Consent, 0, missing)
	for name, given := range m.Consents {
		out = append(out, Consent{Name: name, Given: given})
	}
	slices.SortFunc(out, func(x, y Consent) int { return strings.Compare(x.Name, y.Name) })
	err = a.eachEntry(ctx, id, func(answer *journal.Answer) bool {
		for i := range answer.Event.Data {
			name, ok := strings.CutPrefix(answer.Event.Data[i].Name, ConsentPrefix)
			if !ok {
				continue
			}
			for j := range out {
				if out[j].Name == name && out[j].At == calendar.None {
					out[j].At = answer.Decision.At
					missing--
				}
			}
		}
		return missing > 0
	})
	return out, err
}

// eachEntry gives the entries of a member's history to fn, the newest first, until it
// has enough.
func (a *App) eachEntry(ctx context.Context, id ledger.MemberID, fn func(*journal.Answer) bool) error {
	var from []HistoryPlace
	for {
		page, _, next, err := a.History(ctx, id.String(), from, MaxPage)
		if err != nil {
			return err
		}
		for i := range page {
			if !fn(&page[i]) {
				return nil
			}
		}
		if next == nil {
			return nil
		}
		from = next
	}
}

// MemberData is all that is known of a member, for the member (GDPR, articles 15 and
// 20). Amounts are decimal numbers with their unit, times RFC 3339.
type MemberData struct {
	Member     string            `json:"member"`
	Status     string            `json:"status"`
	EnrolledAt string            `json:"enrolled_at,omitempty"`
	Identities []string          `json:"identities"`
	Profile    map[string]string `json:"profile"`
	Facts      map[string]string `json:"facts"`
	Consents   []ConsentData     `json:"consents"`
	Wallets    []WalletData      `json:"wallets"`
	Levels     []LevelData       `json:"levels"`
	Vouchers   []VoucherData     `json:"vouchers"`
	// BankAccounts are those that cashback is paid to, as the member wrote them.
	BankAccounts []string      `json:"bank_accounts"`
	History      []EntryData   `json:"history"`
	Sessions     []SessionData `json:"sessions"`
	Passkeys     []PasskeyData `json:"passkeys"`
}

// ConsentData is a consent in an export.
type ConsentData struct {
	Name  string `json:"name"`
	Given bool   `json:"given"`
	At    string `json:"at,omitempty"`
}

// WalletData is a wallet in an export.
type WalletData struct {
	Wallet    string    `json:"wallet"`
	Available string    `json:"available"`
	Pending   string    `json:"pending"`
	Held      string    `json:"held"`
	Debt      string    `json:"debt"`
	Lots      []LotData `json:"lots"`
}

// LotData is what one rule gave once, in an export.
type LotData struct {
	Remaining string `json:"remaining"`
	EarnedAt  string `json:"earned_at"`
	ExpiresAt string `json:"expires_at,omitempty"`
	Pending   bool   `json:"pending,omitempty"`
}

// LevelData is a level of a ladder, in an export.
type LevelData struct {
	Ladder string `json:"ladder"`
	Level  string `json:"level"`
	Since  string `json:"since,omitempty"`
}

// VoucherData is a code in an export.
type VoucherData struct {
	Code   string `json:"code"`
	Reward string `json:"reward"`
	State  string `json:"state"`
	Until  string `json:"until,omitempty"`
}

// EntryData is an entry of the history in an export, with the reasons in words.
type EntryData struct {
	Event    json.RawMessage `json:"event"`
	Recorded string          `json:"recorded"`
	Outcome  string          `json:"outcome"`
	Reasons  []string        `json:"reasons,omitempty"`
}

// SessionData is a browser that is signed in, in an export.
type SessionData struct {
	Method  string `json:"method"`
	Address string `json:"address"`
	Agent   string `json:"agent"`
	Created string `json:"created"`
	Seen    string `json:"seen"`
}

// PasskeyData is a passkey by which the member signs in, in an export.
type PasskeyData struct {
	Name     string `json:"name"`
	Created  string `json:"created"`
	LastUsed string `json:"last_used,omitempty"`
}

// MemberData gives all that is known of a member, with the reasons in a language.
func (a *App) MemberData(ctx context.Context, id ledger.MemberID, lang string) (*MemberData, error) {
	m, err := a.Member(ctx, id.String())
	if err != nil {
		return nil, err
	}
	out := &MemberData{
		Member: m.ID.String(), Status: statusName(m.Status), EnrolledAt: dated(m.EnrolledAt), Identities: []string{}, Profile: m.Profile, Facts: m.Facts,
		Consents: []ConsentData{}, Wallets: []WalletData{}, Levels: []LevelData{}, Vouchers: []VoucherData{}, BankAccounts: []string{}, History: []EntryData{}, Sessions: []SessionData{}, Passkeys: []PasskeyData{},
	}
	for _, i := range m.Identities {
		out.Identities = append(out.Identities, i.String())
	}
	for i := range m.Wallets {
		out.Wallets = append(out.Wallets, walletData(&m.Wallets[i]))
	}
	consents, err := a.Consents(ctx, id)
	if err != nil {
		return nil, err
	}
	for _, c := range consents {
		out.Consents = append(out.Consents, ConsentData{c.Name, c.Given, dated(c.At)})
	}
	if err := a.ownedBy(ctx, id, out); err != nil {
		return nil, err
	}
	sessions, err := a.MemberSessions(ctx, id)
	if err != nil {
		return nil, err
	}
	for _, x := range sessions {
		out.Sessions = append(out.Sessions, SessionData{x.Method, x.Address, x.Agent, dated(x.Created), dated(x.Seen)})
	}
	passkeys, err := a.MemberPasskeys(ctx, id)
	if err != nil {
		return nil, err
	}
	for _, k := range passkeys {
		out.Passkeys = append(out.Passkeys, PasskeyData{k.Name, dated(k.Created), dated(k.LastUsed)})
	}
	err = a.eachEntry(ctx, id, func(answer *journal.Answer) bool {
		out.History = append(out.History, a.entryData(answer, lang))
		return true
	})
	return out, err
}

// mostVouchers is more vouchers than a member has.
const mostVouchers = 1_000_000

// ownedBy adds the levels, all vouchers and the bank accounts of a member.
func (a *App) ownedBy(ctx context.Context, id ledger.MemberID, out *MemberData) error {
	codes, err := a.Store.CodesOfMember(ctx, id, calendar.Beginning, mostVouchers)
	if err != nil {
		return err
	}
	vouchers, err := a.codeStates(ctx, codes)
	if err != nil {
		return err
	}
	for i := range vouchers {
		v := &vouchers[i]
		out.Vouchers = append(out.Vouchers, VoucherData{v.Code.Code, v.RewardID, v.State, dated(v.Until)})
	}
	standings, _, _, err := a.Tiers(ctx, id.String())
	if err != nil {
		return err
	}
	for i := range standings {
		s := &standings[i]
		out.Levels = append(out.Levels, LevelData{s.Ladder.ID, s.Level.ID, dated(s.Since)})
	}
	personal, err := a.Store.PersonalOf(ctx, id)
	for i := range personal {
		if personal[i].Kind == store.Bank {
			out.BankAccounts = append(out.BankAccounts, personal[i].Value)
		}
	}
	return err
}

func (a *App) entryData(answer *journal.Answer, lang string) EntryData {
	x := a.Explain(answer, lang)
	return EntryData{
		Event: Shown(answer.Event).Append(nil, a.Journal.Rules().Scales()), Recorded: dated(answer.Recorded), Outcome: x.Outcome, Reasons: append(x.Reasons, x.Movements...),
	}
}

func walletData(w *WalletOf) WalletData {
	scale := w.Wallet.Unit.Scale
	show := func(minor int64) string { return money.Format(minor, scale) }
	out := WalletData{Wallet: w.Wallet.ID, Available: show(w.Available), Pending: show(w.Pending), Held: show(w.Held), Debt: show(w.Debt), Lots: []LotData{}}
	for i := range w.Lots {
		l := &w.Lots[i]
		out.Lots = append(out.Lots, LotData{show(l.Remaining), dated(l.EarnedAt), dated(l.ExpiresAt), l.Pending})
	}
	return out
}

func statusName(s ledger.Status) string {
	switch s {
	case ledger.Blocked:
		return "blocked"
	case ledger.Erased:
		return "erased"
	}
	return "active"
}

// dated is an instant as files have it; empty where there is none.
func dated(at calendar.Instant) string {
	if at == calendar.None || at == calendar.Never || at == calendar.Beginning {
		return ""
	}
	return at.In(time.UTC).Format(time.RFC3339)
}

// Applied tells whether an event did what it asked for.
func Applied(answer *journal.Answer) bool {
	return answer.Decision.Outcome == engine.Applied || answer.Decision.Outcome == engine.WaitsForGiftCard
}
