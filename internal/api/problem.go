package api

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"premia/internal/app"
	"premia/internal/core/document"
	"premia/internal/core/event"
	"premia/internal/core/text"
	"premia/internal/i18n"
)

// Problem is the answer to a request that is refused, by RFC 9457.
type Problem struct {
	Type   string         `json:"type" doc:"names the kind of problem; always urn:premia:problem: and the code" example:"urn:premia:problem:total_mismatch"`
	Title  string         `json:"title" doc:"a sentence for people, in the language of Accept-Language" example:"The amounts contradict one another."`
	Status int            `json:"status" doc:"the status of the answer" example:"422"`
	Code   string         `json:"code" doc:"what is wrong, for programs; it never changes" example:"total_mismatch"`
	Detail string         `json:"detail,omitempty" doc:"what exactly is wrong and what to do, in the language of Accept-Language"`
	Path   string         `json:"path,omitempty" doc:"the field that is wrong" example:"items[2].quantity"`
	Errors []ProblemEntry `json:"errors,omitempty" doc:"all mistakes, where there can be several"`

	said  text.Sentence
	args  []text.Arg
	cause error
}

// ProblemEntry is one of several mistakes.
type ProblemEntry struct {
	Path   string `json:"path,omitempty" doc:"the field that is wrong"`
	Code   string `json:"code,omitempty"`
	Line   int    `json:"line,omitempty" doc:"in a document, from 1"`
	Column int    `json:"column,omitempty" doc:"in a document, from 1"`
	Detail string `json:"detail" doc:"what is wrong and what to do, in the language of Accept-Language"`

	said text.Sentence
}

// Error gives what is wrong in one line.
func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// GetStatus gives the status of the answer.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is that of problem documents.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// The codes of problems that only HTTP has.
const (
	codeMalformed    = "malformed_request"
	codeParameter    = "invalid_parameter"
	codeUnauthorized = "unauthorized"
	codeForbidden    = "forbidden"
	codeNotFound     = "not_found"
	codeMethod       = "method_not_allowed"
	codeMediaType    = "unsupported_media_type"
	codeBodyTooLarge = "body_too_large"
	codeBatchTooBig  = "batch_too_large"
	codeRateLimited  = "rate_limited"
)

// statuses of codes; those that are not here are 422.
var statuses = map[string]int{
	event.CodeSyntax: 400, event.CodeEncoding: 400, codeMalformed: 400, codeParameter: 400,
	codeUnauthorized: 401, codeForbidden: 403,
	codeNotFound: 404, app.CodeUnknownRedemption: 404, app.CodeUnknownReward: 404, app.CodeUnknownAdjustment: 404, app.CodeUnknownMember: 404, app.CodeUnknownIdentity: 404, app.CodeUnknownEvent: 404,
	app.CodeUnknownVersion: 404, app.CodeUnknownKeyID: 404, app.CodeUnknownFamily: 404, app.CodeUnknownContest: 404, app.CodeTooEarly: 409,
	app.CodeUnknownCode: 404, app.CodeMistypedCode: 404, app.CodeUnknownBatch: 404,
	app.CodeSomebodys: 409, app.CodeNotUsable: 409, app.CodeDeclared: 409, app.CodeUnfinished: 409, app.CodeAllTaken: 409,
	app.CodeUnknownLeaderboard: 404, app.CodeUnknownGiftCard: 404, app.CodeUnknownPayment: 404, app.CodeGiftCardExists: 409,
	app.CodeUnknownPayoutBatch: 404, app.CodeNothingToPay: 409, app.CodePayoutUnfinished: 409, app.CodePayoutSettled: 409, app.CodeAccountGone: 409, app.CodeNoPayoutAccount: 409,
	codeMethod:          405,
	app.CodeIDReused:    409,
	app.CodeOrderExists: 409, app.CodeAlreadyClaimed: 409, app.CodeIdentityTaken: 409, app.CodeAlreadyMerged: 409,
	app.CodeMergeInProgress: 409, app.CodeProgramMissing: 409, app.CodeIncompatible: 409,
	app.CodeMemberErased: 410,
	event.CodeTooLarge:   413, codeBodyTooLarge: 413, codeBatchTooBig: 413,
	codeMediaType: 415, codeRateLimited: 429,
	app.CodeUnknownPrice: 404, app.CodeUnknownLink: 404,
	app.CodeUnknownEndpoint: 404, app.CodeUnknownPostback: 404, app.CodeUnknownClick: 404, app.CodeUnknownDelivery: 404, app.CodeDeliveryUnderWay: 409,
	app.CodeNoSandbox: 409, app.CodeSandboxLate: 409, app.CodeClockBackward: 409,
	app.CodeNotPermitted: 403, app.CodeProveAgain: 403, app.CodeTooManyAttempts: 429,
	app.CodeUnknownUser: 404, app.CodeUnknownSession: 404, app.CodeUnknownInvitation: 404, app.CodeUnknownDraft: 404,
	app.CodeUserExists: 409, app.CodeLastOwner: 409, app.CodeSecondNeeded: 409,
	app.CodeInternal: 500, app.CodeUnavailable: 503, app.CodeSecretsKey: 503,
}

func statusOf(code string) int {
	if status, ok := statuses[code]; ok {
		return status
	}
	return http.StatusUnprocessableEntity
}

func newProblem(code, path string, detail text.Sentence, namesAndValues ...any) *Problem {
	return &Problem{
		Type: "urn:premia:problem:" + code, Status: statusOf(code), Code: code, Path: path, Detail: detail.String(), said: detail,
		args: text.New(code, namesAndValues...).Args,
	}
}

