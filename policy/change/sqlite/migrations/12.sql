-- What keeps a file of a million items as quick as an empty one. Events by their change; what somebody made invalid is
-- passed over, for the check of the trail to find. None by time and kind: each would take a twentieth off every write,
-- for what operators look up now and then.
CREATE INDEX events_of_change ON events (body ->> 'change') WHERE json_valid(body) AND body ->> 'change' IS NOT NULL;
-- Changes of one status, of anybody. By another collation than the column's, so that no query takes it unasked: without
-- statistics SQLite would prefer it to changes_of_principal.
CREATE INDEX changes_by_status ON changes (status COLLATE NOCASE, seq);
-- Those that wait, and are not overdue.
CREATE INDEX changes_awaiting ON changes (coalesce(expires_at, 9223372036854775807)) WHERE status = 'awaiting';
-- Those of a person, at whatever client.
CREATE INDEX changes_of_email ON changes (lower(body ->> '$.Person.Email'))
    WHERE json_valid(body) AND body ->> '$.Person.Email' IS NOT NULL;
