package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"premia/internal/app"
	"premia/internal/store"
)

// verifyCommand compares a workspace's database with its journal.
type verifyCommand struct {
	DB       string `name:"db" required:"" help:"The workspace's database: sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE."`
	Heads    string `help:"The file of signed heads that a server kept outside the database: the journal must still hold them."`
	HeadsKey string `help:"The public key of the signed heads; HEADS.key.pub if not said."`
	JSON     bool   `name:"json" help:"Print the result as JSON."`
}

// Run writes nothing, and may run beside servers.
func (c *verifyCommand) Run(t *terminal) (err error) {
	o := app.VerifyOptions{}
	if o.Heads, err = readHeads(c.Heads, c.HeadsKey); err != nil {
		return err
	}
	s, err := store.Open(t.ctx, c.DB, store.Options{ReadOnly: true})
	if err != nil {
		return usagef("%v", err)
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	v, err := app.Verify(t.ctx, s, o)
	if err != nil {
		return err
	}
	if c.JSON {
		out := json.NewEncoder(t.out)
		out.SetIndent("", "  ")
		err = out.Encode(v)
	} else {
		err = printVerification(t.out, v)
	}
	if err == nil && v.Difference != nil {
		return errFailed
	}
	return err
}

// readHeads reads signed heads and checks their signatures; none without a file.
func readHeads(file, key string) ([]app.HeadsLine, error) {
	if file == "" {
		return nil, nil
	}
	if key == "" {
		key = file + headsKeySuffix + app.PublicSuffix
	}
	public, err := app.PublicHeadsKey(key)
	if err != nil {
		return nil, usagef("%v", err)
	}
	lines, err := app.ReadHeads(file, public)
	if err != nil && !errors.Is(err, app.ErrSignature) {
		return nil, usagef("%v", err)
	}
	return lines, err
}

// printVerification says in words what a verification came to.
func printVerification(w io.Writer, v *app.Verification) error {
	if v.Difference != nil {
		_, err := fmt.Fprintf(w, "The database is not as its journal says.\n%v\n", v.Difference)
		return err
	}
	p := &printer{w: w}
	p.line("All %s entries of the journal agree with the database (%s).", grouped(v.Entries), took(v.Milliseconds))
	p.line("  Decisions made again by revision %d of the engine, with the same result: %s.", v.Revision, grouped(v.Replayed))
	p.line("  Decisions of earlier revisions, only re-derived from their postings: %s.", grouped(v.Rederived))
	p.line("  Members: %s, of whom %s have only balances to compare; events of guests: %s.", grouped(v.Members), grouped(v.MembersRederived), grouped(v.Guests))
	p.line("  Postings: %s; keys: %s; quotas: %s; codes: %s.", grouped(v.Postings), grouped(v.Keys), grouped(v.Quotas), grouped(v.Codes))
	p.line("  Personal values that agree with their digests: %s; erased or changed since: %s.", grouped(v.Personal), grouped(v.Forgotten))
	p.line("  Events that left for other members: %s; still on their way: %s.", grouped(v.FollowUps), grouped(v.Undelivered))
	if v.Draws > 0 {
		p.line("  Draws by chance that are what the workspace's secret gives for their events: %s.", grouped(v.Draws))
	}
	if v.Scores > 0 {
		p.line("  Scores on leaderboards that are as the members' states have them: %s.", grouped(v.Scores))
	}
	if v.Contests > 0 {
		p.line("  Contests that were drawn as the journal and their seeds have it: %s.", grouped(v.Contests))
	}
	if v.Terms > 0 || v.Audits > 0 {
		p.line("  Words by which members are found: %s; rows of the audit trail that follow from one another: %s.", grouped(v.Terms), grouped(v.Audits))
	}
	if v.SignedHeads > 0 {
		p.line("  Signed heads that are still in the journal: %s.", grouped(v.SignedHeads))
	}
	return p.err
}

// printer prints lines until one fails.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

// took says how long something took.
func took(milliseconds int64) string {
	return (time.Duration(milliseconds) * time.Millisecond).String()
}
