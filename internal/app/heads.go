package app

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"premia/internal/store"
)

// SignedHead is the end of a shard's journal at some moment. As each entry's
// hash covers all entries before it, it stands for the whole shard.
type SignedHead struct {
	Shard store.Shard `json:"shard"`
	Seq   int64       `json:"seq"`
	// Hash is in hexadecimal.
	Hash string `json:"hash"`
}

// HeadsLine is a line of the file of signed heads: what the journal was at a
// moment, outside the database, so that cutting it off or writing it anew shows.
type HeadsLine struct {
	Time  time.Time    `json:"time"`
	Heads []SignedHead `json:"heads"`
	// Signature is Ed25519 over the line without it, in base64.
	Signature string `json:"signature,omitempty"`
}

func signedHead(h store.Head) SignedHead {
	return SignedHead{Shard: h.Shard, Seq: h.Seq, Hash: hex.EncodeToString(h.Hash[:])}
}

// signed gives the bytes that the signature covers.
func (l *HeadsLine) signed() []byte {
	bare := *l
	bare.Signature = ""
	body, err := json.Marshal(bare)
	if err != nil {
		panic(err) // texts, numbers and a time of this era always marshal
	}
	return append([]byte("premia heads 1\n"), body...)
}

// PublicSuffix is added to the name of a key's file for its public half.
const PublicSuffix = ".pub"

// HeadsKey reads the key for signing heads, and makes it at first use: the
// private half in the file, for its owner alone, the public one beside it. Keep
// a copy of the public half where whoever writes the database can't.
func HeadsKey(file string) (ed25519.PrivateKey, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return makeHeadsKey(file)
	}
	if err != nil {
		return nil, fmt.Errorf("read the key for signing heads: %w", err)
	}
	seed, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("%s is no key for signing heads: it should be one line of base64 with %d bytes; restore it, or name another file", file, ed25519.SeedSize)
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

func makeHeadsKey(file string) (ed25519.PrivateKey, error) {
	public, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	if err := writeNew(file, base64.StdEncoding.EncodeToString(key.Seed())+"\n", 0o600); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return HeadsKey(file) // another server was faster
		}
		return nil, fmt.Errorf("make the key for signing heads: %w", err)
	}
	if err := writeNew(file+PublicSuffix, base64.StdEncoding.EncodeToString(public)+"\n", 0o644); err != nil {
		return nil, fmt.Errorf("keep the public half of the key for signing heads: %w", err)
	}
	return key, nil
}

// writeNew writes a file that must not exist, to the disk; it is there with its
// whole text or not at all.
func writeNew(name, text string, mode fs.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".premia-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Link(f.Name(), name)
}

// PublicHeadsKey reads the public half of a key for signing heads.
func PublicHeadsKey(file string) (ed25519.PublicKey, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the public key of signed heads: %w", err)
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) != ed25519.PublicKeySize {
		return nil, fmt.Errorf("%s is no public key: it should be one line of base64 with %d bytes", file, ed25519.PublicKeySize)
	}
	return key, nil
}

// SignHeads adds a line with the present ends of the journal of all shards,
// signed, to the file, and writes it to the disk.
func (a *App) SignHeads(ctx context.Context, file string, key ed25519.PrivateKey) error {
	line := HeadsLine{Time: a.Journal.Now().In(time.UTC)}
	for _, shard := range a.Store.Shards() {
		head, err := a.Store.Head(ctx, shard)
		if err != nil {
			return fmt.Errorf("sign the heads of the journal: %w", err)
		}
		line.Heads = append(line.Heads, signedHead(head))
	}
	line.Signature = base64.StdEncoding.EncodeToString(ed25519.Sign(key, line.signed()))
	body, err := json.Marshal(line)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("keep the signed heads of the journal: %w", err)
	}
	_, err = f.Write(append(body, '\n'))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("keep the signed heads of the journal: %w", err)
	}
	return nil
}

