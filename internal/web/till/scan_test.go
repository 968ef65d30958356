package till_test

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"os"
	"path/filepath"
	"testing"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/code128"
	"github.com/boombuler/barcode/ean"
	"github.com/boombuler/barcode/qr"
	"github.com/chromedp/chromedp"

	"premia/internal/app"
	"premia/internal/testkit/browser"
)

// film makes a film of one picture, as Chromium takes it for a camera's.
func film(t *testing.T, code barcode.Barcode, width, height int) string {
	t.Helper()
	scaled, err := barcode.Scale(code, width, height)
	if err != nil {
		t.Fatal(err)
	}
	frame := image.NewGray(image.Rect(0, 0, 640, 480))
	draw.Draw(frame, frame.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	at := image.Pt((640-width)/2, (480-height)/2)
	draw.Draw(frame, image.Rectangle{Min: at, Max: at.Add(image.Pt(width, height))}, scaled, image.Point{}, draw.Src)
	var one bytes.Buffer
	if err := jpeg.Encode(&one, frame, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "camera.mjpeg")
	if err := os.WriteFile(path, bytes.Repeat(one.Bytes(), 4), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestScan holds a card into the camera: as a QR code, as EAN-13 and as Code 128.
func TestScan(t *testing.T) {
	t.Parallel()
	f := open(t)
	const number, other = "2991234567897", "KLUB-0042"
	if _, err := f.app.Enrol(system(), app.Change{Identities: []string{"card:" + number, "customer:" + other}, Profile: map[string]string{"given_name": "Zofia"}}); err != nil {
		t.Fatal(err)
	}
	square, err := qr.Encode(number, qr.M, qr.Auto)
	if err != nil {
		t.Fatal(err)
	}
	bars, err := ean.Encode(number)
	if err != nil {
		t.Fatal(err)
	}
	letters, err := code128.Encode(other)
	if err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{"QR": film(t, square, 300, 300), "EAN-13": film(t, bars, 380, 200), "Code 128": film(t, letters, 480, 200)} {
		t.Run(name, func(t *testing.T) {
			f.t = t
			tab := browser.Open(t, f.URL, "en",
				chromedp.Flag("use-fake-device-for-media-stream", true), chromedp.Flag("use-fake-ui-for-media-stream", true), chromedp.Flag("use-file-for-fake-video-capture", path))
			tab.Width(360)
			f.signIn(tab)
			tab.Fill("#name", "Till "+name)
			if tab.Has("#pin") {
				tab.Fill("#pin", pin)
			}
			tab.Click("form[action='/till/set-up'] button")
			tab.Read("This device is a till now.")
			tab.Click("button[data-scan=q]")
			tab.See(".till-who")
			tab.Read("Zofia")
			tab.Clean()
		})
	}
}
