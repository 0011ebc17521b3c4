-- Devices that signed in without being known.
CREATE TABLE quarantine (
    mn           TEXT PRIMARY KEY,
    first_seen   INTEGER NOT NULL,
    last_seen    INTEGER NOT NULL,
    frames       INTEGER NOT NULL,
    peer         TEXT NOT NULL,
    st           TEXT,
    password     TEXT,
    sample_frame TEXT NOT NULL,
    reason       TEXT NOT NULL,
    state        TEXT NOT NULL
) STRICT;
