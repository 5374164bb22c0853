//! Finds passwords in connection strings that are not URLs, and in the files from which clients
//! read them.
//!
//! | syntax | where |
//! | --- | --- |
//! | `user:password@tcp(host:3306)/db` | drivers of Go |
//! | `user/password@//host:1521/service` | Oracle |
//! | `host:port:database:user:password` | `.pgpass` |
//! | `left right : PSK "password"` | `ipsec.secrets` |
//! | `[host]:587 user:password` | `sasl_passwd` |
//! | `user server password address` | `chap-secrets` |
//!
//! No name announces these passwords. Where other texts have the same syntax, only values that are
//! not words count.

use crate::embedded::EmbeddedKind;
use std::ops::Range;

use crate::value::{ValueClass, classify_value};

/// A password in a line.
pub(crate) struct Connection {
    /// The bytes of the password in the line.
    pub(crate) range: Range<usize>,
    /// The syntax in which it was found.
    pub(crate) kind: EmbeddedKind,
}

/// Returns the passwords of a line, if they are literal. `is_pgpass` is `true` if the text writes
/// to `.pgpass`.
pub(crate) fn in_line(line: &str, is_pgpass: bool) -> Vec<Connection> {
    let mut found = Vec::new();
    if line.contains('@') {
        before_host(line, &mut found);
    }
    if let Some(range) = of_file(line, is_pgpass) {
        found.push(Connection {
            range,
            kind: EmbeddedKind::CredentialsFile,
        });
    }
    found
}

/// Returns `true` if a text is neither a word nor harmless.
fn is_drawn(text: &str) -> bool {
    matches!(classify_value(text), ValueClass::Mixed | ValueClass::Random)
}

/// Adds the passwords in front of a host: `user:password@tcp(host)`, `user/password@//host:1521/x`,
/// `user/password@host:1521/x`, `user:password@host:5432`.
fn before_host(line: &str, found: &mut Vec<Connection>) {
    let mut from = 0;
    while let Some(at) = line[from..].find('@').map(|at| from + at) {
        let floor = from;
        from = at + 1;
        let is_border = |character: char| {
            character.is_ascii_whitespace()
                || matches!(character, '"' | '\'' | '`' | '=' | '<' | ',' | ';')
        };
        let start = line[floor..at]
            .rfind(is_border)
            .map_or(floor, |border| floor + border + 1);
        // A text that begins with a scheme is a URL, and judged as one.
        let credentials = &line[start..at];
        let thin = credentials
            .rfind("thin:")
            .map_or(0, |thin| thin + "thin:".len());
        let (skipped, credentials) = credentials.split_at(thin);
        if credentials.contains("://") || skipped.contains("://") {
            continue;
        }
        let host = &line[at + 1..];
        let separator = match kind(host, thin > 0) {
            Some(Host::Called) => ':',
            Some(Host::Plain) if credentials.contains(':') => ':',
            Some(Host::OfOracle | Host::Plain) => '/',
            None => continue,
        };
        let Some((user, password)) = credentials.split_once(separator) else {
            continue;
        };
        let is_user = !user.is_empty()
            && user
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_.-#$\\%".contains(&byte));
        let is_sure = !matches!(kind(host, thin > 0), Some(Host::Plain))
            || is_drawn(password) && !password.contains('/');
        let password_at = start + thin + user.len() + 1;
        if is_user && is_sure && !password.is_empty() {
            found.push(Connection {
                range: password_at..at,
                kind: EmbeddedKind::ConnectionString,
            });
        }
    }
}

/// The syntax of a host behind a user and password.
enum Host {
    /// `tcp(host:3306)`, as in data source names of Go's drivers.
    Called,
    /// `//host:1521/service`, `(DESCRIPTION=…)`, or anything in a URL of Oracle's driver.
    OfOracle,
    /// `host:1521/service`, which other texts may contain as well.
    Plain,
}

/// Returns the syntax of the host that a text begins with, or `None` if it begins with none.
fn kind(host: &str, is_oracle: bool) -> Option<Host> {
    let is_called = ["tcp(", "tcp6(", "unix(", "udp(", "cloudsql("]
        .iter()
        .any(|call| host.starts_with(call));
    if is_called {
        return Some(Host::Called);
    }
    if is_oracle
        || host.starts_with("//")
        || host.starts_with("(DESCRIPTION")
        || host.starts_with("(description")
    {
        return Some(Host::OfOracle);
    }
    let name = host
        .bytes()
        .position(|byte| !(byte.is_ascii_alphanumeric() || b".-_".contains(&byte)))?;
    let port = host[name..].strip_prefix(':')?;
    let digits = port.bytes().take_while(u8::is_ascii_digit).count();
    let ends = port
        .as_bytes()
        .get(digits)
        .is_none_or(|byte| !byte.is_ascii_alphanumeric());
    (name > 0 && (2..=5).contains(&digits) && ends).then_some(Host::Plain)
}

/// Returns the password in a line of `.pgpass`, `ipsec.secrets`, `chap-secrets` or `sasl_passwd`.
fn of_file(line: &str, is_pgpass: bool) -> Option<Range<usize>> {
    let colons = line.bytes().filter(|byte| *byte == b':').count();
    if colons >= 4
        && let Some(range) = pgpass(line, is_pgpass)
    {
        return Some(range);
    }
    if colons >= 1
        && let Some(range) = ipsec(line).or_else(|| sasl(line))
    {
        return Some(range);
    }
    chap(line)
}

