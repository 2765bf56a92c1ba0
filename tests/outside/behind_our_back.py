"""What follows once a target is in step: somebody changes accounts there behind our back, which is found and brought back;
whom the target alone knows is imported; and the app is removed with its accounts."""

from mapping_tables import ENTERPRISE
from processes import in_step

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
APP = "Foreign"


def meddle(target):
    """userNames of who is changed, disabled, deleted and planted there."""
    replace = lambda path, new: {"op": "replace", "path": path, "value": new}
    accounts = target.list()
    # Whoever refers to an account that is made anew is sent anew too: those here have nobody who does.
    managers = {account.get(ENTERPRISE, {}).get("manager", {}).get("value") for account in accounts}
    alone = [account for account in accounts if account.get("active") and account["id"] not in managers]
    changed, disabled, deleted = alone[-3:]
    target.patch(changed["id"], replace("displayName", "Meddled with"))
    target.patch(disabled["id"], replace("active", False))
    target.delete(deleted["id"])
    stranger = "stranger@example.com"
    target.create({"schemas": [USER], "userName": stranger, "displayName": "Stranger", "active": True,
                   "name": {"givenName": "S.", "familyName": "Stranger"}, "title": "Guest"})
    return [account["userName"] for account in (changed, disabled, deleted)] + [stranger]


def drift_and_import(checks, directory, target, proxy, agree):
    api = directory.api()
    directory.run("app", "set", APP, "in_doubt_seconds=0")
    in_step(api, APP)
    changed, disabled, deleted, stranger = meddle(target)
    proxy.reset()
    reported = directory.run("app", "reconcile", APP, "--wait", check=False)
    checks.equal("a reconciliation that finds drift says so by its status", reported.returncode, 1)
    drift = directory.run("app", "drift", APP)
    found = {item["name"]: item["kind"] for item in drift if item["resource"] == "user"}
    checks.equal("what the target changed is found, and nothing else", found,
                 {changed: "changed", disabled: "disabled", deleted: "vanished", stranger: "unlinked"})
    # Whoever is deleted may leave the groups there; nothing else has happened to them.
    groups = [item for item in drift if item["resource"] == "group"]
    checks.equal("of groups nothing but who has left them is found",
                 [item for item in groups if item["kind"] != "changed"
                  or [change["attribute"] for change in item["changes"]] != ["members"]], [])
    checks.equal("a report writes nothing", proxy.writes, 0)
    directory.run("app", "reconcile", APP, "--correct", "--wait")
    in_step(api, APP)
    writes = [one for one in proxy.seen if "Users" in one[1]]
    checks.equal("bringing back costs a write for each", len(writes), 3)
    checks.equal("nothing but the stranger is left to be told",
                 [item["name"] for item in directory.run("app", "drift", APP)], [stranger])

    listed = directory.run("app", "import", APP, "--list", "--new-only")
    checks.equal("the stranger is the only new account", [account["user_name"] for account in listed], [stranger])
    imported = directory.run("app", "import", APP, "--user", stranger, "--yes")
    checks.equal("the stranger is imported", (imported["counts"]["created"], imported["counts"]["failed"]), (1, 0))
    person = directory.scim(base="/identity/scim/%s/v2").one(stranger)
    checks.equal("a person like the account", (person["title"], person["name"]["familyName"]), ("Guest", "Stranger"))
    in_step(api, APP)
    checks.none("drift and import: target and directory agree", agree())


def removal(checks, directory, target):
    """The app goes with its accounts, once their number is said."""
    api = directory.api()
    accounts = api.get("/api/v1/apps/%s/status" % APP)["accounts"]
    count = accounts["active"] + accounts["disabled"] + accounts["groups"]
    wrong = directory.run("app", "remove", APP, "--yes", "--accounts", "delete", "--count", str(count + 1), check=False)
    checks.check("another number than that of the accounts and groups is refused",
                 wrong.returncode == 1 and str(count) in wrong.stderr, wrong.stderr)
    directory.run("app", "set", APP, "delete=true")
    in_step(api, APP)
    directory.run("app", "remove", APP, "--yes", "--accounts", "delete", "--count", str(count), "--wait")
    checks.equal("the accounts are gone", [account["userName"] for account in target.list()], [])
    checks.equal("and so are the groups", [group["displayName"] for group in target.list("/Groups")], [])
    checks.equal("and so is the app", directory.run("app", "list"), [])


def afterwards(checks, directory, target, proxy, agree):
    drift_and_import(checks, directory, target, proxy, agree)
    removal(checks, directory, target)
