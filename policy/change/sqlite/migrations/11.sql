-- The beginning of the trail may be cut off, which an event of kind cut records.
CREATE INDEX events_cuts ON events (seq) WHERE json_valid(body) AND body ->> 'kind' = 'cut';
