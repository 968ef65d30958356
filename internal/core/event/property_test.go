package event_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/govalues/decimal"
	"pgregory.net/rapid"

	"premia/internal/core/calendar"
	"premia/internal/core/event"
	"premia/internal/core/money"
)

// texts draws texts without control characters, with everything that JSON must
// escape and characters of each width.
func texts(least, most int) *rapid.Generator[string] {
	char := rapid.OneOf(rapid.RuneFrom([]rune(`ab "\/é€😀`+"\u2028\ufffd<&")),
		rapid.RuneFrom(nil, unicode.L, unicode.N, unicode.P, unicode.S))
	return rapid.StringOfN(char, least, most, -1)
}

func ascii(pattern string) *rapid.Generator[string] { return rapid.StringMatching(pattern) }

func amounts() *rapid.Generator[int64] {
	return rapid.OneOf(rapid.Int64Range(0, 20_000), rapid.Int64Range(0, money.MaxAmount))
}

func items() *rapid.Generator[event.Item] {
	return rapid.Custom(func(t *rapid.T) event.Item {
		i := event.Item{
			SKU: texts(0, 8).Draw(t, "sku"), Name: texts(0, 8).Draw(t, "name"),
			Category: texts(0, 4).Draw(t, "category"), Brand: texts(0, 4).Draw(t, "brand"),
			Quantity: rapid.OneOf(rapid.Just(int64(1000)), rapid.Int64Range(1, event.MaxQuantity)).Draw(t, "quantity"),
		}
		if i.GivenUnitPrice = rapid.Bool().Draw(t, "has unit price"); i.GivenUnitPrice {
			i.UnitPrice = amounts().Draw(t, "unit price")
		}
		if i.GivenTotal = rapid.Bool().Draw(t, "has total"); i.GivenTotal {
			i.Total = amounts().Draw(t, "total")
		}
		return i
	})
}

func datum(name string) *rapid.Generator[event.Datum] {
	return rapid.Custom(func(t *rapid.T) event.Datum {
		d := event.Datum{Name: name, Kind: event.Kind(rapid.IntRange(1, 4).Draw(t, "kind"))}
		switch d.Kind {
		case event.Text:
			d.Text = texts(0, 20).Draw(t, "text")
		case event.Whole:
			d.Whole = rapid.Int64().Draw(t, "whole")
		case event.Truth:
			d.Whole = int64(rapid.IntRange(0, 1).Draw(t, "truth"))
		default:
			// An odd coefficient keeps its last decimal.
			coefficient := rapid.Int64().Draw(t, "coefficient") | 1
			d.Decimal = decimal.MustNew(coefficient, rapid.IntRange(1, decimal.MaxScale).Draw(t, "scale"))
			if d.Decimal.Trim(0).Scale() == 0 {
				d = event.Datum{Name: name, Kind: event.Whole, Whole: 7}
			}
		}
		return d
	})
}

