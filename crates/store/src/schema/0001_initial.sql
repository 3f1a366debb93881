-- Integers are microseconds since the Unix epoch (`_us`), nanoseconds (`_ns`) or plain counts.

CREATE TABLE runs (
    id              INTEGER PRIMARY KEY AUTOINCREMENT, -- never reused: a reader may still hold it
    command         TEXT NOT NULL,
    project_root    TEXT NOT NULL,
    escala_version  TEXT NOT NULL,
    started_at_us   INTEGER NOT NULL,
    ended_at_us     INTEGER,                           -- none: still running, or killed
    dropped         INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE processes (
    id                  INTEGER PRIMARY KEY,
    run_id              INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    pid                 INTEGER NOT NULL,
    agent_version       TEXT NOT NULL,
    python_version      TEXT NOT NULL,
    django_version      TEXT NOT NULL,
    executable          TEXT NOT NULL,
    settings_module     TEXT NOT NULL,
    working_directory   TEXT NOT NULL,
    module_search_path  BLOB NOT NULL,                 -- encoding.rs: list of texts
    started_at_us       INTEGER NOT NULL,
    UNIQUE (run_id, pid, started_at_us)                -- an operating system reuses process ids
) STRICT;

CREATE TABLE transactions (
    id              INTEGER PRIMARY KEY,               -- ascending in the order of arrival
    run_id          INTEGER NOT NULL REFERENCES runs (id),
    process_id      INTEGER NOT NULL,                  -- no reference: a run takes its processes along, and the check would need an index
    ordinal         INTEGER NOT NULL,                  -- within the run, from 1, without gaps
    serial          INTEGER NOT NULL,                  -- within the process
    parent_serial   INTEGER,
    kind            INTEGER NOT NULL,                  -- encoding.rs: kind
    method          TEXT NOT NULL,
    route           TEXT NOT NULL,
    view            TEXT NOT NULL,
    status          INTEGER NOT NULL,
    started_at_us   INTEGER NOT NULL,
    wall_ns         INTEGER NOT NULL,
    cpu_ns          INTEGER NOT NULL,
    response_bytes  INTEGER NOT NULL,
    queries_total   INTEGER NOT NULL,
    db_ns           INTEGER NOT NULL,
    details         BLOB NOT NULL                      -- observation::frame::encode_details; last, so that the columns before it are read without it
) STRICT;

CREATE INDEX transactions_by_run ON transactions (run_id);

-- Requests for replay. They name their transaction but do not hang on it: in a long run the oldest transactions go, and
-- an agent that has sampled an endpoint enough does not sample it again.
CREATE TABLE requests (
    id                   INTEGER PRIMARY KEY,
    run_id               INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    process_id           INTEGER NOT NULL,
    transaction_ordinal  INTEGER NOT NULL,
    kind                 INTEGER NOT NULL,
    method               TEXT NOT NULL,                -- of the transaction: kind, method and route are the endpoint
    route                TEXT NOT NULL,
    queries_total        INTEGER NOT NULL,
    fingerprint          BLOB NOT NULL,                -- what makes two requests the same request
    request_method       TEXT NOT NULL,
    path                 TEXT NOT NULL,
    query_string         TEXT NOT NULL,
    secure               INTEGER NOT NULL,
    headers              BLOB NOT NULL,                -- encoding.rs: list of pairs
    body                 BLOB,
    user_pk              TEXT,
    redacted             INTEGER NOT NULL,
    UNIQUE (run_id, kind, method, route, fingerprint)
) STRICT;

CREATE TABLE source_files (
    run_id               INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    path                 TEXT NOT NULL,
    modified_at_us       INTEGER NOT NULL,
    size_bytes           INTEGER NOT NULL,
    sha256               TEXT,
    changed_after_start  INTEGER NOT NULL,
    PRIMARY KEY (run_id, path, modified_at_us, size_bytes)
) STRICT, WITHOUT ROWID;
