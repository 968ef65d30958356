package app

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/code"
	"premia/internal/core/event"
	"premia/internal/core/text"
	"premia/internal/store"
)

// CodeReject is a row of a file of codes that can't be imported.
type CodeReject struct {
	Line   int // of the file, from 1
	Code   string
	Reason string
	// Why says the reason to people, in their language.
	Why text.Message
}

// The columns of files of codes. Only the first is needed in an import.
const (
	columnCode   = "code"
	columnFrom   = "valid_from"
	columnUntil  = "valid_until"
	columnUses   = "uses"
	columnMember = "member"
)

// codeRows reads a file of codes.
type codeRows struct {
	a       *App
	batch   store.CodeBatch
	columns map[string]int
	codes   []store.Code
	seen    map[store.Key]int // the line of each code
	rejects []CodeReject
	members map[string]store.Code // by how they are named, for their Member
}

// ImportCodes makes a batch of the codes of a CSV file. Its first line names the
// columns: code, and perhaps valid_from, valid_until, uses and member, which stand in
// place of those of the request. If a row can't be imported nothing is, and reject
// hears of every such row. When it is stopped half-way, the same request with the
// same file goes on.
func (a *App) ImportCodes(ctx context.Context, r NewCodes, file io.Reader, reject func(CodeReject) error) (store.CodeBatch, error) {
	hash := sha256.New()
	rows := &codeRows{a: a, seen: map[store.Key]int{}, members: map[string]store.Code{}}
	r.Count, r.Pattern = 1, ""
	var err error
	if rows.batch, err = a.newBatch(&r, ""); err != nil {
		return store.CodeBatch{}, err
	}
	if err := rows.read(ctx, io.TeeReader(file, hash)); err != nil {
		return store.CodeBatch{}, err
	}
	r.ID, r.Count = rows.batch.ID, int64(len(rows.codes)+len(rows.rejects))
	b, err := a.newBatch(&r, hex.EncodeToString(hash.Sum(nil)))
	if err != nil {
		return store.CodeBatch{}, err
	}
	b.Wanted, b.Ends = r.Count, r.Count
	b, continued, err := a.beginCodes(ctx, b, a.batchRow(ctx, "codes.imported", &b, r.Reward), func() error {
		if err := rows.known(ctx); err != nil {
			return err
		}
		return rows.refuse(reject)
	})
	if err != nil {
		return b, err
	}
	return a.moreCodes(ctx, b, nil, func(b *store.CodeBatch) ([]store.Code, error) {
		begin := min(b.Next-b.First, int64(len(rows.codes)))
		chunk := slices.Clone(rows.codes[begin:min(begin+chunkOfCodes, int64(len(rows.codes)))])
		for i := range chunk {
			chunk[i].Batch, chunk[i].Number = b.Batch, b.Next
			b.Next++
		}
		return chunk, nil
	}, continued...)
}

// refuse reports the rows that can't be imported, if any.
func (f *codeRows) refuse(reject func(CodeReject) error) error {
	if len(f.rejects) == 0 {
		return nil
	}
	slices.SortStableFunc(f.rejects, func(a, b CodeReject) int { return a.Line - b.Line })
	for _, one := range f.rejects {
		if err := reject(one); err != nil {
			return err
		}
	}
	first := f.rejects[0]
	return problem(CodeRowsRejected, "", text.Say("{Rejected} of {Count} rows can't be imported, the first in line {Line}: {Reason}; nothing was imported", len(f.rejects), len(f.rejects)+len(f.codes), first.Line, first.Reason),
		"Rows", int64(len(f.rejects)), "Line", int64(first.Line))
}

// read reads all rows and keeps those that are good by themselves.
func (f *codeRows) read(ctx context.Context, file io.Reader) error {
	in := bufio.NewReader(file)
	if mark, _ := in.Peek(3); bytes.Equal(mark, []byte("\xef\xbb\xbf")) {
		if _, err := in.Discard(3); err != nil {
			return err
		}
	}
	rows := csv.NewReader(in)
	if head, _ := in.Peek(200); bytes.ContainsRune(firstLineOf(head), ';') {
		rows.Comma = ';'
	}
	rows.FieldsPerRecord, rows.ReuseRecord = -1, true
	if err := f.head(rows); err != nil {
		return err
	}
	for {
		row, err := rows.Read()
		var malformed *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.As(err, &malformed):
			f.rejects = append(f.rejects, CodeReject{Line: malformed.StartLine, Reason: "the line is not CSV: " + malformed.Err.Error(), Why: text.New("code.reject.csv")})
			continue
		case err != nil:
			return fmt.Errorf("read the file of codes: %w", err)
		}
		line, _ := rows.FieldPos(0)
		if err := f.row(ctx, line, row); err != nil {
			return err
		}
		if len(f.codes)+len(f.rejects) > MaxCodes {
			return problem(event.CodeInvalid, "file", text.Say("the file has more than {Count} codes; import it in parts", MaxCodes))
		}
	}
}