// ReadHeads reads a file of signed heads. With a key, each line's signature must
// be that key's. The error names the line.
func ReadHeads(file string, key ed25519.PublicKey) ([]HeadsLine, error) {
	body, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the signed heads: %w", err)
	}
	var lines []HeadsLine
	in := bufio.NewScanner(bytes.NewReader(body))
	in.Buffer(nil, len(body)+1)
	for n := 1; in.Scan(); n++ {
		var line HeadsLine
		if err := json.Unmarshal(in.Bytes(), &line); err != nil {
			return nil, fmt.Errorf("%s:%d: this is no line of signed heads: %w", file, n, err)
		}
		signature, err := base64.StdEncoding.DecodeString(line.Signature)
		if key != nil && (err != nil || !ed25519.Verify(key, line.signed(), signature)) {
			return nil, fmt.Errorf("%s:%d: %w", file, n, ErrSignature)
		}
		for _, head := range line.Heads {
			if hash, err := hex.DecodeString(head.Hash); err != nil || len(hash) != 32 {
				return nil, fmt.Errorf("%s:%d: %q is no hash", file, n, head.Hash)
			}
		}
		lines = append(lines, line)
	}
	return lines, in.Err()
}

// ErrSignature says that a line of the file of signed heads was not signed with
// the key, or was changed afterwards.
var ErrSignature = errors.New("the line's signature is not of this key: it was changed, or another key signed it")

// recordedHeads gives the hashes that entries must have.
func recordedHeads(lines []HeadsLine) map[store.Shard]map[int64][32]byte {
	all := make(map[store.Shard]map[int64][32]byte)
	for i := range lines {
		for _, head := range lines[i].Heads {
			if head.Seq == 0 {
				continue
			}
			if all[head.Shard] == nil {
				all[head.Shard] = make(map[int64][32]byte)
			}
			var hash [32]byte
			// ReadHeads has checked that it is a hash.
			_, _ = hex.Decode(hash[:], []byte(head.Hash))
			// Two lines may say different things of one entry, if the journal was
			// written anew between them: the first is right.
			if _, earlier := all[head.Shard][head.Seq]; !earlier {
				all[head.Shard][head.Seq] = hash
			}
		}
	}
	return all
}

// Heads signs the heads of the journal once a day.
type Heads struct {
	app     *App
	file    string
	key     ed25519.PrivateKey
	stop    context.CancelFunc
	running sync.WaitGroup
	failure atomic.Pointer[error]
}

// StartHeads signs the heads now, unless the file has a line of today (UTC), and
// from then on once a day; Stop ends it.
func (a *App) StartHeads(ctx context.Context, file string, key ed25519.PrivateKey) *Heads {
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	h := &Heads{app: a, file: file, key: key, stop: stop}
	h.running.Go(func() { h.run(ctx) })
	return h
}

// Stop ends the signing, after the line at hand.
func (h *Heads) Stop() {
	h.stop()
	h.running.Wait()
}

// Err gives why the last attempt failed; nil if it did not.
func (h *Heads) Err() error {
	if p := h.failure.Load(); p != nil {
		return *p
	}
	return nil
}

// lookEvery is how often it is asked whether a new day has begun.
const lookEvery = time.Minute

func (h *Heads) run(ctx context.Context) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	signed := h.lastDay()
	for {
		if today := dayOf(h.app.Journal.Now().In(time.UTC)); today != signed {
			if err := h.app.SignHeads(context.WithoutCancel(ctx), h.file, h.key); err != nil {
				h.app.Log.Error("the heads of the journal could not be signed", "error", err)
				h.failure.Store(&err)
			} else {
				h.failure.Store(nil)
				signed = today
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func dayOf(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// lastDay gives the day of the file's last line; empty if it has none.
func (h *Heads) lastDay() string {
	lines, err := ReadHeads(h.file, nil)
	if err != nil || len(lines) == 0 {
		return ""
	}
	return dayOf(lines[len(lines)-1].Time)
}
