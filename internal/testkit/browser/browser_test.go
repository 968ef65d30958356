package browser

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// TestMain plays a second part, the process whose end TestAnOwnersEndLeavesNothing
// looks at.
func TestMain(m *testing.M) {
	if how := os.Getenv("PREMIA_TEST_OWNER"); how != "" {
		if err := ownABrowser(how); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// ownABrowser starts a browser, says which folder is its own and ends, or waits to be
// killed.
func ownABrowser(how string) error {
	c, err := shared()
	if err != nil {
		return err
	}
	ctx, _ := chromedp.NewContext(c.ctx, chromedp.WithNewBrowserContext())
	if err := chromedp.Do(ctx, chromedp.Navigate("data:text/html,<title>left open</title>")); err != nil {
		return err
	}
	fmt.Printf("owner: %s\n", c.folder)
	switch how {
	case "that panics":
		panic("on purpose")
	case "that is done":
		os.Exit(0)
	}
	select {}
}

func TestAnOwnersEndLeavesNothing(t *testing.T) {
	if Find() == "" {
		t.Skip("Chromium is not installed")
	}
	for _, how := range []string{"that is done", "that panics", "that is killed"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			owner := exec.Command(os.Args[0], "-test.run=^$")
			owner.Env = append(os.Environ(), "PREMIA_TEST_OWNER="+how)
			out, err := owner.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := owner.Start(); err != nil {
				t.Fatal(err)
			}
			folder := ""
			for lines := bufio.NewScanner(out); folder == "" && lines.Scan(); {
				_, _ = fmt.Sscanf(lines.Text(), "owner: %s", &folder)
			}
			if how == "that is killed" {
				if err := owner.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
			_ = owner.Wait() // it says how the process ended
			if folder == "" {
				t.Fatal("the owner did not start a browser")
			}
			awaitEnd(t, folder)
		})
	}
}

// awaitEnd waits until a browser's folder and processes are gone, as long as the test
// binary's own timeout lets it, because the guard works at its own pace.
func awaitEnd(t *testing.T, folder string) {
	t.Helper()
	for {
		_, err := os.Stat(folder)
		left := processes(folder)
		if errors.Is(err, fs.ErrNotExist) && len(left) == 0 {
			return
		}
		select {
		case <-t.Context().Done():
			t.Fatalf("there is still the folder (%v), or %q", err, left)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// processes are the command lines that name a folder.
func processes(folder string) []string {
	var found []string
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range files {
		if line, err := os.ReadFile(file); err == nil && strings.Contains(string(line), folder+"/") {
			found = append(found, string(line))
		}
	}
	return found
}

// echo is a server that says in which languages it is asked, and has a service worker
// that passes requests on.
func echo(t *testing.T) *httptest.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("/languages", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.Header.Get("Accept-Language"))
	})
	mux.HandleFunc("/worker.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		fmt.Fprint(w, `addEventListener("activate", function (e) { e.waitUntil(clients.claim()); }); addEventListener("fetch", function (e) { e.respondWith(fetch(e.request)); });`)
	})
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<!DOCTYPE html><html lang="en"><title>x</title><link rel="icon" href="data:,"><main>%s</main>`, r.Header.Get("Accept-Language"))
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server
}

func TestPagesShareNothingButTheBrowser(t *testing.T) {
	server := echo(t)
	kept := `(function () { return document.cookie + "|" + localStorage.getItem("a"); })()`
	first := Open(t, server.URL, "en")
	first.Go("/")
	Script[any](first, `document.cookie = "a=1"; localStorage.setItem("a", "1"); caches.open("a").then(function () { return navigator.serviceWorker.register("/worker.js"); }).then(function () { return navigator.serviceWorker.ready; }).then(function () { return null; })`)
	if got := Script[string](first, kept); got != "a=1|1" {
		t.Fatalf("the first page keeps %q", got)
	}
	second := Open(t, server.URL, "en")
	second.Go("/")
	if got := Script[string](second, kept); got != "|null" {
		t.Errorf("the second page finds %q", got)
	}
	if Script[bool](second, `Promise.all([caches.has("a"), navigator.serviceWorker.getRegistration()]).then(function (found) { return found[0] || found[1] !== undefined; })`) {
		t.Error("the second page finds the cache or the worker of the first")
	}
	for _, tab := range []*Tab{first, second} {
		if !Script[bool](tab, `document.hasFocus()`) {
			t.Error("a page lacks the focus")
		}
		tab.Clean()
	}
}

func TestPagesHaveALanguage(t *testing.T) {
	server := echo(t)
	for lang, number := range map[string]string{"en": "1,234,567.5", "pl": "1\u00a0234\u00a0567,5"} {
		tab := Open(t, server.URL, lang)
		tab.Go("/")
		if got := tab.See("main"); got != lang {
			t.Errorf("the server is asked for the language %q, not %q", got, lang)
		}
		if got := Script[string](tab, `fetch("/languages").then(function (r) { return r.text(); })`); got != lang {
			t.Errorf("a script asks for the language %q, not %q", got, lang)
		}
		if got := Script[string](tab, `navigator.language + " " + navigator.languages.join() + " " + new Intl.NumberFormat().format(1234567.5)`); got != lang+" "+lang+" "+number {
			t.Errorf("in %s scripts see %q", lang, got)
		}
		Script[any](tab, `navigator.serviceWorker.register("/worker.js").then(function () { return navigator.serviceWorker.ready; }).then(function () { return navigator.serviceWorker.controller || new Promise(function (done) { navigator.serviceWorker.oncontrollerchange = done; }); }).then(function () { return null; })`)
		tab.Go("/")
		if got := tab.See("main"); got != lang {
			t.Errorf("with a service worker the server is asked for the language %q, not %q", got, lang)
		}
		tab.Clean()
	}
}

// told is a test that keeps what it fails with.
type told struct {
	testing.TB
	problems []string
}

func (f *told) Helper()           {}
func (f *told) Error(args ...any) { f.problems = append(f.problems, fmt.Sprint(args...)) }
func (f *told) Errorf(format string, args ...any) {
	f.problems = append(f.problems, fmt.Sprintf(format, args...))
}

// TestEverywhereFindsWhatIsWrong looks at a page on which each mistake shows in one look, in
// one language or at one width alone.
func TestEverywhereFindsWhatIsWrong(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		lang := r.FormValue("lang")
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<!DOCTYPE html><html lang=%q><title>x</title><meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<style>body { color: #000; background: #fff } body.dark { color: #222; background: #111 } div { height: 1px } @media (min-width: 1000px) { #desk { width: 2000px } }</style>
<body><script>document.body.className = localStorage.getItem("theme") || ""</script><main><h1>Text</h1><div id="desk"></div>`, lang)
		switch lang {
		case "en":
			fmt.Fprint(w, `<input type="text"><p><button style="width:9px;height:9px;padding:0" aria-label="a"></button><button style="width:9px;height:9px;padding:0" aria-label="b"></button></p>`)
		case "cs":
			fmt.Fprint(w, `<div style="width: 500px"></div>`)
		case "ru":
			fmt.Fprint(w, `⟦no.words⟧<script>throw new Error("on purpose")</script>`)
		}
	}))
	defer server.Close()
	bad := &told{TB: t}
	Open(bad, server.URL, "en").Everywhere("/page", "en", "pl", "cs", "ru")
	for _, want := range []string{"/page?lang=en: label:", "/page?lang=en: target-size:", "/page?lang=en is wider", "/page?lang=pl: color-contrast:", "/page?lang=cs is wider", "/page?lang=ru lacks words", "a script failed: Uncaught Error: on purpose"} {
		if n := strings.Count(strings.Join(bad.problems, "\n"), want); n != 1 {
			t.Errorf("%q is told %d times:\n%s", want, n, strings.Join(bad.problems, "\n"))
		}
	}
}

