package app_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"premia/internal/app"
	"premia/internal/store"
)

// damage is something done to the database behind Premia's back, and the words
// by which verify names it.
type damage struct {
	name  string
	table string // restored afterwards
	do    func(t *testing.T, db *sql.DB)
	// wants are the words, or several with | between them where it depends on how
	// members are spread over shards.
	wants string
}

// set overwrites the column of the first row that the condition matches with
// what change makes of it.
func set(table, column, where string, change func(any) any) func(*testing.T, *sql.DB) {
	return func(t *testing.T, db *sql.DB) {
		t.Helper()
		keys := keysOf[table]
		values, places := make([]any, len(keys)+1), make([]any, len(keys)+1)
		for i := range values {
			places[i] = &values[i]
		}
		query := fmt.Sprintf("SELECT %s, %s FROM %s WHERE %s ORDER BY %s LIMIT 1", column, strings.Join(keys, ", "), table, where, strings.Join(keys, ", "))
		if err := db.QueryRow(query).Scan(places...); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		values[0] = change(values[0])
		conditions := make([]string, len(keys))
		for i, key := range keys {
			conditions[i] = fmt.Sprintf("%s = $%d", key, i+2)
		}
		run(t, db, fmt.Sprintf("UPDATE %s SET %s = $1 WHERE %s", table, column, strings.Join(conditions, " AND ")), values...)
	}
}

func statement(text string) func(*testing.T, *sql.DB) {
	return func(t *testing.T, db *sql.DB) {
		t.Helper()
		if run(t, db, text) == 0 {
			t.Fatalf("%s: it changed nothing", text)
		}
	}
}

func run(t *testing.T, db *sql.DB, text string, values ...any) int64 {
	t.Helper()
	result, err := db.Exec(text, values...)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	n, err := result.RowsAffected()
	if err != nil {
		t.Fatal(err)
	}
	return n
}

var keysOf = map[string][]string{
	"journal": {"shard", "seq"}, "postings": {"shard", "seq", "n"}, "members": {"shard", "member"},
	"directory": {"shard", "key"}, "personal": {"shard", "member", "kind", "name", "salt"},
	"codes": {"shard", "key"}, "quotas": {"quota", "window_start"}, "programs": {"version"}, "names": {"no"},
}

// flip changes one bit in the middle of bytes.
func flip(v any) any {
	b := slices.Clone(v.([]byte))
	b[len(b)/2] ^= 1
	return b
}

func more(v any) any { return v.(int64) + 1 }

// a purchase's entry, of a member
const aPurchase = "kind = 1 AND member <> 0"

