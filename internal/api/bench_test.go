package api_test

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
)

// BenchmarkEvents sends purchases of two items by 64 callers at once, without a
// network.
func BenchmarkEvents(b *testing.B) {
	f := open(b, sqlite(b), "enrol")
	var n atomic.Int64
	b.SetParallelism(32)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			i := n.Add(1)
			body := fmt.Sprintf(`{"id":"e%d","type":"purchase","member":"card:%d","order":"o%d","items":[{"sku":"a","quantity":2,"unit_price":"9.90"},{"sku":"b","total":"5.00"}]}`, i, i%1000, i)
			if w := f.request(http.MethodPost, "/v1/events", body); w.Code != 201 {
				b.Errorf("%d %s", w.Code, w.Body)
				return
			}
		}
	})
}