/// Reads `host:port:database:user:password`, as a whole line or as what `echo` writes.
///
/// Source: `PostgreSQL` documentation, "The Password File".
///
/// Outside of a text that mentions `pgpass`, only a password that is no word counts: other lists
/// have four colons as well.
fn pgpass(line: &str, is_pgpass: bool) -> Option<Range<usize>> {
    let is_border =
        |character: char| character.is_ascii_whitespace() || matches!(character, '"' | '\'');
    let mut at = 0;
    for word in line.split(is_border) {
        let start = at;
        at += word.len() + 1;
        let fields: Vec<&str> = word.splitn(5, ':').collect();
        let [host, port, database, user, password] = fields.as_slice() else {
            continue;
        };
        // All groups of an IPv6 address are hexadecimal.
        let is_address = fields[..4]
            .iter()
            .all(|field| field.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let is_host = !is_address
            && host
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b".-_*${}".contains(&byte));
        let is_port = *port == "*"
            || port.len() >= 4 && port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit());
        let is_sure = is_drawn(password) || is_pgpass;
        if is_port && is_host && !database.is_empty() && !user.is_empty() && is_sure {
            // `printf 'a:b:…\n'`
            let end = word.strip_suffix("\\n").map_or(word.len(), str::len);
            return Some(start + word.len() - password.len()..start + end);
        }
    }
    None
}

/// Reads `left right : PSK "X"`, `user : EAP "X"` and `: RSA key.pem "X"` of strongSwan's
/// `ipsec.secrets`.
fn ipsec(line: &str) -> Option<Range<usize>> {
    for kind in ["PSK", "EAP", "XAUTH", "NTLM", "RSA", "ECDSA", "PKCS12"] {
        let Some(at) = line.find(kind) else { continue };
        let after = at + kind.len();
        let is_kind =
            line[..at].trim_end().ends_with(':') && line[after..].starts_with([' ', '\t']);
        let open = line[after..]
            .find('"')
            .filter(|_| is_kind)
            .map(|open| after + open + 1);
        let quoted = open.and_then(|open| line[open..].find('"').map(|length| open..open + length));
        if let Some(range) = quoted.filter(|range| !range.is_empty()) {
            return Some(range);
        }
    }
    None
}

/// Reads `[smtp.example.com]:587 user:password` of Postfix's `sasl_passwd`.
fn sasl(line: &str) -> Option<Range<usize>> {
    let trimmed = line.trim_start();
    let (host, credentials) = trimmed.split_once(char::is_whitespace)?;
    let (name, port) = host.rsplit_once(':')?;
    let is_host =
        name.contains('.') && port.len() >= 2 && port.bytes().all(|byte| byte.is_ascii_digit());
    let credentials = credentials.trim();
    let (user, password) = credentials
        .split_once(':')
        .filter(|_| is_host && !credentials.contains(char::is_whitespace))?;
    let end = line.trim_end().len();
    (!user.is_empty() && is_drawn(password)).then(|| end - password.len()..end)
}

/// Reads `user server secret address` of pppd's `chap-secrets`.
fn chap(line: &str) -> Option<Range<usize>> {
    let mut words = line.split_whitespace();
    let (user, server, secret, address) =
        (words.next()?, words.next()?, words.next()?, words.next()?);
    let is_server = matches!(
        server,
        "*" | "l2tpd" | "xl2tpd" | "pptpd" | "pppd" | "pppoe" | "l2tp" | "pptp" | "ppp"
    );
    let is_address = address == "*"
        || address.split('.').count() == 4
            && address.bytes().all(|byte| !byte.is_ascii_alphabetic());
    let is_line =
        words.next().is_none() && is_server && is_address && !user.starts_with(['#', '*']);
    let unquoted = secret.trim_matches(['"', '\'']);
    let start = line.find(secret)? + secret.find(unquoted)?;
    (is_line && is_drawn(unquoted)).then(|| start..start + unquoted.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(line: &str) -> Vec<&str> {
        in_line(line, line.contains("pgpass"))
            .into_iter()
            .map(|found| &line[found.range])
            .collect()
    }

    #[test]
    fn in_line_finds_passwords_of_connections_and_files() {
        for line in [
            "app:hunter2x@tcp(db:3306)/shop?parseTime=true",
            "DSN=app:hunter2x@unix(/run/mysqld.sock)/shop",
            "app/hunter2x@//db:1521/SVC",
            "app/hunter2x@db.example.internal:1521/SVC",
            "jdbc:oracle:thin:app/hunter2x@db:1521:SID",
            "jdbc:oracle:thin:app/hunter2x@//db:1521/SVC",
            "proxy app:hunter2x@proxy.example.com:3128",
            "db.example.internal:5432:*:app:hunter2x",
            "echo \"*:*:*:app:hunter2x\" > ~/.pgpass",
            "10.0.0.1 10.0.0.2 : PSK \"hunter2x\"",
            "app : EAP \"hunter2x\"",
            "[smtp.example.com]:587 app:hunter2x",
            "app l2tpd hunter2x *",
            "app * \"hunter2x\" 10.0.0.7",
        ] {
            assert_eq!(found(line), ["hunter2x"], "{line}");
        }
    }

    #[test]
    fn in_line_ignores_images_addresses_and_urls() {
        for line in [
            "uses: aws-actions/configure-aws-credentials@v4",
            "image: org/app@sha256:8f14e45fceea167a5a36dedd4bea2543",
            "git@github.com:org/app.git",
            "postgres://app:hunter2x@db:5432/x",
            "mail someone@example.com:25",
            "npm install @scope/pkg@1.2.3",
            "0 5 * * * root /usr/bin/x",
            "127.0.0.1:8080:80",
            "arn:aws:iam::111122223333:role/admin",
            "example.com:443 app:latest",
            "a * b *",
            "address: 2606:2800:21f:cb07:6820:80da:af6b:8b2c",
            "`lambda:*:*:function:*ArrangerFunction*`,",
        ] {
            assert!(found(line).is_empty(), "{line}: {:?}", found(line));
        }
    }
}
