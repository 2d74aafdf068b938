-- One signed-in session a row. Nothing here is readable without the session's cookie (`record`) or the server's
-- secrets (`summary`, and the keyed hashes `user`, `provider_session` and `organization`). Times are seconds since
-- 1970; `fence` numbers the leases of a row, and `lease_end` is when the present one is over, in milliseconds since
-- 1970 by the database's clock.
CREATE TABLE scalekit_sessions (
    key              BYTEA  NOT NULL PRIMARY KEY,
    version          BIGINT NOT NULL,
    record           BYTEA  NOT NULL,
    summary          BYTEA  NOT NULL,
    "user"           BYTEA,
    provider_session BYTEA,
    organization     BYTEA,
    last_seen        BIGINT NOT NULL,
    idle_end         BIGINT NOT NULL,
    absolute_end     BIGINT NOT NULL,
    fence            BIGINT NOT NULL DEFAULT 0,
    lease_end        BIGINT NOT NULL DEFAULT 0
);

-- Ciphertext does not compress, so nobody shall try.
ALTER TABLE scalekit_sessions
    ALTER COLUMN record SET STORAGE EXTERNAL,
    ALTER COLUMN summary SET STORAGE EXTERNAL;

CREATE INDEX scalekit_sessions_by_user ON scalekit_sessions ("user");
CREATE INDEX scalekit_sessions_by_provider_session ON scalekit_sessions (provider_session);
CREATE INDEX scalekit_sessions_by_organization ON scalekit_sessions (organization);
CREATE INDEX scalekit_sessions_by_end ON scalekit_sessions (least(idle_end, absolute_end));
