-- An approved change has an owner too, from whom another store may take it
-- over before the work has begun.
DROP INDEX changes_applying;
CREATE INDEX changes_open ON changes (lease_until) WHERE status IN ('approved', 'applying');
