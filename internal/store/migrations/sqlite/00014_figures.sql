-- +goose Up

-- What happened on each day: sums that follow from the journal and can be made anew
-- from it. about is the number of a wallet, level, reward or rule in names, or 0.
CREATE TABLE figures (
    figure TEXT NOT NULL,
    about  INTEGER NOT NULL,
    day    INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    PRIMARY KEY (figure, about, day)
) WITHOUT ROWID;

-- Rewards that members took or rules gave, and where each stands; they follow from the
-- journal, too. reward is 0 while only a later step of a redemption is known.
CREATE TABLE redemptions (
    redemption TEXT PRIMARY KEY,
    member     INTEGER NOT NULL,
    reward     INTEGER NOT NULL,
    quantity   INTEGER NOT NULL,
    state      TEXT NOT NULL,
    taken      INTEGER NOT NULL,
    until      INTEGER NOT NULL,
    changed    INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX redemptions_taken ON redemptions (taken, redemption);
CREATE INDEX redemptions_state ON redemptions (state, taken, redemption);
