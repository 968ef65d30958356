package app_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/journal"
	"premia/internal/store"
)

func (h *history) system() context.Context { return app.WithActor(h.t.Context(), auth.System("test")) }

// endpoint gives the one receiver of webhooks.
func (h *history) endpoint() app.Webhook {
	h.t.Helper()
	all, err := h.Webhooks(h.system())
	if err != nil || len(all) != 1 {
		h.t.Fatalf("there are %d receivers (%v)", len(all), err)
	}
	return all[0]
}

// changed writes a state of the receiver that sending would have come to.
func (h *history) changed(fn func(*store.Endpoint)) {
	h.t.Helper()
	e, err := h.Store.Endpoint(h.t.Context(), h.endpoint().ID)
	if err == nil {
		fn(&e)
		err = h.Store.Change(h.t.Context(), func(tx *store.Tx) error { return tx.ChangeEndpoint(h.t.Context(), &e, nil) })
	}
	h.does(err)
}

// resumes lets the receiver be sent to again.
func (h *history) resumes() {
	paused := false
	_, err := h.ChangeWebhook(h.system(), h.endpoint().ID, app.WebhookChange{Paused: &paused})
	h.does(err)
}

// sends tries to send what waits, by e-mail alone.
func (h *history) sends(err error) {
	h.t.Helper()
	h.does(h.SendWaiting(h.t.Context(), map[string]app.Sender{app.EmailChannel: func(context.Context, *store.Message) error { return err }}))
}

func (h *history) writes(channel, to string) {
	h.t.Helper()
	_, err := h.Store.AddMessage(h.t.Context(), &store.Message{Channel: channel, Recipient: to, Body: "Hello", Created: h.Journal.Now()}, 0)
	h.does(err)
}

var senderCases = []attentionCase{
	{kind: "webhook_failing", raise: func(h *history) {
		_, _, err := h.CreateWebhook(h.system(), app.NewWebhook{URL: "https://example.com/hook"})
		h.does(err)
		h.expect("webhook_failing", false)
		h.changed(func(e *store.Endpoint) { e.Failures, e.FailingSince = 3, h.Journal.Now() })
	}, settle: (*history).resumes},
	{kind: "webhook_disabled", raise: func(h *history) {
		h.changed(func(e *store.Endpoint) { e.State, e.Reason = store.EndpointDisabled, "it is gone" })
	}, settle: (*history).resumes},
	{kind: "messages_failing", raise: func(h *history) {
		h.Watch(app.Watched{Sends: true})
		h.writes(app.EmailChannel, "anna@example.com")
		h.expect("messages_failing", false)
		h.sends(errors.New("no such mailbox"))
	}, settle: func(h *history) {
		for range 20 { // however often it was tried, it can be tried again
			h.sends(errors.New("no such mailbox"))
		}
		if again, err := h.RetryMessages(h.system()); err != nil || again != 1 {
			h.t.Errorf("%d messages are tried again (%v)", again, err)
		}
		h.sends(nil)
	}},
	{kind: "texts_bounded", raise: func(h *history) {
		key := auth.TokenHash("text messages of the day")
		for n := range int64(2) { // the last that is sent, and one more
			h.does(h.Store.CountAttempt(h.t.Context(), key, func(f *store.Attempts) { f.Failures, f.Last = app.TextsADay+n, calendar.Of(h.clock.Now()) }))
			if n == 0 {
				h.expect("texts_bounded", false)
			}
		}
	}, settle: func(h *history) { h.clock.Advance(24 * time.Hour) }},
	{kind: "messages_unsent", raise: func(h *history) {
		h.writes("sms", "+48600100200")
		h.expect("messages_unsent", false)
		h.clock.Advance(10 * time.Minute)
	}, settle: func(h *history) {
		all, err := h.Messages(h.system(), 0, 1)
		h.does(err)
		h.does(h.GiveUpMessage(h.system(), all[0].ID))
		if app.AsProblem(h.GiveUpMessage(h.system(), all[0].ID+1)).Code != app.CodeUnknownMessageOut {
			h.t.Error("a message that is not there was given up")
		}
	}},
}

// waitFor lets others run until something is so.
func waitFor(so func() bool) {
	for !so() {
		runtime.Gosched()
	}
}

// copies runs scheduled backups into a folder, whose first attempt ends well or not.
func (h *history) copies(folder string, well bool) {
	h.t.Helper()
	b, err := h.StartBackups(h.t.Context(), app.BackupPlan{Folder: folder, Every: time.Hour, Keep: 2})
	h.does(err)
	h.t.Cleanup(b.Stop)
	waitFor(func() bool {
		made, _ := filepath.Glob(filepath.Join(folder, "premia-*.db"))
		return b.Err() != nil || well && len(made) > 0
	})
	h.Watch(app.Watched{Backups: b})
}

