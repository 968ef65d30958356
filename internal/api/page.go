package api

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
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
