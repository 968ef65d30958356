package store

import (
	"math"
	"slices"
	"testing"

	"premia/internal/testkit/postgres"
)

// The numbers are the same for ever: members do not move.
func TestShardsOfMembersStay(t *testing.T) {
	s := &Store{shards: plainShards(64)}
	for member, want := range map[int]Shard{1: 29, 2: 5, 1 << 40: 42} {
		if got := s.ShardOf(memberNo(member)); got != want {
			t.Errorf("member %d is in shard %d, want %d", member, got, want)
		}
	}
}

func TestShardsAreEven(t *testing.T) {
	const rows, shards = 64_000, 64
	s := &Store{shards: plainShards(shards)}
	members, keys := make([]int, shards), make([]int, shards)
	for i := range rows {
		members[s.ShardOf(memberNo(i))]++
		keys[s.ShardOfKey(keyNo(i))]++
	}
	// Six standard deviations of a binomial distribution.
	slack := int(6 * math.Sqrt(float64(rows)/shards))
	for shard := range shards {
		for _, n := range []int{members[shard], keys[shard]} {
			if n < rows/shards-slack || n > rows/shards+slack {
				t.Errorf("shard %d has %d rows of %d", shard, n, rows)
			}
		}
	}
}

func TestEvenShardsFillCitusRangesEvenly(t *testing.T) {
	for _, ranges := range []int{1, 7, 32, 64} {
		values := evenShards(64, ranges)
		if sorted := slices.Compact(slices.Sorted(slices.Values(values))); len(sorted) != 64 {
			t.Fatalf("%d different values of 64", len(sorted))
		}
		filled := make(map[uint64]int)
		for _, value := range values {
			filled[rangeOf(value, ranges)]++
		}
		for i := range uint64(ranges) {
			if n := filled[i]; n < 64/ranges || n > (64+ranges-1)/ranges {
				t.Errorf("range %d of %d has %d values of 64", i, ranges, n)
			}
		}
	}
}

// rangeOf is the range of a hash as Citus cuts them: from the lowest number on,
// each as wide as the 32-bit space divided by their number, the last a bit wider.
func rangeOf(value Shard, ranges int) uint64 {
	fromLowest := uint64(int64(hashOfInt(int32(value))) - math.MinInt32)
	return min(fromLowest/(uint64(1<<32)/uint64(ranges)), uint64(ranges)-1)
}

func TestHashOfIntIsPostgres(t *testing.T) {
	s := must[*Store](t)(Open(t.Context(), postgres.New(t), Options{Migrate: true}))
	defer s.Close()
	values := []int32{0, 1, 2, 63, 64, -1, math.MaxInt32, math.MinInt32, 123456789}
	for _, value := range values {
		var want int32
		if err := s.readers.QueryRow(t.Context(), "SELECT hashint4($1::integer)", value).Scan(&want); err != nil {
			t.Fatal(err)
		}
		if got := hashOfInt(value); got != want {
			t.Errorf("hash of %d is %d, want %d", value, got, want)
		}
	}
}
