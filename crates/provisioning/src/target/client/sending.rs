//! Sends a request, once it is let out, and once more where the target wants another token.

use std::sync::Arc;
use std::time::Duration;

use base::{Message, Secret, Timestamp};
use outbound::{Method, Opened, Response, Url, header};
use serde_json::Value;

use super::{Answer, LARGEST_GROUP, Target, read_body};
use crate::account::mask_text;
use crate::target::admission::Admission;
use crate::target::dialect;
use crate::target::exchange::Exchange;
use crate::target::failure::Failure;
use crate::target::retry_after::retry_after;
use crate::target::scan::MemberScan;

/// What is special about a request.
#[derive(Default)]
pub(in crate::target) struct Extra<'a> {
    pub(in crate::target) header: Option<(header::HeaderName, header::HeaderValue)>,
    /// What the members of a successful answer go into, in place of its body.
    pub(in crate::target) members: Option<&'a mut MemberScan>,
    /// Who lets it out; `None`: it goes at once.
    pub(in crate::target) admission: Option<Arc<dyn Admission>>,
}

impl Extra<'_> {
    fn largest(&self, usual: usize) -> usize {
        if self.members.is_some() {
            LARGEST_GROUP
        } else {
            usual
        }
    }

    async fn read(&mut self, mut opened: Opened) -> Result<Response, outbound::Error> {
        match &mut self.members {
            Some(members) if opened.status.is_success() => {
                **members = MemberScan::default();
                while let Some(piece) = opened.chunk().await? {
                    members.push(&piece);
                }
            }
            _ => {}
        }
        opened.whole().await
    }
}

/// What came of a request that was let out.
struct Asked {
    result: Result<Response, outbound::Error>,
    out: Out,
    ended: Timestamp,
}

/// How a request was let out: whoever has waited for that may have got another token meanwhile.
struct Out {
    at: Timestamp,
    token: Secret,
    /// Whoever gets another token stays out until it is used, lest everybody be sent away with the old one.
    _pass: Option<Box<dyn Send>>,
}

impl Target {
    /// Sends what is not for the log of one person; once more with another token if the first is refused.
    pub(in crate::target) async fn transmit(&self, request: outbound::Request) -> Result<Response, Failure> {
        let token = self.token.token().await?;
        let mut again = request.clone();
        let asked = self.ask_once(request, token, &mut Extra::default()).await?;
        let response = asked.result?;
        self.note(&response, asked.out.at);
        if response.status.as_u16() != 401 {
            return Ok(response);
        }
        let Some(other) = self.another(&asked.out.token, asked.out.at).await? else {
            return Ok(response);
        };
        again.timeout = self.left(asked.out.at);
        Ok(self.ask_once(again, other, &mut Extra::default()).await?.result?)
    }

    pub(in crate::target) async fn send_with(
        &self,
        (method, url): (Method, Url),
        body: Option<Value>,
        mut extra: Extra<'_>,
        log: &mut Vec<Exchange>,
    ) -> Result<Answer, Failure> {
        let mut exchange = Exchange::new(&method, &url);
        let text = body.as_ref().map(Value::to_string);
        let (shown, taken) = self.shown(body);
        exchange.request = shown;
        let mut request = self.request_of(method, url, text);
        request.headers.extend(extra.header.take());
        request.largest_answer = extra.largest(request.largest_answer);
        let token = self.token.token().await;
        let token = match token {
            Ok(token) => token,
            Err(failure) => {
                exchange.error = Some(failure.message.clone());
                log.push(exchange);
                return Err(failure);
            }
        };
        let again = self.token.renews().then(|| (request.clone(), exchange.clone()));
        let (answer, out) = self
            .send_once((request, token), (exchange, taken.clone()), &mut extra, log)
            .await;
        match (answer, out, again) {
            (Err(failure), Some(out), Some((mut request, exchange))) if failure.status == Some(401) => {
                let Some(other) = self.another(&out.token, out.at).await? else {
                    return Err(failure);
                };
                request.timeout = self.left(out.at);
                extra.admission = None;
                let sent = self.send_once((request, other), (exchange, taken), &mut extra, log);
                sent.await.0
            }
            (answer, ..) => answer,
        }
    }

    /// What is left of the time for a request that was let out then.
    fn left(&self, let_out: Timestamp) -> Duration {
        self.timeout.saturating_sub(self.ambient.now().since(let_out))
    }

    /// Another token, once the target has refused one, if there is time for it.
    async fn another(&self, refused: &Secret, let_out: Timestamp) -> Result<Option<Secret>, Failure> {
        let renewed = tokio::time::timeout(self.left(let_out), self.token.another(refused)).await;
        let renewed = renewed.unwrap_or(Ok(None))?;
        Ok(renewed.filter(|_| !self.left(let_out).is_zero()))
    }

