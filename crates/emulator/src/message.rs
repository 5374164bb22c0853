//! A minimal HTTP/1.1: one request and one response per connection.
//!
//! The proxy must reset connections, stop in the middle of a body and hold responses back. HTTP
//! libraries prevent exactly that, so the few functions that the proxy needs work on bytes.
//!
//! Bodies are delimited by `content-length`. Chunked messages are not supported.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

/// Sends a request that closes its connection, and returns the whole response.
///
/// The end of the response is the end of the connection, so the request must have `connection:
/// close`.
pub(crate) fn exchange(address: SocketAddr, request: &[u8]) -> io::Result<Vec<u8>> {
    let mut server = TcpStream::connect(address)?;
    server.write_all(request)?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer)?;
    Ok(answer)
}

/// Reads one request with its body. Returns `None` if the client closes the connection early.
pub(crate) fn read_request(client: &mut TcpStream) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 16 * 1024];
    loop {
        if let Some(head) = head_end(&bytes) {
            let length = header(&bytes[..head], "content-length")
                .and_then(|value| value.parse().ok())
                .unwrap_or(0);
            if bytes.len() >= head + length {
                return Ok(Some(bytes));
            }
        }
        match client.read(&mut chunk)? {
            0 => return Ok(None),
            count => bytes.extend_from_slice(&chunk[..count]),
        }
    }
}

/// Returns the offset of the body.
///
/// The body begins after the first empty line: `GET / HTTP/1.1\r\n\r\nx` → 18. An incomplete head
/// has none.
pub(crate) fn head_end(bytes: &[u8]) -> Option<usize> {
    bytes
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .map(|at| at + 4)
}

/// Returns the value of a header.
///
/// Names are compared without case, and blanks around the value are dropped.
pub(crate) fn header(head: &[u8], name: &str) -> Option<String> {
    let text = String::from_utf8_lossy(head);
    let mut lines = text.lines().filter_map(|line| line.split_once(':'));
    lines
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim().to_owned())
}

/// Returns the same message with `connection: close`, so that each request has its own connection.
pub(crate) fn closing(bytes: &[u8]) -> Vec<u8> {
    let head = head_end(bytes).unwrap_or(bytes.len());
    let text = String::from_utf8_lossy(&bytes[..head]);
    let is_kept =
        |line: &&str| !line.is_empty() && !line.to_ascii_lowercase().starts_with("connection:");
    let mut lines: Vec<&str> = text.lines().filter(is_kept).collect();
    lines.extend(["connection: close", "", ""]);
    let mut message = lines.join("\r\n").into_bytes();
    message.extend_from_slice(&bytes[head..]);
    message
}

/// Returns the same response with a changed body.
///
/// The length is computed anew, in bytes.
pub(crate) fn with_body(bytes: &[u8], alter: &dyn Fn(&str) -> String) -> Vec<u8> {
    let head = head_end(bytes).unwrap_or(bytes.len());
    let body = alter(&String::from_utf8_lossy(&bytes[head..]));
    let text = String::from_utf8_lossy(&bytes[..head]);
    let is_kept =
        |line: &&str| !line.is_empty() && !line.to_ascii_lowercase().starts_with("content-length:");
    let length = format!("content-length: {}", body.len());
    let mut lines: Vec<&str> = text.lines().filter(is_kept).collect();
    lines.extend([length.as_str(), "", ""]);
    let mut message = lines.join("\r\n").into_bytes();
    message.extend_from_slice(body.as_bytes());
    message
}
