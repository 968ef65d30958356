package web_test

import (
	"slices"
	"strings"
	"testing"

	"premia/internal/app"
	"premia/internal/outbound"
	"premia/internal/store"
)

// TestWhyReceiversFailIsSaid reads in Polish why a receiver and a delivery to it failed, on
// its page and on the first one, with what the network said; and the deliveries in either
// order.
func TestWhyReceiversFailIsSaid(t *testing.T) {
	t.Parallel()
	w := openWork(t, workProgram)
	hook, _, err := w.CreateWebhook(system(), app.NewWebhook{URL: "https://example.com/hooks"})
	w.does(err)
	first, err := w.TestWebhook(system(), hook.ID, "first")
	w.does(err)
	_, err = w.TestWebhook(system(), hook.ID, "second")
	w.does(err)
	e, err := w.Store.Endpoint(t.Context(), hook.ID)
	w.does(err)
	claimed, err := w.Store.ClaimEndpoint(t.Context(), &e, "test")
	if err != nil || !claimed {
		t.Fatalf("the receiver is not held: %v", err)
	}
	e.Owner = "test"
	e.Failures, e.FailingSince, e.LastError = 3, w.Journal.Now(), outbound.NobodyThere.String()+": dial tcp 203.0.113.7:443: connect: connection refused"
	first.Attempts, first.State, first.Error = 1, store.DeliveryGivenUp, outbound.TimedOut.String()
	w.does(w.Store.TellDeliveries(t.Context(), &e, []store.Delivery{first}, nil))
	path := "/console/webhooks/" + hook.ID + "?lang=pl"
	for where, all := range map[string][]string{
		path:               {"Pod tym adresem nikt nie słucha (połączenie odrzucone).", "Brak odpowiedzi w wyznaczonym czasie."},
		"/console?lang=pl": {"nie odpowiada poprawnie: pod tym adresem nikt nie słucha"},
	} {
		for _, want := range all {
			if page := w.get(where); !strings.Contains(page, want) {
				t.Errorf("%s does not say %q", where, want)
			}
		}
	}
	path = strings.TrimSuffix(path, "pl") + "en" // files have commas between their columns in English
	down, up := w.file(path+"&format=csv"), w.file(path+"&sort=created&format=csv")
	slices.Reverse(up)
	if len(down) != 2 || !slices.EqualFunc(down, up, slices.Equal[[]string]) || down[1][3] != "1" {
		t.Errorf("the deliveries are %v, and the other way round %v", down, up)
	}
}
