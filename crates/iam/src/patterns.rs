//! The patterns of one element of a statement.

use std::collections::BTreeSet;
use std::ops::Bound;

use crate::pattern::Pattern;
use crate::request::Request;
use crate::truth::Truth;

/// The patterns of an `Action` or a `Resource` element. One of them must fit.
///
/// Texts without wildcards, gaps and variables are kept sorted. A policy often names every secret
/// of an application, and every secret is judged by it: with a walk through the list, the cost
/// would grow with the square of their number.
#[derive(Clone, Debug, Default)]
pub struct Patterns {
    literals: BTreeSet<String>,
    open: Vec<Pattern>,
}

impl Patterns {
    /// Evaluates every pattern; for elements with a few patterns.
    pub(crate) fn any(&self, fits: impl Fn(&Pattern) -> Truth) -> Truth {
        let literals = self.literals.iter().map(|text| fits(&Pattern::known(text)));
        Truth::any(literals.chain(self.open.iter().map(&fits)))
    }

    /// Matches the resource of a request. Of the sorted texts, only those that begin like the
    /// certain part of the resource can fit.
    pub(crate) fn match_resource(&self, request: &Request) -> Truth {
        let certain = request.certain_part();
        let alike = self
            .literals
            .range::<str, _>((Bound::Included(certain), Bound::Unbounded))
            .take_while(|text| text.starts_with(certain))
            .filter(|text| !request.is_certain() || text.len() == certain.len());
        let literals = alike.map(|text| request.is_on(&Pattern::known(text)));
        Truth::any(literals.chain(self.open.iter().map(|pattern| request.is_on(pattern))))
    }
}

impl FromIterator<Pattern> for Patterns {
    fn from_iter<I: IntoIterator<Item = Pattern>>(patterns: I) -> Self {
        let mut found = Self::default();
        for pattern in patterns {
            match pattern.text() {
                Ok(text) if !text.contains(['*', '?', '$']) && !text.contains(char::is_control) => {
                    found.literals.insert(text.to_owned());
                }
                _ => found.open.push(pattern),
            }
        }
        found
    }
}

impl From<Vec<Pattern>> for Patterns {
    fn from(patterns: Vec<Pattern>) -> Self {
        patterns.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::{ArnScope, Secret};
    use crate::request::requests_to_read;

    /// Patterns give the same answer as each of them alone, for certain and for partly known
    /// resources.
    #[test]
    fn sorted_texts_match_as_each_alone() {
        let account = "111122223333".parse().unwrap();
        let scope = ArnScope::of(
            "aws".parse().unwrap(),
            &"us-west-2".parse().unwrap(),
            &account,
        );
        let parameter = Secret::Parameter("/production/web/token".into());
        let secret = "arn:aws:secretsmanager:us-west-2:111122223333:secret:web/token";
        let secret = secret.parse().unwrap();
        let secret = Secret::SecretsManager(&secret);
        let texts = [
            "arn:aws:ssm:us-west-2:111122223333:parameter/production/web/token",
            "arn:aws:ssm:us-west-2:111122223333:parameter/production/web/token2",
            "arn:aws:ssm:us-west-2:111122223333:parameter/production/web",
            "arn:aws:ssm:us-west-2:111122223333:parameter/production/*",
            "arn:aws:secretsmanager:us-west-2:111122223333:secret:web/token",
            "arn:aws:secretsmanager:us-west-2:111122223333:secret:web/token-AbCdEf",
            "arn:aws:secretsmanager:us-west-2:111122223333:secret:web/other-AbCdEf",
            "arn:aws:secretsmanager:us-west-2:111122223333:secret:web/token-??????",
            "*",
        ];
        let mut answers = [0; 3];
        for request in [parameter, secret]
            .iter()
            .flat_map(|secret| requests_to_read(secret, None, &scope))
        {
            for text in texts {
                let alone = request.is_on(&Pattern::known(text));
                let together = Patterns::from(vec![Pattern::known(text)]).match_resource(&request);
                assert_eq!(together, alone, "{text} on {}", request.resource);
                let kind = [Truth::Yes, Truth::No]
                    .iter()
                    .position(|truth| *truth == alone);
                answers[kind.unwrap_or(2)] += 1;
            }
        }
        assert!(answers.iter().all(|count| *count > 0), "{answers:?}");
    }
}
