//! Values with the shape of a credential: what vendors give out begins with their mark.
//!
//! Marks and lengths are those that the vendors document, as collected in the rule sets of gitleaks (MIT) and
//! noseyparker (Apache-2.0).

use std::ops::Range;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, MatchKind};

/// A credential in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shaped {
    /// Where.
    pub(crate) range: Range<usize>,
    /// Whose, such as "a GitHub token".
    pub(crate) what: &'static str,
}

/// Which bytes the body of a token is made of.
#[derive(Clone, Copy, Debug)]
enum Body {
    Alnum,
    UpperBase32,
    LowerHex,
    /// Letters, digits, `_` and `-`.
    Word,
    /// Word bytes, `.`, and base64's `+/=`.
    Loose,
    /// Anything but blanks and quotes.
    Printable,
    /// Three parts as a JSON Web Token has them.
    WebToken,
    /// The rest of a PEM block.
    Pem,
    /// A UUID.
    Uuid,
}

struct Mark {
    prefix: &'static str,
    body: Body,
    /// Least and greatest length of the body in bytes.
    length: (usize, usize),
    what: &'static str,
}

const fn mark(prefix: &'static str, body: Body, min: usize, max: usize, what: &'static str) -> Mark {
    Mark { prefix, body, length: (min, max), what }
}

const LONG: usize = 4096;

