package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// words say what became of an import; what is zero and usual is left out.
func (s *importSummary) words() string {
	var b strings.Builder
	say := func(n int64, one, many string) {
		if n == 1 {
			fmt.Fprintf(&b, "  1 %s\n", one)
		} else if n != 0 {
			fmt.Fprintf(&b, "  %s %s\n", grouped(n), many)
		}
	}
	if s.Published {
		fmt.Fprintf(&b, "The program is published as version %d.\n", s.Program)
	}
	fmt.Fprintf(&b, "Lines: %s. New events: %s.\n", grouped(s.Lines), grouped(s.Decided))
	say(s.Repeated, "event had been imported before and was not imported twice", "events had been imported before and were not imported twice")
	say(s.Enrolled, "member enrolled", "members enrolled")
	say(s.Purchases, "purchase of a member", "purchases of members")
	say(s.Returns, "return of a member, recorded", "returns of members, recorded")
	say(s.Guests, "event recorded without a member", "events recorded without a member")
	say(s.UnknownBuyers, "buyer among these is no member, because no purchase of theirs is known", "buyers among these are no members, because no purchase of theirs is known")
	say(s.Declined, "event declined by the program's rules", "events declined by the program's rules")
	say(s.GuestLines, "guest's line left out", fmt.Sprintf("guests' lines left out, of %s whole events", grouped(s.GuestEvents)))
	say(s.LeftOutLines, "other line left out, as the mapping says", "other lines left out, as the mapping says")
	if s.RejectedLines > 0 {
		fmt.Fprintf(&b, "Lines rejected: %s. See %s for the reasons.\n", grouped(s.RejectedLines), s.RejectsFile)
	}
	for _, damaged := range s.Damaged {
		fmt.Fprintf(&b, "%s\n", damaged)
	}
	return b.String()
}

// grouped writes a number with its thousands apart.
func grouped(n int64) string {
	text := strconv.FormatInt(n, 10)
	for i := len(text) - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// progress shows how far reading is: a bar on a terminal, and otherwise a line
// for each tenth of files that take a while.
type progress struct {
	t     *terminal
	bar   *progressbar.ProgressBar // nil where there is no terminal
	shown int64                    // tenths that were told, or bytes on the bar
}

// Files smaller than this are read before anybody could look at a progress.
const worthProgress = 1 << 20

func newProgress(t *terminal) *progress {
	p := &progress{t: t}
	if f, ok := t.err.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.bar = progressbar.NewOptions64(1,
			progressbar.OptionSetWriter(f), progressbar.OptionSetDescription("importing"), progressbar.OptionShowBytes(true),
			progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish(), progressbar.OptionSetPredictTime(true))
	}
	return p
}

// show hears of every row that is read.
func (p *progress) show(read, total int64) {
	switch {
	case p.bar == nil:
		p.tell(read, total)
	case read-p.shown >= total/1_000:
		p.shown = read
		p.bar.ChangeMax64(total)
		// A bar that can't be drawn is no reason to stop.
		_ = p.bar.Set64(read)
	}
}

func (p *progress) tell(read, total int64) {
	if total < worthProgress {
		return
	}
	if tenth := read * 10 / total; tenth > p.shown {
		p.shown = tenth
		fmt.Fprintf(p.t.err, "%d%% read\n", tenth*10)
	}
}

func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
