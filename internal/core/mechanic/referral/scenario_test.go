package referral_test

import (
	"testing"

	"premia/internal/testkit/mechanics"
)

func TestScenarios(t *testing.T) { mechanics.Stories(t, "testdata/referrals.yaml", 9) }

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
