-- Of which kind the name is: a URI of SAML. Only a persistent one has a hash, by which somebody is found.
ALTER TABLE sso_subjects ADD COLUMN format TEXT;
UPDATE sso_subjects SET format = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent' WHERE subject IS NOT NULL;

-- Codes by which an administrator who is locked out gets at the switch: one at a time for each browser that asked. browser: a hash
-- of what it holds; network: a hash of where it is; hash: of the code; proved: when the right code came, which is good no more then.
DROP TABLE sso_recoveries;
CREATE TABLE sso_recoveries (
    org BLOB NOT NULL,
    browser BLOB NOT NULL,
    user_id BLOB NOT NULL,
    network BLOB NOT NULL,
    hash BLOB NOT NULL,
    proved INTEGER,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    PRIMARY KEY (org, browser),
    FOREIGN KEY (org, user_id) REFERENCES users (org, id)
) STRICT;
CREATE INDEX sso_recoveries_user ON sso_recoveries (org, user_id);
CREATE INDEX sso_recoveries_expires ON sso_recoveries (org, expires);