static MARKS: &[Mark] = &[
    mark("AKIA", Body::UpperBase32, 16, 16, "an AWS access key id"),
    mark("ASIA", Body::UpperBase32, 16, 16, "a temporary AWS access key id"),
    mark("ABIA", Body::UpperBase32, 16, 16, "an AWS bearer token id"),
    mark("ACCA", Body::UpperBase32, 16, 16, "an AWS context credential"),
    mark("ABSK", Body::Loose, 100, LONG, "an Amazon Bedrock key"),
    mark("IQoJb3JpZ2luX2Vj", Body::Loose, 100, LONG, "an AWS session token"),
    mark("amzn.mws.", Body::Uuid, 36, 36, "an Amazon MWS token"),
    mark("ghp_", Body::Alnum, 36, 36, "a GitHub token"),
    mark("gho_", Body::Alnum, 36, 36, "a GitHub OAuth token"),
    mark("ghu_", Body::Alnum, 36, 36, "a GitHub user token"),
    mark("ghs_", Body::Alnum, 36, 36, "a GitHub server token"),
    mark("ghr_", Body::Alnum, 36, 76, "a GitHub refresh token"),
    mark("github_pat_", Body::Word, 60, 90, "a GitHub token"),
    mark("glpat-", Body::Word, 20, 64, "a GitLab token"),
    mark("gldt-", Body::Word, 20, 64, "a GitLab deploy token"),
    mark("glrt-", Body::Word, 20, 64, "a GitLab runner token"),
    mark("glptt-", Body::Word, 40, 64, "a GitLab trigger token"),
    mark("glcbt-", Body::Word, 20, 80, "a GitLab job token"),
    mark("glsoat-", Body::Word, 20, 64, "a GitLab SCIM token"),
    mark("glft-", Body::Word, 20, 64, "a GitLab feed token"),
    mark("glimt-", Body::Word, 20, 64, "a GitLab mail token"),
    mark("glagent-", Body::Word, 40, 64, "a GitLab agent token"),
    mark("gloas-", Body::Word, 40, 80, "a GitLab application secret"),
    mark("xoxb-", Body::Word, 20, 160, "a Slack bot token"),
    mark("xoxp-", Body::Word, 20, 160, "a Slack user token"),
    mark("xoxa-", Body::Word, 20, 160, "a Slack token"),
    mark("xoxr-", Body::Word, 20, 160, "a Slack refresh token"),
    mark("xoxs-", Body::Word, 20, 160, "a Slack token"),
    mark("xoxe-", Body::Word, 20, 260, "a Slack refresh token"),
    mark("xoxe.xox", Body::Loose, 20, 260, "a Slack refresh token"),
    mark("xapp-", Body::Word, 20, 160, "a Slack app token"),
    mark("hooks.slack.com/services/T", Body::Loose, 30, 90, "a Slack webhook"),
    mark("hooks.slack.com/workflows/T", Body::Loose, 30, 120, "a Slack webhook"),
    mark("discord.com/api/webhooks/", Body::Loose, 60, 120, "a Discord webhook"),
    mark("discordapp.com/api/webhooks/", Body::Loose, 60, 120, "a Discord webhook"),
    mark("hooks.zapier.com/hooks/catch/", Body::Loose, 8, 60, "a Zapier webhook"),
    mark("sk_live_", Body::Alnum, 10, 110, "a Stripe secret key"),
    mark("sk_test_", Body::Alnum, 10, 110, "a Stripe test key"),
    mark("rk_live_", Body::Alnum, 10, 110, "a Stripe restricted key"),
    mark("rk_test_", Body::Alnum, 10, 110, "a Stripe restricted test key"),
    mark("whsec_", Body::Loose, 24, 90, "a webhook's signing secret"),
    mark("SG.", Body::Loose, 60, 80, "a SendGrid key"),
    mark("AIza", Body::Word, 35, 35, "a Google API key"),
    mark("GOCSPX-", Body::Word, 28, 28, "a Google OAuth secret"),
    mark("ya29.", Body::Loose, 30, LONG, "a Google OAuth token"),
    mark("npm_", Body::Alnum, 36, 36, "an npm token"),
    mark("pypi-AgEIcHlwaS", Body::Word, 50, LONG, "a PyPI token"),
    mark("rubygems_", Body::LowerHex, 48, 48, "a RubyGems key"),
    mark("dckr_pat_", Body::Word, 24, 40, "a Docker Hub token"),
    mark("dckr_oat_", Body::Word, 24, 50, "a Docker Hub token"),
    mark("sk-proj-", Body::Word, 32, 220, "an OpenAI key"),
    mark("sk-svcacct-", Body::Word, 32, 220, "an OpenAI key"),
    mark("sk-admin-", Body::Word, 32, 220, "an OpenAI key"),
    mark("sk-ant-", Body::Word, 32, 140, "an Anthropic key"),
    mark("sk-or-v1-", Body::LowerHex, 64, 64, "an OpenRouter key"),
    mark("sk-", Body::Alnum, 32, 64, "an API key"),
    mark("hf_", Body::Alnum, 34, 37, "a Hugging Face token"),
    mark("r8_", Body::Alnum, 37, 37, "a Replicate token"),
    mark("gsk_", Body::Alnum, 52, 52, "a Groq key"),
    mark("xai-", Body::Alnum, 70, 90, "an xAI key"),
    mark("pplx-", Body::Alnum, 48, 56, "a Perplexity key"),
    mark("nvapi-", Body::Word, 60, 72, "an NVIDIA key"),
    mark("lsv2_pt_", Body::Word, 40, 60, "a LangSmith key"),
    mark("dop_v1_", Body::LowerHex, 64, 64, "a DigitalOcean token"),
    mark("doo_v1_", Body::LowerHex, 64, 64, "a DigitalOcean token"),
    mark("dor_v1_", Body::LowerHex, 64, 64, "a DigitalOcean token"),
    mark("NRAK-", Body::Alnum, 27, 27, "a New Relic key"),
    mark("NRII-", Body::Word, 32, 32, "a New Relic key"),
    mark("NRSP-", Body::Alnum, 20, 40, "a New Relic key"),
    mark("shpat_", Body::LowerHex, 32, 32, "a Shopify token"),
    mark("shpca_", Body::LowerHex, 32, 32, "a Shopify token"),
    mark("shppa_", Body::LowerHex, 32, 32, "a Shopify token"),
    mark("shpss_", Body::LowerHex, 32, 32, "a Shopify secret"),
    mark("sq0atp-", Body::Word, 22, 22, "a Square token"),
    mark("sq0csp-", Body::Word, 43, 43, "a Square secret"),
    mark("ATATT3", Body::Loose, 60, LONG, "an Atlassian token"),
    mark("ATCTT3", Body::Loose, 60, LONG, "an Atlassian token"),
    mark("ATBB", Body::Alnum, 32, 32, "a Bitbucket app password"),
    mark("hvs.", Body::Word, 24, 200, "a Vault token"),
    mark("hvb.", Body::Word, 60, 300, "a Vault token"),
    mark("hvr.", Body::Word, 24, 300, "a Vault token"),
    mark("lin_api_", Body::Alnum, 40, 40, "a Linear key"),
    mark("ntn_", Body::Alnum, 40, 60, "a Notion token"),
    mark("figd_", Body::Word, 40, 50, "a Figma token"),
    mark("PMAK-", Body::Word, 59, 60, "a Postman key"),
    mark("pul-", Body::LowerHex, 40, 40, "a Pulumi token"),
    mark("dapi", Body::LowerHex, 32, 32, "a Databricks token"),
    mark("dp.pt.", Body::Alnum, 40, 44, "a Doppler token"),
    mark("dp.st.", Body::Loose, 40, 80, "a Doppler token"),
    mark("pscale_tkn_", Body::Word, 32, 64, "a PlanetScale token"),
    mark("pscale_pw_", Body::Word, 32, 64, "a PlanetScale password"),
    mark("pscale_oauth_", Body::Word, 32, 64, "a PlanetScale token"),
    mark("sbp_", Body::LowerHex, 40, 40, "a Supabase token"),
    mark("sb_secret_", Body::Word, 20, 60, "a Supabase key"),
    mark("nfp_", Body::Alnum, 36, 40, "a Netlify token"),
    mark("HRKU-", Body::Word, 36, 70, "a Heroku key"),
    mark("sntrys_", Body::Loose, 40, LONG, "a Sentry token"),
    mark("sntryu_", Body::LowerHex, 64, 64, "a Sentry token"),
    mark("glc_", Body::Loose, 32, 400, "a Grafana token"),
    mark("glsa_", Body::Word, 41, 41, "a Grafana token"),
    mark("sqp_", Body::LowerHex, 40, 40, "a SonarQube token"),
    mark("squ_", Body::LowerHex, 40, 40, "a SonarQube token"),
    mark("sqa_", Body::LowerHex, 40, 40, "a SonarQube token"),
    mark("bkua_", Body::LowerHex, 40, 40, "a Buildkite token"),
    mark("CCIPAT_", Body::Word, 40, 80, "a CircleCI token"),
    mark("dt0c01.", Body::Loose, 80, 100, "a Dynatrace token"),
    mark("LTAI", Body::Alnum, 16, 26, "an Alibaba Cloud key id"),
    mark("AGE-SECRET-KEY-1", Body::Alnum, 58, 58, "an age private key"),
    mark("AKCp", Body::Alnum, 60, 80, "an Artifactory key"),
    mark("xkeysib-", Body::Word, 70, 90, "a Brevo key"),
    mark("tskey-", Body::Word, 20, 80, "a Tailscale key"),
    mark("pat-na1-", Body::Uuid, 36, 36, "a HubSpot token"),
    mark("pat-eu1-", Body::Uuid, 36, 36, "a HubSpot token"),
    mark("ops_eyJ", Body::Loose, 200, LONG, "a 1Password token"),
    mark("sk.eyJ", Body::Loose, 60, LONG, "a Mapbox secret token"),
    mark("sha256~", Body::Word, 43, 43, "an OpenShift token"),
    mark("waka_", Body::Uuid, 36, 36, "a WakaTime key"),
    mark("EZAK", Body::Alnum, 54, 54, "an EasyPost key"),
    mark("tfp_", Body::Loose, 59, 59, "a Typeform token"),
    mark("duffel_live_", Body::Word, 43, 43, "a Duffel token"),
    mark("FLWSECK-", Body::Word, 32, 60, "a Flutterwave key"),
    mark("FLWSECK_TEST-", Body::Word, 32, 60, "a Flutterwave key"),
    mark("shippo_live_", Body::LowerHex, 40, 40, "a Shippo token"),
    mark("rdme_", Body::Alnum, 70, 70, "a ReadMe key"),
    mark("pnu_", Body::Alnum, 36, 36, "a Prefect token"),
    mark("aio_", Body::Alnum, 28, 28, "an Adafruit key"),
    mark("ico-", Body::Alnum, 32, 32, "an Infracost key"),
    mark("sdk-", Body::Uuid, 36, 36, "a LaunchDarkly SDK key"),
    mark("api-", Body::Uuid, 36, 36, "a LaunchDarkly key"),
    mark("EAACEdEose0cBA", Body::Alnum, 20, LONG, "a Facebook token"),
    mark("django-insecure-", Body::Printable, 24, 80, "a key of Django"),
    mark("eyJ", Body::WebToken, 40, LONG, "a JSON Web Token"),
    mark("-----BEGIN ", Body::Pem, 40, LONG * 4, "a private key"),
    mark("PuTTY-User-Key-File-", Body::Pem, 40, LONG * 4, "a private key"),
];

