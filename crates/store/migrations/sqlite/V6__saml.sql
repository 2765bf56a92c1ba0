-- Keys for SAML. owner: the application, or the organization for its service provider. active_from: since when, or from when on,
-- it signs (the latest of those that have begun does); none: it waits. announced: whether its beginning has been told. warned:
-- how many days ahead of the certificate's end the last warning was.
CREATE TABLE saml_keys (
    org BLOB NOT NULL,
    id BLOB NOT NULL,
    owner BLOB NOT NULL,
    certificate BLOB NOT NULL,
    private_key BLOB NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    active_from INTEGER,
    announced INTEGER NOT NULL,
    warned INTEGER,
    PRIMARY KEY (org, id),
    FOREIGN KEY (org) REFERENCES organizations (id)
) STRICT;
CREATE INDEX saml_keys_owner ON saml_keys (org, owner);
CREATE INDEX saml_keys_expires ON saml_keys (org, expires);

-- Sign-ins and sign-outs by SAML, as they went. peer: the application, or the identity provider that vouches.
CREATE TABLE saml_traces (
    org BLOB NOT NULL,
    id BLOB NOT NULL,
    at INTEGER NOT NULL,
    role TEXT NOT NULL,
    action TEXT NOT NULL,
    peer BLOB,
    user_id BLOB,
    outcome TEXT NOT NULL,
    doc TEXT NOT NULL,
    correlation BLOB NOT NULL,
    client_ip TEXT,
    PRIMARY KEY (org, id),
    FOREIGN KEY (org) REFERENCES organizations (id)
) STRICT;
CREATE INDEX saml_traces_peer ON saml_traces (org, peer, id);
CREATE INDEX saml_traces_user ON saml_traces (org, user_id, id);

-- What is good once, by its hash, until it would be refused for its age.
CREATE TABLE saml_once (
    org BLOB NOT NULL,
    hash BLOB NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (org, hash),
    FOREIGN KEY (org) REFERENCES organizations (id)
) STRICT;
CREATE INDEX saml_once_until ON saml_once (org, until);
