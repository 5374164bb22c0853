//! A proxy in front of an emulator that injects faults and keeps a log.
//!
//! Each request goes through these steps:
//!
//! 1. The operation and the Region are read from its headers or its body.
//! 2. Every matching rule counts it, and the first rule that covers the number is chosen.
//! 3. The request is logged, with the fault.
//! 4. The hook of the rule runs, then the fault happens or the request is forwarded.
//!
//! A rule counts requests in order of arrival. With concurrent clients,
//! [`When::At`](crate::When::At) therefore means a number, not a certain request.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::fault::{Fault, Rule};
use crate::message;

/// The duration of a hang, longer than the timeout of any client.
const HANG: Duration = Duration::from_secs(90);

/// A request that passed through the proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The operation, for example `PutParameter`.
    pub operation: String,
    /// The Region in the signature.
    pub region: String,
    /// The request asks for decrypted values.
    pub is_for_decryption: bool,
    /// The time of arrival.
    pub at: Instant,
    /// The injected fault.
    pub fault: Option<Fault>,
}

impl Request {
    /// Returns `true` if the operation changes a parameter.
    pub fn is_write(&self) -> bool {
        let reads = ["Get", "Describe", "List", "AssumeRole"];
        !reads.iter().any(|read| self.operation.starts_with(read))
    }
}

/// The state shared by all connections.
#[derive(Debug, Default)]
struct State {
    /// The rules, each with the number of requests that it matched so far.
    rules: Vec<(Rule, usize)>,
    /// The requests since the rules were set.
    log: Vec<Request>,
    /// The number of requests in progress.
    open: usize,
}

