//! What a credential inside a longer text is.

use std::fmt;

use crate::CredentialKind;

/// What a credential inside a longer text is: the syntax that makes it one.
///
/// `Display` writes a noun phrase for messages, such as `a password in a URL`.
///
/// | kind | text, with `X` for the credential |
/// | --- | --- |
/// | `UrlPassword` | `postgres://app:X@db/shop` |
/// | `ConnectionString` | `app:X@tcp(db:3306)/shop` |
/// | `StandardInput` | `echo X \| docker login --password-stdin` |
/// | `CodePair` | `auth=("svc", "X")` |
/// | `CallArgument` | `hmac.new(b"X", message)` |
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EmbeddedKind {
    /// A value assigned to a name that suggests a secret: `DB_PASSWORD=…`, `"token": "…"`.
    Assignment,
    /// An argument that follows the name of a secret: `npm config set token …`.
    NamedArgument,
    /// A password that a command takes by position or by an option: `mysql -p…`.
    CommandPassword,
    /// A user and a password in one argument: `curl -u user:…`.
    CommandPair,
    /// A token that a command takes by position: `vault login …`.
    CommandToken,
    /// A password on a command's standard input: `echo … | docker login --password-stdin`.
    StandardInput,
    /// A password that an `expect` dialogue answers with.
    SentPassword,
    /// The password in the user part of a URL.
    UrlPassword,
    /// A token as the user part of a URL.
    UrlToken,
    /// A password in a connection string that is not a URL: `user:…@tcp(host)`.
    ConnectionString,
    /// A password in a line of `.pgpass`, `.netrc`, `ipsec.secrets` and similar files.
    CredentialsFile,
    /// A password in an SQL statement: `IDENTIFIED BY '…'`.
    SqlPassword,
    /// A private member of a JSON Web Key (RFC 7518).
    WebKeyMember,
    /// The token of an `Authorization: Bearer` header.
    BearerToken,
    /// The user and password of an `Authorization: Basic` header.
    BasicHeader,
    /// A password in a sentence: `The initial password is …`.
    SentencePassword,
    /// A token or key in a sentence.
    SentenceToken,
    /// The second of two literals that program code uses as user and password.
    CodePair,
    /// A literal that is a password or key by its place among the arguments of a call.
    CallArgument,
    /// The hash of a password, which can be guessed offline.
    PasswordHash,
    /// A credential with a shape of its own, inside encoded text.
    Credential(CredentialKind),
}

impl EmbeddedKind {
    /// Returns the noun phrase for messages, with its article.
    /// ```
    /// use byref_judge::EmbeddedKind;
    ///
    /// assert_eq!(EmbeddedKind::UrlPassword.label(), "a password in a URL");
    /// ```
    pub fn label(self) -> &'static str {
        match self {
            Self::Assignment => "a value assigned to the name of a secret",
            Self::NamedArgument => "a value given to the name of a secret",
            Self::CommandPassword => "a password among the arguments of a command",
            Self::CommandPair => "a user and password among the arguments of a command",
            Self::CommandToken => "a token among the arguments of a command",
            Self::StandardInput => "a password on the standard input of a command",
            Self::SentPassword => "a password sent to a command",
            Self::UrlPassword => "a password in a URL",
            Self::UrlToken => "a token in a URL",
            Self::ConnectionString => "a password in a connection string",
            Self::CredentialsFile => "a password in a line of a credentials file",
            Self::SqlPassword => "a password in an SQL statement",
            Self::WebKeyMember => "a private member of a JSON Web Key",
            Self::BearerToken => "a bearer token",
            Self::BasicHeader => "a user and password in a header",
            Self::SentencePassword => "a password in a sentence",
            Self::SentenceToken => "a token or key in a sentence",
            Self::CodePair => "a user and password",
            Self::CallArgument => "a password or key in a call",
            Self::PasswordHash => "a password hash, which can be cracked offline",
            Self::Credential(kind) => kind.label(),
        }
    }
}

impl fmt::Display for EmbeddedKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.label())
    }
}
