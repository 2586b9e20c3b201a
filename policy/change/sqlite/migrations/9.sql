-- What bounds the changes that wait: how large they are as stored, when they are overdue, and who is to confirm them.
ALTER TABLE changes ADD COLUMN size INTEGER NOT NULL DEFAULT 0; -- bytes of the bodies, as recorded; 0 in older records
ALTER TABLE changes ADD COLUMN expires_at INTEGER;              -- end of the wait for confirmation, as planned
ALTER TABLE changes ADD COLUMN level TEXT NOT NULL DEFAULT '';  -- who must confirm; empty in older records
UPDATE changes SET expires_at = CAST(strftime('%s', body ->> '$.ExpiresAt') AS INTEGER) * 1000000000
    WHERE status = 'awaiting';
CREATE INDEX changes_waiting ON changes (principal, expires_at) WHERE status = 'awaiting';
CREATE INDEX changes_asked ON changes (principal, created_at) WHERE level = 'user';
