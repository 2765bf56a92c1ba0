-- Sign-outs that are under way: from one service to the next a browser carries the id, and nothing else. doc: what is still to be
-- done, as JSON.
CREATE TABLE sso_sign_outs (
    org BYTEA NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    doc TEXT COLLATE "C" NOT NULL,
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    PRIMARY KEY (org, id),
    FOREIGN KEY (org) REFERENCES organizations (id)
);
CREATE INDEX sso_sign_outs_expires ON sso_sign_outs (org, expires);
