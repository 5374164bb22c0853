//! The library as an embedder uses it.
#![expect(clippy::unwrap_used, reason = "a test fails where it can't go on")]

use byref::{
    Answer, Answers, Deployment, Plan, Project, Question, Scheme, SecretError, SecretValue, Survey,
    Templates,
};

#[expect(dead_code, reason = "its main is for people")]
#[path = "../examples/deploy_service.rs"]
mod deploy_service;

const CONFIG: &str = "[environments.production]\naccount = \"111122223333\"\nregions = [\"us-west-2\", \"eu-west-1\"]\n[flag]\ndefault = \"reference\"\n[apps.web.secrets]\nDB_PASSWORD = \"db-password\"\nOTHER = \"arn:aws:secretsmanager:us-west-2:111122223333:secret:other-AbCdEf\"\n";

const TEMPLATE: &str = "Resources:\n  Task:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      ExecutionRoleArn: arn:aws:iam::111122223333:role/execution\n      ContainerDefinitions:\n        - Name: web\n          Image: hunter2x:13\n          Environment:\n            - {Name: DB_PASSWORD, Value: hunter2x}\n            - {Name: OTHER, Value: also-hunter2x}\n";

fn project() -> Project {
    Project::parse([("deploy.toml", CONFIG)]).unwrap()
}

/// A deploy service hands these to other threads.
#[test]
fn types_are_send_and_sync() {
    fn is<T: Send + Sync>() {}
    is::<(Project, Deployment<'_>, Templates<'_>, Answers)>();
    is::<(Plan<'_>, byref::Output<'_>, byref::Mistakes, byref::Error)>();
    is::<(Survey<'_>, byref::AnyStore, byref::store::FileStore)>();
}

#[test]
fn a_secret_line_becomes_an_arn() {
    let project = project();
    let deployment = project.deployment("web", "production").unwrap();
    let secrets: Vec<_> = deployment.secrets().collect();
    let arn = |region: &str| secrets[0].arn(&region.parse().unwrap());
    assert_eq!(secrets[0].name(), "DB_PASSWORD");
    assert_eq!(
        arn("eu-west-1").unwrap().to_string(),
        "arn:aws:ssm:eu-west-1:111122223333:parameter/production/web/db-password"
    );
    assert!(matches!(arn("us-east-1"), Err(SecretError::Region { .. })));
    let other = secrets[1].arn(&"us-west-2".parse().unwrap());
    assert!(
        matches!(other, Err(SecretError::SecretsManager { .. })),
        "{other:?}"
    );
}

#[test]
fn unknown_names_say_what_was_meant() {
    let project = project();
    let error = |app, environment| {
        project
            .deployment(app, environment)
            .map(|_| ())
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        error("wev", "production"),
        "there is no application `wev`; did you mean `web`?"
    );
    assert_eq!(
        error("web", "staging"),
        "there is no environment `staging`; the environments are `production`"
    );
    let region = project
        .deployment("web", "production")
        .unwrap()
        .region("us-wets-2")
        .map(|_| ())
        .unwrap_err();
    assert!(
        region.to_string().contains("us-west-2, eu-west-1"),
        "{region}"
    );
}

#[test]
fn mistakes_come_all_at_once_and_hold_no_value() {
    let text = "[environments.production]\naccount = 3\n[apps.web.secrets]\nA = \"postgres://a:hunter2@b/c\"\n";
    let mistakes = Project::parse([("deploy.toml", text)])
        .map(|_| ())
        .unwrap_err();
    assert!(mistakes.messages().len() >= 3, "{mistakes}");
    assert!(
        mistakes.to_string().contains("deploy.toml:4:"),
        "{mistakes}"
    );
    assert!(
        !format!("{mistakes} {mistakes:?}").contains("hunter2"),
        "{mistakes}"
    );
    let project = project();
    let deployment = project.deployment("web", "production").unwrap();
    let broken = deployment
        .templates([("a.yaml", "a: [hunter2"), ("b.yaml", "\thunter2: x")])
        .map(|_| ())
        .unwrap_err();
    assert_eq!(broken.messages().len(), 2);
    assert!(
        broken.to_string().contains("b.yaml:1:1") && !broken.to_string().contains("hunter2"),
        "{broken}"
    );
}

#[test]
fn a_plan_rewrites_and_serialises_without_values() {
    let project = project();
    let deployment = project.deployment("web", "production").unwrap();
    let templates = deployment.templates([("web.yaml", TEMPLATE)]).unwrap();
    let plan = templates.survey().plan(&Answers::none());
    let outputs = plan.rewrite().unwrap();
    assert!(outputs[0].is_changed() && !outputs[0].carries_values());
    assert!(
        outputs[0]
            .text()
            .contains("parameter/production/web/db-password")
    );
    let report = serde_json::to_string(&plan).unwrap();
    assert!(!report.contains("hunter2"), "{report}");
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["changes"][0]["outcome"], "moved");
    assert_eq!(report["changes"][0]["place"], "web.yaml:10:15");
    assert!(
        report["messages"]
            .as_array()
            .unwrap()
            .iter()
            .any(|said| said["code"] == "remaining-copy"),
        "{report}"
    );
    let again = deployment
        .templates([("web.yaml", outputs[0].text())])
        .unwrap();
    assert!(!again.survey().plan(&Answers::none()).rewrite().unwrap()[0].is_changed());
}

