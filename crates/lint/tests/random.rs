//! Values that a machine draws, under the names of secrets: hardly any may be taken for a path, a
//! name or a reference.
#![expect(clippy::unwrap_used, reason = "a test fails where it can't go on")]

use std::sync::Arc;

use byref_lint::{Context, lint};

const ALNUM: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const SIGNS: &str = "!#$%&()*+,-./:;<=>?@[]^_`{|}~";
const NAMES: [&str; 4] = [
    "DB_PASSWORD",
    "AWS_SECRET_ACCESS_KEY",
    "API_TOKEN",
    "SESSION_SECRET",
];
const VALUES: usize = 4000;

/// A generator of numbers that gives the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    fn text(&mut self, alphabet: &str, length: usize) -> String {
        let characters: Vec<char> = alphabet.chars().collect();
        (0..length)
            .map(|_| characters[self.below(characters.len())])
            .collect()
    }
}

/// How many values of an alphabet are found, in thousandths.
fn found(alphabet: &str, lengths: &[usize]) -> usize {
    let mut numbers = Numbers(7);
    let mut resources = Vec::new();
    for index in 0..VALUES {
        let length = lengths[numbers.below(lengths.len())];
        let value = numbers.text(alphabet, length);
        let name = NAMES[index % NAMES.len()];
        resources.push(format!(
            "\"F{index}\": {{\"Type\": \"AWS::Lambda::Function\", \"Properties\": {{\"Environment\": {{\"Variables\": {{\"{name}\": \"{value}\"}}}}}}}}"
        ));
    }
    let text: Arc<str> = format!("{{\"Resources\": {{{}}}}}", resources.join(",\n")).into();
    let report = lint(&text, Context::default());
    let paths = report
        .findings
        .iter()
        .filter_map(|finding| finding.path.split('.').nth(1));
    let resources: std::collections::BTreeSet<&str> = paths.collect();
    resources.len() * 1000 / VALUES
}

#[test]
fn random_values_are_found_in_every_alphabet() {
    let short_and_long = || vec![12, 14, 16, 20, 24, 32, 40];
    let cases = [
        (
            "letters and digits",
            ALNUM.to_owned(),
            short_and_long(),
            995,
        ),
        ("AWS secret keys", format!("{ALNUM}/+"), vec![40], 998),
        ("with slashes", format!("{ALNUM}////"), vec![40], 998),
        ("base64", format!("{ALNUM}+/"), short_and_long(), 995),
        ("base64url", format!("{ALNUM}-_"), short_and_long(), 995),
        (
            "hexadecimal",
            "0123456789abcdef".to_owned(),
            vec![16, 32, 40, 64],
            997,
        ),
        (
            "base32",
            "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".to_owned(),
            vec![16, 26, 32],
            995,
        ),
        (
            "dots and hyphens",
            format!("{ALNUM}._-"),
            short_and_long(),
            995,
        ),
        (
            "all signs",
            format!("{ALNUM}{SIGNS}"),
            short_and_long(),
            995,
        ),
        (
            "signs of password rules",
            format!("{ALNUM}!@#$%^&*"),
            short_and_long(),
            995,
        ),
    ];
    for (what, alphabet, lengths, least) in cases {
        let found = found(&alphabet, &lengths);
        assert!(found >= least, "{what}: {found} of 1000");
    }
}

#[test]
fn random_paths_names_and_references_are_ignored() {
    for value in [
        "/production/quiz-api/db-password",
        "production/quiz-api/db-password",
        "releases/2026/quiz-api",
        "QuizApi/Prod/DbPassword",
        "/Shared/RDS/MasterPwd",
        "QuizApiStack/Database8f14e45f/Secret",
        "s3://bucket/path/to/key",
        "arn:aws:ssm:us-west-2:111122223333:parameter/a/b",
        "${DB_PASSWORD}",
        "{{ .Values.password }}",
        "$(cat /run/secrets/db)",
        "event.detail.token",
        "vault:secret/db",
        "/run/secrets/db_password",
        "db.example.com:5432",
        "<your-password>",
    ] {
        let text: Arc<str> = format!(
            "{{\"Resources\": {{\"F\": {{\"Type\": \"AWS::Lambda::Function\", \"Properties\": {{\"Environment\": {{\"Variables\": {{\"DB_PASSWORD\": \"{value}\"}}}}}}}}}}}}"
        )
        .into();
        let errors = lint(&text, Context::default()).findings;
        let errors = errors
            .iter()
            .filter(|finding| finding.level == byref_lint::Level::Error)
            .count();
        assert_eq!(errors, 0, "{value}");
    }
}
