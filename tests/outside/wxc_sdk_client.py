#!/usr/bin/env python3
"""wxc_sdk, Cisco's own kind of client of Webex's identity API, against the service: people, groups, bulk, licences.

The package speaks to webexapis.com; what makes its addresses is pointed at our server instead, and nothing
else of it is touched. What must stand in the directory in the end is written down below, and read by another client."""

import asyncio
import os
import sys
import tempfile
import uuid

from checks import run
from http_json import Client, Scim
from processes import Instep, arguments

DOMAIN = "@webex-client.example"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
BULK = 60

# Who is made one by one: userName, given name, family name, title, department, work phone, extension.
PEOPLE = [
    ("ada", "Ada", "Lindt", "Engineer", "Research", "+41445550101", "101"),
    ("ben", "Ben", "Okafor", "Engineer", "Research", "+41445550102", "102"),
    ("cleo", "Cléo", "Zürcher", "Buyer", "Purchase", "+41445550103", None),
    ("dora", "Dora", "O'Neil", None, "Purchase", "+41445550104", "104"),
    ("emil", "Emil", "Straße", "Head", "Board", None, None),
]

# What is left of them in the end: title, department, work phone, extension, active, groups.
LEFT = {
    "ada": ("Dr.", "Research", "+41445550101", "101", True, ["Everybody", "Lab"]),
    "ben": ("Engineer", "Research", "+14085550123", "88011234", True, ["Everybody"]),
    "cleo": ("Chief buyer", "Purchase", "+41445550103", None, False, ["Everybody"]),
    "emil": ("Head", "Board", None, None, True, ["Everybody", "Lab"]),
}

# What is left of the groups: the direct members by name, groups after a colon.
GROUPS = {
    "Lab": ["ada", "emil"],
    "Everybody": [":Lab", "ben", "cleo"],
}


class Sdk:
    """The package, with its addresses turned to one server."""

    def __init__(self, url, token):
        import wxc_sdk
        import wxc_sdk.as_api
        import wxc_sdk.as_rest
        import wxc_sdk.rest
        import wxc_sdk.scim.child

        def ep(child, path=None):
            return "%s/%s%s" % (url, child.base, "/" + path if path else "")

        wxc_sdk.scim.child.ScimApiChild.ep = ep
        wxc_sdk.as_api.AsScimApiChild.ep = ep
        wxc_sdk.rest.RestSession.BASE = wxc_sdk.as_rest.AsRestSession.BASE = url + "/v1"
        self.token = token
        self.waiting = wxc_sdk.as_api.AsWebexSimpleApi
        self.api = wxc_sdk.WebexSimpleApi(tokens=token, retry_429=False)
        self.api.session.trust_env = False  # no proxy is asked for the way to this machine
        self.requests = []
        self.api.session.register_response_callback(
            lambda response, _: self.requests.append((response.request.method, response.url, response.status_code)))


def refused(action):
    """The status with which something is refused, and what is said of it; `None` if it is not."""
    from wxc_sdk.rest import RestError

    try:
        action()
    except RestError as error:
        return error.response.status_code, error.response.json()
    return None


def scenario(checks, options):
    with tempfile.TemporaryDirectory(prefix="instep-outside-") as folder:
        service = Instep(options.instep, folder, "Service", options.postgres)
        try:
            service.create_organization()
            service.token = service.create_token("Identity:SCIM", "spark-admin:licenses_read", "spark-admin:people_write")
            admin = service.create_token("instep:admin")
            service.serve()
            sdk = Sdk(service.url, service.token)
            people = users(checks, sdk.api.scim.users, service.org)
            lists(checks, sdk, service.org, people)
            changes(checks, sdk.api.scim.users, service.org, people)
            groups(checks, sdk, service.org, people)
            bulk(checks, sdk.api.scim, service.org)
            asyncio.run(at_once(checks, sdk, service.org))
            asyncio.run(every_call_at_once(checks, sdk, service.org))
            licences(checks, sdk, service.org, people, Client(service.url, admin))
            leave(checks, sdk.api.scim, service.org, people)
            the_end(checks, service.scim(base="/v1/scim/%s"))
            checks.none("nothing went wrong on the server's side", [one for one in sdk.requests if one[2] >= 500])
        finally:
            service.stop()
            if checks.failed:
                service.show_log(10)


