// Package asset holds the files that pages use: those of others in vendor,
// unmodified, and our own in own. Each has an address that changes with its
// content, so that browsers may keep it for ever. Nothing of a page comes from
// another host.
package asset

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"
)

//go:embed vendor own
var embedded embed.FS

// Prefix begins the addresses of all files.
const Prefix = "/assets/"

// forever is how long browsers may keep a file whose address has its digest.
const forever = "public, max-age=31536000, immutable"

// Files serves embedded files. It never changes after [Load] and may be used by
// several goroutines.
type Files struct {
	byAddress map[string]*file
	addresses map[string]string
}

// file is one file as it is sent.
type file struct {
	content []byte
	kind    string
	pack    sync.Once
	packed  []byte // content in gzip; nil where that is not smaller
}

// Load reads this package's files and those of further file systems, each
// flat: a file is known by its name alone, and no two may have the same.
func Load(more ...fs.FS) (*Files, error) {
	f := &Files{byAddress: make(map[string]*file), addresses: make(map[string]string)}
	for _, folder := range []string{"vendor", "own"} {
		sub, err := fs.Sub(embedded, folder)
		if err != nil {
			return nil, err
		}
		more = append([]fs.FS{sub}, more...)
	}
	for _, files := range more {
		if err := f.add(files); err != nil {
			return nil, err
		}
	}
	return f, nil
}

func (f *Files) add(files fs.FS) error {
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return err
	}
	for _, entry := range entries {
		name := entry.Name()
		if entry.IsDir() {
			continue
		}
		content, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		if _, twice := f.addresses[name]; twice {
			return fmt.Errorf("there are two files %s for pages", name)
		}
		sum := sha256.Sum256(content)
		address := Prefix + hex.EncodeToString(sum[:6]) + "/" + name
		f.addresses[name] = address
		f.byAddress[address] = &file{content: content, kind: kindOf(name)}
	}
	return nil
}

// kindOf is the media type of a file by its name. The types are ours and not the
// machine's, which may say something else or nothing.
func kindOf(name string) string {
	switch ext := path.Ext(name); ext {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".webmanifest":
		return "application/manifest+json"
	case ".wasm":
		return "application/wasm"
	case ".png", ".woff2", ".ico":
		return mime.TypeByExtension(ext)
	}
	return "text/plain; charset=utf-8"
}

// Address gives the address of a file. It panics on a file that is not there,
// which is a mistake of a template's author and found by the first test.
func (f *Files) Address(name string) string {
	address, ok := f.addresses[name]
	if !ok {
		panic("asset: there is no file " + name)
	}
	return address
}

// Content gives a file's bytes; nil where there is none.
func (f *Files) Content(name string) []byte {
	if one := f.byAddress[f.addresses[name]]; one != nil {
		return one.content
	}
	return nil
}

// ServeHTTP sends the file at the request's path.
func (f *Files) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	one := f.byAddress[r.URL.Path]
	if one == nil {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", one.kind)
	h.Set("Cache-Control", forever)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Vary", "Accept-Encoding")
	content := one.content
	if packed := one.gzip(); packed != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		content = packed
	}
	h.Set("Content-Length", fmt.Sprint(len(content)))
	if r.Method != http.MethodHead {
		w.Write(content)
	}
}

// gzip packs the file when it is asked for first; pictures are packed already.
func (f *file) gzip() []byte {
	f.pack.Do(func() {
		if strings.HasPrefix(f.kind, "image/png") || strings.HasPrefix(f.kind, "font/") {
			return
		}
		var out bytes.Buffer
		w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
		if err != nil {
			return
		}
		_, err = w.Write(f.content)
		if err == nil && w.Close() == nil && out.Len() < len(f.content) {
			f.packed = out.Bytes()
		}
	})
	return f.packed
}
