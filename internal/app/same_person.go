package app

import (
	"cmp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"premia/internal/store"
)

// person is what is known of somebody that tells one person from another, in
// normal forms: by what it tells, and the values.
type person map[string]map[string]bool

// personOf gathers what personal values say; later values of a profile replace
// earlier ones.
func personOf(values ...[]store.Personal) person {
	p, profile := person{}, map[string]string{}
	for _, list := range values {
		for i := range list {
			v := &list[i]
			if v.Kind == store.Profile {
				profile[v.Name] = v.Value
				continue
			}
			p.add(v.Name, v.Value)
		}
	}
	for _, name := range []string{Email, Phone, Device} {
		p.add(name, profile[name])
	}
	if profile["street"] != "" && (profile["postal_code"] != "" || profile["city"] != "") {
		p.add("address", plainStreet(profile["street"])+" "+plainAddress(cmp.Or(profile["postal_code"], profile["city"])))
	}
	return p
}

func (p person) add(by, value string) {
	switch by {
	case Email:
		value = mailbox(value)
	case "payment_card":
		by = Card
	}
	if value == "" {
		return
	}
	if p[by] == nil {
		p[by] = map[string]bool{}
	}
	p[by][value] = true
}

// sameBy are by what two people are found to be one, in this order.
var sameBy = []string{Email, Phone, Card, "address", Device}

// same gives by what two people are one; empty if by nothing that is known.
func (p person) same(other person) string {
	for _, by := range sameBy {
		for value := range p[by] {
			if other[by][value] {
				return by
			}
		}
	}
	return ""
}

// providers are the big providers of mailboxes: under which other names they
// deliver, what begins a tag that they ignore, and which signs they ignore.
var providers = map[string]struct{ name, tag, ignored string }{
	"gmail.com": {"gmail.com", "+", "."}, "googlemail.com": {"gmail.com", "+", "."},
	"outlook.com": {"", "+", ""}, "hotmail.com": {"", "+", ""}, "live.com": {"", "+", ""}, "msn.com": {"", "+", ""},
	"icloud.com": {"icloud.com", "+", ""}, "me.com": {"icloud.com", "+", ""}, "mac.com": {"icloud.com", "+", ""},
	"yahoo.com": {"", "-", ""}, "fastmail.com": {"", "+", ""}, "zoho.com": {"", "+", ""}, "mail.ru": {"", "+", ""},
	"proton.me": {"proton.me", "+", ".-_"}, "protonmail.com": {"proton.me", "+", ".-_"}, "pm.me": {"proton.me", "+", ".-_"},
	"yandex.ru": {"yandex.ru", "+", ".-"}, "ya.ru": {"yandex.ru", "+", ".-"}, "yandex.com": {"yandex.ru", "+", ".-"},
	"yandex.by": {"yandex.ru", "+", ".-"}, "yandex.kz": {"yandex.ru", "+", ".-"}, "yandex.ua": {"yandex.ru", "+", ".-"},
	"seznam.cz": {"", "+", ""}, "email.cz": {"", "+", ""}, "wp.pl": {"", "+", ""}, "o2.pl": {"", "+", ""}, "onet.pl": {"", "+", ""}, "interia.pl": {"", "+", ""},
}

// mailbox gives the mailbox that an address in normal form reaches, as far as its
// provider is known: the same for all its spellings.
func mailbox(address string) string {
	local, domain, ok := strings.Cut(address, "@")
	p, known := providers[domain]
	if !ok || !known {
		return address
	}
	local, _, _ = strings.Cut(local, p.tag)
	local = strings.Map(func(r rune) rune {
		if strings.ContainsRune(p.ignored, r) {
			return -1
		}
		return r
	}, local)
	return local + "@" + cmp.Or(p.name, domain)
}

// plainAddress gives the letters and digits of an address, small and without marks
// above or below them.
func plainAddress(s string) string {
	return strings.Map(func(r rune) rune {
		r = unicode.ToLower(r)
		switch {
		case r == 'ł':
			return 'l'
		case unicode.IsLetter(r), unicode.IsDigit(r):
			return r
		}
		return -1
	}, norm.NFD.String(s))
}

// plainStreet gives a street and its numbers so: where signs part two numbers, as
// in 3/4, they stay apart.
func plainStreet(s string) string {
	var out strings.Builder
	for _, part := range strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) }) {
		part = plainAddress(part)
		before := out.String()
		if before != "" && part != "" && digit(before[len(before)-1]) && digit(part[0]) {
			out.WriteByte('/')
		}
		out.WriteString(part)
	}
	return out.String()
}

func digit(b byte) bool { return '0' <= b && b <= '9' }
