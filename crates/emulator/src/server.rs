//! The emulators and their accounts.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use byref_harness::ignore_outside_ci;

use crate::message;
use crate::venv::find_venv;

/// The time that a server may take to start on a busy machine.
const PATIENCE: Duration = Duration::from_mins(2);

/// The emulator in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// moto, the default.
    Moto,
    /// ministack, if `BYREF_PEER=ministack` is set.
    Ministack,
}

/// A server that runs as long as the test process.
#[derive(Debug)]
pub struct Emulator {
    peer: Peer,
    address: SocketAddr,
    /// The pipes of the server, which exits when its standard input closes.
    pipes: Mutex<(ChildStdin, BufReader<ChildStdout>)>,
    _child: Child,
}

/// An account of the emulator with credentials.
#[derive(Clone, Debug)]
pub struct Account {
    /// The account id: twelve digits.
    pub id: String,
    /// The value of `AWS_ACCESS_KEY_ID`.
    pub access_key: String,
    /// The value of `AWS_SECRET_ACCESS_KEY`.
    pub secret_key: String,
    /// The value of `AWS_SESSION_TOKEN`.
    pub session_token: Option<String>,
}

/// Returns the emulator of this test process, which the first call starts. Without Python, the test
/// ends here and is reported as ignored.
///
/// # Panics
///
/// The server does not start, or `CI` is set and there is no Python.
pub fn emulator() -> &'static Emulator {
    find_emulator().unwrap_or_else(|reason| ignore_outside_ci(reason))
}

/// Returns the emulator of this process, which the first call starts.
///
/// # Errors
///
/// The reason why there is none: no Python, or its packages can't be installed.
///
/// # Panics
///
/// The server does not start.
pub fn find_emulator() -> Result<&'static Emulator, &'static str> {
    static EMULATOR: OnceLock<Result<Emulator, String>> = OnceLock::new();
    EMULATOR.get_or_init(start).as_ref().map_err(String::as_str)
}

