package event_test

import (
	"errors"
	"strings"
	"testing"

	"premia/internal/core/event"
)

func problemOf(t testing.TB, err error) *event.Problem {
	t.Helper()
	var p *event.Problem
	if !errors.As(err, &p) {
		t.Fatalf("%v is not a *Problem", err)
	}
	return p
}

// refusal is a bad input with the problem that it must give. The mark ¦ in the
// source stands where the problem must point, and is taken out.
type refusal struct{ src, code, says string }

func TestDecodeRefuses(t *testing.T) {
	for _, r := range decodeRefusals {
		want := strings.Index(r.src, "¦")
		src := strings.Replace(r.src, "¦", "", 1)
		_, err := event.Decode([]byte(src), scales)
		if err == nil {
			t.Errorf("%s is accepted", src)
			continue
		}
		p := problemOf(t, err)
		if p.Code != r.code || p.Error() != r.says || p.Offset != want {
			t.Errorf("%s\ngot  %d %s %s\nwant %d %s %s", src, p.Offset, p.Code, p.Error(), want, r.code, r.says)
		}
	}
}

func TestCheckRefuses(t *testing.T) {
	for _, r := range checkRefusals {
		e, err := event.DecodeStored([]byte(r.src), scales)
		if err != nil {
			t.Errorf("Decode(%s): %v", r.src, err)
			continue
		}
		err = e.Check("PLN", 2)
		if err == nil {
			t.Errorf("%s is accepted", r.src)
			continue
		}
		p := problemOf(t, err)
		if p.Code != r.code || p.Error() != r.says || p.Offset != -1 {
			t.Errorf("%s\ngot  %d %s %s\nwant %s %s", r.src, p.Offset, p.Code, p.Error(), r.code, r.says)
		}
	}
}

func TestDecodeRefusesTooMuch(t *testing.T) {
	items := `{"type":"purchase","items":[` + strings.Repeat(`{"total":1},`, event.MaxItems-1) + `{"total":1}`
	if _, err := event.Decode([]byte(items+"]}"), scales); err != nil {
		t.Errorf("%d items: %v", event.MaxItems, err)
	}
	data := `{"type":"review","data":{"f0":0`
	for i := range event.MaxData - 1 {
		data += `,"g` + strings.Repeat("x", i) + `":1`
	}
	if _, err := event.Decode([]byte(data+"}}"), scales); err != nil {
		t.Errorf("%d fields: %v", event.MaxData, err)
	}
	for _, r := range []refusal{
		{items + `,{"total":1}]}`, event.CodeTooManyItems, "items: an event has at most 1000 items; send the rest as another event"},
		{data + `,"last":1}}`, event.CodeTooManyData, "data: an event has at most 50 fields in data; send the rest as another event"},
		{`{"type":"visit"` + strings.Repeat(" ", event.MaxEncodedBytes) + "}", event.CodeTooLarge,
			"the event has 262160 bytes; at most 262144 are read; send it as several events"},
		{`{"type":"visit","channel":"` + strings.Repeat("é", 501) + `"}`, event.CodeTooLong,
			"channel: the text has 501 characters; at most 500 are kept"},
		{`{"type":"visit","channel":"` + strings.Repeat("e", 501) + `"}`, event.CodeTooLong,
			"channel: the text has 501 characters; at most 500 are kept"},
		{`{"type":"visit","order":"` + strings.Repeat("e", 129) + `"}`, event.CodeTooLong,
			"order: the text has 129 characters; at most 128 are kept"},
		{`{"type":"visit","id":"` + strings.Repeat("e", 129) + `"}`, event.CodeTooLong,
			"id: the text has 129 characters; at most 128 are kept"},
		{`{"type":"` + strings.Repeat("e", 65) + `"}`, event.CodeInvalid,
			`type: "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee…" is not a type of event; a type is 1 to 64 small letters, digits and the signs _ - . such as "purchase"`},
		{`{"type":"visit","items":` + strings.Repeat("[", 100_000), event.CodeWrongType,
			`items: a list stands where an item is due; write it as {"sku": "A-1", "quantity": 2, "unit_price": "9.90"}`},
	} {
		_, err := event.Decode([]byte(r.src), scales)
		if p := problemOf(t, err); p.Code != r.code || p.Error() != r.says {
			t.Errorf("got  %s %s\nwant %s %s", p.Code, p.Error(), r.code, r.says)
		}
	}
	if _, err := event.Decode([]byte(`{"type":"visit","channel":"`+strings.Repeat("é", 500)+`"}`), scales); err != nil {
		t.Errorf("500 characters: %v", err)
	}
}

