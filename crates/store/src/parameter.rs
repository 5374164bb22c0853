//! What a store says of parameters, and what is said to it.

use std::fmt;
use std::str::FromStr;

use byref_parameter::{KmsKey, Label, ParameterName, ParameterType, SecretValue, Tier};
use jiff::Timestamp;

/// A parameter that is there, without its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its name.
    pub name: ParameterName,
    /// Its type.
    pub kind: ParameterType,
    /// Its newest version, from 1; versions are counted per Region.
    pub version: u64,
    /// When that version was written.
    pub modified: Option<Timestamp>,
}

/// A parameter with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// What is known without the value.
    pub found: Found,
    /// The value, decrypted.
    pub value: SecretValue,
}

/// What `DescribeParameters` says of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// What is known without the value.
    pub found: Found,
    /// How much it may hold.
    pub tier: Tier,
    /// The key that encrypts it, as it was given: an alias, an id or an ARN; none for a type that is not encrypted.
    pub key: Option<String>,
    /// The ARN of who wrote the newest version.
    pub modified_by: Option<String>,
}

/// A version of a parameter, without its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Its number, from 1.
    pub number: u64,
    /// Its type.
    pub kind: ParameterType,
    /// When it was written.
    pub modified: Option<Timestamp>,
    /// The ARN of who wrote it.
    pub modified_by: Option<String>,
    /// Its labels, in their order.
    pub labels: Vec<Label>,
}

/// Which parameters are described.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selection<'n> {
    /// Those of these names, as far as they are there.
    Names(&'n [ParameterName]),
    /// Those whose names begin with this; the empty text means all.
    Prefix(&'n str),
}

/// Which version of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VersionSelector {
    /// By its number.
    Number(u64),
    /// The one that has this label.
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

/// Neither a version's number nor a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("neither the number of a version, from 1, nor a label")]
pub struct VersionSelectorError;

impl FromStr for VersionSelector {
    type Err = VersionSelectorError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse::<u64>() {
            Ok(0) => Err(VersionSelectorError),
            Ok(number) => Ok(Self::Number(number)),
            Err(_) => text.parse().map(Self::Label).map_err(|_| VersionSelectorError),
        }
    }
}

/// A tag.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tag {
    /// Its key.
    pub key: String,
    /// Its value.
    pub value: String,
}

/// A value to be written.
#[derive(Clone, Debug)]
pub struct Put {
    /// The parameter.
    pub name: ParameterName,
    /// The value.
    pub value: SecretValue,
    /// The type; of a parameter that is there it can't change.
    pub kind: ParameterType,
    /// How much it may hold; none leaves it as it is, or Standard for a new one. Advanced never goes back.
    pub tier: Option<Tier>,
    /// The key; none means the account's `alias/aws/ssm`, also for a parameter that had another one.
    pub key: Option<KmsKey>,
    /// Whether a parameter must not be there yet, or gets a new version.
    pub mode: PutMode,
}

/// Whether a parameter must not be there yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PutMode {
    /// It is new, and gets these tags.
    Create(Vec<Tag>),
    /// It is there and gets a new version.
    Overwrite,
}
