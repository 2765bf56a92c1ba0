-- People of other organizations who administer this one. home: the other organization; user_name: whom the offer names, and
-- user_key the same as it is compared; user_id: who has taken it up, NULL: nobody yet; lapses: until when that can be done.
CREATE TABLE partners (
    org BYTEA NOT NULL,
    id BYTEA NOT NULL,
    home BYTEA NOT NULL,
    user_name TEXT COLLATE "C" NOT NULL,
    user_key TEXT COLLATE "C" NOT NULL,
    user_id BYTEA,
    role TEXT COLLATE "C" NOT NULL,
    offered BIGINT NOT NULL,
    lapses BIGINT NOT NULL,
    taken_up BIGINT,
    actor TEXT COLLATE "C" NOT NULL,
    correlation BYTEA NOT NULL,
    PRIMARY KEY (org, id),
    UNIQUE (org, user_id)
);

-- The same by the organization to which the people belong, which is org here: which customers have named whom.
CREATE TABLE partner_lookup (
    org BYTEA NOT NULL,
    customer BYTEA NOT NULL,
    partner_id BYTEA NOT NULL,
    user_key TEXT COLLATE "C" NOT NULL,
    user_id BYTEA,
    PRIMARY KEY (org, customer, partner_id)
);
CREATE INDEX partner_lookup_key ON partner_lookup (org, user_key);
CREATE INDEX partner_lookup_user ON partner_lookup (org, user_id);
