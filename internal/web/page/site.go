package page

import (
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"premia/internal/core/calendar"
	"premia/internal/i18n"
	"premia/internal/web/asset"
)

// Config says what a site is made of.
type Config struct {
	Words *i18n.Catalog
	Files *asset.Files
	Log   *slog.Logger
	// Gate says who visits.
	Gate Gate
	// Secure tells that visitors come by TLS only.
	Secure bool
	// Zone is the time zone in which times are shown, the program's; nil is UTC.
	Zone func() *time.Location
	// Sandbox gives the time of a workspace whose clock is moved on purpose, which every
	// page of the console then says; None, or a nil function, is that of others.
	Sandbox func() calendar.Instant
	// Name is the workspace's, as visitors know it.
	Name func(lang string) string
	// PerMinute is how many requests to each route that changes something a network address
	// may send within a minute without being signed in; 0 is 300.
	PerMinute int
	// Acts say of each route that changes something, by its pattern, what the audit trail
	// is told: actions, of which each request that does something tells one or more; or,
	// after a hyphen, why it is told nothing. Nil where there is no audit trail.
	Acts map[string]string
	// Unaudited hears of a request of a user that did something and told the audit trail
	// none of the actions; nil logs it.
	Unaudited func(pattern string)
	// Bounds are how often one visitor may ask for pages, by patterns of routes; nil is
	// without bounds. Clock tells the time for them; nil is the machine's.
	Bounds map[string]Bound
	Clock  func() time.Time
}

// Site answers requests for pages. Areas are added before it serves; after that
// it may be used by several goroutines.
type Site struct {
	Config
	mux     *http.ServeMux
	origin  *http.CrossOriginProtection
	routes  []Route
	nav     []NavItem
	layouts fs.FS
	plain   *Area
	shell   *Area // the console's layout, for what goes wrong there
	rooms   []room
	asks    bounds
}

// room is a part of the site by its path, whose area draws what has no page.
type room struct {
	path string
	area *Area
}

// API is the part of the server that answers programs.
type API interface {
	http.Handler
	// Serves tells whether it answers at the request's address, by whatever method.
	Serves(r *http.Request) bool
}

// NavItem is an entry of the console's navigation.
type NavItem struct {
	Path  string // of the page
	Label string // the id of its words
	Icon  string
	Key   string // the letter that goes there after "g"; empty for none
	Need  Need
	// Group is the id of the heading above it; entries of one group stand together.
	Group string
	// When tells whether there is such a page now; nil is always.
	When func() bool
}

// New makes a site without pages.
func New(c Config) *Site {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Zone == nil {
		c.Zone = func() *time.Location { return time.UTC }
	}
	if c.Name == nil {
		c.Name = func(string) string { return "" }
	}
	if c.PerMinute == 0 {
		c.PerMinute = 300
	}
	if c.Unaudited == nil {
		c.Unaudited = func(pattern string) { c.Log.Error("an act is not in the audit trail", "route", pattern) }
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	s := &Site{
		asks: bounds{clock: c.Clock, counted: map[counting]int{}}, Config: c, mux: http.NewServeMux(),
		origin: http.NewCrossOriginProtection(), layouts: sharedTemplates(),
	}
	s.mux.Handle(asset.Prefix, c.Files)
	s.plain, s.shell = s.Area("plain", nil), s.Area("console", nil)
	s.origin.SetDenyHandler(s.answering(func(*Context) error { return errElsewhere }))
	return s
}

// Nav adds entries to the console's navigation, in their order.
func (s *Site) Nav(items ...NavItem) { s.nav = append(s.nav, items...) }

// Routes lists what was declared.
func (s *Site) Routes() []Route { return slices.Clone(s.routes) }

// ServeHTTP answers a request with the headers that every page has.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.headers(w.Header())
	s.mux.ServeHTTP(w, r)
}

// Room says whose area draws what goes wrong below a path, "/" being all that is in no
// other room.
func (s *Site) Room(path string, a *Area) { s.rooms = append(s.rooms, room{path, a}) }

