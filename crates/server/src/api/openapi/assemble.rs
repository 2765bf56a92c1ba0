//! From the register of doors and what is said of the endpoints to the document.

use std::collections::BTreeMap;

use http::Method;
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::path::{HttpMethod, OperationBuilder, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::Type;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    ComponentsBuilder, ContentBuilder, HeaderBuilder, InfoBuilder, LicenseBuilder, ObjectBuilder, OpenApi,
    OpenApiBuilder, PathItem, PathsBuilder, Ref, RefOr, Required, Response, ResponseBuilder, Schema,
};

use super::book::{Answer, Body, Book, Described};
use super::query;
use super::shape::{Shape, anything, between, map_of, name, named, object_and, text};
use crate::api::parameters;
use crate::doors::API;
use crate::middleware::repeat;
use crate::{Endpoint, Family, Guard};

const JSON: &str = "application/json";
const PROBLEM: &str = "application/problem+json";

const INTRODUCTION: &str = "What the command line speaks. A token belongs to one organization, so no path names one. \
    `x-permission` is what the role of a token's owner must have, and `security` names the scopes of which the token must \
    have one. Lists are paged: pass `next` on as `after`.";

/// Puts the document together.
pub fn document(endpoints: &[Endpoint], book: Book) -> OpenApi {
    let info = InfoBuilder::new()
        .title("Instep admin API")
        .version("1")
        .description(Some(INTRODUCTION))
        .license(Some(
            LicenseBuilder::new()
                .name("MIT OR Apache-2.0")
                .identifier(Some("MIT OR Apache-2.0"))
                .build(),
        ))
        .build();
    let mut paths = PathsBuilder::new();
    for endpoint in endpoints {
        let Some(below) = endpoint
            .path
            .strip_prefix(API)
            .filter(|_| endpoint.family == Family::Api)
        else {
            continue;
        };
        let described = book
            .endpoints
            .iter()
            .find(|described| described.method == endpoint.method && described.path == below);
        if let Some(described) = described {
            let operation = operation(endpoint, below, described, &book.shapes);
            paths = paths.path(&endpoint.path, PathItem::new(method(&endpoint.method), operation));
        }
    }
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("A token with a scope that allows the operation"))
        .build();
    let mut components = ComponentsBuilder::new()
        .security_scheme("bearer", SecurityScheme::Http(bearer))
        .schema("Problem", problem());
    for (status, _, said) in REFUSALS {
        components = components.response(status.to_string(), refusal(said));
    }
    for (name, shape) in book.shapes {
        components = components.schema(name, shape);
    }
    OpenApiBuilder::new()
        .info(info)
        .paths(paths)
        .components(Some(components.build()))
        .build()
}

fn operation(
    endpoint: &Endpoint,
    below: &str,
    described: &Described,
    shapes: &BTreeMap<String, Shape>,
) -> OperationBuilder {
    let mut operation = OperationBuilder::new()
        .operation_id(Some(operation_id(&endpoint.method, below)))
        .summary(Some(described.summary))
        .tag(below.split('/').nth(1).unwrap_or_default());
    if let Guard::Needs(permission) = endpoint.guard {
        let name = serde_json::Value::from(format!("{permission:?}"));
        operation = operation
            .security(SecurityRequirement::new("bearer", permission.scope_names()))
            .extensions(Some(Extensions::from_iter([("x-permission", name)])));
    }
    for parameter in places(below).chain(parameters_of(&endpoint.method, below)) {
        operation = operation.parameter(parameter);
    }
    if is_repeatable(endpoint) {
        operation = operation.parameter(repeat_key());
    }
    if let Some(body) = &described.body {
        operation = operation.request_body(Some(request_body(body, shapes)));
    }
    for (status, answer) in &described.answers {
        operation = operation.response(status.to_string(), good(*status, answer));
    }
    for (status, applies, _) in REFUSALS {
        if applies(below, endpoint, described) {
            operation = operation.response(status.to_string(), Ref::from_response_name(status.to_string()));
        }
    }
    operation
}

/// `get_apps_app_plans`: the method and the path's steps.
fn operation_id(method: &Method, below: &str) -> String {
    let steps: String = below
        .chars()
        .filter_map(|c| match c {
            '/' | '-' | '.' => Some('_'),
            '{' | '}' => None,
            c => Some(c),
        })
        .collect();
    format!("{}{steps}", method.as_str().to_lowercase())
}

fn method(method: &Method) -> HttpMethod {
    match *method {
        Method::POST => HttpMethod::Post,
        Method::PUT => HttpMethod::Put,
        Method::PATCH => HttpMethod::Patch,
        Method::DELETE => HttpMethod::Delete,
        _ => HttpMethod::Get,
    }
}

fn places(below: &str) -> impl Iterator<Item = Parameter> {
    below.split('/').filter_map(|step| {
        let place = step.strip_prefix('{')?.strip_suffix('}')?;
        let parameter = ParameterBuilder::new()
            .name(place)
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .description(query::place(place))
            .schema(Some(name()));
        Some(parameter.build())
    })
}

