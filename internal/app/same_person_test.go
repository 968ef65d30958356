package app

import (
	"testing"

	"premia/internal/store"
)

// Two people are one by a mailbox, a telephone, a card, an address or a device,
// however these are written, and by nothing else.
func TestSamePerson(t *testing.T) {
	identity := func(kind, value string) store.Personal {
		return store.Personal{Kind: store.Identity, Name: kind, Value: value}
	}
	profile := func(name, value string) store.Personal {
		return store.Personal{Kind: store.Profile, Name: name, Value: value}
	}
	list := func(all ...store.Personal) []store.Personal { return all }
	for _, x := range []struct {
		one, other []store.Personal
		want       string
	}{
		{list(profile("email", "a.nowak@gmail.com")), list(identity("email", "anowak+2@googlemail.com")), "email"},
		{list(profile("email", "jan-novak@ya.ru")), list(profile("email", "jan.novak@yandex.com")), "email"},
		{list(profile("email", "jan.novak@seznam.cz")), list(profile("email", "jan.novak+a@seznam.cz")), "email"},
		// Elsewhere dots and what follows a plus may be other people's.
		{list(profile("email", "jan.novak@seznam.cz")), list(profile("email", "jannovak@seznam.cz")), ""},
		{list(profile("email", "a.nowak@example.com")), list(profile("email", "anowak@example.com")), ""},
		{list(profile("email", "a+b@example.com")), list(profile("email", "a@example.com")), ""},
		{list(identity("phone", "+48600100200")), list(profile("phone", "+48600100200")), "phone"},
		{list(identity("payment_card", "tok_1")), list(identity("payment_card", "tok_1")), "card"},
		{list(profile("street", "ul. Łąkowa 3/4"), profile("postal_code", "00-001")), list(profile("street", "UL LAKOWA 3 4"), profile("postal_code", "00001")), "address"},
		{list(profile("street", "ul. Łąkowa 3/4"), profile("postal_code", "00-001")), list(profile("street", "ul. Łąkowa 34"), profile("postal_code", "00-001")), ""},
		{list(profile("street", "Main 1")), list(profile("street", "Main 1")), ""},
		{list(profile("device", "d")), list(profile("device", "d")), "device"},
		{list(identity("customer", "17"), profile("city", "Praha")), list(profile("city", "Praha"), profile("given_name", "17")), ""},
		{nil, nil, ""},
	} {
		for _, pair := range [][2][]store.Personal{{x.one, x.other}, {x.other, x.one}} {
			if got := personOf(pair[0]).same(personOf(pair[1])); got != x.want {
				t.Errorf("%+v and %+v are one by %q, want %q", pair[0], pair[1], got, x.want)
			}
		}
	}
	moved := personOf(list(profile("phone", "+48600100200")), list(profile("phone", "+48600100201")))
	if moved.same(personOf(list(profile("phone", "+48600100200")))) != "" {
		t.Error("a telephone that was given up tells still")
	}
}
