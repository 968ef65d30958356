package year_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/program"
	"premia/internal/insight/year"
	"premia/internal/testkit"
)

// TestPagesSayWhatProgramsCost makes each program's year again and finds on its page
// what it costs, to the last digit. With -update it writes the figures there; the
// sentence about them is for people to write.
func TestPagesSayWhatProgramsCost(t *testing.T) {
	root := testkit.RepoRoot(t)
	plans, err := filepath.Glob(filepath.Join(root, "programs", "*", year.PlanFile))
	if err != nil || len(plans) == 0 {
		t.Fatalf("there are no programs with a year (%v)", err)
	}
	for _, plan := range plans {
		folder := filepath.Dir(plan)
		name := filepath.Base(folder)
		t.Run(name, func(t *testing.T) {
			cost, err := year.Of(t.Context(), os.DirFS(folder), load(t, filepath.Join(folder, "program.yaml")), 1)
			if err != nil {
				t.Fatal(err)
			}
			var figures strings.Builder
			if err := cost.WriteText(&figures); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(root, "docs", "programs", name+".md")
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			before, rest, begun := strings.Cut(string(src), "```text\n")
			_, after, ended := strings.Cut(rest, "```")
			if !begun || !ended {
				t.Fatalf("%s has no figures between ```text and ```", file)
			}
			page := before + "```text\n" + figures.String() + "```" + after
			testkit.Golden(t, filepath.Join("..", "..", "..", "..", "docs", "programs", name+".md"), []byte(page))
			fields := strings.Fields(figures.String())
			share := fields[len(fields)-2]
			if !strings.Contains(strings.Join(strings.Fields(before), " "), share+" % of sales") {
				t.Errorf("%s does not say before the figures that it costs %s %% of sales", file, share)
			}
		})
	}
}

func load(t *testing.T, file string) *engine.Program {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	d, err := program.Load(file, src, engine.NewNames())
	if err != nil {
		t.Fatal(err)
	}
	return d.Program
}

// small is a shop whose figures are reckoned by hand below.
const small = `
program: Small
currency: PLN
timezone: Europe/Warsaw
languages: [en]
events:
  review: {fields: {rating: {type: whole}, photo: {type: truth}, nights: {type: whole}}}
wallets: {points: {name: points, worth: 0.10}}
earn: [{id: spend, give: {points: 1, per: 10.00}}]
returns: {}
rewards:
  - {id: tea, name: Tea, kind: free product, sku: TEA, price: {points: 5}, cost: 2.00}
  - {id: seat, name: Seat, kind: service, where: here, price: {points: 1}, timetable: [{times: ["12:00"], places: 1}]}
`

const smallPlan = `
first day: 2026-01-01
members: 40
joined before: 500
groups: [{share: 1000, visits: 20}]
lines: {"1": 700, "2": 300}
hours: {from: 9, until: 17}
days: [100, 100, 100, 100, 100, 100, 0]
months: [100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 200]
channels: {web: 500, store: 500}
stores: [north, south]
shipping: {web: 10.00}
returns: 100
rewards: 500
events:
  - {type: review, share: 500, once: true, order: true, data: {rating: 2 to 4, photo: "true", nights: pieces of room}}
`

const smallCatalogue = `sku,name,category,brand,price,weight,most
ROOM,Room,room,,100.00,1,3
TEA,Tea,tea,,20.00,3,1
`

func folder(plan, catalogue string) fstest.MapFS {
	return fstest.MapFS{year.PlanFile: {Data: []byte(plan)}, year.CatalogueFile: {Data: []byte(catalogue)}}
}

func smallProgram(t *testing.T) *engine.Program {
	t.Helper()
	d, err := program.Load("small.yaml", []byte(small), engine.NewNames())
	if err != nil {
		t.Fatal(err)
	}
	return d.Program
}

func TestSameSeedSameYear(t *testing.T) {
	p := smallProgram(t)
	var years []*year.Year
	for _, seed := range []uint64{1, 1, 2} {
		y, err := year.Make(folder(smallPlan, smallCatalogue), p, seed)
		if err != nil {
			t.Fatal(err)
		}
		years = append(years, y)
	}
	if !reflect.DeepEqual(years[0], years[1]) {
		t.Error("the same seed makes another year")
	}
	if reflect.DeepEqual(years[0], years[2]) {
		t.Error("another seed makes the same year")
	}
}

