package api_test

import (
	"net/http"
	"strings"
	"testing"

	"premia/internal/api"
	"premia/internal/app"
)

// TestPayoutsOverTheAPI turns points into money, pays a batch, and gives back what
// could not be paid.
func TestPayoutsOverTheAPI(t *testing.T) {
	t.Parallel()
	onEach(t, "refuse", func(t *testing.T, f *fixture) {
		f.member("1", "100.00")
		take := func(id, more string) string {
			return `{"id":"` + id + `","reward":"cash",` + more + `"bank_account":{"iban":"PL61 1090 1014 0000 0712 1981 2874","name":"Anna Nowak"}}`
		}
		const path = "/v1/members/card:1/redemptions"
		taken := must[api.RedemptionEvent](f, 201, http.MethodPost, path, take("c1", `"amount":"25",`))
		must[api.RedemptionEvent](f, 200, http.MethodPost, path, take("c1", `"amount":"25",`))
		must[api.RedemptionEvent](f, 201, http.MethodPost, path, take("c2", `"quantity":15,`))
		if r := taken.Redemption; r.Status != "ordered" || r.PaysOut.Amount != "2.50" || r.BankAccount != "PL…2874" || f.balance("card:1") != "70" {
			t.Errorf("taken: %+v, the balance %s", r, f.balance("card:1"))
		}
		if record := strings.ReplaceAll(f.request(http.MethodGet, "/v1/events/c1", "").Body.String(), " ", ""); strings.Contains(record, "19812874") || strings.Contains(record, "Nowak") {
			t.Errorf("the journal says %s", record)
		}
		f.problem(409, "below_minimum", http.MethodPost, path, take("c3", `"amount":"4",`))
		f.problem(422, "missing", http.MethodPost, path, `{"reward":"cash","amount":"25"}`)
		f.problem(422, "invalid_iban", http.MethodPost, path, strings.Replace(take("c3", ""), "2874", "2875", 1))
		f.problem(422, "not_allowed", http.MethodPost, path, strings.Replace(take("c3", ""), "cash", "espresso", 1))

		batch := must[api.PayoutBatch](f, 200, http.MethodPost, "/v1/payout-batches", `{"id":"march"}`)
		if batch.Count != 2 || batch.Sum.Amount != "4.00" || !batch.Finished {
			t.Errorf("the batch: %+v", batch)
		}
		f.problem(409, "not_refundable", http.MethodPost, "/v1/redemptions/c1/refund", `{}`)
		f.problem(409, "nothing_to_pay", http.MethodPost, "/v1/payout-batches", `{"id":"april"}`)
		f.problem(409, "no_payout_account", http.MethodGet, "/v1/payout-batches/march/export", "")
		f.problem(404, "unknown_payout_batch", http.MethodGet, "/v1/payout-batches/april", "")
		own, err := app.CheckedAccount("Bean Club", "CZ65 0800 0000 1920 0014 5399", "GIBACZPX")
		if err == nil {
			err = f.app.SetPayoutAccount(t.Context(), own)
		}
		if err != nil {
			t.Fatal(err)
		}
		file := f.request(http.MethodGet, "/v1/payout-batches/march/export?day=2026-03-02", "")
		if file.Code != 200 || !strings.Contains(file.Body.String(), "<CtrlSum>4.00</CtrlSum>") || !strings.HasPrefix(file.Header().Get("Content-Type"), "application/xml") {
			t.Errorf("%d %s %s", file.Code, file.Header(), file.Body)
		}
		if table := f.request(http.MethodGet, "/v1/payout-batches/march/export?format=csv", "").Body.String(); !strings.HasSuffix(table, "total,2 payments,,4.00,PLN,\n") {
			t.Errorf("%s", table)
		}
		settled := must[api.PayoutBatch](f, 200, http.MethodPost, "/v1/payout-batches/march/settle", `{"failed":["c2"]}`)
		must[api.PayoutBatch](f, 200, http.MethodPost, "/v1/payout-batches/march/settle", `{"failed":["c2"]}`)
		for i, want := range []string{"sent", "failed"} {
			if settled.Payouts[i].Status != want {
				t.Errorf("settled: %+v", settled.Payouts)
			}
		}
		back := must[api.RedemptionEvent](f, 201, http.MethodPost, "/v1/redemptions/c2/refund", `{}`)
		if back.Redemption.Status != "refunded" || f.balance("card:1") != "85" {
			t.Errorf("refunded: %+v, the balance %s", back.Redemption, f.balance("card:1"))
		}
	})
}
