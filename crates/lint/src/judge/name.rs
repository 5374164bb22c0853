//! What a name says about its value, by its words and their order.
//!
//! The last word that means something is the head: a `TOKEN_TTL` is a time, a `SECRET_NAME` a name, an `API_KEY_PROD`
//! a key. Words behind the head that only qualify it (`PROD`, `VALUE`, `2`) are passed over.

use std::sync::OnceLock;

use aho_corasick::AhoCorasick;

use super::words::words;

/// What a name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NameSays {
    /// A password or passphrase, that a human may have made up.
    Password,
    /// A secret, a token, a private or API key.
    Secret,
    /// Something that is a secret often: a key of unknown kind, `AUTH`, `SALT`.
    Perhaps,
    /// A secret's word, and then one that tells nothing: `PASSWORD_ADMIN`, `SECRET_SAUCE`.
    Inside,
    /// A secret's word, and then one that says that this is something about it.
    Points(Pointing),
    /// A public key, a cache key, a next token: not a secret, however it looks.
    Public,
    /// Nothing.
    Nothing,
}

impl NameSays {
    /// Whether it is what a human may have made up.
    pub(crate) fn is_password(self) -> bool {
        self == NameSays::Password
    }

    /// Whether the name alone makes a plausible value a secret.
    pub(crate) fn is_strong(self) -> bool {
        matches!(self, NameSays::Password | NameSays::Secret)
    }
}

/// What a name points at, and so what its value should look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pointing {
    /// Where it lies: a file, a path, an ARN, a URL.
    Place,
    /// How it is called: a name, an id, a label.
    Name,
    /// How much or how long.
    Measure,
    /// Anything else about it.
    Manner,
}

const PASSWORD: [&str; 26] = [
    "contrasena",
    "kennwort",
    "mdp",
    "parola",
    "pass",
    "passcode",
    "passphrase",
    "passphrases",
    "passwd",
    "password",
    "passwords",
    "passwort",
    "passwrd",
    "passwrod",
    "pasword",
    "psw",
    "pswd",
    "pw",
    "pwd",
    "pword",
    "requirepass",
    "senha",
    "sshpass",
    "userpass",
    "wachtwoord",
    "wachtwort",
];

const SECRET: [&str; 27] = [
    "accesskey",
    "apikey",
    "apikeys",
    "apitoken",
    "authkey",
    "authtoken",
    "bearer",
    "clientsecret",
    "cred",
    "credential",
    "credentials",
    "creds",
    "jwt",
    "mnemonic",
    "pat",
    "privatekey",
    "privkey",
    "psk",
    "secret",
    "secretkey",
    "secrets",
    "signingkey",
    "token",
    "tokens",
    "encryptionkey",
    "masterkey",
    "accesstoken",
];

/// Ends of words that were written together, as in `dbpassword` or `githubtoken`.
const JOINED: [(&str, NameSays); 15] = [
    ("password", NameSays::Password),
    ("passwd", NameSays::Password),
    ("passphrase", NameSays::Password),
    ("passcode", NameSays::Password),
    ("passwort", NameSays::Password),
    ("pwd", NameSays::Password),
    ("pass", NameSays::Password),
    ("pw", NameSays::Password),
    ("secret", NameSays::Secret),
    ("secretkey", NameSays::Secret),
    ("apikey", NameSays::Secret),
    ("privatekey", NameSays::Secret),
    ("accesskey", NameSays::Secret),
    ("token", NameSays::Secret),
    ("credentials", NameSays::Secret),
];

/// English words that end in `pass` and have nothing to do with one.
const NO_PASS: [&str; 8] =
    ["bypass", "compass", "encompass", "overpass", "surpass", "trespass", "underpass", "multipass"];

/// What stands before `key` in words that have nothing to do with one: `monkey`, `hotkey`.
const NO_KEY: [&str; 12] = ["don", "hoc", "hot", "joc", "lac", "mon", "mickey", "pub", "site", "tur", "turn", "whis"];

/// Words before `code` that make it a secret often.
const CODES: [&str; 7] = ["access", "activation", "backup", "license", "recovery", "security", "unlock"];