fn parameters_of<'a>(method: &Method, below: &'a str) -> impl Iterator<Item = Parameter> + 'a {
    parameters::of(method, below).iter().map(move |name| {
        let (shape, said) = query::of(below, name).unwrap_or_else(|| (anything(), ""));
        let required = if query::is_required(below, name) {
            Required::True
        } else {
            Required::False
        };
        let parameter = ParameterBuilder::new()
            .name(*name)
            .parameter_in(ParameterIn::Query)
            .required(required)
            .description(Some(said))
            .schema(Some(shape));
        parameter.build()
    })
}

/// Does the address name something that may not be there?
fn names_things(below: &str, endpoint: &Endpoint) -> bool {
    below.contains('{') || asks_of(below, endpoint, &["app", "user", "group", "person"])
}

fn asks_of(below: &str, endpoint: &Endpoint, names: &[&str]) -> bool {
    let parameters = parameters::of(&endpoint.method, below);
    parameters.iter().any(|parameter| names.contains(parameter))
}

/// May a key go with it?
fn is_repeatable(endpoint: &Endpoint) -> bool {
    let changes = matches!(endpoint.guard, Guard::Needs(permission) if permission.is_to_change());
    repeat::is_repeatable(&endpoint.method, changes)
}

fn repeat_key() -> Parameter {
    let key = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some("^[!-~]{1,255}$"));
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "For a day the same request with the same key gets the same answer, and does nothing more",
        ))
        .schema(Some(key))
        .build()
}

/// Nothing is read as `{}`, so what needs no member may be left out.
fn is_needed(shape: &Shape, shapes: &BTreeMap<String, Shape>) -> bool {
    match shape {
        RefOr::T(Schema::Object(object)) => !object.required.is_empty(),
        RefOr::T(_) => true,
        RefOr::Ref(reference) => {
            let name = reference.ref_location.rsplit('/').next().unwrap_or_default();
            shapes.get(name).is_none_or(|shape| is_needed(shape, shapes))
        }
    }
}

fn request_body(body: &Body, shapes: &BTreeMap<String, Shape>) -> utoipa::openapi::request_body::RequestBody {
    let (media_type, shape) = match body {
        Body::Json(shape) => (JSON, shape.as_ref().clone()),
        Body::Csv => ("text/csv", text()),
    };
    let needed = if matches!(body, Body::Csv) || is_needed(&shape, shapes) {
        Required::True
    } else {
        Required::False
    };
    RequestBodyBuilder::new()
        .content(media_type, ContentBuilder::new().schema(Some(shape)).build())
        .required(Some(needed))
        .build()
}

fn good(status: u16, answer: &Answer) -> Response {
    let said = match status {
        201 => "Made",
        202 => "Begun",
        204 => "Done; there is nothing to say",
        _ => "Done",
    };
    let response = ResponseBuilder::new().description(said);
    let json = |shape: &Shape| ContentBuilder::new().schema(Some(shape.clone())).build();
    match answer {
        Answer::Nothing => response,
        Answer::Json(shape) => response.content(JSON, json(shape)),
        Answer::JsonOrLines(shape) => response
            .content(JSON, json(shape))
            .content("application/x-ndjson", json(&text())),
    }
    .build()
}

type Applies = fn(&str, &Endpoint, &Described) -> bool;

/// What each endpoint may answer that did not do what it was asked, and which endpoints may.
const REFUSALS: [(u16, Applies, &str); 11] = [
    (400, |_, _, _| true, "The request cannot mean anything"),
    (
        401,
        |_, endpoint, _| endpoint.guard != Guard::Open,
        "No token, or one that opens nothing",
    ),
    (
        403,
        |_, endpoint, _| endpoint.guard != Guard::Open,
        "The owner's role or the token's scopes do not allow it",
    ),
    (
        404,
        |below, endpoint, described| described.can_miss || names_things(below, endpoint),
        "There is no such thing",
    ),
    (
        409,
        |below, endpoint, described| {
            let by_name = below.contains("{group}") || asks_of(below, endpoint, &["group"]);
            described.conflicts || is_repeatable(endpoint) || by_name
        },
        "It contradicts what is there, or a name means several",
    ),
    (
        408,
        |_, _, described| described.body.is_some(),
        "The body did not come in time",
    ),
    (
        413,
        |_, _, described| described.body.is_some(),
        "The body is too large",
    ),
    (
        422,
        |_, endpoint, _| is_repeatable(endpoint),
        "The Idempotency-Key was sent with another request",
    ),
    (
        429,
        |_, endpoint, _| endpoint.guard != Guard::Open,
        "Too many requests with this token",
    ),
    (500, |_, _, _| true, "A fault of ours; it was logged"),
    (
        503,
        |_, _, _| true,
        "Not just now; the same request may succeed a little later",
    ),
];

fn refusal(said: &str) -> Response {
    let mut response = ResponseBuilder::new().description(said).content(
        PROBLEM,
        ContentBuilder::new().schema(Some(named("Problem"))).build(),
    );
    if said.starts_with("Too many") {
        let header = HeaderBuilder::new()
            .schema(Some(between(1, 3_600)))
            .description(Some("Seconds to wait"))
            .build();
        response = response.header("Retry-After", header);
    }
    response.build()
}

/// RFC 9457, with a code.
fn problem() -> Shape {
    object_and(
        [
            ("type", text()),
            ("title", text()),
            ("status", between(400, 599)),
            ("code", name()),
            ("detail", name()),
        ],
        [("params", map_of(text()))],
    )
}
