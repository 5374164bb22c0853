//! Parameter Store's words as types: partitions, Regions, accounts, parameter names, ARNs, keys, secret values.
//!
//! Every string with a grammar is a type that can't hold anything else. Errors never hold the text that was
//! refused: it may be a secret that was pasted into the wrong place.
//!
//! ```
//! use byref_parameter::{ParameterArn, ParameterName};
//! let name: ParameterName = "/production/quiz-api/db-password".parse().unwrap();
//! let arn: ParameterArn = "arn:aws:ssm:us-west-2:111122223333:parameter/production/quiz-api/db-password".parse().unwrap();
//! assert_eq!(arn.name, name);
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
