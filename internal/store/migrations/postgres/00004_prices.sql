-- +goose Up

-- What products cost. A price is in force from at until the next of its product and
-- channel; the channel '' is that of all channels that have no prices of their own.
CREATE TABLE prices (
    sku      text NOT NULL,
    channel  text NOT NULL,
    at       bigint NOT NULL,
    regular  bigint NOT NULL,
    price    bigint NOT NULL,
    recorded bigint NOT NULL,
    PRIMARY KEY (sku, channel, at)
);
