package app

import (
	"context"

	"premia/internal/store"
)

// users copies the users with what they prove who they are by, and the invitations.
// Sessions and steps under way stay behind: everybody signs in again. So does the
// outbox.
func (m *mover) users(ctx context.Context) error {
	users, err := m.source.Users(ctx)
	if err != nil {
		return err
	}
	credentials, err := m.source.AllCredentials(ctx)
	if err != nil {
		return err
	}
	invitations, err := m.source.Invitations(ctx)
	if err != nil {
		return err
	}
	return m.to.Change(ctx, func(tx *store.Tx) error {
		for i := range users {
			if err := tx.AddUser(ctx, &users[i]); err != nil {
				return err
			}
		}
		for i := range credentials {
			if err := tx.PutCredential(ctx, &credentials[i]); err != nil {
				return err
			}
		}
		for i := range invitations {
			if err := tx.AddInvitation(ctx, &invitations[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// drafts copies the drafts of the program.
func (m *mover) drafts(ctx context.Context) error {
	all, err := m.source.Drafts(ctx)
	if err != nil {
		return err
	}
	return m.to.Change(ctx, func(tx *store.Tx) error {
		for i := range all {
			if err := tx.PutDraft(ctx, &all[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// memberPasskeys copies what members sign in by; their sessions stay behind, as users' do.
// A passkey is good at the same address alone.
func (m *mover) memberPasskeys(ctx context.Context) error {
	all, err := m.source.AllMemberPasskeys(ctx)
	if err != nil {
		return err
	}
	return m.to.Change(ctx, func(tx *store.Tx) error {
		for i := range all {
			if err := tx.AddMemberPasskey(ctx, &all[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// pictures copies the pictures, one after another, since each is large.
func (m *mover) pictures(ctx context.Context) error {
	all, err := m.source.Pictures(ctx)
	if err != nil {
		return err
	}
	for i := range all {
		whole, err := m.source.Picture(ctx, all[i].About)
		if err != nil {
			return err
		}
		if err := m.to.Change(ctx, func(tx *store.Tx) error { return tx.PutPicture(ctx, &whole) }); err != nil {
			return err
		}
	}
	return nil
}
