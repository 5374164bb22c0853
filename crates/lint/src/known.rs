//! Stored values, searched for in files of any kind and size, at the speed of memory.
//!
//! Every value is looked for as it is, in base64 (at all three alignments), URL-encoded and JSON-escaped. The text is not
//! compared byte by byte: of a pattern of length `l`, every occurrence holds a gram of `q` bytes at one of any `l - q + 1`
//! positions in a row, so it is enough to look at every `l - q + 1`th position, and to ask a bitmap whether the gram there
//! is one of a pattern's. What the bitmap lets through is compared in full. Aho-Corasick, which looks at every byte, is
//! several times slower here.

use std::io::{self, Read};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use byref_parameter::SecretValue;
use zeroize::Zeroizing;

/// Shorter values are everywhere: they are not searched for.
pub const SHORTEST_KNOWN: usize = 6;

/// How a value stands in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// As it is.
    Clear,
    /// Inside of base64.
    Base64,
    /// With percent signs.
    Url,
    /// With backslashes.
    Json,
}

impl Form {
    /// Words for messages.
    pub fn describe(self) -> &'static str {
        match self {
            Form::Clear => "as plaintext",
            Form::Base64 => "in base64",
            Form::Url => "URL-encoded",
            Form::Json => "JSON-escaped",
        }
    }
}

/// Where a value was found; the value itself is not here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownHit {
    /// The index of the value in the list that [`Known::new`] took.
    pub value: usize,
    /// How it stands there.
    pub form: Form,
    /// Where in bytes.
    pub offset: u64,
    /// How many bytes.
    pub length: usize,
    /// The line, from 1.
    pub line: u64,
    /// The column in bytes, from 1; 1 where the line is longer than what was kept of it.
    pub column: usize,
}

struct Pattern {
    bytes: Zeroizing<Vec<u8>>,
    value: usize,
    form: Form,
    /// Bits of the base64 characters before and behind that belong to the value, too.
    edges: [Edge; 2],
}

/// Some bits of a base64 character: which, and what they are. No bits are always right.
#[derive(Clone, Copy, Default)]
struct Edge {
    mask: u8,
    bits: u8,
}

impl Edge {
    /// Whether the character has these bits. What is not in the buffer, or no character of base64, is taken as right.
    fn fits(self, byte: Option<&u8>) -> bool {
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

/// Stored values, ready to be searched for. Its memory is wiped when it is dropped, and its `Debug` shows none.
pub struct Known {
    tiers: Vec<Tier>,
    longest: usize,
    values: usize,
    /// How many values were too short to be searched for.
    pub too_short: usize,
}

impl std::fmt::Debug for Known {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Known").field("values", &self.values).finish_non_exhaustive()
    }
}

/// Patterns from this length on are looked for in longer steps.
const LONG: usize = 12;

impl Known {
    /// Takes the values over.
    pub fn new(values: &[SecretValue]) -> Self {
        let mut patterns = Vec::new();
        let mut too_short = 0;
        for (index, value) in values.iter().enumerate() {
            let bytes = value.expose().trim_end_matches(['\n', '\r']).as_bytes();
            if bytes.len() < SHORTEST_KNOWN {
                too_short += 1;
                continue;
            }
            patterns.extend(forms(bytes, index));
        }
        let longest = patterns.iter().map(|pattern| pattern.bytes.len()).max().unwrap_or(1);
        let (long, short): (Vec<Pattern>, Vec<Pattern>) =
            patterns.into_iter().partition(|pattern| pattern.bytes.len() >= LONG);
        let tiers = [long, short].into_iter().filter(|patterns| !patterns.is_empty()).map(Tier::new).collect();
        Self { tiers, longest, values: values.len(), too_short }
    }

    /// How many bytes of a next part a search must see to find what begins in this one.
    pub fn overlap(&self) -> usize {
        self.longest.saturating_sub(1)
    }

    /// Searches a stream; every value is reported once, where it is first seen. Memory does not grow with the stream.
    ///
    /// # Errors
    ///
    /// What reading gives.
    pub fn search(&self, reader: impl Read) -> io::Result<Vec<KnownHit>> {
        self.search_part(reader, u64::MAX).map(|(hits, _)| hits)
    }