/// Words before `key` that make it a secret.
const SECRET_KEY: [&str; 61] = [
    "access",
    "account",
    "admin",
    "aes",
    "api",
    "app",
    "application",
    "auth",
    "authentication",
    "authorization",
    "bot",
    "cipher",
    "client",
    "cookie",
    "crypt",
    "crypto",
    "decryption",
    "deploy",
    "ecdsa",
    "enc",
    "encrypt",
    "encryption",
    "fernet",
    "gpg",
    "hmac",
    "host",
    "ingest",
    "ingestion",
    "integration",
    "jwt",
    "license",
    "licence",
    "master",
    "passphrase",
    "password",
    "personal",
    "pgp",
    "preshared",
    "priv",
    "private",
    "root",
    "rsa",
    "secret",
    "security",
    "sdk",
    "server",
    "service",
    "session",
    "sig",
    "shared",
    "sign",
    "signature",
    "signing",
    "ssh",
    "ssl",
    "storage",
    "symmetric",
    "tls",
    "token",
    "unseal",
    "write",
];

/// Words before `key` that make it an ordinary one.
const ORDINARY_KEY: [&str; 74] = [
    "verification",
    "archive",
    "artifact",
    "asset",
    "attribute",
    "block",
    "bucket",
    "cache",
    "code",
    "column",
    "condition",
    "config",
    "configuration",
    "context",
    "custom",
    "data",
    "dedup",
    "deduplication",
    "dictionary",
    "dimension",
    "email",
    "event",
    "feature",
    "field",
    "filter",
    "flag",
    "foreign",
    "group",
    "handler",
    "hash",
    "header",
    "idempotency",
    "image",
    "index",
    "item",
    "json",
    "kms",
    "label",
    "lambda",
    "layer",
    "locale",
    "lock",
    "log",
    "lookup",
    "map",
    "message",
    "metric",
    "object",
    "option",
    "order",
    "package",
    "parameter",
    "partition",
    "primary",
    "property",
    "public",
    "publishable",
    "pub",
    "query",
    "range",
    "record",
    "row",
    "s",
    "shard",
    "site",
    "sort",
    "source",
    "tag",
    "template",
    "translation",
    "zip",
    "folder",
    "file",
    "path",
];

/// Words before `token` that make it no secret.
const ORDINARY_TOKEN: [&str; 14] = [
    "cancellation",
    "continuation",
    "csrf",
    "idempotency",
    "marker",
    "next",
    "page",
    "pagination",
    "public",
    "request",
    "result",
    "service",
    "start",
    "xsrf",
];

/// Words that make any key, token or secret after them one that everybody may see.
const PUBLIC: [&str; 6] = ["captcha", "pub", "public", "publishable", "recaptcha_site", "sitekey"];

/// Something that is a secret often.
const PERHAPS: [&str; 21] = [
    "auth",
    "authentication",
    "authorization",
    "cookie",
    "dsn",
    "hmac",
    "key",
    "keys",
    "license",
    "licence",
    "login",
    "nonce",
    "otp",
    "passkey",
    "pepper",
    "salt",
    "sas",
    "seed",
    "sig",
    "signature",
    "totp",
];

/// Words behind the head that only qualify it.
const QUALIFIERS: [&str; 67] = [
    "a",
    "alt",
    "b",
    "backup",
    "base",
    "base64",
    "beta",
    "blue",
    "canary",
    "ci",
    "cleartext",
    "clear",
    "content",
    "contents",
    "ctl",
    "current",
    "data",
    "default",
    "demo",
    "dev",
    "development",
    "east",
    "encoded",
    "env",
    "eu",
    "gamma",
    "global",
    "green",
    "hex",
    "initial",
    "input",
    "int",
    "integration",
    "internal",
    "json",
    "legacy",
    "live",
    "local",
    "main",
    "new",
    "next",
    "old",
    "out",
    "output",
    "outputs",
    "override",
    "param",
    "parameter",
    "pem",
    "plain",
    "plaintext",
    "preprod",
    "previous",
    "primary",
    "prod",
    "production",
    "qa",
    "raw",
    "sandbox",
    "secondary",
    "stage",
    "staging",
    "string",
    "test",
    "text",
    "us",
    "value",
];

/// Words that begin the name of a switch: `RequirePassword`, `GenerateSecret`.
const VERBS: [&str; 19] = [
    "allow", "allowed", "can", "disable", "enable", "enabled", "force", "generate", "has", "hide", "is", "must",
    "require", "requires", "rotate", "should", "skip", "use", "uses",
];

const PLACE: [&str; 24] = [
    "address",
    "arn",
    "arns",
    "bucket",
    "dir",
    "directory",
    "domain",
    "endpoint",
    "file",
    "filename",
    "files",
    "folder",
    "host",
    "hostname",
    "location",
    "mount",
    "path",
    "paths",
    "server",
    "source",
    "uri",
    "url",
    "urls",
    "volume",
];

