//! Answers without end, and servers that don't answer: in size and in time there is a limit.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use byref_aws::{AwsStore, Connection, PlainHttp};
use byref_emulator::emulator;
use byref_store::{ParameterStore as _, StoreError, Unreachable};

use crate::{REGIONS, connection, name, region};

crate::async_tests![
    an_endless_answer_is_cut_off,
    a_silent_server_times_out,
    a_redirect_is_not_followed,
    plain_http_to_another_machine_is_refused,
];

/// A server on a free port that does the same with every connection.
fn server(serve: fn(TcpStream) -> std::io::Result<()>) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            std::thread::spawn(move || serve(client));
        }
    });
    port
}

const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.1\r\n";

/// A body without an end, as fast as it goes.
fn endless(mut client: TcpStream) -> std::io::Result<()> {
    let _ = client.read(&mut [0; 4096])?;
    client.write_all(format!("{HEAD}\r\n{{\"Parameters\": [\"").as_bytes())?;
    loop {
        client.write_all(&[b'x'; 1 << 14])?;
    }
}

/// The same in chunks.
fn endless_chunks(mut client: TcpStream) -> std::io::Result<()> {
    let _ = client.read(&mut [0; 4096])?;
    client.write_all(format!("{HEAD}transfer-encoding: chunked\r\n\r\n").as_bytes())?;
    loop {
        client.write_all(format!("10000\r\n{}\r\n", "x".repeat(0x1_0000)).as_bytes())?;
    }
}

/// A byte at a time.
fn drip(mut client: TcpStream) -> std::io::Result<()> {
    let _ = client.read(&mut [0; 4096])?;
    client.write_all(format!("{HEAD}\r\n").as_bytes())?;
    loop {
        client.write_all(b" ")?;
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// A byte of the head at a time.
fn drip_head(mut client: TcpStream) -> std::io::Result<()> {
    let _ = client.read(&mut [0; 4096])?;
    for byte in HEAD.bytes().cycle() {
        client.write_all(&[byte])?;
        std::thread::sleep(Duration::from_millis(200));
    }
    Ok(())
}

/// Takes everything and says nothing.
fn silence(mut client: TcpStream) -> std::io::Result<()> {
    while client.read(&mut [0; 4096])? > 0 {}
    Ok(())
}

/// To another host.
fn redirect(mut client: TcpStream) -> std::io::Result<()> {
    let _ = client.read(&mut [0; 4096])?;
    client.write_all(
        b"HTTP/1.1 307 Temporary Redirect\r\nlocation: http://127.0.0.2:9/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
    )
}

/// A store of an endpoint, with a second for an attempt and three for a request.
async fn store_at(endpoint: &str, change: impl FnOnce(&mut Connection)) -> AwsStore {
    let account = emulator().account();
    let mut connection = connection(&account, endpoint).await;
    connection.timeouts.attempt = Duration::from_secs(1);
    connection.timeouts.connect = Duration::from_secs(1);
    connection.timeouts.operation = Duration::from_secs(3);
    connection.timeouts.attempts = NonZeroU32::new(2);
    change(&mut connection);
    AwsStore::new(connection)
}

async fn error_of(store: &AwsStore) -> StoreError {
    store
        .look_up(&region(REGIONS[0]), &[name("/a")])
        .await
        .unwrap_err()
}

async fn an_endless_answer_is_cut_off() {
    for serve in [endless, endless_chunks] {
        let endpoint = format!("http://127.0.0.1:{}", server(serve));
        let patient = |connection: &mut Connection| {
            connection.timeouts.attempt = Duration::from_secs(20);
            connection.timeouts.operation = Duration::from_mins(1);
        };
        let store = store_at(&endpoint, patient).await;
        let error = error_of(&store).await;
        assert!(
            matches!(
                error,
                StoreError::Unreachable {
                    why: Unreachable::TooLarge,
                    ..
                }
            ),
            "{error}"
        );
    }
}

async fn a_silent_server_times_out() {
    for (serve, scheme) in [
        (drip as fn(_) -> _, "http"),
        (drip_head, "http"),
        (silence, "http"),
        (silence, "https"),
    ] {
        let endpoint = format!("{scheme}://127.0.0.1:{}", server(serve));
        let store = store_at(&endpoint, |_| {}).await;
        let start = Instant::now();
        let error = error_of(&store).await;
        assert!(
            matches!(
                error,
                StoreError::Unreachable {
                    why: Unreachable::TimeOut,
                    ..
                }
            ),
            "{scheme}: {error}"
        );
        assert!(
            start.elapsed() < Duration::from_secs(8),
            "{:?}",
            start.elapsed()
        );
    }
}

async fn a_redirect_is_not_followed() {
    let store = store_at(&format!("http://127.0.0.1:{}", server(redirect)), |_| {}).await;
    let error = error_of(&store).await;
    assert!(
        matches!(
            error,
            StoreError::Unreachable {
                why: Unreachable::Unexpected(_),
                ..
            }
        ),
        "{error}"
    );
}

/// Wherever the endpoint is set, and whichever service it is of.
async fn plain_http_to_another_machine_is_refused() {
    let store = store_at("http://192.0.2.1:4566", |_| {}).await;
    let error = error_of(&store).await;
    let refused = StoreError::InsecureEndpoint {
        action: "sts:GetCallerIdentity",
        host: "192.0.2.1".to_owned(),
    };
    assert_eq!(error, refused);
    assert!(error.help().contains("--insecure-endpoint"));
    // A role is assumed there as well.
    let role = |connection: &mut Connection| {
        connection.role_arn = Some("arn:aws:iam::111122223333:role/secrets-admin".to_owned());
    };
    let store = store_at("http://example.invalid", role).await;
    let error = error_of(&store).await;
    assert!(
        matches!(&error, StoreError::InsecureEndpoint { host, .. } if host == "example.invalid"),
        "{error}"
    );
    let anywhere = |connection: &mut Connection| connection.plain_http = PlainHttp::Anywhere;
    let store = store_at("http://192.0.2.1:4566", anywhere).await;
    assert!(matches!(
        error_of(&store).await,
        StoreError::Unreachable { .. }
    ));
}
