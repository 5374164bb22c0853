//! Stored values, searched for in files of any kind and size, at the speed of memory.
//!
//! Every value is looked for as it is, in base64 (at all three alignments), URL-encoded and
//! JSON-escaped. The text is not compared byte by byte: of a pattern of length `l`, every
//! occurrence holds a gram of `q` bytes at one of any `l - q + 1` positions in a row, so it is
//! enough to look at every `l - q + 1`th position, and to ask a bitmap whether the gram there is
//! one of a pattern's. What the bitmap lets through is compared in full. Aho-Corasick, which looks
//! at every byte, is several times slower here.

use std::io::{self, Read};

use byref_parameter::SecretValue;

use crate::grams::{LONG, Tier};
use crate::pattern::{Form, Pattern, SHORTEST_KNOWN, patterns};

/// The place where a value was found. It does not hold the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownHit {
    /// The index of the value in the list that was passed to [`Known::new`].
    pub value: usize,
    /// The form in which the file holds it.
    pub form: Form,
    /// Where it begins in the file, in bytes.
    pub offset: u64,
    /// Its length in the file, in bytes.
    pub length: usize,
    /// Its line, counted from 1.
    pub line: u64,
    /// Its column in bytes, counted from 1; 1 if the line is longer than the part of it that is in
    /// memory.
    pub column: usize,
}

/// Stored values, indexed for a search. The memory is wiped when it is dropped, and `Debug` shows
/// none of it.
///
/// ```
/// use byref_known::{Form, Known};
/// use byref_parameter::SecretValue;
///
/// let known = Known::new(&[SecretValue::new("EXAMPLE-not-a-secret".to_owned())]);
/// let hits = known.search("GET /?token=EXAMPLE-not-a-secret".as_bytes())?;
/// assert_eq!((hits[0].line, hits[0].form), (1, Form::Clear));
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Known {
    /// The patterns, long ones apart from short ones.
    tiers: Vec<Tier>,
    /// The length of the longest pattern, in bytes.
    longest: usize,
    /// The number of values, also of those that are too short.
    values: usize,
    /// The number of values that are too short to be searched for, of fewer than [`SHORTEST_KNOWN`]
    /// bytes.
    pub too_short: usize,
}

impl std::fmt::Debug for Known {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Known")
            .field("values", &self.values)
            .finish_non_exhaustive()
    }
}

impl Known {
    /// Indexes values. Line breaks at their end are not searched for, since files that hold a value
    /// often lack them.
    pub fn new(values: &[SecretValue]) -> Self {
        let mut found: Vec<Pattern> = Vec::new();
        let mut too_short = 0;
        for (index, value) in values.iter().enumerate() {
            let bytes = value.expose().trim_end_matches(['\n', '\r']).as_bytes();
            if bytes.len() < SHORTEST_KNOWN {
                too_short += 1;
                continue;
            }
            found.extend(patterns(bytes, index));
        }
        let longest = found
            .iter()
            .map(|pattern| pattern.bytes.len())
            .max()
            .unwrap_or(1);
        let (long, short): (Vec<Pattern>, Vec<Pattern>) = found
            .into_iter()
            .partition(|pattern| pattern.bytes.len() >= LONG);
        let tiers = [long, short]
            .into_iter()
            .filter(|patterns| !patterns.is_empty())
            .map(Tier::new)
            .collect();
        Self {
            tiers,
            longest,
            values: values.len(),
            too_short,
        }
    }

    /// Returns how many bytes of the next part a search needs to find all that begins in a part.
    /// Front ends that search the parts of a file in parallel let them overlap by this.
    pub fn overlap(&self) -> usize {
        self.longest.saturating_sub(1)
    }

    /// Searches a stream. Every value is reported once, where it is first seen; memory does not
    /// grow with the stream.
    ///
    /// # Errors
    ///
    /// Returns the first error of the reader, except for interruptions.
    pub fn search(&self, reader: impl Read) -> io::Result<Vec<KnownHit>> {
        self.search_part(reader, u64::MAX).map(|(hits, _)| hits)
    }

