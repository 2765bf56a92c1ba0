//! `POST /api/v1/people/import`: a staff file (CSV).
//!
//! The answer is a report; with `Accept: application/x-ndjson` it is a stream of lines: `{"progress":{"done","total"}}`
//! as it goes on, and last `{"report":…}` or `{"problem":…}`.

use std::convert::Infallible;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State as Extract};
use axum::response::{IntoResponse, Response};
use directory::csv::{CsvError, Format, RowProblem, StaffFile};
use directory::import::ImportReport;
use directory::{Change, Source};
use http::StatusCode;
use http::header::{ACCEPT, CONTENT_TYPE};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::Problem;
use crate::State;
use crate::body::Unreadable;
use crate::middleware::context::{Caller, Params};

/// The largest file that is read, in bytes.
pub const MAX_FILE: usize = 64 * 1024 * 1024;

/// `POST /api/v1/people/import`.
pub async fn import(
    Extract(state): Extract<State>,
    caller: Caller,
    params: Params,
    request: Request,
) -> Result<Response, Problem> {
    let dry_run = match params.get_even_empty("dry_run") {
        None | Some("false") => false,
        Some("true") => true,
        Some(other) => {
            return Err(Problem::bad_request(
                "dry_run",
                format!("dry_run is true or false, not {other:?}"),
            ));
        }
    };
    let stream = request
        .headers()
        .get(ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("application/x-ndjson"));
    let bytes = read(request).await?;
    // A large file takes its time: other requests go on meanwhile.
    let reading = tokio::task::spawn_blocking(move || directory::csv::read(&bytes)).await;
    let mut file = reading
        .map_err(|error| Problem::internal(&error))?
        .map_err(|error| not_csv(&error))?;
    if stream {
        return Ok(streamed(state, caller, file, dry_run));
    }
    let change = Change {
        cause: caller.cause(),
        source: Source::Csv,
        types: &caller.types,
        settings: caller.settings,
    };
    let org = caller.principal.org;
    let read_as = ReadAs::of(&mut file);
    let report = state
        .directory
        .import(&change, org, file, dry_run, &mut |_, _| {})
        .await?;
    Ok(Json(render(&read_as, &report)).into_response())
}

async fn read(request: Request) -> Result<Bytes, Problem> {
    crate::body::read(request, MAX_FILE)
        .await
        .map_err(|unreadable| match unreadable {
            Unreadable::TooLarge(most) => {
                let detail = format!("The file is larger than {most} bytes");
                Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "csv.too_large", detail)
            }
            Unreadable::Slow => {
                let detail = "The file did not come in time";
                Problem::new(StatusCode::REQUEST_TIMEOUT, "body.unreadable", detail)
            }
            Unreadable::Broken(why) => {
                let detail = format!("The file could not be read: {why}");
                Problem::bad_request("body.unreadable", detail)
            }
        })
}

fn not_csv(error: &CsvError) -> Problem {
    Problem::bad_request("csv.not_csv", error.to_string())
}

/// Goes on to the end also if the client hangs up: what is begun is not left half done.
fn streamed(state: State, caller: Caller, mut file: StaffFile, dry_run: bool) -> Response {
    let (lines, receiver) = mpsc::unbounded_channel::<Value>();
    tokio::spawn(async move {
        let change = Change {
            cause: caller.cause(),
            source: Source::Csv,
            types: &caller.types,
            settings: caller.settings,
        };
        let mut progress = |done: usize, total: usize| {
            // The client may have gone; the report is not for it alone, the import is.
            let _ = lines.send(json!({ "progress": { "done": done, "total": total } }));
        };
        let read_as = ReadAs::of(&mut file);
        let result = state
            .directory
            .import(&change, caller.principal.org, file, dry_run, &mut progress)
            .await;
        let last = match result {
            Ok(report) => json!({ "report": render(&read_as, &report) }),
            Err(error) => json!({ "problem": Problem::from(error).to_json() }),
        };
        let _ = lines.send(last);
    });
    let stream = futures_util::stream::unfold(receiver, |mut receiver| async move {
        let line = receiver.recv().await?;
        Some((Ok::<_, Infallible>(Bytes::from(format!("{line}\n"))), receiver))
    });
    (
        [(CONTENT_TYPE, "application/x-ndjson")],
        Body::from_stream(stream),
    )
        .into_response()
}

/// What the file turned out to be.
struct ReadAs {
    format: Format,
    ignored_columns: Vec<String>,
}

impl ReadAs {
    fn of(file: &mut StaffFile) -> Self {
        Self {
            format: file.format,
            ignored_columns: std::mem::take(&mut file.ignored_columns),
        }
    }
}

fn render(file: &ReadAs, report: &ImportReport) -> Value {
    let lines = |problems: &[RowProblem]| -> Value {
        let line = |problem: &RowProblem| {
            json!({
                "line": problem.line,
                "code": problem.message.code,
                "params": problem.message.params,
                "message": directory::csv::sentence(&problem.message),
            })
        };
        problems.iter().map(line).collect()
    };
    let mut answer = json!({
        "dry_run": report.dry_run,
        "format": file.format,
        "rows": report.rows,
        "created": report.created,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "problems": lines(&report.problems),
        "warnings": lines(&report.warnings),
        "ignored_columns": file.ignored_columns,
    });
    if report.dry_run {
        answer["people"] = report.people.iter().map(|person| json!(person)).collect();
    }
    answer
}
