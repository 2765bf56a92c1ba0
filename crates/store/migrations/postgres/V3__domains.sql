-- E-mail domains of organizations. token: what the DNS is to say. verified: since when it is shown to be the organization's;
-- lapsed: since when no longer, as the DNS did not say it for too long; missing: since when the DNS does not say it; checked:
-- when the DNS was asked last; problem: what was wrong then. settled: whether everybody who was there is marked as verified.
CREATE TABLE domains (
    org BYTEA NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    token TEXT COLLATE "C" NOT NULL,
    created BIGINT NOT NULL,
    token_created BIGINT NOT NULL,
    verified BIGINT,
    claimed BIGINT,
    lapsed BIGINT,
    missing BIGINT,
    checked BIGINT,
    problem TEXT COLLATE "C",
    settled BIGINT NOT NULL,
    PRIMARY KEY (org, name),
    FOREIGN KEY (org) REFERENCES organizations (id)
);
CREATE INDEX domains_checked ON domains (org, checked);

-- Which organization has verified a domain: one at most. claimed: nobody else's people have addresses in it.
CREATE TABLE domain_lookup (
    name TEXT COLLATE "C" NOT NULL,
    org BYTEA NOT NULL,
    claimed BIGINT NOT NULL,
    PRIMARY KEY (name),
    FOREIGN KEY (org) REFERENCES organizations (id)
);

-- People are found by the domain of the address by which they sign in. (What is behind the last @.)
INSERT INTO user_keys (org, attribute, value, user_id) SELECT org, 'domain', substr(user_name_key, length(rtrim(user_name_key, replace(user_name_key, '@', ''))) + 1), id FROM users WHERE user_name_key LIKE '%_@_%';
INSERT INTO user_keys (org, attribute, value, user_id) SELECT k.org, 'domain', substr(k.value, length(rtrim(k.value, replace(k.value, '@', ''))) + 1), k.user_id FROM user_keys k JOIN users u ON u.org = k.org AND u.id = k.user_id WHERE k.attribute = 'email' AND k.value LIKE '%_@_%' AND NOT u.user_name_key LIKE '%_@_%';
