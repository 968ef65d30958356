package file

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestGroupsEqualModel holds the grouping of lines against a plain model that
// has the whole file in memory.
func TestGroupsEqualModel(t *testing.T) {
	p := compile(t, shop)
	rapid.Check(t, func(r *rapid.T) {
		within := rapid.IntRange(0, 4).Draw(r, "within")
		m := parse(t, fmt.Sprintf(`
mapping: groups
format: {type: csv, header: [Key, N]}
group: {by: Key, within: %d}
time: {column: N, layout: unix seconds}
types: [{event: purchase}]
event: {id: "k:{Key}"}
items: {sku: "{N}", unit price: "1"}
`, within))
		keys := rapid.SliceOfN(rapid.IntRange(0, 6), 1, 40).Draw(r, "keys")
		var file, want strings.Builder
		type group struct {
			key, last int
			lines     []string
		}
		var groups []*group
		newest := map[int]*group{}
		rejected := int64(0)
		for i, key := range keys {
			fmt.Fprintf(&file, "%d,%d\n", key, 100_000+i)
			g := newest[key]
			switch {
			case g == nil:
				g = &group{key: key}
				groups, newest[key] = append(groups, g), g
			case i-g.last > within+1:
				rejected++
				g.last = -1_000 // whatever comes later is too late, too
				continue
			}
			g.last = i
			g.lines = append(g.lines, fmt.Sprint(100_000+i))
		}
		for _, g := range groups {
			fmt.Fprintf(&want, "k:%d %s\n", g.key, strings.Join(g.lines, " "))
		}
		out := readAll(t, m, p, write(t, "keys.csv", file.String()))
		var got strings.Builder
		for _, e := range out.events {
			got.WriteString(e.ID)
			for i := range e.Items {
				got.WriteString(" " + e.Items[i].SKU)
			}
			got.WriteByte('\n')
		}
		if got.String() != want.String() || out.counts.RejectedLines != rejected {
			r.Fatalf("got\n%swant\n%s%d lines rejected, want %d", got.String(), want.String(), out.counts.RejectedLines, rejected)
		}
	})
}

func TestSeen(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var s seen
		model := map[uint64]bool{}
		for _, hash := range rapid.SliceOf(rapid.OneOf(rapid.Uint64(), rapid.Uint64Range(0, 20))).Draw(r, "hashes") {
			if s.has(hash) != (model[hash] || hash < 2 && (model[0] || model[1])) {
				r.Fatalf("%d is seen: %v", hash, s.has(hash))
			}
			s.add(hash)
			model[hash] = true
		}
	})
}
