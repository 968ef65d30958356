package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/text"
	"premia/internal/store"
)

// NewCodes is a batch of codes that is to be made.
type NewCodes struct {
	ID      string     `json:"id,omitempty" maxLength:"128" doc:"names the batch and makes it once; the Idempotency-Key is as good"`
	Reward  string     `json:"reward" minLength:"1" maxLength:"60" doc:"the id of the reward that the codes stand for" example:"spring"`
	Pattern string     `json:"pattern,omitempty" maxLength:"40" doc:"that of the reward in the program, if not said: capital letters, digits and hyphens stand as they are, and each # for a character; the last of them tells a mistyped code" example:"SPRING-####-####"`
	Count   int64      `json:"count" minimum:"1" maximum:"1000000" doc:"how many"`
	From    *time.Time `json:"valid_from,omitempty" doc:"since when they can be used"`
	Until   *time.Time `json:"valid_until,omitempty" doc:"before when they can be used"`
	Uses    int64      `json:"uses,omitempty" minimum:"1" doc:"how often each can be used; once if not said"`
}

// CodeBatch is codes that were made or imported together.
type CodeBatch struct {
	ID         string  `json:"id"`
	Reward     string  `json:"reward" example:"spring"`
	Pattern    string  `json:"pattern,omitempty" doc:"absent where the codes were imported"`
	Count      int64   `json:"count" doc:"how many codes it is to have"`
	Made       int64   `json:"made" doc:"how many it has; fewer than count where the making was stopped, and the same request goes on"`
	ValidFrom  *string `json:"valid_from,omitempty" format:"date-time"`
	ValidUntil *string `json:"valid_until,omitempty" format:"date-time"`
	Uses       int64   `json:"uses" doc:"how often each can be used"`
	CreatedAt  string  `json:"created_at" format:"date-time"`
	FinishedAt *string `json:"finished_at,omitempty" format:"date-time"`
}

// CodeBatches lists the batches.
type CodeBatches struct {
	Batches []CodeBatch `json:"batches"`
}

// Code is a code and what became of it.
type Code struct {
	Code       string  `json:"code" example:"SPRING-2345-6789"`
	Reward     string  `json:"reward" doc:"what it stands for" example:"spring"`
	Declared   bool    `json:"declared,omitempty" doc:"whether the program itself declares it, for everybody"`
	Batch      string  `json:"batch,omitempty" doc:"the batch that it was made with"`
	Redemption string  `json:"redemption,omitempty" doc:"the redemption that it came from, of a voucher"`
	Member     string  `json:"member,omitempty" doc:"who has it"`
	Bearer     bool    `json:"bearer" doc:"whether anybody who has the code can use it"`
	ValidFrom  *string `json:"valid_from,omitempty" format:"date-time"`
	ValidUntil *string `json:"valid_until,omitempty" format:"date-time"`
	Uses       int64   `json:"uses,omitempty" doc:"how often it can be used; absent for as often as one likes"`
	Used       int64   `json:"used" doc:"how often it was used"`
	BlockedAt  *string `json:"blocked_at,omitempty" format:"date-time"`
	State      string  `json:"state" enum:"usable,not_yet,over,used_up,blocked" doc:"whether it can be used now, as far as the code itself goes"`
	WhyNot     string  `json:"why_not,omitempty" doc:"why it can't, in the language asked for"`
}

// Vouchers are the codes that a member has.
type Vouchers struct {
	Member   string `json:"member"`
	Vouchers []Code `json:"vouchers"`
}

// GivenCode is a code that a member gets.
type GivenCode struct {
	Code string `json:"code" minLength:"1" maxLength:"100" doc:"a code that nobody has, as people write it" example:"SPRING-2345-6789"`
}

// CodePath is how a path names a code.
type CodePath struct {
	Code string `path:"code" maxLength:"100" doc:"the code, as people write it"`
}

type codeBatchOutput struct{ Body CodeBatch }

type codeOutput struct{ Body Code }

// InLanguage says the language of an answer.
type InLanguage struct {
	Lang           string `query:"lang" enum:"en,pl,cs,ru" doc:"the language; that of Accept-Language if not said"`
	AcceptLanguage string `header:"Accept-Language"`
}