// events draws events as Decode gives them.
func events() *rapid.Generator[*event.Event] {
	return rapid.Custom(func(t *rapid.T) *event.Event {
		e := &event.Event{
			ID:      rapid.OneOf(rapid.Just(""), ascii(`[!-~]{1,128}`)).Draw(t, "id"),
			Type:    rapid.OneOf(rapid.SampledFrom([]string{"purchase", "return", "adjustment", "claim", "checkout", "redemption", "confirmation", "cancellation", "refund", "fulfilment", "activation", "choice", "personal_offer"}), ascii(`[a-z0-9][a-z0-9_.-]{0,9}`)).Draw(t, "type"),
			Member:  texts(0, 20).Draw(t, "member"),
			Order:   texts(0, 10).Draw(t, "order"),
			Channel: texts(0, 5).Draw(t, "channel"), Store: texts(0, 5).Draw(t, "store"),
			Currency: rapid.SampledFrom([]string{"", "PLN", "EUR"}).Draw(t, "currency"),
			Reason:   texts(0, 20).Draw(t, "reason"), Reference: texts(0, 20).Draw(t, "reference"),
			Reward: texts(0, 10).Draw(t, "reward"), Hold: rapid.Bool().Draw(t, "hold"),
			Redemption: rapid.OneOf(rapid.Just(""), ascii(`[!-~]{1,128}`)).Draw(t, "redemption"), Status: texts(0, 10).Draw(t, "status"),
			Items:  rapid.SliceOfN(items(), 0, 4).Draw(t, "items"),
			Given:  event.Field(rapid.Uint32Range(0, 127).Draw(t, "given")),
			Prices: rapid.SampledFrom([]string{"", event.ListPrices}).Draw(t, "prices"),
			Codes:  rapid.SliceOfN(texts(1, 10), 0, 3).Draw(t, "codes"),
			Offer:  texts(0, 10).Draw(t, "offer"), Choosing: texts(0, 10).Draw(t, "choice"), Option: texts(0, 10).Draw(t, "option"),
			Until:    calendar.Instant(rapid.OneOf(rapid.Just(int64(calendar.None)), rapid.Int64Range(int64(calendar.Day), int64(84_006*calendar.Day))).Draw(t, "until")),
			Checkout: rapid.OneOf(rapid.Just(""), ascii(`[!-~]{1,128}`)).Draw(t, "checkout"),
		}
		for _, wallet := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"points", "cashback", "gold"}), 0, 3, rapid.ID[string]).Draw(t, "pay") {
			e.Pay = append(e.Pay, event.Payment{Wallet: wallet, Amount: rapid.Int64Range(1, money.MaxAmount).Draw(t, "of "+wallet)})
		}
		if e.Type == event.Redemption {
			e.Quantity = rapid.OneOf(rapid.Just(int64(0)), rapid.Int64Range(2, event.MaxRewards)).Draw(t, "quantity")
			e.Slot = calendar.Instant(rapid.OneOf(rapid.Just(int64(calendar.None)), rapid.Int64Range(int64(calendar.Day), int64(84_006*calendar.Day))).Draw(t, "slot"))
		}
		if rapid.Bool().Draw(t, "has time") {
			e.At = calendar.Instant(rapid.Int64Range(int64(calendar.Day), int64(84_006*calendar.Day)).Draw(t, "at"))
		}
		for _, a := range amountsOf(e) {
			if e.Given&a.bit != 0 {
				*a.value = amounts().Draw(t, a.key)
			}
		}
		if e.Given&event.GivenAmount != 0 {
			e.Wallet = rapid.SampledFrom([]string{"points", "cashback", "gold"}).Draw(t, "wallet")
			e.Amount = rapid.Int64Range(-money.MaxAmount, money.MaxAmount).Draw(t, "amount")
		}
		names := rapid.SliceOfNDistinct(ascii(`[a-zA-Z0-9][a-zA-Z0-9_.-]{0,5}`), 0, 5, rapid.ID[string]).Draw(t, "names")
		slices.Sort(names)
		for _, name := range names {
			e.Data = append(e.Data, datum(name).Draw(t, name))
		}
		return e
	}).Filter(func(e *event.Event) bool {
		switch e.Type {
		case event.Enrolment, event.Profile, event.Merge, event.Absorb, event.Absorbed, event.Settle, event.Publish:
			return false
		}
		return true
	})
}

type amountOf struct {
	key   string
	bit   event.Field
	value *int64
}

func amountsOf(e *event.Event) []amountOf {
	return []amountOf{
		{"total", event.GivenTotal, &e.Total}, {"tax", event.GivenTax, &e.Tax},
		{"shipping", event.GivenShipping, &e.Shipping}, {"discount", event.GivenDiscount, &e.Discount},
		{"paid_with_gift_cards", event.GivenPaidWithGiftCards, &e.PaidWithGiftCards},
		{"paid_with_points", event.GivenPaidWithPoints, &e.PaidWithPoints},
	}
}

