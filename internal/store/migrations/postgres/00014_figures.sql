-- +goose Up

-- What happened on each day: sums that follow from the journal and can be made anew
-- from it. about is the number of a wallet, level, reward or rule in names, or 0.
CREATE TABLE figures (
    figure TEXT COLLATE "C" NOT NULL,
    about  BIGINT NOT NULL,
    day    BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    PRIMARY KEY (figure, about, day)
);

-- Rewards that members took or rules gave, and where each stands; they follow from the
-- journal, too. reward is 0 while only a later step of a redemption is known.
CREATE TABLE redemptions (
    redemption TEXT COLLATE "C" PRIMARY KEY,
    member     BIGINT NOT NULL,
    reward     BIGINT NOT NULL,
    quantity   BIGINT NOT NULL,
    state      TEXT COLLATE "C" NOT NULL,
    taken      BIGINT NOT NULL,
    until      BIGINT NOT NULL,
    changed    BIGINT NOT NULL
);
CREATE INDEX redemptions_taken ON redemptions (taken, redemption);
CREATE INDEX redemptions_state ON redemptions (state, taken, redemption);
