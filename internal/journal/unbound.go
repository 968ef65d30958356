package journal

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"premia/internal/core/ledger"
	"premia/internal/store"
)

// An identity stops being a member's by an erasure, which other servers find out when they
// come to the member, or because the member gave it up. Of that the member's row says
// nothing: so a setting changes with it, and each server that sees it changed forgets to
// whom identities are bound, and asks again.
const (
	unboundSetting = "identities.unbound"
	// unboundKept is how long a server may take an identity for a member's who gave it up.
	unboundKept = 5 * time.Second
)

// unbound is what the setting was when it was looked at last.
type unbound struct {
	looked atomic.Int64 // in nanoseconds, by the machine's clock
	mu     sync.Mutex
	mark   []byte
}

// lookUnbound forgets to whom identities are bound if one of them was given up.
func (j *Journal) lookUnbound(ctx context.Context) error {
	now, last := j.options.Machine().UnixNano(), j.unbound.looked.Load()
	if now >= last && now < last+int64(unboundKept) || !j.unbound.looked.CompareAndSwap(last, now) {
		return nil
	}
	mark, err := j.store.Setting(ctx, unboundSetting)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	j.unbound.mu.Lock()
	defer j.unbound.mu.Unlock()
	if !bytes.Equal(mark, j.unbound.mark) {
		j.known.clear()
		j.unbound.mark = mark
	}
	return nil
}

// Ask gives the member who answers for an identity now, as [Journal.FindCurrent] does, but
// takes nothing that is remembered for the truth: who signs in by an identity must have it
// at this moment.
func (j *Journal) Ask(ctx context.Context, id Identity) (ledger.MemberID, error) {
	j.known.forget(j.keys.identity(id))
	return j.FindCurrent(ctx, id)
}

// GoneDigests is the name of the datum that has the digests of identities which the event
// takes from its member, with spaces between them.
const GoneDigests = digestPrefix + "gone_identity"
