//! Detection of secrets that were pasted into a place for a key or a name.
//!
//! The check is strict where a mistake would leak a secret and lenient where real names occur:
//! levels of a path may be UUIDs, and words may have years and versions.
//!
//! | Text | Suspicion |
//! | --- | --- |
//! | `db-password`, `api/v2/token` | none |
//! | `/prod/1f0c2a4e-5b6d-4c7e-8f90-a1b2c3d4e5f6` | none, a UUID as a level |
//! | a key between back-ticks | [`Suspicion::Edge`] |
//! | `postgres://web:…@db/web` | [`Suspicion::Pasted`], a URL |
//! | `AKIA` and 16 characters | [`Suspicion::Pasted`], a prefix of a vendor |
//! | 40 characters of base64 | [`Suspicion::Pasted`], an AWS secret access key |

/// The problem with a text in place of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Suspicion {
    /// White space or a back-tick at one of its ends, left over from copying.
    Edge,
    /// The text looks like a secret.
    Pasted,
}

/// Prefixes of tokens that vendors issue.
///
/// A text counts only if more than eight characters follow the prefix, so that a key such as
/// `npm_token` stays valid.
const TOKEN_PREFIXES: [&str; 22] = [
    "AKIA",
    "ASIA",
    "AIza",
    "dop_v1_",
    "eyJ",
    "ghp_",
    "gho_",
    "ghs_",
    "ghu_",
    "github_pat_",
    "glpat-",
    "npm_",
    "pk_live_",
    "rk_live_",
    "sk-ant-",
    "sk_live_",
    "sk_test_",
    "shpat_",
    "SG.",
    "xoxb-",
    "xoxp-",
    "ya29.",
];

/// Checks a text in place of a key or a name of a parameter.
pub(crate) fn suspect(text: &str) -> Option<Suspicion> {
    let trimmed = text.trim_matches(|edge: char| edge.is_whitespace() || edge == '`');
    if trimmed.len() != text.len() {
        return Some(Suspicion::Edge);
    }
    let is_token = TOKEN_PREFIXES
        .iter()
        .any(|prefix| text.starts_with(prefix) && text.len() > prefix.len() + 8);
    let has_shape = text.contains("://")
        || text.contains("-----BEGIN")
        || text.contains(char::is_whitespace)
        || text.contains([
            '=', '@', '!', '$', '%', '&', '*', '+', '?', '^', '~', '\'', '"',
        ]);
    let is_random = text.split('/').any(looks_random);
    (is_token || has_shape || is_random || is_aws_secret(text)).then_some(Suspicion::Pasted)
}

/// Returns `true` if a text has the form of an AWS secret access key: 40 characters of base64.
/// Slashes would otherwise split it into short words, some of which look harmless.
fn is_aws_secret(text: &str) -> bool {
    let has = |is: fn(&u8) -> bool| text.bytes().any(|byte| is(&byte));
    text.len() == 40
        && !text.starts_with('/')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'+'))
        && has(u8::is_ascii_digit)
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
}

/// Returns `true` if a word looks randomly generated: long, without a separator, and mixing letters
/// and digits unlike words of a language.
///
/// | Part | Random | Reason |
/// | --- | --- | --- |
/// | 24 hexadecimal digits, four of them decimal | yes | a digest |
/// | `a1B2c3D4` | yes | three classes that change often |
/// | `Password2024` | no | one change |
pub(crate) fn looks_random(word: &str) -> bool {
    word.split(['-', '_', '.']).any(|part| {
        let count = |is: fn(&u8) -> bool| part.bytes().filter(is).count();
        let (digits, upper, lower) = (
            count(u8::is_ascii_digit),
            count(u8::is_ascii_uppercase),
            count(u8::is_ascii_lowercase),
        );
        // An initial capital, as in `Password`, does not count as a change.
        let changes = part
            .as_bytes()
            .windows(2)
            .filter(|pair| {
                class(pair[0]) != class(pair[1])
                    && !(pair[0].is_ascii_uppercase() && pair[1].is_ascii_lowercase())
            })
            .count();
        let is_mixed = digits > 0 && upper > 0 && lower > 0;
        let is_hexadecimal =
            part.len() >= 24 && digits >= 4 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
        let changes_often = changes * 5 >= part.len() * 2;
        is_hexadecimal
            || (part.len() >= 8 && is_mixed && changes_often)
            || (part.len() >= 20 && digits >= 2 && changes_often)
            || is_made(part)
    })
}

/// Returns `true` if a word looks like base32: letters of one case in an unnatural order, with
/// digits in between. Hexadecimal ids are excluded, because names may contain UUIDs.
fn is_made(part: &str) -> bool {
    let digits = part
        .split(|character: char| !character.is_ascii_digit())
        .filter(|run| !run.is_empty())
        .count();
    let is_mixed = part.bytes().any(|byte| byte.is_ascii_lowercase())
        && part.bytes().any(|byte| byte.is_ascii_uppercase());
    part.len() >= 12
        && digits >= 2
        && !is_mixed
        && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && part
            .bytes()
            .any(|byte| byte.is_ascii_alphabetic() && !byte.is_ascii_hexdigit())
        && byref_judge::looks_random(part)
}

/// Returns the class of a character: digit, upper case, lower case or other.
///
/// Two adjacent characters of different classes are a change.
fn class(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => 0,
        b'A'..=b'Z' => 1,
        b'a'..=b'z' => 2,
        _ => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_keys_are_not_suspicious() {
        for key in [
            "db-password",
            "/production/quiz-api/db-password",
            "newrelic-key",
            "quiz.production.db_password",
            "oauth2-client-secret",
            "Sha256Salt",
            "s3-access-key-2024",
            "/Prod/QuizApi/DbPassword2",
            "S3AccessKey2024v2",
            "OAuth2ClientSecret",
            "x509-cert",
            "i18nKey",
            "/tenants/3f2504e0-4f89-41d3-9a0c-0305e82c3301/token",
            "production2024api2key",
            "k8s-prd-euw1/db-password",
        ] {
            assert_eq!(suspect(key), None, "{key}");
        }
    }

    #[test]
    fn pasted_values_are_suspicious() {
        for text in [
            "postgres://a:b@c/d",
            "hunter2!",
            "EXAMPLE not a secret",
            "q7Rk2LmX9vTz4WbN8cYs",
            "3f2a9c81b7d04e6f8a1c5b2d",
            "-----BEGIN EXAMPLE KEY-----",
            "jbswy3dpehpk3pxp",
            "JBSWY3DPEHPK3PXP",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "eyJhbGciOiJFWEFNUExFIn0.EXAMPLE",
        ] {
            assert_eq!(suspect(text), Some(Suspicion::Pasted), "{text}");
        }
        for text in ["db-password`", " db-password", "db-password\n"] {
            assert_eq!(suspect(text), Some(Suspicion::Edge), "{text}");
        }
    }
}
