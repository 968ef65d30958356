package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/document"
	"premia/internal/core/event"
	"premia/internal/core/text"
	"premia/internal/journal"
)

// Batch is several events. Those of one member are decided in their order.
type Batch struct {
	Events []Event `json:"events" minItems:"1" maxItems:"1000"`
}

// BatchAnswer answers each event of a batch, in the batch's order.
type BatchAnswer struct {
	Results []BatchResult `json:"results"`
}

// BatchResult is what became of one event of a batch: an answer or a problem.
type BatchResult struct {
	Status  int          `json:"status" doc:"the status that the event alone would have got"`
	Event   *EventAnswer `json:"event,omitempty"`
	Problem *Problem     `json:"problem,omitempty"`
}

// sent is an event of a batch on its way.
type sent struct {
	event   *event.Event
	ticket  *journal.Ticket
	problem *Problem
}

func (s *Server) postBatch(w http.ResponseWriter, r *http.Request, key auth.Key) *Problem {
	if _, p := explainIn(r); p != nil {
		return p
	}
	body, p := readBody(r, maxBatchBody)
	if p != nil {
		return p
	}
	list, p := splitBatch(body.Bytes())
	if p != nil {
		return p
	}
	all := make([]sent, len(list))
	for i, src := range list {
		all[i] = s.send(r, src, i, &key)
		if p := all[i].problem; p != nil && p.Code == app.CodeUnknownIdentity && s.settle(r, all[:i], all[i].event.Member) {
			// Somebody who was made by an event before it is known by now.
			all[i] = s.send(r, src, i, &key)
		}
	}
	if body.Cap() <= 1<<20 {
		bodies.Put(body)
	}
	out := BatchAnswer{Results: make([]BatchResult, len(all))}
	for i := range all {
		out.Results[i] = s.result(r, &all[i])
	}
	return writeJSON(w, http.StatusOK, &out)
}

// send checks an event of a batch and sends it on its way.
func (s *Server) send(r *http.Request, src []byte, n int, key *auth.Key) sent {
	id := r.Header.Get("Idempotency-Key")
	if id != "" {
		id += "/" + strconv.Itoa(n)
	}
	e, p := s.decode(src, id)
	if p == nil {
		p = mayAdjust(e, key)
	}
	if p != nil {
		return sent{problem: p}
	}
	ticket, err := s.app.Send(actor(r.Context(), r, e, key), e)
	if err != nil {
		return sent{event: e, problem: inBody(err)}
	}
	return sent{event: e, ticket: ticket}
}

// settle waits for the events of a member that are on their way, and tells
// whether there were any.
func (s *Server) settle(r *http.Request, all []sent, member string) bool {
	waited := false
	for i := range all {
		if all[i].ticket != nil && all[i].event.Member == member {
			// Its answer, or its refusal, is told in its place.
			_, err := all[i].ticket.Wait(r.Context())
			waited = waited || err == nil
		}
	}
	return waited
}

// result waits for the answer to an event of a batch.
func (s *Server) result(r *http.Request, one *sent) BatchResult {
	if one.problem == nil {
		answer, err := s.app.Answer(r.Context(), one.ticket, one.event)
		if err == nil {
			s.metrics.decided(&answer)
			out := s.answerOf(&answer)
			events.Put(one.event)
			return BatchResult{Status: statusOfAnswer(&answer), Event: &out}
		}
		one.problem = inBody(err)
	}
	s.metrics.refused(one.problem.Code)
	p := s.say(one.problem, r.Header.Get("Accept-Language"))
	return BatchResult{Status: p.Status, Problem: p}
}

// splitBatch finds the events of a batch. Strictness inside of them is the
// events' own.
func splitBatch(src []byte) ([]json.RawMessage, *Problem) {
	d := json.NewDecoder(bytes.NewReader(src))
	d.DisallowUnknownFields()
	var batch struct {
		Events []json.RawMessage `json:"events"`
	}
	if err := d.Decode(&batch); err != nil {
		return nil, batchProblem(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, newProblem(event.CodeSyntax, "", "there is something behind the end of the batch")
	}
	switch n := len(batch.Events); {
	case n == 0:
		return nil, newProblem(event.CodeMissing, "events", `a batch needs events: {"events": [{…}, {…}]}`)
	case n > maxBatch:
		return nil, newProblem(codeBatchTooBig, "events", text.Say("the batch has {Count} events, and at most {Most} are taken; send the rest in another", n, maxBatch),
			"Entries", int64(n), "Limit", int64(maxBatch))
	}
	for i, one := range batch.Events {
		if len(one) > maxBody {
			return nil, newProblem(codeBodyTooLarge, document.Index("events", i), text.Say("the event has {Count} bytes, and at most {Most} are taken", len(one), maxBody), "Limit", int64(maxBody), "Bytes", int64(len(one)))
		}
	}
	return batch.Events, nil
}

func batchProblem(err error) *Problem {
	var wrong *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &wrong):
		return newProblem(event.CodeWrongType, wrong.Field, `a batch is an object with a list of events: {"events": [{…}, {…}]}`)
	case errors.As(err, &syntax), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return newProblem(event.CodeSyntax, "", text.Say("the batch is not JSON: {Why}", err))
	}
	// encoding/json tells the name in its sentence alone.
	_, quoted, _ := strings.Cut(err.Error(), "unknown field ")
	key, _ := strconv.Unquote(quoted)
	return newProblem(event.CodeUnknownKey, key, `a batch knows no such key; it is {"events": [{…}, {…}]}`)
}