fn prefixes() -> Option<&'static AhoCorasick> {
    static PREFIXES: OnceLock<Option<AhoCorasick>> = OnceLock::new();
    PREFIXES
        .get_or_init(|| {
            let patterns = MARKS.iter().map(|mark| mark.prefix);
            AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(patterns).ok()
        })
        .as_ref()
}

/// The shortest credential that is looked for.
const SHORTEST: usize = 18;

/// The credentials in a text, in order, without overlaps.
pub(crate) fn shapes(text: &str) -> Vec<Shaped> {
    let mut found: Vec<Shaped> = Vec::new();
    if text.len() < SHORTEST {
        return found;
    }
    let Some(prefixes) = prefixes() else { return found };
    for matched in prefixes.find_iter(text) {
        let is_new = found.last().is_none_or(|last| last.range.end <= matched.start());
        let Some(mark) = MARKS.get(matched.pattern().as_usize()).filter(|_| is_new) else { continue };
        if is_glued(text, matched.start()) {
            continue;
        }
        if let Some(end) = body_end(text, matched.end(), mark) {
            found.push(Shaped { range: matched.start()..end, what: mark.what });
        }
    }
    found
}

/// Whether letters or digits stand directly before: the mark is a part of something else.
fn is_glued(text: &str, start: usize) -> bool {
    let before = text.as_bytes()[..start].last().copied();
    let escape = start >= 2 && text.as_bytes()[start - 2] == b'\\';
    before.is_some_and(|before| before.is_ascii_alphanumeric() || before == b'_') && !escape
}

