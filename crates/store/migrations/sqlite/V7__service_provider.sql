-- Signing in through identity providers, for a whole organization. settings: JSON. active: whether it is switched on.
CREATE TABLE sso_settings (
    org BLOB NOT NULL,
    version INTEGER NOT NULL,
    settings TEXT NOT NULL,
    active INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    PRIMARY KEY (org),
    FOREIGN KEY (org) REFERENCES organizations (id)
) STRICT;
-- Whether it is switched on, so that the sign-in page knows what to ask for first.
ALTER TABLE organizations ADD COLUMN sso INTEGER NOT NULL DEFAULT 0;

-- Identity providers that vouch for an organization's people. settings: JSON. tested: when a test of these very settings went
-- well last. position: the first one is the usual one.
CREATE TABLE sso_providers (
    org BLOB NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    name TEXT NOT NULL,
    entity_id TEXT NOT NULL,
    settings TEXT NOT NULL,
    active INTEGER NOT NULL,
    tested INTEGER,
    position INTEGER NOT NULL,
    created INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    PRIMARY KEY (org, id),
    UNIQUE (org, name),
    UNIQUE (org, entity_id),
    FOREIGN KEY (org) REFERENCES organizations (id)
) STRICT;

-- Their certificates. fingerprint: SHA-256 over certificate, in DER. warned: how many days ahead of the end the last warning was.
CREATE TABLE sso_certificates (
    org BLOB NOT NULL,
    provider BLOB NOT NULL,
    fingerprint BLOB NOT NULL,
    certificate BLOB NOT NULL,
    added INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    warned INTEGER,
    PRIMARY KEY (org, provider, fingerprint),
    FOREIGN KEY (org, provider) REFERENCES sso_providers (org, id)
) STRICT;
CREATE INDEX sso_certificates_expires ON sso_certificates (org, expires);

-- Whom each identity provider vouches for: the first route that fits. kind: domain or group; value: its name, or its id.
CREATE TABLE sso_routes (
    org BLOB NOT NULL,
    position INTEGER NOT NULL,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    provider BLOB NOT NULL,
    PRIMARY KEY (org, position),
    UNIQUE (org, kind, value),
    FOREIGN KEY (org, provider) REFERENCES sso_providers (org, id)
) STRICT;

-- Requests of ours that wait to be answered. id: that of the message; purpose: sign_in, test or logout; browser: a hash of what
-- the browser holds; target: where it goes afterwards; message: the request.
CREATE TABLE sso_requests (
    org BLOB NOT NULL,
    id TEXT NOT NULL,
    provider BLOB NOT NULL,
    purpose TEXT NOT NULL,
    browser BLOB NOT NULL,
    target TEXT NOT NULL,
    message TEXT NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    PRIMARY KEY (org, id),
    FOREIGN KEY (org, provider) REFERENCES sso_providers (org, id)
) STRICT;
CREATE INDEX sso_requests_expires ON sso_requests (org, expires);
CREATE INDEX sso_requests_provider ON sso_requests (org, provider);

-- Who somebody is to an identity provider. subject: a hash of the name, where that stays the same; name: the name;
-- updated: the updateTimeStamp by which the person was changed last.
CREATE TABLE sso_subjects (
    org BLOB NOT NULL,
    provider BLOB NOT NULL,
    user_id BLOB NOT NULL,
    subject BLOB,
    name TEXT,
    updated INTEGER,
    linked INTEGER NOT NULL,
    PRIMARY KEY (org, provider, user_id),
    UNIQUE (org, provider, subject),
    FOREIGN KEY (org, provider) REFERENCES sso_providers (org, id),
    FOREIGN KEY (org, user_id) REFERENCES users (org, id)
) STRICT;
CREATE INDEX sso_subjects_user ON sso_subjects (org, user_id);

-- Codes by which an administrator who is locked out gets at the switch. hash: of the code and the person.
CREATE TABLE sso_recoveries (
    org BLOB NOT NULL,
    user_id BLOB NOT NULL,
    hash BLOB NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    PRIMARY KEY (org, user_id),
    FOREIGN KEY (org, user_id) REFERENCES users (org, id)
) STRICT;

-- What an identity provider said when the session began: JSON. NULL: somebody who has shown a password.
ALTER TABLE sessions ADD COLUMN vouched TEXT;