// TestYearIsAsPlanned counts what was made up.
func TestYearIsAsPlanned(t *testing.T) {
	p := smallProgram(t)
	y, err := year.Make(folder(smallPlan, smallCatalogue), p, 1)
	if err != nil {
		t.Fatal(err)
	}
	types, ids, reviewers := map[string]int{}, map[string]bool{}, map[string]bool{}
	before, december, returned := calendar.Beginning, 0, int64(0)
	orders := map[string]*event.Event{}
	for _, e := range y.Events {
		if e.At < before || e.At >= y.End || ids[e.ID] {
			t.Fatalf("%s at %s: twice, out of order or after the year", e.ID, e.At)
		}
		before, ids[e.ID] = e.At, true
		types[e.Type]++
		at := e.At.In(p.Zone)
		switch e.Type {
		case event.Purchase:
			orders[e.Order] = e
			if at.Weekday() == 0 || at.Hour() < 9 || at.Hour() >= 17 {
				t.Errorf("%s was sold on %s", e.ID, at)
			}
			if (e.Channel == "web") != (e.Shipping == 10_00) || e.Store == "" {
				t.Errorf("%s: channel %s, shipping %d, store %q", e.ID, e.Channel, e.Shipping, e.Store)
			}
			if at.Month() == 12 {
				december++
			}
		case event.Return:
			for i := range orders[e.Order].Items {
				if item := &orders[e.Order].Items[i]; item.SKU == e.Items[0].SKU {
					returned += item.Total
				}
			}
		case "review":
			if reviewers[e.Member] || orders[e.Order] == nil || len(e.Data) != 3 || e.Data[0].Whole < 1 || e.Data[1].Whole != 1 || e.Data[2].Whole < 2 || e.Data[2].Whole > 4 {
				t.Errorf("%s of %s: %+v", e.ID, e.Member, e.Data)
			}
			reviewers[e.Member] = true
		}
	}
	if types[event.Enrolment] != 40 || types[event.Purchase] < 400 || types[event.Purchase] > 640 || december < 60 {
		t.Errorf("%v, %d of the purchases in December", types, december)
	}
	if types[event.Return] < 30 || types[event.Redemption] < 180 || types["review"] < 20 || returned != y.Returned {
		t.Errorf("%v; %d came back, the year says %d", types, returned, y.Returned)
	}
}

// TestCost adds the figures up again.
func TestCost(t *testing.T) {
	c, err := year.Of(t.Context(), folder(smallPlan, smallCatalogue), smallProgram(t), 1)
	if err != nil {
		t.Fatal(err)
	}
	tea := int64(0)
	for _, r := range c.Report.Rewards {
		if strings.HasSuffix(r.Reward, "tea") {
			tea = r.Redeemed
		}
	}
	w := c.Report.Wallets[0]
	// A cup is 5 points and 2.00, so a point that is outstanding is 0.40.
	if tea == 0 || c.Unpriced == 0 || c.Rewards != tea*2_00 || c.Wallets[0].Reserve != w.Outstanding.Minor*40 || c.Total() != c.Rewards+c.Wallets[0].Reserve {
		t.Errorf("%d cups, %d points are outstanding: rewards %d, reserve %d, total %d", tea, w.Outstanding.Minor, c.Rewards, c.Wallets[0].Reserve, c.Total())
	}
	share, err := c.Share()
	if low := c.Total() * 100_00 / c.Sales; err != nil || share < low || share > low+1 {
		t.Errorf("%d of %d is %d hundredths of a percent (%v)", c.Total(), c.Sales, share, err)
	}
}

// TestMistakes says what is wrong with a folder, and where.
func TestMistakes(t *testing.T) {
	p := smallProgram(t)
	for _, c := range []struct{ plan, catalogue, says string }{
		{strings.Replace(smallPlan, "members: 40", "membres: 40", 1), smallCatalogue, `did you mean "members"`},
		{strings.Replace(smallPlan, "type: review", "type: reviews", 1), smallCatalogue, `no event "reviews"`},
		{smallPlan, "sku,name,category,brand,price,weight,most\n", "no goods"},
		{smallPlan, smallCatalogue + "X,X,x,,1.005,1,1\n", "catalogue.csv:4"},
		{smallPlan, smallCatalogue + "X,X,x,,1.00,0,1\n", "how often it is bought"},
		{strings.Replace(smallPlan, "rating: 2 to 4", "rating: 4 to 2", 1), smallCatalogue, "rating"},
		{strings.Replace(smallPlan, `{"1": 700`, `{"one": 700`, 1), smallCatalogue, "one"},
	} {
		_, err := year.Make(folder(c.plan, c.catalogue), p, 1)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("error %v, want one that says %q", err, c.says)
		}
	}
	if _, err := year.Make(fstest.MapFS{}, p, 1); err == nil || !strings.Contains(err.Error(), year.PlanFile) {
		t.Errorf("error %v, want one that names %s", err, year.PlanFile)
	}
}
