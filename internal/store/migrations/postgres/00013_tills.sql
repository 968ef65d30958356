-- +goose Up

-- Devices at which cashiers work; the token is only a hash here. Who set one up
-- answers for it. A cashier is named while they have unlocked it.
CREATE TABLE tills (
    id      TEXT PRIMARY KEY,
    hash    BYTEA NOT NULL UNIQUE,
    name    TEXT NOT NULL,
    store   TEXT NOT NULL,
    user_id TEXT NOT NULL,
    created BIGINT NOT NULL,
    seen    BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    cashier TEXT NOT NULL,
    used    BIGINT NOT NULL
);
