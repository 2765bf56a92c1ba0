//! Metadata that are fetched.

use federation::Error;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::house::House;

const METADATA: &str = r#"<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example">
<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example/sso"/>
</md:IDPSSODescriptor></md:EntityDescriptor>"#;

/// An address that answers once.
async fn answering(head: &str, body: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let answer = format!(
        "HTTP/1.1 {head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a caller");
        let mut asked = [0; 4096];
        let _ = stream.read(&mut asked).await;
        let _ = stream.write_all(answer.as_bytes()).await;
        let _ = stream.shutdown().await;
    });
    format!("http://{address}/metadata")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metadata_are_fetched_and_read() {
    let house = House::sqlite().await;
    let url = answering("200 OK", METADATA).await;
    let fetched = house
        .federation
        .fetch_metadata(&url, None)
        .await
        .expect("metadata");
    assert_eq!(fetched.entity.entity_id, "https://idp.example");
    assert_eq!(fetched.xml, METADATA);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_used_is_said() {
    let house = House::sqlite().await;
    let cases = [
        (answering("404 Not Found", "").await, "404"),
        (
            answering("302 Found\r\nLocation: http://127.0.0.1/", METADATA).await,
            "302",
        ),
        (answering("200 OK", "{}").await, "cannot be used"),
        (answering("200 OK", &"x".repeat(3 << 20)).await, "larger"),
        ("http://169.254.169.254/latest".to_owned(), "refused"),
        ("ftp://idp.example".to_owned(), "neither http"),
        ("not an address".to_owned(), "not an address"),
    ];
    for (url, expected) in cases {
        let refused = house.federation.fetch_metadata(&url, None).await;
        let Err(Error::Metadata(why)) = &refused else {
            panic!("{url}: {refused:?}")
        };
        let said = refused.as_ref().expect_err("refused").to_string();
        assert!(said.contains(expected), "{url}: {why}");
    }
    let url = answering("200 OK", METADATA).await;
    let other = house
        .federation
        .fetch_metadata(&url, Some("https://other.example"))
        .await;
    other.expect_err("another entity");
}
