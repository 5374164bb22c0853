//! What can't be a secret, whatever it is called: switches, numbers, places, references, public keys.

use crate::decode::percent_decoded;
use crate::value::Harmless;
use crate::value::randomness::{is_spoken, looks_random};
use crate::value::setting::{is_algorithm, is_route, is_version};
use crate::value::wordy::{is_mixed_up, is_wordy};
use crate::words::{WordList, words};

pub(crate) fn harmless(text: &str) -> Option<Harmless> {
    let lower = text.to_ascii_lowercase();
    if is_switch(&lower) {
        return Some(Harmless::Switch);
    }
    if is_number(&lower) {
        return Some(Harmless::Number);
    }
    if is_version(&lower) || is_algorithm(&lower) {
        return Some(Harmless::Switch);
    }
    if is_mark(text) || is_written_placeholder(&lower) || percent_decoded(&lower).is_some_and(|text| is_masked(&text)) {
        return Some(Harmless::Mark);
    }
    if is_public(text) {
        return Some(Harmless::Public);
    }
    if is_place(text) {
        return Some(Harmless::Place);
    }
    if is_reference(text) {
        return Some(Harmless::Reference);
    }
    (text.chars().count() < 3).then_some(Harmless::Tiny)
}

fn is_switch(lower: &str) -> bool {
    matches!(
        lower,
        "true"
            | "false"
            | "yes"
            | "no"
            | "on"
            | "off"
            | "none"
            | "null"
            | "nil"
            | "undefined"
            | "enabled"
            | "disabled"
            | "enable"
            | "disable"
            | "required"
            | "optional"
            | "always"
            | "never"
            | "auto"
            | "automatic"
            | "n/a"
            | "na"
            | "empty"
            | "unset"
            | "unused"
            | "unknown"
            | "default"
            | "string"
            | "str"
            | "bytes"
            | "int"
            | "bearer"
            | "basic"
            | "plaintext"
            | "securestring"
            | "stringlist"
            | "nan"
            | "ascii"
            | "latin1"
            | "latin-1"
            | "utf8"
            | "utf-8"
            | "utf-16"
            | "iso-8859-1"
            | "x86_64"
            | "amd64"
            | "arm64"
    )
}

/// A number with its sign, fraction, groups and unit; a duration, a version, a date, an address.
fn is_number(lower: &str) -> bool {
    let body = lower.trim_start_matches(['+', '-', '~', '^', '=', 'v', '<', '>']);
    let Some(first) = body.bytes().next() else { return false };
    if !first.is_ascii_digit() && !body.starts_with('p') {
        return false;
    }
    let is_figure = |text: &str| {
        !text.is_empty()
            && text.bytes().all(|byte| byte.is_ascii_digit() || b".,:_/-x*%".contains(&byte))
            && !text.starts_with("0x")
    };
    if is_figure(body) {
        return true;
    }
    let unit_at = body.bytes().position(|byte| !(byte.is_ascii_digit() || byte == b'.')).unwrap_or(body.len());
    let unit = body[unit_at..].trim();
    let units = [
        "s", "ms", "m", "h", "d", "w", "y", "sec", "secs", "second", "seconds", "min", "mins", "minute", "minutes",
        "hour", "hours", "day", "days", "week", "weeks", "month", "months", "year", "years", "b", "k", "kb", "kib",
        "mb", "mib", "gb", "gib", "tb", "vcpu", "px", "rc1", "alpha", "beta", "snapshot", "latest",
    ];
    if unit_at > 0 && units.contains(&unit) {
        return true;
    }
    // ISO 8601: `PT15M`, `2026-11-24T10:00:00Z`.
    let is_duration = body.starts_with('p')
        && body.len() <= 12
        && body[1..].bytes().any(|byte| byte.is_ascii_digit())
        && body[1..].bytes().all(|byte| byte.is_ascii_digit() || b"tdhmswy.".contains(&byte));
    let is_date = body.len() >= 10
        && body.as_bytes().get(4) == Some(&b'-')
        && body.bytes().all(|byte| byte.is_ascii_digit() || b"-:t.z+ ".contains(&byte));
    is_duration || is_date
}

