//! The data that a store returns and accepts.

use std::fmt;
use std::str::FromStr;

use byref_parameter::{KmsKey, Label, ParameterName, ParameterType, SecretValue, Tier};
use jiff::Timestamp;

/// An existing parameter without its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The name of the parameter.
    pub name: ParameterName,
    /// The type of the parameter.
    pub kind: ParameterType,
    /// The number of the newest version, from 1. Every Region counts its own versions.
    pub version: u64,
    /// The time at which that version was written.
    pub modified: Option<Timestamp>,
}

/// A parameter with its decrypted value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// The metadata of the parameter.
    pub found: Found,
    /// The decrypted value of the newest version, or of the version that was requested.
    pub value: SecretValue,
}

/// The extended metadata of a parameter, as `DescribeParameters` reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// The metadata of the parameter.
    pub found: Found,
    /// The tier of the parameter.
    pub tier: Tier,
    /// The KMS key that encrypts the parameter, in the form in which it was given to
    /// `PutParameter`: an alias, an id or an ARN. `None` for types that are not encrypted.
    pub key: Option<String>,
    /// The ARN of the principal that wrote the newest version.
    pub modified_by: Option<String>,
}

/// A version of a parameter without its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The version number, from 1.
    pub number: u64,
    /// The type of the parameter.
    pub kind: ParameterType,
    /// The time at which the version was written.
    pub modified: Option<Timestamp>,
    /// The ARN of the principal that wrote the version.
    pub modified_by: Option<String>,
    /// The labels of the version, in alphabetical order.
    pub labels: Vec<Label>,
}

/// A selection of the parameters to describe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selection<'n> {
    /// The parameters with these names, as far as they exist.
    Names(&'n [ParameterName]),
    /// The parameters whose names begin with this text. The empty text selects all.
    Prefix(&'n str),
}

/// A reference to one version of a parameter, written as `7` or `release-7`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VersionSelector {
    /// The version with this number.
    Number(u64),
    /// The version that has this label.
    Label(Label),
}

impl fmt::Display for VersionSelector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(formatter),
            Self::Label(label) => label.fmt(formatter),
        }
    }
}

/// The error for a text that is neither a version number nor a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("neither a version number (from 1) nor a label")]
pub struct VersionSelectorError;

impl FromStr for VersionSelector {
    type Err = VersionSelectorError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse::<u64>() {
            Ok(0) => Err(VersionSelectorError),
            Ok(number) => Ok(Self::Number(number)),
            Err(_) => text
                .parse()
                .map(Self::Label)
                .map_err(|_| VersionSelectorError),
        }
    }
}

/// A tag of a parameter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tag {
    /// The key of the tag, unique within a parameter.
    pub key: String,
    /// The value of the tag.
    pub value: String,
}

/// A value to write, with the settings of its parameter.
#[derive(Clone, Debug)]
pub struct Put {
    /// The name of the parameter.
    pub name: ParameterName,
    /// The new value.
    pub value: SecretValue,
    /// The type of the parameter; must equal the type of an existing parameter.
    pub kind: ParameterType,
    /// The tier. `None` keeps the tier of an existing parameter and creates new ones in Standard. A
    /// parameter in Advanced can't be moved back.
    pub tier: Option<Tier>,
    /// The KMS key. `None` means [`DEFAULT_KEY`](crate::DEFAULT_KEY), even if the parameter was
    /// encrypted with another key before: a request without `KeyId` selects the AWS managed key.
    /// Source: Systems Manager API reference, `PutParameter`, "`KeyId`".
    pub key: Option<KmsKey>,
    /// The choice between creating a parameter and writing a new version.
    pub mode: PutMode,
}

/// A choice between creating a parameter and writing a new version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PutMode {
    /// Creates the parameter with these tags. Fails if it already exists.
    Create(Vec<Tag>),
    /// Writes a new version of an existing parameter.
    ///
    /// Parameter Store rejects tags together with an overwrite, hence no tags here.
    Overwrite,
}