func (s *Server) codeRoutes() {
	create := operation(http.MethodPost, "/v1/code-batches", "make-codes", "Codes", "Make a batch of codes that stand for a reward", auth.CodesWrite)
	create.Description += " A batch that was stopped half-way goes on with the same request."
	create.DefaultStatus = http.StatusCreated
	register(s, withExample(create, exampleCodes), auth.CodesWrite, s.makeCodes)
	list := operation(http.MethodGet, "/v1/code-batches", "list-code-batches", "Codes", "List the batches of codes", auth.CodesRead)
	register(s, list, auth.CodesRead, s.listCodeBatches)
	one := operation(http.MethodGet, "/v1/code-batches/{id}", "read-code-batch", "Codes", "Read a batch of codes", auth.CodesRead)
	register(s, one, auth.CodesRead, s.readCodeBatch)
	s.exportRoute()
	read := operation(http.MethodGet, "/v1/codes/{code}", "read-code", "Codes", "Say what a code is, whose, and whether it can be used", auth.CodesRead)
	register(s, read, auth.CodesRead, s.readCode)
	block := operation(http.MethodPost, "/v1/codes/{code}/block", "block-code", "Codes", "End a code's use for good", auth.CodesWrite)
	register(s, block, auth.CodesWrite, s.blockCode)
	mine := operation(http.MethodGet, "/v1/members/{member}/vouchers", "list-vouchers", "Codes", "List the codes that a member has", auth.MembersRead)
	register(s, mine, auth.MembersRead, s.listVouchers)
	give := operation(http.MethodPost, "/v1/members/{member}/vouchers", "give-voucher", "Codes", "Give a member a code that nobody has", auth.CodesWrite)
	give.Description += " From then on only the member can use it. The same again changes nothing."
	register(s, withExample(give, exampleVoucher), auth.CodesWrite, s.giveVoucher)
}

// exportRoute adds the one route that answers with a file.
func (s *Server) exportRoute() {
	op := operation(http.MethodGet, "/v1/code-batches/{id}/codes.csv", "export-codes", "Codes", "Get the codes of a finished batch as CSV", auth.CodesRead)
	op.Parameters = []*huma.Param{{Name: "id", In: "path", Required: true, Schema: &huma.Schema{Type: "string"}}}
	op.Responses = map[string]*huma.Response{
		"200":     {Description: "The codes with when and how often they can be used, how often they were, and whose they are", Content: map[string]*huma.MediaType{"text/csv": {Schema: &huma.Schema{Type: "string"}}}},
		"default": {Description: "Error", Content: map[string]*huma.MediaType{"application/problem+json": {Schema: &huma.Schema{Ref: "#/components/schemas/Problem"}}}},
	}
	s.api.OpenAPI().AddOperation(&op)
	s.guarded(op, auth.CodesRead, s.exportCodes)
}

// batchOf shows a batch.
func (s *Server) batchOf(b *store.CodeBatch) CodeBatch {
	return CodeBatch{
		ID: b.ID, Reward: s.app.RewardID(b.Reward), Pattern: b.Pattern, Count: b.Wanted, Made: b.Made, Uses: b.Uses,
		ValidFrom: sinceWhen(b.From), ValidUntil: moment(b.Until), CreatedAt: rfc3339(b.Created), FinishedAt: moment(b.Finished),
	}
}

// sinceWhen shows when something begins; nil where it always was so.
func sinceWhen(at calendar.Instant) *string {
	if at == calendar.Beginning {
		return nil
	}
	return moment(at)
}

func (s *Server) codeOf(c *app.CodeState, lang string) Code {
	out := Code{
		Code: c.Code.Code, Reward: c.RewardID, Batch: c.BatchID, Redemption: c.Redemption, Declared: c.Declared, Bearer: c.Member == 0 || c.Bearer,
		ValidFrom: sinceWhen(c.From), ValidUntil: moment(c.Until), Uses: c.Uses, Used: c.Used, BlockedAt: moment(c.Blocked), State: c.State,
	}
	if c.Member != 0 {
		out.Member = c.Member.String()
	}
	if c.State != app.CodeUsable {
		out.WhyNot = s.app.Words.Render(lang, text.New("code."+c.State))
	}
	return out
}

