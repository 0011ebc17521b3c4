-- Who may log in, and who has.
CREATE TABLE user (
    name                 TEXT PRIMARY KEY,
    role                 TEXT NOT NULL,
    password_hash        TEXT NOT NULL,
    must_change_password INTEGER NOT NULL CHECK (must_change_password IN (0, 1)),
    disabled             INTEGER NOT NULL CHECK (disabled IN (0, 1)),
    created_at           INTEGER NOT NULL,
    last_log_in          INTEGER
) STRICT;

-- The token itself is with the browser; here is its SM3 hash.
CREATE TABLE session (
    token_hash TEXT PRIMARY KEY,
    user       TEXT NOT NULL REFERENCES user (name) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    used_at    INTEGER NOT NULL,
    ends_at    INTEGER NOT NULL,
    peer       TEXT NOT NULL
) STRICT;
CREATE INDEX session_user ON session (user);
