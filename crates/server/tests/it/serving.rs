//! Stopping: what is under way is finished, and nothing new begins.

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use crate::on_both;
use crate::world::World;

on_both!(a_request_under_way_is_finished);

/// What comes back for a request that no client of ours would send.
pub(crate) async fn raw(world: &World, request: &str) -> String {
    let address = world.address.strip_prefix("http://").expect("an address");
    let mut connection = TcpStream::connect(address).await.expect("a connection");
    connection.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = vec![0; 4_096];
    let length = connection.read(&mut answer).await.expect("an answer");
    String::from_utf8_lossy(&answer[..length]).into_owned()
}

/// Everything that comes back until the server ends the connection.
pub(crate) async fn all(world: &World, requests: &str) -> String {
    let address = world.address.strip_prefix("http://").expect("an address");
    let mut connection = TcpStream::connect(address).await.expect("a connection");
    connection.write_all(requests.as_bytes()).await.expect("sent");
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).await.expect("answers");
    String::from_utf8_lossy(&answer).into_owned()
}

async fn a_request_under_way_is_finished(world: &World) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = oneshot::channel::<()>();
    let state = world.state.clone();
    let serving = tokio::spawn(async move {
        let stopped = async { stopped.await.unwrap_or_default() };
        server::serve(listener, &state, stopped).await
    });
    let body = json!({ "userName": "last" }).to_string();
    let (first, rest) = body.split_at(5);
    let mut connection = TcpStream::connect(address).await.expect("a connection");
    let head = format!(
        "POST /v1/scim/{}/Users HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-length: {}\r\n\
         content-type: application/json\r\nexpect: 100-continue\r\n\r\n",
        world.plain.id,
        world.plain.token,
        body.len()
    );
    connection.write_all(head.as_bytes()).await.expect("sent");
    // The handler reads the body: so the request is under way.
    let mut answer = vec![0; 64];
    let length = connection.read(&mut answer).await.expect("an answer");
    assert!(
        answer[..length].starts_with(b"HTTP/1.1 100"),
        "{:?}",
        String::from_utf8_lossy(&answer)
    );
    connection.write_all(first.as_bytes()).await.expect("sent");
    stop.send(()).expect("it serves");
    while TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(!serving.is_finished(), "it waits for the request");
    connection.write_all(rest.as_bytes()).await.expect("sent");
    let mut text = String::new();
    connection
        .read_to_string(&mut text)
        .await
        .expect("the answer, and the end");
    assert!(text.starts_with("HTTP/1.1 201"), "{text}");
    serving.await.expect("no panic").expect("served");
    world.plain.api().get("/people/last").await.expect(200);
}
