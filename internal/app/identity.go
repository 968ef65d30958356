package app

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"

	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/core/text"
	"premia/internal/journal"
)

// Kinds of identities that have a normal form of their own. Any other word of
// small letters and underscores is a kind, too.
const (
	Card     = "card"
	Customer = "customer"
	Email    = "email"
	Phone    = "phone"
)

const (
	maxKind  = 32
	maxValue = 200
)

// ParseIdentity reads "kind:value" and gives the identity in normal form, so
// that all ways of writing it are one:
//   - e-mail addresses in small letters, the domain in Unicode;
//   - telephone numbers in E.164, numbers without a country's code being those
//     of the country (ISO 3166; empty for none);
//   - cards without spaces and hyphens;
//   - all others as they are, without spaces around them.
//
// The error is a *Problem without a path.
func ParseIdentity(s, country string) (journal.Identity, error) {
	kind, value, ok := strings.Cut(s, ":")
	if !ok || !isKind(kind) {
		return journal.Identity{}, invalidIdentity(s, "write the kind and the value, such as card:2900000000001 or email:anna@example.com")
	}
	value = strings.TrimSpace(norm.NFC.String(value))
	if value == "" || !utf8.ValidString(value) || utf8.RuneCountInString(value) > maxValue || strings.ContainsFunc(value, unicode.IsControl) {
		return journal.Identity{}, invalidIdentity(s, text.Say("the value is 1 to {Count} characters on one line", maxValue))
	}
	var err error
	switch kind {
	case Email:
		value, err = normalEmail(value)
	case Phone:
		value, err = normalPhone(value, country)
	case Card:
		value = strings.Map(withoutGaps, value)
		if value == "" {
			err = text.Sentence("the card has no number")
		}
	}
	if err != nil {
		return journal.Identity{}, invalidIdentity(s, text.Of(err))
	}
	return journal.Identity{Kind: kind, Value: value}, nil
}

func invalidIdentity(s string, detail text.Sentence) *Problem {
	if len(s) > 60 {
		s = strings.ToValidUTF8(s[:60], "") + "…"
	}
	return problem(CodeInvalidIdentity, "", text.Say("{Text} is no identity: {Detail}", strconv.Quote(s), detail), "Identity", text.Quoted(s))
}

func isKind(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c != '_' || i == 0) {
			return false
		}
	}
	return s != "" && len(s) <= maxKind
}

func withoutGaps(r rune) rune {
	if unicode.IsSpace(r) || r == '-' {
		return -1
	}
	return r
}

func normalEmail(s string) (string, error) {
	address, err := mail.ParseAddress(s)
	if err != nil || address.Address != s {
		return "", text.Sentence("write the address alone, such as anna@example.com")
	}
	at := strings.LastIndexByte(s, '@')
	domain, err := idna.Lookup.ToUnicode(s[at+1:])
	if err != nil || !strings.Contains(domain, ".") {
		return "", text.Sentence("the part behind @ is no domain")
	}
	return strings.ToLower(s[:at]) + "@" + strings.ToLower(domain), nil
}

func normalPhone(s, country string) (string, error) {
	number, err := phonenumbers.Parse(s, country)
	if err != nil || !phonenumbers.IsPossibleNumber(number) {
		return "", text.Sentence("write the number with its country's code, such as +48 600 100 200")
	}
	return phonenumbers.Format(number, phonenumbers.E164), nil
}

// countries have a currency to themselves, or nearly: their telephone numbers
// are meant where a program counts in it and a number has no country's code.
var countries = map[string]string{
	"PLN": "PL", "CZK": "CZ", "RUB": "RU", "GBP": "GB", "UAH": "UA", "KZT": "KZ", "BYN": "BY", "HUF": "HU", "RON": "RO",
	"BGN": "BG", "SEK": "SE", "NOK": "NO", "DKK": "DK", "CHF": "CH", "TRY": "TR", "USD": "US", "CAD": "CA", "AUD": "AU",
}

// countryOf gives the country of the program's telephone numbers; empty if its
// currency is that of several, such as the euro.
func countryOf(p *engine.Program) string {
	if p == nil {
		return ""
	}
	return countries[p.Currency.Code]
}

// Who reads a member's name, "mem_…" or an identity; an empty one names nobody.
// Whether there is such a member is not asked. The error is a *Problem.
func (a *App) Who(ref string) (ledger.MemberID, journal.Identity, error) {
	switch {
	case ref == "":
		return 0, journal.Identity{}, nil
	case strings.HasPrefix(ref, ledger.MemberPrefix) && !strings.Contains(ref, ":"):
		id, err := ledger.ParseMember(ref)
		if err != nil {
			return 0, journal.Identity{}, problem(CodeUnknownMember, "member", text.Of(err), "Member", text.Quoted(ref), "Malformed", true)
		}
		return id, journal.Identity{}, nil
	}
	identity, err := ParseIdentity(ref, countryOf(a.program()))
	if err != nil {
		p := AsProblem(err)
		p.Path = "member"
		return 0, journal.Identity{}, p
	}
	return 0, identity, nil
}

// Find gives the member whom a name stands for now: the member itself or the one
// into whom it was merged. The error is a *Problem if there is none.
func (a *App) Find(ctx context.Context, ref string) (ledger.MemberID, error) {
	return a.find(ctx, ref, "member")
}

func (a *App) find(ctx context.Context, ref, path string) (ledger.MemberID, error) {
	id, identity, err := a.Who(ref)
	if err != nil {
		p := AsProblem(err)
		p.Path = path
		return 0, p
	}
	if id == 0 {
		id, err = a.Journal.FindCurrent(ctx, identity)
	} else {
		id, err = a.Journal.Current(ctx, id)
	}
	switch {
	case errors.Is(err, journal.ErrUnknownMember):
		return 0, unknownMember(path, ref)
	case errors.Is(err, journal.ErrMergeInProgress):
		return 0, problem(CodeMergeInProgress, path, text.Of(err))
	}
	return id, err
}

// identities reads a list of identities, none twice.
func (a *App) identities(list []string, path string) ([]journal.Identity, error) {
	country := countryOf(a.program())
	out := make([]journal.Identity, 0, len(list))
	seen := make(map[journal.Identity]bool)
	for i, s := range list {
		id, err := ParseIdentity(s, country)
		if err != nil {
			p := AsProblem(err)
			p.Path = fmt.Sprintf("%s[%d]", path, i)
			return nil, p
		}
		if !seen[id] {
			seen[id] = true
			out = append(out, id)
		}
	}
	return out, nil
}