const NAMED: [&str; 31] = [
    "alias",
    "attribute",
    "audience",
    "claim",
    "column",
    "field",
    "header",
    "id",
    "identifier",
    "ids",
    "issuer",
    "label",
    "name",
    "names",
    "owner",
    "param",
    "parameter",
    "prefix",
    "profile",
    "provider",
    "realm",
    "ref",
    "reference",
    "role",
    "scope",
    "scopes",
    "suffix",
    "table",
    "user",
    "username",
    "key",
];

const MEASURE: [&str; 34] = [
    "age",
    "attempts",
    "bits",
    "count",
    "date",
    "days",
    "duration",
    "expiration",
    "expire",
    "expires",
    "expiry",
    "hours",
    "interval",
    "iterations",
    "length",
    "len",
    "lifetime",
    "limit",
    "max",
    "min",
    "minutes",
    "ms",
    "number",
    "period",
    "port",
    "retries",
    "rounds",
    "seconds",
    "size",
    "time",
    "timeout",
    "timestamp",
    "ttl",
    "validity",
];

const MANNER: [&str; 77] = [
    "challenge",
    "verification",
    "bcrypt",
    "checksum",
    "crc",
    "digest",
    "fingerprint",
    "md",
    "sha",
    "setting",
    "settings",
    "action",
    "actions",
    "algo",
    "algorithm",
    "allowed",
    "backend",
    "bucket",
    "chars",
    "characters",
    "check",
    "class",
    "cipher",
    "complexity",
    "config",
    "configuration",
    "context",
    "description",
    "disabled",
    "enable",
    "enabled",
    "encoding",
    "engine",
    "env",
    "exclude",
    "expression",
    "flow",
    "format",
    "generator",
    "grant",
    "handler",
    "hash",
    "help",
    "hint",
    "kind",
    "lambda",
    "manager",
    "message",
    "method",
    "mode",
    "pattern",
    "policy",
    "processor",
    "prompt",
    "protection",
    "queue",
    "regex",
    "region",
    "required",
    "reset",
    "rotation",
    "schedule",
    "schema",
    "selector",
    "service",
    "status",
    "store",
    "storage",
    "strategy",
    "strength",
    "template",
    "type",
    "types",
    "usage",
    "validation",
    "validator",
    "version",
];

/// A quick look before the words of a name are split: whether any part of it can be a secret's word.
pub(crate) fn may_say_secret(name: &str) -> bool {
    static STEMS: OnceLock<Option<AhoCorasick>> = OnceLock::new();
    const WORDS: [&str; 29] = [
        "pass", "pw", "psw", "secret", "tok", "key", "cred", "auth", "jwt", "pat", "mnemo", "bearer", "psk", "salt",
        "sig", "cookie", "hmac", "otp", "seed", "nonce", "pepper", "dsn", "senha", "parola", "mdp", "wort", "contras",
        "licen", "login",
    ];
    const SHORT: [&str; 3] = ["code", "sas", "users"];
    let build = || AhoCorasick::builder().ascii_case_insensitive(true).build(WORDS.iter().chain(&SHORT)).ok();
    STEMS.get_or_init(build).as_ref().is_none_or(|stems| stems.is_match(name))
}

/// What the words of a name say.
pub(crate) fn says(name: &str) -> NameSays {
    if !may_say_secret(name) {
        return NameSays::Nothing;
    }
    let all = words(name);
    let is_number = |word: &String| word.bytes().all(|byte| byte.is_ascii_digit());
    let words: Vec<&str> = all.iter().filter(|word| !is_number(word)).map(String::as_str).collect();
    let is_version = |word: &str| word == "v";
    let end = words.iter().rposition(|word| !QUALIFIERS.contains(word) && !is_version(word));
    let Some(end) = end else { return NameSays::Nothing };
    let head = words[end];
    let before = &words[..end];
    if before.first().is_some_and(|first| VERBS.contains(first)) {
        return NameSays::Points(Pointing::Manner);
    }
    if let Some(said) = direct(head, before) {
        return if is_public(before) && said != NameSays::Password { NameSays::Public } else { said };
    }
    let about_secret = (0..end).any(|at| direct(words[at], &words[..at]).is_some_and(NameSays::is_strong));
    if !about_secret {
        return NameSays::Nothing;
    }
    match pointing(head) {
        Some(pointing) => NameSays::Points(pointing),
        None => NameSays::Inside,
    }
}

fn is_public(before: &[&str]) -> bool {
    before.iter().any(|word| PUBLIC.contains(word))
}

