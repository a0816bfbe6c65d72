-- Every line of the audit also says what all covered tables held once its unit of work was done: `state` is a digest over
-- `audit_state`. Lines from before this migration have none. `signature` is the installation's, over the line's digest, and
-- `signer` its public key; both are empty where no key was at hand.
ALTER TABLE audit ADD COLUMN state TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN signer TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN signature TEXT NOT NULL DEFAULT '';

-- What the covered tables hold now: how many records, and a sum over them that does not depend on their order. The row whose
-- name is empty has random bytes in place of a sum. They go into `state` and are replaced with every line, so that an
-- old line cannot be used to try out what a deleted record may have said.
CREATE TABLE audit_state (
    name    TEXT PRIMARY KEY NOT NULL,
    records BIGINT NOT NULL,
    total   BYTEA NOT NULL,
    digest  TEXT NOT NULL
);

-- Moments that a wrong clock recorded and that were dated back since: those from `from_at` to `until_at`, both included, in lines
-- of the audit before number `seq`, by `shift` milliseconds.
CREATE TABLE clock_correction (
    seq      BIGINT NOT NULL,
    from_at  BIGINT NOT NULL,
    until_at BIGINT NOT NULL,
    shift    BIGINT NOT NULL,
    PRIMARY KEY (seq, from_at)
);
