package api

import (
	"context"
	"io"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/program"
	"premia/internal/journal"
)

// ProgramVersion is one published version of the program.
type ProgramVersion struct {
	Version     int64   `json:"version" doc:"stamped on every decision made under it"`
	Live        bool    `json:"live" doc:"whether it is in force now"`
	LiveFrom    *string `json:"live_from,omitempty" format:"date-time" doc:"absent for the first, which governs all that came before, too"`
	PublishedAt string  `json:"published_at" format:"date-time"`
	Comment     string  `json:"comment,omitempty"`
}

// ProgramVersions lists them.
type ProgramVersions struct {
	Programs []ProgramVersion `json:"programs" doc:"the oldest first"`
}

// PublishedProgram is what publishing came to.
type PublishedProgram struct {
	Version   uint32  `json:"version"`
	LiveFrom  *string `json:"live_from,omitempty" format:"date-time"`
	Unchanged bool    `json:"unchanged" doc:"whether it was the live document already, and nothing was written"`
}

// Description is the program's rules in words.
type Description struct {
	Language string    `json:"language" enum:"en,pl,cs,ru"`
	Sections []Section `json:"sections"`
}

// Section is a heading and the sentences under it.
type Section struct {
	Heading string   `json:"heading"`
	Lines   []string `json:"lines"`
}

func (s *Server) programRoutes() {
	s.documentRoute(operation(http.MethodPost, "/v1/programs", "publish-program", "Programs", "Publish a program's document, YAML or JSON, as the next version", auth.ProgramsWrite),
		auth.ProgramsWrite, PublishedProgram{}, http.StatusCreated, s.publish,
		&huma.Param{Name: "comment", In: "query", Description: "what changed, for the list of versions", Schema: &huma.Schema{Type: "string"}},
		&huma.Param{Name: "live_from", In: "query", Description: "when it comes into force, RFC 3339; at once if not said", Schema: &huma.Schema{Type: "string", Format: "date-time"}})
	s.documentRoute(operation(http.MethodPost, "/v1/programs/check", "check-program", "Programs", "Check a document and run its scenarios; nothing is published", auth.ProgramsRead),
		auth.ProgramsRead, ProgramCheck{}, http.StatusOK, s.checkProgram)
	list := operation(http.MethodGet, "/v1/programs", "list-programs", "Programs", "List the published versions", auth.ProgramsRead)
	register(s, list, auth.ProgramsRead, s.listPrograms)
	live := operation(http.MethodGet, "/v1/programs/live", "live-program", "Programs", "Say which version is live", auth.ProgramsRead)
	register(s, live, auth.ProgramsRead, func(ctx context.Context, _ *struct{}) (*struct{ Body ProgramVersion }, error) {
		return s.readProgram(ctx, 0)
	})
	read := operation(http.MethodGet, "/v1/programs/{version}", "read-program", "Programs", "Read about a version", auth.ProgramsRead)
	register(s, read, auth.ProgramsRead, func(ctx context.Context, in *VersionPath) (*struct{ Body ProgramVersion }, error) {
		return s.readProgram(ctx, in.Version)
	})
	document := operation(http.MethodGet, "/v1/programs/{version}/document", "read-document", "Programs", "Read a version's document as it was published", auth.ProgramsRead)
	register(s, document, auth.ProgramsRead, s.readDocument)
	describe := operation(http.MethodGet, "/v1/programs/{version}/description", "describe-program", "Programs", "Read a version's rules in words; version 0 is the live one", auth.ProgramsRead)
	register(s, describe, auth.ProgramsRead, s.describe)
	again := operation(http.MethodPost, "/v1/programs/{version}/publish", "publish-again", "Programs", "Roll back: publish the document of an earlier version again, as the next version", auth.ProgramsWrite)
	again.DefaultStatus = http.StatusCreated
	register(s, again, auth.ProgramsWrite, s.publishAgain)
}

// VersionPath is how a path names a version of the program.
type VersionPath struct {
	Version int64 `path:"version" minimum:"0" doc:"the version's number"`
}

// documentRoute adds an operation whose body is a program's document.
func (s *Server) documentRoute(op huma.Operation, scope auth.Scope, out any, status int, handle func(http.ResponseWriter, *http.Request, []byte) *Problem, params ...*huma.Param) {
	schemas := s.api.OpenAPI().Components.Schemas
	op.Parameters = params
	op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		"application/yaml": {Schema: &huma.Schema{Type: "string", Description: "the document"}, Example: exampleProgram},
	}}
	op.Responses = map[string]*huma.Response{
		map[int]string{http.StatusOK: "200", http.StatusCreated: "201"}[status]: {
			Description: http.StatusText(status),
			Content:     map[string]*huma.MediaType{"application/json": {Schema: schemas.Schema(reflect.TypeOf(out), true, "")}},
		},
		"default": {Description: "Error", Content: map[string]*huma.MediaType{"application/problem+json": {Schema: schemas.Schema(reflect.TypeFor[Problem](), true, "Problem")}}},
	}
	s.api.OpenAPI().AddOperation(&op)
	s.guarded(op, scope, func(w http.ResponseWriter, r *http.Request, key auth.Key) *Problem {
		r, trail := acting(r, &key)
		if p := withDocument(w, r, handle); p != nil {
			return p
		}
		s.told(op.OperationID, trail)
		return nil
	})
}

