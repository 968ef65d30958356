package app

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"fmt"

	"premia/internal/core/ledger"
	"premia/internal/store"
)

// termSum adds up words by which members are found, in any order: two sums are the same
// if the words are.
type termSum struct {
	count int64
	sum   [sha256.Size]byte
}

func (s *termSum) add(term string, member ledger.MemberID, salt []byte) {
	var id [8]byte
	binary.BigEndian.PutUint64(id[:], uint64(member))
	h := sha256.New()
	fmt.Fprintf(h, "%d:%s", len(term), term)
	h.Write(id[:])
	h.Write(salt)
	s.count++
	subtle.XORBytes(s.sum[:], s.sum[:], h.Sum(nil))
}

// compareTerms compares the words by which members are found with those of the personal
// values, which were compared before.
func (c *shardCheck) compareTerms(ctx context.Context) error {
	var found termSum
	for after := (store.TermRow{Member: store.FirstMember}); ; {
		rows, err := c.snap.Terms(ctx, c.shard, after, pageOfRows)
		if err != nil {
			return err
		}
		for i := range rows {
			found.add(rows[i].Term, rows[i].Member, rows[i].Salt)
		}
		if len(rows) < pageOfRows {
			break
		}
		after = rows[len(rows)-1]
	}
	if c.out.Terms = found.count; found != c.terms {
		return c.differ(0, 0, "words by which members are found", fmt.Sprintf("the %d of their personal values", c.terms.count), fmt.Sprintf("%d, or others", found.count))
	}
	return nil
}

// compareAudit compares each row of the audit trail with its hash and the one before.
func (v *verifier) compareAudit(ctx context.Context, snap *store.Snapshot) error {
	rows, err := followAudit(func(after int64) ([]store.Audit, error) { return snap.Audits(ctx, after, pageOfRows) })
	if v.out.Audits = rows; isBroken(err) {
		return everywhere(fmt.Sprintf("row %d of the audit trail", rows+1), "the row that was written after the one before", "another, or none")
	}
	return err
}
