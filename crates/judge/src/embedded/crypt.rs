//! Finds hashes of passwords, in the forms of `crypt(3)`, LDAP and frameworks.
//!
//! A hash is not a secret by itself, but a reader can guess the password offline, without asking
//! the server. Schemes are recognised by their mark, the number of their fields and the length of
//! the hash, so that `$1` and `$5` in a script or a rewrite rule are not taken for one.

use std::ops::Range;

/// How a scheme of `crypt(3)` writes a hash behind the scheme's mark.
struct Scheme {
    /// The mark between the first two dollar signs, such as `2y`.
    mark: &'static str,
    /// The least and the greatest number of fields behind the mark, which dollar signs separate.
    /// The last field is the hash.
    fields: (usize, usize),
    /// The length of the shortest hash, in bytes.
    shortest: usize,
}

/// Returns a scheme with `least` to `most` fields.
const fn scheme(mark: &'static str, least: usize, most: usize, shortest: usize) -> Scheme {
    Scheme {
        mark,
        fields: (least, most),
        shortest,
    }
}

/// The schemes of `crypt(5)`, of PHC's string format, and of the documentation of passlib, phpass
/// and Drupal.
const SCHEMES: [Scheme; 22] = [
    scheme("2a", 2, 2, 50),
    scheme("2b", 2, 2, 50),
    scheme("2x", 2, 2, 50),
    scheme("2y", 2, 2, 50),
    scheme("1", 2, 2, 22),
    scheme("apr1", 2, 2, 22),
    scheme("5", 2, 3, 43),
    scheme("6", 2, 3, 80),
    scheme("y", 3, 3, 43),
    scheme("gy", 3, 3, 43),
    scheme("7", 2, 2, 43),
    scheme("argon2id", 3, 4, 20),
    scheme("argon2i", 3, 4, 20),
    scheme("argon2d", 3, 4, 20),
    scheme("scrypt", 3, 3, 40),
    scheme("pbkdf2", 3, 3, 20),
    scheme("pbkdf2-sha256", 3, 3, 40),
    scheme("pbkdf2-sha512", 3, 3, 60),
    scheme("P", 1, 1, 31),
    scheme("H", 1, 1, 31),
    scheme("S", 1, 1, 52),
    scheme("A", 2, 2, 40),
];

/// Marks of hashes without a dollar sign in front, with the length of the shortest hash in bytes:
/// those of LDAP (RFC 2307), Django, Werkzeug and `PostgreSQL`.
const PREFIXES: [(&str, usize); 17] = [
    ("{SSHA}", 32),
    ("{SHA}", 28),
    ("{SMD5}", 24),
    ("{MD5}", 24),
    ("{SSHA256}", 48),
    ("{SSHA512}", 90),
    ("{SHA256}", 44),
    ("{SHA512}", 88),
    ("{PBKDF2}", 40),
    ("{PBKDF2-SHA256}", 40),
    ("{PBKDF2-SHA512}", 40),
    ("pbkdf2_sha256$", 50),
    ("pbkdf2_sha1$", 40),
    ("pbkdf2:sha256:", 60),
    ("pbkdf2:sha512:", 60),
    ("scrypt:32768:8:1$", 60),
    ("SCRAM-SHA-256$", 90),
];

/// Returns the hashes of passwords in a text, ordered by place.
pub(crate) fn hashes(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    if text.len() < 30 || !text.bytes().any(|byte| matches!(byte, b'$' | b'{' | b':')) {
        return found;
    }
    let mut at = 0;
    while let Some(next) = text[at..].find('$').map(|next| at + next) {
        at = match modular(text, next) {
            Some(end) => {
                found.push(next..end);
                end
            }
            None => next + dollars(&text[next..]).max(1),
        };
    }
    let starts = text.match_indices('{').map(|(at, _)| at);
    let names = ["pbkdf2", "scrypt:", "SCRAM-"]
        .into_iter()
        .flat_map(|name| text.match_indices(name))
        .map(|(at, _)| at);
    for start in starts.chain(names) {
        let known = PREFIXES
            .iter()
            .find(|(prefix, _)| text[start..].starts_with(prefix));
        let Some((prefix, shortest)) = known else {
            continue;
        };
        let body = start + prefix.len();
        let length = text[body..]
            .bytes()
            .position(|byte| !is_loose(byte))
            .unwrap_or(text.len() - body);
        if length >= *shortest && is_varied(&text[body..body + length]) {
            found.push(start..body + length);
        }
    }
    found.sort_by_key(|range| range.start);
    found
}

/// Returns the number of dollar signs that begin a text, two at most. Compose files double a dollar
/// sign that must not begin a variable.
fn dollars(text: &str) -> usize {
    text.bytes()
        .take(2)
        .take_while(|byte| *byte == b'$')
        .count()
}

/// Returns `true` for the characters of a hash: those of `crypt` and base64.
fn is_hash(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"./+=_-".contains(&byte)
}

