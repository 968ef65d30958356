package outbound

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"

	"premia/internal/core/text"
)

// The kinds of why a request had no answer.
const (
	TimedOut     text.Sentence = "there was no answer in time"
	UnknownHost  text.Sentence = "the name of the host is not known"
	NobodyThere  text.Sentence = "nobody listens at this address (connection refused)"
	BrokenOff    text.Sentence = "the connection was broken off"
	Unreachable  text.Sentence = "there is no way to this host"
	NotTrusted   text.Sentence = "the certificate of the host is not valid"
	NotEncrypted text.Sentence = "the host does not speak TLS as it should"
	Forbidden    text.Sentence = "the address may not be called"
)

// kinds are all of them.
var kinds = []text.Sentence{TimedOut, UnknownHost, NobodyThere, BrokenOff, Unreachable, NotTrusted, NotEncrypted, Forbidden}

// RefusedError says why no request was made.
type RefusedError struct{ Why text.Sentence }

// Error gives the reason.
func (e *RefusedError) Error() string { return e.Why.String() }

// Unwrap gives the reason as a sentence.
func (e *RefusedError) Unwrap() error { return e.Why }

// Explain says an error of [Client.Do] in English: its kind, and behind a colon what the
// system says; the latter alone where the kind is not known.
func Explain(err error) string {
	kind, said := kindOf(err), err.Error()
	if kind == "" || strings.HasPrefix(said, kind.String()) {
		return said
	}
	return kind.String() + ": " + said
}

// Understand finds the kind in what [Explain] said, and gives the rest as it stands; an
// empty kind where there is none in it.
func Understand(said string) (kind text.Sentence, detail string) {
	for _, kind := range kinds {
		if rest, ok := strings.CutPrefix(said, kind.String()); ok {
			return kind, strings.TrimPrefix(rest, ": ")
		}
	}
	return "", said
}

// kindOf gives the kind of an error; empty where it is none of them.
func kindOf(err error) text.Sentence {
	var refused *RefusedError
	var name *net.DNSError
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	var slow net.Error
	switch {
	case errors.As(err, &refused):
		return Forbidden
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &slow) && slow.Timeout():
		return TimedOut
	case errors.As(err, &name):
		return UnknownHost
	case errors.As(err, &certificate):
		return NotTrusted
	case errors.As(err, &record), errors.As(err, &alert):
		return NotEncrypted
	case errors.Is(err, syscall.ECONNREFUSED):
		return NobodyThere
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return Unreachable
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return BrokenOff
	}
	return ""
}