    /// Searches a stream for what begins in its first `length` bytes. Returns the hits, and the
    /// number of lines that end in those bytes.
    ///
    /// # Errors
    ///
    /// Returns the first error of the reader, except for interruptions.
    pub fn search_part(
        &self,
        mut reader: impl Read,
        length: u64,
    ) -> io::Result<(Vec<KnownHit>, u64)> {
        /// The size of the parts in which the stream is read, in bytes.
        const CHUNK: usize = 256 << 10;
        let overlap = self.overlap();
        let mut buffer = vec![0; CHUNK + overlap];
        let mut seen = vec![false; self.values];
        let mut hits: Vec<KnownHit> = Vec::new();
        let (mut base, mut filled, mut lines) = (0_u64, 0_usize, 0_u64);
        loop {
            let read = read_some(&mut reader, &mut buffer[filled..])?;
            filled += read;
            let is_last = read == 0 || filled < buffer.len();
            // An occurrence that begins in the overlap is compared with the next part, when all of
            // it is in memory.
            let begins = if is_last { filled } else { filled - overlap };
            let begins = usize::try_from((length - base).min(begins as u64)).unwrap_or(begins);
            let text = &buffer[..filled];
            let first = hits.len();
            for tier in &self.tiers {
                tier.search(text, begins, &mut seen, |pattern, at| {
                    hits.push(KnownHit {
                        value: pattern.value,
                        form: pattern.form,
                        offset: base + at as u64,
                        length: pattern.bytes.len(),
                        line: lines + memchr::memchr_iter(b'\n', &text[..at]).count() as u64 + 1,
                        column: memchr::memrchr(b'\n', &text[..at])
                            .map_or(if base == 0 { at + 1 } else { 1 }, |line| at - line),
                    });
                });
            }
            hits[first..].sort_by_key(|hit| (hit.offset, hit.value));
            lines += memchr::memchr_iter(b'\n', &text[..begins]).count() as u64;
            if is_last || base + begins as u64 >= length {
                return Ok((hits, lines));
            }
            base += begins as u64;
            buffer.copy_within(begins..filled, 0);
            filled -= begins;
        }
    }
}

/// Fills as much of the buffer as the stream has.
fn read_some(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD_NO_PAD;

    use super::*;

    fn known(values: &[&str]) -> Known {
        let values: Vec<SecretValue> = values
            .iter()
            .map(|value| SecretValue::new((*value).to_owned()))
            .collect();
        Known::new(&values)
    }

    #[test]
    fn search_finds_every_form_at_every_alignment() {
        let value = "EXAMPLE/not a+secret\"1";
        let known = known(&["short", value, "other-EXAMPLE-value"]);
        assert_eq!(known.too_short, 1);
        for before in 0..40 {
            let filler = "x".repeat(before);
            let json = value.replace('"', "\\\"");
            let url = "EXAMPLE%2Fnot%20a%2Bsecret%221";
            for (text, form) in [
                (value.to_owned(), Form::Clear),
                (json, Form::Json),
                (url.to_owned(), Form::Url),
            ] {
                let hits = known
                    .search(format!("{filler}{text} tail").as_bytes())
                    .unwrap();
                assert_eq!(hits.len(), 1, "{form:?} {before}");
                assert_eq!(
                    (hits[0].value, hits[0].form, hits[0].offset),
                    (1, form, before as u64)
                );
            }
            let encoded = STANDARD_NO_PAD.encode(format!("{filler}{value} tail"));
            let hits = known.search(encoded.as_bytes()).unwrap();
            assert_eq!((hits.len(), hits[0].form), (1, Form::Base64), "{before}");
        }
        assert!(
            known
                .search(&b"EXAMPLE/not a+secret\"2 and more of the text"[..])
                .unwrap()
                .is_empty()
        );
    }

    #[test]
    fn search_finds_a_value_once_across_parts_of_a_stream() {
        let value = "EXAMPLE-not-a-secret-1";
        let known = known(&[value]);
        for shift in 0..30 {
            let mut text = "line of the log\n".repeat(16384);
            text.truncate((256 << 10) - 15 + shift);
            let at = text.len();
            text.push_str(value);
            text.push('\n');
            text.push_str(value);
            let hits = known.search(text.as_bytes()).unwrap();
            assert_eq!(hits.len(), 1);
            assert_eq!(hits[0].offset, at as u64);
            assert_eq!(hits[0].line, text[..at].matches('\n').count() as u64 + 1);
            let (first, lines) = known.search_part(text.as_bytes(), at as u64).unwrap();
            assert!(first.is_empty());
            assert_eq!(lines, text[..at].matches('\n').count() as u64);
            let (second, _) = known.search_part(&text.as_bytes()[at..], 1).unwrap();
            assert_eq!(second.len(), 1);
        }
    }

    #[test]
    fn debug_output_holds_no_value() {
        assert!(!format!("{:?}", known(&["EXAMPLE-not-a-secret"])).contains("EXAMPLE"));
    }
}
