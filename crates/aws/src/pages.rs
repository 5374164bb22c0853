//! Pagination that always terminates.

use std::collections::BTreeSet;

use byref_store::StoreError;

use crate::failure::Call;

/// The maximum number of pages of one request: even with ten parameters per page, twice the quota
/// of an account.
const PAGES: usize = 20_000;

/// The pages of one request so far.
#[derive(Debug, Default)]
pub(crate) struct Pages {
    tokens: BTreeSet<String>,
}

impl Pages {
    /// Returns the token of the next page, or `None` after the last one.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unreachable`] if a token repeats or the number of pages exceeds [`PAGES`].
    pub(crate) fn next(
        &mut self,
        token: Option<String>,
        call: &Call<'_>,
    ) -> Result<Option<String>, StoreError> {
        let Some(token) = token.filter(|token| !token.is_empty()) else {
            return Ok(None);
        };
        if !self.tokens.insert(token.clone()) {
            return Err(call.unexpected("its pages form a cycle"));
        }
        if self.tokens.len() >= PAGES {
            return Err(call.unexpected("it has too many pages"));
        }
        Ok(Some(token))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pagination_stops_on_cycles_and_at_the_limit() {
        let region = "us-west-2".parse().unwrap();
        let call = Call::new("ssm:GetParametersByPath", &region, &[]);
        let mut pages = Pages::default();
        let mut next = |token: &str| pages.next(Some(token.to_owned()), &call);
        assert_eq!(next("a"), Ok(Some("a".to_owned())));
        assert_eq!(next("b"), Ok(Some("b".to_owned())));
        assert!(next("a").is_err());
        assert_eq!(next(""), Ok(None));
        let mut endless = Pages::default();
        let read = (0..=PAGES)
            .take_while(|number| endless.next(Some(number.to_string()), &call).is_ok())
            .count();
        assert!(read < PAGES, "{read}");
    }
}
