package web_test

import (
	"bytes"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
)

// TestPictureOfARewardInTheConsole sends pictures by the form, good and hostile ones, and
// removes one.
func TestPictureOfARewardInTheConsole(t *testing.T) {
	t.Parallel()
	server, _, a := open(t, everybody{})
	rewards, err := a.Rewards(t.Context(), "")
	if err != nil || len(rewards) == 0 {
		t.Fatalf("%d rewards (%v)", len(rewards), err)
	}
	path := "/console/rewards/" + rewards[0].Source.ID
	send := func(file []byte, alt string) (*http.Response, string) {
		t.Helper()
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		part, err := form.CreateFormFile("picture", "photo.png")
		if err == nil {
			_, err = part.Write(file)
		}
		if err == nil {
			err = form.WriteField("alt_en", alt)
		}
		if err == nil {
			err = form.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
		return fetch(t, http.MethodPost, server.URL+path+"/picture", body.String(), "Content-Type", form.FormDataContentType())
	}
	var good bytes.Buffer
	if err := png.Encode(&good, image.NewGray(image.Rect(0, 0, 30, 20))); err != nil {
		t.Fatal(err)
	}
	answer, text := send([]byte("<svg/>"), "A <cup>")
	if answer.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(text, "no picture that can be read") || !strings.Contains(text, "A &lt;cup&gt;") {
		t.Errorf("a drawing: %d %s", answer.StatusCode, text)
	}
	if answer, text = send(make([]byte, 9<<20), ""); answer.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("nine megabytes: %d %.500s", answer.StatusCode, text)
	}
	if answer, text = send(nil, "A cup"); answer.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(text, "Choose one first") {
		t.Errorf("no file: %d %.500s", answer.StatusCode, text)
	}
	if answer, text = send(good.Bytes(), "A cup"); answer.StatusCode != http.StatusSeeOther || answer.Header.Get("Location") != path {
		t.Fatalf("a good one: %d %s", answer.StatusCode, text)
	}
	if _, text = fetch(t, http.MethodGet, server.URL+path, ""); !strings.Contains(text, `src="/pictures/`) || !strings.Contains(text, `alt="A cup"`) || !strings.Contains(text, "/picture/remove") {
		t.Errorf("the page of the reward: %s", text)
	}
	if answer, _ = send(nil, "A cup of coffee"); answer.StatusCode != http.StatusSeeOther {
		t.Errorf("other words: %d", answer.StatusCode)
	}
	if answer, _ = fetch(t, http.MethodPost, server.URL+path+"/picture/remove", ""); answer.StatusCode != http.StatusSeeOther {
		t.Errorf("removing: %d", answer.StatusCode)
	}
	if _, text = fetch(t, http.MethodGet, server.URL+path, ""); strings.Contains(text, "/pictures/") || !strings.Contains(text, "There is no picture yet") {
		t.Error("the picture is still there")
	}
}
