-- +goose Up

-- Clicks on ambassadors' links, as long as the program says: whose link it was, when,
-- and the ambassador's own marks. Nothing is kept of who clicked.
CREATE TABLE clicks (
    id     BIGINT PRIMARY KEY,
    member BIGINT NOT NULL,
    at     BIGINT NOT NULL,
    sub1   TEXT NOT NULL,
    sub2   TEXT NOT NULL,
    sub3   TEXT NOT NULL,
    sub4   TEXT NOT NULL,
    sub5   TEXT NOT NULL
);
CREATE INDEX clicks_member ON clicks (member, at);
CREATE INDEX clicks_at ON clicks (at);
