//! The index of grams by which a search skips most bytes of a file.

use crate::pattern::{Pattern, SHORTEST_KNOWN};

/// Patterns from this length on are looked for in longer steps.
pub(crate) const LONG: usize = 12;

/// Patterns that are searched for with the same gram and step.
pub(crate) struct Tier {
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
    pub(crate) fn new(patterns: Vec<Pattern>) -> Self {
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
    pub(crate) fn search(&self, text: &[u8], begins: usize, seen: &mut [bool], mut found: impl FnMut(&Pattern, usize)) {
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
