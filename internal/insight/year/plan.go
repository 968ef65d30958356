package year

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/govalues/decimal"

	"premia/internal/core/condition"
	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/money"
)

// The files of a folder, beside the program's document.
const (
	PlanFile      = "year.yaml"
	CatalogueFile = "catalogue.csv"
)

// Plan says what the year is like. Shares are in a thousand.
type Plan struct {
	First    document.Date                 `doc:"first day,required" help:"the year's first day"`
	Members  int64                         `doc:"members,required" min:"1" max:"100000" help:"how many members there are in the end"`
	Joined   int64                         `doc:"joined before" min:"0" max:"1000" help:"how many in a thousand join on the first day; the others in the course of the year"`
	Groups   []Group                       `doc:"groups,required" min_len:"1" max_len:"20" help:"how often members come"`
	Lines    document.Map[int64]           `doc:"lines,required" help:"number of different goods in a basket: how many in a thousand baskets have so many"`
	Hours    Hours                         `doc:"hours,required" help:"the hours of opening, such as {from: 8, until: 20}"`
	Days     []int64                       `doc:"days,required" min_len:"7" max_len:"7" help:"how busy the days of the week are from Monday, in percent"`
	Months   []int64                       `doc:"months,required" min_len:"12" max_len:"12" help:"how busy the months are from January, in percent"`
	Channels document.Map[int64]           `doc:"channels" help:"channel: how many in a thousand purchases"`
	Stores   []string                      `doc:"stores" max_len:"1000" help:"the stores, which are visited equally often"`
	Shipping document.Map[decimal.Decimal] `doc:"shipping" help:"channel: what shipping costs"`
	Prices   string                        `doc:"prices" enum:"list|final" help:"list where the program reduces the prices; final if not said"`
	Returns  int64                         `doc:"returns" min:"0" max:"1000" help:"in so many of a thousand purchases one line comes back"`
	Rewards  int64                         `doc:"rewards" min:"0" max:"1000" help:"at so many of a thousand visits a member asks for a reward, for each as likely as for the others"`
	Events   []Happens                     `doc:"events" max_len:"50" help:"what else happens"`
}

// Group is members who come equally often.
type Group struct {
	Share  int64 `doc:"share,required" min:"1" max:"1000" help:"in a thousand members"`
	Visits int64 `doc:"visits,required" min:"1" max:"1000" help:"how often each comes in a year"`
}

// Hours are the hours of opening.
type Hours struct {
	From  int `doc:"from,required" min:"0" max:"23"`
	Until int `doc:"until,required" min:"1" max:"24"`
}

// Happens is an event of a type that the program declares, which goes with
// purchases.
type Happens struct {
	Type  string               `doc:"type,required" help:"one of the types under events"`
	Share int64                `doc:"share,required" min:"1" max:"1000" help:"with how many of a thousand purchases"`
	Once  bool                 `doc:"once" help:"at most once for a member"`
	After *document.Span       `doc:"after" help:"how long after the purchase; ten minutes if not said"`
	Order bool                 `doc:"order" help:"it names the order"`
	Data  document.Map[string] `doc:"data" help:"field: a value; 1 to 5 for any number of these; pieces of room for the pieces of that category in the basket, without which the event does not happen"`

	fields []field
}

// field is a field of an event, ready to be made up.
type field struct {
	datum    event.Datum
	more     int64  // a whole number is up to so much larger
	category string // a whole number is the pieces of this category in the basket
}

// product is a line of the catalogue.
type product struct {
	sku, name, category, brand string
	price                      int64 // minor units
	weight, most               int
}

// shop is all that a year is made of.
type shop struct {
	plan     Plan
	program  *engine.Program
	products []product
	weights  []int // of the products, and so on

	groupWeights   []int
	lines          []int // how many there may be in a basket
	lineWeights    []int
	channels       []string
	channelWeights []int
	shipping       map[string]int64 // by channel, in minor units
}

// open reads the plan and the catalogue of a program.
func open(folder fs.FS, p *engine.Program) (*shop, error) {
	src, err := fs.ReadFile(folder, PlanFile)
	if err != nil {
		return nil, fmt.Errorf("a year is made of %s and %s beside the program: %w", PlanFile, CatalogueFile, err)
	}
	s := &shop{program: p}
	if _, problems := document.Read(PlanFile, src, &s.plan); len(problems) > 0 {
		return nil, problems.Err()
	}
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", PlanFile, err)
	}
	file, err := folder.Open(CatalogueFile)
	if err != nil {
		return nil, fmt.Errorf("the goods of a year: %w", err)
	}
	defer file.Close()
	return s, s.catalogue(file)
}

// columns are those of a catalogue, in this order.
var columns = []string{"sku", "name", "category", "brand", "price", "weight", "most"}

