//! Properties that take a secret.
//!
//! A path in the table is that of the property in the resource schema. A template reaches it
//! through lists and calls: `Users: [{Password: !If [Prod, x, y]}]` is at `Users/*/Password` in
//! both branches.

use byref_cloudformation::secret_properties;

use crate::path::Step;

/// Returns `true` if a resource's property takes a secret; `steps` lead from `Properties` to it.
pub(crate) fn takes_secret(kind: &str, steps: &[Step<'_>]) -> bool {
    secret_properties(kind).any(|path| is_at(path, steps))
}

/// Returns `true` if steps lead to the property at a path of the table. Steps into calls are
/// skipped: the result of a call takes the place of the call.
fn is_at(path: &str, steps: &[Step<'_>]) -> bool {
    let mut wanted = path.split('/');
    for step in steps {
        let fits = match step {
            Step::Call(_) | Step::Branch(_) => continue,
            Step::Key(key) => wanted.next() == Some(key.as_ref()),
            Step::Index(_) => wanted.next() == Some("*"),
        };
        if !fits {
            return false;
        }
    }
    wanted.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_not_steps_of_a_property() {
        let password = [Step::Key("MasterUserPassword".into())];
        assert!(takes_secret("AWS::RDS::DBInstance", &password));
        assert!(!takes_secret("AWS::RDS::DBProxy", &password));
        let user = [
            Step::Key("Users".into()),
            Step::Index(1),
            Step::Call("If"),
            Step::Branch(2),
            Step::Key("Password".into()),
        ];
        assert!(takes_secret("AWS::AmazonMQ::Broker", &user));
    }
}