func firstLineOf(head []byte) []byte {
	line, _, _ := bytes.Cut(head, []byte("\n"))
	return line
}

// head reads the names of the columns.
func (f *codeRows) head(rows *csv.Reader) error {
	names, err := rows.Read()
	if err != nil && !errors.Is(err, io.EOF) {
		return problem(event.CodeInvalid, "file", text.Say("the file's first line is not CSV: {Why}", err))
	}
	f.columns = make(map[string]int, len(names))
	known := []string{columnCode, columnFrom, columnUntil, columnUses, columnMember}
	for i, name := range names {
		if name = strings.ToLower(strings.TrimSpace(name)); slices.Contains(known, name) {
			f.columns[name] = i
		}
	}
	if _, ok := f.columns[columnCode]; !ok {
		return problem(event.CodeMissing, "file", text.Say("the file's first line must name its columns, and one of them code; others can be {Known}", strings.Join(known[1:], ", ")), "Name", columnCode)
	}
	return nil
}

// row takes one row, or says what is wrong with it; the error is the database's.
func (f *codeRows) row(ctx context.Context, line int, row []string) error {
	field := func(name string) string {
		if i, ok := f.columns[name]; ok && i < len(row) {
			return strings.TrimSpace(row[i])
		}
		return ""
	}
	written := strings.Clone(field(columnCode))
	wrong := func(why text.Message, format string, values ...any) {
		f.rejects = append(f.rejects, CodeReject{Line: line, Code: written, Reason: fmt.Sprintf(format, values...), Why: why})
	}
	if !code.Acceptable(code.Normal(written)) {
		wrong(text.New("code.reject.length", "Least", int64(code.MinLength), "Most", int64(code.MaxLength)), "a code has %d to %d letters, digits or signs", code.MinLength, code.MaxLength)
		return nil
	}
	if NoFormula(written) != written {
		wrong(text.New("code.reject.formula", "Sign", text.Quoted(written[:1])), "a code does not begin with %s, which a spreadsheet takes for a formula", written[:1])
		return nil
	}
	if p := f.a.program(); p.DeclaredCodes[code.Normal(written)] != 0 {
		wrong(text.New("code.reject.declared"), "the program itself declares this code")
		return nil
	}
	c := f.a.codeOf(&f.batch, written)
	if before, twice := f.seen[c.Key]; twice {
		wrong(text.New("code.reject.twice", "Line", int64(before)), "the same code stands in line %d, perhaps with characters that look alike", before)
		return nil
	}
	for name, into := range map[string]*calendar.Instant{columnFrom: &c.From, columnUntil: &c.Until} {
		if err := f.moment(field(name), into); err != nil {
			wrong(text.New("code.reject.moment", "Column", text.Quoted(name), "Value", text.Quoted(field(name))), "%s: %v", name, err)
			return nil
		}
	}
	if uses := field(columnUses); uses != "" {
		n, err := strconv.ParseInt(uses, 10, 64)
		if err != nil || n < 1 {
			wrong(text.New("code.reject.uses", "Column", text.Quoted(columnUses), "Value", text.Quoted(uses)), "%s: %q is not a whole number above zero", columnUses, uses)
			return nil
		}
		c.Uses = n
	}
	if c.From >= c.Until {
		wrong(text.New("code.reject.ends"), "the code ends before it begins")
		return nil
	}
	if who := field(columnMember); who != "" {
		found, err := f.member(ctx, who)
		var refusal *Problem
		switch {
		case errors.As(err, &refusal):
			wrong(text.New("code.reject.member", "Value", text.Quoted(who)), "%s: %s", columnMember, refusal.Detail)
			return nil
		case err != nil:
			return err
		}
		c.Member = found.Member
	}
	f.seen[c.Key] = line
	f.codes = append(f.codes, c)
	return nil
}

// moment reads a day, which begins at midnight in the program's zone, or a time.
func (f *codeRows) moment(written string, into *calendar.Instant) error {
	if written == "" {
		return nil
	}
	at, err := f.a.Moment(written)
	if err == nil {
		*into = at
	}
	return err
}

// Moment reads a day such as 2026-03-01, which begins at midnight in the program's
// time zone, or a time in RFC 3339.
func (a *App) Moment(written string) (calendar.Instant, error) {
	if at, err := time.Parse(time.RFC3339, written); err == nil {
		return calendar.Instant(at.UnixMicro()), nil
	}
	zone := time.UTC
	if p := a.program(); p != nil {
		zone = p.Zone
	}
	at, err := time.ParseInLocation(time.DateOnly, written, zone)
	if err != nil {
		return 0, fmt.Errorf("%q is neither a day such as 2026-03-01 nor a time such as 2026-03-01T09:00:00+01:00", written)
	}
	return calendar.Instant(at.UnixMicro()), nil
}

// LocalDay is the day of an instant in the program's time zone, as Moment reads it.
func (a *App) LocalDay(at calendar.Instant) string {
	zone := time.UTC
	if p := a.program(); p != nil {
		zone = p.Zone
	}
	return at.In(zone).Format(time.DateOnly)
}