fn start() -> Result<Emulator, String> {
    let (peer, pins, script) = match std::env::var("BYREF_PEER").as_deref() {
        Ok("ministack") => (
            Peer::Ministack,
            "requirements-ministack.txt",
            "serve_ministack.py",
        ),
        Ok("moto") | Err(_) => (Peer::Moto, "requirements.txt", "serve_moto.py"),
        Ok(other) => panic!("BYREF_PEER is `{other}`, neither `moto` nor `ministack`"),
    };
    let python = find_venv(pins)?.join("bin/python");
    let script = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("python")
        .join(script);
    let mut child = Command::new(python)
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    stdout.read_line(&mut line).unwrap();
    let port = line
        .trim()
        .parse()
        .unwrap_or_else(|_| panic!("the emulator {peer:?} did not start"));
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let end = Instant::now() + PATIENCE;
    while TcpStream::connect(address).is_err() {
        assert!(
            Instant::now() < end,
            "the emulator {peer:?} does not listen"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
    let pipes = Mutex::new((child.stdin.take().unwrap(), stdout));
    Ok(Emulator {
        peer,
        address,
        pipes,
        _child: child,
    })
}

impl Emulator {
    /// Returns the kind of the emulator.
    pub fn peer(&self) -> Peer {
        self.peer
    }

    /// Returns the address of the server.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the value for `AWS_ENDPOINT_URL`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Stores the same value under many new names in a Region. With moto this bypasses HTTP, over
    /// which it would take minutes.
    ///
    /// # Panics
    ///
    /// If the server rejects the request.
    pub fn store_many(&self, account: &Account, region: &str, names: &[String], value: &str) {
        if self.peer == Peer::Ministack {
            for name in names {
                self.store(account, region, name, value);
            }
            return;
        }
        let many = serde_json::json!({ "account": account.id, "region": region, "names": names, "value": value });
        let mut pipes = self.pipes.lock().unwrap_or_else(PoisonError::into_inner);
        let (stdin, stdout) = &mut *pipes;
        writeln!(stdin, "{many}").unwrap();
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        assert_eq!(line.trim(), names.len().to_string());
    }

    /// Creates an account that no other test uses.
    ///
    /// # Panics
    ///
    /// If the server does not respond.
    pub fn account(&self) -> Account {
        static NEXT: AtomicU64 = AtomicU64::new(200_000_000_000);
        self.account_of(&NEXT.fetch_add(1, Ordering::Relaxed).to_string())
    }

    /// Creates credentials for an account.
    ///
    /// # Panics
    ///
    /// If the server does not respond.
    pub fn account_of(&self, id: &str) -> Account {
        if self.peer == Peer::Ministack {
            // ministack takes an access key of twelve digits as the account id.
            let (access_key, secret_key) = (id.to_owned(), "EXAMPLE".to_owned());
            return Account {
                id: id.to_owned(),
                access_key,
                secret_key,
                session_token: None,
            };
        }
        let body = format!(
            "Action=AssumeRole&Version=2011-06-15&RoleSessionName=tests&RoleArn=arn:aws:iam::{id}:role/tests"
        );
        let scope = "AWS4-HMAC-SHA256 Credential=EXAMPLE/20260101/us-east-1/sts/aws4_request";
        let request = format!(
            "POST / HTTP/1.1\r\nhost: sts.us-east-1.amazonaws.com\r\nauthorization: {scope}\r\nconnection: close\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let answer = message::exchange(self.address, request.as_bytes()).unwrap();
        let answer = String::from_utf8_lossy(&answer);
        let text_of = |tag: &str| {
            let rest = answer
                .split_once(&format!("<{tag}>"))
                .unwrap_or_else(|| panic!("no {tag} in {answer}"))
                .1;
            rest.split('<').next().unwrap().to_owned()
        };
        Account {
            id: id.to_owned(),
            access_key: text_of("AccessKeyId"),
            secret_key: text_of("SecretAccessKey"),
            session_token: Some(text_of("SessionToken")),
        }
    }
}

impl Emulator {
    /// Calls an operation of a service with the query protocol (CloudFormation, IAM) and returns
    /// the XML response.
    ///
    /// # Panics
    ///
    /// If the server does not respond.
    pub fn query(
        &self,
        account: &Account,
        region: &str,
        service: &str,
        parameters: &[(&str, &str)],
    ) -> String {
        let pairs = parameters
            .iter()
            .map(|(name, value)| format!("{name}={}", encoded(value)));
        let body = pairs.collect::<Vec<_>>().join("&");
        self.post(
            account,
            region,
            service,
            "content-type: application/x-www-form-urlencoded\r\n",
            &body,
        )
    }

    /// Calls an operation of a service with the JSON protocol, for example
    /// `AmazonEC2ContainerServiceV20141113.ListTaskDefinitions`.
    ///
    /// # Panics
    ///
    /// If the server does not respond.
    pub fn json(
        &self,
        account: &Account,
        region: &str,
        service: &str,
        target: &str,
        body: &str,
    ) -> String {
        let headers =
            format!("content-type: application/x-amz-json-1.1\r\nx-amz-target: {target}\r\n");
        self.post(account, region, service, &headers, body)
    }

    /// Creates a stack. Emulators finish the stack before they respond, so there is nothing to wait
    /// for.
    ///
    /// # Panics
    ///
    /// If the server rejects the stack.
    pub fn create_stack(&self, account: &Account, region: &str, name: &str, template: &str) {
        let parameters = [
            ("Action", "CreateStack"),
            ("Version", "2010-05-15"),
            ("StackName", name),
            ("TemplateBody", template),
            ("Capabilities.member.1", "CAPABILITY_IAM"),
        ];
        let answer = self.query(account, region, "cloudformation", &parameters);
        assert!(answer.contains("<StackId>"), "{answer}");
    }

    /// Uploads a template to a new bucket, for stacks that nest it, and returns its `TemplateURL`.
    ///
    /// # Panics
    ///
    /// If the server rejects the upload.
    pub fn put_template(&self, account: &Account, file: &str, template: &str) -> String {
        let bucket = format!("templates-{}", account.id);
        for (path, body) in [
            (format!("/{bucket}"), ""),
            (format!("/{bucket}/{file}"), template),
        ] {
            let answer = self.send(&format!("PUT {path}"), account, "us-east-1", "s3", "", body);
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        }
        format!("https://s3.amazonaws.com/{bucket}/{file}")
    }

    fn post(
        &self,
        account: &Account,
        region: &str,
        service: &str,
        headers: &str,
        body: &str,
    ) -> String {
        self.send("POST /", account, region, service, headers, body)
    }

    fn send(
        &self,
        line: &str,
        account: &Account,
        region: &str,
        service: &str,
        headers: &str,
        body: &str,
    ) -> String {
        let scope = format!(
            "AWS4-HMAC-SHA256 Credential={}/20260101/{region}/{service}/aws4_request",
            account.access_key
        );
        let token = account
            .session_token
            .iter()
            .map(|token| format!("x-amz-security-token: {token}\r\n"));
        let request = format!(
            "{line} HTTP/1.1\r\nhost: {service}.{region}.amazonaws.com\r\nauthorization: {scope}, \
             SignedHeaders=host, Signature=0\r\nx-amz-date: 20260101T000000Z\r\n{headers}{}connection: close\r\n\
             content-length: {}\r\n\r\n{body}",
            token.collect::<String>(),
            body.len()
        );
        let answer = message::exchange(self.address, request.as_bytes()).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }
}

/// Encodes a text as `application/x-www-form-urlencoded`.
fn encoded(text: &str) -> String {
    use std::fmt::Write as _;
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

impl Account {
    /// Returns the environment variables for a process that acts as this account at this endpoint
    /// and looks for credentials nowhere else.
    pub fn environment(&self, endpoint: &str) -> Vec<(&'static str, String)> {
        let mut variables = vec![
            ("AWS_ENDPOINT_URL", endpoint.to_owned()),
            ("AWS_ACCESS_KEY_ID", self.access_key.clone()),
            ("AWS_SECRET_ACCESS_KEY", self.secret_key.clone()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
            ("AWS_CONFIG_FILE", "/dev/null".to_owned()),
            ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null".to_owned()),
        ];
        variables.extend(
            self.session_token
                .clone()
                .map(|token| ("AWS_SESSION_TOKEN", token)),
        );
        variables
    }
}
