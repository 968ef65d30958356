package fit

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/govalues/decimal"

	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/money"
	"premia/internal/core/program"
)

// Amount is an amount of money that a document's rules name.
type Amount struct {
	// ID names it within the document: its path, and the place of a number in a condition.
	ID, Path string
	// Field is how people read what is compared with it, of a condition; else nil.
	Field any
	// Was is as it stands, and Now in the other currency.
	Was, Now string
	// Decimals are the most that it may have.
	Decimals int

	offset, length int // in the text at the path; a length of 0 is all of it
}

// worthDecimals are the most of what one unit of a wallet is worth.
const worthDecimals = 6

// conversion turns a document's amounts into another currency.
type conversion struct {
	doc      *program.Document
	from, to string
	digits   int
	factor   decimal.Decimal
	texts    map[string]string
	amounts  []Amount
	happens  []happening
}

// happening is an amount of a scenario, as it was and exactly as it is in the other
// currency.
type happening struct {
	path, was string
	now       decimal.Decimal
}

// How amounts of scenarios are rounded.
const (
	down = iota
	nearest
	up
)

// Convert gives a document with another currency, and with its amounts multiplied by a
// factor: in its rules rounded to what prices are in that currency, and in the purchases of
// its scenarios down to the smallest coin, so that what was under a threshold stays so, or
// to the nearest, or up, where a scenario comes out only so. What a scenario expects may
// come out otherwise by less than a coin of either currency, to which it was rounded. A
// wallet of which one is worth one of the currency is money, too, and counts in the other;
// what other wallets get in percent of money is divided by the factor. Amounts of one's
// own, by their ids, stand instead of what is reckoned. The list has those of the rules, in
// their order. What comes is not checked.
func Convert(doc *program.Document, currency string, factor decimal.Decimal, own map[string]string) ([]byte, []Amount, error) {
	c := &conversion{doc: doc, from: doc.Head.Currency, to: currency, factor: factor, texts: make(map[string]string)}
	c.digits, _ = money.CurrencyDigits(currency)
	if doc.Head.Scale != nil {
		c.digits = *doc.Head.Scale
	}
	seen := make(map[string]bool)
	for _, a := range c.sorted() {
		id := a.Path
		if a.Length > 0 {
			id += "@" + strconv.Itoa(a.Offset)
		}
		if !seen[id] && c.isMoney(&a) {
			c.convert(&a, id)
		}
		seen[id] = true
	}
	c.wholePer()
	c.put(own)
	c.named()
	c.happen(scenarios, down, nearest)
	source, err := c.cards()
	if err != nil {
		return nil, nil, err
	}
	src, err := settle(source, c.texts, c.ways())
	return src, c.amounts, err
}

// ways are those in which amounts of scenarios are rounded, in their order.
func (c *conversion) ways() []way {
	rounded := func(bought, expected int) way {
		return func(scenario string, _ *broken) { c.happen(scenario, bought, expected) }
	}
	return []way{rounded(nearest, nearest), rounded(down, down), rounded(up, nearest), rounded(down, nearest), c.within, c.within}
}

// within expects what came out where it is off by less than a coin of either currency, for
// each amount of the step that it may be a sum of.
func (c *conversion) within(scenario string, b *broken) {
	if b.run == nil {
		return
	}
	got := make(map[document.Pos]string)
	for _, f := range b.Failures {
		for _, d := range f.Differences {
			got[d.Pos] = d.Got
		}
	}
	coin := decimal.MustNew(1, c.digits)
	if was, err := decimal.MustNew(1, c.doc.Program.Currency.Scale).Mul(c.factor); err == nil && coin.Less(was) {
		coin = was
	}
	for _, h := range c.happens {
		inside, ok := strings.CutPrefix(h.path, scenario)
		if !ok || !strings.Contains(inside, ".expect") {
			continue
		}
		step, _, _ := strings.Cut(h.path, ".expect")
		summed := int64(1)
		for _, o := range c.happens {
			if rest, ok := strings.CutPrefix(o.path, step+"."); ok && !strings.HasPrefix(rest, "expect") {
				summed++
			}
		}
		most, err := coin.Mul(decimal.MustNew(summed, 0))
		if err != nil {
			continue
		}
		now, err := decimal.Parse(got[b.run.At(document.Index(scenarios, b.at)+inside)])
		if err != nil {
			continue
		}
		if off, err := now.Sub(h.now); err == nil && off.Abs().Less(most) {
			c.texts[h.path] = c.write(h.was, now)
		}
	}
}

// cards is the document whose scenarios name the value on gift cards by the other currency.
func (c *conversion) cards() (*document.Source, error) {
	was, now := []byte(giftCardsIn(c.from)), []byte(giftCardsIn(c.to))
	for path, text := range c.texts {
		if renamed := bytes.ReplaceAll([]byte(path), was, now); string(renamed) != path {
			delete(c.texts, path)
			c.texts[string(renamed)] = text
		}
	}
	for i := range c.happens {
		c.happens[i].path = string(bytes.ReplaceAll([]byte(c.happens[i].path), was, now))
	}
	return document.Parse(c.doc.Source.File(), bytes.ReplaceAll(c.doc.Source.Bytes(), was, now))
}

