-- Messages to enterprises, each for one channel: what is to be told, what was, and what is held back and why. `key` makes
-- making one twice the same as making it once, and is what receivers know a message by. `round` counts the retractions
-- before it of the same pair of enterprise and item. Moments are milliseconds since 1970, UTC.
CREATE TABLE message (
    id           BIGINT PRIMARY KEY NOT NULL,
    key          TEXT NOT NULL UNIQUE,
    tenant       TEXT NOT NULL,
    channel      TEXT NOT NULL,
    enterprise   TEXT NOT NULL,
    item         TEXT NOT NULL,
    item_digest  TEXT NOT NULL,
    kind         TEXT NOT NULL,
    round        BIGINT NOT NULL,
    body         TEXT NOT NULL,
    state        TEXT NOT NULL,
    reason       TEXT NOT NULL,
    attempts     BIGINT NOT NULL,
    next_at      BIGINT NOT NULL,
    lease        TEXT NOT NULL,
    leased_until BIGINT NOT NULL,
    last_error   TEXT NOT NULL,
    made_at      BIGINT NOT NULL,
    queued_at    BIGINT,
    sent_at      BIGINT
);
CREATE INDEX message_of_enterprise ON message (tenant, channel, enterprise);
CREATE INDEX message_in_state ON message (state, id);
CREATE INDEX message_due ON message (tenant, channel, next_at) WHERE state = 'waiting';
CREATE INDEX message_unsent ON message (queued_at) WHERE state = 'waiting';

-- Of which runs messages were made, in their order: none is made of a run after one of a later day.
CREATE TABLE message_run (
    tenant  TEXT NOT NULL,
    channel TEXT NOT NULL,
    run     TEXT NOT NULL,
    as_of   TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, channel, run)
);
