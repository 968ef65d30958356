-- +goose Up

-- A batch of pay-outs that a bank is asked for together.
CREATE TABLE payout_batches (
    id      TEXT PRIMARY KEY,
    created BIGINT NOT NULL
);

-- A pay-out that a redemption ordered, once: as the redemption is the key and has
-- one batch at most, no pay-out is ever in two. The account is not here, but among
-- the personal values.
CREATE TABLE payouts (
    redemption TEXT PRIMARY KEY,
    member     BIGINT NOT NULL,
    amount     BIGINT NOT NULL,
    ordered    BIGINT NOT NULL,
    batch      TEXT,
    state      BIGINT NOT NULL
);
CREATE INDEX payouts_batch ON payouts (batch, redemption);
