//! Values that locate something: ARNs, paths, URLs, hosts, images, ids of resources.
//!
//! A location is not a secret, although it may contain one: the password of a URL is found as an
//! embedded credential. The difficult case is base64, whose alphabet contains the slash. A path is
//! told from it by its steps, which are words.

use super::randomness::{is_spoken, looks_random};
use super::setting::is_route;
use super::wordy::{is_mixed_up, is_wordy};
use crate::words::WordList;

/// Returns `true` for a value that locates something, by the syntax of its kind.
pub(crate) fn is_place(text: &str) -> bool {
    is_arn(text)
        || is_chain_address(text)
        || is_path(text)
        || is_route(text)
        || is_url(text)
        || is_host_or_address(text)
        || is_image_or_digest(text)
        || is_resource_id(text)
}

/// Returns `true` for an ARN, or a resource type.
pub(crate) fn is_arn(text: &str) -> bool {
    text.starts_with("arn:") || text.starts_with("AWS::")
}

/// Returns `true` for `0x` and forty digits: the public address of an Ethereum account. Private
/// keys have sixty-four.
fn is_chain_address(text: &str) -> bool {
    text.strip_prefix("0x").is_some_and(|digits| {
        digits.len() == 40 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

/// Returns `true` for the path of a file or a parameter: its steps are words, not random text.
///
/// | text | path |
/// | --- | --- |
/// | `/run/secrets/db` | yes |
/// | `C:\keys\db` | yes |
/// | `db.pem` | yes, by its extension |
/// | `kJ8/fQ2+xZ9v` | no: base64 has the plus sign |
/// | `sunshine` | no |
fn is_path(text: &str) -> bool {
    if text.contains(char::is_whitespace) {
        return false;
    }
    let windows =
        text.len() > 2 && text.as_bytes()[1] == b':' && matches!(text.as_bytes()[2], b'\\' | b'/');
    let rooted = text.starts_with('/')
        || text.starts_with("./")
        || text.starts_with("../")
        || text.starts_with("~/");
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
        && steps.iter().all(|step| {
            step.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.:@~*%{}$,+=".contains(&byte))
        })
}

/// Returns `true` for base64 with slashes in it: a key has them anywhere, a path between words.
fn is_drawn_with_slashes(text: &str) -> bool {
    /// The length of the shortest such key, in bytes.
    const SHORTEST: usize = 10;
    if text.len() < SHORTEST || !is_mixed_up(text) || has_extension(text) {
        return false;
    }
    let steps = text.split('/').filter(|step| !step.is_empty());
    let (words, all) = steps.fold((0, 0), |(words, all), step| {
        (
            words + usize::from(step.len() >= 4 && is_wordy(step)),
            all + 1,
        )
    });
    words * 3 < all * 2
}

/// Extensions of files that deployments use: configuration, keys, certificates, archives, scripts.
static EXTENSIONS: WordList = WordList::new(
    "cer cert cfg conf config crt csr csv db env gz html ini jar jks js json key kdbx keystore log md p12 pem pfx php \
     pkl properties ps1 pub py rb rpm sh so sock sql tar template tf tgz toml ts txt war whl xml yaml yml zip exe msi \
     deb tmpl j2 bin dat secret asc gpg jwk jwks",
);

/// Returns `true` if a text ends with the extension of a file that deployments use.
fn has_extension(text: &str) -> bool {
    let after_dot = text
        .rsplit_once('.')
        .map(|(_, extension)| extension.to_ascii_lowercase());
    after_dot.is_some_and(|extension| EXTENSIONS.contains(&extension))
}

/// Returns `true` for a URL. Credentials in it are found as embedded ones.
pub(crate) fn is_url(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else {
        return text.starts_with("mailto:")
            || text.starts_with("urn:")
            || text.starts_with("data:");
    };
    !scheme.is_empty()
        && !rest.is_empty()
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+.-:".contains(&byte))
}

/// Returns `true` for a host name of several labels, an e-mail address or an IP address, with or
/// without a port.
///
/// `db.example.com:5432`, `admin@example.com`, `10.0.0.1` and `localhost:8080` → `true`; `db` and
/// `Db.Example.com` → `false`.
fn is_host_or_address(text: &str) -> bool {
    let (local, host) = text
        .rsplit_once('@')
        .map_or((None, text), |(local, host)| (Some(local), host));
    if local.is_some_and(|local| {
        local.is_empty()
            || looks_random(local) && local.len() > 12
            || local.contains([' ', ':', '/', '!', '#', '$'])
    }) {
        return false;
    }
    let host = host.split(['/', '?']).next().unwrap_or(host);
    let (host, port) = host
        .split_once(':')
        .map_or((host, ""), |(host, port)| (host, port));
    if !port.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let labels: Vec<&str> = host.split('.').collect();
    let is_label = |label: &&str| {
        !label.is_empty()
            && label.bytes().all(|byte| {
                byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_' || byte == b'*'
            })
    };
    let last = labels.last().copied().unwrap_or_default();
    let is_domain = labels.len() >= 2
        && labels.iter().all(is_label)
        && (2..=24).contains(&last.len())
        && last.bytes().all(|byte| byte.is_ascii_lowercase())
        && is_spoken(last)
        && !labels.iter().all(|label| looks_random(label))
        && host.bytes().all(|byte| !byte.is_ascii_uppercase());
    let one_label_and_port =
        !port.is_empty() && labels.len() == 1 && is_label(&last) && is_spoken(last);
    let is_v4 = labels.len() == 4 && labels.iter().all(|label| label.parse::<u8>().is_ok());
    is_domain || one_label_and_port || is_v4
}

/// Returns `true` for a container image with its tag, and for digests: `repository:tag`,
/// `name@sha256:…`.
///
/// `postgres:16.4` and `app@sha256:…` → `true`; `app:Rocket1709` → `false`, since a tag begins with
/// a digit, or is a known one such as `latest`.
fn is_image_or_digest(text: &str) -> bool {
    let is_tagged = text.split_once(':').is_some_and(|(name, tag)| {
        !name.is_empty()
            && !tag.is_empty()
            && !looks_random(name)
            && !looks_random(tag)
            && name.bytes().all(|byte| {
                byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_./".contains(&byte)
            })
            && (matches!(tag, "latest" | "stable" | "alpine" | "slim" | "lts")
                || tag.starts_with(|first: char| first.is_ascii_digit())
                    && tag.bytes().all(|byte| {
                        byte.is_ascii_digit() || b".-_".contains(&byte) || byte.is_ascii_lowercase()
                    }))
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

/// Returns `true` for the id of an AWS resource, which begins with the resource's kind:
/// `vpc-0abc…`, `subnet-…`.
///
/// `vpc-0abc1234` → `true`; `vpc-main` → `false`, since ids are hexadecimal.
fn is_resource_id(text: &str) -> bool {
    let Some((prefix, id)) = text.split_once('-') else {
        return false;
    };
    let prefixes = [
        "acl", "ami", "aki", "ari", "cgw", "dopt", "eipalloc", "eipassoc", "eni", "fs", "fsap",
        "i", "igw", "lt", "nat", "pcx", "pl", "rtb", "rtbassoc", "sg", "sgr", "snap", "subnet",
        "tgw", "vgw", "vol", "vpc", "vpce", "vpn",
    ];
    prefixes.contains(&prefix)
        && id.len() >= 6
        && id
            .bytes()
            .all(|byte| byte.is_ascii_hexdigit() || byte == b'x')
}