def new_person(name, given, family, title, department, phone, extension):
    from wxc_sdk.scim.users import (EmailObject, EmailObjectType, EnterpriseUser, NameObject, ScimPhoneNumberType,
                                    ScimUser, UserAddress, UserPhoneNumber, UserTypeObject)

    phones = [UserPhoneNumber(value=value, type=kind)
              for value, kind in ((phone, ScimPhoneNumberType.work), (extension, ScimPhoneNumberType.work_extension)) if value]
    return ScimUser(
        active=True, user_name=name + DOMAIN, external_id="test_" + name, user_type=UserTypeObject.user, title=title,
        name=NameObject(given_name=given, family_name=family), display_name="%s %s" % (given, family),
        emails=[EmailObject(value=name + DOMAIN, type=EmailObjectType.work, primary=True)], phone_numbers=phones or None,
        addresses=[UserAddress(type="work", street_address="1 Dock Road", postal_code="8001", country="CH", locality="Zürich")],
        enterprise_user=EnterpriseUser(department=department))


def without(user, *names):
    """What a person is, less what the service adds."""
    return user.model_dump(mode="json", by_alias=True, exclude_none=True,
                           exclude={"schemas", "id", "meta", "webex_user", "groups", *names})


def users(checks, api, org):
    made = {}
    for row in PEOPLE:
        name, wanted = row[0], new_person(*row)
        created = api.create(org_id=org, user=wanted)
        made[name] = created
        checks.equal("create %s: what was sent is there" % name, without(created), without(wanted))
        checks.check("create %s: id, meta and location" % name,
                     uuid.UUID(created.id) and created.meta.created and created.meta.location.endswith(
                         "/identity/scim/%s/v2/Users/%s" % (org, created.id)), repr(created.meta))
        checks.equal("create %s: the organization" % name, created.webex_user.meta.organization_id, org)
        checks.equal("details %s: the same" % name, api.details(org_id=org, user_id=created.id), created)
    taken = refused(lambda: api.create(org_id=org, user=new_person(*PEOPLE[0])))
    checks.equal("a userName that is taken", taken and (taken[0], taken[1]["status"], taken[1]["scimType"]),
                 (409, "409", "uniqueness"))
    error = taken[1]["urn:scim:schemas:extension:cisco:webexidentity:api:messages:2.0:Error"]
    checks.check("Webex's own error is beside it", error["trackingId"].startswith("SIMPLE_") and error["errorCode"].isdigit(),
                 error)
    checks.equal("nobody", refused(lambda: api.details(org_id=org, user_id=str(uuid.uuid4())))[0], 404)
    return made