func (f *codeRows) member(ctx context.Context, ref string) (store.Code, error) {
	if found, ok := f.members[ref]; ok {
		return found, nil
	}
	id, err := f.a.Find(ctx, ref)
	if err != nil {
		return store.Code{}, err
	}
	f.members[strings.Clone(ref)] = store.Code{Member: id}
	return f.members[ref], nil
}

// known takes out the rows whose code the workspace has already.
func (f *codeRows) known(ctx context.Context) error {
	const page = 1000
	kept := make([]store.Code, 0, len(f.codes))
	for part := range slices.Chunk(f.codes, page) {
		keys := make([]store.Key, len(part))
		for i := range part {
			keys[i] = part[i].Key
		}
		taken, err := f.a.Store.Codes(ctx, keys)
		if err != nil {
			return err
		}
		for i := range part {
			if _, there := taken[part[i].Key]; there {
				f.rejects = append(f.rejects, CodeReject{Line: f.seen[part[i].Key], Code: part[i].Code, Reason: "the workspace has this code already, perhaps with characters that look alike", Why: text.New("code.reject.known")})
				continue
			}
			kept = append(kept, part[i])
		}
	}
	f.codes = kept
	return nil
}

// pageOfCodes is how many codes an export reads at once.
const pageOfCodes = 2000

// codesExported is what the audit trail calls that somebody took a batch as a file.
const codesExported = "codes.exported"

// CodesExport is that somebody took a batch as a file.
type CodesExport struct {
	At calendar.Instant
	// Who is their name, or that of their key; empty for the command line.
	Who string
}

// mostExports is how many are told of.
const mostExports = 100

// CodesExports tells who took a batch as a file and when, the latest first.
func (a *App) CodesExports(ctx context.Context, id string) ([]CodesExport, error) {
	if err := may(ctx, auth.CodesSee); err != nil {
		return nil, err
	}
	rows, err := a.Store.Audits(ctx, store.AuditFilter{Action: codesExported, Target: id}, mostExports)
	out := make([]CodesExport, len(rows))
	for i := range rows {
		who, err := a.WhoActed(ctx, rows[i].Actor)
		if err != nil {
			return nil, err
		}
		out[i] = CodesExport{rows[i].At, who}
	}
	return out, err
}

// ExportCodes writes a finished batch as CSV, a page at a time: each code with when
// and how often it can be used, how often it was, whose it is and since when it is
// blocked. The audit trail keeps who took it.
func (a *App) ExportCodes(ctx context.Context, id string, to io.Writer) error {
	b, err := a.CodeBatch(ctx, id)
	if err != nil {
		return err
	}
	if b.Finished == calendar.None {
		return problem(CodeUnfinished, "id", text.Say("the batch has {Made} of its {Wanted} codes; make it with the same request again, then export it", b.Made, b.Wanted), "Made", b.Made, "Wanted", b.Wanted)
	}
	// Whoever has the file has what the codes are worth, so that it is kept who took it.
	if err := a.note(ctx, a.audited(ctx, codesExported, b.ID, "codes", b.Made)); err != nil {
		return err
	}
	rewardID := a.RewardID(b.Reward)
	windows, err := a.Store.UsedBetween(ctx, a.quotaOf(rewardID, store.Key{}).Name, 0, math.MaxInt64)
	if err != nil {
		return err
	}
	used := make(map[int64]int64, len(windows))
	for i := range windows {
		used[windows[i].Quota.Window] = windows[i].Used
	}
	out := csv.NewWriter(to)
	if err := out.Write([]string{columnCode, "reward", columnFrom, columnUntil, columnUses, "used", columnMember, "blocked"}); err != nil {
		return err
	}
	for after := b.First - 1; ; {
		page, err := a.Store.CodesOfBatch(ctx, b.Batch, after, pageOfCodes)
		if err != nil {
			return err
		}
		for i := range page {
			if err := out.Write(a.rowOf(&page[i], rewardID, used)); err != nil {
				return err
			}
		}
		if len(page) < pageOfCodes {
			out.Flush()
			return out.Error()
		}
		after = page[len(page)-1].Number
	}
}

func (a *App) rowOf(c *store.Code, rewardID string, used map[int64]int64) []string {
	row := []string{
		NoFormula(c.Code), rewardID, "", "", strconv.FormatInt(c.Uses, 10),
		strconv.FormatInt(used[a.Journal.Keys().Window(c.Key)], 10), "", "",
	}
	if c.From != calendar.Beginning {
		row[2] = rfc3339(c.From)
	}
	if c.Until != calendar.Never {
		row[3] = rfc3339(c.Until)
	}
	if c.Member != 0 {
		row[6] = c.Member.String()
	}
	if c.Blocked != calendar.None {
		row[7] = rfc3339(c.Blocked)
	}
	return row
}

func rfc3339(at calendar.Instant) string { return at.In(time.UTC).Format(time.RFC3339) }
