//! What a parameter store does: reads in batches, writes with versions, labels, tags; its limits and errors as types.
//!
//! [`ParameterStore`] is the seam between byref and where secrets are kept: Parameter Store itself (crate `aws`), or
//! the [`FileStore`], one encrypted file with the same operations, limits and errors. [`transaction`] writes one
//! secret to several Regions, all or none; it is a state machine without I/O, so that every fault can be tried.
#![forbid(unsafe_code)]

mod error;
mod file;
mod parameter;
mod store;
pub mod transaction;

pub use error::{Denial, StoreError, Unreachable};
pub use file::{Access, FileStore, StoreKey, StoreKeyError};
pub use parameter::{
    Description, Found, Parameter, Put, PutMode, Selection, Tag, Version, VersionSelector, VersionSelectorError,
};
pub use store::{BATCH, DEFAULT_KEY, ParameterStore, VERSIONS};