def lists(checks, sdk, org, people):
    api = sdk.api.scim.users

    def found(filter, **more):
        return sorted(user.user_name.removesuffix(DOMAIN) for user in api.search_all(org_id=org, filter=filter, **more))

    for filter, wanted in [
        ('userName eq "ADA%s"' % DOMAIN, ["ada"]),
        ('userName ew "%s"' % DOMAIN, ["ada", "ben", "cleo", "dora", "emil"]),
        ('name.familyName sw "o"', ["ben", "dora"]),
        ('displayName Eq "Cléo Zürcher" or title eq "Head"', ["cleo", "emil"]),
        ('phoneNumbers [ type eq "work_extension"]', ["ada", "ben", "dora"]),
        ('phoneNumbers [ type eq "work" and value eq "+41445550103"]', ["cleo"]),
        ('%s:department eq "Purchase"' % ENTERPRISE, ["cleo", "dora"]),
        ('emails.value eq "emil%s"' % DOMAIN, ["emil"]),
        ('externalId eq "test_dora"', ["dora"]),
        ('id eq "%s"' % people["ben"].id, ["ben"]),
        ('urn:scim:schemas:extension:cisco:webexidentity:2.0:User:meta.organizationId eq "%s"' % uuid.uuid4(), []),
    ]:
        checks.equal("search %s" % filter, found(filter), wanted)
    checks.equal("a filter that makes no sense", refused(lambda: api.search(org_id=org, filter="userName eq"))[1]["scimType"],
                 "invalidFilter")
    bare = list(api.search_all(org_id=org, filter='externalId sw "test_"', attributes="id,userName,displayName"))
    checks.equal("attributes: these and no others", {name for user in bare for name in user.model_dump(exclude_none=True)},
                 {"schemas", "id", "user_name", "display_name"})
    less = list(api.search_all(org_id=org, filter='userName sw "ada"', excluded_attributes="phoneNumbers,addresses"))
    checks.check("excludedAttributes", less[0].phone_numbers is None and less[0].addresses is None and less[0].name, less)
    before = len(sdk.requests)
    paged = [user.user_name for user in api.search_all(org_id=org, count=2, sort_by="userName", sort_order="descending")]
    checks.equal("pages of two, sorted backwards", paged, sorted(paged, reverse=True))
    checks.equal("pages of two: everybody once", (len(paged), len(set(paged)), len(sdk.requests) - before), (6, 6, 3))
    page = api.search(org_id=org, start_index=5, count=4)
    checks.equal("the envelope of a page", (page.total_results, page.start_index, page.items_per_page, len(page.resources)),
                 (6, 5, 2, 2))


def changes(checks, api, org, people):
    from wxc_sdk.scim.users import PatchUserOperation, PatchUserOperationOp

    before = api.details(org_id=org, user_id=people["ada"].id)
    update = before.model_copy(deep=True)
    update.title = "Dr."
    api.update(org_id=org, user=update)
    after = api.details(org_id=org, user_id=before.id)
    checks.equal("PUT of what was read, with another title", (after.title, without(after, "title")), ("Dr.", without(before, "title")))
    checks.check("PUT: lastModified has moved, created has not", after.meta.last_modified > before.meta.last_modified
                 and after.meta.created == before.meta.created, (before.meta, after.meta))
    checks.equal("PUT: Webex's part is the same", after.webex_user, before.webex_user)

    def patch(name, op, path, value=None):
        operation = PatchUserOperation(op=getattr(PatchUserOperationOp, op), path=path, value=value)
        return api.patch(org_id=org, user_id=people[name].id, operations=[operation])

    for name, op, path, value, shown in [
        ("cleo", "replace", "title", "Chief buyer", lambda user: user.title),
        ("ben", "replace", 'phoneNumbers[type eq "work"].value', "+14085550123",
         lambda user: next(phone.value for phone in user.phone_numbers if phone.type == "work")),
        ("ben", "replace", 'phoneNumbers[type eq "work_extension"].value', "88011234",
         lambda user: next(phone.value for phone in user.phone_numbers if phone.type == "work_extension")),
        ("dora", "add", "title", "Clerk", lambda user: user.title),
        ("dora", "remove", "title", None, lambda user: user.title),
        ("dora", "replace", ENTERPRISE + ":department", "Sales", lambda user: user.enterprise_user.department),
        ("dora", "add", ENTERPRISE + ".costCenter", "77", lambda user: user.enterprise_user.cost_center),
    ]:
        answer = patch(name, op, path, value)
        checks.equal("PATCH %s of %s: in the answer" % (op, path), shown(answer), value)
        checks.equal("PATCH %s of %s: kept" % (op, path), shown(api.details(org_id=org, user_id=answer.id)), value)
    for text, active in (("false", False), ("true", True), ("False", False)):
        checks.equal("PATCH active as the text %s" % text, patch("cleo", "replace", "active", text).active, active)
    checks.equal("PATCH without a path to remove", refused(lambda: patch("cleo", "remove", None))[1]["scimType"], "noTarget")