var damages = []damage{
	{name: "a byte of an event", table: "journal", do: set("journal", "event", aPurchase, flip), wants: "hash chain"},
	{name: "a byte of a decision", table: "journal", do: set("journal", "decision", aPurchase, flip), wants: "hash chain"},
	{name: "a byte of a hash", table: "journal", do: set("journal", "hash", aPurchase, flip), wants: "hash chain"},
	{name: "whose entry it is", table: "journal", do: set("journal", "member", aPurchase, more), wants: "hash chain"},
	{name: "an entry's time", table: "journal", do: set("journal", "at", aPurchase, more), wants: "hash chain"},
	{name: "when it was recorded", table: "journal", do: set("journal", "recorded", aPurchase, more), wants: "hash chain"},
	{name: "an entry's kind", table: "journal", do: set("journal", "kind", aPurchase, more), wants: "hash chain"},
	{name: "an entry's mask", table: "journal", do: set("journal", "mask", aPurchase, more), wants: "hash chain"},
	{name: "the entry before", table: "journal", do: set("journal", "prev", aPurchase+" AND prev > 0", more), wants: "the member's entry before"},
	{name: "a middle entry is gone", table: "journal", do: statement(`DELETE FROM journal WHERE seq = 2 AND shard = (SELECT min(shard) FROM journal WHERE ` + aPurchase + `)`), wants: "numbers of the journal"},
	{name: "two entries changed places", table: "journal", do: swapEntries, wants: "hash chain"},
	{name: "the last entries are gone", table: "journal", do: statement(`DELETE FROM journal WHERE seq >= 3`), wants: "posting|entry of the event"},
	{name: "a posting's amount", table: "postings", do: set("postings", "amount", "n = 0", more), wants: "posting 0"},
	{name: "a posting's account", table: "postings", do: set("postings", "target", "n = 0", more), wants: "posting 0"},
	{name: "a posting's wallet", table: "postings", do: set("postings", "wallet", "n = 0", more), wants: "posting 0"},
	{name: "a posting's time", table: "postings", do: set("postings", "at", "n = 0", more), wants: "posting 0"},
	{name: "a posting is gone", table: "postings", do: statement(`DELETE FROM postings WHERE n = 0 AND kind = 1`), wants: "posting 0"},
	{name: "a posting too many", table: "postings", do: statement(`INSERT INTO postings SELECT shard, seq, n + 100, kind, wallet, source, target, amount, lot, rule, at FROM postings WHERE n = 0`), wants: "posting 1"},
	{name: "a posting of no entry", table: "postings", do: statement(`INSERT INTO postings SELECT shard, seq + 100000, n, kind, wallet, source, target, amount, lot, rule, at FROM postings WHERE n = 0`), wants: "posting"},
	{name: "a byte of a member's state", table: "members", do: set("members", "state", "status = 1", flip), wants: "member's state|wallet"},
	{name: "a member's status", table: "members", do: set("members", "status", "status = 1", more), wants: "member's status"},
	{name: "a member's enrolment", table: "members", do: set("members", "enrolled_at", "status = 1", more), wants: "member's enrolment"},
	{name: "when something is due", table: "members", do: set("members", "due_at", "due_at IS NOT NULL", more), wants: "when something falls due"},
	{name: "who answers for a member", table: "members", do: set("members", "merged_into", "merged_into IS NOT NULL", more), wants: "who answers for the member|directory key of the identity card"},
	{name: "a member's last entry", table: "members", do: set("members", "seq", "status = 1", more), wants: "member's last entry"},
	{name: "a member is gone", table: "members", do: statement(`DELETE FROM members WHERE member = (SELECT min(m.member) FROM members m WHERE m.merged_into IS NULL AND NOT EXISTS (SELECT 1 FROM members o WHERE o.merged_into = m.member))`), wants: "member"},
	{name: "who was merged is gone", table: "members", do: statement(`DELETE FROM members WHERE member = (SELECT min(member) FROM members WHERE merged_into IS NOT NULL)`), wants: "member: expected a row|directory key of the identity card"},
	{name: "who remains of a merge is gone", table: "members", do: statement(`DELETE FROM members WHERE member = (SELECT min(merged_into) FROM members)`), wants: "member: expected a row|directory key of the identity card"},
	{name: "a member from nowhere", table: "members", do: statement(`INSERT INTO members SELECT shard, member + 1, status, enrolled_at, merged_into, due_at, seq, state FROM members WHERE status = 1`), wants: "member: expected an entry in the journal"},
	{name: "a member in no shard", table: "members", do: statement(`INSERT INTO members SELECT 5000, member + 1, status, enrolled_at, merged_into, due_at, seq, state FROM members WHERE status = 1`), wants: "rows of the table members"},
	{name: "whose event id it is", table: "directory", do: set("directory", "member", "digest IS NOT NULL", more), wants: "directory key of the event id"},
	{name: "whose identity it is", table: "directory", do: set("directory", "member", identities, more), wants: "directory key"},
	{name: "where an order is", table: "directory", do: set("directory", "seq", orders, more), wants: "directory key of the order"},
	{name: "a key is gone", table: "directory", do: statement(`DELETE FROM directory WHERE digest IS NOT NULL`), wants: "directory key of the event id"},
	{name: "a key too many", table: "directory", do: strangeKey, wants: "expected the entry of an event with that key"},
	{name: "what is used of a quota", table: "quotas", do: set("quotas", "used", "used > 0", func(v any) any { return v.(int64) - 1 }), wants: "use of the quota"},
	{name: "a quota is gone", table: "quotas", do: statement(`DELETE FROM quotas`), wants: "use of the quota"},
	{name: "a personal value", table: "personal", do: statement(`UPDATE personal SET value = '+48600100999' WHERE kind = 'identity' AND value = '+48600100200'`), wants: "personal value (identity phone)"},
	{name: "a personal value's salt", table: "personal", do: set("personal", "salt", "kind = 'profile'", flip), wants: "personal value (profile given_name)"},
	{name: "a personal value of somebody else", table: "personal", do: statement(`UPDATE personal SET member = member + 1 WHERE kind = 'profile'`), wants: "personal value"},
	{name: "a personal value is gone", table: "personal", do: statement(`DELETE FROM personal WHERE kind = 'profile'`), wants: "personal value (profile given_name)"},
	{name: "an identity is gone", table: "personal", do: statement(`DELETE FROM personal WHERE kind = 'identity' AND value = '+48600100200'`), wants: "personal value (identity phone)"},
	{name: "a merged member's values are gone before they moved", table: "personal", do: statement(`DELETE FROM personal WHERE member = (SELECT min(member) FROM members WHERE merged_into IS NOT NULL)`), wants: "personal value (identity card)"},
	{name: "a word by which a member is found", table: "search", do: statement(`UPDATE search SET term = 'eve' WHERE term = (SELECT max(term) FROM search)`), wants: "words by which members are found"},
	{name: "a word is gone", table: "search", do: statement(`DELETE FROM search WHERE term = (SELECT max(term) FROM search)`), wants: "words by which members are found"},
	{name: "a pair of words is gone", table: "search", do: statement(`DELETE FROM search WHERE term LIKE ' %'`), wants: "words by which members are found"},
	{name: "a program's document", table: "programs", do: set("programs", "document", "version = 2", flip), wants: "document of program version 2"},
	{name: "since when a program is live", table: "programs", do: set("programs", "live_from", "version = 2", more), wants: "time from which program version 2 is live"},
	{name: "when a program was published", table: "programs", do: set("programs", "published", "version = 1", more), wants: "publishing time of program version 1"},
	{name: "a code", table: "codes", do: statement(`UPDATE codes SET code = 'AAAAC' WHERE code = 'AAAAA'`), wants: "code AAAAC: expected the key"},
	{name: "a code's key", table: "codes", do: set("codes", "key", "batch = 1", flip), wants: "expected the key"},
	{name: "a voucher that nobody issued", table: "codes", do: statement(`UPDATE codes SET redemption = 'evt' WHERE code = 'AAAAA'`), wants: "a decision that issued it"},
	{name: "a name's number", table: "names", do: statement(`DELETE FROM names WHERE no = 3`), wants: "register of names"},
}

