package portal

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"premia/internal/app"
	"premia/internal/web/page"
)

// brand is how the workspace looks, for templates.
type brand struct {
	app.Appearance
	Palette app.Palette
	Called  string
	// Theme, LogoPath and Icon are addresses that change with what is there.
	Theme, LogoPath, Icon string
}

func (p *Portal) brand(lang string) (*brand, error) {
	x, err := p.app.Appearance(context.Background())
	if err != nil {
		return nil, err
	}
	b := &brand{Appearance: x, Palette: x.Palette(), Called: p.app.Called(context.Background(), lang)}
	b.Theme, b.Icon = x.Address("theme.css"), x.Address("icon-192.png")
	if len(x.Logo) > 0 {
		b.LogoPath = x.Address("logo.png")
	}
	if len(b.Languages) == 0 {
		b.Languages = p.app.Words.Languages()
	}
	return b, nil
}

func (p *Portal) lookRoutes() {
	p.area.Handle("GET /look/{digest}/{file}", page.Anyone, p.look)
	p.area.Handle("GET /manifest.webmanifest", page.Anyone, p.manifest)
	p.area.Handle("GET /sw.js", page.Anyone, p.worker)
	p.area.Handle("GET /offline", page.Anyone, func(c *page.Context) error { return c.Page("offline", nil) })
}

// look sends what follows from how the workspace looks.
func (p *Portal) look(c *page.Context) error {
	b, err := p.brand(c.Lang)
	if err != nil {
		return err
	}
	keep := "public, max-age=31536000, immutable"
	if c.R.PathValue("digest") != b.Digest {
		keep = "no-store" // of a look that was, or will be
	}
	file := c.R.PathValue("file")
	if size, ok := strings.CutPrefix(file, "icon-"); ok {
		points, err := strconv.Atoi(strings.TrimSuffix(size, ".png"))
		if err != nil || points != 192 && points != 512 && points != 180 {
			return page.ErrNotFound
		}
		return p.send(c, "image/png", keep, icon(b, points))
	}
	switch file {
	case "theme.css":
		return p.send(c, "text/css; charset=utf-8", keep, []byte(theme(b.Palette)))
	case "logo.png":
		if len(b.Logo) > 0 {
			return p.send(c, "image/png", keep, b.Logo)
		}
	}
	return page.ErrNotFound
}

func (p *Portal) send(c *page.Context, kind, keep string, content []byte) error {
	h := c.W.Header()
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", keep)
	h.Del("Vary")
	_, _ = c.W.Write(content) // nobody reads it any more if this fails
	return nil
}

// theme is the style sheet of the workspace's colours.
func theme(x app.Palette) string {
	return fmt.Sprintf(":root { --main: %s; --on-main: %s; --ink-main: %s; }\n[data-bs-theme=dark] { --ink-main: %s; }\n", x.Main, x.OnMain, x.Light, x.Dark)
}

// manifest tells telephones how to install the portal.
func (p *Portal) manifest(c *page.Context) error {
	b, err := p.brand(c.Lang)
	if err != nil {
		return err
	}
	type picture struct {
		Src     string `json:"src"`
		Sizes   string `json:"sizes"`
		Type    string `json:"type"`
		Purpose string `json:"purpose"`
	}
	var icons []picture
	for _, size := range []string{"192", "512"} {
		for _, purpose := range []string{"any", "maskable"} {
			icons = append(icons, picture{b.Address("icon-" + size + ".png"), size + "x" + size, "image/png", purpose})
		}
	}
	content, err := json.Marshal(map[string]any{
		"id": "/", "name": b.Called, "short_name": b.Called, "start_url": "/", "scope": "/", "display": "standalone",
		"lang": c.Lang, "dir": "ltr", "background_color": "#ffffff", "theme_color": b.Palette.Main, "icons": icons,
	})
	if err != nil {
		return err
	}
	return p.send(c, "application/manifest+json", "no-cache", content)
}

// worker is the service worker, which keeps the shell of the portal and the card. It
// stands at the root so that it may serve all pages. Its text names the language, the
// files and the words that the shell is made of.
func (p *Portal) worker(c *page.Context) error {
	b, err := p.brand(c.Lang)
	if err != nil {
		return err
	}
	files := p.site.Files
	shell := []string{"/offline", files.Address("portal.css"), files.Address("portal.js"), files.Address("theme.js"), files.Address("icons.svg"), b.Theme, b.Icon}
	if b.LogoPath != "" {
		shell = append(shell, b.LogoPath)
	}
	list, err := json.Marshal(shell)
	if err != nil {
		return err
	}
	version := sha256.Sum256(slices.Concat(list, []byte(b.Called), p.version))
	content := bytes.Replace(files.Content("worker.js"), []byte(`["SHELL"]`), list, 1)
	content = bytes.Replace(content, []byte(`"VERSION"`), fmt.Appendf(nil, `"shell-%s-%x"`, c.Lang, version[:6]), 1)
	return p.send(c, "text/javascript; charset=utf-8", "no-cache", content)
}

// icon draws the icon of a phone's home screen: the logo, or a coin, on the main colour.
// What matters is within the circle that remains when telephones cut the corners off.
func icon(b *brand, points int) []byte {
	out := image.NewNRGBA(image.Rect(0, 0, points, points))
	main, on := rgb(b.Palette.Main), rgb(b.Palette.OnMain)
	draw.Draw(out, out.Bounds(), image.NewUniform(main), image.Point{}, draw.Src)
	if logo, err := png.Decode(bytes.NewReader(b.Logo)); err == nil {
		paste(out, logo, points*6/10)
	} else {
		coin(out, on)
	}
	var file bytes.Buffer
	if err := png.Encode(&file, out); err != nil {
		return nil
	}
	return file.Bytes()
}

// paste draws a picture into the middle, with sides of at most so many points.
func paste(out *image.NRGBA, from image.Image, side int) {
	b := from.Bounds()
	longest := max(b.Dx(), b.Dy())
	width, height := max(1, b.Dx()*side/longest), max(1, b.Dy()*side/longest)
	left, top := (out.Bounds().Dx()-width)/2, (out.Bounds().Dy()-height)/2
	for y := range height {
		for x := range width {
			at := image.Rect(left+x, top+y, left+x+1, top+y+1)
			draw.Draw(out, at, image.NewUniform(from.At(b.Min.X+x*b.Dx()/width, b.Min.Y+y*b.Dy()/height)), image.Point{}, draw.Over)
		}
	}
}

// coin draws a ring around a disc.
func coin(out *image.NRGBA, in color.NRGBA) {
	n := out.Bounds().Dx()
	for y := range n {
		for x := range n {
			dx, dy := 2*x+1-n, 2*y+1-n
			far := (dx*dx + dy*dy) * 100 / (n * n) // 100 is the edge's, squared
			if far < 12 || far >= 22 && far < 32 {
				out.SetNRGBA(x, y, in)
			}
		}
	}
}

// rgb reads a colour of a palette.
func rgb(s string) color.NRGBA {
	n, err := strconv.ParseUint(strings.TrimPrefix(s, "#"), 16, 32)
	if err != nil {
		return color.NRGBA{A: 255}
	}
	return color.NRGBA{uint8(n >> 16), uint8(n >> 8), uint8(n), 255}
}

// digest is that of all files.
func digest(all ...fs.FS) []byte {
	sum := sha256.New()
	for _, files := range all {
		_ = fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				content, _ := fs.ReadFile(files, name) // embedded files are always there
				sum.Write(content)
			}
			return err
		})
	}
	return sum.Sum(nil)
}
