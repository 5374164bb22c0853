//! `byref secret put`

use std::collections::BTreeMap;

use byref_config::Scope;
use byref_parameter::{KmsKey, ParameterType, SecretValue, Tier};
use byref_store::Tag;
use byref_store::transaction::WhenUpToDate;

use super::declared::Addressed;
use crate::args::Common;
use crate::args::secret::{Declaration, Kept, Put, TierArgument, TypeArgument};
use crate::args::store::{StoreOptions, WriteOptions};
use crate::failure::{Failure, Outcome};
use crate::store::{Conflicts, Desire, Progress, Stores, Target, Targets, Writing, block_on, read_value};

pub(crate) fn run(common: &Common, options: &Put) -> Result<Outcome, Failure> {
    let addressed = Addressed::new(common, &options.one, &options.declaration)?;
    let targets = Targets::new(&addressed.project, &options.one.place)?;
    let target = addressed.target(&targets, &options.one)?;
    let value = read_value(&options.value, target.name.as_str())?;
    let desire = desire(&targets, target, value, &options.kept)?;
    addressed.show(common);
    let conflicts = conflicts(&options.declaration);
    let done = write(common, &targets, &options.one.place.store, &options.write, conflicts, vec![desire])?;
    addressed.finish(done)
}

/// Whether a secret must be new, or there already.
pub(super) fn conflicts(options: &Declaration) -> Conflicts {
    match (options.create_only, options.existing) {
        (true, _) => Conflicts::CreateOnly,
        (false, true) => Conflicts::ExistingOnly,
        (false, false) => Conflicts::Overwrite,
    }
}

/// A secret with a value, kept as the options say.
pub(crate) fn desire(
    targets: &Targets<'_>,
    target: Target,
    value: SecretValue,
    kept: &Kept,
) -> Result<Desire, Failure> {
    let asked: Option<KmsKey> = match &kept.key {
        Some(text) => Some(
            KmsKey::of_parameter(text)
                .map_err(|error| Failure::usage(format!("`--key` is {error}"), "for example `alias/production`"))?,
        ),
        None => None,
    };
    let further_tags = kept.tag.iter().map(|text| parse_tag(text)).collect::<Result<Vec<_>, _>>()?;
    let kind = match kept.kind {
        TypeArgument::SecureString => ParameterType::SecureString,
        TypeArgument::String => ParameterType::String,
        TypeArgument::StringList => ParameterType::StringList,
    };
    let mut desire = plain_desire(targets, target, value);
    if kind != ParameterType::SecureString {
        if asked.is_some() {
            return Err(Failure::usage(format!("a {kind} is not encrypted and has no key"), "leave `--key` out"));
        }
        desire.keys.clear();
    }
    if let Some(key) = asked {
        desire.keys = desire.target.regions.iter().map(|region| (region.clone(), key.clone())).collect();
    }
    desire.kind = kind;
    desire.tier = kept.tier.map(|tier| match tier {
        TierArgument::Standard => Tier::Standard,
        TierArgument::Advanced => Tier::Advanced,
    });
    desire.tags.extend(further_tags.iter().cloned());
    desire.further_tags = further_tags;
    desire.when_up_to_date = if kept.new_version { WhenUpToDate::Write } else { WhenUpToDate::Skip };
    Ok(desire)
}

/// A secret with a value, kept as the configuration says: encrypted, with the environment's key.
pub(crate) fn plain_desire(targets: &Targets<'_>, target: Target, value: SecretValue) -> Desire {
    let own_key = |region| targets.kms_key(&target.name, region).cloned();
    let keys: BTreeMap<_, _> =
        target.regions.iter().filter_map(|region| Some((region.clone(), own_key(region)?))).collect();
    let tags = tags(targets, &target);
    Desire {
        target,
        value,
        kind: ParameterType::SecureString,
        tier: None,
        keys,
        tags,
        further_tags: Vec::new(),
        when_up_to_date: WhenUpToDate::Skip,
    }
}

/// Who uses it: environment and application, as far as the scope names them, and the key.
fn tags(targets: &Targets<'_>, target: &Target) -> Vec<Tag> {
    let tag = |key: &str, value: &str| Tag { key: key.to_owned(), value: value.to_owned() };
    let mut tags = Vec::new();
    if matches!(target.scope, None | Some(Scope::App | Scope::Environment)) {
        tags.push(tag("environment", &targets.environment.name));
    }
    if let Some(app) = targets.app.filter(|_| matches!(target.scope, None | Some(Scope::App | Scope::SharedApp))) {
        tags.push(tag("application", &app.name));
    }
    let last = target.name.as_str().rsplit('/').next().unwrap_or_default();
    tags.push(tag("key", target.key.as_deref().unwrap_or(last)));
    tags
}

fn parse_tag(text: &str) -> Result<Tag, Failure> {
    let wrong = || Failure::usage("`--tag` is not of the form `KEY=VALUE`", "for example `--tag owner=payments`");
    let (key, value) = text.split_once('=').ok_or_else(wrong)?;
    let fits = (1..=128).contains(&key.chars().count()) && value.chars().count() <= 256 && !key.starts_with("aws:");
    if fits { Ok(Tag { key: key.to_owned(), value: value.to_owned() }) } else { Err(wrong()) }
}

/// Shows the plan, asks, writes, and reports.
pub(crate) fn write(
    common: &Common,
    targets: &Targets<'_>,
    store_options: &StoreOptions,
    options: &WriteOptions,
    conflicts: Conflicts,
    desires: Vec<Desire>,
) -> Result<Outcome, Failure> {
    let stores = Stores::to_write(store_options);
    let writing = Writing {
        common,
        options,
        stores: &stores,
        environment: targets.environment,
        conflicts,
        question: format!("Write to {}?", targets.environment.name),
    };
    block_on(async {
        let store = stores.open(targets.environment, &Progress::hidden())?;
        writing.carry_out(&store, desires).await
    })
}