func TestDecodeStoredRefuses(t *testing.T) {
	for _, r := range []refusal{
		{`{"type":"merge",¦"member":"mem_1"}`, event.CodeUnknownKey, ""},
		{`{"type":"merge","on_arrival":¦false}`, event.CodeWrongType, "on_arrival: a truth value stands where true is due"},
		{`{"type":"merge","carried":¦"A"}`, event.CodeInvalid, "carried: the text is not base64"},
		{`{"type":"merge","carried":¦1}`, event.CodeWrongType, "carried: a number stands where a text is due; write it between quotation marks"},
		{`{"type":"merge","wallet":¦"gone","amount":1}`, event.CodeUnknownWallet,
			`wallet: the program has no wallet "gone"; name one of its wallets by its id`},
	} {
		want := strings.Index(r.src, "¦")
		_, err := event.DecodeStored([]byte(strings.Replace(r.src, "¦", "", 1)), scales)
		p := problemOf(t, err)
		if p.Code != r.code || p.Offset != want || r.says != "" && p.Error() != r.says {
			t.Errorf("%s: got %d %s %s", r.src, p.Offset, p.Code, p.Error())
		}
	}
}

// TestCheckRefusesWhatCodeMade covers what can not come from Decode.
func TestCheckRefusesWhatCodeMade(t *testing.T) {
	for _, c := range []struct {
		e    event.Event
		says string
	}{
		{event.Event{Type: "visit", ID: "a b"}, `id: "a b" is not an id; an id is made of letters, digits and signs of ASCII, without spaces`},
		{event.Event{Type: "Visit"}, `type: "Visit" is not a type of event; a type is 1 to 64 small letters, digits and the signs _ - . such as "purchase"`},
		{event.Event{Type: "visit", Reason: "a\nb"}, "reason: the text holds the control character U+000A; send plain text on one line, without tabs"},
		{event.Event{Type: "visit", Store: "a\xff"}, "store: the text is not valid UTF-8; send texts in UTF-8"},
		{event.Event{Type: "visit", At: 1}, "time: 1970-01-01T00:00:00.000001Z is not between 1970-01-02 and 2200-01-01; check the year and the unit of the clock that made it"},
		{event.Event{Type: "visit", Tax: -1}, "tax: the tax must not be negative; write it without a minus"},
		{event.Event{Type: "visit", Amount: 1e15 + 1}, "amount: the amount is too large"},
		{event.Event{Type: "visit", Amount: 1}, `amount: an amount needs a wallet; name the "wallet" that it changes; what a customer pays is the "total"`},
		{event.Event{Type: "visit", Items: make([]event.Item, 1001)}, "items: an event has at most 1000 items; send the rest as another event"},
		{event.Event{Type: "visit", Items: make([]event.Item, 1)}, `items[0].quantity: a quantity must be above zero; for goods given back send an event of type "return"`},
		{event.Event{Type: "visit", Items: []event.Item{{Quantity: 1, SKU: "\x7f"}}}, "items[0].sku: the text holds the control character U+007F; send plain text on one line, without tabs"},
		{event.Event{Type: "visit", Items: []event.Item{{Quantity: 1, UnitPrice: -1}}}, `items[0].unit_price: the unit price must not be negative; for goods given back send an event of type "return"`},
		{event.Event{Type: "visit", Items: []event.Item{{Quantity: 1, Total: -1, GivenTotal: true}}}, `items[0].total: the total must not be negative; for goods given back send an event of type "return"`},
		{event.Event{Type: "visit", Data: make([]event.Datum, 51)}, "data: an event has at most 50 fields in data; send the rest as another event"},
		{event.Event{Type: "visit", Data: []event.Datum{{Name: "b"}, {Name: "a"}, {Name: "b"}}}, `data.b: the key "b" is written twice; write it once`},
		{event.Event{Type: "visit", Data: []event.Datum{{Name: "é"}}}, `data.é: "é" can not be the name of a field; a name is 1 to 64 letters, digits and the signs _ - .`},
		{event.Event{Type: "visit", Data: []event.Datum{{Name: "a", Kind: event.Text, Text: "\t"}}}, "data.a: the text holds the control character U+0009; send plain text on one line, without tabs"},
	} {
		err := c.e.Check("PLN", 2)
		if p := problemOf(t, err); p.Error() != c.says {
			t.Errorf("got  %s\nwant %s", p.Error(), c.says)
		}
	}
}
