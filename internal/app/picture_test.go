package app_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/mechanic/reward"
	"premia/internal/store"
	"premia/internal/testkit"
)

// openCatalogue is a workspace with the coffee bars' rewards.
func openCatalogue(t *testing.T, url string) *app.App {
	t.Helper()
	a, err := app.Open(t.Context(), app.Config{DB: url, Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	document, err := os.ReadFile(filepath.Join(testkit.RepoRoot(t), "programs", "coffee", "program.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Publish(t.Context(), document, calendar.None, "test"); err != nil {
		t.Fatal(err)
	}
	return a
}

// shownPicture gives the picture of a reward with both of its files.
func shownPicture(t testing.TB, a *app.App, id, lang string) (p *app.Picture, large, small []byte, kind string) {
	t.Helper()
	for _, r := range reward.Rewards(a.Program()) {
		if r.Source.ID != id {
			continue
		}
		p, err := a.RewardPicture(t.Context(), r.Source, lang)
		if err != nil {
			t.Fatal(err)
		}
		if p == nil {
			return nil, nil, nil, ""
		}
		digest, _, _ := strings.Cut(strings.TrimPrefix(p.Large, app.PicturePath), "/")
		if large, kind, err = a.PictureFile(t.Context(), digest, "large"); err == nil {
			small, _, err = a.PictureFile(t.Context(), digest, "small")
		}
		if err != nil {
			t.Fatal(err)
		}
		return p, large, small, kind
	}
	t.Fatalf("there is no reward %s", id)
	return nil, nil, nil, ""
}

// halves is a picture whose left half is red and whose right half is blue.
func halves(w, h int) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.NRGBA{R: 255, A: 255}
			if x >= w/2 {
				c = color.NRGBA{B: 255, A: 255}
			}
			out.SetNRGBA(x, y, c)
		}
	}
	return out
}

func asPNG(t testing.TB, from image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, from); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// photograph is a JPEG with EXIF data of a body.
func photograph(t testing.TB, from image.Image, exif []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, from, &jpeg.Options{Quality: 100}); err != nil {
		t.Fatal(err)
	}
	body := append([]byte("Exif\x00\x00"), exif...)
	segment := binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(body)+2))
	file := append([]byte{}, out.Bytes()[:2]...)
	return append(append(append(file, segment...), body...), out.Bytes()[2:]...)
}

// tiff has one directory with an orientation, and a text behind it.
func tiff(order binary.AppendByteOrder, mark string, way uint16) []byte {
	b := append([]byte(mark), 0, 0)
	order.(binary.ByteOrder).PutUint16(b[2:], 42)
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, 1)
	b = order.AppendUint16(b, 0x0112)
	b = order.AppendUint16(b, 3)
	b = order.AppendUint32(b, 1)
	b = order.AppendUint16(b, way)
	return append(b, "\x00\x00\x00\x00\x00\x00GPS 52.2297N 21.0122E"...)
}

