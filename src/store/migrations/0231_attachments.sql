-- Pictures and PDFs of a bulletin as JSON ([{id, name, media, bytes, sha256}]); the files lie in the data folder under their ids.
ALTER TABLE bulletins ADD COLUMN attachments TEXT NOT NULL DEFAULT '[]';
-- 1: its message is pinned where that is possible; 1: a card with picture and link follows the text in WeCom groups.
ALTER TABLE bulletins ADD COLUMN pin BIGINT NOT NULL DEFAULT 0;
ALTER TABLE bulletins ADD COLUMN card BIGINT NOT NULL DEFAULT 0;
