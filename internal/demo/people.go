package demo

import (
	"fmt"
	"strconv"

	"premia/internal/core/calendar"
	"premia/internal/core/event"
	"premia/internal/journal"
	"premia/internal/store"
)

// name is a name with its form in plain letters, for addresses.
type name struct{ written, plain string }

// namesOf are the names of people of one language; women's family names differ
// from men's in Polish, Czech and Russian.
type namesOf struct {
	language    string
	weight      int
	women, men  []name
	womenFamily []name
	menFamily   []name
}

var peoples = []namesOf{
	{"pl", 74,
		[]name{{"Małgorzata", "malgorzata"}, {"Zofia", "zofia"}, {"Agnieszka", "agnieszka"}, {"Łucja", "lucja"}, {"Katarzyna", "katarzyna"}, {"Żaneta", "zaneta"}, {"Elżbieta", "elzbieta"}, {"Hanna", "hanna"}, {"Joanna", "joanna"}, {"Róża", "roza"}},
		[]name{{"Łukasz", "lukasz"}, {"Michał", "michal"}, {"Paweł", "pawel"}, {"Stanisław", "stanislaw"}, {"Krzysztof", "krzysztof"}, {"Wojciech", "wojciech"}, {"Błażej", "blazej"}, {"Jan", "jan"}, {"Grzegorz", "grzegorz"}, {"Sławomir", "slawomir"}},
		[]name{{"Wiśniewska", "wisniewska"}, {"Wójcik", "wojcik"}, {"Kamińska", "kaminska"}, {"Zielińska", "zielinska"}, {"Dąbrowska", "dabrowska"}, {"Kozłowska", "kozlowska"}, {"Nowak", "nowak"}, {"Wróbel", "wrobel"}, {"Głowacka", "glowacka"}, {"Świątek", "swiatek"}, {"Gołębiewska", "golebiewska"}, {"Maj", "maj"}},
		[]name{{"Wiśniewski", "wisniewski"}, {"Wójcik", "wojcik"}, {"Kamiński", "kaminski"}, {"Zieliński", "zielinski"}, {"Dąbrowski", "dabrowski"}, {"Kozłowski", "kozlowski"}, {"Nowak", "nowak"}, {"Wróbel", "wrobel"}, {"Głowacki", "glowacki"}, {"Świątek", "swiatek"}, {"Gołębiewski", "golebiewski"}, {"Maj", "maj"}}},
	{"cs", 6,
		[]name{{"Kateřina", "katerina"}, {"Tereza", "tereza"}, {"Zdeňka", "zdenka"}, {"Božena", "bozena"}, {"Anežka", "anezka"}},
		[]name{{"Jiří", "jiri"}, {"Tomáš", "tomas"}, {"Ondřej", "ondrej"}, {"Václav", "vaclav"}, {"Luděk", "ludek"}},
		[]name{{"Nováková", "novakova"}, {"Dvořáková", "dvorakova"}, {"Růžičková", "ruzickova"}, {"Černá", "cerna"}, {"Křížová", "krizova"}},
		[]name{{"Novák", "novak"}, {"Dvořák", "dvorak"}, {"Růžička", "ruzicka"}, {"Černý", "cerny"}, {"Kříž", "kriz"}}},
	{"ru", 11,
		[]name{{"Анна", "anna"}, {"Екатерина", "ekaterina"}, {"Ольга", "olga"}, {"Юлия", "yuliya"}, {"Наталья", "natalya"}},
		[]name{{"Алексей", "aleksey"}, {"Сергей", "sergey"}, {"Пётр", "petr"}, {"Юрий", "yuriy"}, {"Илья", "ilya"}},
		[]name{{"Иванова", "ivanova"}, {"Соловьёва", "solovyova"}, {"Щербакова", "shcherbakova"}, {"Кузнецова", "kuznetsova"}, {"Чайковская", "chaykovskaya"}},
		[]name{{"Иванов", "ivanov"}, {"Соловьёв", "solovyov"}, {"Щербаков", "shcherbakov"}, {"Кузнецов", "kuznetsov"}, {"Чайковский", "chaykovskiy"}}},
	{"en", 9,
		[]name{{"Emma", "emma"}, {"Siobhan", "siobhan"}, {"Chloë", "chloe"}, {"Grace", "grace"}, {"Amelia", "amelia"}},
		[]name{{"Oliver", "oliver"}, {"James", "james"}, {"Seán", "sean"}, {"Thomas", "thomas"}, {"George", "george"}},
		[]name{{"Taylor", "taylor"}, {"O'Connor", "oconnor"}, {"Smith", "smith"}, {"Brontë", "bronte"}, {"Walker", "walker"}},
		[]name{{"Taylor", "taylor"}, {"O'Connor", "oconnor"}, {"Smith", "smith"}, {"Brontë", "bronte"}, {"Walker", "walker"}}},
}

// habit is how somebody comes: visits in a thousand ordinary days, and of a
// thousand orders those through the app.
type habit struct {
	kind           kind
	weight         int
	visits         [2]int
	app            [2]int
	email, phone   int // in a thousand
	reviews, check int // in a thousand visits
}

type kind uint8

const (
	loyal kind = iota + 1
	regular
	occasional
	lapsed   // came regularly, and then no more
	newcomer // joined in the last weeks
)

