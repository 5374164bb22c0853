//! Parsing of access-denied messages.
//!
//! AWS reports the principal, the action and the resource of a denial in the text of its message
//! only. They are what the user needs in order to fix a policy. Nothing else is taken from the
//! message, because it may repeat the request: a word is used only if it has the form of an action
//! or of an ARN.

use byref_store::Denial;

/// The length of the longest ARN to accept. An ARN of a parameter has up to 1,011 characters, and
/// one of a role session may have more.
const LONGEST: usize = 2048;

/// Parses the principal, the action and the resource from a message. `action` and `resource` of the
/// request replace those that are missing.
///
/// Source: IAM user guide, "Troubleshoot access denied error messages": `User: … is not authorized
/// to perform: … on resource: … because …`.
pub(crate) fn read(message: &str, action: &str, resource: &str) -> Denial {
    let word_after = |mark: &str| {
        let rest = message.split_once(mark)?.1;
        let word = rest.split([' ', '\n', '\t', ',', '"', '(']).next()?;
        Some(word.trim_end_matches('.'))
    };
    let reported = word_after("to perform: ").filter(|word| is_action(word));
    Denial {
        action: reported.unwrap_or(action).to_owned(),
        resource: word_after("on resource: ")
            .filter(|word| is_arn(word))
            .unwrap_or(resource)
            .to_owned(),
        principal: word_after("User: ")
            .filter(|word| is_arn(word))
            .map(ToOwned::to_owned),
    }
}

/// Returns `true` if a word has the form `service:Action`.
fn is_action(word: &str) -> bool {
    let Some((service, action)) = word.split_once(':') else {
        return false;
    };
    let is_word = |text: &str| {
        (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    is_word(&service.replace('-', "")) && is_word(action)
}

/// Returns `true` if a word has the form `arn:partition:service:region:account:resource` and only
/// characters that occur in names of IAM, KMS and Parameter Store.
fn is_arn(word: &str) -> bool {
    word.len() <= LONGEST
        && word.starts_with("arn:aws")
        && word.split(':').count() >= 6
        && word
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b":/_.-+=@*".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(message: &str) -> (String, String, Option<String>) {
        let denial = read(message, "ssm:PutParameter", "/a/b");
        (denial.action, denial.resource, denial.principal)
    }

    #[test]
    fn denial_message_is_parsed() {
        let user = "arn:aws:sts::111122223333:assumed-role/deploy/byref";
        let arn = "arn:aws:ssm:us-west-2:111122223333:parameter/a/b";
        let message = format!(
            "User: {user} is not authorized to perform: ssm:GetParameters on resource: {arn} because no identity-based policy allows the ssm:GetParameters action"
        );
        let expected = (
            "ssm:GetParameters".to_owned(),
            arn.to_owned(),
            Some(user.to_owned()),
        );
        assert_eq!(parse(&message), expected);
        assert_eq!(parse(&message.replace(" because no", ". No")), expected);
        let kms = format!(
            "User: {user} is not authorized to perform: kms:Decrypt on the resource associated with this ciphertext because the resource does not exist in this Region"
        );
        assert_eq!(
            parse(&kms),
            (
                "kms:Decrypt".to_owned(),
                "/a/b".to_owned(),
                Some(user.to_owned())
            )
        );
        let china = "User: arn:aws-cn:iam::111122223333:user/x is not authorized to perform: sts:AssumeRole on resource: arn:aws-cn:iam::111122223333:role/y";
        assert_eq!(parse(china).1, "arn:aws-cn:iam::111122223333:role/y");
    }

    #[test]
    fn denial_ignores_text_that_is_not_an_action_or_arn() {
        let asked = ("ssm:PutParameter".to_owned(), "/a/b".to_owned(), None);
        for message in [
            "",
            "EXAMPLE-not-a-secret-1",
            "User: EXAMPLE-not-a-secret-1 is not authorized to perform: EXAMPLE-not-a-secret-1 on resource: EXAMPLE-not-a-secret-1",
            "to perform: a:b:c on resource: arn:aws:ssm:us-west-2:1:p'EXAMPLE",
            "User: arn:aws:",
            "to perform: ",
        ] {
            assert_eq!(parse(message), asked, "{message}");
        }
    }
}
