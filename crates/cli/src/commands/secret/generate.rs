//! `byref secret generate`

use byref::secrets::{Alphabet, WEAK_BITS};

use super::declared::Addressed;
use super::put::{put, secret_write};
use crate::args::Common;
use crate::args::secret::Generate;
use crate::failure::{Failure, Outcome};
use crate::output::note;

pub(crate) fn run(common: &Common, options: &Generate) -> Result<Outcome, Failure> {
    let alphabet: Alphabet = options.alphabet.parse()?;
    let addressed = Addressed::new(common, &options.one, &options.declaration)?;
    let targets = options.one.place.targets(&addressed.project)?;
    let target = addressed.target(&targets)?;
    let bits = alphabet.bits(options.length);
    if bits < WEAK_BITS {
        note(
            common,
            &format!("{bits:.0} bits can be guessed: give it more characters with `--length`"),
        );
    }
    let value = alphabet.value(options.length, |bytes| {
        getrandom::fill(bytes).map_err(|error| {
            Failure::usage(
                format!("the system gives no random bytes: {error}"),
                "store a value with `byref secret put`",
            )
        })
    })?;
    let write = secret_write(&targets, target, value, &options.storage)?;
    addressed.show(common);
    let done = put(
        common,
        &targets,
        &options.one,
        (&options.write, &options.declaration),
        write,
    )?;
    addressed.finish(done)
}
