-- The keys that seal what clients carry from a question to its answer, the newest seals; and which of it was used.
CREATE TABLE seal_keys (
    id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key bytea  NOT NULL
);
CREATE TABLE seal_spent (
    nonce text   PRIMARY KEY,
    until bigint NOT NULL
);
CREATE INDEX seal_spent_until ON seal_spent (until);
