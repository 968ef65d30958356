package event_test

import (
	"encoding/json"
	"testing"

	"premia/internal/core/event"
)

// plainEvent is what encoding/json needs to read the same purchase, without any
// of the checks and with amounts left as texts: the baseline.
type plainEvent struct {
	ID       string      `json:"id,omitempty"`
	Type     string      `json:"type"`
	Member   string      `json:"member,omitempty"`
	Time     string      `json:"time,omitempty"`
	Order    string      `json:"order,omitempty"`
	Currency string      `json:"currency,omitempty"`
	Channel  string      `json:"channel,omitempty"`
	Store    string      `json:"store,omitempty"`
	Total    string      `json:"total,omitempty"`
	Tax      string      `json:"tax,omitempty"`
	Items    []plainItem `json:"items,omitempty"`
}

type plainItem struct {
	SKU       string      `json:"sku,omitempty"`
	Name      string      `json:"name,omitempty"`
	Category  string      `json:"category,omitempty"`
	Quantity  json.Number `json:"quantity,omitempty"`
	UnitPrice string      `json:"unit_price,omitempty"`
	Total     string      `json:"total,omitempty"`
}

func BenchmarkDecode(b *testing.B) {
	src := []byte(purchase)
	b.Run("premia", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(src)))
		for b.Loop() {
			if _, err := event.Decode(src, scales); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("into", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(src)))
		var e event.Event
		for b.Loop() {
			if err := event.DecodeInto(&e, src, scales); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encoding-json", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(src)))
		for b.Loop() {
			var e plainEvent
			if err := json.Unmarshal(src, &e); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	b.Run("premia", func(b *testing.B) {
		b.ReportAllocs()
		e := decode(b, purchase)
		var dst []byte
		for b.Loop() {
			dst = e.Append(dst[:0], scales)
		}
	})
	b.Run("encoding-json", func(b *testing.B) {
		b.ReportAllocs()
		var e plainEvent
		if err := json.Unmarshal([]byte(purchase), &e); err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if _, err := json.Marshal(&e); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkCheck(b *testing.B) {
	b.ReportAllocs()
	e := decode(b, purchase)
	for b.Loop() {
		if err := e.Check("PLN", 2); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDigest(b *testing.B) {
	b.ReportAllocs()
	e := decode(b, purchase)
	for b.Loop() {
		_ = e.Digest(scales)
	}
}
