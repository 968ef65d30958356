package journal

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
)

// MessageID names a message of a kind about a decided event, for receivers outside:
// the same for ever, wherever the entry stands.
func (j *Journal) MessageID(a *Answer, kind int64) string {
	sum := j.keys.make("message", Cause(a.Event, a.Member, a.Decision.Clock)+"/"+strconv.FormatInt(kind, 10))
	return messagePrefix + hex.EncodeToString(sum[:])
}

const messagePrefix = "msg_"

// Subkey derives a key of 32 bytes for a purpose from the workspace's secret (HKDF with
// SHA-256, RFC 5869), so that what is sealed with it is opened by whoever has the
// database as a whole, and by nobody who has a table of it.
func (j *Journal) Subkey(purpose string) ([]byte, error) {
	return hkdf.Key(sha256.New, j.keys.secret, nil, purpose, 32)
}

// Changed gives a channel that is closed when this journal writes its next batch.
func (j *Journal) Changed() <-chan struct{} { return j.signal.wait() }
