-- Single sign-on to applications. slug: the application's part of /saml2/{slug}, fixed; none: of a bookmark. settings: JSON.
CREATE TABLE sso_apps (
    org BYTEA NOT NULL,
    app BYTEA NOT NULL,
    slug TEXT COLLATE "C",
    active BIGINT NOT NULL,
    settings TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    created BIGINT NOT NULL,
    modified BIGINT NOT NULL,
    PRIMARY KEY (org, app),
    FOREIGN KEY (org, app) REFERENCES apps (org, id)
);

-- Whose an address is: looked up by whoever comes from an application, before it is known which organization that belongs to.
CREATE TABLE sso_addresses (
    slug TEXT COLLATE "C" NOT NULL,
    org BYTEA NOT NULL,
    app BYTEA NOT NULL,
    PRIMARY KEY (slug),
    FOREIGN KEY (org, app) REFERENCES apps (org, id)
);

-- The persistent names (SAML core 8.3.7) that applications know people by.
CREATE TABLE sso_name_ids (
    org BYTEA NOT NULL,
    app BYTEA NOT NULL,
    user_id BYTEA NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    created BIGINT NOT NULL,
    PRIMARY KEY (org, app, user_id),
    UNIQUE (org, app, name),
    FOREIGN KEY (org, app) REFERENCES apps (org, id),
    FOREIGN KEY (org, user_id) REFERENCES users (org, id)
);
CREATE INDEX sso_name_ids_user ON sso_name_ids (org, user_id);

-- Where people were signed in to from which session of ours. id: the SessionIndex; name: the NameID's value, name_doc: the whole of
-- it as JSON.
CREATE TABLE sso_app_sessions (
    org BYTEA NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    app BYTEA NOT NULL,
    user_id BYTEA NOT NULL,
    session BYTEA NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    name_doc TEXT COLLATE "C" NOT NULL,
    created BIGINT NOT NULL,
    until BIGINT NOT NULL,
    PRIMARY KEY (org, id),
    FOREIGN KEY (org, app) REFERENCES apps (org, id)
);
CREATE INDEX sso_app_sessions_name ON sso_app_sessions (org, app, name);
CREATE INDEX sso_app_sessions_session ON sso_app_sessions (org, session);
CREATE INDEX sso_app_sessions_user ON sso_app_sessions (org, user_id);
CREATE INDEX sso_app_sessions_until ON sso_app_sessions (org, until);

-- How somebody has signed in: password, code, passkey.
ALTER TABLE sessions ADD COLUMN method TEXT COLLATE "C";