// happen writes the amounts of a scenario, or of all: what is bought, and what is expected,
// each rounded in its way.
func (c *conversion) happen(scenario string, bought, expected int) {
	for _, h := range c.happens {
		if !strings.HasPrefix(h.path, scenario) {
			continue
		}
		how := bought
		if strings.Contains(h.path, ".expect") {
			how = expected
		}
		now := h.now.Trunc(c.digits)
		switch how {
		case nearest:
			now = h.now.Round(c.digits)
		case up:
			now = h.now.Ceil(c.digits)
		}
		c.texts[h.path] = c.write(h.was, now)
	}
}

// giftCardsIn begins what a scenario expects of gift cards in a currency.
func giftCardsIn(currency string) string { return "gift_card_" + strings.ToLower(currency) + "." }

// sorted are the document's amounts in their order, by paths as they are written, and
// the last in a text first, so that the ones before it stay where they are.
func (c *conversion) sorted() []engine.Amount {
	all := slices.Clone(c.doc.Amounts)
	place := make(map[string]int)
	c.doc.Source.Scalars(func(path, _ string) { place[path] = len(place) })
	for i := range all {
		all[i].Path = document.Canonical(all[i].Path)
	}
	slices.SortStableFunc(all, func(a, b engine.Amount) int {
		return cmp.Or(cmp.Compare(place[a.Path], place[b.Path]), cmp.Compare(b.Offset, a.Offset))
	})
	return all
}

// isMoney tells whether an amount changes with the currency. What one unit of a wallet of
// money is worth, or is paid out for, does not.
func (c *conversion) isMoney(a *engine.Amount) bool {
	p := c.doc.Program
	if w := p.WalletByID(a.Worth); a.Worth != "" {
		return w != nil && !c.holdsMoney(w)
	}
	if a.Wallet != nil && !c.holdsMoney(a.Wallet) {
		return false
	}
	return !c.paidOut(a.Path)
}

// holdsMoney tells whether a wallet's unit is the currency itself.
func (c *conversion) holdsMoney(w *engine.Wallet) bool {
	one, _ := money.NewRate(1, 1)
	return w.Currency == c.from || (w.Currency == "" && w.Worth == one && w.Unit.Scale == c.doc.Program.Currency.Scale)
}

// paysOut tells whether in a step of a scenario money is paid out, of which the quantity
// says how much.
func (c *conversion) paysOut(step string) bool {
	for _, key := range []string{"redeem", "hold"} {
		id, _ := c.doc.Source.Text(step + "." + key)
		n, _ := c.doc.Source.Len("rewards")
		for i := range n {
			reward := document.Index("rewards", i)
			if known, _ := c.doc.Source.Text(reward + ".id"); known == id && c.paidOut(reward+".amount") {
				return true
			}
		}
	}
	return false
}

// times multiplies by the factor.
func (c *conversion) times(d decimal.Decimal) decimal.Decimal {
	if now, err := d.Mul(c.factor); err == nil {
		return now
	}
	return d
}

// paidOut tells whether a path is of what is paid to a bank account for one unit of money,
// which is one in any currency.
func (c *conversion) paidOut(path string) bool {
	reward, key := document.Parent(path)
	if parent, last := document.Parent(reward); last == "price" {
		reward, key = parent, "price"
	}
	if kind, _ := c.doc.Source.Text(reward + ".kind"); kind != "cashback" || !slices.Contains([]string{"price", "amount", "cost", "worth"}, key) {
		return false
	}
	wallets, _ := c.doc.Source.KeysAt(reward + ".price")
	if len(wallets) != 1 {
		return false
	}
	w := c.doc.Program.WalletByID(wallets[0])
	return w != nil && c.holdsMoney(w)
}

// convert reckons one amount.
func (c *conversion) convert(a *engine.Amount, id string) {
	text, ok := c.doc.Source.Text(a.Path)
	if !ok {
		return
	}
	number := text
	if a.Length > 0 {
		number = text[a.Offset : a.Offset+a.Length]
	}
	was, err := decimal.Parse(number)
	if err != nil {
		return
	}
	now := c.times(was)
	if inScenario(a.Path) {
		c.happens = append(c.happens, happening{a.Path, number, now})
		return
	}
	one := Amount{ID: id, Path: a.Path, Field: a.Field, Was: number, Decimals: c.digits, offset: a.Offset, length: a.Length}
	if a.Worth != "" {
		one.Decimals = max(worthDecimals, c.digits)
	}
	one.Now = c.proposed(&one, now)
	c.amounts = append(c.amounts, one)
}

// put writes the amounts, or those of one's own, where they stand. Of several in one text
// the last comes first, so that the others stay where they are.
func (c *conversion) put(own map[string]string) {
	for i := range c.amounts {
		a := &c.amounts[i]
		if said, ok := own[a.ID]; ok {
			a.Now = said
		}
		if a.length == 0 {
			c.texts[a.Path] = a.Now
			continue
		}
		text, changed := c.texts[a.Path]
		if !changed {
			text, _ = c.doc.Source.Text(a.Path)
		}
		c.texts[a.Path] = text[:a.offset] + a.Now + text[a.offset+a.length:]
	}
}

