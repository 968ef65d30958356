package app_test

import (
	"testing"
	"time"

	"premia/internal/app"
	"premia/internal/core/calendar"
)

// TestMembersSessions begins, uses and ends sessions of members on both databases.
func TestMembersSessions(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		p, ctx := openPhones(t, url), t.Context()
		anna, _ := p.member("email:anna@example.com")
		ben, _ := p.member("email:ben@example.com")
		p.refused(p.EndMemberSessions(ctx, anna, ""), "")
		phone, tablet, bens := p.byTill("email:anna@example.com"), p.byTill("email:anna@example.com"), p.byTill("email:ben@example.com")
		good := func(c app.Client, want bool) {
			t.Helper()
			x, err := p.MemberSessionOf(ctx, c.Token, c)
			if (err == nil) != want || want && x.Method != "till" {
				t.Fatalf("the session is %+v (%v), good is to be %t", x, err, want)
			}
		}
		good(phone, true)
		good(tablet, true)
		good(app.Client{Token: "guessed"}, false)
		good(app.Client{}, false)

		p.clock.Advance(2 * time.Hour)
		tablet.Address, tablet.Agent = "192.0.2.7", "Tablet"
		good(tablet, true)
		all, err := p.MemberSessions(ctx, anna)
		if err != nil || len(all) != 2 || all[0].Agent != "Tablet" || all[0].Address != "192.0.2.7" || all[0].Seen <= all[1].Seen {
			t.Errorf("the sessions are %+v (%v)", all, err)
		}
		p.refused(p.EndMemberSessions(ctx, anna, tablet.Token), "")
		good(phone, false)
		good(tablet, true)
		good(bens, true)
		p.refused(p.MemberSignOut(ctx, tablet.Token), "")
		p.refused(p.MemberSignOut(ctx, tablet.Token), "")
		good(tablet, false)

		for range 6 {
			p.clock.Advance(59 * 24 * time.Hour)
			good(bens, true)
		}
		p.clock.Advance(12 * 24 * time.Hour) // a year in all
		good(bens, false)
		if left, err := p.MemberSessions(ctx, ben); err != nil || len(left) != 0 {
			t.Errorf("after a year there are %+v (%v)", left, err)
		}
	})
}

// TestConsentsHaveTheirTimes says yes and no, and asks when that was.
func TestConsentsHaveTheirTimes(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		p, ctx := openPhones(t, url), t.Context()
		anna, _ := p.member("email:anna@example.com")
		say := func(consents map[string]bool) calendar.Instant {
			t.Helper()
			p.clock.Advance(time.Hour)
			answer, err := p.Change(ctx, anna.String(), app.Change{Consents: consents})
			p.refused(err, "")
			return answer.Decision.At
		}
		first := say(map[string]bool{"terms": true, "email": true})
		say(map[string]bool{"sms": true})
		last := say(map[string]bool{"sms": false})
		p.clock.Advance(time.Hour)
		_, err := p.Change(ctx, anna.String(), app.Change{Profile: map[string]string{"city": "Łódź"}})
		p.refused(err, "")
		got, err := p.Consents(ctx, anna)
		want := []app.Consent{{Name: "email", Given: true, At: first}, {Name: "sms", At: last}, {Name: "terms", Given: true, At: first}}
		if err != nil || len(got) != len(want) {
			t.Fatalf("%+v (%v)", got, err)
		}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("%+v, want %+v", got[i], want[i])
			}
		}
	})
}
