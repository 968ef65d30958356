// Package store is the database of one workspace, on SQLite or PostgreSQL: the
// journal with what is written beside it, the directory of keys, members,
// quotas, programs, cursors and settings. It knows nothing of the engine:
// events, decisions and members' states are bytes to it.
//
// It owns the schema (migrations), every SQL statement of the hot path, and the
// meaning of a transaction. [Store] is one concrete type for both databases; the
// statements that differ stand side by side in statements_sqlite.go and
// statements_postgres.go.
//
// What always holds:
//   - the journal of a shard has the sequence numbers 1, 2, 3 … without a gap,
//     provided that its writers append under [Store.Batch], which locks the shard
//     until it ends;
//   - an entry, a posting and a published program are never changed; a key that
//     is bound stays bound to the same member and entry, except by erasure;
//   - no quota is ever used beyond the cap given with the use, whoever writes;
//   - what a batch wrote is there as a whole or not at all, and is durable once
//     Batch has returned nil.
package store
