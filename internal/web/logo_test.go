package web_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"premia/internal/app"
)

// picture draws a PNG.
func picture(t *testing.T, width, height int) []byte {
	t.Helper()
	img := image.NewPaletted(image.Rect(0, 0, width, height), color.Palette{color.White, color.Black})
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// sendLogo sends a file as the logo.
func (p *person) sendLogo(file []byte) (*http.Response, string) {
	p.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	err := form.WriteField("preset", app.DefaultColour)
	if err != nil {
		p.t.Fatal(err)
	}
	part, err := form.CreateFormFile("logo", "logo.png")
	if err == nil {
		_, err = part.Write(file)
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		p.t.Fatal(err)
	}
	answer, err := p.client.Post(p.server.URL+"/console/setup/look", form.FormDataContentType(), &body)
	if err != nil {
		p.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return answer, string(text)
}

// TestLogosThatAreNone sends what is no logo: other files by a picture's name, a picture
// that would fill the memory, one that is cut, and too many bytes.
func TestLogosThatAreNone(t *testing.T) {
	t.Parallel()
	server, _, a := empty(t)
	p := visit(t, server)
	p.goes("/console", ownerPath(t, a), "email", "anna@example.com", "name", "Anna", "password", words)
	p.goes("/console/setup/name", "/console/setup/program", "program", "cafe")
	p.goes("/console/setup/look", "/console/setup/name", "name", "Klub", "currency", "PLN", "timezone", "Europe/Warsaw", "first", "pl")
	good := picture(t, 300, 100)
	for name, file := range map[string][]byte{
		"a page":          []byte("<html><script>alert(1)</script></html>"),
		"an SVG":          []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`),
		"a GIF":           []byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"),
		"a bomb":          picture(t, 20_000, 20_000),
		"a cut picture":   good[:len(good)/2],
		"too many bytes":  append(append([]byte{}, good...), make([]byte, app.MaxLogo)...),
		"more than a lot": make([]byte, 3<<20),
	} {
		answer, text := p.sendLogo(file)
		if answer.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(text, `id="logo"`) {
			t.Errorf("%s: %d", name, answer.StatusCode)
		}
		if look, err := a.Appearance(t.Context()); err != nil || len(look.Logo) != 0 {
			t.Errorf("%s is the logo now, %v", name, err)
		}
	}
	if answer, text := p.sendLogo(append(append([]byte{}, good...), "<script>alert(1)</script>"...)); answer.StatusCode != http.StatusSeeOther {
		t.Fatalf("a picture: %d %s", answer.StatusCode, text)
	}
	look, err := a.Appearance(t.Context())
	if err != nil || len(look.Logo) == 0 || bytes.Contains(look.Logo, []byte("script")) {
		t.Errorf("the logo is %d bytes, %v", len(look.Logo), err)
	}
}
