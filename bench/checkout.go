package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"strconv"
)

// checkouts reduces baskets at list prices by promotions and by the codes of three
// rewards, of which each code can be used once.
const checkouts = `
program: Bench
currency: PLN
timezone: Europe/Warsaw
languages: [en]
enrolment: {unknown: enrol}
wallets:
  points: {name: {en: points}, expires: {after: 12mo, at: end of month}}
earn:
  - {id: spend, give: {points: 1, per: 1.00}}
checkout: {most: 90%}
promotions:
  - {id: cakes, name: cakes, items: item.category == "cake", discount: {percent: 10}, limits: {money: {in total: 1000000.00}}}
  - {id: bread, name: bread, items: item.category == "bread", discount: {buy: 2, get: 1, times: 3}}
rewards:
  - {id: percent, name: percent, kind: discount, discount: {percent: 5, least: 20.00}, voucher: {for: bearer}, codes: {pattern: "PER-########"}}
  - {id: amount, name: amount, kind: discount, discount: {amount: 3.00}, voucher: {for: bearer}, codes: {pattern: "AMO-########"}}
  - {id: shipping, name: shipping, kind: discount, discount: {percent: 50, on: shipping}, voucher: {for: bearer}, codes: {pattern: "SHI-########"}}
`

// codesOf makes codes of a reward and gives them.
func (s *server) codesOf(reward string, count int) ([]string, error) {
	body := fmt.Appendf(nil, `{"id":%q,"reward":%q,"count":%d,"uses":1}`, reward, reward, count)
	made, err := s.ask(http.MethodPost, "/v1/code-batches", body)
	if err != nil {
		return nil, err
	}
	made.Body.Close()
	exported, err := s.ask(http.MethodGet, "/v1/code-batches/"+reward+"/codes.csv", nil)
	if err != nil {
		return nil, err
	}
	defer exported.Body.Close()
	rows, err := csv.NewReader(exported.Body).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("the codes of %s: %w", reward, err)
	}
	var codes []string
	for _, row := range rows[1:] {
		codes = append(codes, row[0])
	}
	return codes, nil
}

// ask sends one request that is to succeed.
func (s *server) ask(method, path string, body []byte) (*http.Response, error) {
	request, err := http.NewRequest(method, "http://"+s.address+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+s.key)
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err == nil && answer.StatusCode/100 != 2 {
		answer.Body.Close()
		err = fmt.Errorf("%s %s: the server answered %d", method, path, answer.StatusCode)
	}
	return answer, err
}

// appendBasket writes a basket of ten items at list prices.
func appendBasket(dst []byte, n int) []byte {
	dst = append(dst, `"member":"card:`...)
	dst = strconv.AppendInt(dst, 2_900_000_000_000+int64(n*7919%members), 10)
	dst = append(dst, `","prices":"list","shipping":"9.00","items":[`...)
	for i := range 10 {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"sku":"SKU-`...)
		dst = strconv.AppendInt(dst, int64(i), 10)
		dst = append(dst, `","category":"`...)
		dst = append(dst, [...]string{"cake", "bread"}[i%2]...)
		dst = append(dst, `","unit_price":"9.9`...)
		dst = strconv.AppendInt(dst, int64(i), 10)
		dst = append(dst, `"}`...)
	}
	return append(dst, ']')
}

// rowCheckouts: quotes of a basket of ten items with three codes at 1,000 a second,
// and then purchases of it, each with three codes of its own, as fast as they go.
func rowCheckouts(ctx context.Context, b *bench, database string) error {
	return b.serving(ctx, database, checkouts, func(_ *workspace, s *server) error {
		const rate, quotes = 1_000, 10_000
		bought := b.events / 6
		var codes [3][]string
		for i, reward := range [...]string{"percent", "amount", "shipping"} {
			var err error
			if codes[i], err = s.codesOf(reward, bought); err != nil {
				return err
			}
		}
		withCodes := func(dst []byte, n int) []byte {
			return fmt.Appendf(appendBasket(dst, n), `,"codes":[%q,%q,%q]}`, codes[0][n%bought], codes[1][n%bought], codes[2][n%bought])
		}
		run, err := paced(s.address, s.key, "POST", pathQuotes, 16, quotes, rate, func(n int, dst []byte) []byte {
			return withCodes(append(dst, `{"type":"purchase",`...), n)
		})
		if err != nil {
			return err
		}
		print("quotes of ten items, three codes, at 1,000/s: p50, "+database, millis(run.percentile(0.50)), "", 0)
		print("quotes of ten items, three codes, at 1,000/s: p99, "+database, millis(run.percentile(0.99)), "", 0)
		if run, err = closedLoop(s.address, s.key, "POST", pathEvents, 64, bought, func(n int, dst []byte) []byte {
			return withCodes(fmt.Appendf(dst, `{"id":"c%d","type":"purchase","order":"C%d",`, n, n), n)
		}); err != nil {
			return err
		}
		print("purchases with three codes, 64 connections, "+database, perSecond(run.rate()), "", 0)
		return s.usedOnce(codes[0][0])
	})
}

// usedOnce looks that a code was used, so that what was measured was not refused.
func (s *server) usedOnce(code string) error {
	answer, err := s.ask(http.MethodGet, "/v1/codes/"+code, nil)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	var body bytes.Buffer
	if _, err := body.ReadFrom(answer.Body); err != nil {
		return err
	}
	if !bytes.Contains(body.Bytes(), []byte(`"used":1,`)) {
		return fmt.Errorf("the code %s was not used: %s", code, body.Bytes())
	}
	return nil
}
