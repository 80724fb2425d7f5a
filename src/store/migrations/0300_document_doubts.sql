-- What the importer was not sure of, a line each; publication may also be 'quarantined': nobody is answered from it until a person has
-- compared it with its source.
ALTER TABLE documents ADD COLUMN doubts TEXT NOT NULL DEFAULT '';
