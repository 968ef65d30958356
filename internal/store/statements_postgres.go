package store

// The hot statements on PostgreSQL. A list of keys comes as arrays; the lateral
// join, which OFFSET 0 keeps as it is, makes each key one search in the index
// whatever the planner believes of the tables. Citus wants one shard in such a
// statement, and has those that end in OfShard.
const (
	pgBegin  = `BEGIN ISOLATION LEVEL READ COMMITTED`
	pgCommit = `COMMIT`

	// Row locks only; taken in ascending order, so that writers cannot wait for
	// one another in a circle.
	pgLock = `
SELECT shard FROM shards WHERE shard = ANY($1::integer[]) ORDER BY shard FOR UPDATE`

	pgHeads = `
SELECT wanted.shard, j.seq, j.hash
FROM unnest($1::integer[]) wanted (shard)
CROSS JOIN LATERAL (SELECT seq, hash FROM journal WHERE shard = wanted.shard ORDER BY seq DESC LIMIT 1) j`

	pgHeadOfShard = `
SELECT shard, seq, hash FROM journal WHERE shard = $1 ORDER BY seq DESC LIMIT 1`

	// From the entry before $3, if that is one of the member's, or else from the
	// last one, back along prev; the walk itself gives the order.
	pgEntriesOfMember = `
WITH RECURSIVE walk AS (
	SELECT * FROM journal WHERE shard = $1 AND seq = coalesce(
		(SELECT prev FROM journal WHERE shard = $1 AND seq = $3 AND member = $2),
		(SELECT seq FROM members WHERE shard = $1 AND member = $2))
	UNION ALL
	SELECT j.* FROM walk CROSS JOIN LATERAL (SELECT * FROM journal WHERE shard = $1 AND seq = walk.prev OFFSET 0) j
)
SELECT shard, seq, member, prev, kind, mask, at, recorded, event, decision, hash FROM walk WHERE seq < $3 LIMIT $4`

	pgInsertEntries = `
INSERT INTO journal (shard, seq, member, prev, kind, mask, at, recorded, event, decision, hash)
SELECT * FROM unnest($1::integer[], $2::bigint[], $3::bigint[], $4::bigint[], $5::smallint[], $6::integer[], $7::bigint[],
	$8::bigint[], $9::bytea[], $10::bytea[], $11::bytea[])`

	pgInsertPostings = `
INSERT INTO postings (shard, seq, n, kind, wallet, source, target, amount, lot, rule, at)
SELECT * FROM unnest($1::integer[], $2::bigint[], $3::smallint[], $4::smallint[], $5::integer[], $6::smallint[], $7::smallint[],
	$8::bigint[], $9::bigint[], $10::integer[], $11::bigint[])`

	pgInsertMembers = `
INSERT INTO members (shard, member, status, enrolled_at, merged_into, due_at, seq, state)
SELECT * FROM unnest($1::integer[], $2::bigint[], $3::smallint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bytea[])`

	pgUpsertMembers = pgInsertMembers + `
ON CONFLICT (shard, member) DO UPDATE SET
	merged_into = excluded.merged_into, due_at = excluded.due_at, seq = excluded.seq, state = excluded.state`

	pgInsertKeys = `
INSERT INTO directory (shard, key, member, seq_shard, seq, digest)
SELECT * FROM unnest($1::integer[], $2::bytea[], $3::bigint[], $4::integer[], $5::bigint[], $6::bytea[])
ON CONFLICT (shard, key) DO NOTHING`

	pgInsertPersonal = `
INSERT INTO personal (shard, member, kind, name, salt, value, recorded)
SELECT * FROM unnest($1::integer[], $2::bigint[], $3::text[], $4::text[], $5::bytea[], $6::text[], $7::bigint[])
ON CONFLICT (shard, member, kind, name, salt) DO UPDATE SET value = excluded.value, recorded = excluded.recorded`

	pgKeys = `
SELECT d.key, d.member, d.seq_shard, d.seq, d.digest
FROM unnest($1::integer[], $2::bytea[]) wanted (shard, key)
CROSS JOIN LATERAL (SELECT * FROM directory WHERE shard = wanted.shard AND key = wanted.key OFFSET 0) d`

	pgKeysOfShard = `
SELECT key, member, seq_shard, seq, digest FROM directory WHERE shard = $1 AND key = ANY($2::bytea[])`

	pgMembers = `
SELECT m.member, m.status, m.enrolled_at, m.merged_into, m.due_at, m.seq, m.state
FROM unnest($1::integer[], $2::bigint[]) wanted (shard, member)
CROSS JOIN LATERAL (SELECT * FROM members WHERE shard = wanted.shard AND member = wanted.member OFFSET 0) m`

	pgMembersOfShard = `
SELECT member, status, enrolled_at, merged_into, due_at, seq, state
FROM members WHERE shard = $1 AND member = ANY($2::bigint[])`

	pgPersonal = `
SELECT p.member, p.kind, p.name, p.value, p.salt, p.recorded
FROM unnest($1::integer[], $2::bigint[]) wanted (shard, member)
CROSS JOIN LATERAL (SELECT * FROM personal WHERE shard = wanted.shard AND member = wanted.member OFFSET 0) p`

	pgPersonalOfShard = `
SELECT member, kind, name, value, salt, recorded FROM personal WHERE shard = $1 AND member = ANY($2::bigint[])`

	pgEntries = `
SELECT j.shard, j.seq, j.member, j.prev, j.kind, j.mask, j.at, j.recorded, j.event, j.decision, j.hash
FROM unnest($1::integer[], $2::bigint[]) wanted (shard, seq)
CROSS JOIN LATERAL (SELECT * FROM journal WHERE shard = wanted.shard AND seq = wanted.seq OFFSET 0) j`

	pgEntriesOfShard = `
SELECT shard, seq, member, prev, kind, mask, at, recorded, event, decision, hash
FROM journal WHERE shard = $1 AND seq = ANY($2::bigint[])`
)

// pgHot are the statements above that read or write hot tables, by name, for the
// test that reads them.
var pgHot = map[string]string{
	"lock":              pgLock,
	"heads":             pgHeads,
	"head of shard":     pgHeadOfShard,
	"entries of member": pgEntriesOfMember,
	"insert entries":    pgInsertEntries,
	"insert postings":   pgInsertPostings,
	"insert members":    pgInsertMembers,
	"upsert members":    pgUpsertMembers,
	"insert keys":       pgInsertKeys,
	"insert personal":   pgInsertPersonal,
	"insert terms":      pgInsertTerms,
	"keys":              pgKeys,
	"keys of shard":     pgKeysOfShard,
	"members":           pgMembers,
	"members of shard":  pgMembersOfShard,
	"entries":           pgEntries,
	"entries of shard":  pgEntriesOfShard,
	"personal":          pgPersonal,
	"personal of shard": pgPersonalOfShard,
	"insert codes":      pgInsertCodes,
	"codes":             pgCodes,
	"codes of shard":    pgCodesOfShard,
	"members listed":    pgMembersListed(2, true),
}
