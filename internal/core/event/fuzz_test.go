package event_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"premia/internal/core/event"
)

// FuzzDecode feeds any bytes: what is accepted is JSON, is written and read
// again as the same event, stays within its bounds and keeps its digest; what is
// refused says why.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(purchase))
	f.Add([]byte(`{"type":"adjustment","wallet":"gold","amount":"-0.000001","reason":"\ud83d\ude00"}`))
	f.Add([]byte(`{"type":"review","data":{"a":0.50,"b":-0,"c":true,"d":"x","e":9223372036854775808}}`))
	for _, r := range append(decodeRefusals, checkRefusals...) {
		f.Add([]byte(strings.Replace(r.src, "¦", "", 1)))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		e, err := event.Decode(src, scales)
		if err != nil {
			p := problemOf(t, err)
			if p.Code == "" || p.Message == "" || p.Offset > len(src) || len(p.Error()) > 1000 {
				t.Fatalf("not a useful problem: %#v", p)
			}
			_, _ = event.DecodeStored(src, scales)
			return
		}
		if !json.Valid(src) {
			t.Fatalf("accepted, but not JSON: %q", src)
		}
		returns(t, e, src)
	})
}

func returns(t *testing.T, e *event.Event, src []byte) {
	form := e.Append(nil, scales)
	if len(form) > 2*len(src)+64 {
		t.Fatalf("%d bytes became %d", len(src), len(form))
	}
	again, err := event.Decode(form, scales)
	if err != nil {
		t.Fatalf("%q became %q: %v", src, form, err)
	}
	again.Member = e.Member
	if diff := cmp.Diff(e, again, same); diff != "" {
		t.Fatal(diff)
	}
	if !bytes.Equal(form, again.Append(nil, scales)) || e.Digest(scales) != again.Digest(scales) {
		t.Fatalf("%q is not canonical", form)
	}
	first, second := e.Check("PLN", 2), again.Check("PLN", 2)
	if (first == nil) != (second == nil) {
		t.Fatalf("checked: %v, then %v", first, second)
	}
	if diff := cmp.Diff(e, again, same); first == nil && diff != "" {
		t.Fatal(diff)
	}
}
