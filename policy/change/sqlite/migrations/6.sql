-- The freeze in force; at most one row.
CREATE TABLE freeze (
    one    INTEGER PRIMARY KEY CHECK (one = 1),
    by     TEXT    NOT NULL,
    reason TEXT    NOT NULL,
    at     INTEGER NOT NULL
) STRICT;
