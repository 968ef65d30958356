// Package browser drives Chromium in tests. A test sees a page as its visitor
// does, and three things are watched all the time: messages of an error in the
// console, requests to other hosts, and exceptions of scripts. Any of them fails
// the test. All tests of a process share one browser, in which each page has a visitor
// of its own. Tests are skipped with a message where there is no Chromium.
package browser

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/css"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// axe is axe-core, which finds what people with disabilities could not use.
//
//go:embed vendor/axe.min.js
var axe string

// patience is how long a test waits for something to show before it gives up.
// Nothing is asserted of how long it took.
const patience = time.Minute

// pause is the time between two looks of a page at what a test waits for.
const pause = 20 * time.Millisecond

// Tab is one page of a browser with cookies of its own.
type Tab struct {
	t       testing.TB
	browser *chromium
	ctx     context.Context
	base    string
	width   int64 // that pages are shown with; 0 for the browser's own

	mu       sync.Mutex
	problems []string
	allowed  []string
	received int64
}

// Open opens a page of a browser for a server at base, "http://127.0.0.1:8080", in a
// language. All tests of a process share one browser, and each page is that of another
// visitor: it shares no cookie, storage, cache or service worker with any other. With
// options of Chromium's that it has to be started with, the page has a browser to itself.
// The page ends with the test, and all that was kept of its visitor.
func Open(t testing.TB, base, lang string, more ...chromedp.ExecAllocatorOption) *Tab {
	t.Helper()
	if Find() == "" {
		t.Skip("Chromium is not installed; on Debian: apt-get install chromium-headless-shell")
	}
	start := func() (*chromium, error) { return own(t, more...) }
	if len(more) == 0 {
		start = shared
	}
	browser, err := start()
	if err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	ctx, _ := chromedp.NewContext(browser.ctx, chromedp.WithNewBrowserContext())
	tab := &Tab{t: t, browser: browser, ctx: ctx, base: strings.TrimSuffix(base, "/")}
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil {
			t.Logf("close a page: %v", err)
		}
	})
	if err := chromedp.Listen(ctx, tab.watch); err != nil { // this opens the page
		t.Fatalf("open a page: %v", err)
	}
	tab.command(func() error { _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); return err })
	tab.command(func() error { _, err := chromedp.Call(ctx, log.Enable, cdp.Empty{}); return err })
	tab.command(func() error { _, err := chromedp.Call(ctx, runtime.Enable, cdp.Empty{}); return err })
	// Nobody asks for rules of styles, of which the browser would tell with each page.
	tab.command(func() error { _, err := chromedp.Call(ctx, css.Disable, cdp.Empty{}); return err })
	tab.emulate(lang)
	return tab
}

// emulate makes the page that of a visitor with a language, before whom nothing moves.
func (b *Tab) emulate(lang string) {
	b.t.Helper()
	b.command(func() error {
		_, err := chromedp.Call(b.ctx, emulation.SetLocaleOverride, emulation.SetLocaleOverrideParams{Locale: lang})
		return err
	})
	b.command(func() error {
		_, err := chromedp.Call(b.ctx, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{UserAgent: b.browser.agent, AcceptLanguage: lang})
		return err
	})
	b.command(func() error {
		// Only one of a browser's pages has the focus, and tests in parallel all want it.
		_, err := chromedp.Call(b.ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
		return err
	})
	b.command(func() error {
		// What fades would be judged half-way.
		still := []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}}
		_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: still})
		return err
	})
}

func (b *Tab) command(call func() error) {
	b.t.Helper()
	if err := call(); err != nil {
		b.t.Fatalf("the browser: %v", err)
	}
}

