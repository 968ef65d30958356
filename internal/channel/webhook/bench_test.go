package webhook_test

import (
	"fmt"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"premia/internal/app"
)

// BenchmarkSend sends messages of a hundred members to a receiver that takes 5 ms for
// each.
func BenchmarkSend(b *testing.B) {
	x := newShop(b, "sqlite:"+filepath.Join(b.TempDir(), "premia.db"), 1)
	r, s := newReceiver(b), x.sender(0)
	x.endpoint(r, "purchase.decided")
	r.set(func(*app.WebhookMessage) int {
		r.mu.Unlock() // requests come side by side
		time.Sleep(5 * time.Millisecond)
		r.mu.Lock()
		return http.StatusOK
	})
	for n := range b.N {
		x.buy(fmt.Sprintf("card:%d", n%100), 10_00)
	}
	b.ResetTimer()
	if n := x.step(s); n != b.N {
		b.Fatalf("%d of %d were taken", n, b.N)
	}
}
