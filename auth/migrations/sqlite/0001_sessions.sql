-- One signed-in session a row. Nothing here is readable without the session's cookie (`record`) or the server's
-- secrets (`summary`, and the keyed hashes `user` and `provider_session`).
--
-- IF NOT EXISTS: a file from before migrations were counted already has these.
CREATE TABLE IF NOT EXISTS sessions (
    key              BLOB    NOT NULL PRIMARY KEY,
    version          INTEGER NOT NULL,
    record           BLOB    NOT NULL,
    summary          BLOB    NOT NULL,
    user             BLOB,
    provider_session BLOB,
    last_seen        INTEGER NOT NULL,
    idle_end         INTEGER NOT NULL,
    absolute_end     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS sessions_by_user ON sessions (user);
CREATE INDEX IF NOT EXISTS sessions_by_provider_session ON sessions (provider_session);
CREATE INDEX IF NOT EXISTS sessions_by_end ON sessions (min(idle_end, absolute_end));
