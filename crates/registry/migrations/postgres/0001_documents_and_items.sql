-- Documents as they were received. `body` holds the bytes; everything else can be computed from them again.
CREATE TABLE document (
    id       TEXT PRIMARY KEY NOT NULL,
    digest   TEXT NOT NULL,
    source   TEXT NOT NULL,
    metadata TEXT NOT NULL,
    body     BYTEA NOT NULL
);

-- Items, every revision of them. The one with the greatest number is current.
CREATE TABLE item_revision (
    id       TEXT NOT NULL,
    revision BIGINT NOT NULL,
    digest   TEXT NOT NULL,
    source   TEXT NOT NULL,
    body     TEXT NOT NULL,
    PRIMARY KEY (id, revision)
);
