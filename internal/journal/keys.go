package journal

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strconv"
	"sync"

	"premia/internal/core/calendar"
	"premia/internal/core/chance"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/store"
)

// Identity is a name by which a member is known: the kind, such as "card" or
// "email", and its value in normal form.
type Identity struct {
	Kind, Value string
}

// String writes the identity as callers do.
func (i Identity) String() string { return i.Kind + ":" + i.Value }

// keyring makes the keys of the directory. Keys are hashes under the
// workspace's secret, so that the directory holds no personal data and nobody
// who lacks the secret can try telephone numbers on it.
type keyring struct{ secret []byte }

func (k keyring) make(kind, value string) (key store.Key) {
	mac := hmac.New(sha256.New, k.secret)
	mac.Write([]byte(kind))
	mac.Write([]byte{0})
	mac.Write([]byte(value))
	var sum [sha256.Size]byte
	copy(key[:], mac.Sum(sum[:0]))
	return key
}

func (k keyring) event(id string) store.Key { return k.make("event", id) }
func (k keyring) order(no string) store.Key { return k.make("order", no) }
func (k keyring) claim(no string) store.Key { return k.make("claim", no) }
func (k keyring) returned(no string, n int) store.Key {
	return k.make("returned", no+"/"+strconv.Itoa(n))
}
func (k keyring) identity(i Identity) store.Key { return k.make("identity."+i.Kind, i.Value) }

// code is the key of a code by its normal form, and window that of the quota of its
// uses: never 0, which stands for no window.
func (k keyring) code(normal string) store.Key { return k.make("code", normal) }

func windowOf(key store.Key) int64 {
	return max(int64(binary.BigEndian.Uint64(key[:])>>1), 1)
}

func (k keyring) followUp(cause string, n int) string {
	sum := k.make("follow-up", cause+"/"+strconv.Itoa(n))
	return followUpPrefix + hex.EncodeToString(sum[:])
}

// draw is the seed of what an event decides by chance.
func (k keyring) draw(event string) []byte {
	seed := chance.Seed(k.secret, "draw", event)
	return seed[:]
}

// contest is the seed of a contest's draw, and ticket the number of the n-th entry that
// an event gave: nobody can tell from it whose it is.
func (k keyring) contest(id string) []byte {
	seed := chance.Seed(k.secret, "contest", id)
	return seed[:]
}

func (k keyring) ticket(contest, event string, n int64) string {
	sum := k.make("ticket", contest+"/"+event+"/"+strconv.FormatInt(n, 10))
	return hex.EncodeToString(sum[:])
}

// contestEvent is the id of the event that tells the winner in a place of the order that
// was drawn; nobody else can use it before.
func (k keyring) contestEvent(contest string, place int) string {
	sum := k.make("contest-prize", contest+"/"+strconv.Itoa(place))
	return contestPrefix + hex.EncodeToString(sum[:])
}

// leaderboardEvent is the id of the event that gives the prize of a place on a
// leaderboard; nobody else can use it before.
func (k keyring) leaderboardEvent(counts string, since calendar.Instant, group string, place int64) string {
	name := strconv.FormatInt(int64(since), 10) + "/" + strconv.FormatInt(place, 10) + "/" + strconv.Itoa(len(counts)) + "/" + counts + "/" + group
	sum := k.make("leaderboard-prize", name)
	return leaderboardPrefix + hex.EncodeToString(sum[:])
}

// contestLapse is the id of the event that ends the claim of the winner in a place, and
// contestHolder is what stands for a member among a contest's winners.
func (k keyring) contestLapse(contest string, place int) string {
	sum := k.make("contest-lapse", contest+"/"+strconv.Itoa(place))
	return contestPrefix + hex.EncodeToString(sum[:])
}

func (k keyring) contestHolder(contest string, member ledger.MemberID) string {
	sum := k.make("contest-holder", contest+"/"+member.String())
	return hex.EncodeToString(sum[:8])
}

// account gives the number of the account that an event makes which is no
// person's, such as a gift card: the same event makes the same account.
func (k keyring) account(issue string) ledger.MemberID {
	sum := k.make("account", issue)
	return max(ledger.MemberID(binary.BigEndian.Uint64(sum[:])>>1), 1)
}

// Cause names a decided event for the ids of what follows from it. Time that
// passes has no id, but settles a member to one instant once; no caller's id
// begins as this does.
func Cause(e *event.Event, member ledger.MemberID, clock calendar.Instant) string {
	if e != nil && e.ID != "" {
		return e.ID
	}
	return "\x00" + member.String() + "/" + strconv.FormatInt(int64(clock), 10)
}

