package browser

import (
	"context"
	_ "embed"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"

	"premia/internal/testkit/guard"
)

// Find gives the path of Chromium; empty where there is none. The one without a window,
// which is the same engine in a smaller shell, takes a third less of CPU than the whole
// one without its window.
func Find() string {
	for _, name := range []string{"chromium-headless-shell", "chrome-headless-shell", "headless-shell", "chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

//go:embed guard.sh
var guardScript string

// chromium is a browser that runs.
type chromium struct {
	ctx    context.Context // of an empty tab, which nobody uses
	end    func()
	agent  string // what it calls itself to servers
	folder string // holds all that it keeps; the guard removes it
	guard  *guard.Guard
}

// shared is the browser of this test process, started when a test first needs it. It
// is never closed: its guard ends it together with the process.
var shared = sync.OnceValues(func() (*chromium, error) { return start() })

// own starts a browser that ends with the test.
func own(t testing.TB, more ...chromedp.ExecAllocatorOption) (*chromium, error) {
	t.Helper()
	c, err := start(more...)
	if err == nil {
		t.Cleanup(func() {
			if err := c.close(); err != nil {
				t.Error(err)
			}
		})
	}
	return c, err
}

// start starts a browser in a folder of its own, with more options if need be.
func start(more ...chromedp.ExecAllocatorOption) (*chromium, error) {
	folder, err := os.MkdirTemp("", "premia-test-browser-")
	if err != nil {
		return nil, err
	}
	g, err := guard.Start("the browser", guardScript, folder, nil)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(Find()),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.UserDataDir(filepath.Join(folder, "profile")), chromedp.Env("TMPDIR="+folder),
		// A group of its own, which the guard can end as a whole.
		chromedp.ModifyCmdFunc(func(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), append(options, more...)...)
	ctx, end := chromedp.NewContext(allocator)
	c := &chromium{ctx: ctx, folder: folder, guard: g, end: func() { end(); stop() }}
	version, err := chromedp.CallBrowser(ctx, browser.GetVersion, cdp.Empty{}) // this starts it
	if err == nil {
		c.agent = version.UserAgent
		err = g.Watch(chromedp.FromContext(ctx).Browser.Process().Pid)
	}
	if err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

// close ends the browser and removes what it kept.
func (c *chromium) close() error {
	c.end()
	return c.guard.Finish()
}
