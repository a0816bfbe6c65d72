-- An id of an item is unique within one tenant, not in the registry: what one tenant has neither blocks another nor is told to it.
DROP INDEX item_believed;
CREATE UNIQUE INDEX item_believed ON item_revision (tenant, id) WHERE superseded_at IS NULL;

-- `holder` is the person who has a key, `created_by` the person who made it, empty where that is not known. A key that is
-- `pending` opens nothing until a second administrator confirms it.
ALTER TABLE api_key ADD COLUMN holder TEXT NOT NULL DEFAULT '';
ALTER TABLE api_key ADD COLUMN created_by TEXT NOT NULL DEFAULT '';
ALTER TABLE api_key ADD COLUMN pending BIGINT NOT NULL DEFAULT 0;
ALTER TABLE api_key ADD COLUMN confirmed_by TEXT NOT NULL DEFAULT '';
ALTER TABLE api_key ADD COLUMN confirmed_at BIGINT;
UPDATE api_key SET holder = name;
