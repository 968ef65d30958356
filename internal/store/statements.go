package store

// The statements that are the same on both databases, with parameters $1, $2 ….
const (
	// A use fits if what is used with it stays within the cap; the cap is the one
	// that came last. Quotas are not spread over shards: they are what all shards
	// share, and one row settles who gets the rest.
	useQuota = `
INSERT INTO quotas (quota, window_start, used, cap)
SELECT CAST($1 AS bigint), CAST($2 AS bigint), CAST($3 AS bigint), CAST($4 AS bigint)
WHERE CAST($3 AS bigint) <= CAST($4 AS bigint)
ON CONFLICT (quota, window_start) DO UPDATE SET used = quotas.used + excluded.used, cap = excluded.cap
WHERE quotas.used + excluded.used <= excluded.cap`

	giveBackQuota = `
UPDATE quotas SET used = used + $3 WHERE quota = $1 AND window_start = $2 AND used + $3 >= 0`

	usedOfQuota = `
SELECT used FROM quotas WHERE quota = $1 AND window_start = $2`

	listQuotas = `
SELECT quota, window_start, used, cap FROM quotas ORDER BY quota, window_start`

	usedBetween = `
SELECT quota, window_start, used, cap FROM quotas
WHERE quota = $1 AND window_start >= $2 AND window_start < $3 ORDER BY window_start`

	// Prices are few beside events, and read for shops; they are not spread over
	// shards. A row that says what was there already counts as none.
	putPrice = `
INSERT INTO prices (sku, channel, at, regular, price, recorded) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (sku, channel, at) DO UPDATE SET regular = excluded.regular, price = excluded.price, recorded = excluded.recorded
WHERE prices.regular <> excluded.regular OR prices.price <> excluded.price`

	// Its hole lists the products.
	pricesOfProducts = `
SELECT sku, channel, at, regular, price, recorded FROM prices
WHERE sku IN (%s) AND (channel = $1 OR channel = '')
ORDER BY sku, CASE WHEN channel = $1 THEN 0 ELSE 1 END, at`

	pricesAfter = `
SELECT sku, channel, at, regular, price, recorded FROM prices
WHERE (sku, channel, at) > ($1, $2, $3) ORDER BY sku, channel, at LIMIT $4`

	newestProgram = `
SELECT coalesce((SELECT max(version) FROM programs), 0), coalesce((SELECT max(no) FROM names), 0)`

	insertProgram = `
INSERT INTO programs (version, document, live_from, published, digest, comment) VALUES ($1, $2, $3, $4, $5, $6)`

	listPrograms = `
SELECT version, document, live_from, published, digest, comment FROM programs ORDER BY version`

	insertName = `
INSERT INTO names (no, name) VALUES ($1, $2)`

	listNames = `
SELECT no, name FROM names ORDER BY no`

	putCursor = `
INSERT INTO cursors (subscriber, shard, seq) VALUES ($1, $2, $3)
ON CONFLICT (subscriber, shard) DO UPDATE SET seq = excluded.seq`

	listCursors = `
SELECT subscriber, shard, seq FROM cursors WHERE subscriber = $1 ORDER BY shard`

	deleteKey = `
DELETE FROM directory WHERE shard = $1 AND key = $2`

	// Empty texts stand for all kinds, names and values.
	forgetPersonal = `
DELETE FROM personal WHERE shard = $1 AND member = $2
AND kind = coalesce(nullif($3, ''), kind) AND name = coalesce(nullif($4, ''), name) AND value = coalesce(nullif($5, ''), value)`

	personalOf = `
SELECT kind, name, value, salt, recorded FROM personal WHERE shard = $1 AND member = $2 ORDER BY kind, name, recorded, salt`

	// For a member who has an entry and whose row stays as it is otherwise.
	setLastEntry = `
UPDATE members SET seq = $3 WHERE shard = $1 AND member = $2`

	// For a member whose place in the list of members is another: what else is written of
	// members touches no index of the list.
	setListed = `
UPDATE members SET status = $3, enrolled_at = $4 WHERE shard = $1 AND member = $2`

	scanJournal = `
SELECT shard, seq, member, prev, kind, mask, at, recorded, event, decision, hash FROM journal
WHERE shard = $1 AND seq > $2 ORDER BY seq LIMIT $3`

	scanMasked = `
SELECT shard, seq, member, prev, kind, mask, at, recorded, event, decision, hash FROM journal
WHERE shard = $1 AND seq > $2 AND (mask & CAST($4 AS integer)) <> 0 ORDER BY seq LIMIT $3`

	scanApprovals = `
SELECT shard, seq, member, prev, kind, mask, at, recorded, event, decision, hash FROM journal
WHERE (mask & 24) <> 0 ORDER BY recorded DESC, shard, seq DESC LIMIT $1`

	headOfShard = `
SELECT seq, hash FROM journal WHERE shard = $1 ORDER BY seq DESC LIMIT 1`

	dueMembers = `
SELECT member, status, enrolled_at, merged_into, due_at, seq, state FROM members
WHERE shard = $1 AND due_at <= $2 ORDER BY due_at LIMIT $3`

	lowerDue = `
UPDATE members SET due_at = $2 WHERE shard = $1 AND status IN ($3, $4) AND (due_at IS NULL OR due_at > $2)`

	membersAfter = `
SELECT member, status, enrolled_at, merged_into, due_at, seq, state FROM members
WHERE shard = $1 AND member > $2 ORDER BY member LIMIT $3`

	postingsAfter = `
SELECT seq, n, kind, wallet, source, target, amount, lot, rule, at FROM postings
WHERE shard = $1 AND (seq, n) > ($2, $3) ORDER BY seq, n LIMIT $4`

	postingTotals = `
SELECT wallet, source, target, kind, rule, CAST(sum(amount) AS bigint), count(*) FROM postings
WHERE at <= $1
GROUP BY wallet, source, target, kind, rule ORDER BY wallet, source, target, kind, rule`

	postingTotalsKnown = `
SELECT p.wallet, p.source, p.target, p.kind, p.rule, CAST(sum(p.amount) AS bigint), count(*) FROM postings p
JOIN journal j ON j.shard = p.shard AND j.seq = p.seq
WHERE p.at <= $1 AND j.recorded <= $2
GROUP BY p.wallet, p.source, p.target, p.kind, p.rule ORDER BY p.wallet, p.source, p.target, p.kind, p.rule`

	countRows = `
SELECT (SELECT count(*) FROM members), (SELECT count(*) FROM journal), (SELECT count(*) FROM postings),
	(SELECT count(*) FROM directory), (SELECT count(*) FROM personal)`

	countUpTo = `
SELECT (SELECT count(*) FROM (SELECT 1 FROM members WHERE status IN (1, 2) LIMIT $1) AS some_members), (SELECT count(*) FROM (SELECT 1 FROM journal LIMIT $2) AS some_entries)`

	addParked = `
INSERT INTO parked (subscriber, shard, seq, n, attempts, error, recorded, event) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (subscriber, shard, seq, n) DO UPDATE SET attempts = excluded.attempts, error = excluded.error
RETURNING id`

	listParked = `
SELECT id, subscriber, shard, seq, n, attempts, error, recorded, event FROM parked
WHERE subscriber = coalesce(nullif($1, ''), subscriber) AND id > $2 ORDER BY id LIMIT $3`

	removeParked = `
DELETE FROM parked WHERE id = $1`

	getSetting = `
SELECT value FROM settings WHERE key = $1`

	setSetting = `
INSERT INTO settings (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value`

	setSettingIfAbsent = `
INSERT INTO settings (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING`

	insertAPIKey = `
INSERT INTO api_keys (id, name, hash, scopes, created, expires) VALUES ($1, $2, $3, $4, $5, $6)`

	listAPIKeys = `
SELECT id, name, hash, scopes, created, expires, revoked, last_used FROM api_keys ORDER BY created, id`

	apiKeyByHash = `
SELECT id, name, hash, scopes, created, expires, revoked, last_used FROM api_keys WHERE hash = $1`

	revokeAPIKey = `
UPDATE api_keys SET revoked = coalesce(revoked, $2) WHERE id = $1`

	touchAPIKey = `
UPDATE api_keys SET last_used = $2 WHERE id = $1`
)

// sharedHot are the statements above that read or write hot tables, by name, for
// the test that reads them. Reports over the whole journal are not among them.
var sharedHot = map[string]string{
	"delete key":      deleteKey,
	"forget personal": forgetPersonal,
	"forget terms":    forgetTerms,
	"personal of":     personalOf,
	"scan journal":    scanJournal,
	"scan masked":     scanMasked,
	"head of shard":   headOfShard,
	"set last entry":  setLastEntry,
	"set listed":      setListed,
	"due members":     dueMembers,
	"members after":   membersAfter,
	"postings after":  postingsAfter,
	"put cursor":      putCursor,
	"block code":      blockCode,
	"give code":       giveCode,
	"codes after":     codesAfter,
	"put score":       putScore,
	"drop scores":     dropScores,
	"scores after":    scoresAfter,
	"members listed":  membersListed(2, true),
}
