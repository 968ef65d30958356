package web_test

import (
	"bytes"
	"fmt"
	"html"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/store"
)

// uploads sends a file of codes with the fields of its form.
func (w *work) uploads(file string, namesAndValues ...string) (*http.Response, string) {
	w.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for i := 0; i+1 < len(namesAndValues); i += 2 {
		w.does(form.WriteField(namesAndValues[i], namesAndValues[i+1]))
	}
	part, err := form.CreateFormFile("file", "codes.csv")
	w.does(err)
	_, err = part.Write([]byte(file))
	w.does(err)
	w.does(form.Close())
	return fetch(w.t, "POST", w.server.URL+"/console/codes/import", body.String(), "Content-Type", form.FormDataContentType())
}

// TestCodesAreImported sends files of codes: those with a mistake are refused line by
// line and leave nothing; a good one is imported once, however often it is sent.
func TestCodesAreImported(t *testing.T) {
	t.Parallel()
	w := openWork(t, workProgram)
	many := "code\n" + strings.Repeat("x\n", 500)
	for name, one := range map[string]struct {
		file   string
		status int
		says   string
	}{
		"no code":         {"name\nABCD-1234\n", 422, `id="file-about"`},
		"binary":          {"\x00\x01\x02\xff\xfe", 422, `id="file-about"`},
		"empty":           {"", 422, `id="file-about"`},
		"lines":           {"code,uses,valid_until,member\nGOOD-0001,1,,\nX,1,,\nGOOD-0002,none,,\nGOOD-0003,1,tomorrow,\nGOOD-0004,1,,card:nobody\nGOOD-0001,1,,\n", 422, "<td class=\"number\">3</td>"},
		"hostile":         {"code,uses\n<script>alert(1)</script>,x\n", 422, "&lt;script&gt;"},
		"many":            {many, 422, "Further lines that can’t be imported: 300."},
		"formula":         {"code\n=SUM(A1)\n", 422, "takes for a formula"},
		"quotes":          {"code\n\"open\n", 422, "mind the quotation marks"},
		"no reward":       {"code\nGOOD-0001\n", 404, ""},
		"more than a lot": {"code\n" + strings.Repeat("0123456789abcde\n", 1_100_000), 413, "more than 16 MiB"},
	} {
		reward := "tenth"
		if name == "no reward" {
			reward = "nothing"
		}
		answer, text := w.uploads(one.file, "reward", reward, "uses", "1", "until", "", "batch", "b1")
		if one.status == 404 {
			one.status = 422 // at its field
		}
		if answer.StatusCode != one.status || !strings.Contains(text, one.says) || strings.Contains(text, "<script>alert") {
			t.Errorf("%s is answered %d: %.600s", name, answer.StatusCode, text[strings.Index(text, "<main")+1:])
		}
		if name == "lines" {
			for line, why := range map[int]string{3: "4 to 64 letters", 4: "no whole number above zero", 5: "no day such as", 6: "There is no member", 7: "stands in line 2"} {
				if _, rest, ok := strings.Cut(text, fmt.Sprintf(`<td class="number">%d</td>`, line)); !ok || !strings.Contains(html.UnescapeString(rest[:min(300, len(rest))]), why) {
					t.Errorf("line %d does not say %q", line, why)
				}
			}
		}
		if batches, err := w.CodeBatches(t.Context()); err != nil || len(batches) != 0 {
			t.Fatalf("%s left %+v (%v)", name, batches, err)
		}
	}
	file := "code;uses\nGOOD-0001;2\nGOOD-0002;1\n"
	for range 2 {
		if answer, text := w.uploads(file, "reward", "tenth", "uses", "1", "until", "", "batch", "b1"); answer.StatusCode != http.StatusSeeOther || answer.Header.Get("Location") != "/console/codes/b1" {
			t.Fatalf("a good file is answered %d: %s", answer.StatusCode, text)
		}
	}
	batches, err := w.CodeBatches(t.Context())
	if err != nil || len(batches) != 1 || batches[0].Made != 2 {
		t.Errorf("there are %+v (%v)", batches, err)
	}
	rows := w.file("/console/codes/b1/file")
	if len(rows) != 2 || rows[0][0] != "GOOD-0001" || rows[1][0] != "GOOD-0002" {
		t.Errorf("the file is %v", rows)
	}
	if x, err := w.Code(t.Context(), "good 0001"); err != nil || x.State != app.CodeUsable || x.Uses != 2 {
		t.Errorf("the code is %+v (%v)", x, err)
	}
}

