-- Single sign-on to applications. slug: the application's part of /saml2/{slug}, fixed; none: of a bookmark. settings: JSON.
CREATE TABLE sso_apps (
    org BLOB NOT NULL,
    app BLOB NOT NULL,
    slug TEXT,
    active INTEGER NOT NULL,
    settings TEXT NOT NULL,
    version INTEGER NOT NULL,
    created INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    PRIMARY KEY (org, app),
    FOREIGN KEY (org, app) REFERENCES apps (org, id)
) STRICT;

-- Whose an address is: looked up by whoever comes from an application, before it is known which organization that belongs to.
CREATE TABLE sso_addresses (
    slug TEXT NOT NULL,
    org BLOB NOT NULL,
    app BLOB NOT NULL,
    PRIMARY KEY (slug),
    FOREIGN KEY (org, app) REFERENCES apps (org, id)
) STRICT;

-- The persistent names (SAML core 8.3.7) that applications know people by.
CREATE TABLE sso_name_ids (
    org BLOB NOT NULL,
    app BLOB NOT NULL,
    user_id BLOB NOT NULL,
    name TEXT NOT NULL,
    created INTEGER NOT NULL,
    PRIMARY KEY (org, app, user_id),
    UNIQUE (org, app, name),
    FOREIGN KEY (org, app) REFERENCES apps (org, id),
    FOREIGN KEY (org, user_id) REFERENCES users (org, id)
) STRICT;
CREATE INDEX sso_name_ids_user ON sso_name_ids (org, user_id);

-- Where people were signed in to from which session of ours. id: the SessionIndex; name: the NameID's value, name_doc: the whole of
-- it as JSON.
CREATE TABLE sso_app_sessions (
    org BLOB NOT NULL,
    id TEXT NOT NULL,
    app BLOB NOT NULL,
    user_id BLOB NOT NULL,
    session BLOB NOT NULL,
    name TEXT NOT NULL,
    name_doc TEXT NOT NULL,
    created INTEGER NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (org, id),
    FOREIGN KEY (org, app) REFERENCES apps (org, id)
) STRICT;
CREATE INDEX sso_app_sessions_name ON sso_app_sessions (org, app, name);
CREATE INDEX sso_app_sessions_session ON sso_app_sessions (org, session);
CREATE INDEX sso_app_sessions_user ON sso_app_sessions (org, user_id);
CREATE INDEX sso_app_sessions_until ON sso_app_sessions (org, until);

-- How somebody has signed in: password, code, passkey.
ALTER TABLE sessions ADD COLUMN method TEXT;
