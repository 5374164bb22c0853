//! Decodes base64 and percent signs.
//!
//! Both decoders return text or nothing. A caller that searches the result would otherwise have to
//! tell text from bytes itself, and most words that are valid base64 are names.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// Returns the text that base64 in any of its alphabets encodes, or `None` if the result is not
/// text.
///
/// The standard alphabet and the URL-safe one are accepted, with padding or without. Text is UTF-8
/// without control characters other than line breaks and tabs: most long words of templates decode
/// to bytes that are not, and a caller would otherwise look for secrets in noise.
///
/// ```
/// use byref_judge::decode_base64;
///
/// assert_eq!(decode_base64("dXNlcjpwYXNz").as_deref(), Some("user:pass"));
/// assert_eq!(decode_base64("AWSCloudFormation"), None);
/// ```
pub fn decode_base64(text: &str) -> Option<String> {
    let is_text = |bytes: Vec<u8>| {
        let text = String::from_utf8(bytes).ok()?;
        let is_readable = text
            .chars()
            .all(|character| !character.is_control() || matches!(character, '\n' | '\r' | '\t'));
        is_readable.then_some(text)
    };
    STANDARD
        .decode(text)
        .or_else(|_| STANDARD_NO_PAD.decode(text.trim_end_matches('=')))
        .or_else(|_| URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')))
        .ok()
        .and_then(is_text)
}

/// Returns a text with its percent-encoded bytes decoded, or `None` if it has no percent sign or
/// does not decode to UTF-8.
///
/// A percent sign that is not followed by two hexadecimal digits is kept.
///
/// ```
/// use byref_judge::percent_decoded;
///
/// assert_eq!(percent_decoded("p%40ss%20word").as_deref(), Some("p@ss word"));
/// assert_eq!(percent_decoded("100%").as_deref(), Some("100%"));
/// assert_eq!(percent_decoded("plain"), None);
/// ```
pub fn percent_decoded(text: &str) -> Option<String> {
    if !text.contains('%') {
        return None;
    }
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digits = (bytes[at] == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten();
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        decoded.push(byte.unwrap_or(bytes[at]));
        at += if byte.is_some() { 3 } else { 1 };
    }
    String::from_utf8(decoded).ok()
}
