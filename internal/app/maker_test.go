package app_test

import (
	"strings"
	"testing"

	"premia/internal/app"
	"premia/programs"
)

func TestFulfil(t *testing.T) {
	a := openCodes(t, "sqlite:"+t.TempDir()+"/premia.db")
	names := map[string]string{"en": "Double weekend", "pl": "Podwójny weekend", "cs": "Dvojitý víkend", "ru": "Двойные выходные"}
	for _, c := range []struct {
		wish app.Wish
		want string
	}{
		{app.Wish{Kind: app.WishDouble, Names: names, Wallet: "beans", Factor: "2", From: "2026-12-05", Until: "2026-12-06", Channels: "app", Stores: "a, b", Budget: "10000"},
			"    when: event.channel == \"app\" && event.store in [\"a\", \"b\"]\n    multiply: {beans: 2}\n    limits: {beans: {in total: 10000}}\n"},
		{app.Wish{Kind: app.WishBonus, Names: names, Wallet: "beans", Amount: "50", On: "survey_answered", Each: "1"},
			"  - id: survey-answered-bonus\n"},
		{app.Wish{Kind: app.WishReward, Names: names, Wallet: "beans", Amount: "300", Reward: "free product", Stock: "20", Cost: "4.50"},
			"    sku: PODWOJNY-WEEKEND\n    fulfilment: collect\n"},
		{app.Wish{Kind: app.WishCoupon, Names: names, Code: "spring15", Percent: "15", Least: "40", Each: "1", Budget: "500"},
			"    code: SPRING15\n"},
	} {
		out, err := a.Fulfil(programs.Coffee, c.wish)
		if err != nil {
			t.Errorf("%s: %v", c.wish.Kind, err)
			continue
		}
		if !strings.Contains(string(out), c.want) {
			t.Errorf("%s: %q is not in what was written:\n%s", c.wish.Kind, c.want, added(string(programs.Coffee), string(out)))
		}
		if r := a.Read(out); r.Program == nil || len(r.Failures) > 0 {
			t.Errorf("%s: the program fails: %v %v", c.wish.Kind, r.Problems, r.Failures)
		}
		again, err := a.Fulfil(out, c.wish)
		if c.wish.Kind != app.WishCoupon && err != nil {
			t.Errorf("%s: a second one: %v", c.wish.Kind, err)
		}
		if err == nil && len(again) <= len(out) {
			t.Errorf("%s: a second one was not added", c.wish.Kind)
		}
	}
}

// added is what stands in a text where it begins to differ from another.
func added(before, after string) string {
	at := 0
	for at < len(before) && before[at] == after[at] {
		at++
	}
	return after[at:min(len(after), at+1200)]
}

func TestFulfilSaysWhichFieldIsWrong(t *testing.T) {
	a := openCodes(t, "sqlite:"+t.TempDir()+"/premia.db")
	wish := app.Wish{Kind: app.WishDouble, Names: map[string]string{"en": "X"}, Wallet: "beans", Factor: "lots", From: "2026-12-06", Until: "soon"}
	_, err := a.Fulfil(programs.Coffee, wish)
	p := app.AsProblem(err)
	fields := map[string]bool{}
	for _, one := range p.Errors {
		fields[wish.Field(one.Path)] = true
	}
	if !fields["factor"] || !fields["until"] {
		t.Errorf("the fields %v are wrong: %v", fields, p.Errors)
	}
	if _, err := a.Fulfil(programs.Coffee, app.Wish{Kind: "wonder"}); err == nil {
		t.Error("a wish of no kind was fulfilled")
	}
}

func TestDifferences(t *testing.T) {
	a := openCodes(t, "sqlite:"+t.TempDir()+"/premia.db")
	out, err := a.Fulfil(programs.Coffee, app.Wish{Kind: app.WishDouble, Names: map[string]string{"en": "Double weekend"}, Wallet: "beans", Factor: "2", From: "2026-12-05", Until: "2026-12-06"})
	if err != nil {
		t.Fatal(err)
	}
	before, after := a.Read(programs.Coffee).Program, a.Read(out).Program
	changed := a.Differences(before, after, "en")
	var gone, said []string
	for _, c := range changed {
		gone, said = append(gone, c.Gone...), append(said, c.New...)
	}
	if len(gone) > 0 || !strings.Contains(strings.Join(said, "\n"), "5 December 2026") {
		t.Errorf("gone %q, new %q", gone, said)
	}
	if len(a.Differences(before, before, "en")) > 0 {
		t.Error("a program differs from itself")
	}
	if back := a.Differences(after, before, "en"); len(back) != len(changed) || len(back[0].Gone) == 0 {
		t.Errorf("the way back is %v", back)
	}
}
