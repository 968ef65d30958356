// Package sms sends text messages through the HTTP interface of whatever company the
// business has for that: one request for each message, of a form that the business
// writes down.
//
// What always holds: what stands in a message or a number can't change the form of the
// request, and no request goes where the policy of outgoing requests forbids it.
package sms

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"premia/internal/app"
	"premia/internal/outbound"
	"premia/internal/store"
)

// The places of a request in which the number and the words of a message stand.
const (
	toPlace   = "{to}"
	textPlace = "{text}"
)

// Options say how a company is asked to send a message.
type Options struct {
	// URL is where the request goes; {to} and {text} may stand in its query.
	URL string
	// Body is that of the request, with {to} and {text} in it: JSON where it begins with
	// "{" or "[", and a form otherwise. Without one the request is a GET.
	Body string
	// Headers are "Name: value", such as that which says who asks.
	Headers []string
}

// Gateway sends messages.
type Gateway struct {
	options Options
	header  http.Header
	client  *outbound.Client
}

// New makes a gateway. The error says in words for whoever set it up what is wrong.
func New(o Options, client *outbound.Client) (*Gateway, error) {
	g := &Gateway{options: o, header: make(http.Header), client: client}
	if err := outbound.CheckURL(places(o.URL, "48600100200", "text", url.QueryEscape)); err != nil {
		return nil, fmt.Errorf("the address of the messages' sender: %w", err)
	}
	if where := o.URL + o.Body; !strings.Contains(where, toPlace) || !strings.Contains(where, textPlace) {
		return nil, fmt.Errorf("write %s where the number stands in the request, and %s where the message does", toPlace, textPlace)
	}
	if path, _, _ := strings.Cut(o.URL, "?"); strings.Contains(path, "{") {
		return nil, fmt.Errorf("%s and %s stand behind the ? of the address or in the body", toPlace, textPlace)
	}
	if g.isJSON() && !json.Valid([]byte(places(o.Body, "1", "x", inJSON))) {
		return nil, fmt.Errorf("the body begins like JSON and is none; write %s within quotation marks", textPlace)
	}
	for _, line := range o.Headers {
		name, value, ok := strings.Cut(line, ":")
		if !ok || strings.ContainsAny(line, "\r\n") {
			return nil, fmt.Errorf("write a header as Name: value")
		}
		g.header.Set(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	return g, nil
}

func (g *Gateway) isJSON() bool {
	body := strings.TrimSpace(g.options.Body)
	return strings.HasPrefix(body, "{\"") || strings.HasPrefix(body, "{ ") || strings.HasPrefix(body, "{\n") || strings.HasPrefix(body, "[")
}

// places puts the number and the words where they stand, in one pass, so that words
// that look like a place stay words.
func places(form, to, text string, escape func(string) string) string {
	return strings.NewReplacer(toPlace, escape(to), textPlace, escape(text)).Replace(form)
}

// inJSON escapes a text for within quotation marks.
func inJSON(s string) string {
	out, err := json.Marshal(s)
	if err != nil {
		return ""
	}
	return string(out[1 : len(out)-1])
}

// Send sends one message; any answer but 2xx is an error.
func (g *Gateway) Send(ctx context.Context, m *store.Message) error {
	r := &outbound.Request{Method: http.MethodGet, URL: places(g.options.URL, m.Recipient, m.Body, url.QueryEscape), Header: g.header.Clone()}
	if g.options.Body != "" {
		r.Method, r.Body = http.MethodPost, places(g.options.Body, m.Recipient, m.Body, url.QueryEscape)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if g.isJSON() {
			r.Body = places(g.options.Body, m.Recipient, m.Body, inJSON)
			r.Header.Set("Content-Type", "application/json")
		}
	}
	answer, err := g.client.Do(ctx, r)
	if err != nil {
		return err
	}
	if answer.Status < 200 || answer.Status > 299 {
		return fmt.Errorf("the messages' sender answered %d", answer.Status)
	}
	return nil
}

// Sender gives the gateway as what empties the outbox.
func (g *Gateway) Sender() app.Sender { return g.Send }
