//! The life of a secret: values in a parameter store, in all Regions of an environment.
//!
//! [`Targets`] turns the name that a user gives a secret into its parameter and Regions. Every
//! operation takes them, and a store of the caller ([`ParameterStore`]); it returns a report that
//! serialises. Nothing here prints, prompts, or reads the environment or the clock, and no report
//! holds a value unless the caller asked for values.
//!
//! | to | use |
//! | --- | --- |
//! | write a value to all Regions, or to none | [`Targets::write`], [`WritePlan`] |
//! | read one value, or one version of it | [`read`] |
//! | list secrets and their versions | [`SecretList`], [`History`] |
//! | compare versions, Regions, environments | [`DiffSide`], [`HealthCheck`] |
//! | restore an old value | [`Rollback`] |
//! | label versions | [`Labelling`] |
//! | copy, delete | [`SecretCopy`], [`DeletionPlan`] |
//! | read and write files of values | [`import`], [`export`] |
//! | find the secrets that share a leaked value | [`Duplicates`] |
//! | take or generate values | [`value_of_text`], [`Alphabet`] |
//!
//! Operations that write have two steps. The first one reads the store and returns a plan; the
//! second one carries it out. Between them the caller shows the plan and asks for consent, as it
//! likes.
//!
//! ```
//! use byref::secrets::{Conflicts, TargetSelection, Targets, WritePlan};
//! use byref::store::{Access, FileStore, StoreKey};
//! use byref::{Project, SecretValue};
//!
//! let toml = r#"
//! [environments.production]
//! account = "111122223333"
//! regions = ["us-west-2", "eu-west-1"]
//!
//! [flag]
//! default = "reference"
//!
//! [apps.web.secrets]
//! DB_PASSWORD = "db-password"
//! "#;
//! # use age::secrecy::ExposeSecret as _;
//! # let identity = age::x25519::Identity::generate().to_string();
//! # let key_file = identity.expose_secret();
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("secrets.age");
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! let project = Project::parse([("deploy.toml", toml)])?;
//! let targets = Targets::new(&project, &TargetSelection::default())?;
//! let account = targets.environment().account.clone();
//! let key = StoreKey::parse(key_file)?; // the content of a file written by `age-keygen`
//! let store = FileStore::open(&path, key, Access::CreateIfAbsent, "deploy".to_owned(), account)?;
//!
//! let value = SecretValue::new("not-a-secret-1".to_owned());
//! let write = targets.write(targets.find("DB_PASSWORD")?, value);
//! let plan = WritePlan::new(&store, vec![write]).await?;
//! plan.check(Conflicts::Refuse)?; // nothing that exists gets another value
//! let reports = plan.carry_out(&store, "production", || false, |_| {}).await?;
//! assert_eq!(
//!     reports[0].text(),
//!     "/production/web/db-password: us-west-2 the new value (version 1), eu-west-1 the new value (version 1)"
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod copy;
mod declaration;
mod delete;
mod diff;
mod duplicates;
pub mod export;
mod generate;
mod health;
mod history;
pub mod import;
mod label;
mod lines;
mod list;
mod rollback;
mod serialized;
mod target;
mod value;
mod write;

use byref_parameter::{ParameterName, Region};
use byref_store::{Parameter, ParameterStore, StoreError, VersionSelector};
use serde::Serialize;

pub use self::copy::{CopiedLines, SecretCopy};
pub use self::declaration::{Declared, NewLine, Undeclared};
pub use self::delete::{DeletionPlan, DeletionReport};
pub use self::diff::{Comparison, DiffSide, KeyComparison, SideReport, SideValue};
pub use self::duplicates::{DuplicateRow, Duplicates};
pub use self::generate::{Alphabet, WEAK_BITS};
pub use self::health::{HealthCheck, HealthReport, HealthRow, RegionHealth};
pub use self::history::{History, RegionHistory, VersionRow};
pub use self::label::{LabelChange, Labelling};
pub use self::lines::{LineValue, LineValues};
pub use self::list::{ListedSecret, SecretList, Values};
pub use self::rollback::{Marked, Rollback};
pub use self::target::{SecretName, Target, TargetSelection, Targets, parse_path};
pub use self::value::{FinalLineBreak, value_of_text};
pub use self::write::{
    Conflicts, PlannedWrite, SecretWrite, WriteOutcome, WritePlan, WriteReport, parse_tag,
};

/// The reason why an operation did not complete, for the user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// One sentence without a full stop.
    pub message: String,
    /// The states of the Regions, one line for each, or one for all.
    pub lines: Vec<String>,
    /// An imperative.
    pub help: String,
}

/// Reads the value of a version, or of the newest one, in one Region.
///
/// # Errors
///
/// [`StoreError::NotFound`] and [`StoreError::VersionNotFound`] for values that do not exist;
/// others if the store cannot be read.
pub async fn read<S: ParameterStore>(
    store: &S,
    region: &Region,
    name: &ParameterName,
    version: Option<&VersionSelector>,
) -> Result<Parameter, StoreError> {
    if let Some(version) = version {
        return store.read_version(region, name, version).await;
    }
    let found = store.read(region, std::slice::from_ref(name)).await?;
    found
        .into_iter()
        .next()
        .ok_or_else(|| not_found(region, name))
}

fn not_found(region: &Region, name: &ParameterName) -> StoreError {
    StoreError::NotFound {
        name: name.clone(),
        region: region.clone(),
    }
}
