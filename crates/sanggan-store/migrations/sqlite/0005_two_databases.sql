-- From here on the tables are those of PostgreSQL too. The order of a device's bindings is a column of its own.
ALTER TABLE binding ADD COLUMN nth INTEGER NOT NULL DEFAULT 0;
UPDATE binding SET nth = rowid;

-- The journal becomes a tree: each entry has the hash of its leaf, given once. (Entries of before get theirs from the
-- program when it opens the store, so the column may be empty until then.)
ALTER TABLE event ADD COLUMN version INTEGER;
ALTER TABLE event ADD COLUMN changes TEXT;
ALTER TABLE event ADD COLUMN leaf BLOB;
CREATE INDEX event_without_leaf ON event (id) WHERE leaf IS NULL;
DROP TRIGGER event_is_never_changed;
CREATE TRIGGER event_is_never_changed
BEFORE UPDATE OF id, at, actor, action, subject_kind, subject, version, changes, before, after, why ON event
BEGIN
    SELECT RAISE(ABORT, 'the journal is append-only');
END;
CREATE TRIGGER event_leaf_is_given_once BEFORE UPDATE OF leaf ON event WHEN OLD.leaf IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'the journal is append-only');
END;

-- Full tiles of the tree: 256 hashes of 32 bytes, and their root.
CREATE TABLE journal_tile (
    level  INTEGER NOT NULL,
    nth    INTEGER NOT NULL,
    hashes BLOB NOT NULL,
    root   BLOB NOT NULL,
    PRIMARY KEY (level, nth)
) STRICT;
CREATE TRIGGER journal_tile_is_never_changed BEFORE UPDATE ON journal_tile
BEGIN
    SELECT RAISE(ABORT, 'the journal is append-only');
END;
CREATE TRIGGER journal_tile_is_never_removed BEFORE DELETE ON journal_tile
BEGIN
    SELECT RAISE(ABORT, 'the journal is append-only');
END;

-- Questions somebody keeps, for themselves or for all.
CREATE TABLE saved_view (
    id       INTEGER PRIMARY KEY,
    "user"   TEXT NOT NULL REFERENCES "user" (name) ON DELETE CASCADE,
    register TEXT NOT NULL,
    name     TEXT NOT NULL,
    query    TEXT NOT NULL,
    shared   INTEGER NOT NULL CHECK (shared IN (0, 1)),
    at       INTEGER NOT NULL,
    UNIQUE ("user", register, name)
) STRICT;
CREATE INDEX saved_view_register ON saved_view (register);

-- Files, by the SM3 of their content; the content is in the data folder.
CREATE TABLE attachment (
    hash        TEXT PRIMARY KEY,
    name        TEXT NOT NULL,
    media_type  TEXT NOT NULL,
    bytes       INTEGER NOT NULL,
    uploaded_by TEXT NOT NULL,
    at          INTEGER NOT NULL
) STRICT;
