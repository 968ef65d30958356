package app_test

import (
	"context"
	"testing"
	"time"

	"premia/internal/app"
	"premia/internal/auth"
)

// TestKeysAndWebhooksAskWhoActs calls what pages and operations call, as somebody who may
// not: the use cases refuse by themselves, whatever led to them.
func TestKeysAndWebhooksAskWhoActs(t *testing.T) {
	t.Parallel()
	h := sqliteHouse(t)
	system := h.as(auth.System("test"))
	hook, _, err := h.CreateWebhook(system, app.NewWebhook{URL: "https://example.com/hook"})
	h.does(err, "")
	_, key, err := h.CreateKey(system, "shop", "events:write", 0)
	h.does(err, "")
	reads := map[string]func(context.Context) error{
		"webhooks":   func(ctx context.Context) error { _, err := h.Webhooks(ctx); return err },
		"webhook":    func(ctx context.Context) error { _, err := h.Webhook(ctx, hook.ID); return err },
		"deliveries": func(ctx context.Context) error { _, err := h.Deliveries(ctx, hook.ID, 0, 0, 1); return err },
	}
	writes := map[string]func(context.Context) error{
		"create": func(ctx context.Context) error {
			_, _, err := h.CreateWebhook(ctx, app.NewWebhook{URL: "https://example.com/mine"})
			return err
		},
		"change": func(ctx context.Context) error {
			_, err := h.ChangeWebhook(ctx, hook.ID, app.WebhookChange{})
			return err
		},
		"rotate":    func(ctx context.Context) error { _, _, err := h.RotateWebhook(ctx, hook.ID, time.Hour); return err },
		"test":      func(ctx context.Context) error { _, err := h.TestWebhook(ctx, hook.ID, ""); return err },
		"resend":    func(ctx context.Context) error { _, err := h.Resend(ctx, 1); return err },
		"resend to": func(ctx context.Context) error { _, err := h.ResendTo(ctx, hook.ID, 1); return err },
		"replay":    func(ctx context.Context) error { _, err := h.ReplayWebhook(ctx, hook.ID, 0); return err },
		"remove":    func(ctx context.Context) error { return h.RemoveWebhook(ctx, hook.ID) },
	}
	keys := map[string]func(context.Context) error{
		"keys":       func(ctx context.Context) error { _, err := h.Keys(ctx); return err },
		"new key":    func(ctx context.Context) error { _, _, err := h.CreateKey(ctx, "mine", "admin", 0); return err },
		"revoke key": func(ctx context.Context) error { return h.RevokeKey(ctx, key.ID) },
	}
	user := func(role auth.Role) context.Context {
		return h.as(auth.Actor{Kind: auth.KindUser, ID: "usr_1", Role: role, Proved: true})
	}
	of := func(scopes ...auth.Scope) context.Context {
		return h.as(auth.Actor{Kind: auth.KindKey, ID: "key_1", Scopes: scopes})
	}
	refused := func(who string, ctx context.Context, all map[string]func(context.Context) error) {
		for what, do := range all {
			if err := do(ctx); err == nil || app.AsProblem(err).Code != app.CodeNotPermitted {
				t.Errorf("%s of %s came to %v", what, who, err)
			}
		}
	}
	for who, ctx := range map[string]context.Context{
		"nobody": t.Context(), "an analyst": user(auth.Analyst), "support": user(auth.Supporter), "a key for events": of(auth.EventsWrite),
		"a member": h.as(auth.Actor{Kind: auth.KindMember, ID: "mem_1"}),
	} {
		refused(who, ctx, reads)
		refused(who, ctx, writes)
		refused(who, ctx, keys)
	}
	refused("a key that reads webhooks", of(auth.WebhooksReadScope), writes)
	refused("a key for webhooks", of(auth.WebhooksWriteScope), keys)
	refused("a manager", user(auth.Manager), keys)
	for who, ctx := range map[string]context.Context{"a manager": user(auth.Manager), "a key that reads webhooks": of(auth.WebhooksReadScope), "a key for webhooks": of(auth.WebhooksWriteScope)} {
		for what, do := range reads {
			if err := do(ctx); err != nil {
				t.Errorf("%s of %s came to %v", what, who, err)
			}
		}
	}
}
