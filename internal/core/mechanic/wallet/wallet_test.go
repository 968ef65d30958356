package wallet_test

import (
	"strings"
	"testing"
	"time"

	"premia/internal/core/calendar"
	"premia/internal/core/document"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/testkit/mechanics"
)

func TestBadWallets(t *testing.T) {
	mechanics.RefusedAs(t, `wallets: {}`, "wallets", "missing")
	mechanics.RefusedAs(t, `wallets: {Points: {name: points}}`, "wallets.Points", "invalid")
	mechanics.RefusedAs(t, `wallets: {points: {}}`, "wallets.points.name", document.CodeMissing)
	mechanics.RefusedAs(t, `wallets: {points: {name: {en: {one: point}}}}`, "wallets.points.name.en.other", document.CodeMissing)
	mechanics.RefusedAs(t, `wallets: {points: {name: points, pending: {until: parcel}}}`, "wallets.points.pending.until", "unknown_event_type")
}

const rules = `
events: {delivery: {name: {en: delivery, pl: dostawa, cs: doručení, ru: доставка}}}
wallets:
  points:
    name: {en: {one: point, other: points}, pl: {one: punkt, few: punkty, many: punktów, other: punktu}, cs: {one: bod, few: body, other: bodů}, ru: {one: балл, few: балла, many: баллов, other: балла}}
    pending: {until: delivery}
    expires: {after activity: 30d}
    worth: 0.05
earn: [{id: spend, give: {points: 1, per: 1.00}}]
`

func purchase(order string, at calendar.Instant) event.Event {
	return event.Event{ID: order, Type: event.Purchase, Order: order, Total: 10_00, Given: event.GivenTotal, At: at}
}

// What waits for an event becomes spendable by the one of its own order.
func TestDelivery(t *testing.T) {
	m := &mechanics.Member{T: t, Program: mechanics.Load(t, rules), State: ledger.State{Status: ledger.Active}, ID: 7}
	m.Decide(purchase("A", mechanics.Began))
	m.Decide(purchase("B", mechanics.Began))
	if got := m.Balance("points"); got != (ledger.Balance{Pending: 20}) {
		t.Errorf("before the delivery: %+v", got)
	}
	m.Decide(event.Event{ID: "d", Type: "delivery", Order: "A", At: mechanics.Began + 1})
	if got := m.Balance("points"); got != (ledger.Balance{Pending: 10, Available: 10}) {
		t.Errorf("after the delivery of one of two orders: %+v", got)
	}
}

// Points live on by activity: a purchase on the last day keeps them, without one
// they are gone.
func TestActivityRenews(t *testing.T) {
	const day = calendar.Instant(24 * time.Hour / time.Microsecond)
	for again, want := range map[calendar.Instant]int64{29: 10, 0: 0} {
		m := &mechanics.Member{T: t, Program: mechanics.Load(t, rules), State: ledger.State{Status: ledger.Active}, ID: 7}
		m.Decide(purchase("A", mechanics.Began))
		m.Decide(event.Event{ID: "d", Type: "delivery", Order: "A", At: mechanics.Began})
		if again > 0 {
			m.Decide(purchase("B", mechanics.Began+again*day))
		}
		m.Decide(event.Event{ID: "late", Type: "delivery", Order: "none", At: mechanics.Began + 40*day})
		if got := m.Balance("points").Available; got != want {
			t.Errorf("with a purchase after %d days: %d points after 40, want %d", again, got, want)
		}
	}
}

func TestWords(t *testing.T) {
	p := mechanics.Load(t, rules)
	for lang, want := range map[string][]string{
		"en": {"1 point has a value of PLN 0.05.", "Pending until the event “delivery” for the same order.", "Valid for 30 days after your last purchase."},
		"pl": {"0,05 zł", "dostawa", "30 dni"}, "cs": {"0,05", "doručení", "30 dní"}, "ru": {"0,05", "доставка", "30 дней"},
	} {
		said := mechanics.Described(t, p, lang)
		for _, part := range want {
			if !strings.Contains(said, part) || strings.Contains(said, "⟦") {
				t.Errorf("in %s: %s, want %q", lang, said, part)
			}
		}
	}
}
