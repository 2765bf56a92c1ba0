-- Signing in through identity providers, for a whole organization. settings: JSON. active: whether it is switched on.
CREATE TABLE sso_settings (
    org BYTEA NOT NULL,
    version BIGINT NOT NULL,
    settings TEXT COLLATE "C" NOT NULL,
    active BIGINT NOT NULL,
    modified BIGINT NOT NULL,
    PRIMARY KEY (org),
    FOREIGN KEY (org) REFERENCES organizations (id)
);
-- Whether it is switched on, so that the sign-in page knows what to ask for first.
ALTER TABLE organizations ADD COLUMN sso BIGINT NOT NULL DEFAULT 0;

-- Identity providers that vouch for an organization's people. settings: JSON. tested: when a test of these very settings went
-- well last. position: the first one is the usual one.
CREATE TABLE sso_providers (
    org BYTEA NOT NULL,
    id BYTEA NOT NULL,
    version BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    entity_id TEXT COLLATE "C" NOT NULL,
    settings TEXT COLLATE "C" NOT NULL,
    active BIGINT NOT NULL,
    tested BIGINT,
    position BIGINT NOT NULL,
    created BIGINT NOT NULL,
    modified BIGINT NOT NULL,
    PRIMARY KEY (org, id),
    UNIQUE (org, name),
    UNIQUE (org, entity_id),
    FOREIGN KEY (org) REFERENCES organizations (id)
);

-- Their certificates. fingerprint: SHA-256 over certificate, in DER. warned: how many days ahead of the end the last warning was.
CREATE TABLE sso_certificates (
    org BYTEA NOT NULL,
    provider BYTEA NOT NULL,
    fingerprint BYTEA NOT NULL,
    certificate BYTEA NOT NULL,
    added BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    warned BIGINT,
    PRIMARY KEY (org, provider, fingerprint),
    FOREIGN KEY (org, provider) REFERENCES sso_providers (org, id)
);
CREATE INDEX sso_certificates_expires ON sso_certificates (org, expires);

-- Whom each identity provider vouches for: the first route that fits. kind: domain or group; value: its name, or its id.
CREATE TABLE sso_routes (
    org BYTEA NOT NULL,
    position BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    provider BYTEA NOT NULL,
    PRIMARY KEY (org, position),
    UNIQUE (org, kind, value),
    FOREIGN KEY (org, provider) REFERENCES sso_providers (org, id)
);

-- Requests of ours that wait to be answered. id: that of the message; purpose: sign_in, test or logout; browser: a hash of what
-- the browser holds; target: where it goes afterwards; message: the request.
CREATE TABLE sso_requests (
    org BYTEA NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    provider BYTEA NOT NULL,
    purpose TEXT COLLATE "C" NOT NULL,
    browser BYTEA NOT NULL,
    target TEXT COLLATE "C" NOT NULL,
    message TEXT COLLATE "C" NOT NULL,
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    PRIMARY KEY (org, id),
    FOREIGN KEY (org, provider) REFERENCES sso_providers (org, id)
);
CREATE INDEX sso_requests_expires ON sso_requests (org, expires);
CREATE INDEX sso_requests_provider ON sso_requests (org, provider);

-- Who somebody is to an identity provider. subject: a hash of the name, where that stays the same; name: the name;
-- updated: the updateTimeStamp by which the person was changed last.
CREATE TABLE sso_subjects (
    org BYTEA NOT NULL,
    provider BYTEA NOT NULL,
    user_id BYTEA NOT NULL,
    subject BYTEA,
    name TEXT COLLATE "C",
    updated BIGINT,
    linked BIGINT NOT NULL,
    PRIMARY KEY (org, provider, user_id),
    UNIQUE (org, provider, subject),
    FOREIGN KEY (org, provider) REFERENCES sso_providers (org, id),
    FOREIGN KEY (org, user_id) REFERENCES users (org, id)
);
CREATE INDEX sso_subjects_user ON sso_subjects (org, user_id);

-- Codes by which an administrator who is locked out gets at the switch. hash: of the code and the person.
CREATE TABLE sso_recoveries (
    org BYTEA NOT NULL,
    user_id BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    PRIMARY KEY (org, user_id),
    FOREIGN KEY (org, user_id) REFERENCES users (org, id)
);

-- What an identity provider said when the session began: JSON. NULL: somebody who has shown a password.
ALTER TABLE sessions ADD COLUMN vouched TEXT COLLATE "C";
