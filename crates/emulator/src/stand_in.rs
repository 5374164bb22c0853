//! A server that answers as a test says, for what the emulators don't have.

use std::io::{self, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;

use crate::message;

/// Answers every request; ends with the test process.
#[derive(Debug)]
pub struct StandIn {
    address: SocketAddr,
}

type Answer = Arc<dyn Fn(&[(String, String)]) -> (u16, String) + Send + Sync>;

impl StandIn {
    /// Listens on a free port of this machine. `answer` gets the parameters of a request of the query protocol, and
    /// gives a status and XML.
    ///
    /// # Panics
    ///
    /// There is no free port.
    pub fn new(answer: impl Fn(&[(String, String)]) -> (u16, String) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let answer: Answer = Arc::new(answer);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let answer = Arc::clone(&answer);
                // An error here is a client that went away: its own tests see it.
                std::thread::spawn(move || serve(client, &answer));
            }
        });
        Self { address }
    }

    /// Where it listens, as `AWS_ENDPOINT_URL_IAM` takes it.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }
}

fn serve(mut client: TcpStream, answer: &Answer) -> io::Result<()> {
    let Some(bytes) = message::read_request(&mut client)? else { return Ok(()) };
    let head = message::head_end(&bytes).unwrap_or(bytes.len());
    let body = String::from_utf8_lossy(&bytes[head..]).into_owned();
    let pairs = body.split('&').filter_map(|pair| pair.split_once('='));
    let parameters: Vec<(String, String)> = pairs.map(|(name, value)| (decoded(name), decoded(value))).collect();
    let (status, xml) = answer(&parameters);
    let length = xml.len();
    let answer = format!(
        "HTTP/1.1 {status} Answer\r\ncontent-type: text/xml\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{xml}"
    );
    client.write_all(answer.as_bytes())
}

/// A text out of `application/x-www-form-urlencoded`.
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