/// A proxy that forwards requests to a server, one per connection.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl Proxy {
    /// Listens on a free local port until the test process ends.
    ///
    /// # Panics
    ///
    /// If there is no free port.
    pub fn new(server: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let state: Arc<Mutex<State>> = Arc::default();
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let state = Arc::clone(&shared);
                // An error means that the client disconnected, which its own test notices.
                std::thread::spawn(move || serve(client, server, &state));
            }
        });
        Self { address, state }
    }

    /// Returns the value for `AWS_ENDPOINT_URL`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Replaces all rules and clears the log. The first rule that covers a request decides.
    pub fn set(&self, rules: impl IntoIterator<Item = Rule>) {
        let mut state = lock(&self.state);
        state.rules = rules.into_iter().map(|rule| (rule, 0)).collect();
        state.log.clear();
    }

    /// Returns the requests since the rules were set, in order of arrival.
    pub fn log(&self) -> Vec<Request> {
        lock(&self.state).log.clone()
    }

    /// Waits until all requests are finished, including those whose clients have disconnected.
    pub fn settle(&self) {
        while lock(&self.state).open > 0 {
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Returns the number of requests by operation and Region since the rules were set.
    pub fn counts(&self) -> BTreeMap<(String, String), usize> {
        let mut counts = BTreeMap::new();
        for request in &lock(&self.state).log {
            *counts
                .entry((request.operation.clone(), request.region.clone()))
                .or_default() += 1;
        }
        counts
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Counts the request as open until its fault or its response is over, for [`Proxy::settle`].
fn serve(mut client: TcpStream, server: SocketAddr, state: &Mutex<State>) -> io::Result<()> {
    let Some(bytes) = message::read_request(&mut client)? else {
        return Ok(());
    };
    let request = read(&bytes);
    let rule = {
        let mut state = lock(state);
        let rule = decide(&request, &mut state);
        state.log.push(Request {
            fault: rule.as_ref().and_then(|rule| rule.fault),
            ..request.clone()
        });
        state.open += 1;
        rule
    };
    let result = serve_by(rule, client, server, &request, &bytes);
    lock(state).open -= 1;
    result
}

/// Serves a request according to the rule that covers it.
fn serve_by(
    rule: Option<Rule>,
    mut client: TcpStream,
    server: SocketAddr,
    request: &Request,
    bytes: &[u8],
) -> io::Result<()> {
    let fault = rule.as_ref().and_then(|rule| rule.fault);
    let (hook, alter) = rule.map_or((None, None), |rule| (rule.hook, rule.alter));
    if let Some(hook) = hook {
        hook();
    }
    let Some(fault) = fault else {
        let answer = message::exchange(server, &message::closing(bytes))?;
        let answer = alter.map_or_else(
            || answer.clone(),
            |alter| message::with_body(&answer, &*alter),
        );
        return client.write_all(&message::closing(&answer));
    };
    if fault.reaches_the_server() {
        let answer = message::exchange(server, &message::closing(bytes))?;
        return lose(client, fault, &message::closing(&answer));
    }
    make(client, fault, request, bytes)
}

/// Returns the rule that covers a request, and counts the request in every rule that matches.
fn decide(request: &Request, state: &mut State) -> Option<Rule> {
    let mut decided = None;
    for (rule, count) in &mut state.rules {
        let is_meant = rule
            .operation
            .as_ref()
            .is_none_or(|operation| *operation == request.operation)
            && rule
                .region
                .as_ref()
                .is_none_or(|region| *region == request.region)
            && (!rule.is_for_decryption || request.is_for_decryption);
        if is_meant {
            *count += 1;
            if decided.is_none() && rule.when.covers(*count) {
                decided = Some(rule.clone());
            }
        }
    }
    decided
}

/// Parses operation and Region of a request.
fn read(bytes: &[u8]) -> Request {
    let head = message::head_end(bytes).unwrap_or(bytes.len());
    let body = String::from_utf8_lossy(&bytes[head..]);
    let target = message::header(&bytes[..head], "x-amz-target");
    // `AmazonSSM.PutParameter`, or `Action=GetCallerIdentity&…`.
    let operation = target
        .as_deref()
        .and_then(|target| target.split_once('.'))
        .map(|(_, operation)| operation)
        .or_else(|| {
            body.split('&')
                .find_map(|pair| pair.strip_prefix("Action="))
        })
        .unwrap_or_default();
    // `AWS4-HMAC-SHA256 Credential=KEY/20260101/us-west-2/ssm/aws4_request, …`
    let signed = message::header(&bytes[..head], "authorization").unwrap_or_default();
    Request {
        operation: operation.to_owned(),
        region: signed.split('/').nth(2).unwrap_or_default().to_owned(),
        is_for_decryption: body.replace(' ', "").contains("\"WithDecryption\":true"),
        at: Instant::now(),
        fault: None,
    }
}

/// Withholds the response of a request that the server has carried out.
///
/// [`Fault::Truncated`] sends the head and half of the body, [`Fault::HeldAnswer`] nothing, and
/// [`Fault::LostAnswer`] a reset.
fn lose(mut client: TcpStream, fault: Fault, answer: &[u8]) -> io::Result<()> {
    match fault {
        Fault::Truncated => {
            let head = message::head_end(answer).unwrap_or(answer.len());
            client.write_all(&answer[..head + (answer.len() - head) / 2])
        }
        Fault::HeldAnswer => hang(&client),
        _ => reset(&client),
    }
}

/// Produces a fault without the server.
fn make(mut client: TcpStream, fault: Fault, request: &Request, bytes: &[u8]) -> io::Result<()> {
    let refuse = |code: &str, message: &str| {
        // STS uses XML, the other services JSON.
        if bytes.windows(7).any(|window| window == b"Action=") {
            let message = message.replace('&', "&amp;").replace('<', "&lt;");
            let body = format!(
                "<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
            );
            answer("400 Bad Request", "text/xml", &body)
        } else {
            let body = serde_json::json!({ "__type": code, "message": message }).to_string();
            answer("400 Bad Request", "application/x-amz-json-1.1", &body)
        }
    };
    let answer = match fault {
        Fault::Throttle => refuse("ThrottlingException", "Rate exceeded"),
        Fault::TooManyUpdates => refuse(
            "TooManyUpdates",
            "There are concurrent updates for a resource",
        ),
        Fault::Expired => refuse(
            "ExpiredTokenException",
            "The security token included in the request is expired",
        ),
        Fault::Denied => refuse("AccessDeniedException", &denial(request, bytes)),
        Fault::Failure => answer(
            "500 Internal Server Error",
            "text/html",
            "<!doctype html><title>500</title>",
        ),
        Fault::Unavailable => answer("503 Service Unavailable", "text/plain", ""),
        Fault::Garbage => answer(
            "200 OK",
            "application/x-amz-json-1.1",
            "{\"Parameters\": [{\"Na",
        ),
        Fault::Hang => return hang(&client),
        Fault::Reset | Fault::Truncated | Fault::LostAnswer | Fault::HeldAnswer => {
            return reset(&client);
        }
    };
    client.write_all(&answer)
}

/// Returns a message in AWS's format that repeats the whole request, which byref must not show.
fn denial(request: &Request, bytes: &[u8]) -> String {
    let Request {
        operation,
        region,
        is_for_decryption,
        ..
    } = request;
    let action = match operation.as_str() {
        "AssumeRole" | "GetCallerIdentity" => format!("sts:{operation}"),
        _ if *is_for_decryption => "kms:Decrypt".to_owned(),
        _ => format!("ssm:{operation}"),
    };
    let body = message::head_end(bytes)
        .map(|head| String::from_utf8_lossy(&bytes[head..]))
        .unwrap_or_default();
    format!(
        "User: arn:aws:iam::111122223333:user/tests is not authorized to perform: {action} on resource: \
         arn:aws:ssm:{region}:111122223333:parameter/x because no identity-based policy allows the action: {body}"
    )
}

fn answer(status: &str, kind: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
        .into_bytes()
}

/// Closes the connection with a reset instead of an orderly end.
///
/// A linger time of zero makes the system send RST when the socket is dropped.
fn reset(client: &TcpStream) -> io::Result<()> {
    socket2::SockRef::from(client).set_linger(Some(Duration::ZERO))
}

/// Sends nothing until the client disconnects.
fn hang(client: &TcpStream) -> io::Result<()> {
    client.set_read_timeout(Some(HANG))?;
    let _ = client.peek(&mut [0]);
    Ok(())
}
