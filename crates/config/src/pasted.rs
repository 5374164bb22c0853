//! Telling a secret that was pasted into a line from the key that belongs there.

/// What is wrong with a text that stands where a key belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Suspicion {
    /// A blank, a back-tick or a line break at one of its ends, as copying leaves them.
    Edge,
    /// It looks like a secret itself.
    Pasted,
}

/// Beginnings of tokens that vendors hand out.
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

/// Judges a text where a parameter's key or name belongs.
pub(crate) fn suspect(text: &str) -> Option<Suspicion> {
    let trimmed = text.trim_matches(|edge: char| edge.is_whitespace() || edge == '`');
    if trimmed.len() != text.len() {
        return Some(Suspicion::Edge);
    }
    let is_token = TOKEN_PREFIXES.iter().any(|prefix| text.starts_with(prefix) && text.len() > prefix.len() + 8);
    let has_shape = text.contains("://")
        || text.contains("-----BEGIN")
        || text.contains(char::is_whitespace)
        || text.contains(['=', '@', '!', '$', '%', '&', '*', '+', '?', '^', '~', '\'', '"']);
    let is_random = text.split('/').any(looks_random);
    (is_token || has_shape || is_random || is_aws_secret(text)).then_some(Suspicion::Pasted)
}

/// Whether a text is made as AWS makes secret access keys: 40 characters of base64. What they mean would tell, but words
/// happen by chance, and slashes split them.
fn is_aws_secret(text: &str) -> bool {
    let has = |is: fn(&u8) -> bool| text.bytes().any(|byte| is(&byte));
    text.len() == 40
        && !text.starts_with('/')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'+'))
        && has(u8::is_ascii_digit)
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
}

/// Whether a word looks drawn by chance: long, without a separator, and mixing letters and digits as words don't.
pub(crate) fn looks_random(word: &str) -> bool {
    word.split(['-', '_', '.']).any(|part| {
        let count = |is: fn(&u8) -> bool| part.bytes().filter(is).count();
        let (digits, upper, lower) =
            (count(u8::is_ascii_digit), count(u8::is_ascii_uppercase), count(u8::is_ascii_lowercase));
        // `Password` changes its case once, as words do: that is no change.
        let changes = part
            .as_bytes()
            .windows(2)
            .filter(|pair| {
                class(pair[0]) != class(pair[1]) && !(pair[0].is_ascii_uppercase() && pair[1].is_ascii_lowercase())
            })
            .count();
        let is_mixed = digits > 0 && upper > 0 && lower > 0;
        let is_hexadecimal = part.len() >= 24 && digits >= 4 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
        let changes_often = changes * 5 >= part.len() * 2;
        is_hexadecimal
            || (part.len() >= 8 && is_mixed && changes_often)
            || (part.len() >= 20 && digits >= 2 && changes_often)
            || is_made(part)
    })
}

/// Whether a word is made as base32 is: letters that no word has, of one case, with digits in between. Ids in
/// hexadecimal are none: names may have UUIDs.
fn is_made(part: &str) -> bool {
    let digits = part.split(|character: char| !character.is_ascii_digit()).filter(|run| !run.is_empty()).count();
    let is_mixed =
        part.bytes().any(|byte| byte.is_ascii_lowercase()) && part.bytes().any(|byte| byte.is_ascii_uppercase());
    part.len() >= 12
        && digits >= 2
        && !is_mixed
        && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && part.bytes().any(|byte| byte.is_ascii_alphabetic() && !byte.is_ascii_hexdigit())
        && byref_judge::looks_random(part)
}

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
    fn keys_of_real_life_pass() {
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
    fn pasted_values_are_seen() {
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