def member(resource, kind):
    from wxc_sdk.scim.groups import ScimGroupMember

    return ScimGroupMember(value=resource.id, type=kind)


def groups(checks, sdk, org, people):
    from wxc_sdk.scim.groups import ScimGroup, WebexGroup, WebexGroupOwner
    from wxc_sdk.scim.users import PatchUserOperation, PatchUserOperationOp

    api = sdk.api.scim.groups
    owner = WebexGroup(usage="policy", owners=[WebexGroupOwner(value=people["emil"].id)])
    lab = api.create(org_id=org, group=ScimGroup(
        display_name="Lab", external_id="test_lab", webex_group=owner,
        members=[member(people[name], "user") for name in ("ada", "ben", "emil")]))
    checks.equal("create Lab", (lab.display_name, lab.external_id, lab.webex_group.usage, lab.webex_group.owners[0].value),
                 ("Lab", "test_lab", "policy", people["emil"].id))
    checks.equal("create Lab: its members", sorted(one.display for one in lab.members),
                 ["Ada Lindt", "Ben Okafor", "Emil Straße"])
    everybody = api.create(org_id=org, group=ScimGroup(
        display_name="Everybody", members=[member(lab, "group")] + [member(people[name], "user")
                                                                    for name in ("ben", "cleo", "dora")]))
    checks.equal("a group in a group", [(one.type.lower(), one.value) for one in everybody.members if one.value == lab.id],
                 [("group", lab.id)])
    checks.equal("details", api.details(org_id=org, group_id=lab.id), lab)
    less = api.details(org_id=org, group_id=lab.id, excluded_attributes="members")
    checks.equal("details without members", (less.members, less.display_name), (None, "Lab"))

    page = api.members(org_id=org, group_id=everybody.id)
    checks.equal("members: the envelope", (page.display_name, page.member_size, page.start_index, page.items_per_page),
                 ("Everybody", 4, 1, 4))
    checks.equal("members: kinds", [one.type for one in page.members], ["group", "user", "user", "user"])
    paged = [one.display for one in api.members_all(org_id=org, group_id=everybody.id, count=3)]
    checks.equal("members in pages of three", sorted(paged), ["Ben Okafor", "Cléo Zürcher", "Dora O'Neil", "Lab"])
    for kind, size in (("user", 3), ("group", 1), ("machine", 0)):
        page = api.members(org_id=org, group_id=everybody.id, member_type=kind)
        checks.equal("members of type %s" % kind, (page.member_size, len(page.members)), (size, size))
    checks.equal("members of nothing", refused(lambda: api.members(org_id=org, group_id=str(uuid.uuid4())))[0], 404)

    for include, wanted in ((True, {"Lab": 3, "Everybody": 4}), (False, {"Lab": None, "Everybody": None})):
        listed = api.search_all(org_id=org, include_members=include)
        checks.equal("search, include_members=%s" % include,
                     {one.display_name: one.members and len(one.members) for one in listed}, wanted)
    listed = list(api.search_all(org_id=org, include_members=True, member_type="group",
                                 filter='displayName Eq "everybody" or displayName Eq "nobody"'))
    checks.equal("search, member_type=group", [[one.display for one in group.members] for group in listed], [["Lab"]])

    def groups_of(name, **how):
        found = next(iter(sdk.api.scim.users.search_all(org_id=org, filter='id eq "%s"' % people[name].id, **how)))
        return sorted(one.display for one in found.groups or [])

    for name, wanted in (("ben", ["Everybody", "Lab"]), ("emil", ["Everybody", "Lab"]), ("dora", ["Everybody"])):
        checks.equal("the groups of %s, also through others" % name, groups_of(name, return_groups=True), wanted)
    checks.equal("a person with group details", groups_of("ada", include_group_details=True), ["Everybody", "Lab"])
    checks.equal("a person without groups", groups_of("ada", return_groups=False), [])

    changed = api.details(org_id=org, group_id=everybody.id)
    changed.members = [one for one in changed.members if one.value != people["dora"].id]
    checks.equal("PUT without one member", len(api.update(org_id=org, group=changed).members), 3)

    def patch(op, path, value=None):
        operation = PatchUserOperation(op=getattr(PatchUserOperationOp, op), path=path, value=value)
        return api.patch(org_id=org, group_id=lab.id, operations=[operation])

    answer = patch("remove", 'members[value eq "%s"]' % people["ben"].id)
    checks.equal("PATCH: a member goes", (answer.id, answer.display_name), (lab.id, "Lab"))
    inside = {one.value for one in api.members_all(org_id=org, group_id=lab.id)}
    checks.equal("PATCH: and is gone", inside, {people["ada"].id, people["emil"].id})
    checks.equal("PATCH: a name", patch("replace", "displayName", "Lab 2").display_name, "Lab 2")
    checks.equal("PATCH: with a dot after the URN",
                 patch("replace", "urn:scim:schemas:extension:cisco:webexidentity:2.0:Group.usage", "distribution").webex_group.usage,
                 "distribution")
    checks.equal("PATCH: and back", patch("replace", "displayName", "Lab").display_name, "Lab")
    circle = api.details(org_id=org, group_id=lab.id)
    circle.members = circle.members + [member(everybody, "group")]
    checks.equal("a group that would contain itself", refused(lambda: api.update(org_id=org, group=circle))[0], 400)
    gone = api.create(org_id=org, group=ScimGroup(display_name="Gone", members=[member(people["ada"], "user")]))
    api.delete(org_id=org, group_id=gone.id)
    checks.equal("a deleted group", refused(lambda: api.details(org_id=org, group_id=gone.id))[0], 404)


