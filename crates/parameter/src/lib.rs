//! The vocabulary of AWS Systems Manager Parameter Store as types: partitions, Regions, accounts,
//! parameter names, ARNs, KMS keys, labels, tiers and secret values.
//!
//! Each type is parsed once, with [`str::parse`], and can't hold a text that breaks its grammar
//! afterwards. Code that receives a [`ParameterName`] never needs to check it again. All types
//! print the text that AWS expects with `Display`, except [`SecretValue`], which has none.
//!
//! Errors never contain the text that was refused: it may be a secret that was pasted into the
//! wrong place.
//!
//! ```
//! use byref_parameter::{AccountId, ParameterArn, ParameterName, Partition, Region};
//!
//! let name: ParameterName = "/production/quiz-api/db-password".parse()?;
//! let region: Region = "us-west-2".parse()?;
//! let account: AccountId = "111122223333".parse()?;
//!
//! let partition = Partition::of_region(&region);
//! let arn = ParameterArn { partition, region, account, name };
//! assert_eq!(
//!     arn.to_string(),
//!     "arn:aws:ssm:us-west-2:111122223333:parameter/production/quiz-api/db-password",
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

mod arn;
mod key;
mod kind;
mod label;
mod name;
mod region;
mod secret;

pub use arn::{ArnError, ParameterArn, SecretsManagerArn, without_selectors};
pub use key::{KmsKey, KmsKeyError};
pub use kind::{ParameterType, ParameterTypeError, Tier, TierError, ValueError, check_value};
pub use label::{LABELS_PER_VERSION, Label, LabelError};
pub use name::{LEVELS, NAME_BYTES, NameError, ParameterName};
pub use region::{AccountId, AccountIdError, Partition, PartitionError, Region, RegionError};
pub use secret::{MASK, SecretValue};
