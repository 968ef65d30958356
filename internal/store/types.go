package store

import (
	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
)

// Shard is one of the parts into which members and keys are spread when a
// database is created; the value stands in the first column of hot tables.
type Shard int32

// Key is the hash of something unique in the workspace: an event id, an order
// number, an identity, a code. The caller hashes; the first eight bytes choose
// the shard, so they must be spread evenly.
type Key [16]byte

// Digest is a hash of a request, kept to tell a repetition from a reuse of its
// id.
type Digest [16]byte

// Position is the place of an entry in the journal. Sequence numbers start at 1.
type Position struct {
	Shard Shard
	Seq   int64
}

// Binding says to whom a key belongs, and the entry that bound it.
type Binding struct {
	Key    Key
	Member ledger.MemberID
	At     Position
	// Digest counts only with HasDigest.
	Digest    Digest
	HasDigest bool
}

// Head is the last entry of a shard's journal; Seq 0 and a zero hash while the
// journal is empty.
type Head struct {
	Shard Shard
	Seq   int64
	Hash  [32]byte
}

// Entry is one row of the journal.
type Entry struct {
	Position
	// Member is 0 for an entry that belongs to no member.
	Member ledger.MemberID
	// Prev is the member's entry before this one, 0 for the first. The store
	// fills it in when it writes.
	Prev int64
	Kind uint8
	// Mask has a bit for each subscriber that the entry concerns.
	Mask uint32
	// At is when the event happened, Recorded when it was written.
	At, Recorded    calendar.Instant
	Event, Decision []byte
	Hash            [32]byte
}

// Member is a member's row.
type Member struct {
	ID         ledger.MemberID
	Status     uint8
	EnrolledAt calendar.Instant
	// MergedInto is the member that took this one's place; 0 if none did.
	MergedInto ledger.MemberID
	// DueAt is the earliest instant at which something happens to the member by
	// itself; calendar.Never if nothing does.
	DueAt calendar.Instant
	// Seq is the member's last entry in the journal of its shard. The store
	// raises it when it writes an entry of the member.
	Seq   int64
	State []byte
	// Moved tells, when a known member is written, that Status or EnrolledAt may be
	// another than before: without it they stay. It is never read.
	Moved bool
}

// Personal is one personal value of a member, kept apart from the journal so
// that it can be erased. Salt makes the digest in the journal unguessable and
// tells values of one name apart; it is random and not empty.
type Personal struct {
	Member            ledger.MemberID
	Kind, Name, Value string
	Salt              []byte
	Recorded          calendar.Instant
}

// The kinds of personal values.
const (
	Identity = "identity" // card, e-mail, phone, customer number
	Profile  = "profile"  // given name, birth date …
	Bank     = "bank"     // the account to which a redemption pays, by the redemption
)

// PersonalKey names personal values to forget. An empty Kind, Name or Value
// stands for all of them.
type PersonalKey struct {
	Member            ledger.MemberID
	Kind, Name, Value string
}

// Covers tells whether the value is among those that the key names.
func (k *PersonalKey) Covers(p *Personal) bool {
	fits := func(wanted, is string) bool { return wanted == "" || wanted == is }
	return k.Member == p.Member && fits(k.Kind, p.Kind) && fits(k.Name, p.Name) && fits(k.Value, p.Value)
}

// QuotaUse takes Amount from a quota of at most Cap; a negative amount gives
// back.
type QuotaUse struct {
	Quota  ledger.Quota
	Amount int64
	Cap    int64
}

// QuotaState is a use together with what was used of the quota before it.
type QuotaState struct {
	QuotaUse
	Used int64
}

// Quota is a row of the quotas.
type Quota struct {
	Quota ledger.Quota
	Used  int64
	Cap   int64
}

// PostedAt is a posting in the journal: the N-th (from 0) of its entry.
type PostedAt struct {
	Position
	N int
	ledger.Posting
}

// PostingTotal is the sum of the postings that agree in all but amount and time.
type PostingTotal struct {
	Wallet   ledger.Name
	From, To ledger.Account
	Kind     ledger.Kind
	Rule     ledger.Name
	Amount   int64
	Count    int64
}

// Program is one published version of the program.
type Program struct {
	Version   int64
	Document  []byte
	LiveFrom  calendar.Instant
	Published calendar.Instant
	Digest    []byte
	Comment   string
}

// Named is an entry of the workspace's register of names.
type Named struct {
	No   ledger.Name
	Name string
}

// Cursor says that a subscriber has done the journal of a shard up to Seq.
type Cursor struct {
	Subscriber string
	Shard      Shard
	Seq        int64
}

// Parked is something a subscriber could not do. Position and N say what it
// came from: the N-th follow-up of that entry.
type Parked struct {
	ID         int64 // given by the database
	Subscriber string
	Position
	N        int
	Attempts int
	Error    string
	Recorded calendar.Instant
	Event    []byte
}

// APIKey is a key of the API; the key itself is known only by its hash. Expires,
// Revoked and LastUsed are calendar.None when there is no such instant.
type APIKey struct {
	ID       string
	Name     string
	Hash     []byte
	Scopes   string
	Created  calendar.Instant
	Expires  calendar.Instant
	Revoked  calendar.Instant
	LastUsed calendar.Instant
}

// Counts are the numbers of rows.
type Counts struct {
	Members  int64
	Entries  int64
	Postings int64
	Keys     int64
	Personal int64
}

// Size is the room that a table takes, with its indexes, in bytes.
type Size struct {
	Table string
	Bytes int64
}

// Writes is all that a batch writes in one go. Positions of entries and postings
// must lie in locked shards, and a member's row in a shard that is locked.
// Entries of one shard come in ascending order.
type Writes struct {
	Entries    []Entry
	Postings   []PostedAt
	Members    []Member // known members; written over, Status and EnrolledAt with Moved alone
	NewMembers []Member // must not exist yet
	// ForgetPersonal happens before Personal is written.
	ForgetPersonal []PersonalKey
	Personal       []Personal
	Names          []Named
	Programs       []Program
	Cursors        []Cursor
	Quotas         []QuotaUse
	// Codes are vouchers, whose keys must be free; BlockCodes and MoveCodes happen
	// after they are written.
	Codes      []Code
	BlockCodes []CodeBlock
	MoveCodes  []CodeMove

	// DropScores are members who lose all their scores, before Scores are written.
	DropScores []ledger.MemberID
	Scores     []Score

	lastOnly map[ledger.MemberID]int64 // last entries of members not in the lists
}