    /// Sends it, once it is let out. What the answer repeats of our credentials is taken out of it.
    async fn ask_once(
        &self,
        request: outbound::Request,
        token: Secret,
        extra: &mut Extra<'_>,
    ) -> Result<Asked, Failure> {
        let mut asked = match extra.members {
            Some(_) => self.ask_for_members(request, token, extra).await,
            None => self.ask_whole(request, token, extra.admission.clone()).await?,
        };
        if let Ok(response) = &mut asked.result {
            self.token.concealed(Some(&asked.out.token)).mask(response);
        }
        Ok(asked)
    }

    /// Everything until the answer is there happens where requests are sent: nobody's work holds up the next one.
    async fn ask_whole(
        &self,
        mut request: outbound::Request,
        token: Secret,
        admission: Option<Arc<dyn Admission>>,
    ) -> Result<Asked, Failure> {
        let (outbound, ambient) = (self.outbound.clone(), self.ambient.clone());
        let source = self.token.clone();
        let asked = self.outbound.run(async move {
            let (pass, token) = match &admission {
                Some(admission) => (Some(admission.wait().await?), source.latest(token)),
                None => (None, token),
            };
            let at = ambient.now();
            request.bearer = Some(token.clone());
            let result = outbound.send(request).await;
            let ended = ambient.now();
            if let (Some(admission), Some(failure)) = (&admission, failure(&result, ended)) {
                admission.failed(&failure);
            }
            let refused = matches!(&result, Ok(response) if response.status.as_u16() == 401);
            let out = Out {
                at,
                token,
                _pass: pass.filter(|_| refused && source.renews()),
            };
            Ok(Asked { result, out, ended })
        });
        asked.await?.map_err(Failure::unsent)
    }

    async fn ask_for_members(
        &self,
        mut request: outbound::Request,
        token: Secret,
        extra: &mut Extra<'_>,
    ) -> Asked {
        let at = self.ambient.now();
        request.bearer = Some(token.clone());
        let result = match self.outbound.open(request).await {
            Ok(opened) => extra.read(opened).await,
            Err(error) => Err(error),
        };
        Asked {
            result,
            out: Out {
                at,
                token,
                _pass: None,
            },
            ended: self.ambient.now(),
        }
    }

    /// Also says how it was let out, if it was.
    async fn send_once(
        &self,
        (request, token): (outbound::Request, Secret),
        (mut exchange, mut taken): (Exchange, Vec<String>),
        extra: &mut Extra<'_>,
        log: &mut Vec<Exchange>,
    ) -> (Result<Answer, Failure>, Option<Out>) {
        let Asked { result, out, ended } = match self.ask_once(request, token, extra).await {
            Ok(asked) => asked,
            Err(failure) => return (Err(failure), None),
        };
        exchange.duration_ms = u64::try_from(ended.since(out.at).as_millis()).unwrap_or(u64::MAX);
        let result = match result {
            Ok(response) => {
                self.note(&response, out.at);
                exchange.status = Some(response.status.as_u16());
                let (body, raw) = read_body(&response);
                exchange.response = self.logged(body.as_ref(), &raw, &mut taken);
                judge(&response, body, &raw, ended)
            }
            Err(error) => Err(Failure::from(error)),
        };
        let result = result.map_err(|mut failure| {
            for value in failure.message.params.values_mut() {
                mask_text(value, &taken);
            }
            failure
        });
        exchange.error = result.as_ref().err().map(|failure| failure.message.clone());
        log.push(exchange);
        (result, Some(out))
    }
}

/// What kind of a failure it is, if it is one.
fn failure(result: &Result<Response, outbound::Error>, now: Timestamp) -> Option<Failure> {
    match result {
        Ok(response) if response.status.is_success() => None,
        Ok(response) => {
            let wait = retry_after(&response.headers, now);
            Some(Failure::of_answer(response.status.as_u16(), None, "", wait))
        }
        Err(error) => Some(error.clone().into()),
    }
}

fn judge(response: &Response, body: Option<Value>, raw: &str, now: Timestamp) -> Result<Answer, Failure> {
    let status = response.status.as_u16();
    if !response.status.is_success() {
        let (scim_type, detail) = dialect::error(body.as_ref(), raw);
        return Err(Failure::of_answer(
            status,
            scim_type.as_deref(),
            &detail,
            retry_after(&response.headers, now),
        ));
    }
    if body.is_none() && !raw.trim().is_empty() {
        return Err(Failure::garbage(status, Message::new("target.not_scim")));
    }
    let location = response
        .headers
        .get(header::LOCATION)
        .and_then(|location| location.to_str().ok())
        .map(str::to_owned);
    Ok(Answer {
        status,
        location,
        body,
    })
}