// TestStoredEventsReturn also covers what only the server writes.
func TestStoredEventsReturn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := events().Draw(t, "event")
		e.Member = ""
		e.Carried = rapid.SliceOfN(rapid.Byte(), 0, 20).Draw(t, "carried")
		if e.At != calendar.None && rapid.Bool().Draw(t, "on arrival") {
			e.Filled = event.FilledTime
		}
		form := e.Append(nil, scales)
		if !json.Valid(form) {
			t.Fatalf("not JSON: %s", form)
		}
		again, err := event.DecodeStored(form, scales)
		if err != nil {
			t.Fatalf("%s: %v", form, err)
		}
		if diff := cmp.Diff(e, again, same); diff != "" {
			t.Fatalf("%s\n%s", form, diff)
		}
		if twice := again.Append(nil, scales); !bytes.Equal(form, twice) {
			t.Fatalf("the form is not canonical:\n%s\n%s", form, twice)
		}
		if e.Digest(scales) != again.Digest(scales) {
			t.Fatal("the digest changed")
		}
		e.ID = ""
		if bare := again.AppendWithoutID(nil, scales); !bytes.Equal(bare, e.Append(nil, scales)) {
			t.Fatalf("without the id: %s", bare)
		}
	})
}

// writer writes JSON in whatever notation it draws.
type writer struct {
	t *rapid.T
	strings.Builder
}

func (w *writer) space() {
	w.WriteString(rapid.SampledFrom([]string{"", "", " ", "\n\t"}).Draw(w.t, "space"))
}

