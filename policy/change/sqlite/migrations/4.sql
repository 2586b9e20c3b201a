-- Who applies a change learns here that it is to be stopped.
ALTER TABLE changes ADD COLUMN cancel_asked INTEGER NOT NULL DEFAULT 0;

-- Which change one puts back: of those that put back the same, one writes.
ALTER TABLE changes ADD COLUMN undoes TEXT NOT NULL DEFAULT '';
UPDATE changes SET undoes = coalesce(body ->> '$.Undoes', '');
CREATE INDEX changes_undoing ON changes (undoes) WHERE undoes <> '';

-- What people declined lately: hashes of what would have been written where.
CREATE TABLE declines (
    principal TEXT    NOT NULL,
    at        INTEGER NOT NULL,
    place     TEXT    NOT NULL, -- a field of a target
    value     TEXT    NOT NULL
) STRICT;
CREATE INDEX declines_of_principal ON declines (principal, at);

-- Titles and previews are worded when they are shown, from a verb and the items.
UPDATE changes SET body = json_remove(
    json_set(body, '$.Verb', trim(replace(replace(
        coalesce(body ->> '$.Title', ''),
        coalesce((SELECT items.body ->> '$.Label' FROM items WHERE items.change = changes.seq AND idx = 0), ''), ''),
        (SELECT count(*) FROM items WHERE items.change = changes.seq) || ' contacts', ''))),
    '$.Title', '$.Preview');

-- Whose changes these are; at most one row.
CREATE TABLE workspace (
    one  INTEGER PRIMARY KEY CHECK (one = 1),
    name TEXT NOT NULL
) STRICT;
