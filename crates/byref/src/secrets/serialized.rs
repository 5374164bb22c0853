//! Serialisation of names, Regions and errors as their texts.
//!
//! The types themselves don't implement `Serialize`, so that a new form of one of them is not a
//! change of all reports. Each function is named in an attribute of a field:
//! `#[serde(serialize_with = "serialized::text")]`.

use std::collections::BTreeMap;
use std::fmt::Display;

use byref_parameter::Region;
use serde::{Serialize, Serializer};

/// Serialises a value as its text.
pub(super) fn text<S: Serializer>(value: &impl Display, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

/// Serialises a list as the list of its texts.
pub(super) fn texts<'v, V, T, S>(values: &'v V, serializer: S) -> Result<S::Ok, S::Error>
where
    &'v V: IntoIterator<Item = &'v T>,
    T: Display + 'v,
    S: Serializer,
{
    serializer.collect_seq(values.into_iter().map(ToString::to_string))
}

/// Serialises a map with the names of the Regions as its keys.
pub(super) fn by_region<S: Serializer>(
    map: &BTreeMap<Region, impl Serialize>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(
        map.iter()
            .map(|(region, value)| (region.to_string(), value)),
    )
}