func (w *writer) object(members map[string]func()) {
	keys := make([]string, 0, len(members))
	for key := range members {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	w.WriteByte('{')
	for i, key := range rapid.Permutation(keys).Draw(w.t, "order") {
		if i > 0 {
			w.WriteByte(',')
		}
		w.space()
		w.text(key)
		w.space()
		w.WriteByte(':')
		w.space()
		members[key]()
		w.space()
	}
	w.WriteByte('}')
}

// text writes a string, either as encoding/json does or with each UTF-16 unit
// escaped.
func (w *writer) text(s string) {
	if rapid.IntRange(0, 3).Draw(w.t, "escaped") > 0 {
		encoded, err := json.Marshal(s)
		if err != nil {
			w.t.Fatal(err)
		}
		w.Write(encoded)
		return
	}
	w.WriteByte('"')
	for _, r := range s {
		if r < 0x10000 {
			fmt.Fprintf(w, `\u%04X`, r)
		} else {
			fmt.Fprintf(w, `\u%04x\u%04x`, 0xd800+(r-0x10000)>>10, 0xdc00+(r-0x10000)&0x3ff)
		}
	}
	w.WriteByte('"')
}

func (w *writer) number(value int64, scale int) {
	numeral := money.Format(value, scale)
	if scale > 0 {
		switch rapid.IntRange(0, 2).Draw(w.t, "zeros") {
		case 0:
			numeral = strings.TrimSuffix(strings.TrimRight(numeral, "0"), ".")
		case 1:
			numeral += "000"
		}
	}
	if rapid.Bool().Draw(w.t, "quoted") {
		numeral = `"` + numeral + `"`
	}
	w.WriteString(numeral)
}

func (w *writer) event(e *event.Event) {
	members := map[string]func(){"type": func() { w.text(e.Type) }}
	for key, text := range eventTexts(e) {
		if text != "" {
			members[key] = func() { w.text(text) }
		}
	}
	for key, at := range map[string]calendar.Instant{"time": e.At, "slot": e.Slot, "until": e.Until} {
		if at == calendar.None {
			continue
		}
		members[key] = func() {
			zone := time.FixedZone("", 60*rapid.IntRange(-14*60, 14*60).Draw(w.t, "zone"))
			w.text(at.In(zone).Format(time.RFC3339Nano))
		}
	}
	if e.Quantity != 0 {
		members["quantity"] = func() { w.number(e.Quantity, 0) }
	}
	for _, a := range amountsOf(e) {
		if e.Given&a.bit != 0 {
			members[a.key] = func() { w.number(*a.value, 2) }
		}
	}
	if e.Hold || rapid.Bool().Draw(w.t, "says hold") {
		members["hold"] = func() { fmt.Fprint(w, e.Hold) }
	}
	if e.Given&event.GivenAmount != 0 {
		scale, _ := scales.Wallet(e.Wallet)
		members["amount"] = func() { w.number(e.Amount, scale) }
	}
	if len(e.Items) > 0 {
		members["items"] = func() { w.items(e.Items) }
	}
	if e.Prices != "" {
		members["prices"] = func() { w.text(e.Prices) }
	}
	if len(e.Codes) > 0 {
		members["codes"] = func() { w.list(len(e.Codes), func(i int) { w.text(e.Codes[i]) }) }
	}
	if len(e.Pay) > 0 {
		members["pay"] = func() { w.list(len(e.Pay), func(i int) { w.payment(e.Pay[i]) }) }
	}
	if len(e.Data) > 0 {
		members["data"] = func() { w.data(e.Data) }
	}
	w.space()
	w.object(members)
	w.space()
}

func (w *writer) list(n int, element func(i int)) {
	w.WriteByte('[')
	for i := range n {
		if i > 0 {
			w.WriteByte(',')
		}
		w.space()
		element(i)
	}
	w.WriteByte(']')
}

func (w *writer) payment(p event.Payment) {
	scale, _ := scales.Wallet(p.Wallet)
	w.object(map[string]func(){"wallet": func() { w.text(p.Wallet) }, "amount": func() { w.number(p.Amount, scale) }})
}

func eventTexts(e *event.Event) map[string]string {
	return map[string]string{"id": e.ID, "member": e.Member, "order": e.Order, "currency": e.Currency, "channel": e.Channel,
		"store": e.Store, "wallet": e.Wallet, "reason": e.Reason, "reference": e.Reference,
		"reward": e.Reward, "redemption": e.Redemption, "status": e.Status, "checkout": e.Checkout,
		"offer": e.Offer, "choice": e.Choosing, "option": e.Option}
}

func (w *writer) items(list []event.Item) {
	w.WriteByte('[')
	for n, i := range list {
		if n > 0 {
			w.WriteByte(',')
		}
		w.space()
		members := map[string]func(){"quantity": func() { w.number(i.Quantity, event.QuantityScale) }}
		for key, text := range map[string]string{"sku": i.SKU, "name": i.Name, "category": i.Category, "brand": i.Brand} {
			members[key] = func() { w.text(text) }
		}
		if i.GivenUnitPrice {
			members["unit_price"] = func() { w.number(i.UnitPrice, event.UnitPriceScale) }
		}
		if i.GivenTotal {
			members["total"] = func() { w.number(i.Total, 2) }
		}
		w.object(members)
	}
	w.WriteByte(']')
}

func (w *writer) data(data []event.Datum) {
	members := map[string]func(){}
	for _, d := range data {
		members[d.Name] = func() {
			switch d.Kind {
			case event.Text:
				w.text(d.Text)
			case event.Whole:
				fmt.Fprint(w, d.Whole)
			case event.Truth:
				fmt.Fprint(w, d.Whole == 1)
			default:
				w.WriteString(d.Decimal.String())
			}
		}
	}
	w.object(members)
}

// TestDecodeAgreesWithEncodingJSON writes events in every notation, and reads
// them here and with encoding/json.
func TestDecodeAgreesWithEncodingJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := events().Draw(t, "event")
		w := &writer{t: t}
		w.event(want)
		src := w.String()
		got, err := event.Decode([]byte(src), scales)
		if err != nil {
			t.Fatalf("%s: %v", src, err)
		}
		if diff := cmp.Diff(want, got, same); diff != "" {
			t.Fatalf("%s\n%s", src, diff)
		}
		if want.Digest(scales) != got.Digest(scales) {
			t.Fatalf("%s: another digest", src)
		}
		decoder := json.NewDecoder(strings.NewReader(src))
		decoder.UseNumber()
		var plain map[string]any
		if err := decoder.Decode(&plain); err != nil {
			t.Fatalf("encoding/json refuses %s: %v", src, err)
		}
		agree(t, plain, got)
	})
}

