//! A parameter store as a trait, an encrypted file that implements it, and writes to several
//! Regions.
//!
//! [`ParameterStore`] has one method per operation of AWS Systems Manager Parameter Store that
//! byref uses: batched reads, versioned writes, labels and tags. Two stores implement it: Parameter
//! Store itself (crate `byref-aws`), and [`FileStore`], one encrypted file with the same
//! operations, limits and errors. Every failure is a [`StoreError`], with one variant per thing
//! that the user would do differently and a [`StoreError::help`] that names it.
//!
//! [`transaction`] writes one secret to several Regions, to all of them or to none. It is a state
//! machine without I/O, so that tests can inject every fault at every request.
//!
//! ```
//! use byref_parameter::{ParameterType, Region, SecretValue};
//! use byref_store::{Access, FileStore, ParameterStore as _, Put, PutMode, StoreKey};
//!
//! # use age::secrecy::ExposeSecret as _;
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("secrets.age");
//! # let identity = age::x25519::Identity::generate().to_string();
//! # let key_file = identity.expose_secret();
//! let key = StoreKey::parse(key_file)?; // the content of a file written by `age-keygen`
//! let author = "deploy@example.com".to_owned();
//! let account = "111122223333".parse()?;
//! let store = FileStore::open(&path, key, Access::CreateIfAbsent, author, account)?;
//!
//! let region: Region = "us-west-2".parse()?;
//! let put = Put {
//!     name: "/production/web/db-password".parse()?,
//!     value: SecretValue::new("not-a-secret-1".to_owned()),
//!     kind: ParameterType::SecureString,
//!     tier: None,
//!     key: None,
//!     mode: PutMode::Create(Vec::new()),
//! };
//! assert_eq!(store.put(&region, &put).await?, 1); // the number of the new version
//! store.finish().await?; // the file changes here
//!
//! let found = store.read(&region, &[put.name]).await?;
//! assert_eq!(found[0].value.expose(), "not-a-secret-1");
//! # Ok(())
//! # })
//! # }
//! ```
#![forbid(unsafe_code)]

mod error;
mod file;
mod parameter;
mod store;
pub mod transaction;

pub use error::{Denial, StoreError, Unreachable};
pub use file::{Access, FileStore, StoreKey, StoreKeyError};
pub use parameter::{
    Description, Found, Parameter, Put, PutMode, Selection, Tag, Version, VersionSelector,
    VersionSelectorError,
};
pub use store::{BATCH, DEFAULT_KEY, ParameterStore, VERSIONS};