func withDocument(w http.ResponseWriter, r *http.Request, handle func(http.ResponseWriter, *http.Request, []byte) *Problem) *Problem {
	src, err := io.ReadAll(io.LimitReader(r.Body, app.MaxDocument+1))
	switch {
	case err != nil:
		return newProblem(codeMalformed, "", "the document did not arrive as a whole", "Detail", "")
	case len(src) > app.MaxDocument:
		return tooLarge(app.MaxDocument)
	}
	return handle(w, r, src)
}

// ProgramCheck is what is to say of a document without mistakes.
type ProgramCheck struct {
	Valid     bool `json:"valid"`
	Scenarios int  `json:"scenarios" doc:"how many scenarios ran and came out as expected"`
}

func (s *Server) checkProgram(w http.ResponseWriter, _ *http.Request, src []byte) *Problem {
	doc, err := app.CheckDocument("program", src)
	if err != nil {
		return problemOf(err)
	}
	return writeJSON(w, http.StatusOK, ProgramCheck{true, doc.Scenarios()})
}

func (s *Server) publish(w http.ResponseWriter, r *http.Request, src []byte) *Problem {
	query := r.URL.Query()
	from := calendar.None
	if at := query.Get("live_from"); at != "" {
		t, err := time.Parse(time.RFC3339, at)
		if err != nil {
			return newProblem(codeParameter, "live_from", "write the moment in RFC 3339, such as 2026-05-01T00:00:00+02:00")
		}
		from = calendar.Of(t)
	}
	comment := query.Get("comment")
	if len(comment) > 1000 {
		return newProblem(codeParameter, "comment", "a comment has at most 1,000 bytes")
	}
	p, err := s.app.Publish(r.Context(), src, from, comment)
	if err != nil {
		return problemOf(err)
	}
	status := http.StatusCreated
	if p.Unchanged {
		status = http.StatusOK
	}
	return writeJSON(w, status, publishedOf(&p))
}

func publishedOf(p *journal.Published) PublishedProgram {
	out := PublishedProgram{Version: p.Version, Unchanged: p.Unchanged}
	if p.LiveFrom != calendar.Beginning {
		out.LiveFrom = moment(p.LiveFrom)
	}
	return out
}

func (s *Server) publishAgain(ctx context.Context, in *VersionPath) (*struct{ Body PublishedProgram }, error) {
	p, err := s.app.PublishAgain(ctx, in.Version)
	if err != nil {
		return nil, err
	}
	return &struct{ Body PublishedProgram }{publishedOf(&p)}, nil
}

func versionOf(v *app.Version) ProgramVersion {
	out := ProgramVersion{Version: v.Version, Live: v.Live, PublishedAt: rfc3339(v.Published), Comment: v.Comment}
	if v.LiveFrom != calendar.Beginning {
		out.LiveFrom = moment(v.LiveFrom)
	}
	return out
}

func (s *Server) listPrograms(ctx context.Context, _ *struct{}) (*struct{ Body ProgramVersions }, error) {
	all, err := s.app.Versions(ctx)
	if err != nil {
		return nil, err
	}
	out := ProgramVersions{Programs: []ProgramVersion{}}
	for i := range all {
		out.Programs = append(out.Programs, versionOf(&all[i]))
	}
	return &struct{ Body ProgramVersions }{out}, nil
}

func (s *Server) readProgram(ctx context.Context, version int64) (*struct{ Body ProgramVersion }, error) {
	v, err := s.app.Version(ctx, version)
	if err != nil {
		return nil, err
	}
	return &struct{ Body ProgramVersion }{versionOf(&v)}, nil
}

type documentOutput struct {
	ContentType string `header:"Content-Type"`
	Body        []byte `contentType:"application/yaml"`
}

func (s *Server) readDocument(ctx context.Context, in *VersionPath) (*documentOutput, error) {
	v, err := s.app.Version(ctx, in.Version)
	if err != nil {
		return nil, err
	}
	return &documentOutput{"application/yaml", v.Document}, nil
}

func (s *Server) describe(_ context.Context, in *struct {
	VersionPath
	Lang           string `query:"lang" enum:"en,pl,cs,ru" doc:"that of Accept-Language if not said"`
	AcceptLanguage string `header:"Accept-Language"`
}) (*struct{ Body Description }, error) {
	lang := languageOf(in.Lang, in.AcceptLanguage)
	sections, err := s.app.Describe(uint32(in.Version), lang)
	if err != nil {
		return nil, err
	}
	out := Description{Language: lang, Sections: []Section{}}
	for _, one := range sections {
		out.Sections = append(out.Sections, Section{one.Heading, orEmpty(one.Lines)})
	}
	return &struct{ Body Description }{out}, nil
}

// schemaRoute serves the JSON Schema of documents to editors.
func (s *Server) schemaRoute(w http.ResponseWriter, r *http.Request) {
	schema, err := program.Schema()
	if err != nil {
		s.writeProblem(w, r, problemOf(err))
		return
	}
	writeBytes(w, http.StatusOK, "application/schema+json", schema)
}
