-- +goose Up

-- Who was given an offer, activated it, gave it up and used it, as it follows from the
-- journal; 0 is never.
CREATE TABLE offer_members (
    offer     BIGINT NOT NULL,
    member    BIGINT NOT NULL,
    given     BIGINT NOT NULL,
    activated BIGINT NOT NULL,
    given_up  BIGINT NOT NULL,
    uses      BIGINT NOT NULL,
    used      BIGINT NOT NULL,
    changed   BIGINT NOT NULL,
    PRIMARY KEY (offer, member)
);
CREATE INDEX offer_members_changed ON offer_members (offer, changed, member);

-- All that follows from the journal is made anew, with what is new in it.
DELETE FROM figures;
DELETE FROM redemptions;
DELETE FROM cursors WHERE subscriber = 'figures';