// proposed writes an amount of a rule: a multiple of what prices are multiples of, where
// that changes it by little.
func (c *conversion) proposed(a *Amount, now decimal.Decimal) string {
	if a.Decimals > c.digits { // a worth
		return now.Round(a.Decimals).Trim(min(c.digits, 2)).String()
	}
	smallest := decimal.MustNew(1, c.digits)
	if step, known := steps[c.to]; known {
		coarse := decimal.MustParse(step)
		least, _ := coarse.Mul(decimal.MustNew(10, 0))
		if coarse.Cmp(smallest) > 0 && now.Cmp(least) >= 0 {
			times, err := now.Quo(coarse)
			if rounded, errMul := times.Round(0).Mul(coarse); err == nil && errMul == nil {
				now = rounded
			}
		}
	}
	now = now.Round(c.digits)
	if now.Less(smallest) {
		now = smallest
	}
	return c.write(a.Was, now)
}

// write writes an amount with the decimals of the currency, or with none where it had
// none and needs none.
func (c *conversion) write(was string, now decimal.Decimal) string {
	now = now.Trim(0)
	if now.Scale() == 0 && !strings.Contains(was, ".") {
		return now.String()
	}
	return now.Pad(c.digits).String()
}

// wholePer lets a rule that now gives for less than one of the currency give so many times
// as much for a whole number of it, which comes to the same.
func (c *conversion) wholePer() {
	for i := range c.amounts {
		a := &c.amounts[i]
		parent, key := document.Parent(a.Path)
		per, err := decimal.Parse(a.Now)
		if keys, _ := c.doc.Source.KeysAt(parent); key != "per" || err != nil || !per.Less(decimal.One) || len(keys) < 2 {
			continue
		}
		for _, times := range []int64{2, 4, 5, 8, 10, 20, 25, 40, 50, 100} {
			whole, err := per.Mul(decimal.MustNew(times, 0))
			if err != nil || !whole.IsInt() {
				continue
			}
			if c.manifold(parent, times) {
				a.Now = c.write(a.Was, whole)
			}
			break
		}
	}
}

// manifold multiplies all that a rule gives; false, and nothing is, where one thing of it is
// no plain number.
func (c *conversion) manifold(parent string, times int64) bool {
	out := make(map[string]string)
	keys, _ := c.doc.Source.KeysAt(parent)
	for _, key := range keys {
		if key == "per" {
			continue
		}
		path := document.Join(parent, key)
		text, _ := c.doc.Source.Text(path)
		if a := c.listed(path); a != nil {
			text = a.Now
		}
		given, err := decimal.Parse(text)
		if err != nil {
			return false
		}
		if given, err = given.Mul(decimal.MustNew(times, 0)); err != nil {
			return false
		}
		out[path] = given.Trim(0).String()
	}
	for path, text := range out {
		if a := c.listed(path); a != nil {
			a.Now = text
		} else {
			c.texts[path] = text
		}
	}
	return true
}

// listed is the amount at a path; nil for none.
func (c *conversion) listed(path string) *Amount {
	for i := range c.amounts {
		if a := &c.amounts[i]; a.Path == path && a.length == 0 {
			return a
		}
	}
	return nil
}

// mostOfPercent are the most decimals of a percentage that is reckoned anew.
const mostOfPercent = 4

// ofMoney tells whether a percentage at a key says how much of a wallet that is no money
// is given for money.
func (c *conversion) ofMoney(step, key string) bool {
	_, gives := document.Parent(step)
	w := c.doc.Program.WalletByID(key)
	return (gives == "give" || gives == "bonus") && w != nil && !c.holdsMoney(w)
}

// named changes what names the currency, the decimals of wallets that hold money, and what
// others get in percent of it.
func (c *conversion) named() {
	c.doc.Source.Scalars(func(path, text string) {
		switch step, key := document.Parent(path); {
		case key == "currency" && text == c.from:
			c.texts[path] = c.to
		case strings.HasSuffix(text, "%") && c.ofMoney(step, key) && !inScenario(path):
			if percent, err := decimal.Parse(strings.TrimSuffix(text, "%")); err == nil {
				if now, err := percent.Quo(c.factor); err == nil {
					c.texts[path] = now.Round(mostOfPercent).Trim(0).String() + "%"
				}
			}
		case key == "quantity" && inScenario(path) && c.paysOut(step):
			if pieces, err := decimal.Parse(text); err == nil {
				c.happens = append(c.happens, happening{path, text, c.times(pieces)})
			}
		}
	})
	for i := range c.doc.Program.Wallets {
		w := &c.doc.Program.Wallets[i]
		path := document.Join("wallets", w.ID) + ".scale"
		if w.Currency == "" && c.holdsMoney(w) && c.doc.Source.Has(path) {
			c.texts[path] = strconv.Itoa(c.digits)
		}
	}
}
