package page

import (
	"cmp"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/core/text"
)

//go:embed templates/*.html
var templates embed.FS

//go:embed words/*.yaml
var words embed.FS

// Words are those of this package's templates.
func Words() fs.FS { return words }

func sharedTemplates() fs.FS {
	sub, err := fs.Sub(templates, "templates")
	if err != nil {
		panic("page: the shared templates are gone: " + err.Error())
	}
	return sub
}

// funcs are what templates may call, in one language:
//
//	t "id" "Name" value …   words
//	show value              a text.Money, text.Points, text.Date … in words
//	said sentence           a text.Sentence
//	moment at, day at       a time.Time or calendar.Instant, in the site's zone
//	iso at                  the same for machines
//	device agent            what people know a browser by
//	asset "file"            the address of an embedded file
//	icon "name"             an icon, which says nothing to screen readers
//	iconend "name"          the same behind the words of a button
//	dict "name" value …     arguments for a template
//	langname "pl"           a language's own name
func (s *Site) funcs(lang string) template.FuncMap {
	return template.FuncMap{
		"t": func(id string, namesAndValues ...any) string {
			return s.Words.Render(lang, text.New(id, normal(namesAndValues)...))
		},
		"said": func(words text.Sentence) string { return s.Words.Sentence(lang, words) },
		"show": func(v any) string { return s.Words.Render(lang, text.New("page.value", "Value", v)) },
		"moment": func(at any) string {
			return s.Words.Render(lang, text.New("page.value", "Value", text.Moment(s.local(at))))
		},
		"day": func(at any) string {
			y, m, d := s.local(at).Date()
			return s.Words.Render(lang, text.New("page.value", "Value", text.Date{Year: y, Month: m, Day: d}))
		},
		"iso":      func(at any) string { return s.local(at).Format(time.RFC3339) },
		"device":   Device,
		"asset":    s.Files.Address,
		"icon":     func(name string) template.HTML { return s.icon("icon", name) },
		"iconend":  func(name string) template.HTML { return s.icon("icon icon-end", name) },
		"dict":     dict,
		"langname": LanguageName,
		"join":     strings.Join,
	}
}

// languageNames are how speakers of the languages call them.
var languageNames = map[string]string{"en": "English", "pl": "Polski", "cs": "Čeština", "ru": "Русский"}

// LanguageName is how speakers of a language call it.
// The code itself stands for one that Premia does not speak.
func LanguageName(code string) string { return cmp.Or(languageNames[code], code) }

// normal makes of a template's numbers what messages take.
func normal(namesAndValues []any) []any {
	for i, v := range namesAndValues {
		switch v := v.(type) {
		case int:
			namesAndValues[i] = int64(v)
		case uint32:
			namesAndValues[i] = int64(v)
		}
	}
	return namesAndValues
}

// local gives a moment in the site's zone.
func (s *Site) local(at any) time.Time {
	switch at := at.(type) {
	case time.Time:
		return at.In(s.Zone())
	case calendar.Instant:
		return at.In(s.Zone())
	}
	panic(fmt.Sprintf("page: a %T is no moment", at))
}

func (s *Site) icon(class, name string) template.HTML {
	return template.HTML(`<svg class="` + class + `" aria-hidden="true" focusable="false" width="24" height="24"><use href="` + s.Files.Address("icons.svg") + `#` + template.HTMLEscapeString(name) + `"></use></svg>`)
}

// dict gathers arguments for a template.
func dict(namesAndValues ...any) (map[string]any, error) {
	if len(namesAndValues)%2 != 0 {
		return nil, errors.New("dict: a name without a value")
	}
	m := make(map[string]any, len(namesAndValues)/2)
	for i := 0; i < len(namesAndValues); i += 2 {
		name, ok := namesAndValues[i].(string)
		if !ok {
			return nil, fmt.Errorf("dict: %v is no name", namesAndValues[i])
		}
		m[name] = namesAndValues[i+1]
	}
	return m, nil
}

// Problem says in the visitor's language why something was refused.
func (c *Context) Problem(err error) string {
	p := app.AsProblem(err)
	if p.Code == app.CodeInvalidIdentity { // its detail says what is wrong with it
		return c.Sentence(p.Detail)
	}
	if said := app.Sentence(c.area.site.Words, c.Lang, p.Code, p.Args); said != "" && !strings.Contains(said, "⟦") {
		return said
	}
	return c.Sentence(p.Detail)
}

// Sentence says a sentence in the visitor's language.
func (c *Context) Sentence(words text.Sentence) string {
	return c.area.site.Words.Sentence(c.Lang, words)
}

// StatusOf is the HTTP status of a problem.
func StatusOf(p *app.Problem) int {
	switch {
	case strings.HasPrefix(p.Code, "unknown_"):
		return http.StatusNotFound
	case p.Code == app.CodeNotPermitted, p.Code == app.CodeProveAgain, p.Code == app.CodeSignInAgain, p.Code == app.CodeNotInvited, p.Code == app.CodeOwnerNeeded:
		return http.StatusForbidden
	case p.Code == app.CodeTooManyAttempts:
		return http.StatusTooManyRequests
	case p.Code == app.CodeUnavailable, p.Code == app.CodeSecretsKey:
		return http.StatusServiceUnavailable
	case p.Code == app.CodeInternal:
		return http.StatusInternalServerError
	}
	return http.StatusUnprocessableEntity
}
