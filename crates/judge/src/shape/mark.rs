//! The marks of vendors' credentials: a fixed prefix, the characters that follow it, and their
//! number.
//!
//! Marks of tokens are those that the vendors document, most of them as collected in the rule sets
//! of gitleaks (MIT) and noseyparker (Apache-2.0). Marks of URLs are the addresses at which the
//! vendors accept requests.
//!
//! A mark is added as one line:
//!
//! 1. the prefix, as long as the vendor's format allows: a long prefix needs no further evidence
//! 2. the alphabet of the body, which also decides where the body ends
//! 3. its least and greatest length, equal where the vendor documents one length
//! 4. the noun phrase with its article, which messages show
//!
//! Prefixes of three letters or fewer are allowed, but their body must look random. A mark without
//! a distinctive prefix, such as `key-`, needs [`near`]: a word that occurs up to 300 bytes before
//! it.

use super::addresses::ADDRESSES;
use super::tokens::TOKENS;

/// The alphabet of a token's body, which follows the mark.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Body {
    /// Letters and digits.
    Alnum,
    /// Upper-case letters and digits.
    UpperBase32,
    /// Lower-case hexadecimal digits.
    LowerHex,
    /// Letters, digits, `_` and `-`.
    Word,
    /// The characters of `Word`, `.`, and those of base64, `+/=`.
    Loose,
    /// Any character except spaces and quotes.
    Printable,
    /// Three parts joined by dots, as in a JSON Web Token (RFC 7519).
    WebToken,
    /// The rest of a PEM block (RFC 7468).
    Pem,
    /// A UUID (RFC 9562).
    Uuid,
    /// Lower-case letters and digits.
    LowerAlnum,
    /// Upper-case letters, digits and hyphens.
    UpperDash,
    /// The characters of the path and query of a URL.
    Url,
    /// 14 letters and digits, a dot, and 64 hexadecimal digits.
    AirtableParts,
    /// 24 hexadecimal digits, a hyphen, and 146 hexadecimal digits.
    CloudflareParts,
    /// Digits only.
    Digits,
}

/// The part of a token in front of a mark that is in the middle or at the end of the token.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Head {
    /// The mark begins the token.
    Nothing,
    /// Between this many digits.
    Digits(usize, usize),
    /// Between this many letters, digits, `_`, `~`, `.` and `-`.
    Letters(usize, usize),
    /// Exactly this many lower-case hexadecimal digits.
    Hex(usize),
}

/// One mark, with everything that a text around it has to fulfil.
pub(crate) struct Mark {
    /// The mark itself. Its case counts.
    pub(crate) prefix: &'static str,
    /// The alphabet of what follows the mark.
    pub(crate) body: Body,
    /// The least and the greatest length of the body, in bytes.
    pub(crate) length: (usize, usize),
    /// The noun phrase for messages, with its article.
    pub(crate) what: &'static str,
    /// The part of the token in front of the mark.
    pub(crate) head: Head,
    /// A lower-case word that must occur shortly before the token, for marks that are too common by
    /// themselves; empty for none.
    pub(crate) near: &'static str,
}

/// Returns a mark that begins its token.
pub(super) const fn mark(
    prefix: &'static str,
    body: Body,
    min: usize,
    max: usize,
    what: &'static str,
) -> Mark {
    Mark {
        prefix,
        body,
        length: (min, max),
        what,
        head: Head::Nothing,
        near: "",
    }
}

/// Returns a mark that has a part of the token in front of it.
pub(super) const fn headed(
    head: Head,
    prefix: &'static str,
    body: Body,
    min: usize,
    max: usize,
    what: &'static str,
) -> Mark {
    Mark {
        prefix,
        body,
        length: (min, max),
        what,
        head,
        near: "",
    }
}

/// Returns a mark that counts only behind a word.
pub(super) const fn near(
    near: &'static str,
    prefix: &'static str,
    body: Body,
    min: usize,
    max: usize,
    what: &'static str,
) -> Mark {
    Mark {
        prefix,
        body,
        length: (min, max),
        what,
        head: Head::Nothing,
        near,
    }
}

/// The greatest length of tokens that have no fixed length, in bytes.
pub(super) const LONG: usize = 4096;

/// Returns all marks: those of tokens, and then those of addresses. If several begin at one place,
/// the longest prefix decides.
pub(super) fn marks() -> impl Iterator<Item = &'static Mark> {
    TOKENS.iter().chain(ADDRESSES)
}

/// Returns the mark with an index in [`marks`].
pub(super) fn mark_at(index: usize) -> Option<&'static Mark> {
    TOKENS
        .get(index)
        .or_else(|| ADDRESSES.get(index.checked_sub(TOKENS.len())?))
}