func agree(t *rapid.T, plain map[string]any, e *event.Event) {
	for key, text := range eventTexts(e) {
		if plainText, _ := plain[key].(string); plainText != text {
			t.Fatalf("%s is %q, encoding/json reads %q", key, text, plainText)
		}
	}
	for _, a := range amountsOf(e) {
		agreeNumber(t, a.key, plain[a.key], *a.value, 2)
	}
	if scale, ok := scales.Wallet(e.Wallet); ok {
		agreeNumber(t, "amount", plain["amount"], e.Amount, scale)
	}
	list, _ := plain["items"].([]any)
	if len(list) != len(e.Items) {
		t.Fatalf("%d items, encoding/json reads %d", len(e.Items), len(list))
	}
	for n := range list {
		item, i := list[n].(map[string]any), e.Items[n]
		if item["sku"] != i.SKU || item["name"] != i.Name || item["category"] != i.Category || item["brand"] != i.Brand {
			t.Fatalf("item %+v, encoding/json reads %v", i, item)
		}
		agreeNumber(t, "quantity", item["quantity"], i.Quantity, event.QuantityScale)
		agreeNumber(t, "unit_price", item["unit_price"], i.UnitPrice, event.UnitPriceScale)
		agreeNumber(t, "total", item["total"], i.Total, 2)
	}
}

func agreeNumber(t *rapid.T, key string, plain any, value int64, scale int) {
	want := new(big.Rat)
	if plain != nil {
		if _, ok := want.SetString(fmt.Sprint(plain)); !ok {
			t.Fatalf("%s: %v is no number", key, plain)
		}
	}
	if got := minor(value, scale); got.Cmp(want) != 0 {
		t.Fatalf("%s is %v, encoding/json reads %v", key, got, plain)
	}
}

// minor gives an amount in major units.
func minor(value int64, scale int) *big.Rat {
	return new(big.Rat).SetFrac(big.NewInt(value), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil))
}

// TestTotalsAgreeWithFractions checks purchases whose totals are drawn near the
// right ones against fractions of any size.
func TestTotalsAgreeWithFractions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		scale := rapid.IntRange(0, 6).Draw(t, "scale")
		small := rapid.Int64Range(0, 3000)
		e := &event.Event{Type: event.Purchase,
			Shipping: small.Draw(t, "shipping"), Discount: small.Draw(t, "discount"),
			Given: event.GivenShipping | event.GivenDiscount}
		want, exact := new(big.Rat), true
		for range rapid.IntRange(1, 3).Draw(t, "items") {
			i := event.Item{Quantity: 1000 * rapid.Int64Range(1, 4).Draw(t, "quantity"), GivenUnitPrice: true,
				UnitPrice: 1000 * rapid.Int64Range(0, 10_000).Draw(t, "unit price")}
			if rapid.Bool().Draw(t, "weighed") {
				i.Quantity = rapid.Int64Range(1, 3000).Draw(t, "weight")
			}
			total := new(big.Rat).Mul(minor(i.Quantity, 3), minor(i.UnitPrice, 6))
			if rapid.Bool().Draw(t, "has total") {
				i.GivenTotal = true
				i.Total = small.Draw(t, "total")
				above := new(big.Rat).Sub(minor(i.Total, scale), total)
				exact = exact && above.Cmp(minor(1, scale)) < 0
				total = minor(i.Total, scale)
			}
			exact = exact && isMultiple(total, scale)
			want.Add(want, total)
			e.Items = append(e.Items, i)
		}
		want.Add(want, minor(e.Shipping-e.Discount, scale))
		if rapid.Bool().Draw(t, "has total") {
			e.Given |= event.GivenTotal
			e.Total = small.Draw(t, "event total")
			exact = exact && minor(e.Total, scale).Cmp(want) == 0
		}
		exact = exact && want.Sign() >= 0
		err := e.Check("PLN", scale)
		if (err == nil) != exact {
			t.Fatalf("accepted: %v, but should be: %v (%v)", err == nil, exact, err)
		}
		if err == nil && minor(e.Total, scale).Cmp(want) != 0 {
			t.Fatalf("the total is %d, want %v", e.Total, want)
		}
	})
}