// TestWhoTookCodes takes a batch twice, each time kept in the audit trail and shown; who
// may only look codes up gets none.
func TestWhoTookCodes(t *testing.T) {
	t.Parallel()
	w := openWork(t, workProgram)
	_, err := w.GenerateCodes(t.Context(), app.NewCodes{ID: "b1", Reward: "tenth", Count: 5, From: calendar.Beginning, Until: calendar.Never}, nil)
	w.does(err)
	if text := w.get("/console/codes/b1"); !strings.Contains(text, "Nobody has taken these codes as a file.") {
		t.Errorf("before anybody took it the batch says %s", text)
	}
	first, second := w.file("/console/codes/b1/file"), w.file("/console/codes/b1/file")
	if len(first) != 5 || fmt.Sprint(first) != fmt.Sprint(second) {
		t.Errorf("the files are %v and %v", first, second)
	}
	rows, err := w.Store.Audits(t.Context(), store.AuditFilter{Action: "codes.exported", Target: "b1"}, 10)
	if err != nil || len(rows) != 2 || rows[0].Actor != "usr_test" {
		t.Errorf("the trail has %+v (%v)", rows, err)
	}
	if text := part(w.get("/console/codes/b1"), "exports"); strings.Count(text, "usr_test") < 2 {
		t.Errorf("the batch says %s", text)
	}
	for role, want := range map[auth.Role]int{auth.Supporter: http.StatusForbidden, auth.Marketer: http.StatusOK} {
		v := openWork(t, workProgram, &roleGate{role: role})
		_, err = v.GenerateCodes(t.Context(), app.NewCodes{ID: "b1", Reward: "tenth", Count: 5, From: calendar.Beginning, Until: calendar.Never}, nil)
		w.does(err)
		if answer, _ := fetch(t, "GET", v.server.URL+"/console/codes/b1/file", ""); answer.StatusCode != want {
			t.Errorf("a %s is answered %d", role, answer.StatusCode)
		}
		if _, text := fetch(t, "GET", v.server.URL+"/console/codes/b1", ""); strings.Contains(text, "/console/codes/b1/file") != (want == http.StatusOK) {
			t.Errorf("a %s is led to the file, or not", role)
		}
	}
}

// TestBatchesHaveNames makes batches by name: each name is that of one batch, and sending a
// form twice makes one.
func TestBatchesHaveNames(t *testing.T) {
	t.Parallel()
	w := openWork(t, workProgram)
	makes := func(name, count string) (*http.Response, string) {
		t.Helper()
		form := url.Values{"batch": {"drawn" + name}, "name": {name}, "reward": {"tenth"}, "count": {count}, "uses": {"1"}, "pattern": {""}, "until": {""}}
		return fetch(t, "POST", w.server.URL+"/console/codes/new", form.Encode(), "Content-Type", "application/x-www-form-urlencoded")
	}
	for range 2 {
		if answer, _ := makes("  Ulotka  na/dworcu ", "3"); answer.StatusCode != http.StatusSeeOther || answer.Header.Get("Location") != "/console/codes/Ulotka%20na%2Fdworcu" {
			t.Fatalf("a batch with a name is answered %d to %s", answer.StatusCode, answer.Header.Get("Location"))
		}
	}
	if text := w.get("/console/codes/Ulotka%20na%2Fdworcu"); !strings.Contains(text, "Codes: Ulotka na/dworcu") {
		t.Errorf("the batch is not called by its name: %.2000s", text)
	}
	if text := w.get("/console/codes"); !strings.Contains(text, "Ulotka na/dworcu") {
		t.Error("the list does not name the batch")
	}
	for _, name := range []string{"Ulotka na/dworcu", "new", "..", strings.Repeat("ż", 61)} {
		answer, text := makes(name, "4")
		if answer.StatusCode != http.StatusUnprocessableEntity || !regexp.MustCompile(`id="name-about"><div class="invalid-feedback`).MatchString(text) {
			t.Errorf("the name %q is answered %d", name, answer.StatusCode)
		}
	}
	if answer, _ := makes("", "5"); answer.Header.Get("Location") != "/console/codes/drawn" {
		t.Errorf("without a name it is answered to %s", answer.Header.Get("Location"))
	}
	if answer, text := w.uploads("code\nGOOD-0001\n", "reward", "tenth", "uses", "1", "until", "", "batch", "b7", "name", "Stare kody"); answer.Header.Get("Location") != "/console/codes/Stare%20kody" {
		t.Errorf("an import with a name is answered %d to %s: %.500s", answer.StatusCode, answer.Header.Get("Location"), text)
	}
	if answer, _ := w.uploads("code\nGOOD-0002\n", "reward", "tenth", "uses", "1", "until", "", "batch", "b8", "name", "Stare kody"); answer.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("another import of the same name is answered %d", answer.StatusCode)
	}
	if all, err := w.CodeBatches(t.Context()); err != nil || len(all) != 3 {
		t.Errorf("there are %d batches (%v)", len(all), err)
	}
}
