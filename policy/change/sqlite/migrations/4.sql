-- The first version that was released. Columns are what queries need; body is the JSON of the whole, which Go reads.
-- Times are nanoseconds since 1970 UTC.
CREATE TABLE changes (
    seq          INTEGER PRIMARY KEY,        -- the order in which changes were created
    id           TEXT    NOT NULL UNIQUE,
    principal    TEXT    NOT NULL,
    effect       TEXT    NOT NULL,           -- the fingerprint
    status       TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    started_at   INTEGER,                    -- when it was approved or applied; NULL where it wrote nothing
    approval     TEXT    NOT NULL,           -- level at which it was confirmed; none where nobody confirmed it
    owner        TEXT,                       -- the store that applies it, or did
    lease_until  INTEGER,                    -- after which another store may take it over
    body         TEXT    NOT NULL,           -- a Change without its items
    forgotten    INTEGER NOT NULL DEFAULT 0, -- whether its values were purged
    cancel_asked INTEGER NOT NULL DEFAULT 0, -- whether a stop was requested
    undoes       TEXT    NOT NULL DEFAULT '' -- id of the change that it undoes
) STRICT;
CREATE INDEX changes_of_principal ON changes (principal, seq);
CREATE INDEX changes_of_effect ON changes (principal, effect, seq);
CREATE INDEX changes_started ON changes (principal, started_at);
CREATE INDEX changes_open ON changes (lease_until) WHERE status IN ('approved', 'applying');
CREATE INDEX changes_remembered ON changes (created_at) WHERE forgotten = 0;
CREATE INDEX changes_undoing ON changes (undoes) WHERE undoes <> '';

CREATE TABLE items (
    change  INTEGER NOT NULL REFERENCES changes (seq),
    idx     INTEGER NOT NULL,
    outcome TEXT    NOT NULL,
    body    TEXT    NOT NULL, -- an Item
    PRIMARY KEY (change, idx)
) STRICT, WITHOUT ROWID;
CREATE INDEX items_by_outcome ON items (change, outcome);

-- The audit trail: body is an Event, and hash the SHA-256 of its very bytes. AUTOINCREMENT remembers the highest seq, so
-- that a shortened trail shows.
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

-- What people declined lately: hashes of what would have been written where.
CREATE TABLE declines (
    principal TEXT    NOT NULL,
    at        INTEGER NOT NULL,
    place     TEXT    NOT NULL, -- a field of a target
    value     TEXT    NOT NULL
) STRICT;
CREATE INDEX declines_of_principal ON declines (principal, at);

-- The workspace that the file is bound to; at most one row.
CREATE TABLE workspace (
    one  INTEGER PRIMARY KEY CHECK (one = 1),
    name TEXT NOT NULL
) STRICT;
