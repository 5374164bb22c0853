//! A store whose kind is chosen at run time.

use byref_parameter::{Label, ParameterName, Region};
use byref_store::{
    Description, FileStore, Found, Parameter, ParameterStore, Put, Selection, StoreError, Tag,
    Version, VersionSelector,
};

/// A store whose kind is chosen at run time, as a front end with a `--store` option needs it.
///
/// Implements [`ParameterStore`] by passing every call on. Without the feature `aws` it is always a
/// file.
pub enum AnyStore {
    /// One encrypted file.
    File(FileStore),
    /// AWS Systems Manager Parameter Store in the account of an environment.
    #[cfg(feature = "aws")]
    Aws(Box<byref_aws::AwsStore>),
}

impl AnyStore {
    /// Compares the account of the caller's credentials with the environment's. A file belongs to
    /// every account.
    ///
    /// # Errors
    ///
    /// [`StoreError::WrongAccount`] for another account; others if AWS cannot be asked.
    #[cfg_attr(
        not(feature = "aws"),
        expect(clippy::unused_async, reason = "with the feature it asks AWS")
    )]
    pub async fn check_account(&self) -> Result<(), StoreError> {
        match self {
            Self::File(_) => Ok(()),
            #[cfg(feature = "aws")]
            Self::Aws(store) => store.check_account().await.map(|_| ()),
        }
    }
}

macro_rules! forward {
    ($($name:ident($($argument:ident: $type:ty),*) -> $result:ty;)*) => {
        impl ParameterStore for AnyStore {
            $(async fn $name(&self, $($argument: $type),*) -> Result<$result, StoreError> {
                match self {
                    Self::File(store) => store.$name($($argument),*).await,
                    #[cfg(feature = "aws")]
                    Self::Aws(store) => store.$name($($argument),*).await,
                }
            })*
        }
    };
}

forward! {
    look_up(region: &Region, names: &[ParameterName]) -> Vec<Found>;
    read(region: &Region, names: &[ParameterName]) -> Vec<Parameter>;
    read_version(region: &Region, name: &ParameterName, version: &VersionSelector) -> Parameter;
    list(region: &Region, path: &ParameterName) -> Vec<Found>;
    list_values(region: &Region, path: &ParameterName) -> Vec<Parameter>;
    describe(region: &Region, selection: Selection<'_>) -> Vec<Description>;
    history(region: &Region, name: &ParameterName) -> Vec<Version>;
    put(region: &Region, put: &Put) -> u64;
    delete(region: &Region, names: &[ParameterName]) -> Vec<ParameterName>;
    label(region: &Region, name: &ParameterName, version: u64, label: &Label) -> ();
    unlabel(region: &Region, name: &ParameterName, version: u64, label: &Label) -> ();
    tag(region: &Region, name: &ParameterName, tags: &[Tag]) -> ();
    tags(region: &Region, name: &ParameterName) -> Vec<Tag>;
    finish() -> ();
}