def bulk(checks, api, org):
    from wxc_sdk.scim.bulk import BulkMethod, BulkOperation
    from wxc_sdk.scim.groups import ScimGroup, ScimGroupMember

    def create(number):
        person = new_person("bulk%03d" % number, "Bulk", "Number %d" % number, None, "Post", None, None)
        return BulkOperation(method=BulkMethod.post, path="/Users", bulk_id="b%d" % number, data=person.create_update())

    count = BULK
    team = ScimGroup(display_name="Posted", members=[ScimGroupMember(value="bulkId:b%d" % number, type="user")
                                                     for number in range(count)]).create_update()
    operations = [create(number) for number in range(count)]
    operations.append(BulkOperation(method=BulkMethod.post, path="/Groups", bulk_id="g", data=team))
    done = api.bulk.bulk_request(org_id=org, fail_on_errors=1, operations=operations).operations
    checks.equal("bulk: %d people and a group of them" % count, [one.status for one in done], [201] * (count + 1))
    checks.equal("bulk: each is told by its bulkId", [one.bulk_id for one in done], [one.bulk_id for one in operations])
    ids = [one.user_id for one in done[:-1]]
    checks.equal("bulk: the SDK finds the ids", len({uuid.UUID(one) for one in ids}), count)
    group = done[-1].location.rpartition("/")[2]
    checks.equal("bulk: the references have become members",
                 {one.value for one in api.groups.members_all(org_id=org, group_id=group, count=25)}, set(ids))

    again = api.bulk.bulk_request(org_id=org, fail_on_errors=5, operations=[
        create(0), create(count),
        BulkOperation(method=BulkMethod.patch, path="/Users/" + ids[1], data={
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{"op": "replace", "path": "title", "value": "Postman"}]}),
        BulkOperation(method=BulkMethod.delete, path="/Users/" + ids[2]),
        BulkOperation(method=BulkMethod.delete, path="/Users/" + str(uuid.uuid4())),
    ]).operations
    checks.equal("bulk: each stands or falls alone", [one.status for one in again], [409, 201, 200, 204, 404])
    error = again[0].response.error
    checks.check("bulk: what is wrong with the first", again[0].response.status == 409 and error.error_code and error.details
                 and error.tracking_id, repr(again[0].response))
    checks.equal("bulk: the change is there", api.users.details(org_id=org, user_id=ids[1]).title, "Postman")
    stopped = api.bulk.bulk_request(org_id=org, fail_on_errors=1, operations=[create(0), create(count + 1)]).operations
    checks.equal("bulk: failOnErrors", [one.status for one in stopped], [409])
    rest = [user.id for user in api.users.search_all(org_id=org, filter='userName sw "bulk"', attributes="id", count=7)]
    checks.equal("bulk: all are listed, in pages of seven", len(set(rest)), count)
    deletes = [BulkOperation(method=BulkMethod.delete, path="/Users/" + one) for one in rest]
    deletes.append(BulkOperation(method=BulkMethod.delete, path="/Groups/" + group))
    done = api.bulk.bulk_request(org_id=org, operations=deletes).operations
    checks.equal("bulk: all go again", [one.status for one in done], [204] * (count + 1))


