//! Each code with its sentence; `{name}` is a parameter of the message.

pub(super) const TEXTS: &[(&str, &str)] = &[
    ("scope.all", "everybody in the directory is in scope"),
    ("scope.user", "assigned in person"),
    ("scope.group", "a member of the assigned group {group}"),
    (
        "scope.group_nested",
        "a member of a group within the assigned group {group}",
    ),
    (
        "scope.not_assigned",
        "not assigned, neither in person nor through a group",
    ),
    ("scope.groups_off", "groups are switched off at this app"),
    ("scope.all_groups", "every group of the directory is in scope"),
    ("scope.group_assigned", "the group is assigned"),
    ("scope.group_not_assigned", "the group is not assigned"),
    (
        "plan.group_left",
        "removed from the directory; deleting is switched off, so it stays there",
    ),
    ("scope.filter_empty", "there is no scoping filter"),
    ("scope.filter_in", "let in by the scoping filter {filter}"),
    (
        "scope.filter_out",
        "kept out by the scoping filter {filter}: {attribute} is {found}, and it wants {wants}",
    ),
    (
        "scope.filter_out_empty",
        "kept out by the scoping filter {filter}: {attribute} has no value, and it wants {wants}",
    ),
    (
        "plan.gone_without_account",
        "removed from the directory, and without an account",
    ),
    (
        "plan.inactive_without_account",
        "inactive, and without an account",
    ),
    (
        "plan.create_off",
        "no account, and creating accounts is switched off",
    ),
    ("plan.gone", "removed from the directory"),
    ("plan.deactivated", "deactivated in the directory"),
    (
        "plan.switched_off",
        "it differs, but this kind of change is switched off",
    ),
    (
        "plan.no_active_mapping",
        "cannot be disabled: no mapping writes to the attribute active",
    ),
    ("plan.saved", "asked for"),
    ("preview.same", "the account has it already"),
    ("preview.waits", "it waits for {name} to have an account"),
    (
        "why.waits",
        "what refers to {name} waits for {name} to have an account",
    ),
    (
        "preview.members_after",
        "members are added once the group is there",
    ),
    ("preview.no_value", "there is no value, and no default"),
    (
        "preview.left",
        "there is no value, and the mapping leaves what is there",
    ),
    ("preview.only_on_create", "only new accounts get it"),
    (
        "preview.filled",
        "the account has a value, and the mapping only fills in where there is none",
    ),
    (
        "preview.ignored",
        "there is no value, and IgnoreFlowIfNullOrEmpty leaves the attribute out",
    ),
    (
        "preview.out_of_scope",
        "who is out of scope is only disabled; the rest is left as it is",
    ),
    (
        "preview.switched_off",
        "it differs, but this kind of change is switched off",
    ),
    ("why.takes_all", "the app takes everybody in the directory"),
    (
        "why.takes_assigned",
        "the app takes who is assigned to it, in person or as a direct member of a group",
    ),
    (
        "why.takes_nested",
        "the app takes who is assigned to it, in person or as a member of a group, also of a group within it",
    ),
    (
        "why.assigned_nested",
        "a member of a group within the group {group}, which is assigned",
    ),
    ("why.assigned", "assigned in person"),
    (
        "why.assigned_through",
        "a direct member of the group {group}, which is assigned",
    ),
    (
        "why.not_assigned",
        "not assigned, neither in person nor as a direct member of a group that is",
    ),
    ("why.no_filter", "there is no scoping filter"),
    ("why.filter_in", "the filter {filter} lets the person in"),
    ("why.filter_out", "the filter {filter} does not let the person in"),
    ("why.clause_holds", "{attribute} is {found}, as {wants} demands"),
    (
        "why.clause_holds_empty",
        "{attribute} has no value, as {wants} demands",
    ),
    (
        "why.clause_fails",
        "{attribute} is {found}, and {wants} is demanded",
    ),
    (
        "why.clause_fails_empty",
        "{attribute} has no value, and {wants} is demanded",
    ),
    (
        "why.inactive",
        "inactive in the directory: no account is made, and one that exists is disabled",
    ),
    (
        "why.groups_off",
        "the app provisions no groups: its setting groups is off",
    ),
    ("why.groups_all", "the app takes every group of the directory"),
    (
        "why.groups_assigned",
        "the app takes groups that are assigned to it",
    ),
    ("why.group_assigned", "the group is assigned"),
    (
        "why.group_not_assigned",
        "the group itself is not assigned; being within one that is does not count",
    ),
    (
        "why.group_rests",
        "it is held at the target from before, and left as it is there",
    ),
    (
        "why.group_stays",
        "it is held at the target, and stays there as it is (groups_out_of_scope=leave)",
    ),
    (
        "why.group_goes",
        "it is held at the target, and is deleted there (groups_out_of_scope=delete)",
    ),
    (
        "why.members_wait",
        "members without an account at the target, who come into the group when they have one: {count} ({names})",
    ),
    (
        "why.refused",
        "the target would not have {name} in it: see the log; it is tried again when something changes, or by a restart",
    ),
    (
        "why.refused_in",
        "the target would not have the account in the group {group}: see the log of that group",
    ),
    ("why.in", "in scope"),
    ("why.out", "not in scope"),
    ("demand.unchanged", "the account is in step already"),
    (
        "demand.awaits_approval",
        "planned; it is sent when the plan is approved",
    ),
    (
        "demand.judged",
        "the account would go, and whether that is within the threshold is judged first",
    ),
    (
        "demand.not_synchronized",
        "the account would go, which is more than the threshold allows without a look at everybody, and the app was never \
         synchronized: synchronize it, and approve the plan that comes of it",
    ),
    (
        "demand.waits",
        "others are at work for this person, or have changed the app just now: try again",
    ),
    (
        "demand.waits_until",
        "it has to wait, or others are at work for this person, until {until}",
    ),
    (
        "plan.approval_always",
        "nothing is sent to this app without approval",
    ),
    (
        "plan.threshold",
        "more accounts would be disabled or deleted than the threshold of {limit} allows",
    ),
    (
        "plan.stale_person",
        "not carried out: the person has changed since the plan was made",
    ),
    (
        "plan.stale_scope",
        "not carried out: whether and why the person is in scope has changed since the plan was made",
    ),
    (
        "plan.stale_app",
        "not carried out: mappings or settings of the app have changed since the plan was made",
    ),
    (
        "plan.stale_link",
        "not carried out: the person has another account now, or none",
    ),
    (
        "plan.stale_account",
        "not carried out: the account has changed since the plan was made",
    ),
    (
        "plan.stale_done",
        "not carried out: nothing of it was left to be done",
    ),
    (
        "plan.stale_superseded",
        "not carried out: another plan was approved for this person",
    ),
    ("plan.stale_expired", "not carried out: the approval has run out"),
    (
        "match.no_value",
        "the person has no value for any matching attribute",
    ),
    (
        "match.ambiguous",
        "{count} accounts have the {attribute} {value}; link none of them until one is left",
    ),
    (
        "match.taken",
        "the account {target} with the {attribute} {value} is linked to somebody else",
    ),
    (
        "match.hidden",
        "the target says that the account exists, but does not find it; it is looked for again",
    ),
    (
        "mapping.failed",
        "the mapping to {target} cannot be worked out: {detail}",
    ),
    (
        "mapping.value",
        "the mapping to {target} gives a value that does not fit: {detail}",
    ),
    (
        "mapping.not_unique",
        "every value that the mapping to {target} offers is another account's already: {values}",
    ),
    (
        "target.forbidden",
        "the target forbids this change (status {status}): {detail}",
    ),
    (
        "link.taken",
        "the target gave an account that is another person's already; nothing is changed there",
    ),
    (
        "target.refused",
        "the target refuses the credentials (status {status}): {detail}",
    ),
    (
        "target.conflict",
        "the target says that another account has this key (status {status}): {detail}",
    ),
    (
        "target.not_found",
        "the target does not find it (status {status}): {detail}",
    ),
    (
        "target.no_target",
        "the target does not have the element that was to be changed (status {status}): {detail}",
    ),
    (
        "target.unsupported",
        "the target does not have this method (status {status}): {detail}",
    ),
    (
        "target.changed",
        "the account was changed at the target meanwhile (status {status}): {detail}",
    ),
    (
        "target.filter_refused",
        "the target cannot search by this attribute (status {status}): {detail}",
    ),
    (
        "token.refused",
        "the authorization server gives no access token (status {status}): {detail}",
    ),
    (
        "token.broken",
        "the authorization server failed (status {status}): {detail}",
    ),
    (
        "token.throttled",
        "the authorization server asks to be asked less (status {status}): {detail}",
    ),
    (
        "token.none",
        "the authorization server's answer has no bearer token (status {status}): is the token URL right?",
    ),
    (
        "token.unreachable",
        "the authorization server does not answer: {detail}",
    ),
    ("token.unusable", "no access token can be asked for: {detail}"),
    ("token.not_kept", "an access token cannot be kept just now"),
    (
        "target.gone",
        "the account that is known is not there to be read: tried again later",
    ),
    (
        "target.throttled",
        "the target asks to send less (status {status})",
    ),
    ("target.broken", "the target failed (status {status}): {detail}"),
    (
        "target.redirect",
        "the target answers with a redirect (status {status}), which is not followed: correct the base URL",
    ),
    (
        "target.unexpected",
        "the target gives an unexpected answer (status {status})",
    ),
    (
        "target.rejected",
        "the target rejects the request (status {status}): {detail}",
    ),
    (
        "target.not_scim",
        "the answer is no SCIM (status {status}): is the base URL right?",
    ),
    ("quarantine.credentials", "{detail}"),
    (
        "quarantine.unreachable",
        "the target has not been reached for many tries: {detail}",
    ),
    ("quarantine.failures", "of {people} people {failing} fail"),
    ("target.quota", "the target takes no more requests for a while"),
    ("target.no_id", "the answer has no id (status {status})"),
    (
        "target.bulk_unanswered",
        "the answer to the bulk request does not say what came of this operation",
    ),
    (
        "target.bulk_no_status",
        "the answer to the bulk request gives this operation no status",
    ),
    (
        "target.filter_ignored",
        "the target takes no notice of filters on {attribute}: accounts cannot be matched",
    ),
    (
        "target.unstable",
        "the target does not find the account for a change, but shows it: tried again later",
    ),
    ("target.url", "{detail}"),
    ("target.address_refused", "{detail}"),
    ("target.dns", "{detail}"),
    ("target.down", "{detail}"),
    ("target.tls", "{detail}"),
    ("target.timeout", "{detail}"),
    ("target.lost", "{detail}"),
    ("target.too_large", "{detail}"),
    ("target.client", "{detail}"),
    (
        "target.pages_ignored",
        "the target gives the same page again and again: its accounts cannot be listed",
    ),
    (
        "drift.changed",
        "the target has other values than those that were written",
    ),
    (
        "drift.enabled",
        "the target lets the account sign in, which it should not",
    ),
    (
        "drift.disabled",
        "the target does not let the account sign in any more",
    ),
    ("drift.vanished", "the account is gone at the target"),
    ("drift.group_vanished", "the group is gone at the target"),
    ("drift.unlinked", "nobody here has this account"),
    (
        "drift.corrected",
        "drift: brought back what the target had changed",
    ),
    (
        "notify.no_mail_server",
        "{email} is to be told by mail, but the server has no mail server: configure [mail] in its file",
    ),
    (
        "notify.no_address",
        "somebody is to be told by mail, but nobody is named: set notification_email",
    ),
    ("job.store", "the database did not answer; see the server's log"),
    ("plan.removal", "the app is being removed"),
    ("job.deactivated", "the app was deactivated"),
    ("job.removed", "the app is being removed"),
    ("job.moved", "the app has another target now"),
    ("import.created", "a person was made of the account"),
    (
        "import.linked",
        "the matching attributes find this person, who is linked",
    ),
    ("import.unknown_account", "the target has no account {name}"),
    (
        "import.ambiguous_account",
        "the target has several accounts {name}",
    ),
    (
        "import.ambiguous_person",
        "the matching attributes fit several people here; none of them is linked",
    ),
    (
        "import.has_another",
        "it matches {name}, who has another account there already: {target}",
    ),
    (
        "import.taken",
        "the account became somebody else's meanwhile, or its person has got another one",
    ),
    (
        "import.user_name_taken",
        "somebody here has the userName {name} already, whom the matching attributes do not find",
    ),
    ("import.refused", "the directory refuses it: {reason}"),
    (
        "import.no_directory",
        "this server has no directory in which people could be made",
    ),
    ("link.after_doubt", "found after a create whose answer never came"),
    (
        "test.ok",
        "verified successfully: the credentials are authorized to enable user provisioning",
    ),
    (
        "activate.ok",
        "the Identity Management integration has been successfully verified",
    ),
    (
        "activate.saml_first",
        "JumpCloud's guide wants SAML single sign-on with Webex to be set up and tested before provisioning is activated",
    ),
    (
        "activate.licence_template",
        "people get no licences unless the organization at Webex has an automatic licence template: set one up in Control \
         Hub first",
    ),
    (
        "activate.user_name_not_email",
        "people in the directory who have no account linked here, and a userName other than their e-mail address: {count}. \
         Whoever of them is provisioned would be created anew instead of matched",
    ),
    (
        "groups.denied",
        "groups are to be provisioned (the setting groups), and the target says that it has none",
    ),
    (
        "groups.undocumented",
        "groups are to be provisioned (the setting groups), and Webex documents none at this address: its second SCIM \
         address has them (preset webex-v2)",
    ),
    (
        "test.token",
        "the target does not accept the token (status {status}): copy it anew, or get a new one if it has expired",
    ),
    (
        "test.forbidden",
        "the token is valid but has no right to manage users (status {status}): {detail}",
    ),
    (
        "test.unknown_organization",
        "the target does not know this address (status {status}): check the organization ID and the base URL",
    ),
    (
        "test.not_scim",
        "this is no SCIM endpoint (status {status}): check the base URL",
    ),
    ("test.no_token", "the app has no token yet"),
    ("app.no_token", "the app has no token yet: nothing is sent"),
    (
        "app.sealed",
        "the app's token cannot be opened with the key file at hand: set the token again",
    ),
];
