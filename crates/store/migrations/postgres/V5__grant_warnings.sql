-- How many days ahead of a grant's end its last warning was; and by what those that end soon are found.
ALTER TABLE oauth_grants ADD COLUMN warned BIGINT;
CREATE INDEX oauth_grants_created ON oauth_grants (org, created);