    /// Searches a stream for what begins in its first `length` bytes; returns also how many lines end in them.
    ///
    /// # Errors
    ///
    /// What reading gives.
    pub fn search_part(&self, mut reader: impl Read, length: u64) -> io::Result<(Vec<KnownHit>, u64)> {
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
            // What begins in the overlap is looked at with the next part, when all of it is there.
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

/// Fills as much of the buffer as the stream gives.
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

/// A value in all its forms, each once.
fn forms(bytes: &[u8], value: usize) -> Vec<Pattern> {
    let mut patterns: Vec<Pattern> = Vec::new();
    let mut add = |bytes: Vec<u8>, form: Form, edges: [Edge; 2]| {
        let bytes = Zeroizing::new(bytes);
        let is_new = bytes.len() >= SHORTEST_KNOWN && patterns.iter().all(|known| known.bytes != bytes);
        if is_new {
            patterns.push(Pattern { bytes, value, form, edges });
        }
    };
    let none = [Edge::default(); 2];
    add(bytes.to_vec(), Form::Clear, none);
    for shift in 0..3 {
        for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
            let shifted = Zeroizing::new([&[0; 3][..shift], bytes].concat());
            let encoded = Zeroizing::new(engine.encode(&*shifted));
            // Characters that are made of the bytes before and behind as well are left out.
            let first = (shift * 8).div_ceil(6);
            let last = shifted.len() * 8 / 6;
            // Of these, some bits are the value's: the low ones of the first byte, the high ones of the last.
            let before = bits(first * 6 - shift * 8);
            let behind = bits(shifted.len() * 8 - last * 6);
            let first_byte = bytes.first().copied().unwrap_or_default();
            let last_byte = bytes.last().copied().unwrap_or_default();
            let edges = [
                Edge { mask: (1 << before) - 1, bits: first_byte.checked_shr(u32::from(8 - before)).unwrap_or(0) },
                Edge { mask: 63 & !(63 >> behind), bits: (last_byte & ((1 << behind) - 1)) << (6 - behind) },
            ];
            add(encoded.as_bytes()[first..last].to_vec(), Form::Base64, edges);
        }
    }
    for upper in [true, false] {
        add(percent_encoded(bytes, upper), Form::Url, none);
    }
    add(json_escaped(bytes), Form::Json, none);
    patterns
}

/// A number of bits below eight.
fn bits(count: usize) -> u8 {
    u8::try_from(count).unwrap_or_default()
}

pub(crate) fn percent_encoded(bytes: &[u8], upper: bool) -> Vec<u8> {
    let digits = if upper { b"0123456789ABCDEF" } else { b"0123456789abcdef" };
    let mut encoded = Vec::with_capacity(bytes.len() * 3);
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            encoded.push(*byte);
        } else {
            encoded.extend([b'%', digits[usize::from(byte >> 4)], digits[usize::from(byte & 15)]]);
        }
    }
    encoded
}

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

/// Patterns that are searched for with the same gram and step.
struct Tier {
    patterns: Vec<Pattern>,
    gram: usize,
    step: usize,
    /// One bit for every hash of a gram.
    bitmap: Vec<u64>,
    /// Where the grams of a hash begin in `grams`.
    starts: Vec<u32>,
    /// Hash bits, pattern, and the gram's offset in it.
    grams: Vec<(u64, u32, u32)>,
}

/// 1 MiB: with 60,000 grams 99 of 100 foreign ones are told at once. Half of it fits the second cache better, and
/// compares so many more that it is slower.
const BITMAP_BITS: u32 = 23;
const BUCKET_BITS: u32 = 16;

impl Tier {
    fn new(patterns: Vec<Pattern>) -> Self {
        let shortest = patterns.iter().map(|pattern| pattern.bytes.len()).min().unwrap_or(SHORTEST_KNOWN);
        // Five bytes: no other text has many of them in common with a secret, and the steps are long.
        let gram = if shortest >= LONG { 5 } else { 4 };
        let step = shortest - gram + 1;
        let mut grams: Vec<(u64, u32, u32)> = Vec::new();
        let mut bitmap = vec![0; 1 << (BITMAP_BITS - 6)];
        for (index, pattern) in patterns.iter().enumerate() {
            for offset in 0..step {
                let hash = hash(&pattern.bytes, offset, gram);
                let bit = hash >> (64 - BITMAP_BITS);
                bitmap[index_of(bit >> 6)] |= 1 << (bit & 63);
                grams.push((hash, u32::try_from(index).unwrap_or(u32::MAX), u32::try_from(offset).unwrap_or(u32::MAX)));
            }
        }
        grams.sort_unstable();
        let mut starts = vec![0; (1 << BUCKET_BITS) + 1];
        for (hash, _, _) in &grams {
            starts[index_of(hash >> (64 - BUCKET_BITS)) + 1] += 1;
        }
        for index in 1..starts.len() {
            starts[index] += starts[index - 1];
        }
        Self { patterns, gram, step, bitmap, starts, grams }
    }

