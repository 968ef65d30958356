package store

import (
	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
)

// present gives bytes that are not NULL to the database.
func present(data []byte) []byte {
	if data == nil {
		return []byte{}
	}
	return data
}

func scanBinding(r row) (Binding, error) {
	var b Binding
	var member, shard int64
	var key, digest []byte
	if err := r.Scan(&key, &member, &shard, &b.At.Seq, &digest); err != nil {
		return b, err
	}
	b.Member, b.At.Shard, b.HasDigest = ledger.MemberID(member), Shard(shard), digest != nil
	copy(b.Key[:], key)
	copy(b.Digest[:], digest)
	return b, nil
}

func scanMember(r row) (Member, error) {
	var m Member
	var id, status, enrolled int64
	var merged, due *int64
	if err := r.Scan(&id, &status, &enrolled, &merged, &due, &m.Seq, &m.State); err != nil {
		return m, err
	}
	m.ID, m.Status, m.EnrolledAt = ledger.MemberID(id), uint8(status), calendar.Instant(enrolled)
	m.MergedInto, m.DueAt = orNone(merged, ledger.MemberID(0)), orNone(due, calendar.Never)
	return m, nil
}

func scanEntry(r row) (Entry, error) {
	var e Entry
	var shard, member, kind, mask, at, recorded int64
	var hash []byte
	if err := r.Scan(&shard, &e.Seq, &member, &e.Prev, &kind, &mask, &at, &recorded, &e.Event, &e.Decision, &hash); err != nil {
		return e, err
	}
	e.Shard, e.Member, e.Kind, e.Mask = Shard(shard), ledger.MemberID(member), uint8(kind), uint32(mask)
	e.At, e.Recorded = calendar.Instant(at), calendar.Instant(recorded)
	copy(e.Hash[:], hash)
	return e, nil
}

func scanPersonal(r row, member ledger.MemberID) (Personal, error) {
	p := Personal{Member: member}
	var recorded int64
	err := r.Scan(&p.Kind, &p.Name, &p.Value, &p.Salt, &recorded)
	p.Recorded = calendar.Instant(recorded)
	return p, err
}

// statement is a statement with its values.
type statement struct {
	text   string
	values []any
}

// coldStatements are the parts of a batch that are rare, one statement each.
func (w *Writes) coldStatements(s *Store) []statement {
	var all []statement
	for member, seq := range w.lastOnly {
		all = append(all, statement{setLastEntry, []any{int64(s.ShardOf(member)), int64(member), seq}})
	}
	for i := range w.Members {
		if m := &w.Members[i]; m.Moved {
			all = append(all, statement{setListed, []any{int64(s.ShardOf(m.ID)), int64(m.ID), int64(m.Status), int64(m.EnrolledAt)}})
		}
	}
	for i := range w.Names {
		all = append(all, statement{insertName, []any{int64(w.Names[i].No), w.Names[i].Name}})
	}
	for i := range w.Programs {
		p := &w.Programs[i]
		all = append(all, statement{insertProgram, []any{p.Version, present(p.Document), int64(p.LiveFrom), int64(p.Published), present(p.Digest), p.Comment}})
	}
	for i := range w.Cursors {
		all = append(all, statement{putCursor, w.Cursors[i].values()})
	}
	all = append(all, w.scoreStatements(s)...)
	return append(all, w.codeStatements(s)...)
}

func (c *Cursor) values() []any { return []any{c.Subscriber, int64(c.Shard), c.Seq} }

func (f *PersonalKey) values(s *Store) []any {
	return []any{int64(s.ShardOf(f.Member)), int64(f.Member), f.Kind, f.Name, f.Value}
}
