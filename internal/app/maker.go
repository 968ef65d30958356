package app

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"premia/internal/core/condition"
	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/text"
	"premia/internal/store"
)

// What people wish for most, each in a few values.
const (
	WishDouble = "double" // more points for purchases, for some days
	WishBonus  = "bonus"  // points for something that members do
	WishReward = "reward" // something new to take for points
	WishCoupon = "coupon" // a code that takes something off
)

// Wishes lists what can be wished for, in the order in which it is offered.
func Wishes() []string { return []string{WishDouble, WishBonus, WishReward, WishCoupon} }

// Wish is what somebody wants of the program, as they say it. Which values count
// depends on the kind; all are as people type them, and empty where they said nothing.
type Wish struct {
	Kind string
	// Names are what members read, by language.
	Names map[string]string
	// Wallet is what is given or paid with, Factor and Amount how much of it.
	Wallet, Factor, Amount string
	// From and Until are days, both included.
	From, Until string
	// Channels and Stores are where it counts, separated by commas; everywhere if empty.
	Channels, Stores string
	// Budget is the most that all members get together, Each how often a member does.
	Budget, Each string
	// On is the event that earns a bonus.
	On string
	// Stock, Cost, Reward and Place are those of a reward: how many there are, what one
	// costs, its kind, and where a service or access is.
	Stock, Cost, Reward, Place string
	// Code and Percent are those of a coupon, Least what the basket must come to.
	Code, Percent, Least string
}

// Fulfil writes a wish into a document, behind what is there. The problems are those of
// the document with it, at the fields of the wish where they can be told.
func (a *App) Fulfil(src []byte, w Wish) ([]byte, error) {
	s, err := document.Parse("program", src)
	if err != nil {
		return nil, invalidProgram(err)
	}
	o, err := outline()
	if err != nil {
		return nil, err
	}
	part, at := w.part(s)
	if part.IsNone() {
		return nil, problem("invalid_parameter", "kind", text.Say("there is no wish {Kind}", strconv.Quote(w.Kind)))
	}
	n, _ := s.Len(at)
	out, err := s.Put(document.Index(at, n), part, o)
	if err != nil {
		return nil, problem(CodeProgramInvalid, "", text.Of(err), "Count", int64(1))
	}
	r := a.Read(out)
	if len(r.Problems) > 0 {
		p := problem(CodeProgramInvalid, "", r.Problems.Sentence(), "Count", int64(len(r.Problems)))
		p.Errors = r.Problems
		return out, p
	}
	return out, nil
}

// Doubled lists the wallets of a program that a wish can double for purchases: those of
// which earning rules give. What stamp cards, challenges and campaigns give is not
// multiplied.
func Doubled(p *engine.Program) []*engine.Wallet { return p.Earned("purchase") }

// SaveWish keeps a wish that was written into the document in force as a draft. One of the
// same name that the same person left, and which has nothing but such a wish, is written
// anew, so that trying again leaves no other.
func (a *App) SaveWish(ctx context.Context, live Version, w Wish, title string, document []byte) (store.Draft, error) {
	change := DraftChange{Title: title, Document: document, Comment: title}
	all, err := a.Drafts(ctx)
	if err != nil {
		return store.Draft{}, err
	}
	for i := range all {
		d := &all[i]
		mine := d.Author == ActorOf(ctx).ID && d.State == store.DraftOpen && d.Title == title && d.Comment == title && d.Base == live.Version
		if mine && w.sameWish(live.Document, document, d.Document) {
			change.Seen = d.Changed
			return a.SaveDraft(ctx, d.ID, change)
		}
	}
	return a.SaveDraft(ctx, "", change)
}

// sameWish tells whether a draft has nothing that the document in force lacks but one item
// where the wish puts its own, which is of the same sort.
func (w Wish) sameWish(live, wished, draft []byte) bool {
	before, last := w.apart(live, true)
	rest, item := w.apart(draft, false)
	_, mine := w.apart(wished, false)
	return last == nil && item != nil && mine != nil && maps.Equal(before, rest) && sortOf(item) == sortOf(mine)
}

// sortOf is what an item is: a coupon and a reward stand in one list.
func sortOf(item map[string]string) string {
	return item[".kind"] + strconv.FormatBool(item[".discount.percent"] != "")
}

// apart gives what a document says by path and, unless it is whole, apart from that the
// last item of the list to which the wish adds one; nil if that is empty.
func (w Wish) apart(src []byte, whole bool) (rest, item map[string]string) {
	s, err := document.Parse("program", src)
	if err != nil {
		return nil, nil
	}
	_, list := w.part(s)
	n, _ := s.Len(list)
	last := document.Index(list, n-1)
	rest = make(map[string]string)
	s.Scalars(func(path, text string) {
		inside, ok := strings.CutPrefix(path, last)
		if !ok || whole {
			rest[path] = text
			return
		}
		if item == nil {
			item = make(map[string]string)
		}
		item[inside] = text
	})
	return rest, item
}

// Field gives the field of the wish that a place of what it writes comes from; empty for
// none.
func (w Wish) Field(path string) string {
	for _, place := range []struct{ part, field string }{
		{".name", "name"}, {".from", "from"}, {".until", "until"}, {".multiply", "factor"}, {".limits.times", "each"}, {".limits", "budget"},
		{".where", "place"}, {".when", "where"}, {".on", "on"}, {".give", "amount"}, {".price", "amount"}, {".stock", "stock"}, {".cost", "cost"}, {".code", "code"},
		{".discount.percent", "percent"}, {".discount.least", "least"}, {".voucher", "each"},
	} {
		if strings.Contains(path, place.part) {
			return place.field
		}
	}
	return ""
}

