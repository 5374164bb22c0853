//! The name of a value, from the keys above it.
//!
//! | path of the value | name |
//! | --- | --- |
//! | `Mappings.Passwords.prod.Db` | `Passwords` |
//! | `Parameters.Pw.Default` | `Pw` |
//! | `Properties.Password.Value` | `Password` |
//! | `ContainerDefinitions[0].Environment[1].Value` | that of the pair |
//!
//! Neutral keys are passed over: words such as `Value`, environments, Regions, and keys without a
//! letter. At most four keys are looked at, and none above a section.

use std::borrow::Cow;

use byref_judge::{NameHint, classify_name};

use super::{Visitor, Walk};
use crate::path::Step;

impl<'t, V: Visitor<'t>> Walk<'_, 't, V> {
    /// Returns the name of the current value: that of its pair, or else the nearest key that is not
    /// neutral.
    pub(super) fn name(&self) -> Cow<'_, str> {
        if let Some(name) = &self.given_name {
            return Cow::Borrowed(name);
        }
        let mut nearest = None;
        let keys = self.path.steps().iter().rev().filter_map(Step::key).take(4);
        for key in keys {
            if matches!(
                key,
                "Properties" | "Resources" | "Outputs" | "Mappings" | "Metadata" | "Parameters"
            ) {
                break;
            }
            nearest = nearest.or(Some(key));
            // In cfn-init and cloud-init, these are the owner of a file, whatever the file is
            // called.
            if matches!(key, "owner" | "group" | "mode") {
                return Cow::Borrowed(key);
            }
            if !is_neutral(key) {
                return Cow::Borrowed(self.collection(key).unwrap_or(key));
            }
        }
        // The value of a parameter in Parameter Store has the name of its resource.
        let resource = self
            .resource
            .as_ref()
            .filter(|resource| resource.kind == "AWS::SSM::Parameter" && nearest == Some("Value"));
        Cow::Borrowed(resource.map_or(nearest.unwrap_or_default(), |resource| resource.id.as_ref()))
    }

    /// Returns the collection that gives a meaning to a key without one:
    /// `Secrets: {prod: {db: x}}`.
    fn collection(&self, key: &str) -> Option<&str> {
        if classify_name(key) != NameHint::Nothing {
            return None;
        }
        let above = self
            .path
            .steps()
            .iter()
            .rev()
            .filter_map(Step::key)
            .skip_while(|above| *above != key)
            .skip(1)
            .take(2);
        let mut collections = above.filter(|above| {
            let is_plural = ["secrets", "passwords", "credentials", "creds", "tokens"]
                .iter()
                .any(|end| above.to_ascii_lowercase().ends_with(end));
            is_plural && classify_name(above).is_strong()
        });
        collections.next()
    }
}

/// Returns `true` for keys that have no meaning for their value: `Value`, `Default`, an
/// environment, a Region.
fn is_neutral(key: &str) -> bool {
    let is_word = |word: &str| key.eq_ignore_ascii_case(word);
    let words = [
        "value",
        "default",
        "text",
        "content",
        "contents",
        "data",
        "string",
        "prod",
        "production",
        "dev",
        "development",
        "test",
        "testing",
        "stage",
        "staging",
        "qa",
        "uat",
        "live",
        "sandbox",
        "preprod",
        "all",
        "any",
        "values",
        "plain",
        "raw",
    ];
    words.iter().any(|word| is_word(word)) && classify_name(key) == NameHint::Nothing
        || key.bytes().all(|byte| !byte.is_ascii_alphabetic())
        || is_region(key)
}

/// Returns `true` for a Region: `us-east-1`.
fn is_region(key: &str) -> bool {
    let parts: Vec<&str> = key.split('-').collect();
    parts.len() >= 3
        && parts[0].len() == 2
        && parts
            .last()
            .is_some_and(|last| last.len() == 1 && last.bytes().all(|byte| byte.is_ascii_digit()))
}
