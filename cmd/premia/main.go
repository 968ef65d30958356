// Command premia is the whole of Premia: one binary that checks programs,
// serves them, and answers for what they gave. Each command has a file of its
// own and a line in [commands].
//
// A command exits with 0 when all is well, 1 when what it looked at is not, or
// its work failed, and 2 when it was called in a wrong way.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/text"
	"premia/internal/i18n"
	"premia/internal/store"
)

// commands are all commands. Every flag may also be set in the environment, as
// PREMIA_ and its name in capitals.
type commands struct {
	Init     initCommand     `cmd:"" help:"Make a ready program your own."`
	Serve    serveCommand    `cmd:"" help:"Serve a workspace over HTTP."`
	Demo     demoCommand     `cmd:"" help:"Show Premia on a made-up coffee chain's year."`
	Apikey   apikeyCommand   `cmd:"" help:"Make, list and revoke the keys of the API."`
	ShopKey  shopKeyCommand  `cmd:"" name:"shop-key" help:"Make the key by which a shop hands over its signed-in customers."`
	User     userCommand     `cmd:"" help:"Invite, list and disable the people of the business."`
	Audit    auditCommand    `cmd:"" help:"Export and check the trail of who did what."`
	Program  programCommand  `cmd:"" help:"Check, test and describe programs."`
	Codes    codesCommand    `cmd:"" help:"Make, import, export and block codes."`
	Contest  contestCommand  `cmd:"" help:"Draw contests, and draw published ones again."`
	Payout   payoutCommand   `cmd:"" help:"Pay members money to their bank accounts."`
	Webhook  webhookCommand  `cmd:"" help:"Make and look after receivers of webhooks."`
	Import   importCommand   `cmd:"" help:"Bring history into a workspace."`
	Report   reportCommand   `cmd:"" help:"Say what a workspace's program came to, now or as of any moment."`
	Simulate simulateCommand `cmd:"" help:"Say what a program would have come to over a history."`
	Verify   verifyCommand   `cmd:"" help:"Compare a workspace's database with its journal, and make every decision again."`
	Secrets  secretsCommand  `cmd:"" help:"Look after the key by which secrets in the database are sealed."`
	Move     moveCommand     `cmd:"" help:"Move a workspace into another database."`
	Backup   backupCommand   `cmd:"" help:"Copy a SQLite database while servers use it."`
	Restore  restoreCommand  `cmd:"" help:"Make a SQLite database of a backup."`
	Migrate  migrateCommand  `cmd:"" help:"Create a workspace's tables, or bring them up to date."`

	Version kong.VersionFlag `env:"-" help:"Say which version this is."`
}

// The exit codes.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// terminal is what a command reads from and writes to. The context ends when
// somebody interrupts the command.
type terminal struct {
	ctx context.Context
	in  io.Reader
	out io.Writer
	err io.Writer
	// say says sentences in the language that a command was asked for, if it was.
	say func(text.Sentence) string
}

// sentence says one, in English if no other language was asked for.
func (t *terminal) sentence(s text.Sentence) string {
	if t.say == nil {
		return s.String()
	}
	return t.say(s)
}

// speak makes a language that in which mistakes are said.
func (t *terminal) speak(words *i18n.Catalog, lang string) {
	t.say = func(s text.Sentence) string { return words.Sentence(lang, s) }
}

// errFailed tells that something is not right and that the command has said
// what; nothing more is printed.
var errFailed = errors.New("failed")

// usageError is a mistake of whoever called the command.
type usageError struct{ message string }

func (e usageError) Error() string { return e.message }

func usagef(format string, args ...any) error {
	return usageError{fmt.Sprintf(format, args...)}
}

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// run runs one command and gives the exit code.
func run(args []string, in io.Reader, out, errOut io.Writer) (code int) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx = app.WithActor(ctx, auth.System("premia"))
	defer func() {
		// Kong asks to exit after it has printed help or the version.
		switch r := recover().(type) {
		case nil:
		case exitRequest:
			code = int(r)
		default:
			panic(r)
		}
	}()
	parser, err := kong.New(&commands{},
		kong.Name("premia"),
		kong.Description("Premia, an open and self-hosted loyalty platform."),
		kong.Writers(out, errOut),
		kong.Exit(func(code int) { panic(exitRequest(code)) }),
		kong.DefaultEnvars("PREMIA"),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Vars{"version": version()},
	)
	if err != nil {
		fmt.Fprintln(errOut, "premia:", err)
		return exitUsage
	}
	command, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(errOut, "premia: %v; premia --help shows the commands\n", err)
		return exitUsage
	}
	return exitCode(errOut, command.Run(&terminal{ctx: ctx, in: in, out: out, err: errOut}))
}

// exitRequest is how kong ends a command.
type exitRequest int

// exitCode says what went wrong, if anything, and gives the code for it.
func exitCode(errOut io.Writer, err error) int {
	var usage usageError
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errFailed):
		return exitFailed
	case errors.As(err, &usage):
		fmt.Fprintln(errOut, "premia:", err)
		return exitUsage
	case errors.Is(err, store.ErrCorrupt):
		// What else was being done when the damage showed says the same again.
		first, _, _ := strings.Cut(err.Error(), "\n")
		fmt.Fprintln(errOut, "premia:", first)
		return exitFailed
	}
	fmt.Fprintln(errOut, "premia:", err)
	return exitFailed
}

// version is the module's version as the Go tool recorded it when it built the
// binary.
// release is the version of a release, such as v1.2.3; its build sets it.
var release string

func version() string {
	if release != "" {
		return "premia " + release
	}
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "premia (development)"
	}
	return "premia " + info.Main.Version
}
