// Command bench measures how fast Premia is and prints a line for each thing
// measured: what, its rate, the baseline's rate in the same run, and the ratio.
// Machines differ, so the ratio is what counts.
//
// The baseline "raw" writes the same rows with their indexes and the check of
// ids, through the same driver, in the batch size observed in the measured run,
// with no HTTP, no JSON and no rules.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"
)

// row is one thing to measure.
type row struct {
	name string
	run  func(ctx context.Context, b *bench, database string) error
}

// bench is one run of the command.
type bench struct {
	binary string
	folder string
	events int
	long   bool
	server string // URL of a PostgreSQL server, empty if there is none
}

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	pattern := flags.String("run", ".", "which rows to measure, as a regular expression on \"name/database\"")
	long := flags.Bool("long", os.Getenv("PREMIA_LONG") != "", "measure with ten million members, too")
	events := flags.Int("events", 60_000, "events of one row")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	choose, err := regexp.Compile(*pattern)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench: -run:", err)
		return 2
	}
	b := &bench{events: *events, long: *long, server: os.Getenv("PREMIA_TEST_POSTGRES")}
	if b.folder, err = os.MkdirTemp("", "premia-bench-"); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		return 1
	}
	defer os.RemoveAll(b.folder)
	b.binary = filepath.Join(b.folder, "premia")
	build := exec.Command("go", "build", "-trimpath", "-o", b.binary, "./cmd/premia")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "bench: build premia: %v\n%s", err, out)
		return 1
	}
	return b.measure(choose)
}

// measure runs the chosen rows on each database.
func (b *bench) measure(choose *regexp.Regexp) int {
	fmt.Printf("premia bench: %s, %s/%s, %d cores, %s\n\n", time.Now().UTC().Format(time.DateOnly), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())
	fmt.Printf("%-58s %14s %14s %7s\n", "what", "rate", "baseline", "ratio")
	failed := 0
	databases := []string{"sqlite"}
	if b.server != "" {
		databases = append(databases, "postgres")
	}
	for _, r := range rows() {
		for _, database := range databases {
			if !choose.MatchString(r.name + "/" + database) {
				continue
			}
			if err := r.run(context.Background(), b, database); err != nil {
				fmt.Printf("%-58s failed: %v\n", r.name+", "+database, err)
				failed++
			}
		}
	}
	if b.server == "" {
		fmt.Println("\nPostgreSQL was not measured: no server is set in PREMIA_TEST_POSTGRES")
	}
	if failed > 0 {
		return 1
	}
	return 0
}

// print writes one line of the table; a baseline of 0 is left out.
func print(what, rate, baseline string, ratio float64) {
	shown := "-"
	if ratio > 0 {
		shown = fmt.Sprintf("%.2f", ratio)
	}
	if baseline == "" {
		baseline = "-"
	}
	fmt.Printf("%-58s %14s %14s %7s\n", what, rate, baseline, shown)
}

func perSecond(rate float64) string {
	digits := fmt.Sprintf("%.0f", rate)
	var parts []string
	for len(digits) > 3 {
		parts = append([]string{digits[len(digits)-3:]}, parts...)
		digits = digits[:len(digits)-3]
	}
	return strings.Join(append([]string{digits}, parts...), ",") + "/s"
}

func millis(d time.Duration) string { return fmt.Sprintf("%.2f ms", float64(d.Microseconds())/1000) }
