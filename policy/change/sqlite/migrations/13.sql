-- Changes by the e-mail of whose they are, in any case whatever its letters: SQLite's own lower knows those of ASCII.
DROP INDEX changes_of_email;
ALTER TABLE changes ADD COLUMN email TEXT NOT NULL DEFAULT ''; -- in lower case; empty where nobody vouches for it
UPDATE changes SET email = fold(body ->> '$.Person.Email')
    WHERE json_valid(body) AND body ->> '$.Person.Email' IS NOT NULL AND body ->> '$.Person.Unverified' IS NOT 1;
CREATE INDEX changes_of_email ON changes (email, seq) WHERE email <> '';
