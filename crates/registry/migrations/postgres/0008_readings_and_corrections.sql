-- The digest of the document that a draft was read from, and the reading of it as JSON: parts of the text with the criteria as read and
-- as a person decided; both are empty for an item that was written by hand.
ALTER TABLE draft ADD COLUMN document TEXT NOT NULL DEFAULT '';
ALTER TABLE draft ADD COLUMN reading TEXT NOT NULL DEFAULT '';

-- A decision of a draft's author on one part of the document: the verbatim text, the region that 本市 means there, the construction, and
-- the criteria as read and as decided, as JSON; empty criteria stand for a text without conditions.
CREATE TABLE reading_correction (
    id       BIGINT PRIMARY KEY NOT NULL,
    draft    BIGINT NOT NULL,
    decision TEXT NOT NULL,
    text     TEXT NOT NULL,
    region   TEXT NOT NULL,
    kind     TEXT NOT NULL,
    as_read  TEXT NOT NULL,
    criteria TEXT NOT NULL
);

-- A document that drafts were read from and that may not be in the catalogue yet: it is recorded there with the first approval.
CREATE TABLE reading_document (
    digest   TEXT PRIMARY KEY NOT NULL,
    id       TEXT NOT NULL,
    source   TEXT NOT NULL,
    metadata TEXT NOT NULL,
    body     BYTEA NOT NULL
);
