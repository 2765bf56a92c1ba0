-- Keys for SAML. owner: the application, or the organization for its service provider. active_from: since when, or from when on,
-- it signs (the latest of those that have begun does); none: it waits. announced: whether its beginning has been told. warned:
-- how many days ahead of the certificate's end the last warning was.
CREATE TABLE saml_keys (
    org BYTEA NOT NULL,
    id BYTEA NOT NULL,
    owner BYTEA NOT NULL,
    certificate BYTEA NOT NULL,
    private_key BYTEA NOT NULL,
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    active_from BIGINT,
    announced BIGINT NOT NULL,
    warned BIGINT,
    PRIMARY KEY (org, id),
    FOREIGN KEY (org) REFERENCES organizations (id)
);
CREATE INDEX saml_keys_owner ON saml_keys (org, owner);
CREATE INDEX saml_keys_expires ON saml_keys (org, expires);

-- Sign-ins and sign-outs by SAML, as they went. peer: the application, or the identity provider that vouches.
CREATE TABLE saml_traces (
    org BYTEA NOT NULL,
    id BYTEA NOT NULL,
    at BIGINT NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    action TEXT COLLATE "C" NOT NULL,
    peer BYTEA,
    user_id BYTEA,
    outcome TEXT COLLATE "C" NOT NULL,
    doc TEXT COLLATE "C" NOT NULL,
    correlation BYTEA NOT NULL,
    client_ip TEXT COLLATE "C",
    PRIMARY KEY (org, id),
    FOREIGN KEY (org) REFERENCES organizations (id)
);
CREATE INDEX saml_traces_peer ON saml_traces (org, peer, id);
CREATE INDEX saml_traces_user ON saml_traces (org, user_id, id);

-- What is good once, by its hash, until it would be refused for its age.
CREATE TABLE saml_once (
    org BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    until BIGINT NOT NULL,
    PRIMARY KEY (org, hash),
    FOREIGN KEY (org) REFERENCES organizations (id)
);
CREATE INDEX saml_once_until ON saml_once (org, until);
