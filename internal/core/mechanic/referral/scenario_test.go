package referral_test

import (
	"os"
	"testing"

	"premia/internal/core/engine"
	"premia/internal/core/program"
	"premia/internal/testkit/mechanics"
)

func TestScenarios(t *testing.T) {
	const file = "testdata/referrals.yaml"
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	d, err := program.Load(file, src, engine.NewNames())
	if err != nil {
		t.Fatal(err)
	}
	if d.Scenarios() < 9 {
		t.Errorf("only %d scenarios", d.Scenarios())
	}
	for _, f := range program.RunScenarios(d) {
		for _, x := range f.Differences {
			t.Errorf("%s:%d: %s: %s is %s, want %s", f.File, x.Pos.Line, f.Scenario, x.What, x.Got, x.Want)
		}
	}
}

func TestMistakesInDocuments(t *testing.T) {
	const wallets = "wallets: {points: {name: points}}\n"
	for _, x := range []struct{ section, path, code string }{
		{"referrals: {}", "referrals.rewards", "missing"},
		{"referrals: {rewards: []}", "referrals.rewards", "out_of_range"},
		{"referrals: {link: 'https://shop.example/', rewards: [{id: a, on: sign-up, friend: {give: {points: 1}}}]}", "referrals.link", "invalid"},
		{"referrals: {rewards: [{id: a, on: sign-up}]}", "referrals.rewards[0]", "missing"},
		{"referrals: {rewards: [{id: a, on: sign-up, least: 5, friend: {give: {points: 1}}}]}", "referrals.rewards[0].least", "never_applies"},
		{"referrals: {rewards: [{id: a, on: sign-up, friend: {give: {points: 5%}}}]}", "referrals.rewards[0].friend.give.points", "never_applies"},
		{"referrals: {rewards: [{id: a, on: first purchase, purchases: 2, friend: {give: {points: 1}}}]}", "referrals.rewards[0].purchases", "never_applies"},
		{"referrals: {rewards: [{id: a, on: threshold, friend: {give: {points: 1}}}]}", "referrals.rewards[0]", "missing"},
		{"referrals: {rewards: [{id: a, on: threshold, spend: 5, purchases: 2, friend: {give: {points: 1}}}]}", "referrals.rewards[0]", "missing"},
		{"referrals: {rewards: [{id: a, on: first purchase, referrer: {give: {points: 1}, pending: {until: profile}}}]}", "referrals.rewards[0].referrer.pending.until", "never_applies"},
		{"referrals: {rewards: [{id: a, on: first purchase, referrer: {give: {beans: 1}}}]}", "referrals.rewards[0].referrer.give.beans", "unknown_wallet"},
		{"referrals: {rewards: [{id: a, on: sign-up, friend: {give: {points: 1}}}, {id: a, on: sign-up, friend: {give: {points: 1}}}]}", "referrals.rewards[1].id", "duplicate_id"},
	} {
		mechanics.RefusedAs(t, wallets+x.section, x.path, x.code)
	}
}
