-- +goose Up

-- Who was given an offer, activated it, gave it up and used it, as it follows from the
-- journal; 0 is never.
CREATE TABLE offer_members (
    offer     INTEGER NOT NULL,
    member    INTEGER NOT NULL,
    given     INTEGER NOT NULL,
    activated INTEGER NOT NULL,
    given_up  INTEGER NOT NULL,
    uses      INTEGER NOT NULL,
    used      INTEGER NOT NULL,
    changed   INTEGER NOT NULL,
    PRIMARY KEY (offer, member)
) WITHOUT ROWID;
CREATE INDEX offer_members_changed ON offer_members (offer, changed, member);

-- All that follows from the journal is made anew, with what is new in it.
DELETE FROM figures;
DELETE FROM redemptions;
DELETE FROM cursors WHERE subscriber = 'figures';
