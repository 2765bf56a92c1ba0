//! The client against a server that answers byte by byte what a test says.

mod dns;

use std::time::Duration;

use base::Secret;
use outbound::{Error, Method, Outbound, Request, Rules, Sent, Url};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// What the server does with the one request it gets.
enum Act {
    Answer(&'static str),
    Hang,
    Drop,
}

/// Serves one request; gives the URL, and the request's text once it was read.
async fn serve(act: Act) -> (Url, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!(
        "http://{}/scim/Users",
        listener.local_addr().expect("its address")
    );
    let task = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        let mut buffer = vec![0; 4096];
        let length = stream.read(&mut buffer).await.expect("a request");
        match act {
            Act::Answer(text) => stream.write_all(text.as_bytes()).await.expect("an answer"),
            Act::Hang => tokio::time::sleep(Duration::from_mins(10)).await,
            Act::Drop => (),
        }
        String::from_utf8_lossy(&buffer[..length]).into_owned()
    });
    (url.parse().expect("a URL"), task)
}

fn client() -> Outbound {
    Outbound::new(Rules::default()).expect("a client")
}

#[tokio::test]
async fn the_token_goes_into_its_header_and_nowhere_else() {
    let (url, task) = serve(Act::Answer("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")).await;
    let request = Request {
        bearer: Some(Secret::new("s3cret")),
        ..Request::new(Method::GET, url)
    };
    let shown = Request {
        body: Some("client_secret=s3cret".into()),
        ..request.clone()
    };
    let shown = format!("{shown:?}");
    assert!(
        !shown.contains("s3cret") && shown.contains("body_bytes: Some(20)"),
        "{shown}"
    );
    let response = client().send(request).await.expect("an answer");
    assert_eq!((response.status.as_u16(), &response.body[..]), (200, &b"{}"[..]));
    let seen = task.await.expect("the request").to_lowercase();
    assert!(seen.contains("authorization: bearer s3cret"));
}

#[tokio::test]
async fn a_redirect_is_an_answer() {
    let (url, _task) = serve(Act::Answer(
        "HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n",
    ))
    .await;
    let response = client()
        .send(Request::new(Method::GET, url))
        .await
        .expect("an answer");
    assert_eq!(response.status.as_u16(), 302);
}

#[tokio::test]
async fn an_answer_may_be_too_large() {
    let (url, _task) = serve(Act::Answer("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n12345")).await;
    let request = Request {
        largest_answer: 4,
        ..Request::new(Method::GET, url)
    };
    assert!(matches!(
        client().send(request).await,
        Err(Error::TooLarge { limit: 4, .. })
    ));
}

#[tokio::test]
async fn silence_and_loss_leave_it_open_whether_it_arrived() {
    let (url, _task) = serve(Act::Hang).await;
    let request = Request {
        timeout: Duration::from_millis(50),
        ..Request::new(Method::POST, url)
    };
    let error = client().send(request).await.expect_err("silence");
    assert!(matches!(error, Error::Timeout { .. }), "{error}");
    assert_eq!(error.sent(), Sent::Perhaps);

    let (url, _task) = serve(Act::Drop).await;
    let error = client()
        .send(Request::new(Method::POST, url))
        .await
        .expect_err("loss");
    assert!(matches!(error, Error::Lost { .. }), "{error}");
    assert_eq!(error.sent(), Sent::Perhaps);
}

#[tokio::test]
async fn nothing_was_sent_where_nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("its address"));
    drop(listener);
    let error = client()
        .send(Request::new(Method::POST, url.parse().expect("a URL")))
        .await
        .expect_err("nobody");
    assert!(matches!(error, Error::Connect { .. }), "{error}");
    assert_eq!(error.sent(), Sent::No);
}

#[tokio::test]
async fn names_are_judged_by_what_they_resolve_to() {
    let strict = Rules {
        private_addresses: outbound::PrivateAddresses::Refuse,
        ..Rules::default()
    };
    let error = Outbound::new(strict)
        .expect("a client")
        .send(Request::new(
            Method::GET,
            "http://localhost:1/".parse().expect("a URL"),
        ))
        .await
        .expect_err("refused");
    assert!(matches!(error, Error::Refused { .. }), "{error}");
    let error = client()
        .send(Request::new(
            Method::GET,
            "https://nowhere.invalid/".parse().expect("a URL"),
        ))
        .await
        .expect_err("unknown");
    assert!(matches!(error, Error::Dns { .. }), "{error}");
}

#[tokio::test]
async fn what_nobody_waits_for_any_more_ends() {
    let client = client();
    let (told, mut ended) = tokio::sync::oneshot::channel::<()>();
    let (began, begun) = tokio::sync::oneshot::channel();
    let waits = client.run(async move {
        let _told = told;
        began.send(()).expect("somebody waits");
        std::future::pending::<()>().await;
    });
    {
        tokio::pin!(waits);
        tokio::select! {
            _ = &mut waits => panic!("it has no end"),
            begun = begun => begun.expect("it began"),
        }
        assert!(ended.try_recv().is_err(), "it goes on");
    }
    let ended = tokio::time::timeout(Duration::from_mins(1), ended).await;
    assert!(ended.expect("it ends").is_err());
}

#[tokio::test]
async fn a_busy_runtime_holds_no_request_up() {
    let (url, task) = serve(Act::Answer("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")).await;
    let client = client();
    let (answered, answers) = std::sync::mpsc::channel();
    let sender = client.clone();
    let sent = tokio::spawn(async move {
        let request = Request::new(Method::GET, url);
        let inner = sender.clone();
        sender
            .run(async move {
                let answer = inner.send(request).await;
                answered.send(answer.is_ok())
            })
            .await
    });
    task.await.expect("a request");
    // Nothing else runs on this thread until the answer is there.
    assert_eq!(answers.recv_timeout(Duration::from_mins(1)), Ok(true));
    sent.await.expect("no panic").expect("sent").expect("heard");
}
