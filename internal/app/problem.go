package app

import (
	"context"
	"errors"
	"strconv"

	"premia/internal/core/document"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/text"
	"premia/internal/journal"
	"premia/internal/store"
)

// Problem is why a request was refused before anything was decided: nothing of
// it was kept.
type Problem struct {
	// Code is stable, for programs.
	Code string
	// Path names the value in the request: "items[2].quantity". Empty for the
	// whole.
	Path string
	// Detail says what is wrong and what to do.
	Detail text.Sentence
	// Args are the values that the sentence of the code speaks of.
	Args []text.Arg
	// Errors are the mistakes of a document.
	Errors document.Problems
	// Cause is what is logged, never shown.
	Cause error
}

// Error says the problem in one line, in English.
func (p *Problem) Error() string {
	if p.Path != "" {
		return p.Path + ": " + p.Detail.String()
	}
	return p.Detail.String()
}

// Unwrap gives the cause.
func (p *Problem) Unwrap() error { return p.Cause }

// The codes of problems. Those of events that are malformed or contradict
// themselves are in package event.
const (
	CodeUnknownMember   = "unknown_member"
	CodeUnknownIdentity = "unknown_identity"
	CodeUnknownEvent    = "unknown_event"
	CodeUnknownType     = "unknown_event_type"
	CodeUnknownOrder    = "unknown_order"
	CodeUnknownVersion  = "unknown_version"
	CodeUnknownKeyID    = "unknown_api_key"
	CodeInvalidField    = "invalid_field"
	CodeInvalidIdentity = "invalid_identity"
	CodeInFuture        = "event_in_future"
	CodeTooOld          = "event_too_old"
	CodeIDReused        = "idempotency_conflict"
	CodeOrderExists     = "order_exists"
	CodeAlreadyClaimed  = "already_claimed"
	CodeNotYourOrder    = "not_your_order"
	CodeReturnWaits     = "return_waits"
	CodeIdentityTaken   = "identity_taken"
	CodeAlreadyMerged   = "already_merged"
	CodeMergeInProgress = "merge_in_progress"
	CodeToOneself       = "transfer_to_self"
	CodeMemberErased    = "member_erased"
	CodeProgramMissing  = "program_missing"
	CodeProgramInvalid  = "program_invalid"
	CodeIncompatible    = "program_incompatible"
	CodeUnavailable     = "unavailable"
	CodeInternal        = "internal"
)

// problem makes a problem; the names and values are the sentence's.
func problem(code, path string, detail text.Sentence, namesAndValues ...any) *Problem {
	return &Problem{Code: code, Path: path, Detail: detail, Args: text.New(code, namesAndValues...).Args}
}

// AsProblem gives the problem that an error is; an error that is none is a
// mistake of Premia or of the machine.
func AsProblem(err error) *Problem {
	var own *Problem
	if errors.As(err, &own) {
		return own
	}
	var malformed *event.Problem
	if errors.As(err, &malformed) {
		detail := malformed.Message
		if malformed.Hint != "" {
			detail = text.Say("{What}; {Hint}", detail, malformed.Hint)
		}
		return &Problem{Code: malformed.Code, Path: malformed.Path, Detail: detail, Args: malformed.Args}
	}
	switch {
	case errors.Is(err, store.ErrDisk), errors.Is(err, store.ErrReadOnly):
		return &Problem{Code: CodeUnavailable, Detail: "the server can't write to its database just now, and nothing was done; send the request again, with the same id, when that is put right", Cause: err}
	case errors.Is(err, journal.ErrBusy), errors.Is(err, journal.ErrClosed), store.IsTransient(err),
		errors.Is(err, store.ErrCommitUnknown), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return &Problem{Code: CodeUnavailable, Detail: "the request was not done; send it again, with the same id, in a moment", Cause: err}
	}
	return &Problem{Code: CodeInternal, Detail: "the request could not be done because of a mistake on the server's side", Cause: err}
}

// journalRefusals are the journal's refusals and what they are called.
var journalRefusals = []struct {
	err        error
	code, path string
}{
	{journal.ErrNoProgram, CodeProgramMissing, ""},
	{journal.ErrUnknownMember, CodeUnknownMember, "member"},
	{journal.ErrIDReused, CodeIDReused, "id"},
	{journal.ErrOrderExists, CodeOrderExists, "order"},
	{journal.ErrOrderUnknown, CodeUnknownOrder, "order"},
	{journal.ErrAlreadyClaimed, CodeAlreadyClaimed, "order"},
	{journal.ErrNotYourOrder, CodeNotYourOrder, "order"},
	{journal.ErrReturnWaits, CodeReturnWaits, "order"},
	{journal.ErrIdentityTaken, CodeIdentityTaken, "identities"},
	{journal.ErrMemberErased, CodeMemberErased, "member"},
	{journal.ErrNoRedemption, CodeUnknownRedemption, "redemption"},
	{journal.ErrNoAdjustment, CodeUnknownAdjustment, "about"},
	{journal.ErrMergeInProgress, CodeMergeInProgress, "member"},
}

// refused gives the problem of an event that the journal refused; other errors
// stay.
func refused(err error, e *event.Event) error {
	for _, r := range journalRefusals {
		if !errors.Is(err, r.err) {
			continue
		}
		p := problem(r.code, r.path, text.Of(r.err), "Key", text.Quoted(e.ID), "Order", text.Quoted(e.Order), "Member", text.Quoted(e.Member), "Identity", "")
		if r.code == CodeUnknownMember {
			p = unknownMember("member", e.Member)
		}
		return p
	}
	return err
}

// unknownMember says that nobody is named so.
func unknownMember(path, ref string) *Problem {
	if ref == "" {
		return problem(event.CodeMissing, path, "the event names no member, and the program keeps no purchases of guests; name the member by an id or an identity")
	}
	if _, err := ledger.ParseMember(ref); err == nil {
		return problem(CodeUnknownMember, path, text.Say("there is no member {Name}; enrol the member first", strconv.Quote(ref)), "Member", text.Quoted(ref))
	}
	return problem(CodeUnknownIdentity, path, text.Say("no member has the identity {Name}; enrol the member first", strconv.Quote(ref)), "Identity", text.Quoted(ref))
}
