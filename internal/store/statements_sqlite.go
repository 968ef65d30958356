package store

import "strings"

// listed is a statement with a list of rows of parameters in it. SQLite runs it
// for many rows at once; the sizes are few, so that each is prepared once.
type listed struct {
	columns int
	text    [len(listSizes)]string
}

// listSizes are the numbers of rows that a listed statement is prepared for.
var listSizes = [...]int{64, 8, 1}

// list puts rows of so many parameters between head and tail.
func list(columns int, head, tail string) listed {
	l := listed{columns: columns}
	tuple := "(?" + strings.Repeat(",?", columns-1) + ")"
	for i, size := range listSizes {
		l.text[i] = head + tuple + strings.Repeat(","+tuple, size-1) + tail
	}
	return l
}

// The hot statements on SQLite. A list of keys leads the join (CROSS JOIN keeps
// the order), so that each key is one search in the tree.
var (
	// From the entry before $3, if that is one of the member's, or else from the
	// last one, back along prev; the walk itself gives the order.
	liteEntriesOfMember = `
WITH RECURSIVE walk AS (
	SELECT * FROM journal WHERE shard = $1 AND seq = coalesce(
		(SELECT prev FROM journal WHERE shard = $1 AND seq = $3 AND member = $2),
		(SELECT seq FROM members WHERE shard = $1 AND member = $2))
	UNION ALL
	SELECT j.* FROM walk JOIN journal j ON j.shard = $1 AND j.seq = walk.prev
)
SELECT shard, seq, member, prev, kind, mask, at, recorded, event, decision, hash FROM walk WHERE seq < $3 LIMIT $4`

	liteInsertEntries = list(11, `
INSERT INTO journal (shard, seq, member, prev, kind, mask, at, recorded, event, decision, hash) VALUES `, ``)

	liteInsertPostings = list(11, `
INSERT INTO postings (shard, seq, n, kind, wallet, source, target, amount, lot, rule, at) VALUES `, ``)

	liteInsertMembers = list(8, `
INSERT INTO members (shard, member, status, enrolled_at, merged_into, due_at, seq, state) VALUES `, ``)

	liteUpsertMembers = list(8, `
INSERT INTO members (shard, member, status, enrolled_at, merged_into, due_at, seq, state) VALUES `, `
ON CONFLICT (member) DO UPDATE SET
	merged_into = excluded.merged_into, due_at = excluded.due_at, seq = excluded.seq, state = excluded.state`)

	liteInsertKeys = list(6, `
INSERT INTO directory (shard, key, member, seq_shard, seq, digest) VALUES `, `
ON CONFLICT (shard, key) DO NOTHING`)

	liteInsertPersonal = list(7, `
INSERT INTO personal (shard, member, kind, name, salt, value, recorded) VALUES `, `
ON CONFLICT (shard, member, kind, name, salt) DO UPDATE SET value = excluded.value, recorded = excluded.recorded`)

	liteKeys = list(2, `
WITH wanted (shard, key) AS (VALUES `, `)
SELECT d.key, d.member, d.seq_shard, d.seq, d.digest
FROM wanted CROSS JOIN directory d ON d.shard = wanted.shard AND d.key = wanted.key`)

	liteMembers = list(2, `
WITH wanted (shard, member) AS (VALUES `, `)
SELECT m.member, m.status, m.enrolled_at, m.merged_into, m.due_at, m.seq, m.state
FROM wanted CROSS JOIN members m ON m.shard = wanted.shard AND m.member = wanted.member`)

	litePersonal = list(2, `
WITH wanted (shard, member) AS (VALUES `, `)
SELECT p.member, p.kind, p.name, p.value, p.salt, p.recorded
FROM wanted CROSS JOIN personal p ON p.shard = wanted.shard AND p.member = wanted.member`)

	liteEntries = list(2, `
WITH wanted (shard, seq) AS (VALUES `, `)
SELECT j.shard, j.seq, j.member, j.prev, j.kind, j.mask, j.at, j.recorded, j.event, j.decision, j.hash
FROM wanted CROSS JOIN journal j ON j.shard = wanted.shard AND j.seq = wanted.seq`)
)

// liteHot are the statements above, by name, for the test that reads them.
var liteHot = map[string]string{
	"entries of member": liteEntriesOfMember,
	"insert entries":    liteInsertEntries.text[1],
	"insert postings":   liteInsertPostings.text[1],
	"insert members":    liteInsertMembers.text[1],
	"upsert members":    liteUpsertMembers.text[1],
	"insert keys":       liteInsertKeys.text[1],
	"insert personal":   liteInsertPersonal.text[1],
	"insert terms":      liteInsertTerms.text[1],
	"keys":              liteKeys.text[1],
	"members":           liteMembers.text[1],
	"entries":           liteEntries.text[1],
	"personal":          litePersonal.text[1],
	"insert codes":      liteInsertCodes.text[1],
	"codes":             liteCodes.text[1],
}
