//! Environments: the tables `[environments.NAME]`.
//!
//! ```toml
//! [environments.production]
//! account = "111122223333"
//! regions = ["us-west-2", "us-east-1"]
//! kms-key = "alias/production"
//! role-arn = "arn:aws:iam::111122223333:role/secrets-admin"
//! ```
//!
//! | Key | Value | Without it |
//! | --- | --- | --- |
//! | `account` | twelve digits, as a string | an error |
//! | `regions` | one or more Regions, the primary one first | an error |
//! | `partition` | a partition, such as `aws-cn` | that of the primary Region |
//! | `kms-key` | an alias, key ARNs, or a table with either for each scope | the AWS managed key |
//! | `role-arn` | the ARN of a role to assume | the caller's own credentials |
//!
//! Everything that a later command would learn from AWS only after half of its work is checked
//! here: a Region of another partition, and a key of another account or Region.

use byref_parameter::{KmsKey, Partition, Region};
use byref_template::{Diagnostic, Location};

use crate::model::{Environment, Scope};
use crate::pasted::suspect;
use crate::reader::{Reader, shown_key};
use crate::secret_line::pasted;
use crate::tree::{Entry, Node, Table, Value};

/// The account in a configuration written by `byref init`. No AWS account has this id.
pub const PLACEHOLDER_ACCOUNT: &str = "000000000000";

/// The keys of an environment.
///
/// The names are also in `KNOWN_KEYS` of [`hidden`](crate::hidden), which shows them in messages.
const KEYS: [&str; 5] = ["account", "regions", "partition", "kms-key", "role-arn"];

impl Environment {
    /// Reads the table of an environment, or returns `None` if its account or its Regions are
    /// missing.
    ///
    /// All keys are checked before that, so that one run reports the mistakes of an incomplete
    /// table too.
    pub(crate) fn read(reader: &mut Reader, name: &str, entry: &Entry) -> Option<Self> {
        let table = reader.as_table(name, entry)?;
        reader.unknown_keys(table, &KEYS, "an environment");
        check_name(reader, name, entry.key);
        let account = reader.parsed::<byref_parameter::AccountId>(
            table,
            "account",
            "write the twelve digits as a string: `account = \"111122223333\"`",
        );
        let regions = read_regions(reader, table);
        for (key, is_there) in [
            ("account", table.entries.contains_key("account")),
            ("regions", table.entries.contains_key("regions")),
        ] {
            if !is_there {
                reader.error(
                    "missing-key",
                    format!("environment `{}` has no `{key}`", shown_key(name)),
                    entry.key,
                    format!("add `{key}`"),
                );
            }
        }
        let of_regions = regions
            .first()
            .map(|(region, _)| Partition::of_region(region));
        let partition = reader.parsed::<Partition>(
            table,
            "partition",
            "one of aws, aws-cn, aws-us-gov, aws-iso, aws-iso-b, aws-iso-e, aws-iso-f, aws-eusc",
        );
        let partition_location = partition.map(|(_, location)| location);
        let partition = partition
            .map(|(partition, _)| partition)
            .or(of_regions)
            .unwrap_or(Partition::Aws);
        for (region, location) in &regions {
            if Partition::of_region(region) != partition {
                let mut diagnostic = Diagnostic::error(
                    "partition-mismatch",
                    format!("Region `{region}` does not belong to partition `{partition}`"),
                    *location,
                )
                .help("use one environment per partition");
                if let Some(place) = partition_location {
                    diagnostic = diagnostic.with(place, "the partition is set here");
                }
                reader.mistakes.push(diagnostic);
            }
        }
        let (account, account_location) = account?;
        if account.to_string() == PLACEHOLDER_ACCOUNT {
            let diagnostic = Diagnostic::warning(
                "placeholder-account",
                format!(
                    "the account of `{}` is still the placeholder",
                    shown_key(name)
                ),
                account_location,
            );
            reader
                .mistakes
                .push(diagnostic.help("write the twelve digits of your account"));
        }
        let regions: Vec<Region> = regions.into_iter().map(|(region, _)| region).collect();
        if regions.is_empty() {
            return None;
        }
        let scope_keys = read_scope_keys(reader, table, &regions, (&account, account_location));
        let mut kms_keys: Vec<KmsKey> = Vec::new();
        for key in scope_keys.iter().flatten() {
            if !kms_keys.contains(key) {
                kms_keys.push(key.clone());
            }
        }
        let role_arn = reader.text(table, "role-arn").and_then(|(text, location)| {
            let is_role = text.starts_with("arn:")
                && text.contains(":iam::")
                && text.contains(":role/")
                && !text.contains(char::is_whitespace);
            if !is_role {
                reader.error(
                    "bad-value",
                    "the value of `role-arn` is not the ARN of a role",
                    location,
                    "for example `arn:aws:iam::111122223333:role/secrets-admin`",
                );
            }
            is_role.then(|| text.to_owned())
        });
        Some(Self {
            name: name.to_owned(),
            account,
            regions,
            partition,
            kms_keys,
            scope_keys,
            role_arn,
            location: entry.key,
        })
    }
}