async def at_once(checks, sdk, org):
    """The same package's other half, which has many requests under way."""
    async with sdk.waiting(tokens=sdk.token, retry_429=False) as api:
        people = [new_person("async%02d" % number, "Async", str(number), None, "Post", None, None) for number in range(10)]
        made = await asyncio.gather(*[api.scim.users.create(org_id=org, user=person) for person in people])
        checks.equal("ten creates at once", len({person.id for person in made}), 10)
        listed = await api.scim.users.search_all(org_id=org, filter='userName sw "async"', count=3)
        checks.equal("they are all there", {one.id for one in listed}, {one.id for one in made})
        await asyncio.gather(*[api.scim.users.delete(org_id=org, user_id=one.id) for one in made])
        checks.equal("and all gone", await api.scim.users.search_all(org_id=org, filter='userName sw "async"'), [])


async def every_call_at_once(checks, sdk, org):
    """Each call of that half once."""
    from wxc_sdk.scim.bulk import BulkMethod, BulkOperation
    from wxc_sdk.scim.groups import ScimGroup, ScimGroupMember
    from wxc_sdk.scim.users import PatchUserOperation, PatchUserOperationOp

    async with sdk.waiting(tokens=sdk.token, retry_429=False) as api:
        users, groups = api.scim.users, api.scim.groups
        one = await users.create(org_id=org, user=new_person("waiting", "Wait", "Ing", None, "Post", None, None))
        checks.equal("async: details", await users.details(org_id=org, user_id=one.id), one)
        one.title = "Clerk"
        checks.equal("async: PUT", (await users.update(org_id=org, user=one)).title, "Clerk")
        patch = [PatchUserOperation(op=PatchUserOperationOp.replace, path="title", value="Head clerk")]
        checks.equal("async: PATCH", (await users.patch(org_id=org, user_id=one.id, operations=patch)).title, "Head clerk")
        found = await users.search(org_id=org, filter='userName sw "waiting"')
        checks.equal("async: search", [user.id for user in found.resources], [one.id])
        found = [user.id async for user in users.search_all_gen(org_id=org, filter='title eq "Head clerk"')]
        checks.equal("async: search_all", found, [one.id])
        team = await groups.create(org_id=org, group=ScimGroup(
            display_name="Waiting", members=[ScimGroupMember(value=one.id, type="user")]))
        checks.equal("async: a group", (await groups.details(org_id=org, group_id=team.id)).display_name, "Waiting")
        checks.equal("async: its members", [member.value for member in await groups.members_all(org_id=org, group_id=team.id)],
                     [one.id])
        page = await groups.members(org_id=org, group_id=team.id)
        checks.equal("async: a page of them", page.member_size, 1)
        rename = [PatchUserOperation(op=PatchUserOperationOp.replace, path="displayName", value="Waiting room")]
        checks.equal("async: PATCH of a group",
                     (await groups.patch(org_id=org, group_id=team.id, operations=rename)).display_name, "Waiting room")
        team.display_name = "Waiting"
        checks.equal("async: PUT of a group", (await groups.update(org_id=org, group=team)).display_name, "Waiting")
        listed = await groups.search(org_id=org, filter='displayName eq "Waiting"')
        checks.equal("async: search of groups", [group.id for group in listed.resources], [team.id])
        listed = await groups.search_all(org_id=org, filter='displayName eq "Waiting"')
        checks.equal("async: search_all of groups", [group.id for group in listed], [team.id])
        await groups.delete(org_id=org, group_id=team.id)
        done = await api.scim.bulk.bulk_request(org_id=org, fail_on_errors=1, operations=[
            BulkOperation(method=BulkMethod.delete, path="/Users/" + one.id)])
        checks.equal("async: bulk", [operation.status for operation in done.operations], [204])


