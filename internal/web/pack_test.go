package web_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"
)

// TestPagesArePacked packs pages for those who take that, and none in which somebody else
// than the visitor may have put words.
func TestPagesArePacked(t *testing.T) {
	t.Parallel()
	server, _, _ := open(t, everybody{})
	here, by, elsewhere := []string{"Sec-Fetch-Site", "same-origin"}, []string{"Sec-Fetch-Site", "none"}, []string{"Sec-Fetch-Site", "cross-site"}
	for _, one := range []struct {
		path    string
		takes   string
		headers []string
		packed  bool
	}{
		{"/", "gzip, deflate, br", nil, true}, {"/", "identity", nil, false}, {"/", "br", nil, false}, {"/", "gzip;q=0, *", nil, false}, {"/", "*;q=0.1", nil, true}, {"/", "GZIP; q=1.0", nil, true},
		{"/", "gzip", elsewhere, true}, {"/join?ref=x", "gzip", elsewhere, false}, {"/join?ref=x", "gzip", nil, false}, {"/join?ref=x", "gzip", here, true}, {"/join?ref=x", "gzip", by, true},
		{"/console/members?q=x", "gzip", here, true}, {"/console/members?q=x", "gzip", []string{"Sec-Fetch-Site", "same-site"}, false}, {"/console/nothing", "gzip", here, true},
	} {
		answer, text := fetch(t, http.MethodGet, server.URL+one.path, "", append([]string{"Accept-Encoding", one.takes}, one.headers...)...)
		if packed := answer.Header.Get("Content-Encoding") == "gzip"; packed != one.packed {
			t.Errorf("%s for %q and %q: packed is %t", one.path, one.takes, one.headers, packed)
			continue
		}
		if !strings.Contains(strings.Join(answer.Header.Values("Vary"), ","), "Accept-Encoding") {
			t.Errorf("%s varies by %q", one.path, answer.Header.Values("Vary"))
		}
		if one.packed {
			r, err := gzip.NewReader(strings.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			whole, err := io.ReadAll(r)
			if err != nil || len(whole) < 2*len(text) {
				t.Errorf("%s has %d bytes packed and %d unpacked (%v)", one.path, len(text), len(whole), err)
			}
			text = string(whole)
		}
		if !strings.HasPrefix(strings.ToLower(text), "<!doctype html") || !strings.HasSuffix(strings.TrimSpace(text), "</html>") {
			t.Errorf("%s is no whole page: %.80q", one.path, text)
		}
	}
}
