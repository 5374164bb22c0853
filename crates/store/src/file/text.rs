//! Serde helpers that store types with a grammar, and secrets, as JSON strings.
//!
//! The types of [`byref_parameter`] have no implementations of serde: their only form is text, and
//! their parser checks the grammar. Errors never contain the text, which may be a secret.
//!
//! | Helper | JSON |
//! | --- | --- |
//! | `with = "text"` | `"SecureString"` |
//! | `with = "text::keys"` | `{"/web/a": …}` |
//! | `with = "text::set"` | `["current", "previous"]`, sorted |
//! | `with = "text::secret"` | `"…"`, the value itself |

use std::fmt::Display;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize as _, Deserializer, Serializer};

pub(super) fn serialize<T: Display, S: Serializer>(
    value: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

/// # Errors
///
/// An error of the format if the text breaks the grammar of its type, without the text.
pub(super) fn deserialize<'de, T: FromStr, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    String::deserialize(deserializer)?
        .parse()
        .map_err(|_| D::Error::custom("a text breaks its grammar"))
}

/// Maps whose keys have a grammar. A repeated key is an error.
pub(super) mod keys {
    use std::collections::BTreeMap;
    use std::fmt::{self, Display};
    use std::marker::PhantomData;
    use std::str::FromStr;

    use serde::de::{Error as _, MapAccess, Visitor};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(in super::super) fn serialize<K: Display, V: Serialize, S: Serializer>(
        map: &BTreeMap<K, V>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_map(map.iter().map(|(key, value)| (key.to_string(), value)))
    }

    pub(in super::super) fn deserialize<'de, K, V, D>(
        deserializer: D,
    ) -> Result<BTreeMap<K, V>, D::Error>
    where
        K: FromStr + Ord,
        V: Deserialize<'de>,
        D: Deserializer<'de>,
    {
        deserializer.deserialize_map(Entries(PhantomData))
    }

    /// The visitor, because the map of the standard library would silently keep the last of two
    /// equal keys.
    struct Entries<K, V>(PhantomData<(K, V)>);

    impl<'de, K: FromStr + Ord, V: Deserialize<'de>> Visitor<'de> for Entries<K, V> {
        type Value = BTreeMap<K, V>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
            let mut map = BTreeMap::new();
            while let Some(key) = entries.next_key::<String>()? {
                let key = key
                    .parse()
                    .map_err(|_| A::Error::custom("a key breaks its grammar"))?;
                if map.insert(key, entries.next_value()?).is_some() {
                    return Err(A::Error::custom("a key is there twice"));
                }
            }
            Ok(map)
        }
    }
}

/// Sets of texts with a grammar.
pub(super) mod set {
    use std::collections::BTreeSet;
    use std::fmt::Display;
    use std::str::FromStr;

    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(in super::super) fn serialize<T: Display, S: Serializer>(
        set: &BTreeSet<T>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(set.iter().map(ToString::to_string))
    }

    pub(in super::super) fn deserialize<'de, T: FromStr + Ord, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeSet<T>, D::Error> {
        let texts = Vec::<String>::deserialize(deserializer)?;
        let parse = |text: String| {
            text.parse()
                .map_err(|_| D::Error::custom("a text breaks its grammar"))
        };
        texts.into_iter().map(parse).collect()
    }
}

/// Secret values. This is the place where they enter the plaintext of the encrypted file.
pub(super) mod secret {
    use byref_parameter::SecretValue;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(in super::super) fn serialize<S: Serializer>(
        value: &SecretValue,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(value.expose())
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<SecretValue, D::Error> {
        String::deserialize(deserializer).map(SecretValue::new)
    }
}
