package app_test

import (
	"path/filepath"
	"strings"
	"testing"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/outbound"
	"premia/internal/store"
)

// TestWhyWebhooksFail says in another language what was kept of an attempt, and leaves the
// network's own words as they are.
func TestWhyWebhooksFail(t *testing.T) {
	t.Parallel()
	h := sqliteHouse(t)
	refused := outbound.Explain(&outbound.RefusedError{Why: "the port 22 belongs to another service"})
	for kept, want := range map[string]string{
		"":                "",
		"it answered 503": "odpowiedź: 503",
		outbound.NobodyThere.String() + ": dial tcp: refused": "pod tym adresem nikt nie słucha (połączenie odrzucone)",
		outbound.UnknownHost.String():                         "nazwa hosta nie jest znana",
		refused:                                               "tego adresu nie wolno wywoływać (the port 22 belongs to another service)",
		"the moon is full":                                    "nie można się połączyć (the moon is full)",
		app.NothingToTell.String():                            "nie ma już czego wysłać, bo odbiorcę tej wiadomości zmieniono",
	} {
		if got := h.Words.Sentence("pl", app.WentWrong(kept)); got != want {
			t.Errorf("%q is said as %q, want %q", kept, got, want)
		}
	}
	for kept, want := range map[string]string{
		"": "", outbound.TimedOut.String() + ": i/o timeout": h.Words.Sentence("pl", outbound.TimedOut), "550 no such mailbox": "550 no such mailbox",
		refused: "tego adresu nie wolno wywoływać (the port 22 belongs to another service)",
	} {
		if got := h.Words.Sentence("pl", app.NotSent(kept)); got != want {
			t.Errorf("a message that was kept with %q says %q, want %q", kept, got, want)
		}
	}
	for want, w := range map[string]app.Webhook{
		"":                                      {State: store.EndpointActive},
		"gone for good":                         {State: store.EndpointDisabled, Reason: app.ReasonGone},
		"what went wrong last: it answered 500": {State: store.EndpointDisabled, Reason: app.ReasonSilent + "long", Health: store.Health{LastError: "it answered 500"}},
		"it answered 404":                       {State: store.EndpointActive, Health: store.Health{Failures: 1, LastError: "it answered 404"}},
	} {
		if got := w.Why().String(); (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%+v: %q, want %q", w, got, want)
		}
	}
}

// TestAddressesThatAreNeverCalled are refused when they are written down, where it is known
// what may be called; one that was kept before stays.
func TestAddressesThatAreNeverCalled(t *testing.T) {
	t.Parallel()
	db := "sqlite:" + filepath.Join(t.TempDir(), "premia.db")
	h := openHouse(t, db)
	ctx := h.as(auth.System("test"))
	kept, _, err := h.CreateWebhook(ctx, app.NewWebhook{URL: "http://10.1.2.3/hooks"})
	h.does(err, "")
	served, err := app.Open(t.Context(), app.Config{DB: db, Clock: h.clock.Now, Outbound: &outbound.Policy{}})
	h.does(err, "")
	t.Cleanup(func() { served.Close() })
	for address, code := range map[string]string{"https://shop.example/hooks": "", "http://shop.example/hooks": app.CodeInvalidAddress, "https://127.0.0.1/hooks": app.CodeInvalidAddress} {
		_, _, err := served.CreateWebhook(ctx, app.NewWebhook{URL: address})
		h.does(err, code)
		change := address
		_, err = served.ChangeWebhook(ctx, kept.ID, app.WebhookChange{URL: &change})
		h.does(err, code)
	}
	before := "http://10.1.2.3/hooks"
	_, err = h.ChangeWebhook(ctx, kept.ID, app.WebhookChange{URL: &before})
	h.does(err, "")
	paused := true
	_, err = served.ChangeWebhook(ctx, kept.ID, app.WebhookChange{URL: &before, Paused: &paused})
	h.does(err, "")
}