fn body_end(text: &str, start: usize, mark: &Mark) -> Option<usize> {
    let rest = &text[start..];
    let is_body: fn(&u8) -> bool = match mark.body {
        Body::Alnum => u8::is_ascii_alphanumeric,
        Body::UpperBase32 => |byte| byte.is_ascii_uppercase() || byte.is_ascii_digit(),
        Body::LowerHex => |byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte),
        Body::Word => |byte| byte.is_ascii_alphanumeric() || b"_-".contains(byte),
        Body::Loose => |byte| byte.is_ascii_alphanumeric() || b"_-.+/=~".contains(byte),
        Body::Printable => |byte| byte.is_ascii_graphic() && !b"\"'`<>\\".contains(byte),
        Body::WebToken => return web_token_end(text, start),
        Body::Pem => return pem_end(text, start),
        Body::Uuid => |byte| byte.is_ascii_hexdigit() || *byte == b'-',
    };
    let length = rest.bytes().position(|byte| !is_body(&byte)).unwrap_or(rest.len());
    let body = &rest[..length];
    let ends = rest.as_bytes().get(length).is_none_or(|byte| !byte.is_ascii_alphanumeric());
    let fits = (mark.length.0..=mark.length.1).contains(&length) && ends;
    let is_uuid = !matches!(mark.body, Body::Uuid) || is_uuid(body);
    (fits && is_uuid && !is_example(body)).then_some(start + length)
}

/// Whether a text is a UUID.
pub(crate) fn is_uuid(text: &str) -> bool {
    let is_dash_place = |index: usize| matches!(index, 8 | 13 | 18 | 23);
    text.len() == 36
        && text
            .bytes()
            .enumerate()
            .all(|(index, byte)| if is_dash_place(index) { byte == b'-' } else { byte.is_ascii_hexdigit() })
}

/// `AKIAIOSFODNN7EXAMPLE`, `ghp_xxxxxxxx…`, `sk-1234567890…`: what documentation shows.
pub(crate) fn is_example(body: &str) -> bool {
    let lower = body.to_ascii_lowercase();
    if ["example", "xxxx", "your", "redacted", "placeholder", "changeme", "dummy"]
        .iter()
        .any(|word| lower.contains(word))
    {
        return true;
    }
    let bytes = lower.as_bytes();
    let mut seen = [false; 256];
    for byte in bytes {
        seen[usize::from(*byte)] = true;
    }
    let distinct = seen.iter().filter(|seen| **seen).count();
    let steps = bytes.windows(2).filter(|pair| pair[1] == pair[0] || pair[1] == pair[0].wrapping_add(1)).count();
    distinct < 5 || steps * 10 >= bytes.len() * 7
}

