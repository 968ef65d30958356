package app

import (
	"context"

	"premia/internal/auth"
)

// ExportMember gives all that is known of a member for whoever may give it out (GDPR,
// articles 15 and 20), with the reasons in a language. That somebody did is kept in the
// audit trail.
func (a *App) ExportMember(ctx context.Context, ref, lang string) (*MemberData, error) {
	if err := may(ctx, auth.PersonalExport); err != nil {
		return nil, err
	}
	id, err := a.Find(ctx, ref)
	if err != nil {
		return nil, err
	}
	data, err := a.MemberData(ctx, id, lang)
	if err != nil {
		return nil, err
	}
	return data, a.note(ctx, a.audited(ctx, "personal.exported", id.String()))
}
