//! `byref secret put`

use byref::secrets::{Conflicts, SecretWrite, Target, Targets, parse_tag};
use byref_parameter::{KmsKey, ParameterType, SecretValue, Tier};

use super::declared::Addressed;
use crate::args::Common;
use crate::args::secret::{Declaration, Put, StorageOptions, TierArgument, TypeArgument};
use crate::args::store::{OneSecret, WriteOptions};
use crate::failure::{Failure, Outcome};
use crate::store::{Progress, Stores, Writing, block_on, read_value};

pub(crate) fn run(common: &Common, options: &Put) -> Result<Outcome, Failure> {
    let addressed = Addressed::new(common, &options.one, &options.declaration)?;
    let targets = options.one.place.targets(&addressed.project)?;
    let target = addressed.target(&targets)?;
    let value = read_value(&options.value, target.name.as_str())?;
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

/// Returns the write of a value with the options of the command line.
pub(super) fn secret_write(
    targets: &Targets<'_>,
    target: Target,
    value: SecretValue,
    options: &StorageOptions,
) -> Result<SecretWrite, Failure> {
    let key = options.key.as_deref().map(KmsKey::of_parameter).transpose();
    let key = key.map_err(|error| {
        Failure::usage(
            format!("`--key` is {error}"),
            "for example `alias/production`",
        )
    })?;
    let tags = options
        .tag
        .iter()
        .map(|text| parse_tag(text))
        .collect::<Result<Vec<_>, _>>()?;
    let kind = match options.kind {
        TypeArgument::SecureString => ParameterType::SecureString,
        TypeArgument::String => ParameterType::String,
        TypeArgument::StringList => ParameterType::StringList,
    };
    let mut write = targets
        .write(target, value)
        .stored_as(kind, key.as_ref())?
        .tags(&tags);
    if let Some(tier) = options.tier {
        write = write.tier(match tier {
            TierArgument::Standard => Tier::Standard,
            TierArgument::Advanced => Tier::Advanced,
        });
    }
    Ok(if options.new_version {
        write.always()
    } else {
        write
    })
}

/// Shows the plan, asks for consent, writes one secret, and reports.
pub(super) fn put(
    common: &Common,
    targets: &Targets<'_>,
    one: &OneSecret,
    (options, declaration): (&WriteOptions, &Declaration),
    write: SecretWrite,
) -> Result<Outcome, Failure> {
    let stores = Stores::to_write(&one.place.store);
    let conflicts = match (declaration.create_only, declaration.existing) {
        (true, _) => Conflicts::CreateOnly,
        (false, true) => Conflicts::ExistingOnly,
        (false, false) => Conflicts::Overwrite,
    };
    let question = format!("Write to {}?", targets.environment().name);
    let writing = Writing {
        common,
        options,
        stores: &stores,
        targets,
        conflicts,
        question,
    };
    block_on(async {
        let store = stores.open(targets.environment(), &Progress::hidden())?;
        writing.carry_out(&store, vec![write]).await
    })
}
