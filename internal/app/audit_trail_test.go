package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/event"
	"premia/internal/store"
)

func TestAuditTrail(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		h := openHouse(t, url)
		owner := h.owner()
		me := h.inside(owner.Token)
		_, k, err := h.CreateKey(me, "shop", "events:write", time.Hour)
		h.does(err, "")
		h.does(h.RevokeKey(me, k.ID), "")
		_, err = h.SignIn(t.Context(), "anna@example.com", "a wrong password", phone)
		h.does(err, app.CodeSignInRefused)
		cashier := h.join(me, "cash@example.com", auth.Cashier)
		rows, next, err := h.AuditPage(me, store.AuditFilter{}, 200)
		h.does(err, "")
		var did []string
		for i := len(rows) - 1; i >= 0; i-- {
			did = append(did, rows[i].Action)
			if rows[i].Seq != int64(len(rows)-i) || rows[i].At == calendar.None {
				t.Errorf("row %+v", rows[i])
			}
			if src := rows[i].Details + rows[i].Target; strings.Contains(src, "@") || strings.Contains(src, secretWords) {
				t.Errorf("the trail has a personal value: %+v", rows[i])
			}
		}
		want := "[owner.link_made invitation.accepted session.started key.created key.revoked session.refused user.invited invitation.accepted session.started]"
		if fmt.Sprint(did) != want || next != 0 {
			t.Errorf("did %v (next %d), want %s", did, next, want)
		}
		made := rows[len(rows)-4]
		if made.Actor != owner.User.ID || made.Kind != "user" || made.Target != k.ID || made.Address != "192.0.2.7" || made.Details != `{"scopes":"events:write"}` {
			t.Errorf("the key's row is %+v", made)
		}
		// Pages, filters, and who may see it.
		page, next, err := h.AuditPage(me, store.AuditFilter{}, 4)
		if err != nil || len(page) != 4 || next != page[3].Seq {
			t.Errorf("a page of %d before %d (%v)", len(page), next, err)
		}
		for name, c := range map[string]struct {
			filter store.AuditFilter
			want   int
		}{
			"action":    {store.AuditFilter{Action: "key.created"}, 1},
			"beginning": {store.AuditFilter{Action: "key."}, 2},
			"actor":     {store.AuditFilter{Actor: cashier.User.ID}, 2},
			"actors":    {store.AuditFilter{Actors: []string{"usr_none", cashier.User.ID}}, 2},
			"no actor":  {store.AuditFilter{Actors: []string{"usr_none", "usr_other"}}, 0},
			"address":   {store.AuditFilter{Address: "192.0.2.7"}, 8},
			"elsewhere": {store.AuditFilter{Address: "192.0.2"}, 0},
			"target":    {store.AuditFilter{Target: k.ID}, 2},
			"time":      {store.AuditFilter{From: calendar.Of(h.clock.Now().Add(time.Hour))}, 0},
			"before":    {store.AuditFilter{Until: calendar.Of(h.clock.Now())}, 0},
		} {
			if got, _, err := h.AuditPage(me, c.filter, 200); err != nil || len(got) != c.want {
				t.Errorf("%s: %d rows (%v), want %d", name, len(got), err, c.want)
			}
		}
		for words, want := range map[string]string{"": "[]", "ANNÁ": "[ANNÁ " + owner.User.ID + "]", "Cash@": "[Cash@ " + cashier.User.ID + "]", "sho": "[sho " + k.ID + "]", "nobody": "[nobody]"} {
			if ids, err := h.ActorsCalled(me, words); err != nil || fmt.Sprint(ids) != want {
				t.Errorf("%q are %v (%v), want %s", words, ids, err, want)
			}
		}
		_, err = h.ActorsCalled(h.inside(cashier.Token), "Anna")
		h.does(err, app.CodeNotPermitted)
		_, _, err = h.AuditPage(h.inside(cashier.Token), store.AuditFilter{}, 10)
		h.does(err, app.CodeNotPermitted)
		_, _, err = h.AuditPage(t.Context(), store.AuditFilter{}, 10)
		h.does(err, app.CodeNotPermitted)
		var lines, table bytes.Buffer
		h.does(h.ExportAudit(me, &lines, "ndjson", store.AuditFilter{}), "")
		h.does(h.ExportAudit(me, &table, "csv", store.AuditFilter{Action: "key."}), "")
		h.does(h.ExportAudit(me, &table, "xml", store.AuditFilter{}), event.CodeInvalid)
		if n := strings.Count(lines.String(), "\n"); n != 10 {
			t.Errorf("%d lines, want those before and the export itself:\n%s", n, lines.String())
		}
		for line := range strings.Lines(lines.String()) {
			if !json.Valid([]byte(line)) {
				t.Errorf("no JSON: %s", line)
			}
		}
		if n := strings.Count(table.String(), "\n"); n != 3 {
			t.Errorf("the table is %s", table.String())
		}
		if n, err := app.VerifyAudit(t.Context(), h.Store); err != nil || n != 11 {
			t.Errorf("%d rows follow (%v)", n, err)
		}
	})
}

