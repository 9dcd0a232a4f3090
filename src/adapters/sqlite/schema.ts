/** The tables of the job store in SQLite, as steps that lead from each version of the schema to the next. */

// Queries must repeat these conditions word for word: SQLite uses a partial index only where the query implies its condition.
export const isActive = "state IN ('queued', 'running')";
export const isEnded = "state IN ('succeeded', 'failed', 'canceled')";

/** Step n leads from `user_version` n to n + 1. Steps that were released never change. */
export const migrations: readonly string[] = [
  `
  -- ready: 1 = queued and due, 0 = queued for later, null = not queued. pruned: its result and files were taken away.
  CREATE TABLE jobs (
    id TEXT PRIMARY KEY, caller TEXT NOT NULL, service TEXT NOT NULL, state TEXT NOT NULL, version INTEGER NOT NULL,
    ready INTEGER, priority INTEGER NOT NULL, labels TEXT NOT NULL, options TEXT NOT NULL, source TEXT, source_file TEXT,
    trace_id TEXT NOT NULL, attempt INTEGER NOT NULL, max_attempts INTEGER NOT NULL, hand_outs INTEGER NOT NULL, progress TEXT,
    created_at INTEGER NOT NULL, run_at INTEGER NOT NULL, started_at INTEGER, finished_at INTEGER, expires_at INTEGER NOT NULL,
    deadline INTEGER, lease_token TEXT, lease_worker TEXT, lease_expires_at INTEGER, error TEXT, outputs TEXT NOT NULL,
    reuse_key TEXT, reused_from TEXT, pruned INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX jobs_of_caller ON jobs (caller, id);
  CREATE INDEX jobs_of_caller_by_service ON jobs (caller, service, id);
  CREATE INDEX jobs_of_caller_by_state ON jobs (caller, state, id);
  CREATE INDEX jobs_ready ON jobs (service, caller, priority DESC, id) WHERE ready = 1;
  CREATE INDEX jobs_line ON jobs (service, priority DESC, id) WHERE ready = 1;
  CREATE INDEX jobs_waiting_longest ON jobs (service, created_at) WHERE ready = 1;
  CREATE INDEX jobs_delayed ON jobs (service, run_at) WHERE ready = 0;
  CREATE INDEX jobs_leased ON jobs (lease_expires_at) WHERE state = 'running';
  CREATE INDEX jobs_deadline ON jobs (deadline) WHERE deadline IS NOT NULL AND ${isActive};
  CREATE INDEX jobs_expiry ON jobs (pruned, expires_at) WHERE ${isEnded};
  CREATE INDEX jobs_reusable ON jobs (reuse_key, id) WHERE reuse_key IS NOT NULL AND state = 'succeeded' AND pruned = 0;
  CREATE INDEX jobs_by_source ON jobs (source_file) WHERE source_file IS NOT NULL AND ${isActive};

  CREATE TABLE results (job TEXT PRIMARY KEY REFERENCES jobs ON DELETE CASCADE, json TEXT NOT NULL) STRICT;

  -- AUTOINCREMENT: a position is never given twice, not even after the newest event was deleted.
  CREATE TABLE events (
    position INTEGER PRIMARY KEY AUTOINCREMENT, job TEXT NOT NULL REFERENCES jobs ON DELETE CASCADE,
    type TEXT NOT NULL, at INTEGER NOT NULL, data TEXT NOT NULL
  ) STRICT;
  CREATE INDEX events_of_job ON events (job, position);

  CREATE TABLE labels (
    caller TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, job TEXT NOT NULL, PRIMARY KEY (caller, key, value, job)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE files (
    id TEXT PRIMARY KEY, caller TEXT NOT NULL, blob TEXT NOT NULL, name TEXT, media_type TEXT NOT NULL, bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL, picture TEXT, created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, job TEXT
  ) STRICT;
  CREATE INDEX files_of_blob ON files (blob);
  CREATE INDEX files_of_job ON files (job) WHERE job IS NOT NULL;
  CREATE INDEX files_expiry ON files (expires_at);

  -- A row without fingerprint is a reservation; expires_at is then the end of its lease.
  CREATE TABLE answers (
    caller TEXT NOT NULL, key TEXT NOT NULL, token TEXT NOT NULL, expires_at INTEGER NOT NULL,
    fingerprint TEXT, answer TEXT, PRIMARY KEY (caller, key)
  ) STRICT;
  CREATE INDEX answers_expiry ON answers (expires_at);
  CREATE INDEX answers_reserved ON answers (expires_at) WHERE fingerprint IS NULL;

  -- booked_until: the state of the rate, see core/rate.ts.
  CREATE TABLE queues (service TEXT PRIMARY KEY, paused INTEGER NOT NULL DEFAULT 0, booked_until REAL) STRICT;

  CREATE TABLE counts (
    state TEXT NOT NULL, service TEXT NOT NULL, jobs INTEGER NOT NULL, PRIMARY KEY (state, service)
  ) STRICT, WITHOUT ROWID;
  CREATE TRIGGER count_inserted AFTER INSERT ON jobs BEGIN
    INSERT INTO counts VALUES (new.state, new.service, 1) ON CONFLICT DO UPDATE SET jobs = jobs + 1;
  END;
  CREATE TRIGGER count_changed AFTER UPDATE OF state ON jobs WHEN old.state <> new.state BEGIN
    UPDATE counts SET jobs = jobs - 1 WHERE state = old.state AND service = old.service;
    INSERT INTO counts VALUES (new.state, new.service, 1) ON CONFLICT DO UPDATE SET jobs = jobs + 1;
  END;
  CREATE TRIGGER count_deleted AFTER DELETE ON jobs BEGIN
    UPDATE counts SET jobs = jobs - 1 WHERE state = old.state AND service = old.service;
  END;

  -- The callers that have ready jobs of a service, in the order of their turns: kept here, so that no path can forget it.
  CREATE TABLE turns (service TEXT NOT NULL, caller TEXT NOT NULL, turn INTEGER NOT NULL, PRIMARY KEY (service, caller))
  STRICT, WITHOUT ROWID;
  CREATE INDEX turns_in_order ON turns (service, turn);
  CREATE TRIGGER turn_begun_by_insert AFTER INSERT ON jobs WHEN new.ready = 1 BEGIN
    INSERT INTO turns VALUES (new.service, new.caller, 1 + coalesce((SELECT max(turn) FROM turns WHERE service = new.service), 0))
    ON CONFLICT DO NOTHING;
  END;
  CREATE TRIGGER turn_begun_by_update AFTER UPDATE OF ready ON jobs WHEN new.ready = 1 AND old.ready IS NOT 1 BEGIN
    INSERT INTO turns VALUES (new.service, new.caller, 1 + coalesce((SELECT max(turn) FROM turns WHERE service = new.service), 0))
    ON CONFLICT DO NOTHING;
  END;
  CREATE TRIGGER turn_ended_by_update AFTER UPDATE OF ready ON jobs WHEN old.ready = 1 AND new.ready IS NOT 1
    AND NOT EXISTS (SELECT 1 FROM jobs WHERE ready = 1 AND service = old.service AND caller = old.caller) BEGIN
    DELETE FROM turns WHERE service = old.service AND caller = old.caller;
  END;
  `,
  `
  -- The bytes of small blobs, which so need no file and no commit of their own.
  CREATE TABLE contents (blob TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
  `,
  `
  -- What is to be done to many jobs. A row without finished_at is worked on.
  CREATE TABLE actions (
    id TEXT PRIMARY KEY, caller TEXT NOT NULL, action TEXT NOT NULL, target TEXT NOT NULL, cursor TEXT,
    matched INTEGER NOT NULL, done INTEGER NOT NULL, skipped INTEGER NOT NULL, missing INTEGER NOT NULL, trace_id TEXT NOT NULL,
    created_at INTEGER NOT NULL, finished_at INTEGER, expires_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX actions_open ON actions (id) WHERE finished_at IS NULL;
  CREATE INDEX actions_expiry ON actions (expires_at) WHERE finished_at IS NOT NULL;

  -- How many files and results there are and what they take; files that share a blob count its bytes once.
  CREATE TABLE stored (kind TEXT PRIMARY KEY, items INTEGER NOT NULL, bytes INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  INSERT INTO stored SELECT 'files', count(*), 0 FROM files;
  UPDATE stored SET bytes = (SELECT coalesce(sum(bytes), 0) FROM (SELECT max(bytes) AS bytes FROM files GROUP BY blob))
    WHERE kind = 'files';
  INSERT INTO stored SELECT 'results', count(*), coalesce(sum(octet_length(json)), 0) FROM results;
  CREATE TRIGGER stored_file AFTER INSERT ON files BEGIN
    UPDATE stored SET items = items + 1, bytes = bytes + CASE
      WHEN EXISTS (SELECT 1 FROM files WHERE blob = new.blob AND id <> new.id) THEN 0 ELSE new.bytes END
    WHERE kind = 'files';
  END;
  CREATE TRIGGER unstored_file AFTER DELETE ON files BEGIN
    UPDATE stored SET items = items - 1, bytes = bytes - CASE
      WHEN EXISTS (SELECT 1 FROM files WHERE blob = old.blob) THEN 0 ELSE old.bytes END
    WHERE kind = 'files';
  END;
  CREATE TRIGGER stored_result AFTER INSERT ON results BEGIN
    UPDATE stored SET items = items + 1, bytes = bytes + octet_length(new.json) WHERE kind = 'results';
  END;
  CREATE TRIGGER replaced_result AFTER UPDATE OF json ON results BEGIN
    UPDATE stored SET bytes = bytes + octet_length(new.json) - octet_length(old.json) WHERE kind = 'results';
  END;
  CREATE TRIGGER unstored_result AFTER DELETE ON results BEGIN
    UPDATE stored SET items = items - 1, bytes = bytes - octet_length(old.json) WHERE kind = 'results';
  END;

  -- Queued jobs that wait for their time; those that come in are counted by who inserts them (arrivals.ts).
  CREATE TABLE delays (service TEXT PRIMARY KEY, jobs INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  INSERT INTO delays SELECT service, count(*) FROM jobs WHERE ready = 0 GROUP BY service;
  CREATE TRIGGER delayed_begun AFTER UPDATE OF ready ON jobs WHEN new.ready = 0 AND old.ready IS NOT 0 BEGIN
    INSERT INTO delays VALUES (new.service, 1) ON CONFLICT DO UPDATE SET jobs = jobs + 1;
  END;
  CREATE TRIGGER delayed_ended AFTER UPDATE OF ready ON jobs WHEN old.ready = 0 AND new.ready IS NOT 0 BEGIN
    UPDATE delays SET jobs = jobs - 1 WHERE service = old.service;
  END;
  `,
  `
  -- The log of a caller. Positions are rowids, which an index holds anyway: this one finds (caller, position).
  ALTER TABLE events ADD COLUMN caller TEXT;
  UPDATE events SET caller = (SELECT caller FROM jobs WHERE jobs.id = events.job);
  CREATE INDEX events_of_caller ON events (caller);
  `,
  `
  -- A claim may pass over jobs whose link is not fetched yet: they stand apart in the index that it reads.
  ALTER TABLE jobs ADD COLUMN needs_fetch INTEGER NOT NULL AS (source IS NOT NULL AND source_file IS NULL) VIRTUAL;
  DROP INDEX jobs_ready;
  CREATE INDEX jobs_ready ON jobs (service, caller, needs_fetch, priority DESC, id) WHERE ready = 1;
  `,
  `
  -- Whoever inserts jobs keeps their counts and turns (arrivals.ts), once for many: it need not be done for each.
  DROP TRIGGER count_inserted;
  DROP TRIGGER turn_begun_by_insert;
  `,
  `
  -- Collections of JSON documents. What is declared of them is rows, so that a collection or an index that is new needs no step here.
  CREATE TABLE collections (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, ordered_by TEXT, indexes TEXT NOT NULL, next_number INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE documents (
    collection INTEGER NOT NULL, number INTEGER NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (collection, number), UNIQUE (collection, id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE document_keys (
    collection INTEGER NOT NULL, key TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (collection, key)
  ) STRICT, WITHOUT ROWID;

  -- A list for each value that an indexed member has, and one of all documents of a collection. levels: of its spans.
  CREATE TABLE document_lists (
    id INTEGER PRIMARY KEY, collection INTEGER NOT NULL, members TEXT NOT NULL, value TEXT NOT NULL,
    entries INTEGER NOT NULL DEFAULT 0, levels INTEGER NOT NULL DEFAULT 0, UNIQUE (collection, members, value)
  ) STRICT;
  CREATE INDEX document_lists_of_index ON document_lists (collection, members);
  CREATE TABLE document_entries (
    list INTEGER NOT NULL, place INTEGER NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (list, place, number)
  ) STRICT, WITHOUT ROWID;
  -- How many entries of a list lie from this one to the next span of the level: so that nobody has to count them (spans.ts).
  CREATE TABLE document_spans (
    list INTEGER NOT NULL, level INTEGER NOT NULL, place INTEGER NOT NULL, number INTEGER NOT NULL, entries INTEGER NOT NULL,
    PRIMARY KEY (list, level, place, number)
  ) STRICT, WITHOUT ROWID;

  -- Positions are taken from the sequence of the table events: both are one log.
  CREATE TABLE document_events (
    position INTEGER PRIMARY KEY, collection TEXT NOT NULL, document TEXT, number INTEGER, type TEXT NOT NULL, at INTEGER NOT NULL,
    data TEXT NOT NULL
  ) STRICT;
  CREATE INDEX document_events_of_collection ON document_events (collection);
  INSERT INTO sqlite_sequence SELECT 'events', 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'events');
  CREATE TABLE document_log (pruned INTEGER NOT NULL) STRICT;
  INSERT INTO document_log VALUES (0);
  `,
];
