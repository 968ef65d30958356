package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/store"
)

// codesCommand is what can be done with codes.
type codesCommand struct {
	Generate codesGenerate `cmd:"" help:"Make a batch of codes that stand for a reward."`
	Import   codesImport   `cmd:"" help:"Make a batch of the codes of a CSV file."`
	Export   codesExport   `cmd:"" help:"Write a batch of codes as CSV."`
	List     codesList     `cmd:"" help:"List the batches of codes."`
	Show     codesShow     `cmd:"" help:"Say what a code is, whose, and whether it can be used."`
	Block    codesBlock    `cmd:"" help:"End the use of codes for good."`
	Give     codesGive     `cmd:"" help:"Give a member a code that nobody has."`
}

// newCodes is what generating and importing have in common.
type newCodes struct {
	DB     string `name:"db" default:"sqlite:premia.db" help:"The workspace's database (${default})."`
	ID     string `name:"id" help:"The batch's id. The same command with the same id goes on with a batch that was stopped, and makes nothing twice."`
	Reward string `required:"" help:"The id of the reward that the codes stand for."`
	From   string `help:"Since when they can be used: a day such as 2026-03-01, or a time."`
	Until  string `help:"Before which day or time they can be used."`
	Uses   int64  `default:"1" help:"How often each can be used (${default})."`
}

// request reads the bounds under the workspace's program.
func (c *newCodes) request(a *app.App) (r app.NewCodes, err error) {
	r = app.NewCodes{ID: c.ID, Reward: c.Reward, Uses: c.Uses}
	if c.Uses < 1 {
		return r, usagef("a code can be used once or more often: --uses %d", c.Uses)
	}
	for _, bound := range []struct {
		flag, written string
		into          *calendar.Instant
	}{{"--from", c.From, &r.From}, {"--until", c.Until, &r.Until}} {
		if bound.written == "" {
			continue
		}
		if *bound.into, err = a.Moment(bound.written); err != nil {
			return r, usagef("%s: %v", bound.flag, err)
		}
	}
	return r, nil
}

// codesGenerate makes codes.
type codesGenerate struct {
	newCodes `embed:""`
	Pattern  string `help:"How they are made; as the program says if not said. Capital letters, digits and hyphens stand as they are, and each # for a character, the last of which tells a mistyped code. Such as SPRING-####-####."`
	Count    int64  `required:"" help:"How many."`
	Out      string `help:"A file for the codes, as premia codes export writes it."`
}

// Run makes them and says how the batch is called.
func (c *codesGenerate) Run(t *terminal) error {
	return withApp(t, c.DB, func(a *app.App) error {
		r, err := c.request(a)
		if err != nil {
			return err
		}
		r.Pattern, r.Count = c.Pattern, c.Count
		b, err := a.GenerateCodes(t.ctx, r, t.tellMade())
		if err := stoppedCodes(&b, err); err != nil {
			return err
		}
		fmt.Fprintf(t.out, "The batch %s has %s codes for the reward %s.\n", b.ID, grouped(b.Made), c.Reward)
		if c.Out == "" {
			return nil
		}
		return exportCodes(t, a, b.ID, c.Out)
	})
}

// manyCodes is how many codes take so long that people want to see them grow.
const manyCodes = 200_000

// tellMade tells of every tenth of many codes that is made.
func (t *terminal) tellMade() func(done, total int64) {
	told := int64(0)
	return func(done, total int64) {
		if tenth := done * 10 / total; total >= manyCodes && tenth > told {
			told = tenth
			fmt.Fprintf(t.err, "%d%% made\n", tenth*10)
		}
	}
}

// stoppedCodes says how to go on with a batch that was stopped.
func stoppedCodes(b *store.CodeBatch, err error) error {
	if errors.Is(err, context.Canceled) && b.Batch != 0 {
		return fmt.Errorf("stopped: the batch has %s of %s codes; the same command with --id %s goes on", grouped(b.Made), grouped(b.Wanted), b.ID)
	}
	return err
}

// codesImport imports codes.
type codesImport struct {
	newCodes `embed:""`
	Rejects  string `default:"rejects.csv" help:"Where rows go that can't be imported, with the reasons (${default})."`
	File     string `arg:"" help:"The file. Its first line names the columns: code, and perhaps valid_from, valid_until, uses and member."`
}

// Run imports all rows, or none.
func (c *codesImport) Run(t *terminal) error {
	file, err := os.Open(c.File)
	if err != nil {
		return usagef("%v", err)
	}
	defer file.Close()
	return withApp(t, c.DB, func(a *app.App) error {
		r, err := c.request(a)
		if err != nil {
			return err
		}
		rejects := &codeRejects{path: c.Rejects, input: c.File}
		b, err := a.ImportCodes(t.ctx, r, file, rejects.write)
		closing := rejects.close()
		if err := stoppedCodes(&b, err); err != nil {
			if rejects.file != nil {
				err = fmt.Errorf("%w; see %s for all of them", err, c.Rejects)
			}
			return err
		}
		if closing != nil {
			return closing
		}
		fmt.Fprintf(t.out, "The batch %s has %s codes for the reward %s.\n", b.ID, grouped(b.Made), c.Reward)
		return nil
	})
}

// codeRejects is the file of rows that can't be imported. It is created with the
// first of them.
type codeRejects struct {
	path, input string
	file        *os.File
	rows        *csv.Writer
}