func TestPicturesOfRewards(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		a, ctx := openCatalogue(t, url), owner(t)
		cashier := app.WithActor(t.Context(), auth.Actor{Kind: auth.KindUser, ID: "usr_1", Role: auth.Cashier})
		if p := app.AsProblem(a.SetRewardPicture(cashier, "espresso", asPNG(t, halves(8, 4)), nil)); p.Code != app.CodeNotPermitted {
			t.Errorf("a cashier sets a picture: %v", p)
		}
		if p := app.AsProblem(a.SetRewardPicture(ctx, "nothing", asPNG(t, halves(8, 4)), nil)); p.Code != app.CodeUnknownReward {
			t.Errorf("the picture of no reward: %v", p)
		}
		if p := app.AsProblem(a.SetRewardPicture(ctx, "espresso", nil, map[string]string{"en": "A cup"})); p.Code != app.CodeUnknownPicture {
			t.Errorf("words about no picture: %v", p)
		}
		for lang, words := range map[string]string{"en": strings.Repeat("x", 201), "de": "Eine Tasse", "pl": "a\nb"} {
			if p := app.AsProblem(a.SetRewardPicture(ctx, "espresso", asPNG(t, halves(8, 4)), map[string]string{lang: words})); p.Code != app.CodePictureText || p.Path != "alt_"+lang {
				t.Errorf("%q in %s: %v", words, lang, p)
			}
		}
		if p, _, _, _ := shownPicture(t, a, "espresso", "en"); p != nil {
			t.Errorf("what was refused is shown: %+v", p)
		}
		if err := a.SetRewardPicture(ctx, "espresso", asPNG(t, halves(2048, 1024)), map[string]string{"en": " A cup of espresso "}); err != nil {
			t.Fatal(err)
		}
		first, large, small, kind := shownPicture(t, a, "espresso", "en")
		if kind != "image/jpeg" || first.Width != 1024 || first.Height != 512 || first.Alt != "A cup of espresso" {
			t.Errorf("%s %+v", kind, first)
		}
		for file, side := range map[string]int{string(large): 1024, string(small): 320} {
			if c, format, err := image.DecodeConfig(strings.NewReader(file)); err != nil || format != "jpeg" || c.Width != side || c.Height != side/2 {
				t.Errorf("%s %d × %d (%v)", format, c.Width, c.Height, err)
			}
		}
		if p, _, _, _ := shownPicture(t, a, "espresso", "pl"); p.Alt != "Espresso" {
			t.Errorf("in a language without words it says %q", p.Alt)
		}
		clear := halves(40, 20)
		clear.SetNRGBA(0, 0, color.NRGBA{})
		if err := a.SetRewardPicture(ctx, "espresso", asPNG(t, clear), nil); err != nil {
			t.Fatal(err)
		}
		second, _, _, kind := shownPicture(t, a, "espresso", "en")
		if kind != "image/png" || second.Large == first.Large || second.Width != 40 {
			t.Errorf("one that is seen through: %s %+v", kind, second)
		}
		to := openStore(t, "sqlite:"+filepath.Join(t.TempDir(), "moved.db"), store.Options{Migrate: true})
		move(t, a.Store, to)
		if moved, err := to.Picture(ctx, "reward.espresso"); err != nil || moved.Width != 40 || len(moved.Large) == 0 || len(moved.Small) == 0 {
			t.Errorf("moved: %+v (%v)", moved, err)
		}
		if err := a.RemoveRewardPicture(ctx, "espresso"); err != nil {
			t.Fatal(err)
		}
		if p, _, _, _ := shownPicture(t, a, "espresso", "en"); p != nil {
			t.Errorf("removed, it is shown: %+v", p)
		}
		rows, _, err := a.AuditPage(ctx, store.AuditFilter{}, 10)
		if err != nil || len(rows) < 3 || rows[0].Action != "reward.picture_removed" || rows[1].Action != "reward.picture_set" {
			t.Errorf("the trail has %+v (%v)", rows, err)
		}
	})
}

// bomb is a PNG that says to have so many points, in few bytes.
func bomb(w, h uint32) []byte {
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32([]byte("IHDR"), w), h)
	head = append(head, 8, 6, 0, 0, 0)
	out := binary.BigEndian.AppendUint32([]byte("\x89PNG\r\n\x1a\n"), 13)
	return binary.BigEndian.AppendUint32(append(out, head...), crc32.ChecksumIEEE(head))
}

