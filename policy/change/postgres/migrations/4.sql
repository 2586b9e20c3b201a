-- What was granted of the rate windows of access tokens, which go by hashes.
CREATE TABLE rates (
    key     text    PRIMARY KEY,
    epoch   bigint  NOT NULL, -- where the latest window begins
    used    integer NOT NULL,
    granted integer NOT NULL  -- the last time
);
