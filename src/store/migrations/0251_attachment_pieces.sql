-- The bytes of attachments, in pieces of base64: replicas share no folder, and a file uploaded at one must be sent by any.
CREATE TABLE attachment_pieces (
  attachment_id TEXT NOT NULL,
  piece BIGINT NOT NULL,
  bulletin_id TEXT NOT NULL REFERENCES bulletins(id),
  content TEXT NOT NULL,
  PRIMARY KEY (attachment_id, piece)
);
