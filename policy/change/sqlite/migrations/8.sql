-- What people ask of the servers that own the access token: of each kind the latest for a change.
CREATE TABLE requests (
    change      TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    asked_at    INTEGER NOT NULL,
    taken       INTEGER NOT NULL DEFAULT 0, -- how often
    lease_until INTEGER NOT NULL DEFAULT 0, -- after which another server may take it
    body        TEXT    NOT NULL,           -- a Request
    answer      TEXT,                       -- an Answer; NULL while there is none
    PRIMARY KEY (change, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX requests_open ON requests (asked_at) WHERE answer IS NULL;

-- The servers that are there, or were.
CREATE TABLE servers (
    id      TEXT    PRIMARY KEY,
    seen_at INTEGER NOT NULL,
    body    TEXT    NOT NULL -- an Instance
) STRICT, WITHOUT ROWID;

-- Sign-ins to the console, by the SHA-256 of their cookies.
CREATE TABLE sessions (
    key       TEXT    PRIMARY KEY,
    principal TEXT    NOT NULL,
    kept_at   INTEGER NOT NULL,
    until     INTEGER NOT NULL,
    body      TEXT    NOT NULL -- a Session
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_of_principal ON sessions (principal, kept_at);

-- Notices that wait to be sent, in the order in which they were written.
CREATE TABLE outbox (
    seq         INTEGER PRIMARY KEY,
    id          TEXT    NOT NULL UNIQUE,
    kind        TEXT    NOT NULL,
    change      TEXT    NOT NULL,           -- empty where there is none
    at          INTEGER NOT NULL,
    written_at  INTEGER NOT NULL,
    expires_at  INTEGER,                    -- end of the wait for a confirmation; NULL where nothing waits
    due_at      INTEGER NOT NULL DEFAULT 0, -- before which it is not sent again
    lease_until INTEGER NOT NULL DEFAULT 0, -- after which another server may take it
    taken       INTEGER NOT NULL DEFAULT 0, -- how often
    tried       INTEGER NOT NULL DEFAULT 0, -- how often in vain
    problem     TEXT    NOT NULL DEFAULT '' -- why, the last time
) STRICT;

-- Which notices are written, and until when; those of what is no event, which are not written twice.
CREATE TABLE outbox_wanted (
    kind  TEXT    PRIMARY KEY,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE outbox_added (
    id TEXT    PRIMARY KEY,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
