package api_test

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"premia/internal/api"
	"premia/internal/core/code"
)

// codesOf makes a batch and gives its codes.
func (f *fixture) codesOf(body string) (codes []string) {
	f.t.Helper()
	b := must[api.CodeBatch](f, 201, http.MethodPost, "/v1/code-batches", body)
	w := f.request(http.MethodGet, "/v1/code-batches/"+b.ID+"/codes.csv", "")
	if w.Code != 200 || w.Header().Get("Content-Type") != "text/csv; charset=utf-8" {
		f.t.Fatalf("%d %s", w.Code, w.Body)
	}
	rows, err := csv.NewReader(w.Body).ReadAll()
	if err != nil {
		f.t.Fatal(err)
	}
	for _, row := range rows[1:] {
		codes = append(codes, row[0])
	}
	return codes
}

func TestCodesOverTheAPI(t *testing.T) {
	t.Parallel()
	onEach(t, "enrol", func(t *testing.T, f *fixture) {
		const body = `{"id":"web","reward":"spring","pattern":"SPRING-######","count":50,"uses":3,"valid_until":"2026-04-01T00:00:00+02:00"}`
		codes := f.codesOf(body)
		if again := f.codesOf(body); len(codes) != 50 || strings.Join(again, " ") != strings.Join(codes, " ") {
			t.Errorf("the same request makes %d and %d codes", len(codes), len(again))
		}
		f.problem(409, "idempotency_conflict", http.MethodPost, "/v1/code-batches", strings.Replace(body, "50", "51", 1))
		list := must[api.CodeBatches](f, 200, http.MethodGet, "/v1/code-batches", "")
		if len(list.Batches) != 1 || list.Batches[0].Made != 50 || list.Batches[0].FinishedAt == nil || *list.Batches[0].ValidUntil != "2026-03-31T22:00:00Z" {
			t.Errorf("%+v", list)
		}
		c := must[api.Code](f, 200, http.MethodGet, "/v1/codes/"+strings.ToLower(strings.ReplaceAll(codes[0], "-", "%20")), "")
		if c.Code != codes[0] || c.Reward != "spring" || c.Batch != "web" || !c.Bearer || c.State != "usable" || c.Uses != 3 || c.WhyNot != "" {
			t.Errorf("%+v", c)
		}

		f.member("2900000000001", "5.00")
		f.member("2900000000018", "5.00")
		give := `{"code":"` + codes[0] + `"}`
		for range 2 {
			c = must[api.Code](f, 200, http.MethodPost, "/v1/members/card:2900000000001/vouchers", give)
			if c.Member == "" || c.Bearer {
				t.Errorf("%+v", c)
			}
		}
		f.problem(409, "code_of_another", http.MethodPost, "/v1/members/card:2900000000018/vouchers", give)
		f.problem(422, "unknown_code", http.MethodPost, "/v1/members/card:2900000000018/vouchers", `{"code":"NOTHING"}`)
		mine := must[api.Vouchers](f, 200, http.MethodGet, "/v1/members/card:2900000000001/vouchers", "")
		if len(mine.Vouchers) != 1 || mine.Vouchers[0].Code != codes[0] || mine.Vouchers[0].Member != mine.Member {
			t.Errorf("%+v", mine)
		}

		for range 2 {
			c = must[api.Code](f, 200, http.MethodPost, "/v1/codes/"+codes[1]+"/block?lang=pl", "")
			if c.State != "blocked" || c.BlockedAt == nil || c.WhyNot != "Kod jest zablokowany." {
				t.Errorf("%+v", c)
			}
		}
		f.problem(409, "code_not_usable", http.MethodPost, "/v1/members/card:2900000000018/vouchers", `{"code":"`+codes[1]+`"}`)
		f.clock.Advance(31 * 24 * time.Hour)
		if c = must[api.Code](f, 200, http.MethodGet, "/v1/codes/"+codes[2], "", "Accept-Language", "cs"); c.State != "over" || c.WhyNot != "Platnost kódu skončila." {
			t.Errorf("%+v", c)
		}
		f.verified()
	})
}

// TestWhyACodeIsNotKnown says in four languages that a code is mistyped or unknown.
func TestWhyACodeIsNotKnown(t *testing.T) {
	t.Parallel()
	f := open(t, sqlite(t), "enrol")
	right := f.codesOf(`{"reward":"spring","pattern":"######","count":1}`)[0]
	wrong := string(code.Alphabet[(strings.IndexByte(code.Alphabet, right[0])+1)%len(code.Alphabet)]) + right[1:]
	for lang, words := range map[string][2]string{
		"en": {"A character of the code", "There is no code"},
		"pl": {"jeden znak jest błędny", "Nie ma kodu"},
		"cs": {"je jeden znak špatně", "neexistuje"},
		"ru": {"один знак неверный", "Кода"},
	} {
		for i, c := range []struct{ code, problem string }{{wrong, "code_mistyped"}, {"ABCDE-12345/Ж", "unknown_code"}} {
			p := f.problem(404, c.problem, http.MethodGet, "/v1/codes/"+url.PathEscape(c.code), "", "Accept-Language", lang)
			if p.Title == "" || !strings.Contains(p.Detail, words[i]) || !strings.Contains(p.Detail, c.code) {
				t.Errorf("%s: %s says %q", lang, c.problem, p.Detail)
			}
		}
	}
}
