package app

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/member"
	"premia/internal/journal"
	"premia/internal/store"
)

// keptDigest is the digest of a personal value in the journal.
type keptDigest struct {
	digest [16]byte
	seq    int64
	name   string // of the datum: the prefix, the value's kind and its name
	found  bool
	// ended tells that a later event replaced or removed the value, or erased the
	// member.
	ended bool
}

// keepDigests keeps the digests of personal values that the event brought, and
// notes which of those before it have no value any more: a profile has one value
// of each name, and an empty digest removes it.
func (m *replica) keepDigests(seq int64, e *event.Event, d *engine.Decision) {
	if e.Type == event.Merge && d.Outcome == engine.Applied {
		m.merges = append(m.merges, e.ID)
	}
	before := len(m.digests)
	for i := range e.Data {
		datum := &e.Data[i]
		if e.Type == event.Profile && datum.Name == member.Erased && datum.Whole != 0 {
			m.end(before, "")
		}
		if datum.Name == journal.GoneDigests {
			m.gone(before, strings.Fields(datum.Text))
			continue
		}
		if !strings.HasPrefix(datum.Name, journal.DigestPrefix) {
			continue
		}
		if strings.HasPrefix(datum.Name, journal.DigestPrefix+store.Profile+"_") {
			m.end(before, datum.Name)
		}
		for _, text := range strings.Fields(datum.Text) {
			kept := keptDigest{seq: seq, name: datum.Name}
			if n, err := hex.Decode(kept.digest[:], []byte(text[:min(len(text), 2*len(kept.digest))])); err == nil && n == len(kept.digest) {
				m.digests = append(m.digests, kept)
			}
		}
	}
}

// end marks those of the first digests that are of the name, or all.
func (m *replica) end(first int, name string) {
	for i := range m.digests[:first] {
		if name == "" || m.digests[i].name == name {
			m.digests[i].ended = true
		}
	}
}

// gone marks those of the first digests that are among others, in hexadecimal.
func (m *replica) gone(first int, digests []string) {
	for i := range m.digests[:first] {
		if slices.Contains(digests, hex.EncodeToString(m.digests[i].digest[:])) {
			m.digests[i].ended = true
		}
	}
}

// comparePersonal compares the personal values with their digests, and adds up the words by
// which members are found, and the pairs of each member's.
func (c *shardCheck) comparePersonal(ctx context.Context) error {
	var words []string
	var of ledger.MemberID
	pair := func(next ledger.MemberID) {
		for _, two := range store.Pairs(words) {
			c.terms.add(two, of, nil)
		}
		words, of = words[:0], next
	}
	for after := (store.Personal{Member: store.FirstMember}); ; {
		rows, err := c.snap.Personal(ctx, c.shard, after, pageOfRows)
		if err != nil {
			return err
		}
		for i := range rows {
			if err := c.comparePersonalValue(ctx, &rows[i]); err != nil {
				return err
			}
			if rows[i].Member != of {
				pair(rows[i].Member)
			}
			for _, term := range store.Terms(&rows[i]) {
				c.terms.add(term, of, rows[i].Salt)
				words = append(words, term)
			}
		}
		c.out.Personal += int64(len(rows))
		if len(rows) < pageOfRows {
			break
		}
		after = rows[len(rows)-1]
	}
	pair(0)
	if err := c.compareMissing(ctx); err != nil {
		return err
	}
	return c.compareTerms(ctx)
}

func (c *shardCheck) comparePersonalValue(ctx context.Context, p *store.Personal) error {
	what := fmt.Sprintf("personal value (%s %s)", p.Kind, p.Name)
	m := c.members[p.Member]
	if m == nil {
		return c.differ(0, p.Member, what, "a member", "none")
	}
	digest := journal.PersonalDigest(p)
	var raw [16]byte
	if _, err := hex.Decode(raw[:], []byte(digest)); err != nil {
		return err
	}
	known := false
	for i := range m.digests {
		if m.digests[i].digest == raw {
			m.digests[i].found, known = true, true
		}
	}
	if !known {
		return c.differ(m.last, p.Member, what, "a digest in the journal that agrees with it", "none that does")
	}
	if p.Kind != store.Identity {
		return nil
	}
	return c.compareIdentity(ctx, p, m)
}

// compareIdentity checks that the directory leads from an identity to the member
// whose personal values it is among: at once, or through members who were merged.
func (c *shardCheck) compareIdentity(ctx context.Context, p *store.Personal, m *replica) error {
	key := c.keys.Identity(journal.Identity{Kind: p.Name, Value: p.Value})
	bound, err := c.snap.Lookup(ctx, []store.Key{key})
	if err != nil {
		return err
	}
	b, there := bound[key]
	if !there {
		return nil
	}
	for id, hop := b.Member, 0; id != p.Member; hop++ {
		rows, err := c.snap.MembersByID(ctx, []ledger.MemberID{id})
		if err != nil {
			return err
		}
		if hop > mostMerges || len(rows) == 0 || rows[0].MergedInto == 0 {
			return c.differ(m.last, p.Member, "directory key of the identity "+p.Name, describeMember(p.Member), describeMember(b.Member))
		}
		id = rows[0].MergedInto
	}
	return nil
}

// mostMerges is the longest chain of members merged into one another that is
// followed; the journal follows fewer.
const mostMerges = 64

// compareMissing checks that each value which is not there any more was replaced,
// removed, erased or moved to the member who remained of a merge.
func (c *shardCheck) compareMissing(ctx context.Context) error {
	for _, id := range slices.Sorted(maps.Keys(c.members)) {
		m, asked, moved := c.members[id], false, false
		for i := range m.digests {
			kept := &m.digests[i]
			if kept.found {
				continue
			}
			if !kept.ended && !asked {
				var err error
				if moved, err = c.movedAway(ctx, id, m); err != nil {
					return err
				}
				asked = true
			}
			if !kept.ended && !moved {
				return c.differ(kept.seq, id, "personal value ("+describeDigest(kept.name)+")",
					"the value of this digest, or an event that changed, removed or erased it", "neither")
			}
			c.out.Forgotten++
		}
	}
	return nil
}

func describeDigest(name string) string {
	kind, name, _ := strings.Cut(strings.TrimPrefix(name, journal.DigestPrefix), "_")
	return kind + " " + name
}

// movedAway tells whether the personal values of a member who was merged went to
// another: the event that brings them is there, or nobody may have them, because
// the member who remained is erased.
func (c *shardCheck) movedAway(ctx context.Context, id ledger.MemberID, m *replica) (bool, error) {
	if len(m.merges) == 0 {
		return false, nil
	}
	keys := make([]store.Key, len(m.merges))
	for i, merge := range m.merges {
		keys[i] = c.keys.Event(c.keys.PersonalID(merge))
	}
	bound, err := c.snap.Lookup(ctx, keys)
	if err != nil || len(bound) > 0 {
		return err == nil, err
	}
	for range mostMerges {
		rows, err := c.snap.MembersByID(ctx, []ledger.MemberID{id})
		if err != nil || len(rows) == 0 {
			return false, err
		}
		if rows[0].MergedInto == 0 {
			return rows[0].Status == uint8(ledger.Erased), nil
		}
		id = rows[0].MergedInto
	}
	return false, errors.New("the members are merged in a circle: " + id.String())
}