def licences(checks, sdk, org, people, admin):
    """What there is of each is said by an administrator; the rest is the package's."""
    from wxc_sdk.base import webex_id_to_uuid
    from wxc_sdk.licenses import LicenseProperties, LicenseRequest, LicenseRequestOperation, SiteUrlsRequest

    api = sdk.api.licenses
    checks.equal("no licences yet", api.list(), [])
    for name, total in (("Webex Calling - Professional", 2), ("Messaging", None)):
        admin.post("/api/v1/licences", {"name": name, "total": total})
    listed = {licence.name: licence for licence in api.list(org_id=org)}
    calling, messaging = listed["Webex Calling - Professional"], listed["Messaging"]
    checks.equal("licences: what there is", (calling.total_units, calling.consumed_units, messaging.total_units), (2, 0, -1))
    checks.check("licences: known by their names", calling.webex_calling_professional and not messaging.webex_calling, calling)
    checks.check("licences: the ids are taken apart", uuid.UUID(calling.lic_uuid) and calling.lic_type == "LIC", calling)
    checks.equal("licences: one of them", api.details(calling.license_id), calling)

    def assign(name, *licenses, **more):
        return api.assign_licenses_to_users(email=name + DOMAIN, licenses=list(licenses), org_id=org, **more)

    def ask(licence, operation=None, **properties):
        return LicenseRequest(id=licence.license_id, operation=operation and getattr(LicenseRequestOperation, operation),
                              properties=LicenseProperties(**properties) if properties else None)

    given = assign("ada", ask(calling, "add", extension="101"), ask(messaging))
    checks.equal("licences: given by address", (webex_id_to_uuid(given.person_id), given.email, set(given.licenses)),
                 (people["ada"].id, "ada" + DOMAIN, {calling.license_id, messaging.license_id}))
    given = api.assign_licenses_to_users(person_id=given.person_id, licenses=[ask(messaging, "remove")])
    checks.equal("licences: taken away, by id", given.licenses, [calling.license_id])
    checks.equal("licences: by the id that SCIM knows",
                 api.assign_licenses_to_users(person_id=people["ben"].id, licenses=[ask(calling)]).licenses, [calling.license_id])
    checks.equal("licences: what is left for the third is given", assign("emil", ask(calling), ask(messaging)).licenses,
                 [messaging.license_id])
    checks.equal("licences: none is left", refused(lambda: assign("emil", ask(calling)))[0], 400)
    checks.equal("licences: how many are used", api.details(calling.license_id).consumed_units, 2)
    holders = list(api.assigned_users(calling.license_id, limit=1))
    checks.equal("licences: who has one, in pages of one", [(one.email, one.type) for one in holders],
                 [("ada" + DOMAIN, "INTERNAL"), ("ben" + DOMAIN, "INTERNAL")])
    checks.equal("licences: their ids and names", [(webex_id_to_uuid(one.id), one.display_name) for one in holders],
                 [(people["ada"].id, "Ada Lindt"), (people["ben"].id, "Ben Okafor")])
    unknown = LicenseRequest(id="Y2lzY29zcGFyazovL3VzL0xJQ0VOU0UvOTZhYmMyYWEtM2RjYy0xMWU1LWExNTItZmUzNDgxOWNkYzlh")
    for what, action, status, code in [
        ("one that there is not", lambda: assign("ada", unknown), 400, 400000),
        ("a site", lambda: assign("ada", ask(messaging), site_urls=[SiteUrlsRequest(site_url="site.webex.com")]), 400, 400216),
        ("a location", lambda: assign("ada", ask(calling, location_id="x")), 400, 400),
        ("nobody", lambda: assign("nobody", ask(messaging)), 404, None),
        ("another organization's", lambda: api.list(org_id=str(uuid.uuid4())), 404, None),
        ("the details of nothing", lambda: api.details("nothing"), 404, None),
    ]:
        found = refused(action)
        checks.equal("licences: %s" % what, found and (found[0], found[1]["errors"][0].get("errorCode")), (status, code))
        checks.check("licences: %s, by its TrackingID" % what, found and found[1]["trackingId"].startswith("SIMPLE_"), found)

    async def waiting():
        async with sdk.waiting(tokens=sdk.token, retry_429=False) as other:
            await other.licenses.assign_licenses_to_users(person_id=people["ben"].id, licenses=[ask(calling, "remove")])
            rest = [one.email async for one in other.licenses.assigned_users_gen(calling.license_id)]
            return rest, await other.licenses.details(license_id=calling.license_id), await other.licenses.list()

    rest, one, both = asyncio.run(waiting())
    checks.equal("licences, async", (rest, one.consumed_units, len(both)), (["ada" + DOMAIN], 1, 2))


