package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
)

func init() {
	conformance["codes"] = codes
	conformance["a batch of codes"] = batchOfCodes
	conformance["a batch of codes goes on"] = batchOfCodesGoesOn
	conformance["codes in a batch of events"] = codesOfEvents
}

func codeNo(i int) Code {
	return Code{
		Key: keyNo(i), Code: fmt.Sprintf("CODE-%d", i), Reward: 7, Batch: 1, Number: int64(i),
		From: calendar.Beginning, Until: calendar.Never, Uses: 3,
	}
}

func codes(t *testing.T, sub *subject) {
	s, ctx := sub.open(t), t.Context()
	var all []Code
	for i := range 300 {
		all = append(all, codeNo(i))
	}
	same(t, "added", must[int64](t)(s.AddCodes(ctx, all)), 300)
	same(t, "added again, with one that is new", must[int64](t)(s.AddCodes(ctx, append(all, codeNo(300)))), 1)
	found := must[map[Key]Code](t)(s.Codes(ctx, []Key{keyNo(3), keyNo(1000), keyNo(299)}))
	same(t, "found", found, map[Key]Code{keyNo(3): codeNo(3), keyNo(299): codeNo(299)})
	page := must[[]Code](t)(s.CodesOfBatch(ctx, 1, 9, 2))
	same(t, "of the batch", page, []Code{codeNo(10), codeNo(11)})
	same(t, "of no batch", must[[]Code](t)(s.CodesOfBatch(ctx, 0, -1, 2)), nil)

	for range 2 { // the second time it is the member's already
		if err := s.GiveCode(ctx, keyNo(3), 55); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := s.BlockCode(ctx, CodeBlock{keyNo(3), 70}); err != nil {
			t.Fatal(err)
		}
		if err := s.BlockCode(ctx, CodeBlock{keyNo(3), 71}); err != nil {
			t.Fatal(err)
		}
	}
	for what, err := range map[string]error{
		"a member's code was given to another": s.GiveCode(ctx, keyNo(3), 56),
		"a code that is not there was given":   s.GiveCode(ctx, keyNo(1000), 56),
		"a code that is not there was blocked": s.BlockCode(ctx, CodeBlock{keyNo(1000), 1}),
	} {
		if !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: %v", what, err)
		}
	}
	want := codeNo(3)
	want.Member, want.Blocked = 55, 70
	same(t, "of the member", must[[]Code](t)(s.CodesOfMember(ctx, 55, calendar.Beginning, 10)), []Code{want})
	same(t, "of nobody", must[[]Code](t)(s.CodesOfMember(ctx, 0, calendar.Beginning, 10)), nil)
	same(t, "that have not ended", must[[]Code](t)(s.CodesOfMember(ctx, 55, want.Until-1, 10)), []Code{want})
	same(t, "that have ended", must[[]Code](t)(s.CodesOfMember(ctx, 55, want.Until, 10)), nil)

	n := 0
	err := s.Snapshots(ctx, 1, func(all []*Snapshot) error {
		for _, shard := range s.Shards() {
			for after := []byte(nil); ; {
				page, err := all[0].Codes(ctx, shard, after, 7)
				if err != nil {
					return err
				}
				if n += len(page); len(page) < 7 {
					break
				}
				after = page[6].Key[:]
			}
		}
		return nil
	})
	if err != nil || n != 301 {
		t.Errorf("a snapshot has %d codes (%v), want 301", n, err)
	}
}

func newBatch(id string, wanted int64) CodeBatch {
	return CodeBatch{ID: id, Reward: 7, Pattern: "A-#####", Series: "A#####", Wanted: wanted, Ends: wanted + 5,
		From: 10, Until: 20, Uses: 1, Digest: []byte("digest"), Created: 9}
}

