package api

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html/template"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"sync"

	"premia/internal/core/engine"
	"premia/internal/core/text"
	"premia/internal/i18n"
)

// viewer holds files of swagger-ui-dist 5.35.0, unchanged; SHA256SUMS has their
// checksums.
//
//go:embed viewer page
var files embed.FS

// asset is a file that pages use.
type asset struct {
	content []byte
	kind    string
	tag     string // for caches
}

func (s *Server) pageRoutes() {
	s.static = make(map[string]asset)
	for _, folder := range []string{"viewer", "page"} {
		entries, err := fs.ReadDir(files, folder)
		if err != nil {
			panic("api: the embedded files are gone: " + err.Error())
		}
		for _, entry := range entries {
			s.addAsset(folder, entry.Name())
		}
	}
	s.mux.HandleFunc("GET /static/{file}", s.serveAsset)
	s.mux.HandleFunc("GET /docs", func(w http.ResponseWriter, r *http.Request) {
		writeBytes(w, http.StatusOK, "text/html; charset=utf-8", s.static["docs.html"].content)
	})
	s.mux.HandleFunc("GET /{$}", s.home)
}

func (s *Server) addAsset(folder, name string) {
	content, err := files.ReadFile(path.Join(folder, name))
	if err != nil {
		panic("api: an embedded file is gone: " + err.Error())
	}
	sum := sha256.Sum256(content)
	kind := mime.TypeByExtension(path.Ext(name))
	switch path.Ext(name) {
	case ".js":
		kind = "text/javascript; charset=utf-8"
	case "", ".txt":
		kind = "text/plain; charset=utf-8"
	}
	s.static[name] = asset{content, kind, `"` + hex.EncodeToString(sum[:8]) + `"`}
}

func (s *Server) serveAsset(w http.ResponseWriter, r *http.Request) {
	file, ok := s.static[r.PathValue("file")]
	if !ok {
		s.writeProblem(w, r, newProblem(codeNotFound, "", "there is no such file"))
		return
	}
	w.Header().Set("ETag", file.tag)
	w.Header().Set("Cache-Control", "no-cache")
	if r.Header.Get("If-None-Match") == file.tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	writeBytes(w, http.StatusOK, file.kind, file.content)
}

var homePage = template.Must(template.ParseFS(files, "page/home.html"))

// home is the data of the page at /. Anybody may read it, so that it says what
// is public of a program and no figures of the business.
type home struct {
	Lang                                              string
	Languages                                         []string
	Title, Intro, Program, Rules, Reference, Document string
	Sections                                          []Section
}

// homePages keeps the page at / as it reads of one program, by language: it
// costs a request no more than its sending.
type homePages struct {
	mu      sync.Mutex
	program *engine.Program
	pages   map[string][]byte
}

func (s *Server) home(w http.ResponseWriter, r *http.Request) {
	lang := i18n.Match(r.Header.Get("Accept-Language"))
	if asked := r.URL.Query().Get("lang"); asked != "" {
		lang = i18n.Match(asked)
	}
	page, err := s.homeIn(lang)
	if err != nil {
		s.writeProblem(w, r, problemOf(err))
		return
	}
	w.Header().Set("Content-Language", lang)
	w.Header().Set("Vary", "Accept-Language")
	writeBytes(w, http.StatusOK, "text/html; charset=utf-8", page)
}

// homeIn gives the page of the program that is in force, in a language.
func (s *Server) homeIn(lang string) ([]byte, error) {
	h := &s.homePages
	h.mu.Lock()
	defer h.mu.Unlock()
	if p := s.app.Program(); h.pages == nil || h.program != p {
		h.program, h.pages = p, make(map[string][]byte)
	}
	if page := h.pages[lang]; page != nil {
		return page, nil
	}
	data, err := s.homeData(h.program, lang)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := homePage.Execute(&out, data); err != nil {
		return nil, err
	}
	h.pages[lang] = out.Bytes()
	return h.pages[lang], nil
}

func (s *Server) homeData(p *engine.Program, lang string) (*home, error) {
	say := func(id string, args ...any) string { return s.app.Words.Render(lang, text.New("page."+id, args...)) }
	page := &home{
		Lang: lang, Languages: s.app.Words.Languages(), Title: say("title"), Intro: say("intro"), Program: say("no_program"),
		Rules: say("rules"), Reference: say("reference"), Document: say("document"),
	}
	if p == nil {
		return page, nil
	}
	page.Program = say("program", "Title", p.Title)
	sections, err := s.app.Describe(p.Version, lang)
	if err != nil {
		return nil, err
	}
	for _, one := range sections {
		page.Sections = append(page.Sections, Section{one.Heading, one.Lines})
	}
	return page, nil
}