// problemOf gives the problem document of an error.
func problemOf(err error) *Problem {
	var ready *Problem
	if errors.As(err, &ready) {
		return ready
	}
	own := app.AsProblem(err)
	p := newProblem(own.Code, own.Path, own.Detail)
	p.args, p.cause = own.Args, own.Cause
	for _, m := range own.Errors {
		p.Errors = append(p.Errors, ProblemEntry{Path: m.Path, Code: m.Code, Line: m.Pos.Line, Column: m.Pos.Column, said: m.Sentence()})
	}
	return p
}

// inBody gives a problem of something that the body names: the address is right,
// so it is no 404.
func inBody(err error) *Problem {
	p := problemOf(err)
	if p.Status == http.StatusNotFound {
		p.Status = http.StatusUnprocessableEntity
	}
	return p
}

// say fills in the sentence, in the language that the request asks for, and logs
// what is not the caller's fault.
func (s *Server) say(p *Problem, acceptLanguage string) *Problem {
	if p.Title != "" {
		return p
	}
	p.Title = app.Sentence(s.app.Words, i18n.Match(acceptLanguage), p.Code, p.args)
	s.sayDetail(p, i18n.Match(acceptLanguage))
	for i := range p.Errors {
		p.Errors[i].Detail = s.app.Words.Sentence(i18n.Match(acceptLanguage), p.Errors[i].said)
	}
	if p.cause != nil {
		s.app.Log.Error("a request failed", "code", p.Code, "error", p.cause)
	}
	return p
}

// sayDetail says the detail in a language, by the catalogue's sentence for the code
// where the problem has all values that it speaks of, and otherwise by its own.
func (s *Server) sayDetail(p *Problem, lang string) {
	p.Detail = s.app.Words.Sentence(lang, p.said)
	id := "detail." + p.Code
	if !s.app.Words.Has(lang, id) {
		return
	}
	if said := s.app.Words.Render(lang, text.Message{ID: id, Args: p.args}); !strings.Contains(said, "⟦") {
		p.Detail = said
	}
}

// writeProblem answers a request with a problem.
func (s *Server) writeProblem(w http.ResponseWriter, r *http.Request, p *Problem) {
	s.say(p, r.Header.Get("Accept-Language"))
	body, err := json.Marshal(p)
	if err != nil {
		http.Error(w, p.Detail, p.Status)
		return
	}
	if p.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	writeBytes(w, p.Status, "application/problem+json", append(body, '\n'))
}

func writeBytes(w http.ResponseWriter, status int, contentType string, body []byte) {
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	w.Write(body) // a caller who has gone needs no answer
}

// useProblems makes huma answer with problem documents of this package: it asks
// for them by variables of its own.
var useProblems = sync.OnceFunc(func() {
	huma.NewError = problemOfHuma
	huma.NewErrorWithContext = func(_ huma.Context, status int, message string, errs ...error) huma.StatusError {
		return problemOfHuma(status, message, errs...)
	}
})

// problemOfHuma gives the problem of what huma found wrong with a request.
func problemOfHuma(status int, message string, errs ...error) huma.StatusError {
	p := newProblem(codeOfHuma(status), "", validation(message))
	p.Status = status
	for _, err := range errs {
		var at huma.ErrorDetailer
		if !errors.As(err, &at) {
			if err != nil && status < 500 {
				p.said = text.Say("{What}: {Why}", p.said, err)
				p.Detail = p.said.String()
			}
			p.cause = err
			continue
		}
		d := at.ErrorDetail()
		place, path, _ := strings.Cut(d.Location, ".")
		entry := ProblemEntry{Path: path, Code: codeOfDetail(place, d.Message), said: validation(d.Message)}
		switch name, needed := neededProperty(d.Message); {
		case needed:
			entry.Path = document.Join(path, name)
		case status == http.StatusBadRequest && place == "body" && path == "":
			entry.Code, entry.said = event.CodeSyntax, text.Say("the body is not JSON: {Why}", d.Message)
		}
		p.Errors = append(p.Errors, entry)
	}
	if status >= 500 {
		return p
	}
	p.cause = nil
	if len(p.Errors) > 0 {
		first := p.Errors[0]
		p.Path, p.Code, p.said = first.Path, first.Code, first.said
		p.Type = "urn:premia:problem:" + p.Code
	}
	if len(p.Errors) == 1 {
		p.Errors = nil
	}
	if p.Status == http.StatusUnprocessableEntity {
		p.Status = statusOf(p.Code)
	}
	p.args = text.New("", "Limit", int64(maxBody), "Detail", "").Args
	if p.Code == event.CodeMissing && p.Path != "" {
		p.args = append(p.args, text.Arg{Name: "Name", Value: p.Path})
	}
	return p
}

// neededProperty gives the name of the property that huma's sentence misses; it
// names no other place than the object that lacks it.
func neededProperty(message string) (string, bool) {
	name, ok := strings.CutPrefix(message, "expected required property ")
	if ok {
		name, ok = strings.CutSuffix(name, " to be present")
	}
	return name, ok
}

func codeOfHuma(status int) string {
	switch status {
	case http.StatusRequestEntityTooLarge:
		return codeBodyTooLarge
	case http.StatusUnsupportedMediaType, http.StatusNotAcceptable:
		return codeMediaType
	case http.StatusNotFound:
		return codeNotFound
	}
	if status >= 500 {
		return app.CodeInternal
	}
	return codeMalformed
}

func codeOfDetail(place, message string) string {
	switch {
	case place == "query", place == "path", place == "header":
		return codeParameter
	case strings.Contains(message, "unexpected property"):
		return event.CodeUnknownKey
	case strings.Contains(message, "required"):
		return event.CodeMissing
	case strings.HasPrefix(message, "expected ") && !strings.Contains(message, "one of") && !strings.Contains(message, "length") && !strings.Contains(message, "match"):
		return event.CodeWrongType
	}
	return event.CodeInvalid
}