func (k keyring) personal(cause string) string {
	sum := k.make("personal", cause)
	return personalPrefix + hex.EncodeToString(sum[:])
}

const (
	followUpPrefix = "fol_"
	personalPrefix = "per_"
	contestPrefix  = "con_"

	leaderboardPrefix = "lea_"
)

// digest tells one request from another under the same event id: the event as
// the caller gave it, whose it is, and the personal values that come with it.
// It is keyed, so that it gives nothing away of these.
func (k keyring) digest(r *Request, s event.Scales) (d store.Digest) {
	mac := hmac.New(sha256.New, k.secret)
	body := r.Event.Digest(s)
	mac.Write(body[:])
	part := func(texts ...string) {
		for _, t := range texts {
			var n [4]byte
			binary.BigEndian.PutUint32(n[:], uint32(len(t)))
			mac.Write(n[:])
			mac.Write([]byte(t))
		}
	}
	part(strconv.FormatInt(int64(r.Member), 10), r.Identity.Kind, r.Identity.Value)
	for _, id := range r.Bind {
		part("bind", id.Kind, id.Value)
	}
	for _, id := range r.Unbind {
		part("unbind", id.Kind, id.Value)
	}
	for i := range r.Facts {
		part("fact", r.Facts[i].Name, r.Facts[i].Text)
	}
	for i := range r.Personal {
		part("personal", r.Personal[i].Kind, r.Personal[i].Name, r.Personal[i].Value)
	}
	for _, f := range r.Forget {
		part("forget", f.Kind, f.Name, f.Value)
	}
	var sum [sha256.Size]byte
	copy(d[:], mac.Sum(sum[:0]))
	return d
}

func freshSecret() []byte {
	secret := make([]byte, 32)
	rand.Read(secret) // never fails: it ends the program rather
	return secret
}

// freshMember gives a random positive number.
func freshMember() ledger.MemberID {
	var b [8]byte
	for {
		rand.Read(b[:])
		if id := ledger.MemberID(binary.BigEndian.Uint64(b[:]) >> 1); id != 0 {
			return id
		}
	}
}

// identities remembers to whom identities are bound, which changes only when a member is
// erased or gives one up, and which numbers are set aside for identities that are being
// enrolled just now.
type identities struct {
	mu      sync.Mutex
	members map[store.Key]ledger.MemberID
	pending map[store.Key]*setAside
	// forgotten counts how often something was forgotten: what was read before that may
	// not be true any more.
	forgotten uint64
}

// setAside is the number that the events of one new identity share until it is
// bound.
type setAside struct {
	member ledger.MemberID
	users  int
}

// maxKnown bounds the memory of identities to some 20 MB.
const maxKnown = 300_000

func (i *identities) init() {
	i.members = make(map[store.Key]ledger.MemberID)
	i.pending = make(map[store.Key]*setAside)
}

func (i *identities) bound(key store.Key) ledger.MemberID {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.members[key]
}

// state says which answers of the database may be remembered, for learn.
func (i *identities) state() uint64 {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.forgotten
}

// learn remembers what was read since a state, unless something was forgotten meanwhile.
func (i *identities) learn(state uint64, key store.Key, m ledger.MemberID) {
	if i.state() == state {
		i.bind(key, m)
	}
}

// clear forgets all but the numbers that are set aside.
func (i *identities) clear() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.forgotten++
	clear(i.members)
}

func (i *identities) bind(key store.Key, m ledger.MemberID) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if len(i.members) >= maxKnown {
		for victim := range i.members {
			delete(i.members, victim)
			if len(i.members) < maxKnown/2 {
				break
			}
		}
	}
	i.members[key] = m
}

func (i *identities) forget(key store.Key) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.forgotten++
	delete(i.members, key)
}

// take gives the member of a new identity. If held, its number is set aside
// until release is called.
func (i *identities) take(key store.Key) (m ledger.MemberID, held bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if m := i.members[key]; m != 0 {
		return m, false
	}
	p := i.pending[key]
	if p == nil {
		p = &setAside{member: freshMember()}
		i.pending[key] = p
	}
	p.users++
	return p.member, true
}

func (i *identities) release(key store.Key) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if p := i.pending[key]; p != nil {
		if p.users--; p.users <= 0 {
			delete(i.pending, key)
		}
	}
}