var habits = []habit{
	{loyal, 12, [2]int{380, 720}, [2]int{350, 800}, 850, 600, 18, 160},
	{regular, 34, [2]int{110, 240}, [2]int{150, 650}, 700, 450, 30, 90},
	{occasional, 31, [2]int{20, 70}, [2]int{50, 400}, 550, 300, 35, 40},
	{lapsed, 13, [2]int{130, 330}, [2]int{50, 500}, 500, 300, 15, 40},
	{newcomer, 10, [2]int{150, 450}, [2]int{300, 800}, 800, 500, 45, 150},
}

// person is a member, or one who will be.
type person struct {
	no            int
	given, family name
	language      string
	gender        string
	age           int // band, when joining
	card          string
	email, phone  string
	home          int // the store that is visited most
	habit         habit
	visits, app   int

	years, days int // how old, when joining

	joins  day
	joined calendar.Instant
	// last is the day of the last visit.
	last day
}

// ageBands are how old people are when they join, from and to.
var ageBands = []struct {
	name     string
	from, to int
}{{"18-24", 18, 24}, {"25-34", 25, 34}, {"35-44", 35, 44}, {"45-54", 45, 54}, {"55-64", 55, 64}, {"65+", 65, 84}}

func (c chance) person(no int) *person {
	weights := make([]int, len(peoples))
	for i := range peoples {
		weights[i] = peoples[i].weight
	}
	names := &peoples[c.weighted(weights)]
	p := &person{no: no, language: names.language, card: card(no)}
	if c.in(560) {
		p.gender, p.given, p.family = "female", one(c, names.women), one(c, names.womenFamily)
	} else {
		p.gender, p.given, p.family = "male", one(c, names.men), one(c, names.menFamily)
	}
	p.age = c.weighted([]int{20, 32, 22, 13, 8, 5})
	p.years, p.days = c.between(ageBands[p.age].from, ageBands[p.age].to), c.IntN(364)
	p.home = c.store()
	p.habit = habits[c.habit()]
	p.visits = c.between(p.habit.visits[0], p.habit.visits[1])
	p.app = c.between(p.habit.app[0], p.habit.app[1])
	if c.in(p.habit.email) {
		p.email = p.given.plain + "." + p.family.plain + "." + strconv.Itoa(no) + "@example.com"
	}
	if c.in(p.habit.phone) {
		p.phone = fmt.Sprintf("+48500%06d", 100*no+c.IntN(100))
	}
	return p
}

func (c chance) store() int {
	weights := make([]int, len(bars))
	for i := range bars {
		weights[i] = bars[i].weight
	}
	return c.weighted(weights)
}

func (c chance) habit() int {
	weights := make([]int, len(habits))
	for i := range habits {
		weights[i] = habits[i].weight
	}
	return c.weighted(weights)
}

// card gives the number of a card: 13 digits, of which the last is the check
// digit of EAN-13, in the range from 20 to 29 that shops use for themselves.
func card(no int) string {
	digits := fmt.Sprintf("2900%08d", no)
	return digits + string(rune('0'+checkDigit(digits)))
}

// checkDigit weighs the digits from the right by 3 and 1 in turn, as GS1 General
// Specifications, section 7.9, say.
func checkDigit(digits string) int {
	sum := 0
	for i := range len(digits) {
		weight := 3
		if (len(digits)-i)%2 == 0 {
			weight = 1
		}
		sum += weight * int(digits[i]-'0')
	}
	return (10 - sum%10) % 10
}

// The kinds of identities.
const (
	cardIdentity  = "card"
	emailIdentity = "email"
	phoneIdentity = "phone"
)

func (p *person) identity() journal.Identity {
	return journal.Identity{Kind: cardIdentity, Value: p.card}
}

// enrol gives the request with which the person becomes a member.
func (p *person) enrol(e *event.Event) journal.Request {
	r := journal.Request{Event: e}
	all := []journal.Identity{p.identity()}
	if p.email != "" {
		all = append(all, journal.Identity{Kind: emailIdentity, Value: p.email})
	}
	if p.phone != "" {
		all = append(all, journal.Identity{Kind: phoneIdentity, Value: p.phone})
	}
	for _, id := range all {
		r.Personal = append(r.Personal, store.Personal{Kind: store.Identity, Name: id.Kind, Value: id.Value})
	}
	r.Identity, r.Bind = all[0], all[1:]
	born := p.joins.plus(-p.days)
	born.year -= p.years
	home := bars[p.home].city
	for _, value := range [][2]string{
		{"given_name", p.given.written}, {"family_name", p.family.written}, {"birth_date", born.date()},
		{"gender", p.gender}, {"language", p.language}, {"city", home}, {"country", "PL"},
	} {
		r.Personal = append(r.Personal, store.Personal{Kind: store.Profile, Name: value[0], Value: value[1]})
	}
	// What rules may know is derived from these.
	for _, fact := range [][2]string{
		{"age_band", ageBands[p.age].name}, {"birthday_month", born.date()[5:7]}, {"city", home},
		{"country", "PL"}, {"gender", p.gender}, {"language", p.language},
	} {
		e.Data = append(e.Data, event.Datum{Name: fact[0], Kind: event.Text, Text: fact[1]})
	}
	return r
}