def leave(checks, api, org, people):
    api.users.delete(org_id=org, user_id=people["dora"].id)
    checks.equal("whoever is deleted", refused(lambda: api.users.details(org_id=org, user_id=people["dora"].id))[0], 404)
    checks.equal("and once more", refused(lambda: api.users.delete(org_id=org, user_id=people["dora"].id))[0], 404)


def the_end(checks, scim):
    """The directory as another client reads it at the other base URL."""
    found = {user["userName"].removesuffix(DOMAIN): user for user in scim.list() if user["userName"].endswith(DOMAIN)}
    checks.equal("who is left", sorted(found), sorted(LEFT))
    for name, (title, department, phone, extension, active, groups) in LEFT.items():
        user = found[name]
        phones = {one["type"]: one["value"] for one in user.get("phoneNumbers") or []}
        given, family = next(row[1:3] for row in PEOPLE if row[0] == name)
        checks.equal("what is left of %s" % name,
                     (user.get("title"), user[ENTERPRISE]["department"], phones.get("work"), phones.get("work_extension"),
                      user["active"], sorted(one["display"] for one in user.get("groups") or [])),
                     (title, department, phone, extension, active, groups))
        checks.equal("%s: name, mail, externalId" % name,
                     (user["name"]["givenName"], user["name"]["familyName"], user["displayName"], user["externalId"],
                      [(one["value"], one["type"], one["primary"]) for one in user["emails"]]),
                     (given, family, "%s %s" % (given, family), "test_" + name, [(name + DOMAIN, "work", True)]))
    names = {user["id"]: name for name, user in found.items()}
    groups = scim.list("/Groups")
    names.update({group["id"]: ":" + group["displayName"] for group in groups})
    checks.equal("the groups that are left",
                 {group["displayName"]: sorted(names.get(one["value"]) for one in group["members"]) for group in groups},
                 GROUPS)


def main():
    options = arguments(__doc__.splitlines()[0]).parse_args()
    try:
        import wxc_sdk  # noqa: F401
    except ImportError:
        python = os.path.join(options.tools, "python")
        os.execv(python, [python, "-u", *sys.argv])
    return run(scenario, options)


if __name__ == "__main__":
    sys.exit(main())
