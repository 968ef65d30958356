package event_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/govalues/decimal"

	"premia/internal/core/calendar"
	"premia/internal/core/event"
)

// scales are those of a program in PLN with three wallets.
var scales = event.Scales{Currency: 2, Wallet: func(name string) (int, bool) {
	scale, ok := map[string]int{"points": 0, "cashback": 2, "gold": 6}[name]
	return scale, ok
}}

// same compares events by value; decimals by value and no list as an empty one.
var same = cmp.Options{
	cmpopts.EquateEmpty(),
	cmp.Comparer(func(a, b decimal.Decimal) bool { return a.Cmp(b) == 0 }),
}

// purchase is an ordinary purchase of about 400 bytes.
const purchase = `{"id":"shop-1-order-2000","type":"purchase","member":"card:2900000000001",` +
	`"time":"2026-05-01T10:30:00+02:00","order":"2000","currency":"PLN","channel":"app","store":"warszawa-1",` +
	`"total":"29.80","tax":"2.21","items":[` +
	`{"sku":"ESP-1","name":"Espresso","category":"coffee","quantity":2,"unit_price":"9.90"},` +
	`{"sku":"CRO-7","name":"Rogalik","category":"bakery","quantity":1,"unit_price":"12.00","total":"10.00"}]}`

func decode(t testing.TB, src string) *event.Event {
	t.Helper()
	e, err := event.Decode([]byte(src), scales)
	if err != nil {
		t.Fatalf("Decode(%s): %v", src, err)
	}
	return e
}

func check(t testing.TB, src string) *event.Event {
	t.Helper()
	e := decode(t, src)
	if err := e.Check("PLN", 2); err != nil {
		t.Fatalf("Check(%s): %v", src, err)
	}
	return e
}

func TestDecodePurchase(t *testing.T) {
	got := check(t, purchase)
	want := &event.Event{
		ID: "shop-1-order-2000", Type: event.Purchase, Member: "card:2900000000001",
		At:    1_777_624_200 * calendar.Second, // 2026-05-01T08:30:00Z
		Order: "2000", Currency: "PLN", Channel: "app", Store: "warszawa-1",
		Total: 2980, Tax: 221, Given: event.GivenTotal | event.GivenTax,
		Items: []event.Item{
			{SKU: "ESP-1", Name: "Espresso", Category: "coffee", Quantity: 2000, UnitPrice: 9_900_000, GivenUnitPrice: true, Total: 1980},
			{SKU: "CRO-7", Name: "Rogalik", Category: "bakery", Quantity: 1000, UnitPrice: 12_000_000, GivenUnitPrice: true,
				Total: 1000, GivenTotal: true},
		},
	}
	if diff := cmp.Diff(want, got, same); diff != "" {
		t.Error(diff)
	}
}

