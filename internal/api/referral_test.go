package api_test

import (
	"net/http"
	"strings"
	"testing"

	"premia/internal/api"
	"premia/internal/core/calendar"
)

const inviting = `
program: Invitations
currency: PLN
timezone: Europe/Warsaw
languages: [en, pl]
enrolment: {unknown: enrol}
wallets:
  points: {name: {en: points, pl: punkty}, debt: carry}
returns: {}
referrals:
  link: https://shop.example/join?from={code}
  name within: 7d
  rewards:
    - {id: welcome, on: sign-up, friend: {give: {points: 5}}}
    - {id: first, on: first purchase, least: 20.00, friend: {give: {points: 10}}, referrer: {give: {points: 25}}}
`

func withInvitations(t *testing.T, test func(t *testing.T, f *fixture)) {
	t.Parallel()
	onEach(t, "", func(t *testing.T, f *fixture) {
		if _, err := f.app.Publish(t.Context(), []byte(inviting), calendar.None, ""); err != nil {
			t.Fatal(err)
		}
		test(t, f)
	})
}

// explained gives the reasons of an event in English.
func (f *fixture) explained(event string) string {
	f.t.Helper()
	answer, err := f.app.Event(f.t.Context(), event)
	if err != nil {
		f.t.Fatal(err)
	}
	return strings.Join(f.app.Explain(&answer, "en").Reasons, " ")
}

// TestInvitation takes a member from the code to the reward and back, and shows
// what became of it without saying who came.
func TestInvitation(t *testing.T) {
	withInvitations(t, func(t *testing.T, f *fixture) {
		f.member("1", "1.00")
		before := must[api.Referral](f, 200, http.MethodGet, "/v1/members/card:1/referral", "")
		if !before.Active || before.Link != "https://shop.example/join?from="+before.Code || len(before.Friends) != 0 {
			t.Errorf("before: %+v", before)
		}
		f.clock.Advance(1)
		body := `{"id":"join","identities":["card:2"],"profile":{"email":"ben@gmail.com"},"referred_by":"` + strings.ToLower(before.Code) + `"}`
		joined := must[api.MemberEvent](f, 201, http.MethodPost, "/v1/members", body)
		if joined.Member.Wallets[0].Balance != "5" {
			t.Errorf("joined: %+v", joined)
		}
		must[api.MemberEvent](f, 200, http.MethodPost, "/v1/members", body)
		must[api.EventAnswer](f, 201, http.MethodPost, "/v1/events", `{"id":"b1","type":"purchase","member":"card:2","order":"A","total":"30.00"}`)
		f.deliver()
		after := must[api.Referral](f, 200, http.MethodGet, "/v1/members/card:1/referral", "")
		if after.Joined != 1 || after.Bought != 1 || len(after.Friends) != 1 || f.balance("card:1") != "25" || f.balance("card:2") != "15" {
			t.Errorf("after: %+v, %s and %s", after, f.balance("card:1"), f.balance("card:2"))
		} else if r := after.Friends[0].Rewarded; len(r) != 1 || r[0] != (api.ReferralReward{Reward: "first", Wallet: "points", Amount: "25"}) {
			t.Errorf("rewarded: %+v", r)
		}
		if raw := f.request(http.MethodGet, "/v1/members/card:1/referral", "").Body.String(); strings.Contains(raw, joined.Member.ID) || strings.Contains(raw, "gmail") {
			t.Errorf("a friend can be recognized: %s", raw)
		}
		must[api.EventAnswer](f, 201, http.MethodPost, "/v1/events", `{"id":"r1","type":"return","order":"A"}`)
		f.deliver()
		if left := must[api.Referral](f, 200, http.MethodGet, "/v1/members/card:1/referral", ""); left.Bought != 0 || len(left.Friends[0].Rewarded) != 0 || f.balance("card:1") != "0" || f.balance("card:2") != "5" {
			t.Errorf("after the return: %+v, %s and %s", left, f.balance("card:1"), f.balance("card:2"))
		}
		f.verified()
	})
}