/// Checks the name of an environment or an application, which becomes a level of parameter names.
///
/// `quiz-api` and `eu.prod_2` fit. `quiz/api` and the empty name do not, since a slash would add a
/// level to every parameter name. A random text fits the grammar, but is reported as a pasted
/// secret.
pub(crate) fn check_name(reader: &mut Reader, name: &str, location: Location) {
    let fits = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
    if fits && suspect(name).is_some() {
        reader.error(
            "pasted-value",
            "this looks like a secret value, not like a name",
            location,
            "remove it",
        );
    } else if !fits {
        reader.error(
            "bad-name",
            "this name can't be a level of a parameter name",
            location,
            "use letters, digits, `.`, `-` and `_`",
        );
    }
}

/// Reads `regions`, at least one.
///
/// An empty list is reported at the list. A missing key is left to the caller, which has the
/// location of the table.
fn read_regions(reader: &mut Reader, table: &Table) -> Vec<(Region, Location)> {
    let mut regions = Vec::new();
    for (text, location) in reader.texts(table, "regions") {
        match text.parse() {
            Ok(region) => regions.push((region, location)),
            Err(_) => reader.error(
                "bad-value",
                "`regions` contains a text that is not a Region",
                location,
                "for example `us-west-2`",
            ),
        }
    }
    if let Some(Entry {
        node: Node {
            value: Value::Array(items),
            location,
        },
        ..
    }) = table.entries.get("regions")
        && items.is_empty()
    {
        reader.error(
            "bad-value",
            "`regions` is empty",
            *location,
            "list the Regions, the primary one first",
        );
    }
    regions
}

/// Reads `kms-key`: keys for all scopes, or a table with the keys of each scope. Returns the keys
/// in the order of [`Scope::ALL`].
///
/// | `kms-key` | Keys |
/// | --- | --- |
/// | missing | none for any scope |
/// | `"alias/production"` | the alias for every scope |
/// | `["arn:…us-west-2…", "arn:…us-east-1…"]` | both for every scope |
/// | `{ shared = "alias/shared" }` | the alias for [`Scope::Shared`], none for the others |
fn read_scope_keys(
    reader: &mut Reader,
    table: &Table,
    regions: &[Region],
    account: (&byref_parameter::AccountId, Location),
) -> [Vec<KmsKey>; 4] {
    let Some(Entry {
        node: Node {
            value: Value::Table(scopes),
            ..
        },
        ..
    }) = table.entries.get("kms-key")
    else {
        let keys = read_keys(reader, table, "kms-key", regions, account);
        return Scope::ALL.map(|_| keys.clone());
    };
    reader.unknown_keys(scopes, &Scope::ALL.map(Scope::as_str), "`kms-key`");
    Scope::ALL.map(|scope| read_keys(reader, scopes, scope.as_str(), regions, account))
}

/// Reads one alias that exists in every Region, or one key ARN per Region.
///
/// A KMS key belongs to one Region and one account, so the ARNs must cover all Regions of the
/// environment and belong to its account.
///
/// | Mistake | Code |
/// | --- | --- |
/// | neither an alias nor an ARN | `bad-value` |
/// | an alias that looks like a secret | `pasted-value` |
/// | an ARN with another account | `other-account` |
/// | an ARN with a Region that the environment does not have | `other-region` |
/// | ARNs for some of the Regions only | `one-key-for-several-regions` |
/// | a list with an alias and anything else | `bad-value` |
fn read_keys(
    reader: &mut Reader,
    table: &Table,
    name: &str,
    regions: &[Region],
    account: (&byref_parameter::AccountId, Location),
) -> Vec<KmsKey> {
    let Some(entry) = table.entries.get(name) else {
        return Vec::new();
    };
    let location = entry.node.location;
    let help = "write an alias (`alias/production`), or a list with one key ARN for each Region";
    let texts = match &entry.node.value {
        Value::Text(text) => vec![(text.clone(), location)],
        _ => reader.texts(table, name),
    };
    let mut keys: Vec<(KmsKey, Location)> = Vec::new();
    for (text, place) in texts {
        match text.parse() {
            Ok(_)
                if text
                    .strip_prefix("alias/")
                    .is_some_and(|alias| suspect(alias).is_some()) =>
            {
                pasted(reader, "kms-key", place, help);
            }
            Ok(key) => keys.push((key, place)),
            Err(error) => reader.error(
                "bad-value",
                format!("the value of `kms-key` is {error}"),
                place,
                help,
            ),
        }
    }
    let mut covered = Vec::new();
    for (key, place) in &keys {
        let KmsKey::Arn {
            region,
            account: own,
            ..
        } = key
        else {
            continue;
        };
        if own != account.0 {
            let diagnostic = Diagnostic::error(
                "other-account",
                "the key belongs to a different account than the environment",
                *place,
            );
            reader.mistakes.push(
                diagnostic
                    .with(account.1, "the environment's account")
                    .help("use a key in the account of the environment"),
            );
        }
        if !regions.contains(region) {
            reader.error(
                "other-region",
                format!("the key belongs to `{region}`, which is not a Region of the environment"),
                *place,
                help,
            );
        }
        covered.push(region.clone());
    }
    let is_short = !covered.is_empty() && regions.iter().any(|region| !covered.contains(region));
    if is_short {
        reader.error(
            "one-key-for-several-regions",
            "the key ARNs do not cover all Regions: a key belongs to one Region",
            location,
            help,
        );
    }
    if keys.len() > 1 && covered.len() < keys.len() {
        reader.error(
            "bad-value",
            "`kms-key` must be one alias, or one key ARN for each Region",
            location,
            help,
        );
    }
    keys.into_iter().map(|(key, _)| key).collect()
}