const (
	identities = `digest IS NULL AND EXISTS (SELECT 1 FROM directory d WHERE d.seq_shard = directory.seq_shard AND d.seq = directory.seq
		AND d.digest IS NULL AND d.key < directory.key AND d.member <> 0) AND NOT EXISTS (SELECT 1 FROM journal j WHERE j.shard = directory.seq_shard AND j.seq = directory.seq AND j.kind = 1)`
	orders = `digest IS NULL AND EXISTS (SELECT 1 FROM journal j WHERE j.shard = directory.seq_shard AND j.seq = directory.seq AND j.kind = 4)`
)

// swapEntries lets two neighbours change their numbers.
func swapEntries(t *testing.T, db *sql.DB) {
	t.Helper()
	const where = `shard = (SELECT min(shard) FROM journal WHERE ` + aPurchase + `) AND seq = `
	run(t, db, `UPDATE journal SET seq = 1000000 WHERE `+where+`3`)
	run(t, db, `UPDATE journal SET seq = 3 WHERE `+where+`4`)
	run(t, db, `UPDATE journal SET seq = 4 WHERE `+where+`1000000`)
}

// strangeKey binds an event id that no entry has, to an entry that exists.
func strangeKey(t *testing.T, db *sql.DB) {
	t.Helper()
	run(t, db, `INSERT INTO directory SELECT shard, $1, member, seq_shard, seq, digest FROM directory WHERE digest IS NOT NULL ORDER BY shard, key LIMIT 1`, []byte("0123456789abcdef"))
}

// TestVerifyNamesDamage damages a healthy database in one place after another:
// verify must name each, and pass again when it is mended.
func TestVerifyNamesDamage(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		h := newHistory(t, url)
		wantHealthy(t, h.Store)
		db := rawDatabase(t, url)
		for _, one := range damages {
			t.Run(one.name, func(t *testing.T) {
				restore := remember(t, db, one.table)
				one.do(t, db)
				v := verify(t, h.Store, app.VerifyOptions{})
				if v.Difference == nil {
					t.Error("verify found nothing")
				} else if got := v.Difference.Error(); !containsOne(got, one.wants) {
					t.Errorf("verify says %q, want %q", got, one.wants)
				}
				restore()
			})
		}
		wantHealthy(t, h.Store)
	})
}

func containsOne(s, alternatives string) bool {
	return slices.ContainsFunc(strings.Split(alternatives, "|"), func(one string) bool { return strings.Contains(s, one) })
}

