//! `byref secret generate`

use byref_parameter::SecretValue;

use super::declared::Addressed;
use super::put::{conflicts, desire, write};
use crate::args::Common;
use crate::args::secret::Generate;
use crate::failure::{Failure, Outcome};
use crate::output::note;
use crate::store::Targets;

/// Fewer bits than this can be guessed.
const WEAK_BITS: f64 = 80.0;

pub(crate) fn run(common: &Common, options: &Generate) -> Result<Outcome, Failure> {
    let alphabet = alphabet(&options.alphabet)?;
    let addressed = Addressed::new(common, &options.one, &options.declaration)?;
    let targets = Targets::new(&addressed.project, &options.one.place)?;
    let target = addressed.target(&targets, &options.one)?;
    #[expect(clippy::cast_precision_loss, reason = "an alphabet has at most 256 characters")]
    let bits = (alphabet.len() as f64).log2() * f64::from(options.length);
    if bits < WEAK_BITS {
        note(common, &format!("{bits:.0} bits can be guessed: give it more characters with `--length`"));
    }
    let value = random(&alphabet, options.length)?;
    let desire = desire(&targets, target, value, &options.kept)?;
    addressed.show(common);
    let conflicts = conflicts(&options.declaration);
    let done = write(common, &targets, &options.one.place.store, &options.write, conflicts, vec![desire])?;
    addressed.finish(done)
}

/// The characters of an alphabet, each once.
fn alphabet(text: &str) -> Result<Vec<u8>, Failure> {
    const ALPHANUMERIC: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let characters = match text {
        "alphanumeric" => ALPHANUMERIC.to_owned(),
        "hex" => "0123456789abcdef".to_owned(),
        "base64url" => format!("{ALPHANUMERIC}-_"),
        "printable" => (b'!'..=b'~').map(char::from).collect(),
        own => own.to_owned(),
    };
    let mut bytes: Vec<u8> = characters.bytes().collect();
    bytes.sort_unstable();
    bytes.dedup();
    if bytes.len() < 2 || !bytes.iter().all(|byte| (b' '..=b'~').contains(byte)) {
        return Err(Failure::usage(
            "`--alphabet` needs at least two different printable ASCII characters",
            "for example `alphanumeric`, `hex` or `abcdef0123456789`",
        ));
    }
    Ok(bytes)
}

/// Characters from the operating system's random source, each as likely as any other.
fn random(alphabet: &[u8], length: u16) -> Result<SecretValue, Failure> {
    // Bytes beyond the last whole multiple of the alphabet's length would favour its first characters.
    let size = u16::try_from(alphabet.len()).unwrap_or(u16::MAX);
    let limit = 256 / size * size;
    let mut value = String::with_capacity(usize::from(length));
    let mut bytes = [0_u8; 64];
    while value.len() < usize::from(length) {
        getrandom::fill(&mut bytes).map_err(|error| {
            Failure::usage(
                format!("the system gives no random bytes: {error}"),
                "store a value with `byref secret put`",
            )
        })?;
        let fair = bytes.iter().filter(|byte| u16::from(**byte) < limit);
        let missing = usize::from(length) - value.len();
        value.extend(fair.map(|byte| char::from(alphabet[usize::from(u16::from(*byte) % size)])).take(missing));
    }
    bytes.fill(0);
    Ok(SecretValue::new(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_is_as_likely() {
        let alphabet = alphabet("abc").unwrap();
        let mut counts = [0_usize; 3];
        for _ in 0..20 {
            for byte in random(&alphabet, 1500).unwrap().expose().bytes() {
                counts[usize::from(byte - b'a')] += 1;
            }
        }
        assert_eq!(counts.iter().sum::<usize>(), 30_000);
        // Ten standard deviations around 10,000.
        assert!(counts.iter().all(|count| (9_200..10_800).contains(count)), "{counts:?}");
    }

    #[test]
    fn alphabets() {
        for (name, size) in [("alphanumeric", 62), ("hex", 16), ("base64url", 64), ("printable", 94), ("aab", 2)] {
            assert_eq!(alphabet(name).unwrap().len(), size, "{name}");
        }
        assert!(alphabet("a").is_err());
        assert!(alphabet("aä").is_err());
        assert!(random(b"ab", 7).unwrap().expose().len() == 7);
    }
}
