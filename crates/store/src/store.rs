//! The trait that every store implements.

use byref_parameter::{Label, ParameterName, Region};

use crate::error::StoreError;
use crate::parameter::{
    Description, Found, Parameter, Put, Selection, Tag, Version, VersionSelector,
};

/// The number of names in one request of `GetParameters` or `DeleteParameters`.
///
/// Source: Systems Manager API reference, `GetParameters`, "Names".
pub const BATCH: usize = 10;
/// The number of versions that a parameter keeps. A newer one deletes the oldest, unless the oldest
/// has a label. Source: Systems Manager API reference, `PutParameter`.
pub const VERSIONS: u64 = 100;
/// The alias of the KMS key that encrypts a parameter if no other key is named: the AWS managed key
/// of the account. Every principal in the account can decrypt with it.
pub const DEFAULT_KEY: &str = "alias/aws/ssm";

/// A store of parameters in several Regions of one account.
///
/// Each method works in a single Region. Names given twice are requested once. Results come in the
/// order of the names unless the method documents another order. Implementations split requests
/// into batches and pages as large as the service accepts.
///
/// Writes may be buffered: call [`ParameterStore::finish`] after the last one.
///
/// # Errors
///
/// All methods return a [`StoreError`], whose [`help`](StoreError::help) tells the user how to
/// solve the problem.
#[expect(
    async_fn_in_trait,
    reason = "one command runs on one thread; no implementation is ever sent to another"
)]
pub trait ParameterStore {
    /// Returns the metadata of the parameters that exist, without decrypting anything.
    ///
    /// Missing parameters are left out and are not an error. Source: `GetParameters`, which lists
    /// them under `InvalidParameters`.
    async fn look_up(
        &self,
        region: &Region,
        names: &[ParameterName],
    ) -> Result<Vec<Found>, StoreError>;

    /// Returns the parameters that exist, with their decrypted values. Missing ones are left out.
    async fn read(
        &self,
        region: &Region,
        names: &[ParameterName],
    ) -> Result<Vec<Parameter>, StoreError>;

    /// Returns one version of a parameter with its decrypted value.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotFound`] if the parameter does not exist, and
    /// [`StoreError::VersionNotFound`] if it has no such version.
    async fn read_version(
        &self,
        region: &Region,
        name: &ParameterName,
        version: &VersionSelector,
    ) -> Result<Parameter, StoreError>;

    /// Returns all parameters below a path such as `/production`, at any depth, without values and
    /// sorted by name. Source: `GetParametersByPath`.
    async fn list(&self, region: &Region, path: &ParameterName) -> Result<Vec<Found>, StoreError>;

    /// Returns all parameters below a path with their decrypted values; see
    /// [`ParameterStore::list`].
    async fn list_values(
        &self,
        region: &Region,
        path: &ParameterName,
    ) -> Result<Vec<Parameter>, StoreError>;

    /// Returns tier, key and last writer of the selected parameters. Parameters selected by prefix
    /// are sorted by name.
    ///
    /// Source: `DescribeParameters`, which needs the permission `ssm:DescribeParameters`.
    async fn describe(
        &self,
        region: &Region,
        selection: Selection<'_>,
    ) -> Result<Vec<Description>, StoreError>;

    /// Returns the versions of a parameter that the store still has, oldest first and without
    /// values.
    async fn history(
        &self,
        region: &Region,
        name: &ParameterName,
    ) -> Result<Vec<Version>, StoreError>;

    /// Writes a value and returns the number of the new version.
    async fn put(&self, region: &Region, put: &Put) -> Result<u64, StoreError>;

    /// Deletes parameters with all their versions, and returns the names of those that existed.
    async fn delete(
        &self,
        region: &Region,
        names: &[ParameterName],
    ) -> Result<Vec<ParameterName>, StoreError>;

    /// Attaches a label to a version, moving it away from any other version.
    async fn label(
        &self,
        region: &Region,
        name: &ParameterName,
        version: u64,
        label: &Label,
    ) -> Result<(), StoreError>;

    /// Removes a label from a version. A label that the version does not have is not an error.
    async fn unlabel(
        &self,
        region: &Region,
        name: &ParameterName,
        version: u64,
        label: &Label,
    ) -> Result<(), StoreError>;

    /// Sets tags, overwriting those with the same keys and keeping all others.
    async fn tag(
        &self,
        region: &Region,
        name: &ParameterName,
        tags: &[Tag],
    ) -> Result<(), StoreError>;

    /// Returns the tags of a parameter, sorted by key.
    async fn tags(&self, region: &Region, name: &ParameterName) -> Result<Vec<Tag>, StoreError>;

    /// Makes all writes since the store was opened permanent. Until then, a store that buffers
    /// writes can still lose them; a store that does not buffer has nothing to do.
    async fn finish(&self) -> Result<(), StoreError>;
}
