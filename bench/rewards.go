package main

import (
	"context"
	"strconv"
)

// rewards are what the measured redemptions take: one that there is any number
// of, and one of a stock that every redemption takes from.
const rewards = `
rewards:
  - {id: free, name: free, kind: service, where: here, price: {points: 1}}
  - {id: hot, name: hot, kind: service, where: here, price: {points: 1}, stock: 1000000}
`

// instantly lets points be spent at once.
const instantly = `
program: Bench
currency: PLN
timezone: Europe/Warsaw
languages: [en]
enrolment: {unknown: enrol}
wallets:
  points: {name: {en: points}, expires: {after: 12mo, at: end of month}}
earn:
  - {id: spend, give: {points: 100, per: 1.00}}
` + rewards

func appendRedemption(dst []byte, id, reward string, n int) []byte {
	dst = append(dst, `{"id":"`...)
	dst = append(dst, id...)
	dst = strconv.AppendInt(dst, int64(n), 10)
	dst = append(dst, `","type":"redemption","member":"card:`...)
	dst = strconv.AppendInt(dst, 2_900_000_000_000+int64(n*7919%members), 10)
	dst = append(dst, `","reward":"`...)
	dst = append(dst, reward...)
	return append(dst, `"}`...)
}

// rowRedemptions: redemptions one by one, of a reward without a stock and then
// of one whose stock every one of them takes from; in turns, so that both meet
// the same machine.
func rowRedemptions(ctx context.Context, b *bench, database string) error {
	return b.serving(ctx, database, instantly, func(_ *workspace, s *server) error {
		const turns = 4
		var free, hot float64
		for turn := range turns {
			for _, one := range [...]struct {
				reward string
				sum    *float64
			}{{"free", &free}, {"hot", &hot}} {
				run, err := closedLoop(s.address, s.key, "POST", pathEvents, 64, b.events/turns/2, func(n int, dst []byte) []byte {
					return appendRedemption(dst, one.reward+strconv.Itoa(turn)+"-", one.reward, n)
				})
				if err != nil {
					return err
				}
				*one.sum += run.rate() / turns
			}
		}
		print("redemptions by the API, 64 connections, "+database, perSecond(free), "", 0)
		print("  of one stock of a million, against without, "+database, perSecond(hot), perSecond(free), hot/free)
		return nil
	})
}
