-- Stations, devices, limits. `origin` is what the last seed brought (JSON), so that a seed can tell a row it made
-- from one a person changed; NULL when a person made the row. `removed` keeps what a person removed from coming back.
CREATE TABLE station (
    code      TEXT PRIMARY KEY,
    name_zh   TEXT NOT NULL,
    name_en   TEXT NOT NULL,
    kind      TEXT NOT NULL,
    area      TEXT NOT NULL,
    lon       REAL,
    lat       REAL,
    position  TEXT NOT NULL,
    simulated INTEGER NOT NULL CHECK (simulated IN (0, 1)),
    origin    TEXT
) STRICT;

CREATE TABLE device (
    mn              TEXT PRIMARY KEY,
    station         TEXT NOT NULL REFERENCES station (code),
    password        TEXT,
    edition         TEXT,
    stamp           TEXT NOT NULL,
    minute_interval INTEGER NOT NULL CHECK (minute_interval BETWEEN 1 AND 60),
    simulated       INTEGER NOT NULL CHECK (simulated IN (0, 1)),
    origin          TEXT
) STRICT;
CREATE INDEX device_station ON device (station);

CREATE TABLE binding (
    mn        TEXT NOT NULL REFERENCES device (mn) ON DELETE CASCADE,
    sent      TEXT NOT NULL,
    parameter TEXT NOT NULL,
    unit      TEXT,
    PRIMARY KEY (mn, sent)
) STRICT;

-- All lines of a station are set together; `station_limits` remembers what the last seed brought for it.
CREATE TABLE limit_line (
    id               INTEGER PRIMARY KEY,
    station          TEXT NOT NULL REFERENCES station (code) ON DELETE CASCADE,
    parameter        TEXT NOT NULL,
    value            REAL NOT NULL,
    bound            TEXT NOT NULL,
    unit             TEXT NOT NULL,
    averaging        TEXT NOT NULL,
    label_zh         TEXT NOT NULL,
    label_en         TEXT NOT NULL,
    clause           TEXT NOT NULL,
    standard         TEXT NOT NULL,
    edition          TEXT NOT NULL,
    in_force_from    TEXT NOT NULL,
    in_force_until   TEXT,
    status           TEXT NOT NULL,
    reference_oxygen REAL
) STRICT;
CREATE INDEX limit_line_station ON limit_line (station);
CREATE TABLE station_limits (
    station TEXT PRIMARY KEY REFERENCES station (code) ON DELETE CASCADE,
    origin  TEXT
) STRICT;

CREATE TABLE removed (
    kind TEXT NOT NULL,
    key  TEXT NOT NULL,
    at   INTEGER NOT NULL,
    PRIMARY KEY (kind, key)
) STRICT;

-- The journal. Rows are only ever added.
CREATE TABLE event (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    at           INTEGER NOT NULL,
    actor        TEXT NOT NULL,
    action       TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject      TEXT NOT NULL,
    before       TEXT,
    after        TEXT,
    why          TEXT NOT NULL
) STRICT;
CREATE INDEX event_subject ON event (subject_kind, subject, id);
CREATE TRIGGER event_is_never_changed BEFORE UPDATE ON event
BEGIN
    SELECT RAISE(ABORT, 'the journal is append-only');
END;
CREATE TRIGGER event_is_never_removed BEFORE DELETE ON event
BEGIN
    SELECT RAISE(ABORT, 'the journal is append-only');
END;
