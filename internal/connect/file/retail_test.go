package file

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/program"
	"premia/internal/testkit"
)

func shipped(t testing.TB, name string) []byte {
	t.Helper()
	src, err := os.ReadFile(filepath.Join(testkit.RepoRoot(t), "programs", "online-retail", name))
	if err != nil {
		t.Fatal(err)
	}
	return src
}

func retail(t testing.TB) (*Mapping, *engine.Program) {
	t.Helper()
	doc, err := program.Load("program.yaml", shipped(t, "program.yaml"), engine.NewNames())
	if err != nil {
		t.Fatal(err)
	}
	m, err := ParseMapping("mapping.yaml", shipped(t, "mapping.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return m, doc.Program
}

// TestOnlineRetail reads a real shop's year and compares with what is known of
// it from elsewhere.
func TestOnlineRetail(t *testing.T) {
	path := testkit.Data(t, "online_retail.csv.gz")
	m, p := retail(t)
	r, err := Open(m, Options{Program: p, Reject: func(x Reject) error {
		t.Errorf("line %d is rejected: %s", x.Line, x.Reason)
		return nil
	}}, path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	total, buyers, returners, free, rows := int64(0), map[string]bool{}, map[string]bool{}, 0, 0
	for {
		record, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		rows += len(record.Rows)
		e := record.Event
		if e.Type == event.Return {
			returners[e.Member] = true
			continue
		}
		total += e.Total
		buyers[e.Member] = true
		if e.Total == 0 {
			free++
		}
	}
	if want := (Counts{Lines: 541_909, Events: 18_536 + 3_654, Purchases: 18_536, Returns: 3_654, GuestLines: 135_080, GuestEvents: 25_900 - 18_536 - 3_654}); r.Counts() != want {
		t.Errorf("counts are %+v, want %+v", r.Counts(), want)
	}
	if total != 8_911_407_904 || len(buyers) != 4_339 {
		t.Errorf("%d customers bought for %d, want 4339 for 8911407904", len(buyers), total)
	}
	if rows != 541_909-135_080 || free != 4 {
		t.Errorf("%d rows in events and %d purchases for nothing, want %d and 4", rows, free, 541_909-135_080)
	}
	for b := range buyers {
		delete(returners, b)
	}
	if len(returners) != 33 {
		t.Errorf("%d customers have only cancellations, want 33", len(returners))
	}
}

func BenchmarkOnlineRetail(b *testing.B) {
	path := testkit.Data(b, "online_retail.csv.gz")
	m, p := retail(b)
	lines := int64(0)
	for b.Loop() {
		r, err := Open(m, Options{Program: p}, path)
		if err != nil {
			b.Fatal(err)
		}
		for {
			if _, err = r.Next(); err != nil {
				break
			}
		}
		if !errors.Is(err, io.EOF) {
			b.Fatal(err)
		}
		lines += r.Counts().Lines
	}
	b.ReportMetric(float64(lines)/b.Elapsed().Seconds(), "lines/s")
}
