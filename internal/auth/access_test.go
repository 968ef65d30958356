package auth

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
)

func TestPasswordHashes(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	h := NewHasher()
	h.cost = cost{memory: 64, time: 1, threads: 1}
	first, err := h.Hash(ctx, "twelve chars")
	second, err2 := h.Hash(ctx, "twelve chars")
	if err != nil || err2 != nil || first == second || !strings.HasPrefix(first, "$argon2id$v=19$m=64,t=1,p=1$") {
		t.Fatalf("hashes %s and %s (%v, %v)", first, second, err, err2)
	}
	check := func(hash, password string, right, outdated bool) {
		t.Helper()
		if r, o, err := h.Check(ctx, hash, password); r != right || o != outdated || err != nil {
			t.Errorf("%q with %s: right %v, outdated %v (%v)", password, hash, r, o, err)
		}
	}
	check(first, "twelve chars", true, false)
	check(first, "twelve charS", false, false)
	check("", "twelve chars", false, false)
	check(first, strings.Repeat("x", 1<<20), false, false)
	// However the keyboard composes a letter, it is the same password.
	composed, err := h.Hash(ctx, "za\u017c\u00f3\u0142\u0107 g\u0119\u015bl\u0105")
	if err != nil {
		t.Fatal(err)
	}
	check(composed, "zaz\u0307o\u0301\u0142c\u0301 ge\u0328s\u0301la\u0328", true, false)
	// When hashes cost more, those before are outdated.
	h.cost.time = 2
	check(first, "twelve chars", true, true)
	for _, bad := range []string{"x", "$argon2i$v=19$m=64,t=1,p=1$AAAA$AAAA", "$argon2id$v=19$m=99999999,t=1,p=1$AAAA$" + strings.Repeat("A", 43), "$argon2id$v=19$m=64,t=0,p=1$AAAA$" + strings.Repeat("A", 43)} {
		if _, _, err := h.Check(ctx, bad, "twelve chars"); err == nil {
			t.Errorf("%s was taken for a hash", bad)
		}
	}
	// Length counts, and nothing else.
	for password, want := range map[string]error{
		"aaaaaaaaaaaa": nil, "ąąąąąąąąąąąą": nil, "            ": nil, strings.Repeat("ą", 128): nil,
		"aaaaaaaaaaa": ErrPasswordShort, "": ErrPasswordShort, strings.Repeat("ą", 129): ErrPasswordLong,
	} {
		if err := CheckNewPassword(password); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", password, err, want)
		}
	}
}

func TestCodes(t *testing.T) {
	t.Parallel()
	secret, now := NewCodeSecret(), time.Unix(1_800_000_000, 0)
	code := func(at time.Time) string {
		code, err := totp.GenerateCode(secret, at)
		if err != nil {
			t.Fatal(err)
		}
		return code
	}
	for skew, good := range map[time.Duration]bool{0: true, -30 * time.Second: true, 30 * time.Second: true, -60 * time.Second: false, 60 * time.Second: false} {
		if _, ok := CodeStep(secret, code(now.Add(skew)), now, 0); ok != good {
			t.Errorf("a code of %s is good: %v", skew, ok)
		}
	}
	step, ok := CodeStep(secret, " "+code(now)[:3]+" "+code(now)[3:], now, 0)
	if !ok {
		t.Fatal("a code with spaces is not good")
	}
	if _, ok := CodeStep(secret, code(now), now, step); ok {
		t.Error("a code is good twice")
	}
	if _, ok := CodeStep(secret, code(now.Add(-30*time.Second)), now, step); ok {
		t.Error("an earlier code is good after a later one")
	}
	codes, hashes := NewRecoveryCodes()
	for i := range codes {
		if string(RecoveryHash(" "+strings.ToUpper(codes[i]))) != string(hashes[i]) || i > 0 && codes[i] == codes[0] {
			t.Errorf("recovery code %s", codes[i])
		}
	}
}

// TestTable holds what the table of permissions is to say of each role.
func TestTable(t *testing.T) {
	t.Parallel()
	for _, p := range Permissions() {
		if !Allows(Owner, p) {
			t.Errorf("an owner may not %s", p)
		}
		if Allows("", p) || Allows("nobody", p) {
			t.Errorf("anybody may %s", p)
		}
		if writes := strings.HasSuffix(string(p), ".write") || strings.HasSuffix(string(p), ".publish") || strings.HasSuffix(string(p), ".approve") || strings.HasSuffix(string(p), ".erase"); writes && (Allows(Analyst, p) || Allows(Cashier, p)) {
			t.Errorf("an analyst or a cashier may %s", p)
		}
	}
	if Allows(Owner, "members.reads") {
		t.Error("an owner may what no table declares")
	}
	for p, who := range map[Permission][]Role{KeysWrite: {Owner}, UsersWrite: {Owner, Manager}, ProgramPublish: {Owner, Manager}, ReportsRead: {Owner, Manager, Marketer, Analyst}, TillUse: {Owner, Manager, Supporter, Cashier}} {
		for _, role := range Roles() {
			want := false
			for _, one := range who {
				want = want || one == role
			}
			if Allows(role, p) != want {
				t.Errorf("a %s may %s: %v", role, p, !want)
			}
		}
	}
	for _, a := range []Actor{{}, {Kind: KindMember, ID: "mem_1"}, {Kind: KindUser}, {Kind: KindKey, Scopes: Scopes{EventsRead}}} {
		if a.Allows(UsersWrite) || a.MayGive(Cashier) {
			t.Errorf("%+v may change users", a)
		}
	}
}
