-- Columns are what queries need; body is the JSON of the whole, which Go reads.
-- Times are nanoseconds since 1970 UTC.
CREATE TABLE changes (
    seq         INTEGER PRIMARY KEY, -- the order in which changes were created
    id          TEXT    NOT NULL UNIQUE,
    principal   TEXT    NOT NULL,
    effect      TEXT    NOT NULL,
    status      TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    started_at  INTEGER,             -- when it was approved or applied; NULL where it wrote nothing
    approval    TEXT    NOT NULL,    -- level of the yes that it got, none where it needed none
    owner       TEXT,                -- the store that applies it, or did
    lease_until INTEGER,             -- after which another store may go on with it
    body        TEXT    NOT NULL     -- a Change without its items
) STRICT;
CREATE INDEX changes_of_principal ON changes (principal, seq);
CREATE INDEX changes_of_effect ON changes (principal, effect, seq);
CREATE INDEX changes_started ON changes (principal, started_at);
CREATE INDEX changes_applying ON changes (lease_until) WHERE status = 'applying';

CREATE TABLE items (
    change  INTEGER NOT NULL REFERENCES changes (seq),
    idx     INTEGER NOT NULL,
    outcome TEXT    NOT NULL,
    body    TEXT    NOT NULL, -- an Item
    PRIMARY KEY (change, idx)
) STRICT, WITHOUT ROWID;
CREATE INDEX items_by_outcome ON items (change, outcome);

-- The audit trail: body is an Event, and hash the SHA-256 of its very bytes.
-- AUTOINCREMENT remembers the highest seq, so that a shortened trail shows.
CREATE TABLE events (
    seq  INTEGER PRIMARY KEY AUTOINCREMENT,
    body TEXT NOT NULL,
    hash TEXT NOT NULL
) STRICT;
CREATE TRIGGER events_are_not_updated BEFORE UPDATE ON events BEGIN
    SELECT RAISE (ABORT, 'events are append-only');
END;
CREATE TRIGGER events_are_not_deleted BEFORE DELETE ON events BEGIN
    SELECT RAISE (ABORT, 'events are append-only');
END;
