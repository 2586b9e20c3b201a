-- Where lists go on, by the handles that agents hold: each for an hour, and the newest 200 of a principal. They are no
-- part of the audit trail.
CREATE TABLE cursors (
    principal TEXT    NOT NULL,
    handle    TEXT    NOT NULL,
    at        INTEGER NOT NULL,
    position  TEXT    NOT NULL,
    PRIMARY KEY (principal, handle)
) STRICT, WITHOUT ROWID;
CREATE INDEX cursors_at ON cursors (at);