// TestAuditOfEvents finds in the trail, with the decision, what users and keys did to
// members, and nothing of what shops send.
func TestAuditOfEvents(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		h := openHouse(t, url)
		owner := h.owner()
		me := h.inside(owner.Token)
		_, err := h.Publish(me, []byte(goalsProgram+"adjustments: {alone: {points: 10}}\n"), calendar.None, "")
		h.does(err, "")
		send := func(ctx context.Context, src string) string {
			t.Helper()
			e, err := event.Decode([]byte(src), event.Scales{Currency: 2, Wallet: func(string) (int, bool) { return 0, true }})
			h.does(err, "")
			a, err := h.Record(ctx, e)
			h.does(err, "")
			return a.Decision.Outcome.String()
		}
		key := h.as(auth.Actor{Kind: auth.KindKey, ID: "key_shop", Address: "192.0.2.9"})
		send(key, `{"id":"p1","type":"purchase","member":"card:1","total":"5.00"}`)
		send(key, `{"id":"a1","type":"adjustment","member":"card:1","wallet":"points","amount":"5","reason":"sorry"}`)
		waits := send(me, `{"id":"a2","type":"adjustment","member":"card:1","wallet":"points","amount":"50","reason":"sorry"}`)
		self := send(me, `{"id":"b1","type":"approval","member":"card:1","about":"a2"}`)
		again := send(me, `{"id":"a2","type":"adjustment","member":"card:1","wallet":"points","amount":"50","reason":"sorry"}`)
		if waits != "waits_for_approval" || self != "second_person_needed" || again != waits {
			t.Errorf("came to %s, %s, %s", waits, self, again)
		}
		cashier := h.join(me, "jan@example.com", auth.Manager)
		if got := send(h.inside(cashier.Token), `{"id":"b2","type":"approval","member":"card:1","about":"a2"}`); got != "applied" {
			t.Errorf("the second person came to %s", got)
		}
		rows, _, err := h.AuditPage(me, store.AuditFilter{Action: "event."}, 200)
		h.does(err, "")
		var did []string
		for _, r := range rows {
			did = append(did, r.Action+" "+r.Details)
			if !strings.HasPrefix(r.Target, "mem_") {
				t.Errorf("row %+v", r)
			}
		}
		want := []string{
			`event.approval {"event":"b2","outcome":"applied"}`, `event.approval {"event":"b1","outcome":"second_person_needed"}`,
			`event.adjustment {"event":"a2","outcome":"waits_for_approval"}`, `event.adjustment {"event":"a1","outcome":"applied"}`,
		}
		if strings.Join(did, "\n") != strings.Join(want, "\n") {
			t.Errorf("did\n%s", strings.Join(did, "\n"))
		}
		if _, err := app.VerifyAudit(t.Context(), h.Store); err != nil {
			t.Error(err)
		}
	})
}
