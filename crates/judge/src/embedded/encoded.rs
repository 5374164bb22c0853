//! Finds credentials in what base64 and percent signs encode.
//!
//! Cloud-init scripts, Kubernetes secrets and `Authorization` headers are often written in base64.
//! Every long word is tried: the first 12 decoded bytes show whether it is text at all, and only
//! then the rest is decoded and searched like a script. A secret inside is reported at the encoded
//! word, which is what the template holds.

use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use crate::embedded::{Embedded, TextKind, search};
use crate::{EmbeddedKind, Verdict, decode_base64, find_shapes, percent_decoded};

/// The length of the shortest word that is decoded, in bytes: shorter ones hold no name with a
/// value.
pub(crate) const SHORTEST_ENCODED: usize = 20;

/// Adds the credentials of the text that a text encodes, as a whole with percent signs or word by
/// word in base64, `decodings` layers further down. Their range is that of the encoded word.
pub(crate) fn encoded(text: &str, decodings: usize, found: &mut Vec<Embedded>) {
    let is_percent_encoded = ["%3A%2F%2F", "%3a%2f%2f", "%22"]
        .iter()
        .any(|mark| text.contains(mark));
    if let Some(decoded) = percent_decoded(text).filter(|_| is_percent_encoded) {
        push_decoded(&decoded, 0..text.len(), decodings, found);
    }
    let is_encoded =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
    let mut start = 0;
    let bytes = text.as_bytes();
    while start < bytes.len() {
        if !is_encoded(bytes[start]) {
            start += 1;
            continue;
        }
        let mut end = start;
        while end < bytes.len() && is_encoded(bytes[end]) {
            end += 1;
        }
        let padded = end
            + bytes[end..]
                .iter()
                .take(2)
                .take_while(|byte| **byte == b'=')
                .count();
        let is_long = end - start >= SHORTEST_ENCODED && begins_with_text(&text[start..end]);
        if let Some(decoded) = is_long
            .then(|| decode_base64(&text[start..padded]))
            .flatten()
        {
            push_decoded(&decoded, start..padded, decodings, found);
        }
        start = padded.max(end);
    }
}

/// Returns `true` if the first characters decode to text. It spares most long words, which are
/// names and digests, the decoding of the rest.
///
/// 16 characters of base64 are 12 bytes. A character of several bytes may be cut off behind the
/// ninth.
fn begins_with_text(encoded: &str) -> bool {
    let mut buffer = [0; 12];
    let Some(head) = encoded.get(..16) else {
        return false;
    };
    let decoded = STANDARD
        .decode_slice(head, &mut buffer)
        .or_else(|_| URL_SAFE_NO_PAD.decode_slice(head, &mut buffer));
    let is_text = |byte: &u8| !byte.is_ascii_control() || matches!(byte, b'\n' | b'\r' | b'\t');
    decoded.is_ok()
        && std::str::from_utf8(&buffer).map_or_else(|error| error.valid_up_to() >= 9, |_| true)
        && buffer.iter().all(is_text)
}

/// Adds the worst credential of a decoded text: one with a shape of its own first, then the most
/// certain of the others.
fn push_decoded(decoded: &str, range: Range<usize>, decodings: usize, found: &mut Vec<Embedded>) {
    let mut inside = Vec::new();
    search(decoded, TextKind::Script, decodings, &mut inside);
    let shape = find_shapes(decoded).into_iter().next();
    let best = inside.into_iter().min_by_key(|inside| inside.verdict as u8);
    if let Some(shape) = shape {
        found.push(Embedded {
            range,
            name: None,
            kind: EmbeddedKind::Credential(shape.kind),
            verdict: Verdict::Secret,
        });
    } else if let Some(inside) = best {
        found.push(Embedded { range, ..inside });
    }
}
