package sms

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"premia/internal/outbound"
	"premia/internal/store"
)

// received is what a company was asked.
type received struct {
	method, query, body, kind, key string
}

func company(t *testing.T, status int) (*httptest.Server, *received) {
	var got received
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = received{r.Method, r.URL.RawQuery, string(body), r.Header.Get("Content-Type"), r.Header.Get("Authorization")}
		w.WriteHeader(status)
	}))
	t.Cleanup(s.Close)
	return s, &got
}

func allowed(t *testing.T, networks ...string) *outbound.Client {
	p, err := outbound.ParsePolicy(networks)
	if err != nil {
		t.Fatal(err)
	}
	c := outbound.New(p)
	t.Cleanup(c.Close)
	return c
}

// hostile would break out of a form or of JSON, or looks like a place.
var hostile = &store.Message{Channel: "sms", Recipient: "+48600100200", Body: `your code is "123456"&to=+49 {to} \ ` + "\n" + `ż`}

func TestMessagesStayWhereTheyStand(t *testing.T) {
	s, got := company(t, 202)
	client := allowed(t, "127.0.0.0/8")
	g, err := New(Options{URL: s.URL, Body: `{"to": "{to}", "text": "{text}"}`, Headers: []string{"Authorization: Bearer abc"}}, client)
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Send(t.Context(), hostile); err != nil {
		t.Fatal(err)
	}
	var asked map[string]string
	if err := json.Unmarshal([]byte(got.body), &asked); err != nil || len(asked) != 2 || asked["text"] != hostile.Body || asked["to"] != hostile.Recipient || got.key != "Bearer abc" {
		t.Errorf("asked %+v, %v", got, err)
	}
	for name, o := range map[string]Options{"form": {URL: s.URL, Body: "to={to}&text={text}"}, "query": {URL: s.URL + "/send?to={to}&text={text}"}} {
		if g, err = New(o, client); err != nil {
			t.Fatal(err)
		}
		if err := g.Send(t.Context(), hostile); err != nil {
			t.Fatal(err)
		}
		values, err := url.ParseQuery(got.body + got.query)
		if err != nil || len(values) != 2 || values.Get("text") != hostile.Body || values.Get("to") != hostile.Recipient {
			t.Errorf("%s: asked %+v, %v", name, got, err)
		}
	}
}

func TestRefusalsAreErrors(t *testing.T) {
	s, _ := company(t, 500)
	form := Options{URL: s.URL + "/?to={to}&text={text}"}
	g, err := New(form, allowed(t, "127.0.0.0/8"))
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Send(t.Context(), hostile); err == nil || !strings.Contains(err.Error(), "500") {
		t.Errorf("an answer of 500: %v", err)
	}
	if g, err = New(form, allowed(t)); err != nil {
		t.Fatal(err)
	}
	var refused *outbound.RefusedError
	if err := g.Send(t.Context(), hostile); !errors.As(err, &refused) {
		t.Errorf("a private network: %v", err)
	}
	for what, o := range map[string]Options{
		"no place": {URL: "https://sms.example/"}, "a place in the host": {URL: "https://{to}.example/?t={text}"}, "no address": {URL: "sms", Body: "{to}{text}"},
		"no JSON": {URL: "https://sms.example/", Body: `{"to": {to}, "text": {text}`}, "no header": {URL: form.URL, Headers: []string{"x"}},
	} {
		if _, err := New(o, nil); err == nil {
			t.Errorf("%s is taken", what)
		}
	}
}