// watch keeps what must not happen.
func (b *Tab) watch(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		words := e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			words += " " + e.ExceptionDetails.Exception.Description
		}
		b.problems = append(b.problems, "a script failed: "+words)
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError && !b.expected(e.Entry.Text+" "+e.Entry.URL) {
			b.problems = append(b.problems, "the console says: "+e.Entry.Text+" "+e.Entry.URL)
		}
	case *network.EventLoadingFinished:
		b.received += int64(e.EncodedDataLength)
	case *network.EventRequestWillBeSent:
		u, err := url.Parse(e.Request.URL)
		if err == nil && (u.Scheme == "http" || u.Scheme == "https" || u.Scheme == "ws" || u.Scheme == "wss") && !strings.HasPrefix(e.Request.URL, b.base+"/") {
			b.problems = append(b.problems, "a request went to another host: "+e.Request.URL)
		}
	}
}

// Expect lets messages with a text pass, such as that of a page which is refused
// on purpose: Chromium logs every answer from 400 on.
func (b *Tab) Expect(text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.allowed = append(b.allowed, text)
}

func (b *Tab) expected(message string) bool {
	for _, text := range b.allowed {
		if strings.Contains(message, text) {
			return true
		}
	}
	return false
}

// Received gives how many bytes pages received since it was asked last, as they came
// over the wire, with their headers.
func (b *Tab) Received() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := b.received
	b.received = 0
	return n
}

// Do does what it is told and fails the test where that is not possible.
func (b *Tab) Do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatalf("the browser at %s: %v\n%s", b.where(), err, b.text())
	}
}

// Ask runs an action and gives its value.
func Ask[T any](b *Tab, action chromedp.Action[T]) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	value, err := chromedp.Run(ctx, action)
	if err != nil {
		b.t.Fatalf("the browser at %s: %v\n%s", b.where(), err, b.text())
	}
	return value
}

