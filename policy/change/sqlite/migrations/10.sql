-- What was granted of the rate windows of access tokens, which go by hashes.
CREATE TABLE rates (
    key   TEXT    PRIMARY KEY,
    epoch INTEGER NOT NULL, -- where the latest window begins
    used  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
