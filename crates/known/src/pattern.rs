//! The byte patterns that a stored value may have in a file.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use crate::encoding::{json_escaped, percent_encoded};

/// The length of the shortest value that is searched for, in bytes. Shorter ones occur everywhere
/// by accident.
pub const SHORTEST_KNOWN: usize = 6;

/// The form in which a file holds a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// As it is.
    Clear,
    /// Inside base64.
    Base64,
    /// With percent signs.
    Url,
    /// With backslashes.
    Json,
}

impl Form {
    /// Returns the words for messages, which complete "the value is here …".
    pub fn describe(self) -> &'static str {
        match self {
            Form::Clear => "as plaintext",
            Form::Base64 => "in base64",
            Form::Url => "URL-encoded",
            Form::Json => "JSON-escaped",
        }
    }
}

/// A pattern of one value.
pub(crate) struct Pattern {
    /// The bytes to search for, wiped when they are dropped.
    pub(crate) bytes: Zeroizing<Vec<u8>>,
    /// The index of the value.
    pub(crate) value: usize,
    /// The form of the value that the bytes are.
    pub(crate) form: Form,
    /// The bits of the base64 characters in front and behind that belong to the value as well.
    pub(crate) edges: [Edge; 2],
}

/// Known bits of a base64 character: which ones, and their values. Without known bits, every
/// character fits.
///
/// Of a value at the second byte of a group, two bits of the character in front are those of
/// another byte, and four are the value's: only these are compared.
#[derive(Clone, Copy, Default)]
pub(crate) struct Edge {
    /// The known bits.
    mask: u8,
    /// The values of the known bits; all others are 0.
    bits: u8,
}

impl Edge {
    /// Returns `true` if the character has these bits. A character that is not in the buffer, or
    /// not one of base64, is taken to fit.
    pub(crate) fn fits(self, byte: Option<&u8>) -> bool {
        let number = match byte {
            Some(byte @ b'A'..=b'Z') => byte - b'A',
            Some(byte @ b'a'..=b'z') => byte - b'a' + 26,
            Some(byte @ b'0'..=b'9') => byte - b'0' + 52,
            Some(b'+' | b'-') => 62,
            Some(b'/' | b'_') => 63,
            _ => return true,
        };
        number & self.mask == self.bits
    }
}

/// Returns the patterns of a value, each once.
pub(crate) fn patterns(bytes: &[u8], value: usize) -> Vec<Pattern> {
    let mut patterns: Vec<Pattern> = Vec::new();
    let mut add = |bytes: Vec<u8>, form: Form, edges: [Edge; 2]| {
        let bytes = Zeroizing::new(bytes);
        let is_new =
            bytes.len() >= SHORTEST_KNOWN && patterns.iter().all(|known| known.bytes != bytes);
        if is_new {
            patterns.push(Pattern {
                bytes,
                value,
                form,
                edges,
            });
        }
    };
    let none = [Edge::default(); 2];
    add(bytes.to_vec(), Form::Clear, none);
    for shift in 0..3 {
        for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
            let shifted = Zeroizing::new([&[0; 3][..shift], bytes].concat());
            let encoded = Zeroizing::new(engine.encode(&*shifted));
            // Characters that encode bytes in front or behind as well are left out.
            let first = (shift * 8).div_ceil(6);
            let last = shifted.len() * 8 / 6;
            // Of these, some bits are the value's: the low ones of the first byte, the high ones of
            // the last.
            let before = bits(first * 6 - shift * 8);
            let behind = bits(shifted.len() * 8 - last * 6);
            let first_byte = bytes.first().copied().unwrap_or_default();
            let last_byte = bytes.last().copied().unwrap_or_default();
            let edges = [
                Edge {
                    mask: (1 << before) - 1,
                    bits: first_byte.checked_shr(u32::from(8 - before)).unwrap_or(0),
                },
                Edge {
                    mask: 63 & !(63 >> behind),
                    bits: (last_byte & ((1 << behind) - 1)) << (6 - behind),
                },
            ];
            add(
                encoded.as_bytes()[first..last].to_vec(),
                Form::Base64,
                edges,
            );
        }
    }
    for upper in [true, false] {
        add(percent_encoded(bytes, upper), Form::Url, none);
    }
    add(json_escaped(bytes), Form::Json, none);
    patterns
}

/// Returns a number of bits below eight.
fn bits(count: usize) -> u8 {
    u8::try_from(count).unwrap_or_default()
}