// Script runs a script in the page and gives its value, which may be a promise.
func Script[T any](b *Tab, script string) T {
	b.t.Helper()
	return Ask(b, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
}

func (b *Tab) where() string {
	at, _ := chromedp.Run(b.ctx, chromedp.Location())
	return at
}

func (b *Tab) text() string {
	ctx, cancel := context.WithTimeout(b.ctx, 5*time.Second)
	defer cancel()
	text, _ := chromedp.Run(ctx, chromedp.Evaluate[string](`document.body ? document.body.innerText.slice(0, 2000) : ""`))
	return text
}

// Go opens a page of the server.
func (b *Tab) Go(path string) {
	b.t.Helper()
	b.Do(chromedp.Navigate(b.base + path))
}

// Fails goes to a path that can't be reached, and tells whether the browser says so.
func (b *Tab) Fails(path string) bool {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	err := chromedp.Do(ctx, chromedp.Navigate(b.base+path))
	return err != nil && strings.Contains(err.Error(), "net::ERR_")
}

// Width shows pages as wide as a device, in CSS pixels; below 600 as a phone.
func (b *Tab) Width(pixels int64) {
	b.t.Helper()
	if b.width == pixels {
		return
	}
	b.width = pixels
	if pixels < 600 {
		b.Do(chromedp.EmulateViewport(pixels, 800, chromedp.EmulateMobile))
		return
	}
	b.Do(chromedp.EmulateViewport(pixels, 800))
}

// Fill types into a field, by a CSS selector, over what was there.
func (b *Tab) Fill(selector, text string) {
	b.t.Helper()
	b.await(selector)
	b.setValue(selector, "")
	b.Do(chromedp.SendKeys(chromedp.CSS(selector), text))
}

// Type types into whatever has the focus.
func (b *Tab) Type(text string) {
	b.t.Helper()
	b.until("true", text)
	b.Do(chromedp.KeyEvent(text))
}

// Press presses a key by its name in scripts, such as "Enter" or "ArrowDown".
func (b *Tab) Press(key string) {
	b.t.Helper()
	b.until("true", key)
	named := map[string]string{"Enter": kb.Enter, "ArrowDown": kb.ArrowDown, "ArrowUp": kb.ArrowUp, "Escape": kb.Escape, "Tab": kb.Tab}
	if code, ok := named[key]; ok {
		key = code
	}
	b.Do(chromedp.KeyEvent(key))
}

// Choose sets a select's value and tells the page.
func (b *Tab) Choose(selector, value string) {
	b.t.Helper()
	b.await(selector)
	b.setValue(selector, value)
	Script[bool](b, fmt.Sprintf(`document.querySelector(%s).dispatchEvent(new Event("change", {bubbles: true}))`, quoted(selector)))
}

// setValue sets a field's value without a word to the page.
func (b *Tab) setValue(selector, value string) {
	b.t.Helper()
	Script[string](b, `document.querySelector(`+quoted(selector)+`).value = `+quoted(value))
}

// Click clicks what a CSS selector finds.
func (b *Tab) Click(selector string) {
	b.t.Helper()
	b.await(selector)
	target := chromedp.CSS(selector)
	// In the middle of the screen nothing that stays at its edges lies over it.
	Script[bool](b, `document.querySelector(`+quoted(selector)+`).scrollIntoView({block: "center"}) || true`)
	b.Do(chromedp.Click(target))
}

// See waits until a CSS selector finds something visible and gives its text.
func (b *Tab) See(selector string) string {
	b.t.Helper()
	b.await(selector)
	return strings.TrimSpace(Ask(b, chromedp.Text(chromedp.CSS(selector))))
}

// Read waits until a text stands on the page, which may be another one meanwhile.
func (b *Tab) Read(text string) {
	b.t.Helper()
	b.until(`document.body && document.body.innerText.includes(`+quoted(text)+`)`, text)
}

// await waits until a page has loaded on which a CSS selector finds something visible.
// Before it has loaded, its scripts may not listen yet.
func (b *Tab) await(selector string) {
	b.t.Helper()
	b.until(`(function (e) { return e !== null && (e.offsetWidth > 0 || e.offsetHeight > 0 || e.getClientRects().length > 0); })(document.querySelector(`+quoted(selector)+`))`, selector)
}

// until waits until a condition holds on a page that has loaded, which may be another one
// meanwhile.
func (b *Tab) until(condition, what string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	loaded := chromedp.Poll[bool](`document.readyState === "complete" && `+condition, chromedp.WithPollingInterval(pause), chromedp.WithPollingTimeout(patience))
	for {
		_, err := chromedp.Run(ctx, loaded)
		switch {
		case err == nil:
			return
		case ctx.Err() != nil || !(strings.Contains(err.Error(), "navigated") || strings.Contains(err.Error(), "find context")):
			b.t.Fatalf("the browser at %s waits for %q: %v\n%s", b.where(), what, err, b.text())
		}
	}
}

// Has tells whether a CSS selector finds something now.
func (b *Tab) Has(selector string) bool {
	b.t.Helper()
	return Script[bool](b, `document.querySelector(`+quoted(selector)+`) !== null`)
}

// quoted is a text as a script has it.
func quoted(text string) string {
	q, err := json.Marshal(text)
	if err != nil {
		panic("browser: a text that is no text")
	}
	return string(q)
}

// Path is the path and query of the page that is shown.
func (b *Tab) Path() string { return strings.TrimPrefix(b.where(), b.base) }

// Screenshot gives the page as a PNG, whole.
func (b *Tab) Screenshot() []byte {
	b.t.Helper()
	return Ask(b, chromedp.FullScreenshot(100))
}

// Clean fails the test for what went wrong on pages since it was asked last.
func (b *Tab) Clean() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range b.problems {
		b.t.Error(p)
	}
	b.problems = nil
}

// Keep gives the browser cookies, as those of somebody who is signed in.
func (b *Tab) Keep(cookies ...*http.Cookie) {
	b.t.Helper()
	b.command(func() error {
		for _, c := range cookies {
			if _, err := chromedp.Call(b.ctx, network.SetCookie, network.SetCookieParams{Name: c.Name, Value: c.Value, URL: b.base, HTTPOnly: new(true)}); err != nil {
				return err
			}
		}
		return nil
	})
}