// catalogue reads what the shop sells.
func (s *shop) catalogue(in io.Reader) error {
	r := csv.NewReader(in)
	r.FieldsPerRecord = len(columns)
	for first := true; ; first = false {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("%s: %w", CatalogueFile, err)
		}
		if first {
			continue
		}
		if err := s.product(row); err != nil {
			line, _ := r.FieldPos(0)
			return fmt.Errorf("%s:%d: %w", CatalogueFile, line, err)
		}
	}
	if len(s.products) == 0 {
		return fmt.Errorf("%s has no goods", CatalogueFile)
	}
	return nil
}

func (s *shop) product(row []string) error {
	price, err := money.Parse(row[4], s.program.Currency.Scale)
	if err != nil {
		return fmt.Errorf("the price: %w", err)
	}
	weight, err := strconv.Atoi(row[5])
	if err != nil || weight < 1 {
		return fmt.Errorf("the weight %q says how often it is bought: a whole number from 1", row[5])
	}
	most, err := strconv.Atoi(row[6])
	if err != nil || most < 1 || most > 1000 {
		return fmt.Errorf("%q is no number of pieces that are bought at most", row[6])
	}
	s.products = append(s.products, product{row[0], row[1], row[2], row[3], price, weight, most})
	s.weights = append(s.weights, weight)
	return nil
}

// first is the midnight with which the year begins.
func (s *shop) first() time.Time { return s.plan.First.In(s.program.Zone) }

// check reads what the document alone can't tell to be right.
func (s *shop) check() error {
	if s.plan.Hours.From >= s.plan.Hours.Until {
		return fmt.Errorf("the shop closes at %d, before it opens at %d", s.plan.Hours.Until, s.plan.Hours.From)
	}
	for _, g := range s.plan.Groups {
		s.groupWeights = append(s.groupWeights, int(g.Share))
	}
	for count, weight := range s.plan.Lines.All() {
		n, err := strconv.Atoi(count)
		if err != nil || n < 1 || n > event.MaxItems || weight < 1 {
			return fmt.Errorf("lines: %s: %d is no number of lines with how often baskets have so many", count, weight)
		}
		s.lines, s.lineWeights = append(s.lines, n), append(s.lineWeights, int(weight))
	}
	for name, weight := range s.plan.Channels.All() {
		if weight < 1 {
			return fmt.Errorf("channels: %s: %d is not how many of a thousand purchases", name, weight)
		}
		s.channels, s.channelWeights = append(s.channels, name), append(s.channelWeights, int(weight))
	}
	s.shipping = map[string]int64{}
	for name, cost := range s.plan.Shipping.All() {
		minor, err := money.Parse(cost.Trim(0).String(), s.program.Currency.Scale)
		if err != nil {
			return fmt.Errorf("shipping: %s: %w", name, err)
		}
		s.shipping[name] = minor
	}
	for i := range s.plan.Events {
		if err := s.event(&s.plan.Events[i]); err != nil {
			return err
		}
	}
	return nil
}

// event checks what happens beside purchases.
func (s *shop) event(h *Happens) error {
	declared := s.program.EventType(h.Type)
	if declared == nil {
		return fmt.Errorf("events: the program declares no event %q", h.Type)
	}
	for name, said := range h.Data.All() {
		i := slices.IndexFunc(declared.Fields, func(f engine.EventField) bool { return f.ID == name })
		if i < 0 {
			return fmt.Errorf("events: %s has no field %q", h.Type, name)
		}
		f, ok := fieldOf(declared.Fields[i].Kind, said)
		if !ok {
			return fmt.Errorf("events: %s: %s: %q is no %s", h.Type, name, said, declared.Fields[i].Kind)
		}
		f.datum.Name = name
		h.fields = append(h.fields, f)
	}
	slices.SortFunc(h.fields, func(a, b field) int { return strings.Compare(a.datum.Name, b.datum.Name) })
	return nil
}

// fieldOf reads how a field is made up.
func fieldOf(kind condition.Type, said string) (field, bool) {
	f := field{datum: event.Datum{Kind: event.Text, Text: said}}
	switch kind {
	case condition.Bool:
		f.datum = event.Datum{Kind: event.Truth}
		if said == "true" {
			f.datum.Whole = 1
		}
		return f, said == "true" || said == "false"
	case condition.Int:
		f.datum = event.Datum{Kind: event.Whole}
		if category, ok := strings.CutPrefix(said, "pieces of "); ok {
			f.category = category
			return f, category != ""
		}
		low, high, between := strings.Cut(said, " to ")
		from, err := strconv.ParseInt(low, 10, 64)
		f.datum.Whole = from
		if err != nil || !between {
			return f, err == nil
		}
		until, err := strconv.ParseInt(high, 10, 64)
		f.more = until - from
		return f, err == nil && until >= from
	}
	return f, kind == condition.String && said != ""
}
