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

// home is the data of the page at /.
type home struct {
	Lang                                              string
	Languages                                         []string
	Title, Intro, Program, Rules, Reference, Document string
	MembersName, EntriesName, VersionName             string
	Members, Entries, Version                         string
	Sections                                          []Section
}

func (s *Server) home(w http.ResponseWriter, r *http.Request) {
	lang := i18n.Match(r.Header.Get("Accept-Language"))
	if asked := r.URL.Query().Get("lang"); asked != "" {
		lang = i18n.Match(asked)
	}
	page, err := s.homeData(r, lang)
	var out bytes.Buffer
	if err == nil {
		err = homePage.Execute(&out, page)
	}
	if err != nil {
		s.writeProblem(w, r, problemOf(err))
		return
	}
	w.Header().Set("Content-Language", lang)
	w.Header().Set("Vary", "Accept-Language")
	writeBytes(w, http.StatusOK, "text/html; charset=utf-8", out.Bytes())
}

func (s *Server) homeData(r *http.Request, lang string) (*home, error) {
	say := func(id string, args ...any) string { return s.app.Words.Render(lang, text.New("page."+id, args...)) }
	number := func(n int64) string { return s.app.Words.Render(lang, text.New("page.number", "Number", n)) }
	page := &home{
		Lang: lang, Languages: s.app.Words.Languages(), Title: say("title"), Intro: say("intro"), Program: say("no_program"),
		Rules: say("rules"), Reference: say("reference"), Document: say("document"),
		MembersName: say("members"), EntriesName: say("entries"), VersionName: say("version"),
	}
	p := s.app.Program()
	if p == nil {
		return page, nil
	}
	counts, err := s.app.Store.Counts(r.Context())
	if err != nil {
		return nil, err
	}
	page.Program = say("program", "Title", p.Title)
	page.Members, page.Entries, page.Version = number(counts.Members), number(counts.Entries), number(int64(p.Version))
	sections, err := s.app.Describe(0, lang)
	if err != nil {
		return nil, err
	}
	for _, one := range sections {
		page.Sections = append(page.Sections, Section{one.Heading, one.Lines})
	}
	return page, nil
}
