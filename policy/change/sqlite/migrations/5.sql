-- What an item writes to, for the limits of a policy: its target, or one like no other where that is yet to be created.
-- The index holds all that the limits and the counts of outcomes need, so that no body is read for them.
ALTER TABLE items ADD COLUMN target TEXT NOT NULL DEFAULT '';
UPDATE items SET target = coalesce(nullif(body ->> '$.Contact', ''), (SELECT id FROM changes WHERE seq = change) || '#' || idx, '');
DROP INDEX items_by_outcome;
CREATE INDEX items_by_target ON items (change, outcome, target);

-- Who requested that a change be stopped, and why; NULL where nobody did.
ALTER TABLE changes ADD COLUMN stop_by TEXT;
ALTER TABLE changes ADD COLUMN stop_reason TEXT;
UPDATE changes SET stop_by = principal, stop_reason = '' WHERE cancel_asked;
ALTER TABLE changes DROP COLUMN cancel_asked;
