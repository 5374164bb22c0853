//! The index of grams, by which a search skips most bytes of a file.
//!
//! Of a pattern of 20 bytes, every 16th place of a file is looked at, with grams of five bytes. One
//! short pattern would shorten the steps for all, so that patterns of fewer than 12 bytes have a
//! tier of their own, with grams of four bytes.

use crate::pattern::{Pattern, SHORTEST_KNOWN};

/// The length, in bytes, from which patterns are searched for in longer steps.
pub(crate) const LONG: usize = 12;

/// Patterns that are searched for with the same gram and the same step.
pub(crate) struct Tier {
    /// The patterns, by whose index grams refer to them.
    patterns: Vec<Pattern>,
    /// The length of the grams, in bytes.
    gram: usize,
    /// The distance between the places of a text that are looked at, in bytes.
    step: usize,
    /// A bit for every hash of a gram.
    bitmap: Vec<u64>,
    /// For every bucket of hashes, where its grams begin in `grams`.
    starts: Vec<u32>,
    /// The hash of a gram, the index of its pattern, and its offset in the pattern; sorted.
    grams: Vec<(u64, u32, u32)>,
}

/// The size of the bitmap: 2^23 bits are 1 MiB. With 60,000 grams, it rejects 99 % of foreign
/// grams. A smaller one fits the second-level cache better, but lets so many more comparisons
/// through that it is slower.
const BITMAP_BITS: u32 = 23;
/// The number of hash bits that choose a bucket.
const BUCKET_BITS: u32 = 16;

impl Tier {
    /// Indexes patterns.
    pub(crate) fn new(patterns: Vec<Pattern>) -> Self {
        let shortest = patterns
            .iter()
            .map(|pattern| pattern.bytes.len())
            .min()
            .unwrap_or(SHORTEST_KNOWN);
        // Five bytes: other texts have few of them in common with a secret, and the steps are long.
        let gram = if shortest >= LONG { 5 } else { 4 };
        let step = shortest - gram + 1;
        let mut grams: Vec<(u64, u32, u32)> = Vec::new();
        let mut bitmap = vec![0; 1 << (BITMAP_BITS - 6)];
        for (index, pattern) in patterns.iter().enumerate() {
            for offset in 0..step {
                let hash = hash(&pattern.bytes, offset, gram);
                let bit = hash >> (64 - BITMAP_BITS);
                bitmap[index_of(bit >> 6)] |= 1 << (bit & 63);
                grams.push((
                    hash,
                    u32::try_from(index).unwrap_or(u32::MAX),
                    u32::try_from(offset).unwrap_or(u32::MAX),
                ));
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
        Self {
            patterns,
            gram,
            step,
            bitmap,
            starts,
            grams,
        }
    }

    /// Searches for values that are not `seen` yet, with an occurrence that begins before `begins`.
    /// Marks them as seen, and calls `found` with the pattern and where it begins.
    pub(crate) fn search(
        &self,
        text: &[u8],
        begins: usize,
        seen: &mut [bool],
        mut found: impl FnMut(&Pattern, usize),
    ) {
        let mut at = 0;
        // A gram of an occurrence that begins before `begins` is at most a step further.
        let end = text
            .len()
            .saturating_sub(self.gram - 1)
            .min(begins + self.step);
        while at < end {
            let hash = hash(text, at, self.gram);
            let bit = hash >> (64 - BITMAP_BITS);
            if self.bitmap[index_of(bit >> 6)] & (1 << (bit & 63)) != 0 {
                self.compare(text, at, hash, begins, seen, &mut found);
            }
            at += self.step;
        }
    }

    /// Compares the patterns with a gram of this hash, whose place is `at`. Rare, and so kept out
    /// of the loop.
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
        let (from, to) = (
            self.starts[bucket] as usize,
            self.starts[bucket + 1] as usize,
        );
        for (known, pattern, offset) in &self.grams[from..to] {
            let Some(pattern) = self
                .patterns
                .get(*pattern as usize)
                .filter(|_| *known == hash)
            else {
                continue;
            };
            let Some(start) = at
                .checked_sub(*offset as usize)
                .filter(|start| *start < begins && !seen[pattern.value])
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

/// Returns a number as an index.
fn index_of(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Returns the hash of the `gram` bytes at `at`, up to eight, spread over 64 bits.
#[inline]
fn hash(text: &[u8], at: usize, gram: usize) -> u64 {
    let number = if let Some(bytes) = text.get(at..).and_then(|rest| rest.first_chunk()) {
        u64::from_le_bytes(*bytes)
    } else {
        let mut bytes = [0; 8];
        bytes[..gram].copy_from_slice(&text[at..at + gram]);
        u64::from_le_bytes(bytes)
    };
    // The shift keeps only the gram; the upper bits of a product depend on all of its bits.
    (number << (64 - 8 * gram)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}