// remember gives a function that puts the table's rows back as they are now.
func remember(t *testing.T, db *sql.DB, table string) func() {
	t.Helper()
	rows, err := db.Query("SELECT * FROM " + table)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var all [][]any
	for rows.Next() {
		values, places := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			places[i] = &values[i]
		}
		if err := rows.Scan(places...); err != nil {
			t.Fatal(err)
		}
		for i := range values {
			if b, ok := values[i].([]byte); ok && len(b) == 0 {
				values[i] = []byte{} // empty, not absent
			}
		}
		all = append(all, values)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	parameters := make([]string, len(columns))
	for i := range parameters {
		parameters[i] = fmt.Sprintf("$%d", i+1)
	}
	return func() {
		tx, err := db.BeginTx(context.Background(), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback()
		if _, err := tx.Exec("DELETE FROM " + table); err != nil {
			t.Fatal(err)
		}
		for _, values := range all {
			if _, err := tx.Exec(fmt.Sprintf("INSERT INTO %s VALUES (%s)", table, strings.Join(parameters, ", ")), values...); err != nil {
				t.Fatal(err)
			}
		}
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestVerifyFollowsTheAuditTrail changes a row of the audit trail behind the triggers that
// keep it.
func TestVerifyFollowsTheAuditTrail(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		h := openHouse(t, url)
		h.owner()
		if v := verify(t, h.Store, app.VerifyOptions{}); v.Difference != nil || v.Audits != 3 {
			t.Fatalf("%v, %d rows", v.Difference, v.Audits)
		}
		db := rawDatabase(t, url)
		if h.Store.Dialect() == store.Postgres {
			run(t, db, "ALTER TABLE audit DISABLE TRIGGER ALL")
		} else {
			rows, err := db.Query("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'")
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for rows.Next() {
				var name string
				if err := rows.Scan(&name); err != nil {
					t.Fatal(err)
				}
				names = append(names, name)
			}
			rows.Close()
			for _, name := range names {
				run(t, db, "DROP TRIGGER "+name)
			}
		}
		run(t, db, "UPDATE audit SET address = '203.0.113.66' WHERE seq = 2")
		if v := verify(t, h.Store, app.VerifyOptions{}); v.Difference == nil || v.Difference.What != "row 2 of the audit trail" {
			t.Errorf("%v, want that row 2 of the audit trail is another", v.Difference)
		}
	})
}

// TestSignedHeads cuts the journal off behind all that could show it inside the
// database: the signed heads outside it do.
func TestSignedHeads(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		h := newHistory(t, url)
		file := filepath.Join(t.TempDir(), "premia.heads")
		key, err := app.HeadsKey(file + ".key")
		if err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(file + ".key"); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the key's file: %v (%v), want 0600", info.Mode(), err)
		}
		again, err := app.HeadsKey(file + ".key")
		if err != nil || !again.Equal(key) {
			t.Errorf("the key is another one the second time (%v)", err)
		}
		if err := h.SignHeads(t.Context(), file, key); err != nil {
			t.Fatal(err)
		}
		h.append(h.purchase(0, "1.00", "till"))
		// The runner has a line of today, then signs the next day's once.
		h.StartHeads(t.Context(), file, key).Stop()
		h.clock.Advance(24 * 60 * 60 * 1e9)
		h.StartHeads(t.Context(), file, key).Stop()
		h.StartHeads(t.Context(), file, key).Stop()
		public, err := app.PublicHeadsKey(file + ".key" + app.PublicSuffix)
		if err != nil {
			t.Fatal(err)
		}
		lines, err := app.ReadHeads(file, public)
		if err != nil || len(lines) != 2 {
			t.Fatalf("%d lines (%v), want 2", len(lines), err)
		}
		o := app.VerifyOptions{Heads: lines}
		if v := verify(t, h.Store, o); v.Difference != nil || v.SignedHeads != int64(2*len(h.Store.Shards())) {
			t.Fatalf("%v, %d signed heads", v.Difference, v.SignedHeads)
		}
		db := rawDatabase(t, url)
		for _, table := range []string{"postings", "directory", "search", "personal", "members", "quotas", "journal"} {
			run(t, db, "DELETE FROM "+table)
		}
		if v := verify(t, h.Store, app.VerifyOptions{}); v.Difference != nil {
			t.Errorf("an empty database contradicts nothing, but: %v", v.Difference)
		}
		if v := verify(t, h.Store, o); v.Difference == nil || v.Difference.What != "signed head" {
			t.Errorf("%v, want that a signed head is missing", v.Difference)
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		changed := strings.Replace(string(text), `"seq":`, `"seq":1`, 1)
		if err := os.WriteFile(file, []byte(changed), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := app.ReadHeads(file, public); err == nil || !strings.Contains(err.Error(), ":1: ") {
			t.Errorf("a changed line: %v, want an error that names line 1", err)
		}
	})
}
