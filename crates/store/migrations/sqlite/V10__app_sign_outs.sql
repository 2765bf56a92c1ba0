-- Sign-outs that are under way: from one service to the next a browser carries the id, and nothing else. doc: what is still to be
-- done, as JSON.
CREATE TABLE sso_sign_outs (
    org BLOB NOT NULL,
    id TEXT NOT NULL,
    doc TEXT NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    PRIMARY KEY (org, id),
    FOREIGN KEY (org) REFERENCES organizations (id)
) STRICT;
CREATE INDEX sso_sign_outs_expires ON sso_sign_outs (org, expires);