// TestSelfInvitation finds the same person behind other spellings, and keeps none
// of what it compared.
func TestSelfInvitation(t *testing.T) {
	withInvitations(t, func(t *testing.T, f *fixture) {
		must[api.MemberEvent](f, 201, http.MethodPost, "/v1/members", `{"identities":["card:1","email:anna.nowak@gmail.com"],"profile":{"phone":"+48600100200","street":"ul. Długa 5/7","postal_code":"00-001","device":"d-1"}}`)
		code := must[api.Referral](f, 200, http.MethodGet, "/v1/members/card:1/referral", "").Code
		for i, x := range []struct{ profile, why string }{
			{`{"email":"Anna.Nowak+shop@googlemail.com"}`, "same e-mail address"},
			{`{"phone":"600 100 200"}`, "same phone"},
			{`{"street":"UL DLUGA 5 / 7","postal_code":"00 001"}`, "same address"},
			{`{"device":"d-1"}`, "same device"},
			{`{"email":"anna.nowak@example.com","phone":"600 100 201","street":"ul. Długa 57","postal_code":"00-002"}`, ""},
		} {
			body := `{"id":"j` + string(rune('0'+i)) + `","identities":["customer:` + string(rune('0'+i)) + `"],"profile":` + x.profile + `,"referred_by":"` + code + `"}`
			joined := must[api.MemberEvent](f, 201, http.MethodPost, "/v1/members", body)
			said := f.explained(joined.Event.ID)
			if x.why == "" && joined.Member.Wallets[0].Balance != "5" || x.why != "" && (!strings.Contains(said, x.why) || joined.Member.Wallets[0].Balance != "0") {
				t.Errorf("%s: %s, %+v", x.profile, said, joined.Member.Wallets)
			}
			record := strings.ReplaceAll(f.request(http.MethodGet, "/v1/events/"+joined.Event.ID, "").Body.String(), " ", "")
			if strings.Contains(record, "nowak") || strings.Contains(record, "600100") || strings.Contains(record, "referral_since") {
				t.Errorf("the journal says %s", record)
			}
		}
		f.problem(422, "unknown_referral_code", http.MethodPost, "/v1/members", `{"identities":["customer:9"],"referred_by":"ABC"}`)
		f.problem(422, "unknown_referral_code", http.MethodPost, "/v1/members", `{"identities":["customer:9"],"referred_by":"`+code[:16]+`#"}`)
		f.verified()
	})
}

// TestLateInvitationAndCircle lets a member name who invited them some days later,
// once, and nobody whom they invited themselves.
func TestLateInvitationAndCircle(t *testing.T) {
	withInvitations(t, func(t *testing.T, f *fixture) {
		codes := map[string]string{}
		for _, card := range []string{"1", "2", "3"} {
			f.member(card, "1.00")
			f.clock.Advance(1_000_000_000)
			codes[card] = must[api.Referral](f, 200, http.MethodGet, "/v1/members/card:"+card+"/referral", "").Code
		}
		name := func(card, by string) string {
			answer := must[api.MemberEvent](f, 200, http.MethodPatch, "/v1/members/card:"+card, `{"referred_by":"`+codes[by]+`"}`)
			return f.explained(answer.Event.ID)
		}
		for _, x := range []struct{ card, by, want string }{
			{"2", "2", "themselves"}, {"2", "1", "invitation"}, {"3", "2", "invitation"}, {"3", "1", "said before"},
			{"1", "2", "yourself"}, {"1", "3", "yourself"},
		} {
			if said := name(x.card, x.by); !strings.Contains(said, x.want) {
				t.Errorf("%s names %s: %s", x.card, x.by, said)
			}
		}
		f.clock.Advance(8 * 24 * 3600 * 1_000_000_000)
		f.member("4", "1.00")
		must[api.MemberEvent](f, 201, http.MethodPost, "/v1/members/card:4/merge", `{"into":"card:1"}`)
		f.deliver()
		if said := name("1", "3"); !strings.Contains(said, "yourself") {
			t.Errorf("after a merge: %s", said)
		}
		f.verified()
	})
}
