-- By which grants a client gets tokens, separated by spaces; and the secret that it had before, with its end. Clients of before
-- keep the grants that they could use.
ALTER TABLE oauth_clients ADD COLUMN grant_types TEXT NOT NULL DEFAULT '';
ALTER TABLE oauth_clients ADD COLUMN former_secret_hash BLOB;
ALTER TABLE oauth_clients ADD COLUMN former_secret_expires INTEGER;
UPDATE oauth_clients SET grant_types = CASE
    WHEN secret_hash IS NULL THEN 'authorization_code refresh_token'
    WHEN redirects = '' THEN 'client_credentials'
    ELSE 'authorization_code refresh_token client_credentials'
END;
