-- 1 where a message may have reached its receiver although nobody noted it: its sender died, or no answer came. What may have been
-- told has to be taken back like what was.
ALTER TABLE message ADD COLUMN maybe_told BIGINT NOT NULL DEFAULT 0;
