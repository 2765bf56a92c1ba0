"""What schemathesis checks besides: a request that fits the document is never refused for its form."""

import schemathesis
from schemathesis import GenerationMode

# Of these codes the document could have told.
FORM = {"body.not_json", "body.invalid", "body.unreadable", "parameter.unknown", "limit", "order", "all", "dry_run"}


@schemathesis.check
def form_fits(ctx, response, case):
    if response.status_code != 400 or case.meta is None or case.meta.generation.mode != GenerationMode.POSITIVE:
        return
    problem = response.json()
    assert problem["code"] not in FORM, "it fits the document, and is refused for its form: %s" % problem["detail"]


@schemathesis.check
def no_problem_without_words(ctx, response, case):
    if response.status_code >= 400 and response.request.method != "HEAD":
        assert response.json().get("detail"), "a problem without a word"