func batchOfCodes(t *testing.T, sub *subject) {
	s, ctx := sub.open(t), t.Context()
	first := must[CodeBatch](t)(s.BeginCodes(ctx, newBatch("one", 100)))
	want := newBatch("one", 100)
	want.Batch, want.Ends = 1, 105
	same(t, "the first batch", first, want)
	again := newBatch("one", 3)
	same(t, "the same id again", must[CodeBatch](t)(s.BeginCodes(ctx, again)), want)
	second := must[CodeBatch](t)(s.BeginCodes(ctx, newBatch("two", 10)))
	if second.Batch != 2 || second.First != 105 || second.Next != 105 || second.Ends != 120 {
		t.Errorf("the second batch is %+v", second)
	}
	other := newBatch("three", 10)
	other.Series = ""
	if other = must[CodeBatch](t)(s.BeginCodes(ctx, other)); other.Batch != 3 || other.First != 0 || other.Ends != 15 {
		t.Errorf("a batch of another series is %+v", other)
	}
	same(t, "by id", must[CodeBatch](t)(s.CodeBatch(ctx, "two")), second)
	same(t, "all", must[[]CodeBatch](t)(s.CodeBatches(ctx)), []CodeBatch{first, second, other})
	if _, err := s.CodeBatch(ctx, "four"); !errors.Is(err, ErrNotFound) {
		t.Errorf("a batch that is not there: %v", err)
	}
}

// fillFrom makes codes of a batch, so many at a time.
func fillFrom(n int64) func(*CodeBatch) ([]Code, error) {
	return func(b *CodeBatch) (codes []Code, err error) {
		for range min(n, b.Wanted-b.Made) {
			c := codeNo(int(b.Next))
			c.Batch = b.Batch
			codes = append(codes, c)
			b.Next++
		}
		return codes, nil
	}
}

func batchOfCodesGoesOn(t *testing.T, sub *subject) {
	s, ctx := sub.open(t), t.Context()
	foreign := codeNo(3)
	foreign.Batch = 99
	must[int64](t)(s.AddCodes(ctx, []Code{foreign}))
	b := must[CodeBatch](t)(s.BeginCodes(ctx, newBatch("one", 50)))
	failed := errors.New("stopped")
	_, err := s.MoreCodes(ctx, b.Batch, 5, func(b *CodeBatch) ([]Code, error) {
		b.Next = 40
		return nil, failed
	})
	if !errors.Is(err, failed) {
		t.Fatal(err)
	}
	if _, err := s.MoreCodes(ctx, 77, 5, fillFrom(1)); !errors.Is(err, ErrNotFound) {
		t.Errorf("a batch that is not there: %v", err)
	}
	// Several go on with it at once.
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for {
				b, err := s.MoreCodes(context.WithoutCancel(ctx), b.Batch, 5, fillFrom(7))
				if err != nil {
					t.Error(err)
					return
				}
				if b.Finished != calendar.None {
					return
				}
			}
		})
	}
	group.Wait()
	b = must[CodeBatch](t)(s.CodeBatch(ctx, "one"))
	if b.Made != 50 || b.Next != 51 || b.Finished != 5 {
		t.Errorf("the batch is %+v", b)
	}
	made := must[[]Code](t)(s.CodesOfBatch(ctx, b.Batch, -1, 100))
	if len(made) != 50 || made[3].Number != 4 || made[49].Number != 50 {
		t.Errorf("%d codes, up to %d", len(made), made[len(made)-1].Number)
	}
}

func codesOfEvents(t *testing.T, sub *subject) {
	s := sub.open(t)
	voucher := Code{Key: keyNo(1), Code: "V", Reward: 7, Member: 5, Bearer: true, From: 1, Until: 2, Uses: 1, Redemption: "evt_1"}
	write(t, s, &Writes{Codes: []Code{voucher}})
	moved := voucher
	moved.Member = 6
	write(t, s, &Writes{MoveCodes: []CodeMove{{5, 6}, {0, 9}}})
	batch(t, s, func(ctx context.Context, b *Batch) error {
		same(t, "moved", must[map[Key]Code](t)(b.Codes(ctx, []Key{keyNo(1), keyNo(2)})), map[Key]Code{keyNo(1): moved})
		return nil
	})
	write(t, s, &Writes{BlockCodes: []CodeBlock{{keyNo(1), 12}, {keyNo(2), 12}}})
	moved.Blocked = 12
	same(t, "blocked", must[[]Code](t)(s.CodesOfMember(t.Context(), ledger.MemberID(6), calendar.Beginning, 5)), []Code{moved})
	err := s.Batch(t.Context(), s.Shards(), func(b *Batch) error {
		return b.Write(t.Context(), &Writes{Codes: []Code{voucher}})
	})
	if !IsTransient(err) {
		t.Errorf("a code that is taken: %v, want an error after which the batch is done again", err)
	}
}
