-- +goose Up

-- A batch of codes that were made or imported together. It is written first and
-- says how far its codes have got: finished is when all were there.
CREATE TABLE code_batches (
    batch       bigint PRIMARY KEY,
    id          text NOT NULL UNIQUE,
    reward      integer NOT NULL,
    pattern     text NOT NULL,
    series      text NOT NULL,
    wanted      bigint NOT NULL,
    made        bigint NOT NULL,
    first       bigint NOT NULL,
    next        bigint NOT NULL,
    ends        bigint NOT NULL,
    valid_from  bigint NOT NULL,
    valid_until bigint NOT NULL,
    uses        bigint NOT NULL,
    digest      bytea NOT NULL,
    created     bigint NOT NULL,
    finished    bigint
);

-- A code is found by its key. batch 0 is that of vouchers, which have no number
-- but the redemption that they came from.
CREATE TABLE codes (
    shard       integer NOT NULL,
    key         bytea NOT NULL,
    code        text NOT NULL,
    reward      integer NOT NULL,
    batch       bigint NOT NULL,
    number      bigint NOT NULL,
    member      bigint NOT NULL,
    bearer      smallint NOT NULL,
    valid_from  bigint NOT NULL,
    valid_until bigint NOT NULL,
    uses        bigint NOT NULL,
    blocked     bigint NOT NULL,
    redemption  text NOT NULL,
    PRIMARY KEY (shard, key)
);
CREATE INDEX codes_batch ON codes (batch, number) WHERE batch <> 0;
CREATE INDEX codes_member ON codes (member) WHERE member <> 0;
