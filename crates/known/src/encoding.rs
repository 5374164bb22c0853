//! The encodings in which a file may hold a value.

/// Returns bytes as a URL holds them: all but unreserved characters (RFC 3986) become `%XX`.
///
/// RFC 3986 allows both cases of the hexadecimal digits, and encoders use both: `upper` chooses
/// one.
///
/// `p@ss/w0rd` → `p%40ss%2Fw0rd`.
pub(crate) fn percent_encoded(bytes: &[u8], upper: bool) -> Vec<u8> {
    let digits = if upper {
        b"0123456789ABCDEF"
    } else {
        b"0123456789abcdef"
    };
    let mut encoded = Vec::with_capacity(bytes.len() * 3);
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            encoded.push(*byte);
        } else {
            encoded.extend([
                b'%',
                digits[usize::from(byte >> 4)],
                digits[usize::from(byte & 15)],
            ]);
        }
    }
    encoded
}

/// Returns bytes as a JSON string holds them, without the quotes. Only the escapes that every
/// encoder writes are used.
///
/// A quote, a backslash, line breaks and tabs get a backslash; other characters, also `é`, stay.
pub(crate) fn json_escaped(bytes: &[u8]) -> Vec<u8> {
    let mut escaped = Vec::with_capacity(bytes.len() + 8);
    for byte in bytes {
        match byte {
            b'"' | b'\\' => escaped.extend([b'\\', *byte]),
            b'\n' => escaped.extend(b"\\n"),
            b'\r' => escaped.extend(b"\\r"),
            b'\t' => escaped.extend(b"\\t"),
            _ => escaped.push(*byte),
        }
    }
    escaped
}
