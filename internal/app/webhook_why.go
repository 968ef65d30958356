package app

import (
	"strings"

	"premia/internal/core/text"
	"premia/internal/outbound"
	"premia/internal/store"
)

// Why a receiver was disabled: it said so, or took nothing for too long.
const (
	ReasonGone   = "the receiver says that it is gone (410)"
	ReasonSilent = "it took no message since "
	// AnsweredPrefix begins an error that is an answer, before its status.
	AnsweredPrefix = "it answered "
)

// NothingToTell is why a message is given up whose receiver was changed meanwhile.
const NothingToTell text.Sentence = "there is nothing to tell any more, because the receiver of this message was changed"

// Why says why a receiver was disabled, or what was wrong with it last; empty if nothing
// is.
func (w Webhook) Why() text.Sentence {
	switch {
	case w.Reason == ReasonGone:
		return "the receiver says that it is gone for good (410)"
	case strings.HasPrefix(w.Reason, ReasonSilent):
		return text.Say("it took no message for days; what went wrong last: {What}", WentWrong(w.LastError))
	case w.Reason != "":
		return text.Raw(w.Reason)
	case w.State == store.EndpointActive && w.Failures == 0:
		return ""
	}
	return WentWrong(w.LastError)
}

// WentWrong says what became of an attempt that failed, as it is kept: by the answer's
// status, or by its kind with what the network said, in its own words.
func WentWrong(kept string) text.Sentence {
	if status, ok := strings.CutPrefix(kept, AnsweredPrefix); ok {
		return text.Say("it answered {Status}", status)
	}
	switch kind, detail := failure(kept); {
	case kept == "":
		return ""
	case kept == NothingToTell.String():
		return NothingToTell
	case kind == "":
		return text.Say("it could not be reached ({Detail})", detail)
	case detail == "":
		return kind
	default:
		return text.Say("{What} ({Detail})", kind, detail)
	}
}

// NotSent says why a message did not leave, as it is kept: by the kind of failure with
// what else is known of it, or as the other side put it.
func NotSent(kept string) text.Sentence {
	switch kind, detail := failure(kept); {
	case kind == "":
		return text.Raw(detail)
	case detail == "":
		return kind
	default:
		return text.Say("{What} ({Detail})", kind, detail)
	}
}

// failure gives the kind of a failure of the network, and what was said besides where
// that says more.
func failure(kept string) (kind text.Sentence, detail string) {
	kind, detail = outbound.Understand(kept)
	switch kind {
	case outbound.TimedOut, outbound.UnknownHost, outbound.NobodyThere, outbound.Unreachable:
		detail = ""
	}
	return kind, detail
}
