-- A fact that a person added to the dictionary of a tenant, or to that of all for the empty tenant: its entry as JSON, with who and when.
-- Facts are never taken out again, since items that use them stay in the records.
CREATE TABLE tenant_fact (
    tenant      TEXT NOT NULL,
    key         TEXT NOT NULL,
    body        TEXT NOT NULL,
    author      TEXT NOT NULL,
    accepted_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, key)
);