fn web_token_end(text: &str, start: usize) -> Option<usize> {
    let rest = &text[start..];
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    let mut parts = [0; 3];
    let mut at = 0;
    for (index, part) in parts.iter_mut().enumerate() {
        if index > 0 {
            if rest.as_bytes().get(at) != Some(&b'.') {
                return None;
            }
            at += 1;
        }
        *part = rest[at..].bytes().position(|byte| !is_part(byte)).unwrap_or(rest.len() - at);
        at += *part;
    }
    // The payload is an object too.
    let payload = &rest[parts[0] + 1..];
    let is_token =
        parts[0] >= 8 && parts[1] >= 8 && parts[2] >= 16 && (payload.starts_with("eyJ") || payload.starts_with("ey"));
    (is_token && !is_example(&rest[..at])).then_some(start + at)
}

/// To the end of the block, when it is one of a private key and has a body.
fn pem_end(text: &str, start: usize) -> Option<usize> {
    let rest = &text[start..];
    let line_end = rest.find("-----").or_else(|| rest.find('\n')).unwrap_or(rest.len());
    let is_putty = text[..start].ends_with("PuTTY-User-Key-File-");
    let head = &rest[..line_end];
    if !is_putty && !head.ends_with("PRIVATE KEY") && !head.ends_with("PRIVATE KEY BLOCK") {
        return None;
    }
    let body_start = line_end + if is_putty { 0 } else { 5 };
    let after = rest.get(body_start..)?;
    let end = after.find("-----END").or_else(|| after.find("Private-MAC"));
    let body = &after[..end.unwrap_or(after.len())];
    let letters =
        body.replace("\\n", "").bytes().filter(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(byte)).count();
    let drawn =
        body.split(|character: char| !(character.is_ascii_alphanumeric() || matches!(character, '+' | '/' | '=')));
    let longest = drawn.map(str::len).max().unwrap_or(0);
    let closing = end.map_or(after.len(), |end| {
        let after_mark = after[end..].find('\n').unwrap_or(after.len() - end);
        let dashes = after[end + 8..].find("-----").map_or(after_mark, |at| at + 13);
        end + dashes.min(after_mark.max(13)).min(after.len() - end)
    });
    (letters >= 32 && longest >= 16 && !body.contains("...") && !is_example(body))
        .then_some(start + body_start + closing)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(length: usize) -> String {
        "x7Kq2LmZ9vTr4WbNs8Yd3Hf6Jg1Pc5Qk".chars().cycle().take(length).collect()
    }

    #[test]
    fn every_mark_with_a_fitting_body_is_found_and_a_short_one_is_not() {
        for mark in MARKS {
            let (length, _) = mark.length;
            let body = match mark.body {
                Body::Alnum | Body::Word | Body::Loose | Body::Printable => drawn(length),
                Body::UpperBase32 => drawn(length).to_uppercase(),
                Body::LowerHex => "8f14e45fceea167a5a36dedd4bea2543".chars().cycle().take(length).collect(),
                Body::Uuid => "3f2504e0-4f89-41d3-9a0c-0305e82c3301".to_owned(),
                Body::WebToken => format!("{}.eyJ{}.{}", drawn(20), drawn(30), drawn(43)),
                Body::Pem => {
                    format!("RSA PRIVATE KEY-----\n{}\n{}\n-----END RSA PRIVATE KEY-----", drawn(64), drawn(64))
                }
            };
            let token = format!("{}{body}", mark.prefix);
            let text = format!("before {token} after");
            let found = shapes(&text);
            assert_eq!(found.len(), 1, "{}", mark.prefix);
            assert_eq!(found[0].range, 7..7 + token.len(), "{}", mark.prefix);
            assert!(shapes(&format!("a {}short b and more of the text", mark.prefix)).is_empty(), "{}", mark.prefix);
        }
    }

    #[test]
    fn examples_and_public_parts_are_not_found() {
        for text in [
            format!("AKIA{}", "IOSFODNN7EXAMPLE"),
            format!("ghp_{}", "x".repeat(36)),
            format!("sk_live_{}", "abcdefghijklmnopqrstuvwxyz"),
            "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA\n-----END PUBLIC KEY-----"
                .to_owned(),
            "-----BEGIN RSA PRIVATE KEY-----\n...\n-----END RSA PRIVATE KEY-----".to_owned(),
            format!("prefixAKIA{}", "Z7Q2LMX9VTR4WBNS"),
        ] {
            assert!(shapes(&text).is_empty(), "{text}");
        }
    }
}
