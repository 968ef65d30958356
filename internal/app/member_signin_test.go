package app_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"premia/internal/app"
)

// TestPhonesBehindOneAddress signs many people in who come by the address of one carrier,
// and bounds what somebody there can do to others: to have messages sent to anybody, and
// to guess codes. Nothing tells members from others.
func TestPhonesBehindOneAddress(t *testing.T) {
	t.Parallel()
	p, ctx := openPhones(t, "sqlite:"+filepath.Join(t.TempDir(), "premia.db")), t.Context()
	p.member("email:anna@example.com")
	carrier := app.Client{Address: "100.64.0.1"}
	signIn := func(contact, problem string) string {
		t.Helper()
		step, err := p.BeginMemberSignIn(ctx, contact, "en", carrier)
		p.refused(err, problem)
		return step
	}
	join := func(contact, problem string) {
		t.Helper()
		_, err := p.BeginJoin(ctx, app.Join{Contact: contact, Language: "en", Consents: map[string]bool{app.TermsConsent: true}}, carrier)
		p.refused(err, problem)
	}
	for n := range 30 {
		join(fmt.Sprintf("new%d@example.com", n), "")
	}
	join("another@example.com", app.CodeTooManyAttempts)
	join("anna@example.com", app.CodeTooManyAttempts)

	// Others guess at codes that they were not sent; who has the right one comes in still.
	var steps []string
	for n := range 20 {
		steps = append(steps, signIn(fmt.Sprintf("nobody%d@example.com", n), ""))
	}
	try := func(step, code, problem string) {
		t.Helper()
		_, err := p.FinishMemberCode(ctx, step, code, carrier)
		p.refused(err, problem)
	}
	for n := range 99 {
		try(steps[n/5], "000000", app.CodeWrongMemberCode)
	}
	for n := range 2 {
		step := signIn("anna@example.com", "")
		try(step, codeIn(p.messagesTo("anna@example.com", n+1)), "")
	}
	try(steps[19], "000000", app.CodeWrongMemberCode)
	try(signIn("anna@example.com", ""), "000000", app.CodeTooManyAttempts)

	// One contact has its own bound wherever it is asked from, and the address one for all.
	signIn("anna@example.com", "")
	signIn("anna@example.com", "")
	signIn("anna@example.com", app.CodeTooManyAttempts)
	for n := range 300 - 30 - 20 - 5 - 1 {
		signIn(fmt.Sprintf("somebody%d@example.com", n), "")
	}
	signIn("anybody@example.com", "")
	signIn("nobody@example.com", app.CodeTooManyAttempts)
	_, err := p.BeginMemberSignIn(ctx, "nobody@example.com", "en", app.Client{Address: "100.64.0.2"})
	p.refused(err, "")
	p.clock.Advance(time.Hour)
	signIn("anna@example.com", "")
	join("anna@example.com", "")
}
