package app_test

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/event"
)

func openLook(t *testing.T) *app.App {
	t.Helper()
	a, err := app.Open(t.Context(), app.Config{DB: "sqlite:" + filepath.Join(t.TempDir(), "premia.db"), Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	return a
}

// owner is a context in which everything is allowed.
func owner(t *testing.T) context.Context { return app.WithActor(t.Context(), auth.System("test")) }

func TestAppearanceIsKeptInItsNormalForm(t *testing.T) {
	t.Parallel()
	a := openLook(t)
	cashier := app.WithActor(t.Context(), auth.Actor{Kind: auth.KindUser, ID: "usr_1", Role: auth.Cashier})
	if p := app.AsProblem(a.SetAppearance(cashier, app.Appearance{Name: "Mine"})); p.Code != app.CodeNotPermitted {
		t.Errorf("a cashier changes the look: %v", p)
	}
	before, err := a.Appearance(t.Context())
	if err != nil || before.Colour != app.DefaultColour {
		t.Fatalf("at first: %v, %v", before, err)
	}
	if err := a.SetAppearance(owner(t), app.Appearance{Name: "  Bean Club ", Colour: "#FFCC00", Languages: []string{"pl"}, Terms: "https://example.com/terms"}); err != nil {
		t.Fatal(err)
	}
	after, err := a.Appearance(t.Context())
	if err != nil || after.Name != "Bean Club" || after.Colour != "#ffcc00" || after.Digest == before.Digest {
		t.Errorf("afterwards: %+v, %v", after, err)
	}
	if called := a.Called(t.Context(), "pl"); called != "Bean Club" {
		t.Errorf("it is called %q", called)
	}
	for path, x := range map[string]app.Appearance{
		"name": {Name: strings.Repeat("x", 61)}, "sender": {Sender: "a\nb"}, "colour": {Colour: "red"},
		"languages": {Languages: []string{"de"}}, "terms": {Terms: "javascript:alert(1)"},
	} {
		p := app.AsProblem(a.SetAppearance(owner(t), x))
		if p == nil || p.Code != event.CodeInvalid || p.Path != path {
			t.Errorf("a bad %s: %v", path, p)
		}
	}
}

func TestLogosAreDrawnAnew(t *testing.T) {
	t.Parallel()
	a := openLook(t)
	wide := image.NewNRGBA(image.Rect(0, 0, 1024, 256))
	for i := range wide.Pix {
		wide.Pix[i] = 0xff
	}
	wide.SetNRGBA(0, 0, color.NRGBA{A: 255})
	var asPNG, asJPEG bytes.Buffer
	if err := png.Encode(&asPNG, wide); err != nil {
		t.Fatal(err)
	}
	if err := jpeg.Encode(&asJPEG, wide, nil); err != nil {
		t.Fatal(err)
	}
	for _, sent := range [][]byte{append(asPNG.Bytes(), "<script>alert(1)</script>"...), asJPEG.Bytes()} {
		if err := a.SetLogo(owner(t), sent); err != nil {
			t.Fatal(err)
		}
		x, err := a.Appearance(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		kept, err := png.DecodeConfig(bytes.NewReader(x.Logo))
		if err != nil || kept.Width != 512 || kept.Height != 128 || bytes.Contains(x.Logo, []byte("script")) {
			t.Errorf("kept %d × %d, %v", kept.Width, kept.Height, err)
		}
	}
	var huge bytes.Buffer
	if err := png.Encode(&huge, image.NewGray(image.Rect(0, 0, 5000, 10))); err != nil {
		t.Fatal(err)
	}
	cut := asPNG.Bytes()[:asPNG.Len()/2]
	for what, bad := range map[string][]byte{"a drawing": []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), "too many points": huge.Bytes(), "too many bytes": make([]byte, app.MaxLogo+1), "half a file": cut} {
		if p := app.AsProblem(a.SetLogo(owner(t), bad)); p == nil || p.Path != "logo" {
			t.Errorf("%s: %v", what, p)
		}
	}
	if err := a.SetLogo(owner(t), nil); err != nil {
		t.Fatal(err)
	}
	if x, err := a.Appearance(t.Context()); err != nil || len(x.Logo) > 0 {
		t.Errorf("the logo stays: %d bytes, %v", len(x.Logo), err)
	}
}

// TestTextsCanBeRead draws colours and measures the contrast of what follows from them.
func TestTextsCanBeRead(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		x := app.Appearance{Colour: rapid.StringMatching(`#[0-9a-f]{6}`).Draw(t, "colour")}
		p := x.Palette()
		for _, pair := range [][2]string{{p.OnMain, p.Main}, {p.Light, "#f4f5f6"}, {p.Dark, "#161b20"}} {
			if c := app.Contrast(pair[0], pair[1]); c < 450 {
				t.Errorf("%s on %s has a contrast of %d hundredths", pair[0], pair[1], c)
			}
		}
	})
}
