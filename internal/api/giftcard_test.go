package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"premia/internal/api"
)

// TestGiftCardsOverTheAPI sells a card, pays with it in parts, and gives back.
func TestGiftCardsOverTheAPI(t *testing.T) {
	t.Parallel()
	onEach(t, "refuse", func(t *testing.T, f *fixture) {
		sale := `{"id":"sale","kind":"birthday","amount":"100.00","order":"2041"}`
		sold := must[api.GiftCardEvent](f, 201, http.MethodPost, "/v1/gift-cards", sale)
		again := must[api.GiftCardEvent](f, 200, http.MethodPost, "/v1/gift-cards", sale)
		code := sold.GiftCard.Code
		if !strings.HasPrefix(code, "GIFT-") || again.GiftCard.Code != code || sold.GiftCard.Available != "100.00" || sold.GiftCard.Currency != "PLN" || sold.GiftCard.Parts[0].ExpiresAt == nil {
			t.Errorf("sold %+v, and again %+v", sold.GiftCard, again.GiftCard)
		}
		if record := f.request(http.MethodGet, "/v1/events/sale", "").Body.String(); strings.Contains(record, code) || strings.Contains(record, strings.ReplaceAll(code, "-", "")) {
			t.Errorf("the journal says the code: %s", record)
		}
		card := "/v1/gift-cards/" + strings.ToLower(strings.ReplaceAll(code, "-", ""))
		held := must[api.GiftCardEvent](f, 201, http.MethodPost, card+"/payments", `{"id":"p1","amount":"30.50","order":"2042","hold":true}`)
		if held.GiftCard.Available != "69.50" || held.GiftCard.Held != "30.50" {
			t.Errorf("held: %+v", held.GiftCard)
		}
		paid := must[api.GiftCardPaymentEvent](f, 201, http.MethodPost, "/v1/gift-card-payments/p1/confirm", `{"id":"c1"}`)
		must[api.GiftCardPaymentEvent](f, 200, http.MethodPost, "/v1/gift-card-payments/p1/confirm", `{"id":"c1"}`)
		if paid.Payment.Status != "paid" || paid.Payment.Amount != "30.50" || paid.Payment.Order != "2042" {
			t.Errorf("paid: %+v", paid.Payment)
		}
		part := must[api.GiftCardPaymentEvent](f, 201, http.MethodPost, "/v1/gift-card-payments/p1/refund", `{"id":"r1","amount":"10.00"}`)
		all := must[api.GiftCardPaymentEvent](f, 201, http.MethodPost, "/v1/gift-card-payments/p1/refund", `{"id":"r2"}`)
		if part.Payment.Status != "paid" || part.Payment.Refunded != "10.00" || all.Payment.Status != "refunded" || all.Payment.Refunded != "30.50" {
			t.Errorf("refunded: %+v, then %+v", part.Payment, all.Payment)
		}
		must[api.GiftCardEvent](f, 201, http.MethodPost, card+"/top-ups", `{"id":"t1","amount":"5.00"}`)
		if read := must[api.GiftCard](f, 200, http.MethodGet, card, ""); read.Available != "105.00" || len(read.Parts) != 2 {
			t.Errorf("after all: %+v", read)
		}
		must[api.GiftCardEvent](f, 201, http.MethodPost, card+"/payments", `{"id":"p2","amount":"105.00","hold":true}`)
		must[api.GiftCardPaymentEvent](f, 201, http.MethodPost, "/v1/gift-card-payments/p2/cancel", `{}`)
		must[api.GiftCardEvent](f, 201, http.MethodPost, card+"/payments", `{"id":"p3","amount":"105.00","hold":true}`)
		f.clock.Advance(time.Hour)
		for id, status := range map[string]string{"p2": "cancelled", "p3": "timed_out"} {
			if got := must[api.GiftCardPayment](f, 200, http.MethodGet, "/v1/gift-card-payments/"+id, ""); got.Status != status {
				t.Errorf("%s: %+v, want %s", id, got, status)
			}
		}
	})
}

