package testkit

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// observed stands for the test that calls the kit, and keeps what it would say.
type observed struct {
	testing.TB
	said    string
	failed  bool
	skipped bool
}

type stopped struct{}

func (o *observed) Helper() {}
func (o *observed) Errorf(format string, args ...any) {
	o.failed, o.said = true, fmt.Sprintf(format, args...)
}
func (o *observed) Fatal(args ...any) {
	o.failed, o.said = true, fmt.Sprint(args...)
	panic(stopped{})
}
func (o *observed) Fatalf(format string, args ...any) { o.Fatal(fmt.Sprintf(format, args...)) }
func (o *observed) Skipf(format string, args ...any) {
	o.skipped, o.said = true, fmt.Sprintf(format, args...)
	panic(stopped{})
}

func observe(t *testing.T, call func(t testing.TB)) (o observed) {
	o.TB = t
	defer func() {
		if reason := recover(); reason != nil && reason != (stopped{}) {
			panic(reason)
		}
	}()
	call(&o)
	return o
}

func TestRepoRootHoldsThisPackage(t *testing.T) {
	if _, err := os.Stat(filepath.Join(RepoRoot(t), "internal", "testkit", "testkit_test.go")); err != nil {
		t.Error(err)
	}
}

func TestOutsideARepository(t *testing.T) {
	t.Chdir(t.TempDir())
	o := observe(t, func(t testing.TB) { RepoRoot(t) })
	if !o.failed || !strings.Contains(o.said, "go.mod") {
		t.Errorf("it says %q", o.said)
	}
}

func TestData(t *testing.T) {
	beside := t.TempDir()
	for _, name := range []string{"premia/go.mod", "shared/data/shop.csv"} {
		path := filepath.Join(beside, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(filepath.Join(beside, "premia"))
	if _, err := os.Stat(Data(t, "shop.csv")); err != nil {
		t.Error(err)
	}
	o := observe(t, func(t testing.TB) { Data(t, "other.csv") })
	if !o.skipped || o.failed || !strings.Contains(o.said, "other.csv") {
		t.Errorf("without the file it says %q, skipped: %t", o.said, o.skipped)
	}
}

func TestGolden(t *testing.T) {
	t.Chdir(t.TempDir())
	golden := func(text string) observed {
		return observe(t, func(t testing.TB) { Golden(t, "deep/words.txt", []byte(text)) })
	}
	if o := golden("one"); !o.failed || !strings.Contains(o.said, "-update") {
		t.Errorf("without a file it says %q", o.said)
	}
	*update = true
	o := golden("one")
	*update = false
	if o.failed {
		t.Errorf("with -update it says %q", o.said)
	}
	if o := golden("one"); o.failed {
		t.Errorf("with the same text it says %q", o.said)
	}
	if o := golden("two"); !o.failed || !strings.Contains(o.said, "two") {
		t.Errorf("with another text it says %q", o.said)
	}
}

func TestClockMovesOnlyWhenMoved(t *testing.T) {
	start := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	clock := NewClock(start)
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() { clock.Advance(time.Minute) })
	}
	all.Wait()
	if got := clock.Now(); !got.Equal(start.Add(100 * time.Minute)) {
		t.Errorf("it stands at %v", got)
	}
	if got := clock.Advance(-time.Hour); !got.Equal(clock.Now()) || !got.Equal(start.Add(40*time.Minute)) {
		t.Errorf("moved back it stands at %v", got)
	}
}
