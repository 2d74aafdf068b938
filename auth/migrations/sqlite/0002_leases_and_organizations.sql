-- `fence` numbers the leases of a row, `lease_end` is when the present one is over, in milliseconds since 1970 by
-- SQLite's clock. `organization` is a keyed hash like `user`.
ALTER TABLE sessions ADD COLUMN organization BLOB;
ALTER TABLE sessions ADD COLUMN fence INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN lease_end INTEGER NOT NULL DEFAULT 0;

CREATE INDEX sessions_by_organization ON sessions (organization);
