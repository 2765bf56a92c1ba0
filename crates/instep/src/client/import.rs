//! Sending a staff file, and hearing how far it has come: lines of JSON, the last one the report.

use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{Method, StatusCode};
use serde::Deserialize;
use serde_json::Value;

use super::problem::Problem;
use super::{Client, Error, Query};
use crate::progress::Progress;

const NDJSON: &str = "application/x-ndjson";

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Progress(Progress),
    Report(Value),
    Problem(ImportProblem),
}

#[derive(Deserialize)]
struct ImportProblem {
    status: Option<u16>,
    #[serde(flatten)]
    problem: Problem,
}

impl Client {
    /// Imports people and answers with the report; `on_progress` hears of each step.
    pub(crate) async fn import(
        &self,
        file: Vec<u8>,
        query: Query<'_>,
        mut on_progress: impl FnMut(Progress),
    ) -> Result<Value, Error> {
        let request = self
            .request(Method::POST, &["people", "import"], query)?
            .header(CONTENT_TYPE, "text/csv")
            .header(ACCEPT, format!("{NDJSON}, application/json;q=0.5"))
            .body(file);
        let mut response = self.send(request).await?;
        let is_stream = response
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok())
            .is_some_and(|kind| kind.starts_with(NDJSON));
        if !is_stream || !response.status().is_success() {
            return self.read(response).await;
        }
        let mut lines = Lines::default();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|_| Error::ImportCut(self.server.clone()))?
        {
            for line in lines.push(&chunk) {
                if let Some(report) = self.hear(&line, &mut on_progress)? {
                    return Ok(report);
                }
            }
        }
        match self.hear(&lines.rest, &mut on_progress)? {
            Some(report) => Ok(report),
            None => Err(Error::ImportCut(self.server.clone())),
        }
    }

    fn hear(&self, line: &[u8], on_progress: &mut impl FnMut(Progress)) -> Result<Option<Value>, Error> {
        if line.trim_ascii().is_empty() {
            return Ok(None);
        }
        let line = serde_json::from_slice(line).map_err(|_| Error::Strange {
            server: self.server.clone(),
            status: StatusCode::OK,
        })?;
        match line {
            Line::Progress(progress) => on_progress(progress),
            Line::Report(report) => return Ok(Some(report)),
            Line::Problem(ImportProblem { status, problem }) => {
                let status = status.and_then(|status| StatusCode::from_u16(status).ok());
                return Err(Error::Problem {
                    status: status.unwrap_or(StatusCode::BAD_REQUEST),
                    problem,
                });
            }
        }
        Ok(None)
    }
}

/// Cuts chunks into lines, wherever the network cut them before.
#[derive(Default)]
struct Lines {
    rest: Vec<u8>,
}

impl Lines {
    fn push(&mut self, chunk: &[u8]) -> Vec<Vec<u8>> {
        self.rest.extend_from_slice(chunk);
        let Some(end) = self.rest.iter().rposition(|byte| *byte == b'\n') else {
            return Vec::new();
        };
        let rest = self.rest.split_off(end + 1);
        let whole = std::mem::replace(&mut self.rest, rest);
        whole
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .map(<[u8]>::to_vec)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_whole_wherever_the_network_cuts() {
        let text = b"{\"a\":1}\n{\"b\":2}\n\n{\"c\":3}";
        for size in 1..text.len() {
            let mut lines = Lines::default();
            let mut found: Vec<Vec<u8>> = text.chunks(size).flat_map(|chunk| lines.push(chunk)).collect();
            found.push(lines.rest);
            assert_eq!(
                found,
                [b"{\"a\":1}", b"{\"b\":2}", b"{\"c\":3}"],
                "in chunks of {size}"
            );
        }
    }
}