/// Returns `true` for the characters of a hash and its separators.
fn is_loose(byte: u8) -> bool {
    is_hash(byte) || matches!(byte, b'$' | b':')
}

/// Returns where the hash ends that begins with the dollar sign at `start`, or `None` if its scheme
/// is unknown or its fields do not fit.
///
/// `$6$salt$…` has two fields behind its mark, or three with `rounds=…`. The last one is the hash,
/// of 80 to 200 bytes.
fn modular(text: &str, start: usize) -> Option<usize> {
    let mut at = start + dollars(&text[start..]);
    // `\$6\$`: escaped for a shell.
    let length = text[at..]
        .bytes()
        .position(|byte| !(byte.is_ascii_alphanumeric() || byte == b'-'))?;
    let scheme = SCHEMES
        .iter()
        .find(|scheme| scheme.mark == &text[at..at + length])
        .or_else(|| {
            // phpass and Drupal have no separator behind the cost.
            SCHEMES
                .iter()
                .find(|scheme| scheme.fields.1 == 1 && scheme.mark == &text[at..at + length.min(1)])
        })?;
    at += scheme.mark.len();
    let mut last = at..at;
    let mut count = 0;
    while count < scheme.fields.1 {
        let step = escaped_dollars(&text[at..]);
        if step == 0 {
            break;
        }
        let body = at + step;
        let is_field =
            |byte: u8| is_hash(byte) || matches!(byte, b',' | b':') && scheme.fields.1 > 2;
        let length = text[body..]
            .bytes()
            .position(|byte| !is_field(byte))
            .unwrap_or(text.len() - body);
        last = body..body + length;
        at = last.end;
        count += 1;
    }
    let hash = &text[last.clone()];
    (count >= scheme.fields.0
        && hash.len() >= scheme.shortest
        && hash.len() <= 200
        && is_varied(hash))
    .then_some(last.end)
}

/// Returns the length of the separator that begins a text: a dollar sign, doubled or escaped.
fn escaped_dollars(text: &str) -> usize {
    let escape = usize::from(text.starts_with("\\$"));
    let signs = dollars(&text[escape..]);
    if signs == 0 { 0 } else { escape + signs }
}

/// Returns `true` for a hash with letters and digits that is not an example such as `xxxxxxxx…`.
fn is_varied(hash: &str) -> bool {
    let lower = hash.to_ascii_lowercase();
    let has = |is: fn(&u8) -> bool| hash.bytes().any(|byte| is(&byte));
    has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic) && !crate::shape::is_example(&lower)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(length: usize) -> String {
        "x7Kq2LmZ9vTr4WbNs8Yd3Hf6Jg1Pc5Qk"
            .chars()
            .cycle()
            .take(length)
            .collect()
    }

    #[test]
    fn hashes_finds_every_scheme() {
        let hash = [
            format!("$2y$10${}", drawn(53)),
            format!("$$2y$$10$${}", drawn(53)),
            format!("$1$abcdefgh${}", drawn(22)),
            format!("$apr1$x7Kq2LmZ${}", drawn(22)),
            format!("$5$rounds=5000$x7Kq2LmZ${}", drawn(43)),
            format!("$6$x7Kq2LmZ${}", drawn(86)),
            format!("$y$j9T$x7Kq2LmZ9vTr${}", drawn(43)),
            format!("$argon2id$v=19$m=65536,t=3,p=4$x7Kq2LmZ9vTr${}", drawn(43)),
            format!("$P$B{}", drawn(30)),
            format!("{{SSHA}}{}", drawn(38)),
            format!("pbkdf2_sha256$600000$x7Kq2LmZ9vTr${}=", drawn(43)),
            format!(
                "SCRAM-SHA-256$4096:{}={}=:{}=",
                drawn(22),
                drawn(43),
                drawn(43)
            ),
        ];
        for hash in hash {
            let text = format!("admin:{hash}");
            let found: Vec<&str> = hashes(&text)
                .into_iter()
                .map(|range| &text[range])
                .collect();
            assert_eq!(found, [hash.as_str()]);
        }
        let escaped = format!("\\$6\\$x7Kq2LmZ\\${}", drawn(86));
        assert_eq!(hashes(&escaped).len(), 1);
    }

    #[test]
    fn hashes_ignores_variables_and_examples() {
        for text in [
            "rewrite ^/(.*)/(.*)$ /index.php?a=$1&b=$2&file=$5 last and more of this line"
                .to_owned(),
            "$1$abc$short".to_owned(),
            format!("$2y$10${}", "x".repeat(53)),
            format!("{{SSHA}} {}", drawn(38)),
            format!("$6${{Salt}}${}", drawn(20)),
            "echo $PATH $HOME $S $P and ${Password} of the stack".to_owned(),
        ] {
            assert!(hashes(&text).is_empty(), "{text}");
        }
    }
}
