package app

import (
	"context"

	"premia/internal/auth"
	"premia/internal/core/ledger"
	"premia/internal/journal"
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

// ExportOwn gives members all that is known of them, after a proof of theirs
// ([App.Fresh]). That they took it is kept in the audit trail.
func (a *App) ExportOwn(ctx context.Context, id ledger.MemberID, lang string, from Client) (*MemberData, error) {
	if err := a.Fresh(ctx, id, from); err != nil {
		return nil, err
	}
	data, err := a.MemberData(ctx, id, lang)
	if err != nil {
		return nil, err
	}
	return data, a.note(ctx, a.audited(ctx, "personal.exported", id.String()))
}

// EraseOwn lets a member leave the program, after a proof of theirs ([App.Fresh]); what
// is erased is that of [App.Erase].
func (a *App) EraseOwn(ctx context.Context, id ledger.MemberID, from Client) (journal.Answer, error) {
	if err := a.Fresh(ctx, id, from); err != nil {
		return journal.Answer{}, err
	}
	return a.Erase(ctx, "leave-"+id.String(), id.String())
}
