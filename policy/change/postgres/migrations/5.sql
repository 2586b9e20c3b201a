-- The beginning of the trail may be cut off, which an event of kind cut records.
CREATE OR REPLACE FUNCTION events_are_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND current_setting('intercom_mcp.erasing', true) = 'yes' THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' AND current_setting('intercom_mcp.cutting', true) = 'yes' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'events are append-only';
END $$;
CREATE INDEX events_cuts ON events (seq) WHERE kind = 'cut';
