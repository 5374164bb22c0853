//! Tells names from random text, for text that mixes capitals with other characters: names are made
//! of words.
//!
//! `randomness` judges runs of seven characters and more, and lets short or well-formed ones pass.
//! This module asks the opposite question: is there enough of a word in the text to make it a name?
//! Abbreviations of the trade count as words.

use crate::value::randomness::plausibility;
use crate::words::{WordList, words};

/// Short words that names in programs and templates are made of.
static SHORT: WordList = WordList::new(
    "acl ad add alb ami api app arg args arn as asg at aws az azs be bot box by cd cdn ci cidr cfg cli cmd cmk cn conf cpu css ctx db dev \
     dns do dto ebs ec ecr ecs efs eks elb end env err etc eu evt exe fifo fn fs ftp git gpg gpu grpc http https hsm iam id ids if img in io ip \
     ips is js json jwt kms lb ldap lib max mfa min mq msg my mysql nat nlb no num obj of off ok on ops opt opts or org os oss own php \
     pki psk pw pwd py qa rds req row rsa rx sa sdk sftp smtp sns sql sqs src ssh sshd ssl ssm sso str sts sys tcp tls tmp to tok ts ttl \
     udp ui up uri url urls us usr ux val var vm vpc vpn waf wp www xml yaml yml zip",
);

/// Returns `true` if a text mixes capitals with small letters or digits, and words make up too
/// little of it.
pub(crate) fn is_mixed_up(text: &str) -> bool {
    let has = |is: fn(&u8) -> bool| text.bytes().any(|byte| is(&byte));
    let mixes =
        has(u8::is_ascii_uppercase) && (has(u8::is_ascii_lowercase) || has(u8::is_ascii_digit));
    mixes && !is_wordy(text)
}

/// Returns `true` if at least three fifths of the letters, and of the digits among them, belong to
/// words.
pub(crate) fn is_wordy(text: &str) -> bool {
    let is_number = |part: &&str| part.bytes().all(|byte| byte.is_ascii_digit());
    let parts = text
        .split(|character: char| !character.is_alphanumeric())
        .filter(|part| !is_number(part));
    let (mut in_words, mut all) = (0, 0);
    for part in parts {
        let part = part.trim_end_matches(|end: char| end.is_ascii_digit());
        all += part.len();
        let is_abbreviation =
            part.len() <= 4 && part.len() > 1 && part.bytes().all(|byte| byte.is_ascii_uppercase());
        let of_words = || {
            words(part)
                .iter()
                .filter(|word| is_word(word))
                .map(String::len)
                .sum::<usize>()
        };
        in_words += if is_abbreviation {
            part.len()
        } else {
            of_words()
        };
    }
    in_words * 5 >= all * 3
}

/// Returns `true` for a known short word, and for letters most of whose pairs are common in words.
///
/// The longer a word is, the lower the bar: random text rarely has that many small letters without
/// a capital between them.
fn is_word(word: &str) -> bool {
    let has_vowel = word.bytes().any(|byte| b"aeiouy".contains(&byte));
    let least = match word.len() {
        0..=3 => 100,
        4 => 66,
        _ => 50,
    };
    SHORT.contains(word) || word.len() >= 3 && has_vowel && plausibility(word.as_bytes()) >= least
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_mixed_up_tells_names_from_random_text() {
        for text in [
            "MyApp/DbPass2",
            "AWS/SSM/KeyId",
            "TestPassword",
            "ECSTaskRole",
            "ctx.userPw",
            "DBPassword",
            "quiz-API-v2",
            "prod/Db/Pw",
            "PROD/DB/PW1",
            "/Production/QuizApi/DbPassword",
            "lower-case/only",
            "wp_Prod_2",
            "DynamoDBTable",
            "MaximumPercent",
            "SwapSize",
            "Asia/Tokyo",
            "/etc/opt/quiz/G2Config.gtc",
        ] {
            assert!(!is_mixed_up(text), "{text}");
        }
        for text in [
            "eGm/87CltPSO",
            "SygJ.CNvuYaq",
            "l-V69.Tb-ZK3",
            "UnfXkHgeyigHsrS/kjdu",
            "hlyD",
        ] {
            assert!(is_mixed_up(text), "{text}");
        }
    }
}
