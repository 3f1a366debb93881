-- What the edge answered: by what it was for, and over time. Nothing here hangs on a transaction: what is answered from the
-- cache has none.

CREATE TABLE edge_totals (
    run_id       INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    target_kind  INTEGER NOT NULL,                     -- encoding.rs: target
    target       TEXT NOT NULL,                        -- a route, a path without one, or empty for all others
    method       TEXT NOT NULL,
    outcome      INTEGER NOT NULL,                     -- observation::EdgeOutcome::code
    requests     INTEGER NOT NULL,
    bytes_sent   INTEGER NOT NULL,
    took_ns      INTEGER NOT NULL,
    took_max_ns  INTEGER NOT NULL,
    wait_ns      INTEGER NOT NULL,
    wait_max_ns  INTEGER NOT NULL,
    PRIMARY KEY (run_id, target_kind, target, method, outcome)
) STRICT, WITHOUT ROWID;

CREATE TABLE edge_rollups (
    run_id        INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    width_s       INTEGER NOT NULL,                    -- limits.rs: ROLLUP_LEVELS
    started_at_s  INTEGER NOT NULL,                    -- begin of the bucket, seconds since the Unix epoch
    outcome       INTEGER NOT NULL,
    requests      INTEGER NOT NULL,
    bytes_sent    INTEGER NOT NULL,
    took_ns       INTEGER NOT NULL,
    took_max_ns   INTEGER NOT NULL,
    wait_ns       INTEGER NOT NULL,
    wait_max_ns   INTEGER NOT NULL,
    PRIMARY KEY (run_id, width_s, started_at_s, outcome)
) STRICT, WITHOUT ROWID;
