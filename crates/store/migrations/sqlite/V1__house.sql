-- The tables of the house. Twin of postgres/V1__house.sql: the same tables, columns, keys and indexes.
-- Ids are 16 bytes (UUIDv7), times microseconds since 1970, truths 0 or 1. Every key and index begins with the
-- organization, but for organizations themselves and the look-up of a token's hash.

CREATE TABLE organizations (
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    created INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    access_revision INTEGER NOT NULL,
    schemas_revision INTEGER NOT NULL,
    settings_revision INTEGER NOT NULL,
    licences_revision INTEGER NOT NULL,
    actor TEXT NOT NULL,
    correlation BLOB NOT NULL,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (
    org BLOB NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    modified INTEGER NOT NULL,
    actor TEXT NOT NULL,
    correlation BLOB NOT NULL,
    PRIMARY KEY (org, key),
    FOREIGN KEY (org) REFERENCES organizations (id)
) STRICT;

-- Extensions that organizations have added; every change of them raises organizations.schemas_revision.
-- urn_key: the URN in lower case; kind: user or group; required: must every such resource have it; doc: the definition
-- as JSON.
CREATE TABLE schemas (
    org BLOB NOT NULL,
    id BLOB NOT NULL,
    urn_key TEXT NOT NULL,
    kind TEXT NOT NULL,
    required INTEGER NOT NULL,
    doc TEXT NOT NULL,
    version INTEGER NOT NULL,
    created INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    actor TEXT NOT NULL,
    correlation BLOB NOT NULL,
    PRIMARY KEY (org, id),
    UNIQUE (org, urn_key),
    FOREIGN KEY (org) REFERENCES organizations (id)
) STRICT;

-- Values that no two people, or no two groups, of an organization may share, in the form in which equal ones are equal.
-- attribute: with its schema's URN.
CREATE TABLE unique_values (
    org BLOB NOT NULL,
    attribute TEXT NOT NULL,
    value TEXT NOT NULL,
    subject BLOB NOT NULL,
    PRIMARY KEY (org, attribute, value)
) STRICT, WITHOUT ROWID;
CREATE INDEX unique_values_subject ON unique_values (org, subject);

-- doc: the resource rendered as JSON without id, meta, groups and password; rendering: by which version of the renderer.
-- provenance: JSON, which source owns which attribute.
CREATE TABLE users (
    org BLOB NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    created INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    active INTEGER NOT NULL,
    user_name TEXT NOT NULL,
    user_name_key TEXT NOT NULL,
    display_name TEXT,
    doc TEXT NOT NULL,
    rendering INTEGER NOT NULL,
    provenance TEXT NOT NULL,
    PRIMARY KEY (org, id),
    UNIQUE (org, user_name_key)
) STRICT;
CREATE INDEX users_created ON users (org, created, id);
CREATE INDEX users_modified ON users (org, modified, id);
CREATE INDEX users_inactive ON users (org, id) WHERE active = 0;

-- What people's states follow from; of whom nothing is known there is no row. invited, verified: when somebody was invited
-- to the present address, and when it was shown to be theirs; inactive: since when the person is.
CREATE TABLE person_facts (
    org BLOB NOT NULL,
    user_id BLOB NOT NULL,
    invited INTEGER,
    verified INTEGER,
    first_sign_in INTEGER,
    last_sign_in INTEGER,
    inactive INTEGER,
    PRIMARY KEY (org, user_id),
    FOREIGN KEY (org, user_id) REFERENCES users (org, id)
) STRICT;
CREATE INDEX person_facts_inactive ON person_facts (org, inactive, user_id) WHERE inactive IS NOT NULL;

-- Invitations that can be answered, at most one for each person: only the hash of what the link carries. address: to which it
-- was sent, in canonical form.
CREATE TABLE invitations (
    org BLOB NOT NULL,
    user_id BLOB NOT NULL,
    hash BLOB NOT NULL,
    address TEXT NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    actor TEXT NOT NULL,
    correlation BLOB NOT NULL,
    PRIMARY KEY (org, user_id),
    UNIQUE (org, hash),
    FOREIGN KEY (org, user_id) REFERENCES users (org, id)
) STRICT;
CREATE INDEX invitations_expires ON invitations (org, expires);

-- Values that filters look up, in canonical form; a userName is in users.user_name_key.
CREATE TABLE user_keys (
    org BLOB NOT NULL,
    attribute TEXT NOT NULL,
    value TEXT NOT NULL,
    user_id BLOB NOT NULL,
    PRIMARY KEY (org, attribute, value, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX user_keys_user ON user_keys (org, user_id);

CREATE TABLE groups (
    org BLOB NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    created INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    display_name TEXT NOT NULL,
    doc TEXT NOT NULL,
    rendering INTEGER NOT NULL,
    provenance TEXT NOT NULL,
    PRIMARY KEY (org, id)
) STRICT;
CREATE INDEX groups_created ON groups (org, created, id);
CREATE INDEX groups_modified ON groups (org, modified, id);

CREATE TABLE group_keys (
    org BLOB NOT NULL,
    attribute TEXT NOT NULL,
    value TEXT NOT NULL,
    group_id BLOB NOT NULL,
    PRIMARY KEY (org, attribute, value, group_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX group_keys_group ON group_keys (org, group_id);

-- A group's members, people and groups; member_kind: user or group. That a member exists is looked after by the code:
-- it is in one of two tables.
CREATE TABLE members (
    org BLOB NOT NULL,
    group_id BLOB NOT NULL,
    member_kind TEXT NOT NULL,
    member_id BLOB NOT NULL,
    added INTEGER NOT NULL,
    PRIMARY KEY (org, group_id, member_kind, member_id),
    FOREIGN KEY (org, group_id) REFERENCES groups (org, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX members_member ON members (org, member_id, group_id);

-- Licence types. name_key: the name in canonical form; total: NULL: as many as one likes; consumed: how many people have
-- one; tickets: how many have ever been given one or put in line for one. Every change of them, and of templates, raises
-- organizations.licences_revision.
CREATE TABLE licences (
    org BLOB NOT NULL,
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    total INTEGER,
    consumed INTEGER NOT NULL,
    tickets INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    PRIMARY KEY (org, id),
    UNIQUE (org, name_key),
    FOREIGN KEY (org) REFERENCES organizations (id)
) STRICT, WITHOUT ROWID;

-- Who has which licence (given), waits for one (waiting), or had it taken away (taken). sources: from where it comes, parted
-- by spaces (direct, organization, the id of a group); ticket: the place in line; reason: why it was taken away.
CREATE TABLE licence_holdings (
    org BLOB NOT NULL,
    user_id BLOB NOT NULL,
    licence BLOB NOT NULL,
    state TEXT NOT NULL,
    sources TEXT NOT NULL,
    ticket INTEGER NOT NULL,
    reason TEXT,
    modified INTEGER NOT NULL,
    PRIMARY KEY (org, user_id, licence),
    FOREIGN KEY (org, user_id) REFERENCES users (org, id),
    FOREIGN KEY (org, licence) REFERENCES licences (org, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX licence_holdings_licence ON licence_holdings (org, licence, state, ticket);

-- Which licences newcomers get. subject: the organization itself, or a group; licences: their ids, parted by spaces.
CREATE TABLE licence_templates (
    org BLOB NOT NULL,
    subject BLOB NOT NULL,
    licences TEXT NOT NULL,
    version INTEGER NOT NULL,
    created INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    PRIMARY KEY (org, subject),
    FOREIGN KEY (org) REFERENCES organizations (id)
) STRICT, WITHOUT ROWID;

-- Templates that are applied to people who were there before, or taken back from them. subject: as in licence_templates;
-- mode: preserve, take_away or withdraw; place: the last person who was looked at; total, done: people; due: when it may go
-- on, NULL once it is over; error: why the last step failed.
CREATE TABLE licence_runs (
    org BLOB NOT NULL,
    id BLOB NOT NULL,
    subject BLOB NOT NULL,
    subject_name TEXT NOT NULL,
    mode TEXT NOT NULL,
    place BLOB NOT NULL,
    total INTEGER NOT NULL,
    done INTEGER NOT NULL,
    due INTEGER,
    attempts INTEGER NOT NULL,
    error TEXT,
    started INTEGER NOT NULL,
    finished INTEGER,
    actor TEXT NOT NULL,
    correlation BLOB NOT NULL,
    PRIMARY KEY (org, id),
    FOREIGN KEY (org) REFERENCES organizations (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX licence_runs_due ON licence_runs (org, due) WHERE due IS NOT NULL;

-- What a run came to for each person and licence. user_name: what the person was called then. state: given, had, none_left,
-- taken_away or passed_over.
CREATE TABLE licence_run_items (
    org BLOB NOT NULL,
    run BLOB NOT NULL,
    user_id BLOB NOT NULL,
    licence BLOB NOT NULL,
    user_name TEXT NOT NULL,
    licence_name TEXT NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (org, run, user_id, licence),
    FOREIGN KEY (org, run) REFERENCES licence_runs (org, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX licence_run_items_state ON licence_run_items (org, run, state, user_id, licence);

-- What remains of the deleted until retention ends. kind: user or group.
CREATE TABLE tombstones (
    org BLOB NOT NULL,
    kind TEXT NOT NULL,
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    doc TEXT NOT NULL,
    rendering INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created INTEGER NOT NULL,
    deleted INTEGER NOT NULL,
    actor TEXT NOT NULL,
    correlation BLOB NOT NULL,
    PRIMARY KEY (org, kind, id)
) STRICT;
CREATE INDEX tombstones_deleted ON tombstones (org, deleted, id);

-- The change feed.
CREATE TABLE changes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    org BLOB NOT NULL,
    kind TEXT NOT NULL,
    id BLOB NOT NULL,
    related BLOB,
    what TEXT NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    correlation BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX changes_org ON changes (org, seq);

-- Bearer tokens of our own: only their hash. owner: the user, or NULL for the organization's operator account. warned: how
-- many days ahead of its end its last warning was.
CREATE TABLE tokens (
    org BLOB NOT NULL,
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    owner BLOB,
    scopes TEXT NOT NULL,
    hash BLOB NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER,
    revoked INTEGER,
    last_used INTEGER,
    warned INTEGER,
    actor TEXT NOT NULL,
    correlation BLOB NOT NULL,
    grant_id BLOB,
    PRIMARY KEY (org, id)
) STRICT;
CREATE INDEX tokens_owner ON tokens (org, owner);
CREATE INDEX tokens_expires ON tokens (org, expires);
CREATE INDEX tokens_revoked ON tokens (org, revoked);
CREATE INDEX tokens_grant ON tokens (org, grant_id);

CREATE TABLE token_lookup (
    hash BLOB NOT NULL,
    org BLOB NOT NULL,
    token_id BLOB NOT NULL,
    PRIMARY KEY (hash)
) STRICT;

CREATE TABLE roles (
    org BLOB NOT NULL,
    user_id BLOB NOT NULL,
    role TEXT NOT NULL,
    created INTEGER NOT NULL,
    actor TEXT NOT NULL,
    correlation BLOB NOT NULL,
    PRIMARY KEY (org, user_id, role),
    FOREIGN KEY (org, user_id) REFERENCES users (org, id)
) STRICT;
CREATE INDEX roles_role ON roles (org, role, user_id);

CREATE TABLE credentials (
    org BLOB NOT NULL,
    user_id BLOB NOT NULL,
    password_hash TEXT NOT NULL,
    must_change INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    actor TEXT NOT NULL,
    correlation BLOB NOT NULL,
    PRIMARY KEY (org, user_id),
    FOREIGN KEY (org, user_id) REFERENCES users (org, id)
) STRICT;

-- Who signs in by which e-mail address, in canonical form, in whichever organizations: whoever has a password.
CREATE TABLE sign_in_lookup (
    address TEXT NOT NULL,
    org BLOB NOT NULL,
    user_id BLOB NOT NULL,
    PRIMARY KEY (address, org, user_id),
    FOREIGN KEY (org, user_id) REFERENCES credentials (org, user_id)
) STRICT;
CREATE INDEX sign_in_lookup_user ON sign_in_lookup (org, user_id);

-- Authenticator apps (RFC 6238), at most one for each person. secret: sealed; last_step: that of the last code that was taken.
CREATE TABLE authenticators (
    org BLOB NOT NULL,
    user_id BLOB NOT NULL,
    secret BLOB NOT NULL,
    last_step INTEGER NOT NULL,
    created INTEGER NOT NULL,
    actor TEXT NOT NULL,
    correlation BLOB NOT NULL,
    PRIMARY KEY (org, user_id),
    FOREIGN KEY (org, user_id) REFERENCES users (org, id)
) STRICT;

-- Passkeys (WebAuthn). id: of the credential, as its authenticator has made it; credential: its public key and what else is known
-- of it, as JSON; counter: how often it has signed, as far as it says.
CREATE TABLE passkeys (
    org BLOB NOT NULL,
    id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    name TEXT NOT NULL,
    credential TEXT NOT NULL,
    counter INTEGER NOT NULL,
    created INTEGER NOT NULL,
    last_used INTEGER,
    actor TEXT NOT NULL,
    correlation BLOB NOT NULL,
    PRIMARY KEY (org, id),
    FOREIGN KEY (org, user_id) REFERENCES users (org, id)
) STRICT;
CREATE INDEX passkeys_user ON passkeys (org, user_id, created);

-- Codes that stand in for a second factor once each: only their hashes.
CREATE TABLE recovery_codes (
    org BLOB NOT NULL,
    user_id BLOB NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (org, user_id, hash),
    FOREIGN KEY (org, user_id) REFERENCES users (org, id)
) STRICT;

-- Sign-ins that were tried and did not succeed, on all nodes together. counted_by: SHA-256 of the address that was typed, or
-- of that of the network; until: nobody is let try again before then.
CREATE TABLE sign_in_failures (
    counted_by BLOB NOT NULL,
    failures INTEGER NOT NULL,
    last INTEGER NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (counted_by)
) STRICT;
CREATE INDEX sign_in_failures_last ON sign_in_failures (last);

-- Requests that were sent with a key, so that sending them again does nothing more. hash: SHA-256 of the token's id and the
-- key; request: SHA-256 of what was asked; answer: sealed, nothing while it is being made.
CREATE TABLE idempotency_keys (
    org BLOB NOT NULL,
    hash BLOB NOT NULL,
    request BLOB NOT NULL,
    begun INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    answer BLOB,
    PRIMARY KEY (org, hash),
    FOREIGN KEY (org) REFERENCES organizations (id)
) STRICT;
CREATE INDEX idempotency_keys_expires ON idempotency_keys (org, expires);

-- Who is signed in at which browser: only the hash of what the cookie holds. expires: whatever happens; proved: when a password
-- or a second factor was shown last.
CREATE TABLE sessions (
    org BLOB NOT NULL,
    id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    hash BLOB NOT NULL,
    created INTEGER NOT NULL,
    last_used INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    proved INTEGER NOT NULL,
    network_address TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    PRIMARY KEY (org, id),
    UNIQUE (org, hash),
    FOREIGN KEY (org, user_id) REFERENCES users (org, id)
) STRICT;
CREATE INDEX sessions_user ON sessions (org, user_id, id);

-- Forms that are good once, and have been used: by the ids that they carry.
CREATE TABLE used_forms (
    org BLOB NOT NULL,
    form BLOB NOT NULL,
    used INTEGER NOT NULL,
    PRIMARY KEY (org, form)
) STRICT;
CREATE INDEX used_forms_used ON used_forms (org, used);

-- Clients that organizations have registered with the authorization server. owner: whose rights a token has that the client
-- gets for itself, NULL: the operator account; secret_hash: NULL for a public client; redirects, scopes: parted by spaces.
CREATE TABLE oauth_clients (
    org BLOB NOT NULL,
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    owner BLOB,
    secret_hash BLOB,
    redirects TEXT NOT NULL,
    scopes TEXT NOT NULL,
    created INTEGER NOT NULL,
    actor TEXT NOT NULL,
    correlation BLOB NOT NULL,
    PRIMARY KEY (org, id)
) STRICT;

-- What people have allowed clients. user_id: NULL where a client acts for itself.
CREATE TABLE oauth_grants (
    org BLOB NOT NULL,
    id BLOB NOT NULL,
    client BLOB NOT NULL,
    user_id BLOB,
    scopes TEXT NOT NULL,
    created INTEGER NOT NULL,
    revoked INTEGER,
    PRIMARY KEY (org, id),
    FOREIGN KEY (org, client) REFERENCES oauth_clients (org, id)
) STRICT;
CREATE INDEX oauth_grants_client ON oauth_grants (org, client, id);
CREATE INDEX oauth_grants_user ON oauth_grants (org, user_id, id);

-- What can be exchanged for tokens, once; kind: code or refresh.
CREATE TABLE oauth_exchanges (
    org BLOB NOT NULL,
    hash BLOB NOT NULL,
    grant_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    redirect TEXT NOT NULL,
    challenge TEXT NOT NULL,
    expires INTEGER NOT NULL,
    used INTEGER,
    PRIMARY KEY (org, hash),
    FOREIGN KEY (org, grant_id) REFERENCES oauth_grants (org, id)
) STRICT;
CREATE INDEX oauth_exchanges_grant ON oauth_exchanges (org, grant_id);
CREATE INDEX oauth_exchanges_expires ON oauth_exchanges (org, expires);

-- Applications. name_key: the name in canonical form; credentials: sealed, with the id of its key; settings: JSON;
-- state: active, paused, inactive, disabled or removing; removal: what becomes of the accounts then (disable or delete).
-- watermark: up to where the feed was read, NULL before the first cycle. hold_*: nothing is sent before that time,
-- how often in a row that was so, and why (a message as JSON). plan: the one that gathers what awaits approval.
-- quarantine_*: since when the target is tried ever more rarely, and why (a message as JSON; code: its kind).
CREATE TABLE apps (
    org BLOB NOT NULL,
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    template TEXT NOT NULL,
    state TEXT NOT NULL,
    removal TEXT,
    settings TEXT NOT NULL,
    credentials BLOB,
    credentials_expire INTEGER,
    watermark INTEGER,
    hold_until INTEGER,
    hold_count INTEGER NOT NULL,
    hold_reason TEXT,
    quarantine_since INTEGER,
    quarantine_code TEXT,
    quarantine_reason TEXT,
    plan BLOB,
    version INTEGER NOT NULL,
    created INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    PRIMARY KEY (org, id),
    UNIQUE (org, name_key)
) STRICT;

-- kind: of people or of groups (user, group).
CREATE TABLE mappings (
    org BLOB NOT NULL,
    app BLOB NOT NULL,
    kind TEXT NOT NULL,
    position INTEGER NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (org, app, kind, position),
    FOREIGN KEY (org, app) REFERENCES apps (org, id)
) STRICT;

-- kind: user or group. No key points to the subject: the engine still has to see whom a deleted group brought in.
CREATE TABLE assignments (
    org BLOB NOT NULL,
    app BLOB NOT NULL,
    subject BLOB NOT NULL,
    kind TEXT NOT NULL,
    role TEXT,
    created INTEGER NOT NULL,
    actor TEXT NOT NULL,
    correlation BLOB NOT NULL,
    PRIMARY KEY (org, app, subject),
    FOREIGN KEY (org, app) REFERENCES apps (org, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX assignments_subject ON assignments (org, subject, app);

-- Which account of the target is whose. state: active, disabled, or imported (nobody keeps it in step yet); known: JSON,
-- what is known to stand in the account; seen: by which reconciliation it was listed last.
-- Links and lanes outlive the person: that is how an account of somebody deleted is found.
CREATE TABLE links (
    org BLOB NOT NULL,
    app BLOB NOT NULL,
    subject BLOB NOT NULL,
    kind TEXT NOT NULL,
    remote_id TEXT NOT NULL,
    state TEXT NOT NULL,
    known TEXT NOT NULL,
    seen BLOB,
    created INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    PRIMARY KEY (org, app, subject),
    UNIQUE (org, app, kind, remote_id),
    FOREIGN KEY (org, app) REFERENCES apps (org, id)
) STRICT;
CREATE INDEX links_subject ON links (org, subject, app);

-- To whom accounts refer: whose account (subject) names whose (referenced). remote_id: the account that it names; NULL: it
-- names none yet, as there is none.
CREATE TABLE account_references (
    org BLOB NOT NULL,
    app BLOB NOT NULL,
    subject BLOB NOT NULL,
    referenced BLOB NOT NULL,
    remote_id TEXT,
    PRIMARY KEY (org, app, subject, referenced),
    FOREIGN KEY (org, app) REFERENCES apps (org, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX account_references_referenced ON account_references (org, app, referenced, subject);

-- What stands among the members of a group at the target. remote_id: the member there; NULL: not there. stale: it may have
-- to change (1), or the target will not have it (2); NULL: it stands as it should; revision: raised whenever that may
-- change. A member that is not there and need not be has no row.
CREATE TABLE memberships (
    org BLOB NOT NULL,
    app BLOB NOT NULL,
    group_id BLOB NOT NULL,
    member BLOB NOT NULL,
    remote_id TEXT,
    stale INTEGER,
    revision INTEGER NOT NULL,
    PRIMARY KEY (org, app, group_id, member),
    FOREIGN KEY (org, app) REFERENCES apps (org, id)
) STRICT;
CREATE INDEX memberships_stale ON memberships (org, app, stale, group_id, member) WHERE stale IS NOT NULL;
CREATE INDEX memberships_member ON memberships (org, app, member, group_id);

-- The work: one lane per app and subject. due: when it may be taken (while it is leased: taken over), NULL when idle;
-- hold: not before this time, whatever happens; fence: raised by every lease; doubt: JSON, by which keys to look for an
-- account that may have been created; verify: read the account before comparing; pending: its cycle waits for it; plan:
-- the approved one whose item for this subject is to be carried out; judged: whether it may be worked on (0 not judged,
-- 1 yes, if no account goes by it, 2 yes, 3 an account would go by it and it is not judged); struck: when an account last
-- went by it without having been asked for.
CREATE TABLE lanes (
    org BLOB NOT NULL,
    app BLOB NOT NULL,
    subject BLOB NOT NULL,
    kind TEXT NOT NULL,
    generation INTEGER NOT NULL,
    done_generation INTEGER NOT NULL,
    due INTEGER,
    hold INTEGER,
    lease_until INTEGER,
    holder BLOB,
    fence INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    error TEXT,
    doubt TEXT,
    verify INTEGER NOT NULL,
    cycle BLOB,
    pending INTEGER NOT NULL,
    outcome TEXT,
    plan BLOB,
    judged INTEGER NOT NULL,
    struck INTEGER,
    PRIMARY KEY (org, app, subject),
    FOREIGN KEY (org, app) REFERENCES apps (org, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX lanes_due ON lanes (org, app, due) WHERE due IS NOT NULL;
CREATE INDEX lanes_cycle ON lanes (org, app, cycle, pending, outcome);
CREATE INDEX lanes_judged ON lanes (org, app, judged) WHERE due IS NOT NULL;
CREATE INDEX lanes_struck ON lanes (org, app, struck) WHERE struck IS NOT NULL;
CREATE INDEX lanes_error ON lanes (org, app, attempts) WHERE error IS NOT NULL;

-- counts: JSON, once it is finished. While it runs they are counted in lanes.
CREATE TABLE cycles (
    org BLOB NOT NULL,
    app BLOB NOT NULL,
    id BLOB NOT NULL,
    kind TEXT NOT NULL,
    started INTEGER NOT NULL,
    finished INTEGER,
    watermark INTEGER NOT NULL,
    counts TEXT,
    actor TEXT NOT NULL,
    correlation BLOB NOT NULL,
    PRIMARY KEY (org, app, id),
    FOREIGN KEY (org, app) REFERENCES apps (org, id)
) STRICT;
CREATE INDEX cycles_running ON cycles (org, app, id) WHERE finished IS NULL;

-- Durable work of an application beside its lanes. kind: reconcile or import. options, progress: JSON. due: when it may be
-- taken (while it is leased: taken over), NULL once it is over; fence: raised by every lease; attempts: failures in a row;
-- error: a message as JSON.
CREATE TABLE jobs (
    org BLOB NOT NULL,
    app BLOB NOT NULL,
    id BLOB NOT NULL,
    kind TEXT NOT NULL,
    options TEXT NOT NULL,
    progress TEXT NOT NULL,
    due INTEGER,
    fence INTEGER NOT NULL,
    holder BLOB,
    attempts INTEGER NOT NULL,
    error TEXT,
    started INTEGER NOT NULL,
    finished INTEGER,
    actor TEXT NOT NULL,
    correlation BLOB NOT NULL,
    PRIMARY KEY (org, app, id),
    FOREIGN KEY (org, app) REFERENCES apps (org, id)
) STRICT;
CREATE INDEX jobs_due ON jobs (org, app, due) WHERE due IS NOT NULL;

-- What an import makes of each account. doc: the account as it was read, until it is done with; subject: the person who is
-- planned or found; state: waiting, created, linked, known, failed; error: a message as JSON.
CREATE TABLE import_items (
    org BLOB NOT NULL,
    app BLOB NOT NULL,
    job BLOB NOT NULL,
    remote_id TEXT NOT NULL,
    name TEXT NOT NULL,
    doc TEXT NOT NULL,
    subject BLOB,
    state TEXT NOT NULL,
    error TEXT,
    PRIMARY KEY (org, app, job, remote_id),
    FOREIGN KEY (org, app, job) REFERENCES jobs (org, app, id)
) STRICT;
CREATE INDEX import_items_state ON import_items (org, app, job, state, remote_id);

-- What the target changed by itself, as the latest reconciliation found it. kind: changed, enabled, disabled, vanished, or
-- unlinked (then there is no subject); changes: JSON, what we want and what is there; found: when it was found first; job:
-- the reconciliation that found it last.
CREATE TABLE drift (
    org BLOB NOT NULL,
    app BLOB NOT NULL,
    subject_kind TEXT NOT NULL,
    remote_id TEXT NOT NULL,
    subject BLOB,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    changes TEXT NOT NULL,
    found INTEGER NOT NULL,
    job BLOB NOT NULL,
    PRIMARY KEY (org, app, subject_kind, remote_id),
    FOREIGN KEY (org, app) REFERENCES apps (org, id)
) STRICT;
CREATE INDEX drift_subject ON drift (org, app, subject) WHERE subject IS NOT NULL;

-- Plans that are kept. state: draft (still being put together), awaiting_approval, approved, applying, applied, discarded,
-- expired, stale. origin: who asked for it (saved, approval, threshold, on_demand); reason: a message as JSON. revision:
-- raised by every change of an item. watermark: up to where the feed was read when planning began. cycle: the one that
-- carries it out. unchanged, skipped: people who are left alone, and stand in no item. decided_by: who approved or
-- discarded it.
CREATE TABLE plans (
    org BLOB NOT NULL,
    app BLOB NOT NULL,
    id BLOB NOT NULL,
    state TEXT NOT NULL,
    origin TEXT NOT NULL,
    reason TEXT NOT NULL,
    revision INTEGER NOT NULL,
    watermark INTEGER NOT NULL,
    cycle BLOB,
    unchanged INTEGER NOT NULL,
    skipped INTEGER NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    decided INTEGER,
    finished INTEGER,
    actor TEXT NOT NULL,
    correlation BLOB NOT NULL,
    decided_by TEXT,
    PRIMARY KEY (org, app, id),
    FOREIGN KEY (org, app) REFERENCES apps (org, id)
) STRICT;
CREATE INDEX plans_unfinished ON plans (org, app, id) WHERE finished IS NULL;

-- What a plan holds for one person. state: open, approved, applied, failed, stale. destructive: it takes the account away
-- or its right to sign in. basis: JSON, what it was made on; reason, error: messages as JSON; changes, request: JSON, as
-- they may be shown; digest: of the very request.
CREATE TABLE plan_items (
    org BLOB NOT NULL,
    app BLOB NOT NULL,
    plan BLOB NOT NULL,
    subject BLOB NOT NULL,
    kind TEXT NOT NULL,
    subject_name TEXT NOT NULL,
    action TEXT NOT NULL,
    destructive INTEGER NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    changes TEXT NOT NULL,
    request TEXT,
    digest TEXT NOT NULL,
    basis TEXT NOT NULL,
    error TEXT,
    modified INTEGER NOT NULL,
    PRIMARY KEY (org, app, plan, subject),
    FOREIGN KEY (org, app, plan) REFERENCES plans (org, app, id)
) STRICT;
CREATE INDEX plan_items_state ON plan_items (org, app, plan, state, action, destructive);

-- One entry per subject and action; an id is made from its entry's time. app_name: what the app was called. code and
-- params: the message; changes, exchanges, explanation: JSON; duration: microseconds.
CREATE TABLE provisioning_log (
    org BLOB NOT NULL,
    id BLOB NOT NULL,
    app BLOB NOT NULL,
    app_name TEXT NOT NULL,
    cycle BLOB,
    subject BLOB NOT NULL,
    kind TEXT NOT NULL,
    subject_name TEXT NOT NULL,
    action TEXT NOT NULL,
    status TEXT NOT NULL,
    at INTEGER NOT NULL,
    duration INTEGER NOT NULL,
    remote_id TEXT,
    changes TEXT NOT NULL,
    exchanges TEXT NOT NULL,
    explanation TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    next_attempt INTEGER,
    code TEXT NOT NULL,
    params TEXT NOT NULL,
    actor TEXT NOT NULL,
    correlation BLOB NOT NULL,
    PRIMARY KEY (org, id)
) STRICT;
CREATE INDEX provisioning_log_app ON provisioning_log (org, app, id);
CREATE INDEX provisioning_log_subject ON provisioning_log (org, subject, id);

-- The trail of events; an id is made from its event's time. doc: JSON.
CREATE TABLE events (
    org BLOB NOT NULL,
    id BLOB NOT NULL,
    at INTEGER NOT NULL,
    type TEXT NOT NULL,
    success INTEGER NOT NULL,
    resource_kind TEXT NOT NULL,
    resource_id BLOB,
    doc TEXT NOT NULL,
    actor TEXT NOT NULL,
    correlation BLOB NOT NULL,
    client_ip TEXT,
    PRIMARY KEY (org, id)
) STRICT;
CREATE INDEX events_type ON events (org, type, id);

-- Mail to be sent; an id is made from its mail's time. due: when it is to be tried (while it is leased: taken over), NULL
-- once it is sent or given up; fence: raised by every lease; secret: sealed, what is put into the text as it is sent, and gone
-- afterwards.
CREATE TABLE mails (
    org BLOB NOT NULL,
    id BLOB NOT NULL,
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    secret BLOB,
    created INTEGER NOT NULL,
    due INTEGER,
    fence INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    sent INTEGER,
    given_up INTEGER,
    error TEXT,
    actor TEXT NOT NULL,
    correlation BLOB NOT NULL,
    PRIMARY KEY (org, id)
) STRICT;
CREATE INDEX mails_due ON mails (org, due, id) WHERE due IS NOT NULL;

-- What admins were told about an application and still holds. key: of which cause.
CREATE TABLE target_tokens (
    org BLOB NOT NULL,
    app BLOB NOT NULL,
    sealed BLOB,
    expires INTEGER,
    turn_until INTEGER,
    PRIMARY KEY (org, app),
    FOREIGN KEY (org, app) REFERENCES apps (org, id)
) STRICT;

CREATE TABLE target_ways (
    org BLOB NOT NULL,
    app BLOB NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    origin TEXT NOT NULL,
    seen INTEGER NOT NULL,
    PRIMARY KEY (org, app, name),
    FOREIGN KEY (org, app) REFERENCES apps (org, id)
) STRICT;

CREATE TABLE notices (
    org BLOB NOT NULL,
    app BLOB NOT NULL,
    reason TEXT NOT NULL,
    key TEXT NOT NULL,
    raised INTEGER NOT NULL,
    PRIMARY KEY (org, app, reason),
    FOREIGN KEY (org, app) REFERENCES apps (org, id)
) STRICT;