func TestEachPageIsWatchedByItself(t *testing.T) {
	server, elsewhere := echo(t), echo(t)
	bad, good := &told{TB: t}, &told{TB: t}
	loud, quiet := Open(bad, server.URL, "en"), Open(good, server.URL, "en")
	quiet.Go("/")
	loud.Go("/")
	Script[any](loud, `fetch("/nothing").then(function () { return fetch("`+elsewhere.URL+`/", {mode: "no-cors"}); }).then(function () { return null; })`)
	Script[any](loud, `new Promise(function (done) { addEventListener("error", function () { done(null); }); setTimeout(function () { throw new Error("on purpose"); }, 0); })`)
	Script[any](quiet, `null`)
	loud.Clean()
	quiet.Clean()
	all := strings.Join(bad.problems, "\n")
	for _, want := range []string{"the console says: Failed to load resource", "another host: " + elsewhere.URL, "a script failed: Uncaught Error: on purpose"} {
		if strings.Count(all, want) != 1 {
			t.Errorf("%q is not told once:\n%s", want, all)
		}
	}
	if len(good.problems) > 0 {
		t.Errorf("the other page tells %q", good.problems)
	}
	if loud.Clean(); len(bad.problems) != 3 {
		t.Errorf("what was told is told again: %q", bad.problems)
	}
}

func TestAPageEndsWithItsTest(t *testing.T) {
	server := echo(t)
	var ended context.Context
	t.Run("a test", func(t *testing.T) {
		tab := Open(t, server.URL, "en")
		tab.Go("/")
		ended = tab.ctx
	})
	if ended == nil {
		t.Skip("Chromium is not installed")
	}
	c, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	open, err := chromedp.CallBrowser(c.ctx, target.GetBrowserContexts, cdp.Empty{})
	if err != nil {
		t.Fatal(err)
	}
	if id := chromedp.FromContext(ended).BrowserContextID; id == "" || strings.Contains(fmt.Sprint(open.BrowserContextIDs), string(id)) {
		t.Errorf("of the page %q is left: %v", id, open.BrowserContextIDs)
	}
}

func TestABrowserOfItsOwnEndsWithItsTest(t *testing.T) {
	server := echo(t)
	folder := ""
	t.Run("a test", func(t *testing.T) {
		tab := Open(t, server.URL, "en", chromedp.Flag("use-fake-device-for-media-stream", true), chromedp.Flag("use-fake-ui-for-media-stream", true))
		tab.Go("/")
		if n := Script[int](tab, `navigator.mediaDevices.getUserMedia({video: true}).then(function (stream) { return stream.getVideoTracks().length; })`); n != 1 {
			t.Errorf("there are %d cameras", n)
		}
		folder = tab.browser.folder
	})
	if folder == "" {
		t.Skip("Chromium is not installed")
	}
	if _, err := os.Stat(folder); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder %s is left: %v", folder, err)
	}
	awaitEnd(t, folder)
}