// TestGiftCardRefusals asks for what can't be, and gets a code and why.
func TestGiftCardRefusals(t *testing.T) {
	t.Parallel()
	onEach(t, "refuse", func(t *testing.T, f *fixture) {
		issue := func(id, kind, amount string) string {
			return "/v1/gift-cards/" + must[api.GiftCardEvent](f, 201, http.MethodPost, "/v1/gift-cards", `{"id":"`+id+`","kind":"`+kind+`","amount":"`+amount+`"}`).GiftCard.Code
		}
		card, euro, empty, blocked := issue("a", "birthday", "50"), issue("b", "travel", "50"), issue("c", "birthday", "1"), issue("d", "birthday", "9")
		must[api.GiftCardEvent](f, 201, http.MethodPost, empty+"/payments", `{"id":"all","amount":"1"}`)
		must[api.GiftCardEvent](f, 201, http.MethodPost, blocked+"/block", `{"blocked":true,"reason":"stolen"}`)
		must[api.GiftCardEvent](f, 201, http.MethodPost, card+"/payments", `{"id":"paid","amount":"10"}`)
		for _, c := range []struct {
			status     int
			code       string
			path, body string
		}{
			{422, "malformed_gift_card", "/v1/gift-cards/x!/payments", `{"amount":"1"}`},
			{404, "unknown_gift_card", "/v1/gift-cards/ABCDEF12/payments", `{"amount":"1"}`},
			{409, "gift_card_currency", euro + "/payments", `{"amount":"1"}`},
			{422, "gift_card_currency", card + "/payments", `{"amount":"1","currency":"USD"}`},
			{409, "gift_card_currency", card + "/payments", `{"amount":"1","currency":"EUR"}`},
			{409, "gift_card_empty", empty + "/payments", `{"amount":"1"}`},
			{409, "gift_card_blocked", blocked + "/payments", `{"amount":"1"}`},
			{409, "insufficient_balance", card + "/payments", `{"amount":"40.01"}`},
			{409, "no_top_up", euro + "/top-ups", `{"amount":"1","currency":"EUR"}`},
			{409, "amount_not_offered", card + "/top-ups", `{"amount":"500"}`},
			{422, "amount_too_precise", card + "/payments", `{"amount":"1.001"}`},
			{422, "amount_out_of_range", card + "/payments", `{"amount":"0"}`},
			{422, "amount_not_offered", "/v1/gift-cards", `{"kind":"birthday","amount":"501"}`},
			{422, "unknown_gift_card_kind", "/v1/gift-cards", `{"kind":"wedding","amount":"5"}`},
			{404, "unknown_payment", "/v1/gift-card-payments/nope/confirm", `{}`},
			{409, "already_confirmed", "/v1/gift-card-payments/paid/confirm", `{}`},
			{409, "already_confirmed", "/v1/gift-card-payments/paid/cancel", `{}`},
			{409, "more_than_paid", "/v1/gift-card-payments/paid/refund", `{"amount":"10.01"}`},
		} {
			if p := f.problem(c.status, c.code, http.MethodPost, c.path, c.body, "Accept-Language", "pl"); strings.Contains(p.Title, "⟦") || p.Detail == "" {
				t.Errorf("%s %s: %+v", c.path, c.body, p)
			}
		}
		f.problem(422, "not_allowed", http.MethodPost, "/v1/events", `{"type":"gift_card_payment","wallet":"gift_card_pln","amount":"1"}`)
		if read := must[api.GiftCard](f, 200, http.MethodGet, card, ""); read.Available != "40.00" {
			t.Errorf("after all refusals the card is %+v", read)
		}
	})
}

// TestGiftCardForPointsOverTheAPI takes a gift card as a reward, twice by the same
// request, and gives it back.
func TestGiftCardForPointsOverTheAPI(t *testing.T) {
	t.Parallel()
	onEach(t, "refuse", func(t *testing.T, f *fixture) {
		f.member("1", "50.00")
		taken := must[api.RedemptionEvent](f, 201, http.MethodPost, "/v1/members/card:1/redemptions", `{"id":"g1","reward":"gift"}`)
		must[api.RedemptionEvent](f, 200, http.MethodPost, "/v1/members/card:1/redemptions", `{"id":"g1","reward":"gift"}`)
		card := must[api.GiftCard](f, 200, http.MethodGet, "/v1/redemptions/g1/gift-card", "")
		if card.Available != "20.00" || taken.Redemption.Status != "handed_over" || f.balance("card:1") != "50" {
			t.Errorf("taken: %+v, the card %+v, the balance %s", taken.Redemption, card, f.balance("card:1"))
		}
		back := must[api.RedemptionEvent](f, 201, http.MethodPost, "/v1/redemptions/g1/refund", `{"id":"b1"}`)
		if back.Redemption.Status != "refunded" || f.balance("card:1") != "60" {
			t.Errorf("given back: %+v, the balance %s", back.Redemption, f.balance("card:1"))
		}
		must[api.RedemptionEvent](f, 201, http.MethodPost, "/v1/members/card:1/redemptions", `{"id":"g2","reward":"gift"}`)
		used := must[api.GiftCard](f, 200, http.MethodGet, "/v1/redemptions/g2/gift-card", "")
		must[api.GiftCardEvent](f, 201, http.MethodPost, "/v1/gift-cards/"+used.Code+"/payments", `{"amount":"0.01"}`)
		f.problem(409, "gift_card_used", http.MethodPost, "/v1/redemptions/g2/refund", `{"id":"b2"}`)
		f.problem(404, "unknown_redemption", http.MethodGet, "/v1/redemptions/g3/gift-card", "")
	})
}
