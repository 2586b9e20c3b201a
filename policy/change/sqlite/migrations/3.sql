-- Of a forgotten change only the outcomes are kept, not what was written.
ALTER TABLE changes ADD COLUMN forgotten INTEGER NOT NULL DEFAULT 0;
CREATE INDEX changes_remembered ON changes (created_at) WHERE forgotten = 0;
