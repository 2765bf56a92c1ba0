-- People of other organizations who administer this one. home: the other organization; user_name: whom the offer names, and
-- user_key the same as it is compared; user_id: who has taken it up, NULL: nobody yet; lapses: until when that can be done.
CREATE TABLE partners (
    org BLOB NOT NULL,
    id BLOB NOT NULL,
    home BLOB NOT NULL,
    user_name TEXT NOT NULL,
    user_key TEXT NOT NULL,
    user_id BLOB,
    role TEXT NOT NULL,
    offered INTEGER NOT NULL,
    lapses INTEGER NOT NULL,
    taken_up INTEGER,
    actor TEXT NOT NULL,
    correlation BLOB NOT NULL,
    PRIMARY KEY (org, id),
    UNIQUE (org, user_id)
) STRICT;

-- The same by the organization to which the people belong, which is org here: which customers have named whom.
CREATE TABLE partner_lookup (
    org BLOB NOT NULL,
    customer BLOB NOT NULL,
    partner_id BLOB NOT NULL,
    user_key TEXT NOT NULL,
    user_id BLOB,
    PRIMARY KEY (org, customer, partner_id)
) STRICT;
CREATE INDEX partner_lookup_key ON partner_lookup (org, user_key);
CREATE INDEX partner_lookup_user ON partner_lookup (org, user_id);