// roomOf gives the area that draws what goes wrong at a path, and the room's own path.
func (s *Site) roomOf(path string) (a *Area, home string) {
	a, home = s.plain, "/"
	for _, r := range s.rooms {
		if len(r.path) >= len(home) && (path == r.path || strings.HasPrefix(path, strings.TrimSuffix(r.path, "/")+"/")) {
			a, home = r.area, r.path
		}
	}
	return a, home
}

// Else answers what no page is for: programs by the API, and people by a page of the
// room that they are in.
func (s *Site) Else(api API) {
	nothing := s.answering(func(c *Context) error {
		if allowed := s.methods(c.R); allowed != "" {
			c.W.Header().Set("Allow", allowed)
			return errMethod
		}
		return ErrNotFound
	})
	s.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if api != nil && api.Serves(r) {
			api.ServeHTTP(w, r)
			return
		}
		nothing.ServeHTTP(w, r)
	})
}

// methods lists those by which there is a page at the request's address; empty for none.
func (s *Site) methods(r *http.Request) string {
	var all []string
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		other := r.Clone(r.Context())
		other.Method = method
		if _, pattern := s.mux.Handler(other); pattern != "/" {
			all = append(all, method)
		}
	}
	return strings.Join(all, ", ")
}

// answering answers with what becomes of an error in the room of each request.
func (s *Site) answering(h Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		area, _ := s.roomOf(r.URL.Path)
		s.serve(w, r, Route{Need: Anyone, MaxBody: MaxForm, handle: h, area: area})
	})
}

// Area is a part of the site with a layout and templates of its own.
type Area struct {
	site   *Site
	layout string
	files  fs.FS

	more func(lang string) template.FuncMap

	mu   sync.Mutex
	sets map[string]*template.Template // by language and page
}

// Funcs adds functions that the area's templates may call, in a language.
func (a *Area) Funcs(more func(lang string) template.FuncMap) { a.more = more }

// Area adds an area. Its layout is a template of this package, "console", "plain"
// or another that the area's own files define in layout.html; files has the
// area's pages at its root, each defining "title" and "main", and what they share
// in parts/.
func (s *Site) Area(layout string, files fs.FS) *Area {
	return &Area{site: s, layout: layout, files: files, sets: make(map[string]*template.Template)}
}

// page gives a page's templates in a language, parsed when it is asked for first.
func (a *Area) page(lang, name string) (*template.Template, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	key := lang + "/" + name
	if set := a.sets[key]; set != nil {
		return set, nil
	}
	set := template.New(name).Funcs(a.site.funcs(lang))
	if a.more != nil {
		set.Funcs(a.more(lang))
	}
	set, err := set.ParseFS(a.site.layouts, "*.html")
	if err != nil {
		return nil, fmt.Errorf("the shared templates: %w", err)
	}
	if err := a.own(set, name); err != nil {
		return nil, err
	}
	a.sets[key] = set
	return set, nil
}

// own adds the area's templates to the shared ones.
func (a *Area) own(set *template.Template, name string) error {
	if a.files == nil {
		return nil
	}
	patterns := []string{name + ".html"}
	for _, more := range []string{"layout.html", "parts/*.html"} {
		if found, err := fs.Glob(a.files, more); err == nil && len(found) > 0 {
			patterns = append([]string{more}, patterns...)
		}
	}
	if _, err := set.ParseFS(a.files, patterns...); err != nil {
		return fmt.Errorf("the page %s: %w", name, err)
	}
	return nil
}

// Check parses every page of the area in every language, for tests.
func (a *Area) Check() error {
	names, err := fs.Glob(a.files, "*.html")
	if err != nil {
		return err
	}
	for _, name := range names {
		if name == "layout.html" {
			continue
		}
		for _, lang := range a.site.Words.Languages() {
			if _, err := a.page(lang, name[:len(name)-len(path.Ext(name))]); err != nil {
				return err
			}
		}
	}
	return nil
}

// hasErrors tells whether the area draws the page of an error itself, by error.html.
func (a *Area) hasErrors() bool {
	if a.files == nil {
		return false
	}
	_, err := fs.Stat(a.files, "error.html")
	return err == nil
}