func (s *Server) makeCodes(ctx context.Context, in *struct {
	KeyHeader
	Body NewCodes
}) (*codeBatchOutput, error) {
	r := app.NewCodes{ID: firstOf(in.Body.ID, in.Key), Reward: in.Body.Reward, Pattern: in.Body.Pattern, Count: in.Body.Count, Uses: in.Body.Uses}
	for at, into := range map[*time.Time]*calendar.Instant{in.Body.From: &r.From, in.Body.Until: &r.Until} {
		if at != nil {
			*into = calendar.Instant(at.UnixMicro())
		}
	}
	b, err := s.app.GenerateCodes(ctx, r, nil)
	if err != nil {
		return nil, inBody(err)
	}
	return &codeBatchOutput{s.batchOf(&b)}, nil
}

func (s *Server) listCodeBatches(ctx context.Context, _ *struct{}) (*struct{ Body CodeBatches }, error) {
	batches, err := s.app.CodeBatches(ctx)
	if err != nil {
		return nil, err
	}
	out := CodeBatches{Batches: []CodeBatch{}}
	for i := range batches {
		out.Batches = append(out.Batches, s.batchOf(&batches[i]))
	}
	return &struct{ Body CodeBatches }{out}, nil
}

func (s *Server) readCodeBatch(ctx context.Context, in *struct {
	ID string `path:"id" maxLength:"128" doc:"the batch's id"`
}) (*codeBatchOutput, error) {
	b, err := s.app.CodeBatch(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &codeBatchOutput{s.batchOf(&b)}, nil
}

// longestExport is how long a client may take to get a file.
const longestExport = 30 * time.Minute

// takesLong lets an answer take as long as a file may.
func takesLong(w http.ResponseWriter) {
	// Where the connection knows no deadlines the server's own holds.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(longestExport))
}

// startedWriter remembers whether the answer has begun, after which a problem can't
// be told any more.
type startedWriter struct {
	http.ResponseWriter
	started bool
}

// Write begins the answer.
func (w *startedWriter) Write(p []byte) (int, error) {
	w.started = true
	return w.ResponseWriter.Write(p)
}

func (s *Server) exportCodes(w http.ResponseWriter, r *http.Request, key auth.Key) *Problem {
	r, _ = acting(r, &key)
	out := &startedWriter{ResponseWriter: w}
	takesLong(w)
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="codes.csv"`)
	err := s.app.ExportCodes(r.Context(), r.PathValue("id"), out)
	switch {
	case err == nil:
		return nil
	case out.started:
		// The client must not take a part for the whole.
		s.app.Log.Error("an export of codes ended early", "error", err)
		panic(http.ErrAbortHandler)
	}
	w.Header().Del("Content-Disposition")
	return problemOf(err)
}

func (s *Server) readCode(ctx context.Context, in *struct {
	CodePath
	InLanguage
}) (*codeOutput, error) {
	c, err := s.app.Code(ctx, in.Code)
	if err != nil {
		return nil, err
	}
	return &codeOutput{s.codeOf(&c, languageOf(in.Lang, in.AcceptLanguage))}, nil
}

func (s *Server) blockCode(ctx context.Context, in *struct {
	CodePath
	InLanguage
}) (*codeOutput, error) {
	c, err := s.app.BlockCode(ctx, in.Code)
	if err != nil {
		return nil, err
	}
	return &codeOutput{s.codeOf(&c, languageOf(in.Lang, in.AcceptLanguage))}, nil
}

func (s *Server) listVouchers(ctx context.Context, in *struct {
	MemberPath
	InLanguage
	Limit int `query:"limit" minimum:"1" maximum:"100" default:"100" doc:"the most codes of the list"`
}) (*struct{ Body Vouchers }, error) {
	codes, id, err := s.app.Vouchers(ctx, in.Member, in.Limit)
	if err != nil {
		return nil, err
	}
	out := Vouchers{Member: id.String(), Vouchers: []Code{}}
	for i := range codes {
		out.Vouchers = append(out.Vouchers, s.codeOf(&codes[i], languageOf(in.Lang, in.AcceptLanguage)))
	}
	return &struct{ Body Vouchers }{out}, nil
}

func (s *Server) giveVoucher(ctx context.Context, in *struct {
	MemberPath
	InLanguage
	Body GivenCode
}) (*codeOutput, error) {
	c, _, err := s.app.GiveCode(ctx, in.Member, in.Body.Code)
	if err != nil {
		p := problemOf(err)
		if p.Path == "code" {
			p = inBody(p)
		}
		return nil, p
	}
	return &codeOutput{s.codeOf(&c, languageOf(in.Lang, in.AcceptLanguage))}, nil
}
