-- What an item writes to, for the limits of a policy. A target that is yet to be created is like no other. The index
-- holds all that the limits and the counts of outcomes need, so that no body is read for them.
ALTER TABLE items ADD COLUMN target TEXT NOT NULL
    GENERATED ALWAYS AS (coalesce(nullif(body ->> '$.Contact', ''), change || '#' || idx)) VIRTUAL;
DROP INDEX items_by_outcome;
CREATE INDEX items_by_target ON items (change, outcome, target);

-- Who requested that a change be stopped, and why; NULL where nobody did.
ALTER TABLE changes ADD COLUMN stop_by TEXT;
ALTER TABLE changes ADD COLUMN stop_reason TEXT;
UPDATE changes SET stop_by = principal, stop_reason = '' WHERE cancel_asked;
ALTER TABLE changes DROP COLUMN cancel_asked;