var serverCases = []attentionCase{
	{kind: "no_backups", sqlite: true, settle: func(h *history) { h.copies(h.t.TempDir(), true) }},
	{kind: "backup_failed", sqlite: true, raise: func(h *history) {
		file := filepath.Join(h.t.TempDir(), "no folder")
		h.does(os.WriteFile(file, nil, 0o600))
		h.copies(filepath.Join(file, "copies"), false)
	}, settle: func(h *history) { h.copies(h.t.TempDir(), true) }},
	{kind: "disk_full", sqlite: true, raise: func(h *history) {
		h.Watch(app.Watched{Free: func(string) (uint64, error) { return 200 << 20, nil }})
	}, settle: func(h *history) {
		h.Watch(app.Watched{Free: func(string) (uint64, error) { return 300 << 20, nil }})
	}},
	{kind: "sweeper_stopped", raise: func(h *history) {
		s := h.Journal.StartSweeper(h.t.Context(), time.Millisecond)
		h.t.Cleanup(s.Stop)
		// The clock goes to and fro by more than a day, in no time.
		to := 25 * time.Hour
		waitFor(func() bool { h.clock.Advance(to); to = -to; return s.Err() != nil })
		if to > 0 {
			h.clock.Advance(to)
		}
		h.Watch(app.Watched{Sweeper: s})
	}, settle: func(h *history) {
		s := h.Journal.StartSweeper(h.t.Context(), time.Hour)
		h.t.Cleanup(s.Stop)
		h.Watch(app.Watched{Sweeper: s})
	}},
	{kind: "clock_behind", raise: func(h *history) {
		h.happens(`{"id":"now","type":"purchase","member":"card:1","total":"1.00"}`)
		h.clock.Advance(-2 * time.Minute)
	}, settle: func(h *history) { h.clock.Advance(2 * time.Minute) }},
	{kind: "certificate_ends", raise: func(h *history) { h.certificate(13*calendar.Day, nil) }, settle: func(h *history) { h.certificate(60*calendar.Day, nil) }},
	{kind: "certificate_failing", raise: func(h *history) { h.certificate(60*calendar.Day, errors.New("the authority answers 403")) }, settle: func(h *history) { h.certificate(60*calendar.Day, nil) }},
	{kind: "parked", raise: func(h *history) {
		id, err := h.Store.Park(h.t.Context(), store.Parked{Subscriber: journal.FollowUpsName, Position: store.Position{Shard: h.Store.Shards()[0], Seq: 1}, Attempts: 1, Error: "nobody knows", Recorded: h.Journal.Now(), Event: []byte("{}")})
		if err != nil || id == 0 {
			h.t.Fatal(err)
		}
	}, settle: func(h *history) {
		if done, err := h.RetryParked(h.system()); err != nil || done != 1 {
			h.t.Fatalf("%d could be done (%v)", done, err)
		}
	}},
	{kind: "subscriber_behind", raise: func(h *history) {
		h.does(h.Store.SetCursor(h.t.Context(), store.Cursor{Subscriber: app.PersonalMovesName, Shard: h.Store.Shards()[0], Seq: -10_001}))
	}, settle: func(h *history) {
		_, err := h.Journal.Deliver(h.t.Context(), app.PersonalMoves{App: h.App})
		h.does(err)
	}},
}

// reopens closes the workspace and serves it again, with a key of secrets or without.
func (h *history) reopens(c app.SecretsConfig) {
	h.t.Helper()
	h.does(h.Close())
	var err error
	h.App, err = app.Open(h.t.Context(), app.Config{DB: h.url, Clock: h.clock.Now, Secrets: c})
	h.does(err)
	h.Watch(app.Watched{})
}

// secretCases begin without a key, seal by one, and then lack it.
func secretCases() []attentionCase {
	var key app.SecretsConfig
	return []attentionCase{
		{kind: "secrets_unsealed", settle: func(h *history) {
			key = app.SecretsConfig{File: filepath.Join(h.t.TempDir(), "key"), Create: true}
			h.reopens(key)
		}},
		{kind: "secrets_locked", raise: func(h *history) {
			h.reopens(app.SecretsConfig{})
			h.expect("secrets_unsealed", false)
		}, settle: func(h *history) { h.reopens(key) }},
	}
}

// certificate lets the server have one that ends after a while.
func (h *history) certificate(left calendar.Instant, err error) {
	h.Watch(app.Watched{Certificates: func() []app.Certificate {
		return []app.Certificate{{Name: "club.example.com", Ends: h.Journal.Now() + left, Err: err}}
	}})
}

var doorCases = []attentionCase{
	{kind: "owner_factor", raise: func(h *history) {
		link, err := h.OwnerLink(h.system())
		h.does(err)
		_, err = h.Accept(h.t.Context(), link[strings.LastIndex(link, "/")+1:], app.Acceptance{Email: "anna@example.com", Name: "Anna", Password: secretWords, Language: "pl"}, phone)
		h.does(err)
	}, settle: func(h *history) {
		users, err := h.Users(h.system())
		h.does(err)
		me := h.as(users[0].ID, auth.Owner)
		_, secret, token, err := h.BeginCode(me)
		h.does(err)
		_, err = h.FinishCode(me, token, codeAt(h.t, secret, h.clock.Now()))
		h.does(err)
	}},
	{kind: "key_ends", raise: func(h *history) {
		_, _, err := h.CreateKey(h.system(), "till", "events:write", 10*day)
		h.does(err)
	}, settle: func(h *history) {
		all, err := h.Keys(h.system())
		h.does(err)
		h.does(h.RevokeKey(h.system(), all[0].ID))
	}},
}
