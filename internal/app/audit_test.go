package app_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/bank"
	"premia/internal/core/calendar"
	"premia/internal/core/event"
	"premia/internal/store"
)

const officeProgram = `
program: Office
currency: PLN
timezone: Europe/Warsaw
languages: [en]
enrolment: {unknown: enrol}
wallets:
  points: {name: points, debt: carry}
earn:
  - {id: spend, give: {points: 1, per: 1.00}}
rewards:
  - {id: cash, name: cash, kind: cashback, amount: 0.05, least: 1.00, most: 50.00, price: {points: 1}, refund: {}}
  - {id: spring, name: spring, kind: discount, discount: {percent: 10}, codes: {pattern: "SPRING-######"}}
gift cards:
  - {id: birthday, name: Birthday card, most: 500, top up: true}
contests:
  - id: mug
    until: 2026-03-31
    draw: 2026-04-02 12:00
    per: 10.00
    prizes:
      - {id: first, give: {points: 1000}}
`

// TestActsAreInTheTrail lets a manager do what changes more than one row, and finds each
// act in the audit trail once, with who did it, however often it is asked for.
func TestActsAreInTheTrail(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		h := openHouse(t, url)
		by := h.as(auth.Actor{Kind: auth.KindUser, ID: "usr_manager", Role: auth.Owner, Address: "192.0.2.9", Proved: true})
		_, err := h.Publish(by, []byte(officeProgram), calendar.None, "")
		h.does(err, "")
		_, err = h.Publish(by, []byte(strings.Replace(officeProgram, "percent: 10", "percent: 20", 1)), calendar.None, "")
		h.does(err, "")
		for range 2 {
			_, err = h.PublishAgain(by, 1)
			h.does(err, "")
			_, err = h.GenerateCodes(by, app.NewCodes{ID: "made", Reward: "spring", Count: 3}, nil)
			h.does(err, "")
			_, err = h.ImportCodes(by, app.NewCodes{ID: "printed", Reward: "spring"}, strings.NewReader("code\nSECRET-CODE-1\nSECRET-CODE-2\n"), nil)
			h.does(err, "")
			price, err := h.CheckPrice(app.NewPrice{SKU: "A", Price: "10.00", At: calendar.Of(h.clock.Now().Add(-time.Hour).Truncate(time.Hour))})
			h.does(err, "")
			_, err = h.PutPrices(by, []store.Price{price})
			h.does(err, "")
			_, _, err = h.IssueGiftCard(by, &app.NewGiftCard{EventID: "card", Kind: "birthday", Amount: 50_00})
			h.does(err, "")
		}
		_, err = h.Record(by, &event.Event{ID: "p", Type: event.Purchase, Member: "card:1", Total: 900_00, Given: event.GivenTotal})
		h.does(err, "")
		_, _, err = h.GiveCode(by, "card:1", "SECRET-CODE-1")
		h.does(err, "")
		_, err = h.BlockCode(by, "SECRET-CODE-2")
		h.does(err, "")
		_, err = h.RecordPayout(by, &event.Event{ID: "cash", Type: event.Redemption, Member: "card:1", Reward: "cash", Wallet: "points", Amount: 100, Given: event.GivenAmount}, app.BankAccount{IBAN: annasAccount, Name: "Anna Nowak"})
		h.does(err, "")
		h.does(h.SetPayoutAccount(by, own), "")
		for range 2 {
			_, err = h.CreatePayoutBatch(by, "march")
			h.does(err, "")
		}
		_, err = h.PayoutOrder(by, "march", bank.Account{Name: own.Name, IBAN: own.IBAN}, "")
		h.does(err, "")
		for range 2 {
			_, err = h.SettlePayouts(by, "march", nil)
			h.does(err, "")
		}
		h.clock.Advance(40 * 24 * time.Hour)
		for range 2 {
			_, err = h.DrawContest(by, "mug")
			h.does(err, "")
		}
		_, err = h.GenerateCodes(by, app.NewCodes{ID: "=2+2", Reward: "spring", Count: 1}, nil)
		h.does(err, "")
		trail := h.trail()
		for _, want := range []string{
			"program.published 2", "program.rolled_back 3", "codes.made made", "codes.imported printed", "prices.put ", "event.gift_card_issue", "event.purchase",
			"code.given printed", "code.blocked printed", "settings.changed payout_account", "payouts.batched march", "payouts.exported march", "payouts.settled march",
			"contest.drawn mug", "contest.finished mug",
		} {
			found := slices.IndexFunc(trail, func(r store.Audit) bool { return strings.HasPrefix(r.Action+" "+r.Target, want) })
			if found < 0 {
				t.Errorf("nothing is kept of %s", want)
				continue
			}
			if r := trail[found]; r.Actor != "usr_manager" || r.Kind != "user" || r.Address != "192.0.2.9" {
				t.Errorf("%s was done by %s %s from %s", want, r.Kind, r.Actor, r.Address)
			}
			if slices.ContainsFunc(trail[found+1:], func(r store.Audit) bool { return strings.HasPrefix(r.Action+" "+r.Target, want) }) {
				t.Errorf("%s is kept twice", want)
			}
		}
		for _, r := range trail {
			// As much of the account as no id has by chance.
			if text := strings.ReplaceAll(r.Target+r.Details, " ", ""); strings.Contains(text, "SECRET-CODE") || strings.Contains(text, "000007121981") || strings.Contains(text, "Nowak") {
				t.Errorf("%s says a secret or a personal value: %s", r.Action, text)
			}
		}
		var table bytes.Buffer
		h.does(h.ExportAudit(by, &table, "csv", store.AuditFilter{}), "")
		if !strings.Contains(table.String(), "codes.made,'=2+2,") {
			t.Errorf("a spreadsheet would reckon with %s", table.String())
		}
		trail = h.trail()
		if n, err := app.VerifyAudit(t.Context(), h.Store); err != nil || n != int64(len(trail)) {
			t.Errorf("of %d rows %d are as they were written: %v", len(trail), n, err)
		}
	})
}

// trail gives the whole audit trail.
func (h *house) trail() []store.Audit {
	h.t.Helper()
	rows, err := h.Store.AuditFrom(h.t.Context(), 0, 1000)
	h.does(err, "")
	return rows
}
