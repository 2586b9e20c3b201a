-- Whose sessions were ended lately, by each of their names: a sign-in of theirs that began before has to begin again.
CREATE TABLE session_ends (
    whose TEXT    NOT NULL,
    at    INTEGER NOT NULL
) STRICT;
