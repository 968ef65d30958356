package app_test

import (
	"errors"
	"strings"
	"testing"

	"premia/internal/app"
)

func TestIdentitiesHaveOneForm(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ written, country, want string }{
		{"card:2900 0000-0000 1", "", "card:2900000000001"},
		{"customer: 17850 ", "", "customer:17850"},
		{"loyalty_app:Ab-C", "", "loyalty_app:Ab-C"},
		{"email:Anna.Nowak@EXAMPLE.com", "", "email:anna.nowak@example.com"},
		{"email:anna@żółw.pl", "", "email:anna@żółw.pl"},
		{"email:anna@xn--w-uga1v8h.pl", "", "email:anna@żółw.pl"},
		{"email:anna@xn--w-uga1v8h.PL", "", "email:anna@żółw.pl"},
		{"phone:600 100 200", "PL", "phone:+48600100200"},
		{"phone:+420 601 100 200", "PL", "phone:+420601100200"},
		{"phone:8 (912) 345-67-89", "RU", "phone:+79123456789"},
		{"phone:00420 601 100 200", "PL", "phone:+420601100200"},
		{"customer:Zazo\u0301l\u0301c\u0301", "", "customer:Zaz\u00f3\u013a\u0107"},
	} {
		got, err := app.ParseIdentity(c.written, c.country)
		if err != nil || got.String() != c.want {
			t.Errorf("%q is %q (%v), want %q", c.written, got, err, c.want)
			continue
		}
		if again, err := app.ParseIdentity(got.String(), c.country); err != nil || again != got {
			t.Errorf("%q is read again as %q (%v)", got, again, err)
		}
	}
}

func TestIdentitiesRefused(t *testing.T) {
	t.Parallel()
	for _, written := range []string{
		"", ":", "card", "card:", "card: - ", "Card:1", "_card:1", "card1:1", "kärt:1", strings.Repeat("k", 33) + ":1",
		"customer:" + strings.Repeat("x", 201), "customer:a\nb", "customer:\xff",
		"email:anna", "email:anna@", "email:@example.com", "email:anna@localhost", "email:Anna <anna@example.com>", "email:a@b.cz, c@d.cz", "email:anna@exa mple.com",
		"phone:12", "phone:600100200", "phone:anna",
	} {
		got, err := app.ParseIdentity(written, "")
		var p *app.Problem
		if !errors.As(err, &p) || p.Code != app.CodeInvalidIdentity || p.Detail == "" {
			t.Errorf("%q is %q (%v), want it refused", written, got, err)
		}
	}
}
