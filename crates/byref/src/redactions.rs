//! The values that no report of a run may contain.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};

use byref_known::KnownValues;

/// The secret values that a run has learned, in all their forms: a net below the masks of single
/// names and lines.
///
/// Clones share one list. Operations of a [`Project`](crate::Project) add what they learn; a front
/// end passes every report through [`Redactions::redacted`] before it prints it.
///
/// ```
/// use byref::{Redactions, known::KnownValues};
///
/// let redactions = Redactions::default();
/// redactions.keep_secret(&KnownValues::new(["xK9-not-a-secret-77"]));
/// assert_eq!(redactions.redacted("password xK9-not-a-secret-77 was found"), "password ****** was found");
/// ```
#[derive(Clone, Default)]
pub struct Redactions(Arc<Mutex<Vec<KnownValues>>>);

impl Redactions {
    /// Adds values, which [`Redactions::redacted`] masks from now on.
    pub fn keep_secret(&self, known: &KnownValues) {
        let mut secret = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !secret.iter().any(|other| known.adds_nothing_to(other)) {
            secret.push(known.clone());
        }
    }

    /// Returns the text with every known value masked, except for everyday words.
    pub fn redacted<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let secret = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        secret.iter().fold(Cow::Borrowed(text), |text, known| {
            match known.redacted(&text) {
                Cow::Owned(redacted) => Cow::Owned(redacted),
                Cow::Borrowed(_) => text,
            }
        })
    }
}
