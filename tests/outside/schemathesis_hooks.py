"""What schemathesis checks besides: a request that fits the document is never refused for its form."""

import os
import re
import uuid

import schemathesis
from schemathesis import GenerationMode
from schemathesis.core.parameters import ParameterLocation

# Of these codes the document could have told.
FORM = {"body.not_json", "body.invalid", "body.unreadable", "parameter.unknown", "limit", "order", "all", "dry_run"}


@schemathesis.check
def form_fits(ctx, response, case):
    if response.status_code != 400 or case.meta is None or case.meta.generation.mode != GenerationMode.POSITIVE:
        return
    problem = response.json()
    # A clause may be a text, with a grammar that no schema tells.
    if re.search(r"\.?clauses\[\d+\]: ", problem["detail"]):
        return
    assert problem["code"] not in FORM, "it fits the document, and is refused for its form: %s" % problem["detail"]


@schemathesis.check
def no_problem_without_words(ctx, response, case):
    if response.status_code >= 400 and response.request.method != "HEAD":
        assert response.json().get("detail"), "a problem without a word"


@schemathesis.hook
def before_call(ctx, case, kwargs):
    # It learns ids from answers: the token that it works with is not to be revoked, else all that follows is 401.
    if case.method == "DELETE" and (case.path_parameters or {}).get("token") == os.environ["OWN_TOKEN"]:
        case.path_parameters["token"] = "another"
    # It thinks of the same keys again and again, and all but the first request would be 422, whatever is in it.
    key = (case.headers or {}).get("Idempotency-Key")
    if key and re.fullmatch("[!-~]{1,255}", key) and not is_about_headers(case):
        case.headers["Idempotency-Key"] = str(uuid.uuid4())


def is_about_headers(case):
    """A header that is changed here would no more be the one that the case is about."""
    return case.meta is None or getattr(case.meta.phase.data, "parameter_location", None) == ParameterLocation.HEADER
