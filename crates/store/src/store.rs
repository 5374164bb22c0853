//! The seam.

use byref_parameter::{Label, ParameterName, Region};

use crate::error::StoreError;
use crate::parameter::{Description, Found, Parameter, Put, Selection, Tag, Version, VersionSelector};

/// Names that one request of `GetParameters` or `DeleteParameters` takes.
pub const BATCH: usize = 10;
/// Versions of a parameter that are kept; a newer one pushes the oldest out.
pub const VERSIONS: u64 = 100;
/// The key that encrypts where none is named: the account's own for Parameter Store.
pub const DEFAULT_KEY: &str = "alias/aws/ssm";

/// A store of parameters, in several Regions.
///
/// Every method asks one Region. Names given twice are asked once; what is returned is in the order of names, or as
/// it says. Implementations ask in batches and pages as large as the service takes.
///
/// # Errors
///
/// All methods: [`StoreError`], with what the user can do about it.
#[expect(async_fn_in_trait, reason = "one command runs on one thread; no implementation is ever sent to another")]
pub trait ParameterStore {
    /// Which of these parameters are there. Nothing is decrypted. Source: `GetParameters`; what it lists under
    /// `InvalidParameters` is not there.
    async fn look_up(&self, region: &Region, names: &[ParameterName]) -> Result<Vec<Found>, StoreError>;

    /// The values of these parameters, as far as they are there.
    async fn read(&self, region: &Region, names: &[ParameterName]) -> Result<Vec<Parameter>, StoreError>;

    /// The value of one version; [`StoreError::NotFound`] or [`StoreError::VersionNotFound`] if it is not there.
    async fn read_version(
        &self,
        region: &Region,
        name: &ParameterName,
        version: &VersionSelector,
    ) -> Result<Parameter, StoreError>;

    /// All parameters below a path such as `/production`, at any depth, without values. Source: `GetParametersByPath`.
    async fn list(&self, region: &Region, path: &ParameterName) -> Result<Vec<Found>, StoreError>;

    /// As [`ParameterStore::list`], with values.
    async fn list_values(&self, region: &Region, path: &ParameterName) -> Result<Vec<Parameter>, StoreError>;

    /// Tier, key and writer of parameters. Source: `DescribeParameters`, which needs a permission of its own.
    async fn describe(&self, region: &Region, selection: Selection<'_>) -> Result<Vec<Description>, StoreError>;

    /// The versions of a parameter that are kept, oldest first.
    async fn history(&self, region: &Region, name: &ParameterName) -> Result<Vec<Version>, StoreError>;

    /// Writes a value; returns its version.
    async fn put(&self, region: &Region, put: &Put) -> Result<u64, StoreError>;

    /// Deletes parameters with all their versions; returns those that were there.
    async fn delete(&self, region: &Region, names: &[ParameterName]) -> Result<Vec<ParameterName>, StoreError>;

    /// Puts a label on a version, taking it off another one.
    async fn label(&self, region: &Region, name: &ParameterName, version: u64, label: &Label)
    -> Result<(), StoreError>;

    /// Takes a label off a version; that it is not there is no error.
    async fn unlabel(
        &self,
        region: &Region,
        name: &ParameterName,
        version: u64,
        label: &Label,
    ) -> Result<(), StoreError>;

    /// Sets tags, leaving others alone.
    async fn tag(&self, region: &Region, name: &ParameterName, tags: &[Tag]) -> Result<(), StoreError>;

    /// The tags of a parameter, by key.
    async fn tags(&self, region: &Region, name: &ParameterName) -> Result<Vec<Tag>, StoreError>;

    /// Makes what was written last, where writes are gathered. Without it they are as if they had not been.
    async fn finish(&self) -> Result<(), StoreError>;
}