// TestHostilePictures sends what is no picture, too large a one, and what hides in one.
func TestHostilePictures(t *testing.T) {
	t.Parallel()
	a, ctx := openCatalogue(t, "sqlite:"+filepath.Join(t.TempDir(), "premia.db")), owner(t)
	var moving bytes.Buffer
	if err := gif.Encode(&moving, halves(8, 4), nil); err != nil {
		t.Fatal(err)
	}
	good := asPNG(t, halves(8, 4))
	for what, x := range map[string]struct {
		file []byte
		code string
	}{
		"a drawing":         {[]byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), app.CodePictureUnread},
		"a page":            {[]byte("<!doctype html><script>alert(1)</script>"), app.CodePictureUnread},
		"a GIF":             {moving.Bytes(), app.CodePictureUnread},
		"nothing but names": {[]byte("\x89PNG\r\n\x1a\n"), app.CodePictureUnread},
		"half a file":       {good[:len(good)/2], app.CodePictureUnread},
		"zeros":             {make([]byte, 1000), app.CodePictureUnread},
		"too many bytes":    {make([]byte, app.MaxPicture+1), app.CodePictureLarge},
		"many points":       {bomb(65_535, 65_535), app.CodePictureLarge},
		"a long line":       {bomb(1<<31-1, 1), app.CodePictureLarge},
		"a high line":       {bomb(1, 1<<31-1), app.CodePictureLarge},
	} {
		if p := app.AsProblem(a.SetRewardPicture(ctx, "espresso", x.file, nil)); p.Code != x.code || p.Path != "picture" {
			t.Errorf("%s: %v", what, p)
		}
	}
	for what, file := range map[string][]byte{
		"behind the end": append(bytes.Clone(good), "<script>GPS</script>"...),
		"in EXIF data":   photograph(t, halves(8, 4), tiff(binary.LittleEndian, "II", 1)),
	} {
		if err := a.SetRewardPicture(ctx, "espresso", file, nil); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if _, large, small, _ := shownPicture(t, a, "espresso", "en"); bytes.Contains(large, []byte("GPS")) || bytes.Contains(small, []byte("GPS")) {
			t.Errorf("what stands %s is sent to everybody", what)
		}
	}
}

// TestPhotographsStandUpright turns photographs as their EXIF data say, and bears any.
func TestPhotographsStandUpright(t *testing.T) {
	t.Parallel()
	a, ctx := openCatalogue(t, "sqlite:"+filepath.Join(t.TempDir(), "premia.db")), owner(t)
	// Where the left half of what was taken is in what is seen, EXIF 2.32, 4.6.4.
	sides := []string{"left", "right", "right", "left", "top", "top", "bottom", "bottom"}
	for i, side := range sides {
		for mark, order := range map[string]binary.AppendByteOrder{"II": binary.LittleEndian, "MM": binary.BigEndian} {
			if err := a.SetRewardPicture(ctx, "espresso", photograph(t, halves(64, 32), tiff(order, mark, uint16(i+1))), nil); err != nil {
				t.Fatal(err)
			}
			p, large, _, _ := shownPicture(t, a, "espresso", "en")
			seen, _, err := image.Decode(bytes.NewReader(large))
			if err != nil {
				t.Fatal(err)
			}
			at := map[string]image.Point{"left": {8, 16}, "right": {56, 16}, "top": {16, 8}, "bottom": {16, 56}}[side]
			if red, _, blue, _ := seen.At(at.X, at.Y).RGBA(); red < blue || p.Width != int64(seen.Bounds().Dx()) || (side == "top" || side == "bottom") == (p.Width > p.Height) {
				t.Errorf("orientation %d, %s: at the %s there is %v of %d × %d", i+1, mark, side, seen.At(at.X, at.Y), p.Width, p.Height)
			}
		}
	}
	rapid.Check(t, func(r *rapid.T) {
		exif := rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(r, "exif")
		if rapid.Bool().Draw(r, "begins well") {
			exif = append(tiff(binary.BigEndian, "MM", rapid.Uint16().Draw(r, "way"))[:rapid.IntRange(0, 30).Draw(r, "cut")], exif...)
		}
		if err := a.SetRewardPicture(ctx, "espresso", photograph(t, halves(8, 4), exif), nil); err != nil {
			r.Fatal(err)
		}
	})
}
