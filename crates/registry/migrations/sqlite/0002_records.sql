-- Two times are kept of what is believed: the days on which it holds stand in the record itself; `recorded_at` and
-- `superseded_at` say since when and until when it was believed. All moments are milliseconds since 1970, UTC.
-- What was there before this migration counts as believed from the beginning.

CREATE TABLE document_revision (
    id            TEXT NOT NULL,
    revision      BIGINT NOT NULL,
    digest        TEXT NOT NULL,
    source        TEXT NOT NULL,
    metadata      TEXT NOT NULL,
    body          BLOB NOT NULL,
    recorded_at   BIGINT NOT NULL,
    superseded_at BIGINT,
    PRIMARY KEY (id, revision)
);
INSERT INTO document_revision (id, revision, digest, source, metadata, body, recorded_at)
    SELECT id, 1, digest, source, metadata, body, 0 FROM document;
DROP TABLE document;
CREATE UNIQUE INDEX document_believed ON document_revision (id) WHERE superseded_at IS NULL;

-- `tenant` is empty for the shared catalogue; `review` is the decision that let a revision through, if there was one.
ALTER TABLE item_revision ADD COLUMN tenant TEXT NOT NULL DEFAULT '';
ALTER TABLE item_revision ADD COLUMN author TEXT NOT NULL DEFAULT '';
ALTER TABLE item_revision ADD COLUMN review BIGINT;
ALTER TABLE item_revision ADD COLUMN recorded_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE item_revision ADD COLUMN superseded_at BIGINT;
UPDATE item_revision SET superseded_at = 0
    WHERE revision < (SELECT MAX(later.revision) FROM item_revision AS later WHERE later.id = item_revision.id);
CREATE UNIQUE INDEX item_believed ON item_revision (id) WHERE superseded_at IS NULL;

-- Who shares this registry: a city, its districts, their parks.
CREATE TABLE tenant (
    id          TEXT PRIMARY KEY NOT NULL,
    name        TEXT NOT NULL,
    level       TEXT NOT NULL,
    parent      TEXT NOT NULL,
    recorded_at BIGINT NOT NULL
);

-- Keys of the API: only the digest of a secret is kept.
CREATE TABLE api_key (
    id         TEXT PRIMARY KEY NOT NULL,
    digest     TEXT NOT NULL UNIQUE,
    tenant     TEXT NOT NULL,
    role       TEXT NOT NULL,
    name       TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT
);

-- Items that somebody proposes, and what somebody else decided.
CREATE TABLE draft (
    id         BIGINT PRIMARY KEY NOT NULL,
    item       TEXT NOT NULL,
    tenant     TEXT NOT NULL,
    base       TEXT NOT NULL,
    digest     TEXT NOT NULL,
    source     TEXT NOT NULL,
    body       TEXT NOT NULL,
    author     TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    state      TEXT NOT NULL
);
CREATE TABLE review (
    id       BIGINT PRIMARY KEY NOT NULL,
    draft    BIGINT NOT NULL,
    reviewer TEXT NOT NULL,
    decision TEXT NOT NULL,
    note     TEXT NOT NULL,
    at       BIGINT NOT NULL
);

-- What is known of enterprises, each thing with who said it. `section` is `facts`, `judged` or `about`; `year` is 0 for
-- what has none; `valid_from` and `valid_until` are days, both included, empty when open.
CREATE TABLE enterprise_fact (
    tenant        TEXT NOT NULL,
    enterprise    TEXT NOT NULL,
    section       TEXT NOT NULL,
    key           TEXT NOT NULL,
    year          BIGINT NOT NULL,
    source        TEXT NOT NULL,
    revision      BIGINT NOT NULL,
    value         TEXT NOT NULL,
    valid_from    TEXT NOT NULL,
    valid_until   TEXT NOT NULL,
    recorded_at   BIGINT NOT NULL,
    superseded_at BIGINT,
    PRIMARY KEY (tenant, enterprise, section, key, year, source, revision)
);
-- How far each source is trusted: the greatest number wins.
CREATE TABLE fact_source (
    tenant TEXT NOT NULL,
    source TEXT NOT NULL,
    trust  BIGINT NOT NULL,
    PRIMARY KEY (tenant, source)
);

-- Nightly runs. Their lists stay in files, addressed by digest.
CREATE TABLE push_run (
    id          BIGINT PRIMARY KEY NOT NULL,
    tenant      TEXT NOT NULL,
    as_of       TEXT NOT NULL,
    rules       TEXT NOT NULL,
    inputs      TEXT NOT NULL,
    result      TEXT NOT NULL,
    listed      BIGINT NOT NULL,
    held_back   BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL
);
-- What became of it, one line an event. `key` makes telling it twice the same as telling it once.
CREATE TABLE outcome (
    id          BIGINT PRIMARY KEY NOT NULL,
    key         TEXT NOT NULL UNIQUE,
    tenant      TEXT NOT NULL,
    enterprise  TEXT NOT NULL,
    item        TEXT NOT NULL,
    item_digest TEXT NOT NULL,
    event       TEXT NOT NULL,
    at          BIGINT NOT NULL,
    actor       TEXT NOT NULL,
    detail      TEXT NOT NULL,
    recorded_at BIGINT NOT NULL
);
CREATE INDEX outcome_of_enterprise ON outcome (tenant, enterprise);
-- Enterprises that do not want to be written to: of one item, or, where `item` is empty, of anything.
CREATE TABLE opt_out (
    id           BIGINT PRIMARY KEY NOT NULL,
    tenant       TEXT NOT NULL,
    enterprise   TEXT NOT NULL,
    item         TEXT NOT NULL,
    reason       TEXT NOT NULL,
    recorded_at  BIGINT NOT NULL,
    withdrawn_at BIGINT
);
CREATE INDEX opt_out_of_enterprise ON opt_out (enterprise);

-- Receipts of verdicts that left the house.
CREATE TABLE receipt (
    id         TEXT PRIMARY KEY NOT NULL,
    tenant     TEXT NOT NULL,
    enterprise TEXT NOT NULL,
    as_of      TEXT NOT NULL,
    rules      TEXT NOT NULL,
    result     TEXT NOT NULL,
    body       TEXT NOT NULL,
    issued_at  BIGINT NOT NULL
);
CREATE INDEX receipt_of_enterprise ON receipt (tenant, enterprise);

-- Who did what. Each line holds the digest of the line before, so that none can be changed, dropped or slipped in;
-- `content` is a digest over the records that were written with it.
CREATE TABLE audit (
    seq      BIGINT PRIMARY KEY NOT NULL,
    at       BIGINT NOT NULL,
    tenant   TEXT NOT NULL,
    actor    TEXT NOT NULL,
    action   TEXT NOT NULL,
    subject  TEXT NOT NULL,
    detail   TEXT NOT NULL,
    content  TEXT NOT NULL,
    previous TEXT NOT NULL,
    digest   TEXT NOT NULL
);

CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
CREATE TRIGGER outcome_is_not_changed BEFORE UPDATE ON outcome
    BEGIN SELECT RAISE(ABORT, 'outcome is append-only'); END;
CREATE TRIGGER outcome_is_not_deleted BEFORE DELETE ON outcome
    BEGIN SELECT RAISE(ABORT, 'outcome is append-only'); END;
CREATE TRIGGER review_is_not_changed BEFORE UPDATE ON review
    BEGIN SELECT RAISE(ABORT, 'review is append-only'); END;
CREATE TRIGGER review_is_not_deleted BEFORE DELETE ON review
    BEGIN SELECT RAISE(ABORT, 'review is append-only'); END;