// part is what the wish adds to the document, and to which list.
func (w Wish) part(s *document.Source) (document.Value, string) {
	switch w.Kind {
	case WishDouble:
		return w.double(s), "campaigns"
	case WishBonus:
		return w.bonus(s), "earn"
	case WishReward:
		return w.reward(s), "rewards"
	case WishCoupon:
		return w.coupon(s), "rewards"
	}
	return document.Value{}, ""
}

// entries gathers what was said.
type entries struct{ document.Value }

func (e *entries) say(key, value string) {
	if value = strings.TrimSpace(value); value != "" {
		e.Value = e.With(key, document.Scalar(value))
	}
}

func (e *entries) put(key string, v document.Value) { e.Value = e.With(key, v) }

func (w Wish) begin(s *document.Source, list, id string) *entries {
	e := &entries{}
	e.say("id", unusedID(s, list, id))
	names := document.Entries()
	for _, lang := range document.Languages() {
		if said := strings.TrimSpace(w.Names[lang]); said != "" {
			names = names.With(lang, document.Scalar(said))
		}
	}
	if len(w.Names) > 0 {
		e.put("name", names)
	}
	return e
}

func (w Wish) double(s *document.Source) document.Value {
	e := w.begin(s, "campaigns", strings.Trim("more-"+w.Wallet+"-"+w.From, "-"))
	e.say("on", "purchase")
	e.say("from", w.From)
	e.say("until", w.Until)
	e.say("when", w.where())
	e.put("multiply", document.Entries().With(w.Wallet, document.Scalar(strings.TrimSpace(w.Factor))))
	w.budget(e)
	return e.Value
}

func (w Wish) bonus(s *document.Source) document.Value {
	e := w.begin(s, "earn", w.On+"-bonus")
	e.say("on", w.On)
	e.say("from", w.From)
	e.say("until", w.Until)
	e.put("give", document.Entries().With(w.Wallet, document.Scalar(strings.TrimSpace(w.Amount))))
	w.budget(e)
	return e.Value
}

// budget bounds what all members get together, and how often each does.
func (w Wish) budget(e *entries) {
	limits := document.Entries()
	if said := strings.TrimSpace(w.Budget); said != "" {
		limits = limits.With(w.Wallet, document.Entries().With("in total", document.Scalar(said)))
	}
	if said := strings.TrimSpace(w.Each); said != "" {
		limits = limits.With("times", document.Entries().With("each member", document.Scalar(said)))
	}
	if strings.TrimSpace(w.Budget+w.Each) != "" {
		e.put("limits", limits)
	}
}

func (w Wish) reward(s *document.Source) document.Value {
	e := w.begin(s, "rewards", w.name(s))
	e.say("kind", w.Reward)
	e.put("price", document.Entries().With(w.Wallet, document.Scalar(strings.TrimSpace(w.Amount))))
	e.say("from", w.From)
	e.say("until", w.Until)
	e.say("stock", w.Stock)
	if w.Reward == "free product" {
		e.say("sku", strings.ToUpper(slug(w.name(s))))
		e.say("fulfilment", "collect")
	}
	e.say("cost", w.Cost)
	e.say("where", w.Place)
	return e.Value
}

func (w Wish) coupon(s *document.Source) document.Value {
	e := w.begin(s, "rewards", "coupon-"+w.Code)
	e.say("kind", "discount")
	e.say("from", w.From)
	e.say("until", w.Until)
	discount := &entries{}
	discount.say("percent", w.Percent)
	discount.say("least", w.Least)
	e.put("discount", discount.Value)
	voucher := &entries{}
	voucher.say("for", "bearer")
	voucher.say("uses", w.Budget)
	voucher.say("each member", w.Each)
	e.put("voucher", voucher.Value)
	e.say("code", strings.ToUpper(w.Code))
	return e.Value
}

// name is what it is called in the document's first language.
func (w Wish) name(s *document.Source) string {
	first, _ := s.Text("languages[0]")
	if said := w.Names[first]; said != "" {
		return said
	}
	for _, lang := range document.Languages() {
		if said := w.Names[lang]; said != "" {
			return said
		}
	}
	return w.Kind
}

// where is the condition under which it counts.
func (w Wish) where() string {
	var rows []condition.Row
	for field, said := range map[string]string{"event.channel": w.Channels, "event.store": w.Stores} {
		said = strings.Trim(said, " ,")
		switch {
		case said == "":
		case strings.Contains(said, ","):
			rows = append(rows, condition.Row{Field: field, Operator: condition.OneOf, Value: said})
		default:
			rows = append(rows, condition.Row{Field: field, Operator: condition.Is, Value: said})
		}
	}
	slices.SortFunc(rows, func(a, b condition.Row) int { return strings.Compare(a.Field, b.Field) })
	return condition.Join(rows, false, func(string) condition.Kind { return condition.KindString })
}

// unusedID makes an id of a text that no item of a list has.
func unusedID(s *document.Source, list, text string) string {
	base := slug(text)
	id := base
	for i := 2; taken(s, list, id); i++ {
		id = base + "-" + strconv.Itoa(i)
	}
	return id
}

func taken(s *document.Source, list, id string) bool {
	n, _ := s.Len(list)
	for i := range n {
		if said, _ := s.Text(document.Index(list, i) + ".id"); said == id {
			return true
		}
	}
	return false
}

// maxSlug is how long an id that is made of words may be.
const maxSlug = 40

// slug writes a text with small letters, digits and hyphens alone.
func slug(text string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.NewReplacer("ł", "l", "đ", "d").Replace(strings.ToLower(text))) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case unicode.Is(unicode.Mn, r):
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() >= maxSlug {
			break
		}
	}
	if id := strings.Trim(b.String(), "-"); id != "" {
		return id
	}
	return "new"
}