fn pointing(head: &str) -> Option<Pointing> {
    let kinds = [
        (&PLACE[..], Pointing::Place),
        (&NAMED, Pointing::Name),
        (&MEASURE, Pointing::Measure),
        (&MANNER, Pointing::Manner),
    ];
    kinds.iter().find(|(words, _)| words.contains(&head)).map(|(_, kind)| *kind)
}

/// What a head says with the words before it.
fn direct(head: &str, before: &[&str]) -> Option<NameSays> {
    let last = before.last().copied();
    if PASSWORD.contains(&head) {
        return Some(NameSays::Password);
    }
    if matches!(head, "token" | "tokens") {
        let is_ordinary = last.is_some_and(|last| ORDINARY_TOKEN.contains(&last));
        return Some(if is_ordinary { NameSays::Public } else { NameSays::Secret });
    }
    if SECRET.contains(&head) {
        return Some(NameSays::Secret);
    }
    if matches!(head, "key" | "keys") {
        return Some(key(before));
    }
    if matches!((last, head), (Some("pass"), "word" | "phrase" | "code")) {
        return Some(NameSays::Password);
    }
    if matches!((last, head), (Some("webhook"), "signature") | (Some("basic"), "auth")) {
        return Some(NameSays::Secret);
    }
    // `REDIS_AUTH` is a password; `AUTH` alone may be a kind of it.
    if head == "auth" && last.is_some() {
        return Some(NameSays::Inside);
    }
    if PERHAPS.contains(&head) {
        return Some(NameSays::Perhaps);
    }
    if head == "code" && last.is_some_and(|last| CODES.contains(&last)) {
        return Some(NameSays::Perhaps);
    }
    if let Some(kind) = head.strip_suffix("key").filter(|kind| kind.len() > 1 && !NO_KEY.contains(kind)) {
        return Some(if SECRET_KEY.contains(&kind) { NameSays::Secret } else { NameSays::Perhaps });
    }
    let joined = JOINED.iter().find(|(end, _)| head.len() > end.len() && head.ends_with(end))?;
    (!NO_PASS.contains(&head)).then_some(joined.1)
}

fn key(before: &[&str]) -> NameSays {
    // `aws_secret_access_key`, but `access_key` with an `id` behind it is looked at by its own head.
    match before.last() {
        Some(last) if ORDINARY_KEY.contains(last) => NameSays::Public,
        Some(last) if SECRET_KEY.contains(last) => NameSays::Secret,
        Some(_) if before.iter().any(|word| matches!(*word, "secret" | "private" | "api")) => NameSays::Secret,
        _ => NameSays::Perhaps,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_decide() {
        let cases = [
            (
                NameSays::Password,
                "DB_PASSWORD dbPassword MYSQL_ROOT_PASSWORD pgpassword smtpPass DB_PWD MasterUserPassword DBPasswordProd admin_pw PassPhrase redis.password PASSWORD_2",
            ),
            (
                NameSays::Secret,
                "API_KEY apiKey JWT_SECRET slack-token AWS_SECRET_ACCESS_KEY GITHUB_PAT clientsecret SecretKeyBase PRIVATE_KEY_PEM ACCESS_TOKEN npm_authToken githubtoken SIGNING_KEY_V2",
            ),
            (NameSays::Perhaps, "STRIPE_KEY KEY AUTH SENTRY_DSN PASSWORD_SALT"),
            (
                NameSays::Public,
                "PUBLIC_KEY S3Key STRIPE_PUBLISHABLE_KEY NextToken CACHE_KEY ServiceToken RECAPTCHA_SITE_KEY PublicToken",
            ),
            (NameSays::Nothing, "KEYBOARD PASSENGER_COUNT DB_HOST MONKEY compass LOG_LEVEL bypass tokenize"),
            (NameSays::Points(Pointing::Name), "SECRET_NAME ACCESS_KEY_ID TOKEN_HEADER PASSWORD_PARAMETER_NAME"),
            (NameSays::Points(Pointing::Place), "SECRET_ARN PASSWORD_FILE TOKEN_URL DbSecretArn"),
            (NameSays::Points(Pointing::Measure), "TOKEN_TTL PASSWORD_MIN_LENGTH"),
            (NameSays::Points(Pointing::Manner), "PASSWORD_POLICY TOKEN_TYPE"),
        ];
        for (expected, names) in cases {
            for name in names.split(' ') {
                assert_eq!(says(name), expected, "{name}");
            }
        }
    }
}
