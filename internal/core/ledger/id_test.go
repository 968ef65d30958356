package ledger_test

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"premia/internal/core/ledger"
)

func TestMemberIDsAreReadAsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := ledger.MemberID(rapid.Int64Range(1, math.MaxInt64).Draw(t, "id"))
		for _, written := range []string{id.String(), "mem_" + strings.ToLower(id.String()[4:])} {
			if got, err := ledger.ParseMember(written); got != id || err != nil {
				t.Fatalf("%s is read as %d (%v), want %d", written, got, err, id)
			}
		}
	})
	if got := ledger.MemberID(math.MaxInt64).String(); got != "mem_7ZZZZZZZZZZZZ" {
		t.Errorf("the largest is %s", got)
	}
	if id, err := ledger.ParseMember("mem_00000000000IO"); id != 32 || err != nil {
		t.Errorf("misread digits give %d (%v), want 32", id, err)
	}
}

func TestMemberIDsRefused(t *testing.T) {
	for _, s := range []string{"", "mem_", "mem_123", "evt_0000000000001", "mem_000000000000U", "mem_0000000000000", "mem_8000000000000", "mem_00000000000011", "mem_zzzzzzzzzzzzz"} {
		if id, err := ledger.ParseMember(s); err == nil {
			t.Errorf("%q is read as %d", s, id)
		}
	}
}