func (r *codeRejects) write(one app.CodeReject) (err error) {
	if r.file == nil {
		is, failed := os.Stat(r.path)
		if in, err := os.Stat(r.input); failed == nil && err == nil && os.SameFile(is, in) {
			return usagef("the rejects would overwrite the input %s; name another file with --rejects", r.input)
		}
		if r.file, err = os.OpenFile(r.path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600); err != nil {
			return fmt.Errorf("write the rejects: %w", err)
		}
		r.rows = csv.NewWriter(r.file)
		if err := r.rows.Write([]string{"line", "code", "reason"}); err != nil {
			return err
		}
	}
	return r.rows.Write([]string{strconv.Itoa(one.Line), one.Code, one.Reason})
}

func (r *codeRejects) close() error {
	if r.file == nil {
		return nil
	}
	r.rows.Flush()
	return errors.Join(r.rows.Error(), r.file.Close())
}

// codesExport writes a batch.
type codesExport struct {
	DB  string `name:"db" default:"sqlite:premia.db" help:"The workspace's database (${default})."`
	Out string `help:"The file to write; the standard output if not said."`
	ID  string `arg:"" name:"id" help:"The batch's id, as the list shows it."`
}

// Run writes the codes with how often each was used.
func (c *codesExport) Run(t *terminal) error {
	return withApp(t, c.DB, func(a *app.App) error { return exportCodes(t, a, c.ID, c.Out) })
}

func exportCodes(t *terminal, a *app.App, id, path string) (err error) {
	var to io.Writer = t.out
	if path != "" {
		file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
		if err != nil {
			return fmt.Errorf("write the codes: %w", err)
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		to = file
	}
	out := bufio.NewWriter(to)
	return errors.Join(a.ExportCodes(t.ctx, id, out), out.Flush())
}

// codesList lists batches.
type codesList struct {
	DB string `name:"db" default:"sqlite:premia.db" help:"The workspace's database (${default})."`
}

// Run prints a table.
func (c *codesList) Run(t *terminal) error {
	return withApp(t, c.DB, func(a *app.App) error {
		batches, err := a.CodeBatches(t.ctx)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(t.out, 0, 4, 2, ' ', 0)
		fmt.Fprintln(table, "ID\tREWARD\tPATTERN\tCODES\tUSES\tFROM\tUNTIL\tCREATED\tSTATE")
		for i := range batches {
			b := &batches[i]
			state := "finished"
			if b.Finished == calendar.None {
				state = "unfinished: " + grouped(b.Made) + " are there"
			}
			pattern := b.Pattern
			if pattern == "" {
				pattern = "(imported)"
			}
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%d\t%s\t%s\t%s\t%s\n", b.ID, a.RewardID(b.Reward), pattern, grouped(b.Wanted), b.Uses,
				bound(b.From), bound(b.Until), day(b.Created), state)
		}
		return table.Flush()
	})
}

// bound shows when something begins or ends; a hyphen where nothing bounds it.
func bound(at calendar.Instant) string {
	if at == calendar.Beginning || at == calendar.Never {
		return "-"
	}
	return day(at)
}

// codesShow shows a code.
type codesShow struct {
	DB   string `name:"db" default:"sqlite:premia.db" help:"The workspace's database (${default})."`
	Code string `arg:"" help:"The code, as people write it."`
}

// Run prints what is known of the code.
func (c *codesShow) Run(t *terminal) error {
	return withApp(t, c.DB, func(a *app.App) error {
		found, err := a.Code(t.ctx, c.Code)
		if err != nil {
			return err
		}
		return printCode(t.out, &found)
	})
}

func printCode(w io.Writer, c *app.CodeState) error {
	table := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(table, "%s\t%s\n", name, value)
		}
	}
	line("code", c.Code.Code)
	line("reward", c.RewardID)
	line("batch", c.BatchID)
	line("redemption", c.Redemption)
	if c.Member != 0 {
		line("member", c.Member.String())
	}
	line("from", strings.Trim(bound(c.From), "-"))
	line("until", strings.Trim(bound(c.Until), "-"))
	uses := "any number"
	if c.Uses > 0 {
		uses = strconv.FormatInt(c.Uses, 10)
	}
	line("uses", fmt.Sprintf("%d of %s", c.Used, uses))
	line("state", strings.ReplaceAll(c.State, "_", " "))
	return table.Flush()
}

// codesBlock blocks codes.
type codesBlock struct {
	DB    string   `name:"db" default:"sqlite:premia.db" help:"The workspace's database (${default})."`
	Codes []string `arg:"" name:"code" help:"The codes, as people write them."`
}

// Run blocks one after the other.
func (c *codesBlock) Run(t *terminal) error {
	return withApp(t, c.DB, func(a *app.App) error {
		for _, written := range c.Codes {
			found, err := a.BlockCode(t.ctx, written)
			if err != nil {
				return err
			}
			fmt.Fprintf(t.out, "The code %s is blocked.\n", found.Code.Code)
		}
		return nil
	})
}

// codesGive gives a code.
type codesGive struct {
	DB     string `name:"db" default:"sqlite:premia.db" help:"The workspace's database (${default})."`
	Member string `required:"" help:"Who gets it: mem_… or an identity such as card:2900000000001."`
	Code   string `arg:"" help:"The code, as people write it."`
}

// Run gives it.
func (c *codesGive) Run(t *terminal) error {
	return withApp(t, c.DB, func(a *app.App) error {
		found, id, err := a.GiveCode(t.ctx, c.Member, c.Code)
		if err != nil {
			return err
		}
		fmt.Fprintf(t.out, "The code %s is %s's now.\n", found.Code.Code, id)
		return nil
	})
}
