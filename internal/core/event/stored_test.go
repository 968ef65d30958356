package event_test

import (
	"fmt"
	"strings"
	"testing"

	"premia/internal/core/event"
)

// TestStoredDataMayBeLong reads what the journal wrote of a member with a
// hundred cards and sixty facts; callers may not send as much.
func TestStoredDataMayBeLong(t *testing.T) {
	e := event.Event{ID: "e", Type: event.Profile}
	e.Data = append(e.Data, event.Datum{Name: "digest_identity_card", Kind: event.Text, Text: strings.Repeat(strings.Repeat("0", 32)+" ", 99) + "1"})
	for n := range 60 {
		e.Data = append(e.Data, event.Datum{Name: fmt.Sprintf("fact_%02d", n), Kind: event.Text, Text: "x"})
	}
	form := e.Append(nil, event.Scales{Currency: 2})
	if _, err := event.Decode(form, event.Scales{Currency: 2}); err == nil {
		t.Error("a caller may send it")
	}
	again, err := event.DecodeStored(form, event.Scales{Currency: 2})
	if err != nil {
		t.Fatal(err)
	}
	if len(again.Data) != len(e.Data) || again.Data[0] != e.Data[0] {
		t.Errorf("it is read as %+v", again.Data)
	}
}
