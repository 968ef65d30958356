-- +goose Up

-- The words by which members are found, each with the personal value that it is of,
-- so that it goes when that goes.
CREATE TABLE search (
    shard  INTEGER NOT NULL,
    term   TEXT COLLATE "C" NOT NULL,
    member BIGINT NOT NULL,
    salt   BYTEA NOT NULL,
    PRIMARY KEY (shard, term, member, salt)
);
CREATE INDEX search_member ON search (shard, member, term);
