-- A run over time: what a page shows of a hundred thousand transactions is read from a few hundred rows.

ALTER TABLE endpoint_totals ADD COLUMN rolled_up INTEGER NOT NULL DEFAULT 0; -- whether it has rows of its own below

CREATE TABLE rollups (
    run_id         INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    width_s        INTEGER NOT NULL,                   -- limits.rs: ROLLUP_LEVELS
    endpoint_id    INTEGER NOT NULL,                   -- of endpoint_totals; 0: all requests together
    started_at_s   INTEGER NOT NULL,                   -- begin of the bucket, seconds since the Unix epoch
    requests       INTEGER NOT NULL,
    errors         INTEGER NOT NULL,
    client_errors  INTEGER NOT NULL,
    queries        INTEGER NOT NULL,
    wall_ns        INTEGER NOT NULL,
    db_ns          INTEGER NOT NULL,
    spread         BLOB NOT NULL,                      -- rollup.rs
    PRIMARY KEY (run_id, width_s, endpoint_id, started_at_s)
) STRICT, WITHOUT ROWID;

-- The newest and the slowest requests of an endpoint, without a look at any other. By time, so that new ones are put at the
-- end: by wall time, each commit would write as many pages as it has transactions.
CREATE INDEX transactions_by_endpoint ON transactions (run_id, kind, method, route, started_at_us, wall_ns);
