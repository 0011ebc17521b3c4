-- The tables as they are in version 5; what SQLite went through before is not repeated. Texts are ordered by their
-- bytes, as everywhere in the program. Days are texts, moments are milliseconds since 1970 UTC.
DO $$
BEGIN
    -- Whoever owns only this database may not make it, and need not when it is there.
    IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'postgis') THEN
        CREATE EXTENSION postgis;
    END IF;
END;
$$;

CREATE TABLE station (
    code      TEXT COLLATE "C" PRIMARY KEY,
    name_zh   TEXT COLLATE "C" NOT NULL,
    name_en   TEXT COLLATE "C" NOT NULL,
    kind      TEXT COLLATE "C" NOT NULL,
    area      TEXT COLLATE "C" NOT NULL,
    lon       DOUBLE PRECISION,
    lat       DOUBLE PRECISION,
    position  TEXT COLLATE "C" NOT NULL,
    simulated BOOLEAN NOT NULL,
    origin    TEXT COLLATE "C"
);

CREATE TABLE device (
    mn              TEXT COLLATE "C" PRIMARY KEY,
    station         TEXT COLLATE "C" NOT NULL REFERENCES station (code),
    password        TEXT COLLATE "C",
    edition         TEXT COLLATE "C",
    stamp           TEXT COLLATE "C" NOT NULL,
    minute_interval BIGINT NOT NULL CHECK (minute_interval BETWEEN 1 AND 60),
    simulated       BOOLEAN NOT NULL,
    origin          TEXT COLLATE "C"
);
CREATE INDEX device_station ON device (station);

CREATE TABLE binding (
    mn        TEXT COLLATE "C" NOT NULL REFERENCES device (mn) ON DELETE CASCADE,
    sent      TEXT COLLATE "C" NOT NULL,
    parameter TEXT COLLATE "C" NOT NULL,
    unit      TEXT COLLATE "C",
    nth       BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (mn, sent)
);

CREATE TABLE limit_line (
    id               BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    station          TEXT COLLATE "C" NOT NULL REFERENCES station (code) ON DELETE CASCADE,
    parameter        TEXT COLLATE "C" NOT NULL,
    value            DOUBLE PRECISION NOT NULL,
    bound            TEXT COLLATE "C" NOT NULL,
    unit             TEXT COLLATE "C" NOT NULL,
    averaging        TEXT COLLATE "C" NOT NULL,
    label_zh         TEXT COLLATE "C" NOT NULL,
    label_en         TEXT COLLATE "C" NOT NULL,
    clause_zh        TEXT COLLATE "C" NOT NULL,
    clause_en        TEXT COLLATE "C" NOT NULL,
    standard_zh      TEXT COLLATE "C" NOT NULL,
    standard_en      TEXT COLLATE "C" NOT NULL,
    edition          TEXT COLLATE "C" NOT NULL,
    in_force_from    TEXT COLLATE "C" NOT NULL,
    in_force_until   TEXT COLLATE "C",
    status           TEXT COLLATE "C" NOT NULL,
    reference_oxygen DOUBLE PRECISION
);
CREATE INDEX limit_line_station ON limit_line (station);
CREATE TABLE station_limits (
    station TEXT COLLATE "C" PRIMARY KEY REFERENCES station (code) ON DELETE CASCADE,
    origin  TEXT COLLATE "C"
);

CREATE TABLE removed (
    kind TEXT COLLATE "C" NOT NULL,
    key  TEXT COLLATE "C" NOT NULL,
    at   BIGINT NOT NULL,
    PRIMARY KEY (kind, key)
);

CREATE TABLE "user" (
    name                 TEXT COLLATE "C" PRIMARY KEY,
    role                 TEXT COLLATE "C" NOT NULL,
    password_hash        TEXT COLLATE "C" NOT NULL,
    must_change_password BOOLEAN NOT NULL,
    disabled             BOOLEAN NOT NULL,
    created_at           BIGINT NOT NULL,
    last_log_in          BIGINT
);

CREATE TABLE session (
    token_hash TEXT COLLATE "C" PRIMARY KEY,
    "user"     TEXT COLLATE "C" NOT NULL REFERENCES "user" (name) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    used_at    BIGINT NOT NULL,
    ends_at    BIGINT NOT NULL,
    peer       TEXT COLLATE "C" NOT NULL
);
CREATE INDEX session_of_user ON session ("user");

CREATE TABLE quarantine (
    mn           TEXT COLLATE "C" PRIMARY KEY,
    first_seen   BIGINT NOT NULL,
    last_seen    BIGINT NOT NULL,
    frames       BIGINT NOT NULL,
    peer         TEXT COLLATE "C" NOT NULL,
    st           TEXT COLLATE "C",
    password     TEXT COLLATE "C",
    sample_frame TEXT COLLATE "C" NOT NULL,
    reason       TEXT COLLATE "C" NOT NULL,
    state        TEXT COLLATE "C" NOT NULL
);

-- The journal: entries and the full tiles of its tree (256 hashes of 32 bytes, and their root). Rows are only ever
-- added; entries number themselves without gaps.
CREATE TABLE event (
    id           BIGINT PRIMARY KEY,
    at           BIGINT NOT NULL,
    actor        TEXT COLLATE "C" NOT NULL,
    action       TEXT COLLATE "C" NOT NULL,
    subject_kind TEXT COLLATE "C" NOT NULL,
    subject      TEXT COLLATE "C" NOT NULL,
    before       TEXT COLLATE "C",
    after        TEXT COLLATE "C",
    why          TEXT COLLATE "C" NOT NULL,
    version      BIGINT,
    changes      TEXT COLLATE "C",
    leaf         BYTEA NOT NULL
);
CREATE INDEX event_subject ON event (subject_kind, subject, id);
CREATE TABLE journal_tile (
    level  BIGINT NOT NULL,
    nth    BIGINT NOT NULL,
    hashes BYTEA NOT NULL,
    root   BYTEA NOT NULL,
    PRIMARY KEY (level, nth)
);
CREATE FUNCTION journal_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the journal is append-only';
END;
$$;
CREATE TRIGGER event_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON event
    FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only();
CREATE TRIGGER journal_tile_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON journal_tile
    FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only();

-- Questions somebody keeps, for themselves or for all.
CREATE TABLE saved_view (
    id       BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    "user"   TEXT COLLATE "C" NOT NULL REFERENCES "user" (name) ON DELETE CASCADE,
    register TEXT COLLATE "C" NOT NULL,
    name     TEXT COLLATE "C" NOT NULL,
    query    TEXT COLLATE "C" NOT NULL,
    shared   BOOLEAN NOT NULL,
    at       BIGINT NOT NULL,
    UNIQUE ("user", register, name)
);
CREATE INDEX saved_view_register ON saved_view (register);

-- Files, by the SM3 of their content; the content is in the data folder.
CREATE TABLE attachment (
    hash        TEXT COLLATE "C" PRIMARY KEY,
    name        TEXT COLLATE "C" NOT NULL,
    media_type  TEXT COLLATE "C" NOT NULL,
    bytes       BIGINT NOT NULL,
    uploaded_by TEXT COLLATE "C" NOT NULL,
    at          BIGINT NOT NULL
);