func TestAppendIsCanonical(t *testing.T) {
	const want = `{"id":"shop-1-order-2000","type":"purchase","time":"2026-05-01T08:30:00Z","order":"2000",` +
		`"currency":"PLN","channel":"app","store":"warszawa-1","total":"29.80","tax":"2.21","items":[` +
		`{"sku":"ESP-1","name":"Espresso","category":"coffee","quantity":2,"unit_price":"9.90"},` +
		`{"sku":"CRO-7","name":"Rogalik","category":"bakery","unit_price":"12.00","total":"10.00"}]}`
	if got := string(check(t, purchase).Append(nil, scales)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestData(t *testing.T) {
	e := decode(t, `{"type":"review","data":{"verified":true,"stars":5,"text":"dobrá \"káva\"","hidden":false,`+
		`"big":9223372036854775808,"ratio":0.500,"round":2.00,"least":-9223372036854775808,"when":"2026-05-01T08:30:00Z"}}`)
	want := []event.Datum{
		{Name: "big", Kind: event.Decimal, Decimal: decimal.MustParse("9223372036854775808")},
		{Name: "hidden", Kind: event.Truth},
		{Name: "least", Kind: event.Whole, Whole: -9223372036854775808},
		{Name: "ratio", Kind: event.Decimal, Decimal: decimal.MustParse("0.5")},
		{Name: "round", Kind: event.Whole, Whole: 2},
		{Name: "stars", Kind: event.Whole, Whole: 5},
		{Name: "text", Kind: event.Text, Text: `dobrá "káva"`},
		{Name: "verified", Kind: event.Truth, Whole: 1},
		{Name: "when", Kind: event.Text, Text: "2026-05-01T08:30:00Z"},
	}
	if diff := cmp.Diff(want, e.Data, same); diff != "" {
		t.Error(diff)
	}
	const form = `{"type":"review","data":{"big":9223372036854775808,"hidden":false,"least":-9223372036854775808,` +
		`"ratio":0.5,"round":2,"stars":5,"text":"dobrá \"káva\"","verified":true,"when":"2026-05-01T08:30:00Z"}}`
	if got := string(e.Append(nil, scales)); got != form {
		t.Errorf("got  %s\nwant %s", got, form)
	}
}

func TestMomentsAreWrittenAsTime(t *testing.T) {
	e := event.Event{Type: event.Profile, Data: []event.Datum{
		{Name: "joined", Kind: event.Moment, Whole: int64(calendar.Day + 500*calendar.Second/1000)}}}
	const want = `{"type":"profile","data":{"joined":"1970-01-02T00:00:00.5Z"}}`
	if got := string(e.Append(nil, scales)); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestTimes(t *testing.T) {
	for text, want := range map[string]string{
		"2026-05-01T10:30:00+02:00":            "2026-05-01T08:30:00Z",
		"2026-05-01t10:30:00.123456z":          "2026-05-01T10:30:00.123456Z",
		"2024-02-29T23:59:59.5-23:59":          "2024-03-01T23:58:59.5Z",
		"2026-05-01T10:30:00.123456000000000Z": "2026-05-01T10:30:00.123456Z",
		"1970-01-02T00:00:00Z":                 "1970-01-02T00:00:00Z",
		"2200-01-01T00:00:00Z":                 "2200-01-01T00:00:00Z",
		"2000-02-29T00:00:00-00:00":            "2000-02-29T00:00:00Z",
	} {
		e := decode(t, `{"type":"visit","time":"`+text+`"}`)
		if got := e.At.String(); got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
}

func TestEmptyTextsAreAbsent(t *testing.T) {
	full := decode(t, `{"type":"purchase","total":1,"order":"","currency":"","channel":"","time":"","items":[],"data":{}}`)
	short := decode(t, `{"type":"purchase","total":1}`)
	if diff := cmp.Diff(short, full, same); diff != "" {
		t.Error(diff)
	}
	if full.Digest(scales) != short.Digest(scales) {
		t.Error("the digests differ")
	}
}

func TestStoredForm(t *testing.T) {
	e := &event.Event{Type: event.Absorb, At: 5 * calendar.Day, Filled: event.FilledTime, Carried: []byte{0, 1, 2, 250}}
	if err := e.Check("PLN", 2); err != nil {
		t.Fatal(err)
	}
	form := e.Append(nil, scales)
	const want = `{"type":"absorb","time":"1970-01-06T00:00:00Z","on_arrival":true,"carried":"AAEC+g=="}`
	if string(form) != want {
		t.Fatalf("got %s, want %s", form, want)
	}
	again, err := event.DecodeStored(form, scales)
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Check("PLN", 2); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(e, again, same); diff != "" {
		t.Error(diff)
	}
	for _, name := range []string{event.Enrolment, event.Profile, event.Merge, event.Absorb, event.Absorbed, event.Settle, event.Publish} {
		src := []byte(`{"type":"` + name + `"}`)
		if _, err := event.DecodeStored(src, scales); err != nil {
			t.Errorf("DecodeStored(%s): %v", src, err)
		}
		if _, err := event.Decode(src, scales); problemOf(t, err).Code != event.CodeNotAllowed {
			t.Errorf("Decode(%s): %v", src, err)
		}
	}
}

// TestAppendIsAlwaysJSON writes texts that no checked event holds.
func TestAppendIsAlwaysJSON(t *testing.T) {
	e := event.Event{Type: "visit", Reason: "a\x00\x1f\n\"\\\xff" + "b\u2028"}
	const want = `{"type":"visit","reason":"a\u0000\u001f\u000a\"\\\ufffd` + "b\u2028" + `"}`
	if got := string(e.Append(nil, scales)); got != strings.Replace(want, `\ufffd`, "\ufffd", 1) || !json.Valid([]byte(got)) {
		t.Errorf("got %q", got)
	}
}

// TestCheckLosesNoAmount makes events by code, which may not say what it gave.
func TestCheckLosesNoAmount(t *testing.T) {
	e := &event.Event{Type: event.Purchase, Tax: 1, Shipping: 2, Discount: 3, PaidWithGiftCards: 4, PaidWithPoints: 5,
		Items: []event.Item{{Quantity: 2000, UnitPrice: 9_900_000}}}
	if err := e.Check("PLN", 2); err != nil {
		t.Fatal(err)
	}
	const want = `{"type":"purchase","tax":"0.01","shipping":"0.02","discount":"0.03","paid_with_gift_cards":"0.04",` +
		`"paid_with_points":"0.05","items":[{"quantity":2,"unit_price":"9.90"}]}`
	if got := string(e.Append(nil, scales)); got != want || e.Total != 1979 {
		t.Errorf("got %s with a total of %d, want %s", got, e.Total, want)
	}
}

func TestAppendNeedsTheWalletsScale(t *testing.T) {
	e := event.Event{Type: event.Adjustment, Wallet: "gone", Amount: 1, Given: event.GivenAmount}
	defer func() {
		if recover() == nil {
			t.Error("an amount of unknown scale was written")
		}
	}()
	e.Append(nil, scales)
}

func TestDigestIgnoresWhatTheServerFills(t *testing.T) {
	e := decode(t, `{"type":"purchase","member":"card:1","items":[{"sku":"A","unit_price":"3"}]}`)
	want := e.Digest(scales)
	e.ID, e.Member = "evt_1", "mem_1"
	e.At, e.Filled = 5*calendar.Day, event.FilledTime
	if err := e.Check("PLN", 2); err != nil {
		t.Fatal(err)
	}
	if e.Total != 300 || e.Items[0].Total != 300 || e.Currency != "PLN" {
		t.Fatalf("not completed: %+v", e)
	}
	if e.Digest(scales) != want {
		t.Error("the digest changed")
	}
	again, err := event.DecodeStored(e.Append(nil, scales), scales)
	if err != nil {
		t.Fatal(err)
	}
	if again.Digest(scales) != want {
		t.Error("the digest of the stored event differs")
	}
}

func TestDigestIgnoresNotation(t *testing.T) {
	const other = ` { "items" : [
		{"unit_price":"9.900000","quantity":"2.000","name":"\u0045spresso","category":"coffee","sku":"ESP-1"},
		{"total":10.00,"unit_price":12,"name":"Rogalik","sku":"CRO-7","category":"bakery","brand":""} ],
		"tax":2.210,"total":"29.8","store":"warszawa-1","channel":"app","currency":"PLN","order":"2000",
		"time":"2026-05-01T08:30:00.000Z","member":"mem_1","type":"purchase"	}
	`
	if decode(t, other).Digest(scales) != decode(t, purchase).Digest(scales) {
		t.Error("order of keys, white space or notation change the digest")
	}
}

// TestDigestSeesEachField changes each field of the JSON alone.
func TestDigestSeesEachField(t *testing.T) {
	base := map[string]string{
		"type": `"visit"`, "time": `"2026-05-01T08:30:00Z"`, "order": `"1"`, "currency": `"PLN"`, "channel": `"app"`,
		"store": `"1"`, "total": `"1"`, "tax": `"1"`, "shipping": `"1"`, "discount": `"1"`, "paid_with_gift_cards": `"1"`,
		"paid_with_points": `"1"`, "wallet": `"points"`, "amount": `"1"`, "reason": `"a"`, "reference": `"a"`,
		"items": `[{"sku":"a","name":"a","category":"a","brand":"a","quantity":2,"unit_price":1,"total":1}]`,
		"data":  `{"a":1,"b":"1"}`,
	}
	changed := map[string][]string{
		"type": {`"visits"`}, "time": {`"2026-05-01T08:30:00.000001Z"`}, "order": {`"2"`}, "currency": {`"EUR"`}, "channel": {`"web"`},
		"store": {`"2"`}, "total": {`"1.01"`}, "tax": {`0.99`}, "shipping": {`0`}, "discount": {`2`}, "paid_with_gift_cards": {`3`},
		"paid_with_points": {`4`}, "wallet": {`"gold"`}, "amount": {`-1`}, "reason": {`"b"`}, "reference": {`"b"`},
		"items": {
			`[]`,
			`[{"sku":"b","name":"a","category":"a","brand":"a","quantity":2,"unit_price":1,"total":1}]`,
			`[{"sku":"a","name":"b","category":"a","brand":"a","quantity":2,"unit_price":1,"total":1}]`,
			`[{"sku":"a","name":"a","category":"b","brand":"a","quantity":2,"unit_price":1,"total":1}]`,
			`[{"sku":"a","name":"a","category":"a","brand":"b","quantity":2,"unit_price":1,"total":1}]`,
			`[{"sku":"a","name":"a","category":"a","brand":"a","quantity":3,"unit_price":1,"total":1}]`,
			`[{"sku":"a","name":"a","category":"a","brand":"a","quantity":2,"unit_price":1.000001,"total":1}]`,
			`[{"sku":"a","name":"a","category":"a","brand":"a","quantity":2,"unit_price":1,"total":2}]`,
			`[{"sku":"a","name":"a","category":"a","brand":"a","quantity":2,"unit_price":1}]`,
			`[{"sku":"a","name":"a","category":"a","brand":"a","quantity":2,"total":1}]`,
			`[{"sku":"a","name":"a","category":"a","brand":"a","quantity":2,"unit_price":1,"total":1},{}]`,
		},
		"data": {`{"a":2,"b":"1"}`, `{"a":"1","b":"1"}`, `{"a":true,"b":"1"}`, `{"a":1}`, `{"a":1,"c":"1"}`, `{"a":1.5,"b":"1"}`},
	}
	digests := map[[16]byte]string{decode(t, object(base)).Digest(scales): "base"}
	for key, value := range base {
		variants := append([]string{""}, changed[key]...)
		if key == "type" || key == "wallet" {
			variants = variants[1:]
		}
		for _, variant := range variants {
			base[key] = variant
			src := object(base)
			digest := decode(t, src).Digest(scales)
			if other, ok := digests[digest]; ok {
				// No items and an empty list are the same.
				if variant != "[]" && !(key == "items" && variant == "") {
					t.Errorf("%s has the digest of %s", src, other)
				}
			}
			digests[digest] = src
		}
		base[key] = value
	}
}

// object joins keys and values that are not empty.
func object(values map[string]string) string {
	src := "{"
	for key, value := range values {
		if value == "" {
			continue
		}
		if len(src) > 1 {
			src += ","
		}
		src += `"` + key + `":` + value
	}
	return src + "}"
}

func TestDecodeIntoReusesMemory(t *testing.T) {
	var e event.Event
	src := []byte(purchase)
	if err := event.DecodeInto(&e, []byte(`{"type":"review","data":{"a":1,"b":2},"items":[{},{},{}],"wallet":"gold","amount":1}`), scales); err != nil {
		t.Fatal(err)
	}
	if err := event.DecodeInto(&e, src, scales); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(decode(t, purchase), &e, same); diff != "" {
		t.Errorf("what was there before shows: %s", diff)
	}
	clear(src)
	if e.ID != "shop-1-order-2000" {
		t.Error("the event shares memory with its source")
	}
	src = []byte(purchase)
	if n := testing.AllocsPerRun(100, func() { _ = event.DecodeInto(&e, src, scales) }); n > 1 {
		t.Errorf("DecodeInto allocates %v times, not once", n)
	}
	buffer := make([]byte, 0, 1024)
	if n := testing.AllocsPerRun(100, func() { buffer = e.Append(buffer[:0], scales) }); n > 0 {
		t.Errorf("Append allocates %v times", n)
	}
	if n := testing.AllocsPerRun(100, func() { _ = e.Check("PLN", 2) }); n > 0 {
		t.Errorf("Check allocates %v times", n)
	}
}
