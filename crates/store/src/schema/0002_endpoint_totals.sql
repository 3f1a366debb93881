-- Everything that a run recorded, by endpoint: it stays when the transactions that it was counted from have gone.

CREATE TABLE endpoint_totals (
    id            INTEGER PRIMARY KEY,
    run_id        INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    kind          INTEGER NOT NULL,                    -- encoding.rs: kind
    method        TEXT NOT NULL,
    route         TEXT NOT NULL,
    totals        BLOB NOT NULL,                       -- totals.rs
    UNIQUE (run_id, kind, method, route)
) STRICT;
