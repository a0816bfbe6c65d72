-- Why a draft is proposed, in the words of whoever proposes it; empty where they do not say.
ALTER TABLE draft ADD COLUMN reason TEXT NOT NULL DEFAULT '';
