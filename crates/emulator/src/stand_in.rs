//! A server whose responses a test defines, for operations that the emulators lack.
//!
//! Requests are neither authenticated nor matched with an operation: the function decides
//! everything.

use std::io::{self, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;

use crate::message;

/// A server that answers every request with a function, until the test process ends.
#[derive(Debug)]
pub struct StandIn {
    address: SocketAddr,
}

/// A request: the operation and body of a JSON protocol, or the parameters of the query protocol.
///
/// Both forms are filled from the same bytes, and the function uses the one of its protocol.
struct Asked {
    operation: String,
    body: String,
    parameters: Vec<(String, String)>,
}

type Answer = Arc<dyn Fn(&Asked) -> (u16, String) + Send + Sync>;

impl StandIn {
    /// Listens on a free local port. `answer` receives the parameters of a query-protocol request
    /// and returns a status and XML.
    ///
    /// # Panics
    ///
    /// If there is no free port.
    pub fn new(
        answer: impl Fn(&[(String, String)]) -> (u16, String) + Send + Sync + 'static,
    ) -> Self {
        Self::start(Arc::new(move |asked: &Asked| answer(&asked.parameters)))
    }

    /// Listens on a free local port. `answer` receives the operation (`DescribeServices`) and the
    /// body of a JSON request and returns a status and JSON.
    ///
    /// # Panics
    ///
    /// If there is no free port.
    pub fn of_json(answer: impl Fn(&str, &str) -> (u16, String) + Send + Sync + 'static) -> Self {
        Self::start(Arc::new(move |asked: &Asked| {
            answer(&asked.operation, &asked.body)
        }))
    }

    fn start(answer: Answer) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let answer = Arc::clone(&answer);
                // An error means that the client disconnected, which its own test notices.
                std::thread::spawn(move || serve(client, &answer));
            }
        });
        Self { address }
    }

    /// Returns the address in the form of `AWS_ENDPOINT_URL_IAM`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }
}

fn serve(mut client: TcpStream, answer: &Answer) -> io::Result<()> {
    let Some(bytes) = message::read_request(&mut client)? else {
        return Ok(());
    };
    let head = message::head_end(&bytes).unwrap_or(bytes.len());
    let body = String::from_utf8_lossy(&bytes[head..]).into_owned();
    let pairs = body.split('&').filter_map(|pair| pair.split_once('='));
    let parameters: Vec<(String, String)> = pairs
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect();
    let target = message::header(&bytes[..head], "x-amz-target").unwrap_or_default();
    let kind = if target.is_empty() {
        "text/xml"
    } else {
        "application/x-amz-json-1.1"
    };
    let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
    let (status, text) = answer(&Asked {
        operation,
        body,
        parameters,
    });
    let length = text.len();
    let answer = format!(
        "HTTP/1.1 {status} Answer\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{text}"
    );
    client.write_all(answer.as_bytes())
}

/// Decodes `application/x-www-form-urlencoded` text.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let digits: String = rest.by_ref().take(2).map(char::from).collect();
                bytes.extend(u8::from_str_radix(&digits, 16).ok());
            }
            b'+' => bytes.push(b' '),
            byte => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
