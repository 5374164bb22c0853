//! The example at the top of the repository is valid and has the documented effect.

use byref_config::{ConfigFile, Scheme, SchemeOverride, parse};
use byref_template::Sources;

#[test]
fn example_configuration_is_valid() {
    let text = include_str!("../../../deploy.toml.example");
    let mut sources = Sources::new();
    let source = sources.add("deploy.toml.example", text);
    let (config, mistakes) = parse(&[ConfigFile { source, text }]);
    // One ARN for two Regions is a warning, as the example's line is.
    assert!(
        mistakes
            .iter()
            .all(|mistake| mistake.code == "other-region"),
        "{mistakes:?}"
    );
    let config = config.unwrap();
    let app = &config.apps["quiz-api"];
    let names = |environment: &str| -> Vec<String> {
        let lines = app.secrets(Some(environment));
        lines
            .iter()
            .map(|line| {
                config
                    .reference(app, &config.environments[environment], line)
                    .unwrap()
                    .to_string()
            })
            .collect()
    };
    assert_eq!(
        names("production")[..6],
        [
            "/production/quiz-api/db-password",
            "/production/quiz-api/session-secret",
            "/shared/newrelic-key",
            "/production/quiz-api/worker-token",
            "/payments/stripe-key",
            "quiz.production.db_password",
        ]
    );
    assert_eq!(names("development")[4], "/payments/stripe-test-key");
    let scheme = |environment| {
        config
            .scheme(app, Some(environment), &SchemeOverride::default())
            .scheme
    };
    assert_eq!(
        (scheme("production"), scheme("development")),
        (Scheme::Reference, Scheme::Reference)
    );
}