/// `****`, `xxxx`, `...`, `----`: one sign again and again.
pub(crate) fn is_mark(text: &str) -> bool {
    let mut characters = text.chars().filter(|character| !matches!(character, '-' | ' ' | '_'));
    let Some(first) = characters.next() else { return true };
    let is_filler = matches!(first, '*' | 'x' | 'X' | '.' | '?' | '#' | '0' | '…' | '=' | '•' | '●' | '∗' | '█' | '·');
    is_filler && characters.all(|character| character == first)
}

/// `%2A%2A%2A`, `%3Credacted%3E`
fn is_masked(decoded: &str) -> bool {
    is_mark(decoded) || is_written_placeholder(decoded)
}

/// What tools write in the place of a value that they hide.
static MASKS: WordList = WordList::new(
    "censored concealed elided filtered hidden masked obfuscated omitted redacted removed sanitised sanitized scrubbed \
     stripped suppressed withheld",
);

/// Words by which authors say that the reader shall put in their own.
fn is_written_placeholder(lower: &str) -> bool {
    if MASKS.contains(lower.trim_matches(|character: char| !character.is_ascii_alphabetic())) {
        return true;
    }
    let is_bracketed =
        (lower.starts_with('<') && lower.ends_with('>')) || (lower.starts_with('[') && lower.ends_with(']'));
    if is_bracketed {
        return true;
    }
    // Digits beside it make a word a part of something else.
    let words: Vec<&str> =
        lower.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let has = |word: &str| words.contains(&word);
    let first = words.first().copied().unwrap_or_default();
    // Drawn text has `your` in it only by accident.
    let few_digits = lower.bytes().filter(u8::is_ascii_digit).count() * 4 <= lower.len();
    few_digits
        && (has("your") && words.len() > 1
            || matches!(
                first,
                "insert"
                    | "enter"
                    | "put"
                    | "paste"
                    | "fill"
                    | "replace"
                    | "provide"
                    | "specify"
                    | "add"
                    | "set"
                    | "use"
                    | "see"
            ) && words.len() > 1
            || has("redacted")
            || has("todo")
            || has("tbd")
            || has("fixme")
            || has("placeholder")
            || has("xxx")
            || has("xxxx")
            || has("xxxxx")
            || has("xxxxxx")
            || has("xxxxxxxx"))
}

/// Where something lies.
fn is_place(text: &str) -> bool {
    is_arn(text)
        || is_chain_address(text)
        || is_path(text)
        || is_route(text)
        || is_url(text)
        || is_host_or_address(text)
        || is_image_or_digest(text)
        || is_resource_id(text)
}

pub(crate) fn is_arn(text: &str) -> bool {
    text.starts_with("arn:") || text.starts_with("AWS::")
}

