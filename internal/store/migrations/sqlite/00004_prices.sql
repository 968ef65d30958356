-- +goose Up

-- What products cost. A price is in force from at until the next of its product and
-- channel; the channel '' is that of all channels that have no prices of their own.
CREATE TABLE prices (
    sku      TEXT NOT NULL,
    channel  TEXT NOT NULL,
    at       INTEGER NOT NULL,
    regular  INTEGER NOT NULL,
    price    INTEGER NOT NULL,
    recorded INTEGER NOT NULL,
    PRIMARY KEY (sku, channel, at)
) WITHOUT ROWID;
