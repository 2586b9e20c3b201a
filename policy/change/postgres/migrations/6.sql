-- What keeps a schema of a million items as quick as an empty one: events by their kind; changes by their status, of
-- anybody; those that wait, and are not overdue; those of a person, at whatever client.
CREATE INDEX events_by_kind ON events (kind, seq);
CREATE INDEX changes_by_status ON changes (status, seq);
CREATE INDEX changes_awaiting ON changes (coalesce(expires_at, 9223372036854775807)) WHERE status = 'awaiting';
CREATE INDEX changes_of_email ON changes (email, seq) WHERE email <> '';