#[test]
fn by_value_it_asks_for_what_the_template_will_carry() {
    let project = project();
    let deployment = project
        .deployment("web", "production")
        .unwrap()
        .scheme(Scheme::Value)
        .references_to_values();
    let by_reference = TEMPLATE
        .replace("Environment", "Secrets")
        .replace("Value: hunter2x", "ValueFrom: /production/web/db-password")
        .replace(
            "Value: also-hunter2x",
            "ValueFrom: 'arn:aws:secretsmanager:us-west-2:111122223333:secret:other-AbCdEf'",
        );
    let templates = deployment.templates([("web.yaml", by_reference)]).unwrap();
    let survey = templates.survey();
    let questions = survey.questions();
    let [Question::Value { region, name }] = questions.as_slice() else {
        unreachable!("{questions:?}")
    };
    let mut answers = Answers::none();
    assert!(
        survey.plan(&answers).rewrite().is_err(),
        "the value is not known"
    );
    answers.set_value(
        region.clone(),
        name.clone(),
        Answer::Known(SecretValue::new("hunter2x".to_owned())),
    );
    let plan = survey.plan(&answers);
    let outputs = plan.rewrite().unwrap();
    assert!(
        outputs[0].carries_values() && outputs[0].text().contains("Value: hunter2x"),
        "{}",
        outputs[0].text()
    );
    assert!(!serde_json::to_string(&plan).unwrap().contains("hunter2"));
}

#[test]
fn a_service_deploys_several_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let reports = deploy_service::run(folder.path()).unwrap();
    let [web, worker, typo] = reports.as_slice() else {
        unreachable!("{reports:?}")
    };
    assert!(web.contains("\"outcome\":\"moved\""), "{web}");
    assert!(worker.contains("does not exist in `us-west-2`"), "{worker}");
    assert_eq!(
        typo,
        "wev: there is no application `wev`; did you mean `web`?"
    );
    assert!(
        reports
            .iter()
            .all(|report| !report.contains("EXAMPLE") && !report.contains("not-a-secret")),
        "{reports:?}"
    );
}

#[test]
fn files_are_loaded_with_what_they_include() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write(
        "deploy.toml",
        "include = [\"apps.toml\"]\n[environments.e]\naccount = \"111122223333\"\nregions = [\"us-west-2\"]\n",
    );
    write("apps.toml", "[apps.a.secrets]\nX = \"x\"\n");
    let project = Project::load(&folder.path().join("deploy.toml")).unwrap();
    assert_eq!(project.deployment("a", "e").unwrap().secrets().count(), 1);
    assert_eq!(project.folder(), folder.path());
    write("deploy.toml", "include = [\"hunter2hunter2\"]\n");
    let error = Project::load(&folder.path().join("deploy.toml"))
        .map(|_| ())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("deploy.toml:1:") && !error.contains("hunter2"),
        "{error}"
    );
    let error = Project::load(&folder.path().join("none.toml"))
        .map(|_| ())
        .unwrap_err()
        .to_string();
    assert!(error.contains("none.toml"), "{error}");
}
