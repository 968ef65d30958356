package portal_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestMembersSeePicturesOfRewards shows a picture that was sent wherever a member meets
// the reward, and to shops over the API, and lets browsers keep it.
func TestMembersSeePicturesOfRewards(t *testing.T) {
	t.Parallel()
	f := open(t)
	var file bytes.Buffer
	if err := jpeg.Encode(&file, image.NewGray(image.Rect(0, 0, 640, 480)), nil); err != nil {
		t.Fatal(err)
	}
	if err := f.app.SetRewardPicture(f.system(), "espresso", file.Bytes(), map[string]string{"en": `A "cup" <of> espresso`}); err != nil {
		t.Fatal(err)
	}
	v := f.member("anna@example.com", "Anna")
	f.send(`{"id":"b1","type":"purchase","member":"email:anna@example.com","total":"640.00"}`)
	f.clock.Advance(4 * 24 * time.Hour)
	shown := regexp.MustCompile(`<img class="(?:thumb|picture|picture low)" src="(/pictures/[0-9a-f]{32}/(?:small|large))" alt="A &#34;cup&#34; &lt;of&gt; espresso"[^>]*>`)
	form := regexp.MustCompile(`name="event" value="(evt_[0-9a-f]+)"`).FindStringSubmatch(v.get("/rewards/espresso").body)
	taken := v.post("/rewards/espresso", "event", form[1])
	var address string
	for _, path := range []string{"/rewards", "/rewards/espresso", "/vouchers", taken.location} {
		p := v.get(path)
		found := shown.FindStringSubmatch(p.body)
		if found == nil {
			t.Fatalf("%s shows no picture: %s", path, p.body)
		}
		if address = found[1]; path == "/rewards" && !strings.Contains(found[0], `loading="lazy"`) {
			t.Errorf("the catalogue loads %s at once", found[0])
		}
	}
	window := regexp.MustCompile(`<ul class="window"><li class="box"><img src="/pictures/[0-9a-f]{32}/small" alt="A &#34;cup&#34; &lt;of&gt; espresso"[^>]* loading="lazy"`)
	if page := f.visitor().get("/"); !window.MatchString(page.body) {
		t.Errorf("strangers see no picture first: %s", page.body)
	}
	answer, text := f.asked(http.MethodGet, address, "")
	for name, want := range map[string]string{"Content-Type": "image/jpeg", "Cache-Control": "public, max-age=31536000, immutable", "Cross-Origin-Resource-Policy": "cross-origin", "X-Content-Type-Options": "nosniff"} {
		if got := answer.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if _, _, err := image.Decode(strings.NewReader(text)); err != nil || answer.StatusCode != http.StatusOK {
		t.Errorf("%d %v", answer.StatusCode, err)
	}
	for _, path := range []string{strings.Replace(address, "large", "huge", 1), "/pictures/" + strings.Repeat("0", 32) + "/large", "/pictures/..%2f..%2fetc/small"} {
		if answer, _ := f.asked(http.MethodGet, path, ""); answer.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", path, answer.StatusCode)
		}
	}
	_, text = f.asked(http.MethodGet, "/v1/rewards?lang=en", "", "Authorization", "Bearer "+f.key)
	if !strings.Contains(text, `"url":"`+f.URL+`/pictures/`) {
		t.Errorf("shops get %.800s", text)
	}
}