// isMultiple tells whether an amount is a whole number of minor units.
func isMultiple(amount *big.Rat, scale int) bool {
	return new(big.Rat).Quo(amount, minor(1, scale)).IsInt()
}

// makeConsistent takes away from an event what contradicts the rest.
func makeConsistent(e *event.Event) {
	e.Wallet, e.Amount, e.Given = "", 0, e.Given&^event.GivenAmount
	if e.Currency == "EUR" {
		e.Currency = ""
	}
	switch e.Type {
	case event.Adjustment:
		e.Wallet, e.Amount, e.Given, e.Reason = "points", -5, e.Given|event.GivenAmount, "a mistake"
	case event.Return, event.Claim:
		e.Order = "A1"
	case event.Redemption:
		e.Reward = "espresso"
	case event.Confirmation, event.Cancellation, event.Refund, event.Fulfilment:
		e.Redemption, e.Status = "r-1", "ready"
	case event.Activation, event.PersonalOffer, event.Choice:
		e.Offer, e.Choosing, e.Option = "coffee-week", "category", "bread"
	case event.Purchase, event.Checkout:
		if len(e.Items) == 0 {
			e.Items = []event.Item{{Quantity: 1000, UnitPrice: 9_900_000, GivenUnitPrice: true}}
		}
	}
	for n := range e.Items {
		i := &e.Items[n]
		i.Quantity = i.Quantity%2000 + 1
		i.UnitPrice %= 1e12
		i.GivenTotal = i.GivenTotal || i.GivenUnitPrice && i.Quantity*i.UnitPrice%1e7 != 0 ||
			(e.Type == event.Purchase || e.Type == event.Checkout) && !i.GivenUnitPrice
		i.Total %= 1e12
		if i.GivenTotal && i.GivenUnitPrice {
			i.Total = i.Quantity * i.UnitPrice / 1e7
		}
	}
	if e.Type == event.Checkout {
		e.Prices, e.Checkout = event.ListPrices, ""
	}
	if e.Prices == "" || (e.Type != event.Purchase && e.Type != event.Checkout) {
		e.Prices, e.Codes, e.Pay, e.Checkout = "", nil, nil, ""
	} else {
		e.Given &^= event.GivenDiscount | event.GivenPaidWithPoints
	}
	e.Shipping %= 1e12
	e.Total, e.Given = 0, e.Given&^event.GivenTotal
	e.Tax, e.PaidWithGiftCards, e.PaidWithPoints, e.Discount = 0, 0, 0, 0
	if len(e.Items) == 0 {
		e.Total, e.Given = e.Shipping, e.Given|event.GivenTotal
	}
}

func TestCheckTwiceIsCheckOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := events().Draw(t, "event")
		makeConsistent(e)
		if err := e.Check("PLN", 2); err != nil {
			t.Fatal(err)
		}
		first := e.Append(nil, scales)
		copied := *e
		copied.Items, copied.Data = slices.Clone(e.Items), slices.Clone(e.Data)
		if err := e.Check("PLN", 2); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(&copied, e, same); diff != "" {
			t.Fatal(diff)
		}
		completing := scales
		completing.Code = "PLN"
		again, err := event.DecodeStored(first, completing)
		if err != nil {
			t.Fatalf("%s: %v", first, err)
		}
		again.Member = e.Member
		if diff := cmp.Diff(e, again, same); diff != "" {
			t.Fatalf("the stored event is not completed as it was: %s", diff)
		}
		if err := again.Check("PLN", 2); err != nil {
			t.Fatalf("%s: %v", first, err)
		}
		if diff := cmp.Diff(e, again, same); diff != "" {
			t.Fatal(diff)
		}
	})
}
