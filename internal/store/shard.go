package store

import (
	"encoding/binary"
	"slices"

	"premia/internal/core/ledger"
)

// Numbers of shards of a new database, and the most there may be.
const (
	shardsOnSQLite   = 1
	shardsOnPostgres = 64
	maxShards        = 1024
)

// Shards are all shards of the database in ascending order.
func (s *Store) Shards() []Shard {
	all := slices.Clone(s.shards)
	slices.Sort(all)
	return all
}

// ShardOf gives the shard that a member's rows live in.
func (s *Store) ShardOf(member ledger.MemberID) Shard {
	return s.shards[mix(uint64(member))%uint64(len(s.shards))]
}

// ShardOfKey gives the shard in which the directory keeps a key.
func (s *Store) ShardOfKey(key Key) Shard {
	return s.shards[binary.BigEndian.Uint64(key[:8])%uint64(len(s.shards))]
}

// mix spreads numbers evenly over 64 bits: the finalizer of splitmix64 (Steele,
// Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb
	return x ^ (x >> 31)
}

// plainShards are the values of n shards where nothing hashes them: 0, 1, 2 …
func plainShards(n int) []Shard {
	values := make([]Shard, n)
	for i := range values {
		values[i] = Shard(i)
	}
	return values
}

// evenShards are the values of n shards that fill the given number of hash
// ranges of a distributed table evenly: the smallest values that go, in turn,
// to the next range. Citus cuts the 32-bit space of PostgreSQL's hash of the
// value into ranges of equal size.
func evenShards(n, ranges int) []Shard {
	values := make([]Shard, n)
	waiting := make(map[int][]int)
	for i := range values {
		waiting[i%ranges] = append(waiting[i%ranges], i)
	}
	width := uint64(1<<32) / uint64(ranges)
	for value, left := int32(0), n; left > 0; value++ {
		at := min(int((uint64(uint32(hashOfInt(value)))+1<<31)%(1<<32)/width), ranges-1)
		if places := waiting[at]; len(places) > 0 {
			values[places[0]], waiting[at] = Shard(value), places[1:]
			left--
		}
	}
	return values
}

// hashOfInt is PostgreSQL's hashint4: the last step of Bob Jenkins' lookup3 over
// one word (hash_bytes_uint32 in src/common/hashfn.c).
func hashOfInt(value int32) int32 {
	rotate := func(x uint32, k int) uint32 { return x<<k | x>>(32-k) }
	const start = 0x9e3779b9 + 4 + 3923095
	a, b, c := uint32(start)+uint32(value), uint32(start), uint32(start)
	c ^= b
	c -= rotate(b, 14)
	a ^= c
	a -= rotate(c, 11)
	b ^= a
	b -= rotate(a, 25)
	c ^= b
	c -= rotate(b, 16)
	a ^= c
	a -= rotate(c, 4)
	b ^= a
	b -= rotate(a, 14)
	c ^= b
	c -= rotate(b, 24)
	return int32(c)
}
