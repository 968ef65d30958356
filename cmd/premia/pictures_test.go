package main

import (
	"bytes"
	"context"
	"flag"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/demo"
	"premia/internal/journal"
	"premia/internal/testkit"
	"premia/internal/testkit/browser"
	"premia/internal/web"
	"premia/programs"
)

// pictures is the folder into which TestPictures takes the pictures of the documentation
// anew; make screenshots sets it.
var pictures = flag.String("pictures", "", "take the documentation's pictures anew into this folder")

// maxPicture is the most bytes of a picture.
const maxPicture = 200 << 10

// shown is a page of which there are pictures.
type shown struct {
	name, path string
	width      int64
}

// TestPictures looks whether the pictures that the README shows are there and small. With
// -pictures it takes them anew, of the demo, in the light and the dark look.
func TestPictures(t *testing.T) {
	root := testkit.RepoRoot(t)
	if *pictures != "" {
		takePictures(t, filepath.Join(root, *pictures))
	}
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	all := regexp.MustCompile(`docs/pictures/[a-z-]+\.png`).FindAllString(string(readme), -1)
	if len(all) < 8 {
		t.Errorf("the README shows only %v", all)
	}
	for _, name := range all {
		file, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Error(err)
			continue
		}
		if _, err := png.DecodeConfig(bytes.NewReader(file)); err != nil || len(file) >= maxPicture {
			t.Errorf("%s: %d bytes, %v", name, len(file), err)
		}
	}
}

// takePictures fills a demo and takes pictures of what people see of it.
func takePictures(t *testing.T, folder string) {
	server, a := serveForPictures(t)
	filled, err := demo.Fill(system(t), a, func(int, int) {})
	if err != nil {
		t.Fatal(err)
	}
	settle(t, a)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	tab := browser.Open(t, server.URL, "en")
	for _, status := range []string{"404", "422", "401", "403"} {
		tab.Expect(status)
	}
	card := filled.Samples[0].Card
	member, err := a.Find(t.Context(), card)
	if err != nil {
		t.Fatal(err)
	}
	signIn(t, tab, a, server.URL, card)
	draft, err := a.SaveDraft(system(t), "", app.DraftChange{Title: "Spring", Document: programs.Coffee})
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range []shown{
		{"console-home", "/console", 1280}, {"console-member", "/console/members/" + member.String(), 1280},
		{"console-editor", "/console/program/drafts/" + draft.ID + "/form", 1280}, {"portal-card", "/", 390}, {"portal-rewards", "/rewards", 390}, {"till", "", 1024},
	} {
		if one.path == "" {
			one.path = openTill(tab, card)
		}
		for _, look := range []string{"light", "dark"} {
			browser.Script[any](tab, `localStorage.setItem("theme", "`+look+`")`)
			tab.Width(one.width)
			tab.Go(one.path)
			tab.See("main")
			if err := os.WriteFile(filepath.Join(folder, one.name+"-"+look+".png"), small(t, browser.Ask(tab, chromedp.CaptureScreenshot())), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func system(t *testing.T) context.Context {
	return app.WithActor(t.Context(), auth.System("pictures"))
}

func serveForPictures(t *testing.T) (*httptest.Server, *app.App) {
	server := httptest.NewUnstartedServer(nil)
	a, err := app.Open(t.Context(), app.Config{
		DB: "sqlite:" + filepath.Join(t.TempDir(), "demo.db"), Migrate: true, OneWriter: true, Words: wordsShown(),
		URL: "http://" + server.Listener.Addr().String(), Channels: []string{app.EmailChannel, app.SMSChannel},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	site, err := web.New(web.Config{App: a, Gate: web.Gate{App: a}, Demo: true})
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = site
	server.Start()
	t.Cleanup(server.Close)
	return server, a
}

// settle does what a server does by and by: it reads the journal for everybody who
// follows it, and lets time pass.
func settle(t *testing.T, a *app.App) {
	for _, reader := range []journal.Subscriber{journal.FollowUps{Journal: a.Journal}, app.PersonalMoves{App: a}, app.Postbacks{App: a}} {
		for n := 1; n > 0; {
			var err error
			if n, err = a.Journal.Deliver(system(t), reader); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := a.Journal.Sweep(system(t)); err != nil {
		t.Fatal(err)
	}
}

// signIn makes the browser an owner's and a member's.
func signIn(t *testing.T, tab *browser.Tab, a *app.App, base, card string) {
	path := func(link string, err error) string {
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimPrefix(link, base)
	}
	tab.Width(1280)
	tab.Go(path(a.OwnerLink(system(t))))
	tab.Fill("#email", "anna@example.com")
	tab.Fill("#name", "Anna Nowak")
	tab.Fill("#password", "correct horse battery staple")
	tab.Click("main form button.btn-primary")
	tab.See(".navbar-vertical")
	tab.Go(path(a.TillLink(system(t), card)))
	tab.Click("main form button.main")
	tab.See("main")
}

// openTill makes the browser a till, finds a member, and gives the page that this comes to.
func openTill(tab *browser.Tab, card string) string {
	const pin = "739205"
	_, number, _ := strings.Cut(card, ":")
	tab.Go("/till")
	tab.Fill("#name", "Till 1")
	tab.Fill("#pin", pin)
	tab.Click("form[action='/till/set-up'] button")
	tab.Read("This device is a till now.")
	tab.Go("/till")
	tab.Fill("#q", number)
	tab.Click("form[action='/till/find'] button")
	tab.See(".till-who")
	return tab.Path()
}

// small writes a picture with the 256 colours that it has most of, which for pages is
// nearly all of them.
func small(t *testing.T, src []byte) []byte {
	from, err := png.Decode(bytes.NewReader(src))
	if err != nil {
		t.Fatal(err)
	}
	counted := map[color.RGBA]int{}
	b := from.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			counted[color.RGBAModel.Convert(from.At(x, y)).(color.RGBA)]++
		}
	}
	colours := make([]color.RGBA, 0, len(counted))
	for c := range counted {
		colours = append(colours, c)
	}
	slices.SortFunc(colours, func(x, y color.RGBA) int {
		if n := counted[y] - counted[x]; n != 0 {
			return n
		}
		return bytes.Compare([]byte{x.R, x.G, x.B}, []byte{y.R, y.G, y.B})
	})
	palette := color.Palette{}
	for _, c := range colours[:min(256, len(colours))] {
		palette = append(palette, c)
	}
	to := image.NewPaletted(b, palette)
	draw.Draw(to, b, from, b.Min, draw.Src)
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, to); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
