//! Mutations of seeds for tests without a fuzzer: the same ones in every run.

use std::path::Path;

/// The seeds, sorted by name.
pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    paths
        .iter()
        .map(|path| std::fs::read(path).unwrap())
        .collect()
}

/// A generator of numbers (xorshift).
pub(crate) struct Numbers(u64);

impl Numbers {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % (limit.max(1) as u64)).unwrap()
    }
}

const PIECES: [&str; 40] = [
    "\n",
    " ",
    "  ",
    "\t",
    "\r\n",
    ":",
    ": ",
    "- ",
    "-",
    "#",
    " # c",
    "'",
    "\"",
    "''",
    "\\",
    "\\n",
    "[",
    "]",
    "{",
    "}",
    ",",
    "|",
    ">",
    "|-\n",
    "&a ",
    "*a",
    "!Ref ",
    "!If ",
    "!Sub ",
    "? ",
    "<<: ",
    "---\n",
    "é",
    "😀",
    "\u{feff}",
    "Name: DB_PASSWORD",
    "Value: x",
    "Fn::If: ",
    "null",
    "~",
];

/// A seed with a few bytes changed: pieces put in, cut out, doubled, or taken from another seed.
pub(crate) fn mutate(seeds: &[Vec<u8>], numbers: &mut Numbers) -> Vec<u8> {
    let mut data = seeds[numbers.below(seeds.len())].clone();
    for _ in 0..=numbers.below(4) {
        let at = numbers.below(data.len() + 1);
        let end = (at + numbers.below(40)).min(data.len());
        match numbers.below(5) {
            0 | 1 => {
                let piece = PIECES[numbers.below(PIECES.len())].as_bytes();
                data.splice(at..at, piece.iter().copied());
            }
            2 => drop(data.drain(at..end)),
            3 => {
                let copy = data[at..end].to_vec();
                let place = numbers.below(data.len() + 1);
                data.splice(place..place, copy);
            }
            _ => {
                let other = &seeds[numbers.below(seeds.len())];
                let from = numbers.below(other.len());
                let piece = other[from..(from + numbers.below(60)).min(other.len())].to_vec();
                data.splice(at..end, piece);
            }
        }
    }
    data
}
