package store

// The statements about codes and their batches.
const (
	codeValues  = `key, code, reward, batch, number, member, bearer, valid_from, valid_until, uses, blocked, redemption`
	batchValues = `batch, id, reward, pattern, series, wanted, made, first, next, ends, valid_from, valid_until, uses, digest, created, finished`

	blockCode = `
UPDATE codes SET blocked = CASE blocked WHEN 0 THEN CAST($3 AS bigint) ELSE blocked END WHERE shard = $1 AND key = $2`

	giveCode = `
UPDATE codes SET member = $3, bearer = 0 WHERE shard = $1 AND key = $2 AND (member = 0 OR (member = $3 AND bearer = 0))`

	codesAfter = `
SELECT ` + codeValues + ` FROM codes WHERE shard = $1 AND key > $2 ORDER BY key LIMIT $3`

	// When two members are merged; it looks in all shards.
	moveCodes = `
UPDATE codes SET member = $2 WHERE member = $1 AND member <> 0`

	codesOfMember = `
SELECT ` + codeValues + ` FROM codes WHERE member = $1 AND member <> 0 AND valid_until > $2 ORDER BY valid_until, code LIMIT $3`

	codesOfBatch = `
SELECT ` + codeValues + ` FROM codes WHERE batch = $1 AND batch <> 0 AND number > $2 ORDER BY number LIMIT $3`

	listCodeBatches = `
SELECT ` + batchValues + ` FROM code_batches ORDER BY batch`

	codeBatchByID = `
SELECT ` + batchValues + ` FROM code_batches WHERE id = $1`

	lastCodeBatch = `
SELECT coalesce(max(batch), 0), coalesce(max(CASE series WHEN $1 THEN ends ELSE 0 END), 0) FROM code_batches`

	insertCodeBatch = `
INSERT INTO code_batches (` + batchValues + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`

	noteCodeBatch = `
UPDATE code_batches SET made = $2, next = $3, finished = $4 WHERE batch = $1`

	// SQLite has one writer, so there is nothing to lock.
	liteCodeBatch = `
SELECT ` + batchValues + ` FROM code_batches WHERE batch = $1`

	pgCodeBatch = liteCodeBatch + ` FOR UPDATE`

	pgInsertCodes = `
INSERT INTO codes (shard, ` + codeValues + `)
SELECT * FROM unnest($1::integer[], $2::bytea[], $3::text[], $4::integer[], $5::bigint[], $6::bigint[], $7::bigint[],
	$8::smallint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::text[])
ON CONFLICT (shard, key) DO NOTHING`

	pgCodes = `
SELECT c.key, c.code, c.reward, c.batch, c.number, c.member, c.bearer, c.valid_from, c.valid_until, c.uses, c.blocked, c.redemption
FROM unnest($1::integer[], $2::bytea[]) wanted (shard, key)
CROSS JOIN LATERAL (SELECT * FROM codes WHERE shard = wanted.shard AND key = wanted.key OFFSET 0) c`

	pgCodesOfShard = `
SELECT ` + codeValues + ` FROM codes WHERE shard = $1 AND key = ANY($2::bytea[])`
)

var (
	liteInsertCodes = list(13, `
INSERT INTO codes (shard, `+codeValues+`) VALUES `, `
ON CONFLICT (shard, key) DO NOTHING`)

	liteCodes = list(2, `
WITH wanted (shard, key) AS (VALUES `, `)
SELECT c.key, c.code, c.reward, c.batch, c.number, c.member, c.bearer, c.valid_from, c.valid_until, c.uses, c.blocked, c.redemption
FROM wanted CROSS JOIN codes c ON c.shard = wanted.shard AND c.key = wanted.key`)
)