/// `0x` and forty digits: an account or contract of Ethereum, which everybody sees. Its key has sixty-four.
fn is_chain_address(text: &str) -> bool {
    text.strip_prefix("0x")
        .is_some_and(|digits| digits.len() == 40 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// A file's path or a parameter's: its steps are words, not drawn.
fn is_path(text: &str) -> bool {
    if text.contains(char::is_whitespace) {
        return false;
    }
    let windows = text.len() > 2 && text.as_bytes()[1] == b':' && matches!(text.as_bytes()[2], b'\\' | b'/');
    let rooted = text.starts_with('/') || text.starts_with("./") || text.starts_with("../") || text.starts_with("~/");
    if windows {
        return true;
    }
    let has_step = text.trim_end_matches('/').contains('/');
    if !rooted && !has_step {
        return has_extension(text) && !looks_random(text);
    }
    let is_base64 = text.ends_with('=') || text.contains('+');
    let steps: Vec<&str> = text.split('/').filter(|step| !step.is_empty()).collect();
    let drawn = steps.iter().filter(|step| looks_random(step)).count();
    !is_base64
        && !is_drawn_with_slashes(text)
        && (drawn == 0 || drawn * 3 <= steps.len() || has_extension(text))
        && steps
            .iter()
            .all(|step| step.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:@~*%{}$,+=".contains(&byte)))
}

/// The steps of a path are words; a key in base64 has slashes anywhere.
fn is_drawn_with_slashes(text: &str) -> bool {
    const SHORTEST: usize = 10;
    if text.len() < SHORTEST || !is_mixed_up(text) || has_extension(text) {
        return false;
    }
    let steps = text.split('/').filter(|step| !step.is_empty());
    let (words, all) =
        steps.fold((0, 0), |(words, all), step| (words + usize::from(step.len() >= 4 && is_wordy(step)), all + 1));
    words * 3 < all * 2
}

fn has_extension(text: &str) -> bool {
    let extensions = [
        "cer",
        "cert",
        "cfg",
        "conf",
        "config",
        "crt",
        "csr",
        "csv",
        "db",
        "env",
        "gz",
        "html",
        "ini",
        "jar",
        "jks",
        "js",
        "json",
        "key",
        "kdbx",
        "keystore",
        "log",
        "md",
        "p12",
        "pem",
        "pfx",
        "php",
        "pkl",
        "properties",
        "ps1",
        "pub",
        "py",
        "rb",
        "rpm",
        "sh",
        "so",
        "sock",
        "sql",
        "tar",
        "template",
        "tf",
        "tgz",
        "toml",
        "ts",
        "txt",
        "war",
        "whl",
        "xml",
        "yaml",
        "yml",
        "zip",
        "exe",
        "msi",
        "deb",
        "tmpl",
        "j2",
        "bin",
        "dat",
        "secret",
        "asc",
        "gpg",
        "jwk",
        "jwks",
    ];
    let after_dot = text.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    after_dot.is_some_and(|extension| extensions.contains(&extension.as_str()))
}

/// A scheme and an authority. Credentials in it are looked for elsewhere.
pub(crate) fn is_url(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else {
        return text.starts_with("mailto:") || text.starts_with("urn:") || text.starts_with("data:");
    };
    !scheme.is_empty()
        && !rest.is_empty()
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+.-:".contains(&byte))
}

/// A host's name of several labels, an e-mail address, an IP address, with or without a port.
fn is_host_or_address(text: &str) -> bool {
    let (local, host) = text.rsplit_once('@').map_or((None, text), |(local, host)| (Some(local), host));
    if local.is_some_and(|local| {
        local.is_empty() || looks_random(local) && local.len() > 12 || local.contains([' ', ':', '/', '!', '#', '$'])
    }) {
        return false;
    }
    let host = host.split(['/', '?']).next().unwrap_or(host);
    let (host, port) = host.split_once(':').map_or((host, ""), |(host, port)| (host, port));
    if !port.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let labels: Vec<&str> = host.split('.').collect();
    let is_label = |label: &&str| {
        !label.is_empty()
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_' || byte == b'*')
    };
    let last = labels.last().copied().unwrap_or_default();
    let is_domain = labels.len() >= 2
        && labels.iter().all(is_label)
        && (2..=24).contains(&last.len())
        && last.bytes().all(|byte| byte.is_ascii_lowercase())
        && is_spoken(last)
        && !labels.iter().all(|label| looks_random(label))
        && host.bytes().all(|byte| !byte.is_ascii_uppercase());
    let one_label_and_port = !port.is_empty() && labels.len() == 1 && is_label(&last) && is_spoken(last);
    let is_v4 = labels.len() == 4 && labels.iter().all(|label| label.parse::<u8>().is_ok());
    is_domain || one_label_and_port || is_v4
}

/// `repository:tag`, `name@sha256:…`, `sha256:…`.
fn is_image_or_digest(text: &str) -> bool {
    let is_tagged = text.split_once(':').is_some_and(|(name, tag)| {
        !name.is_empty()
            && !tag.is_empty()
            && !looks_random(name)
            && !looks_random(tag)
            && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_./".contains(&byte))
            && (matches!(tag, "latest" | "stable" | "alpine" | "slim" | "lts")
                || tag.starts_with(|first: char| first.is_ascii_digit())
                    && tag
                        .bytes()
                        .all(|byte| byte.is_ascii_digit() || b".-_".contains(&byte) || byte.is_ascii_lowercase()))
            && name.len() + tag.len() > 5
            && (tag.contains('.') || tag.len() <= 6)
    });
    is_tagged
        || text.contains("sha256:")
        || text.starts_with("sha1:")
        || text.starts_with("sha512-")
        || text.starts_with("sha256-")
        || text.starts_with("sha384-")
}

/// What AWS calls its resources: `vpc-0abc…`, `subnet-…`, `Z1…` hosted zones are told by their prefix.
fn is_resource_id(text: &str) -> bool {
    let Some((prefix, id)) = text.split_once('-') else { return false };
    let prefixes = [
        "acl", "ami", "aki", "ari", "cgw", "dopt", "eipalloc", "eipassoc", "eni", "fs", "fsap", "i", "igw", "lt",
        "nat", "pcx", "pl", "rtb", "rtbassoc", "sg", "sgr", "snap", "subnet", "tgw", "vgw", "vol", "vpc", "vpce",
        "vpn",
    ];
    prefixes.contains(&prefix) && id.len() >= 6 && id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'x')
}

/// Something that is called by its name, in code or elsewhere, or filled in later.
fn is_reference(text: &str) -> bool {
    is_kept_elsewhere(text) || is_variable_name(text) || is_action(text) || is_expression(text)
}

/// `vault:secret/db`, `op://vault/item`, `ENC[…]`, what KMS has encrypted: kept by something else.
fn is_kept_elsewhere(text: &str) -> bool {
    let schemes = [
        "vault:",
        "ssm:",
        "secretsmanager:",
        "awssm:",
        "env:",
        "file:",
        "secret:",
        "keyvault:",
        "kms:",
        "sops:",
        "op:",
        "gcpsm:",
    ];
    let is_scheme = schemes.iter().any(|scheme| text.starts_with(scheme)) && !text.contains(' ');
    is_scheme || text.starts_with("ENC[") || text.starts_with("AQICAH") && text.len() >= 100
}

/// `DB_PASSWORD`: what an environment variable is called.
fn is_variable_name(text: &str) -> bool {
    let is_upper = text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_' || byte.is_ascii_digit());
    let parts: Vec<&str> = text.split('_').filter(|part| !part.is_empty()).collect();
    is_upper
        && parts.len() >= 2
        && parts.iter().filter(|part| looks_random(part)).count() * 2 < parts.len()
        && parts.iter().any(|part| part.len() >= 2 && is_spoken(part))
}

/// `secretsmanager:GetSecretValue`, `ssm:Get*`.
fn is_action(text: &str) -> bool {
    text.split_once(':').is_some_and(|(service, action)| {
        !service.is_empty()
            && service.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && (action == "*" || action.starts_with(|first: char| first.is_ascii_uppercase()))
            && action.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'*')
    })
}

/// `event.token`, `os.environ["X"]`, `getToken()`, `$.detail.key`, `token.actions.example.com:sub`.
fn is_expression(text: &str) -> bool {
    if text.starts_with("$.")
        || text.starts_with("$context")
        || text.starts_with("$request")
        || text.starts_with("$input")
    {
        return true;
    }
    let name_end =
        text.bytes().position(|byte| !(byte.is_ascii_alphanumeric() || b"_.$".contains(&byte))).unwrap_or(text.len());
    let (name, rest) = text.split_at(name_end);
    let is_dotted_name = name.contains('.')
        && name.split('.').all(|part| {
            let is_word = words(part).iter().all(|word| word.len() <= 2 || is_spoken(word));
            part.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_' || first == '$')
                && !looks_random(part)
                && is_word
        })
        && !(name.len() >= 8 && is_mixed_up(name));
    let starts_like_name =
        name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') && !looks_random(name);
    match rest.as_bytes() {
        [] => is_dotted_name,
        [b'(', ..] => starts_like_name && rest.trim_end_matches([';', ',']).ends_with(')'),
        [b'[', ..] => starts_like_name && rest.contains(']'),
        [b':', ..] => is_dotted_name && !rest[1..].contains(':'),
        _ => false,
    }
}

/// A public key, a certificate, or the start of one.
fn is_public(text: &str) -> bool {
    let begins = [
        "ssh-rsa ",
        "ssh-ed25519 ",
        "ecdsa-sha2-",
        "ssh-dss ",
        "AAAAB3Nza",
        "AAAAC3Nza",
        "AAAAE2Vj",
        "-----BEGIN CERTIFICATE",
        "-----BEGIN PUBLIC",
        "-----BEGIN RSA PUBLIC",
        "-----BEGIN PGP PUBLIC",
        "pk_live_",
        "pk_test_",
    ];
    begins.iter().any(|begin| text.starts_with(begin))
}