    /// Searches for values that are not `seen` yet, of which an occurrence begins before `begins`.
    fn search(&self, text: &[u8], begins: usize, seen: &mut [bool], mut found: impl FnMut(&Pattern, usize)) {
        let mut at = 0;
        // A gram that covers what begins before `begins` stands at most a step later.
        let end = text.len().saturating_sub(self.gram - 1).min(begins + self.step);
        while at < end {
            let hash = hash(text, at, self.gram);
            let bit = hash >> (64 - BITMAP_BITS);
            if self.bitmap[index_of(bit >> 6)] & (1 << (bit & 63)) != 0 {
                self.compare(text, at, hash, begins, seen, &mut found);
            }
            at += self.step;
        }
    }

    #[cold]
    fn compare(
        &self,
        text: &[u8],
        at: usize,
        hash: u64,
        begins: usize,
        seen: &mut [bool],
        found: &mut impl FnMut(&Pattern, usize),
    ) {
        let bucket = index_of(hash >> (64 - BUCKET_BITS));
        let (from, to) = (self.starts[bucket] as usize, self.starts[bucket + 1] as usize);
        for (known, pattern, offset) in &self.grams[from..to] {
            let Some(pattern) = self.patterns.get(*pattern as usize).filter(|_| *known == hash) else { continue };
            let Some(start) = at.checked_sub(*offset as usize).filter(|start| *start < begins && !seen[pattern.value])
            else {
                continue;
            };
            let [before, behind] = pattern.edges;
            let fits = || {
                before.fits(start.checked_sub(1).and_then(|at| text.get(at)))
                    && behind.fits(text.get(start + pattern.bytes.len()))
            };
            if text[start..].starts_with(&pattern.bytes) && fits() {
                seen[pattern.value] = true;
                found(pattern, start);
            }
        }
    }
}

fn index_of(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// A gram of up to eight bytes, spread over 64 bits.
#[inline]
fn hash(text: &[u8], at: usize, gram: usize) -> u64 {
    let number = if let Some(bytes) = text.get(at..).and_then(|rest| rest.first_chunk()) {
        u64::from_le_bytes(*bytes)
    } else {
        let mut bytes = [0; 8];
        bytes[..gram].copy_from_slice(&text[at..at + gram]);
        u64::from_le_bytes(bytes)
    };
    // The shift leaves the gram alone; the upper bits of a product depend on all bits of it.
    (number << (64 - 8 * gram)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(values: &[&str]) -> Known {
        let values: Vec<SecretValue> = values.iter().map(|value| SecretValue::new((*value).to_owned())).collect();
        Known::new(&values)
    }

    #[test]
    fn every_form_is_found_at_every_alignment() {
        let value = "EXAMPLE/not a+secret\"1";
        let known = known(&["short", value, "other-EXAMPLE-value"]);
        assert_eq!(known.too_short, 1);
        for before in 0..40 {
            let filler = "x".repeat(before);
            let json = value.replace('"', "\\\"");
            let url = "EXAMPLE%2Fnot%20a%2Bsecret%221";
            for (text, form) in [(value.to_owned(), Form::Clear), (json, Form::Json), (url.to_owned(), Form::Url)] {
                let hits = known.search(format!("{filler}{text} tail").as_bytes()).unwrap();
                assert_eq!(hits.len(), 1, "{form:?} {before}");
                assert_eq!((hits[0].value, hits[0].form, hits[0].offset), (1, form, before as u64));
            }
            let encoded = STANDARD_NO_PAD.encode(format!("{filler}{value} tail"));
            let hits = known.search(encoded.as_bytes()).unwrap();
            assert_eq!((hits.len(), hits[0].form), (1, Form::Base64), "{before}");
        }
        assert!(known.search(&b"EXAMPLE/not a+secret\"2 and more of the text"[..]).unwrap().is_empty());
    }

    #[test]
    fn a_value_is_found_across_parts_of_the_stream_and_once() {
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
    fn debug_shows_nothing() {
        assert!(!format!("{:?}", known(&["EXAMPLE-not-a-secret"])).contains("EXAMPLE"));
    }
}
