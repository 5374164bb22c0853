//! The life of a secret through the library, over a file store.
#![expect(clippy::unwrap_used, reason = "a test fails where it can't go on")]

use age::secrecy::ExposeSecret as _;
use byref::secrets::import::{Contents, Format};
use byref::secrets::{
    Comparison, Conflicts, Declared, DeletionPlan, DiffSide, Duplicates, HealthCheck, History,
    Labelling, LineValues, Rollback, SecretCopy, SecretList, TargetSelection, Targets, Undeclared,
    Values, WriteOutcome, WritePlan, WriteReport, read,
};
use byref::store::{Access, FileStore, ParameterStore as _, StoreKey};
use byref::{Error, Project, SecretValue};
use serde_json::{Value, json};

const CONFIG: &str = r#"
[environments.production]
account = "111122223333"
regions = ["us-west-2", "eu-west-1"]

[environments.staging]
account = "444455556666"
regions = ["us-west-2"]

[flag]
default = "reference"

[apps.web.secrets]
DB_PASSWORD = "db-password"
API_KEY = { key = "api-key", scope = "shared" }
OTHER = "arn:aws:secretsmanager:us-west-2:111122223333:secret:other-AbCdEf"
"#;

const VALUE: &str = "EXAMPLE-canary-1";

fn project() -> Project {
    Project::parse([("deploy.toml", CONFIG)]).unwrap()
}

fn targets<'p>(project: &'p Project, environment: &str) -> Targets<'p> {
    let selection = TargetSelection {
        environment: Some(environment.to_owned()),
        ..TargetSelection::default()
    };
    Targets::new(project, &selection).unwrap()
}

fn value(text: &str) -> SecretValue {
    SecretValue::new(text.to_owned())
}

/// A store file with production's account, and the same file for another environment.
struct Stores {
    store: FileStore,
    _folder: tempfile::TempDir,
}

impl Stores {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let identity = age::x25519::Identity::generate().to_string();
        let key = StoreKey::parse(identity.expose_secret()).unwrap();
        let path = folder.path().join("secrets.age");
        let account = "111122223333".parse().unwrap();
        let store = FileStore::open(
            &path,
            key,
            Access::CreateIfAbsent,
            "tester".to_owned(),
            account,
        )
        .unwrap();
        Self {
            store,
            _folder: folder,
        }
    }

    fn of(&self, targets: &Targets<'_>) -> FileStore {
        self.store.of_account(targets.environment().account.clone())
    }
}

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(work)
}

async fn put(store: &FileStore, targets: &Targets<'_>, name: &str, text: &str) -> WriteReport {
    let write = targets.write(targets.find(name).unwrap(), value(text));
    let plan = WritePlan::new(store, vec![write]).await.unwrap();
    let mut reports = plan
        .carry_out(store, &targets.environment().name, || false, |_| {})
        .await
        .unwrap();
    assert_eq!(reports.len(), 1);
    reports.remove(0)
}

/// The values in both Regions of production, in their order.
async fn values_of(store: &FileStore, targets: &Targets<'_>, name: &str) -> Vec<String> {
    let target = targets.find(name).unwrap();
    let mut values = Vec::new();
    for region in &target.regions {
        let parameter = read(store, region, &target.name, None).await.unwrap();
        values.push(parameter.value.expose().to_owned());
    }
    values
}

/// Serialises a report, and makes sure that it shows no value.
fn data(report: &impl serde::Serialize) -> Value {
    let data = serde_json::to_value(report).unwrap();
    assert!(!data.to_string().contains("canary"), "{data}");
    data
}

/// A deploy service hands these to other threads.
#[test]
fn types_are_send_and_sync() {
    fn is<T: Send + Sync>() {}
    is::<(
        Targets<'_>,
        byref::secrets::SecretWrite,
        WritePlan,
        WriteReport,
        Rollback,
    )>();
    is::<(
        SecretList,
        History,
        Comparison,
        byref::secrets::HealthReport,
    )>();
}

#[test]
fn put_writes_all_regions_and_reports_their_states() {
    let (project, stores) = (project(), Stores::new());
    let targets = targets(&project, "production");
    run(async {
        let write = targets.write(targets.find("DB_PASSWORD").unwrap(), value(VALUE));
        let plan = WritePlan::new(&stores.store, vec![write.clone()])
            .await
            .unwrap();
        assert_eq!(data(&plan)[0]["absent"], json!(["us-west-2", "eu-west-1"]));
        plan.check(Conflicts::CreateOnly).unwrap();
        assert!(matches!(
            plan.check(Conflicts::ExistingOnly),
            Err(Error::Store(_))
        ));

        let mut observed = Vec::new();
        let observe = |report: &WriteReport| observed.push(report.name().to_string());
        let reports = plan
            .carry_out(&stores.store, "production", || false, observe)
            .await
            .unwrap();
        assert_eq!(observed, ["/production/web/db-password"]);
        assert_eq!(reports[0].outcome(), WriteOutcome::Complete);
        assert_eq!(reports[0].explanation(), None);
        let state = |region| json!({"region": region, "state": "new", "version": 1, "error": null});
        assert_eq!(
            data(&reports[0])["regions"],
            json!([state("us-west-2"), state("eu-west-1")])
        );
        assert_eq!(
            values_of(&stores.store, &targets, "DB_PASSWORD").await,
            [VALUE, VALUE]
        );

        let again = WritePlan::new(&stores.store, vec![write.clone()])
            .await
            .unwrap();
        assert!(again.is_up_to_date());
        let anew = WritePlan::new(&stores.store, vec![write.always()])
            .await
            .unwrap();
        assert!(!anew.is_up_to_date());
        let error = anew.check(Conflicts::CreateOnly).unwrap_err().to_string();
        assert!(
            error.contains("exists already in us-west-2, eu-west-1"),
            "{error}"
        );
    });
}

#[test]
fn an_interrupted_write_leaves_every_region_as_it_was() {
    let (project, stores) = (project(), Stores::new());
    let targets = targets(&project, "production");
    run(async {
        put(&stores.store, &targets, "DB_PASSWORD", VALUE).await;
        let write = |name| targets.write(targets.find(name).unwrap(), value("EXAMPLE-canary-2"));
        let plan = WritePlan::new(&stores.store, vec![write("DB_PASSWORD"), write("API_KEY")])
            .await
            .unwrap();
        let reports = plan
            .carry_out(&stores.store, "production", || true, |_| {})
            .await
            .unwrap();
        assert_eq!(reports.len(), 1, "the second secret is not begun");
        assert_eq!(reports[0].outcome(), WriteOutcome::Interrupted);
        let explanation = reports[0].explanation().unwrap();
        assert!(
            explanation.lines[0].starts_with("every Region holds what it held before"),
            "{explanation:?}"
        );
        assert_eq!(data(&reports[0])["regions"][0]["state"], "unchanged");
        assert_eq!(
            values_of(&stores.store, &targets, "DB_PASSWORD").await,
            [VALUE, VALUE]
        );
    });
}

#[test]
fn a_list_holds_values_only_when_asked() {
    let (project, stores) = (project(), Stores::new());
    let targets = targets(&project, "production");
    run(async {
        put(&stores.store, &targets, "DB_PASSWORD", VALUE).await;
        put(
            &stores.store,
            &targets.in_region(&targets.regions()[1]),
            "extra",
            VALUE,
        )
        .await;
        let path = targets.path().unwrap();
        assert_eq!(path.as_str(), "/production/web");
        let list = SecretList::read(&stores.store, targets.regions(), &path, Values::Hide)
            .await
            .unwrap();
        let rows = data(&list);
        assert_eq!(rows[0]["versions"], json!({"eu-west-1": 1, "us-west-2": 1}));
        assert_eq!(
            rows[1]["versions"],
            json!({"eu-west-1": 1, "us-west-2": null})
        );
        assert!(!list.text().contains("canary"), "{}", list.text());
        let list = SecretList::read(&stores.store, targets.regions(), &path, Values::Reveal)
            .await
            .unwrap();
        assert_eq!(serde_json::to_value(&list).unwrap()[0]["value"], VALUE);
        assert!(list.text().contains(VALUE), "{}", list.text());
    });
}

#[test]
fn rollback_restores_the_old_value_in_all_regions_as_a_new_version() {
    let (project, stores) = (project(), Stores::new());
    let targets = targets(&project, "production");
    run(async {
        let store = &stores.store;
        put(store, &targets, "DB_PASSWORD", VALUE).await;
        let target = targets.find("DB_PASSWORD").unwrap();
        assert!(matches!(
            Rollback::find(store, &target, None).await,
            Err(Error::Request { .. })
        ));
        put(store, &targets, "DB_PASSWORD", "EXAMPLE-canary-2").await;

        let rollback = Rollback::find(store, &target, None).await.unwrap();
        assert_eq!(rollback.version(), 1);
        rollback.mark(store).await;
        let write = rollback.write(&targets, target.clone());
        let plan = WritePlan::new(store, vec![write]).await.unwrap();
        plan.carry_out(store, "production", || false, |_| {})
            .await
            .unwrap();
        assert_eq!(
            values_of(store, &targets, "DB_PASSWORD").await,
            [VALUE, VALUE]
        );

        // Without the end of the first one, the next rollback finishes it instead of beginning
        // another.
        let next = Rollback::find(store, &target, None).await.unwrap();
        assert_eq!(next.version(), 1);
        let plan = WritePlan::new(store, vec![next.write(&targets, target.clone())])
            .await
            .unwrap();
        assert!(plan.is_up_to_date());
        next.unmark(store).await;
        store.finish().await.unwrap();
        assert_eq!(
            Rollback::find(store, &target, None)
                .await
                .unwrap()
                .version(),
            2
        );
        let history = data(&History::read(store, &target).await.unwrap());
        assert_eq!(history[0]["versions"][0]["version"], 3);
        assert_eq!(history[1]["versions"][2]["labels"], json!([]));
    });
}

#[test]
fn import_writes_declared_lines_and_names_the_others() {
    let (project, stores) = (project(), Stores::new());
    let targets = targets(&project, "production");
    let text = format!("DB_PASSWORD=\"{VALUE}\"\nNEW_ONE={VALUE}\nEMPTY=\n");
    let import = Contents::parse(&text, &Format::Dotenv)
        .unwrap()
        .writes(&targets)
        .unwrap();
    assert_eq!(import.empty, ["EMPTY"]);
    assert_eq!(
        import.missing_lines,
        ["NEW_ONE = \"new-one\"", "EMPTY = \"empty\""]
    );
    run(async {
        put(&stores.store, &targets, "DB_PASSWORD", "EXAMPLE-other").await;
        let plan = WritePlan::new(&stores.store, import.writes).await.unwrap();
        let Err(Error::Request { message, lines, .. }) = plan.check(Conflicts::Refuse) else {
            panic!("no conflict")
        };
        assert_eq!(
            message,
            "1 secret would get another value; nothing was written:"
        );
        assert_eq!(
            lines,
            ["/production/web/db-password (us-west-2, eu-west-1)"]
        );
        plan.carry_out(&stores.store, "production", || false, |_| {})
            .await
            .unwrap();
        assert_eq!(
            values_of(&stores.store, &targets, "DB_PASSWORD").await,
            [VALUE, VALUE]
        );
        assert_eq!(
            values_of(&stores.store, &targets, "new-one").await,
            [VALUE, VALUE]
        );
    });
}

#[test]
fn import_refuses_two_values_for_one_parameter() {
    let project = project();
    let targets = targets(&project, "production");
    let contents = Contents::parse(
        "A_B=EXAMPLE-canary-1\nA-B=EXAMPLE-canary-2\n",
        &Format::Dotenv,
    )
    .unwrap();
    let error = contents.writes(&targets).unwrap_err().to_string();
    assert!(
        error.contains("/production/web/a-b") && !error.contains("canary"),
        "{error}"
    );
}

#[test]
fn line_values_leave_secrets_manager_out() {
    let (project, stores) = (project(), Stores::new());
    let targets = targets(&project, "production");
    run(async {
        put(&stores.store, &targets, "DB_PASSWORD", VALUE).await;
        let values = LineValues::read(&stores.store, &targets).await.unwrap();
        assert_eq!(values.in_secrets_manager, ["OTHER"]);
        let present: Vec<_> = values
            .lines
            .iter()
            .map(|line| (line.name.as_str(), line.value.is_some()))
            .collect();
        assert_eq!(present, [("DB_PASSWORD", true), ("API_KEY", false)]);
        assert!(matches!(values.require_all(), Err(Error::Store(_))));
    });
}

#[test]
fn diff_health_and_duplicates_compare_without_showing_values() {
    let (project, stores) = (project(), Stores::new());
    let targets = targets(&project, "production");
    run(async {
        let store = &stores.store;
        put(store, &targets, "DB_PASSWORD", VALUE).await;
        put(
            store,
            &targets.in_region(&targets.regions()[1]),
            "DB_PASSWORD",
            "EXAMPLE-canary-2",
        )
        .await;
        put(store, &targets, "API_KEY", VALUE).await;

        let first = DiffSide::find(&targets, "DB_PASSWORD", Some("us-west-2"))
            .unwrap()
            .read(store)
            .await
            .unwrap();
        let second = DiffSide::find(&targets, "DB_PASSWORD", Some("eu-west-1"))
            .unwrap()
            .read(store)
            .await
            .unwrap();
        let comparison = data(&Comparison::of(first, second));
        assert_eq!(
            (&comparison["same"], &comparison["second"]["version"]),
            (&json!(false), &json!(2))
        );

        let report = HealthCheck::of_lines(&targets).run(store).await.unwrap();
        assert_eq!(report.unhealthy(), 1);
        let unhealthy = json!({"eu-west-1": "other-value", "us-west-2": "right"});
        assert_eq!(
            data(&report)[0],
            json!({"name": "/production/web/db-password", "regions": unhealthy})
        );

        let duplicates = Duplicates::find(store, targets.clone(), None, &value(VALUE))
            .await
            .unwrap();
        let rows = data(&duplicates.rows());
        assert_eq!(rows[0]["regions"], json!(["us-west-2"]));
        assert_eq!(rows[1]["name"], "/shared/api-key");
        let plan = WritePlan::new(store, duplicates.replacements(&value("EXAMPLE-new")))
            .await
            .unwrap();
        plan.carry_out(store, "production", || false, |_| {})
            .await
            .unwrap();
        assert_eq!(
            values_of(store, &targets, "DB_PASSWORD").await,
            ["EXAMPLE-new", "EXAMPLE-new"]
        );
    });
}

#[test]
fn copies_go_to_the_line_of_the_same_name() {
    let (project, stores) = (project(), Stores::new());
    let (from, to) = (
        targets(&project, "production"),
        targets(&project, "staging"),
    );
    let (source, destination) = (stores.of(&from), stores.of(&to));
    run(async {
        put(&source, &from, "DB_PASSWORD", VALUE).await;
        put(&source, &from, "API_KEY", VALUE).await;
        let copied = SecretCopy::new(&from, &to, None)
            .unwrap()
            .all(&source)
            .await
            .unwrap();
        assert_eq!(copied.in_secrets_manager, ["OTHER"]);
        let plan = WritePlan::new(&destination, copied.writes).await.unwrap();
        let reports = plan
            .carry_out(&destination, "staging", || false, |_| {})
            .await
            .unwrap();
        assert_eq!(
            reports[0].text(),
            "/staging/web/db-password: us-west-2 the new value (version 1)"
        );
        assert_eq!(values_of(&destination, &to, "DB_PASSWORD").await, [VALUE]);
        let itself = SecretCopy::new(&to, &to, None)
            .unwrap()
            .secret(&destination, "DB_PASSWORD".into(), None)
            .await;
        assert!(matches!(itself, Err(Error::Request { .. })), "{itself:?}");
        assert!(SecretCopy::new(&from, &to, Some("mars")).is_err());
    });
}

#[test]
fn labels_follow_the_value_through_the_regions() {
    let (project, stores) = (project(), Stores::new());
    let targets = targets(&project, "production");
    run(async {
        let store = &stores.store;
        put(
            store,
            &targets.in_region(&targets.regions()[1]),
            "DB_PASSWORD",
            "EXAMPLE-canary-0",
        )
        .await;
        put(store, &targets, "DB_PASSWORD", VALUE).await;
        put(store, &targets, "DB_PASSWORD", "EXAMPLE-canary-2").await;
        let target = targets.find("DB_PASSWORD").unwrap();
        let label = || "release-1".parse().unwrap();
        let first = "1".parse().unwrap();
        let labelling = Labelling::set(store, &target, label(), Some(&first))
            .await
            .unwrap();
        assert_eq!(
            data(&labelling)["versions"],
            json!({"us-west-2": 1, "eu-west-1": 2})
        );
        labelling.carry_out(store).await.unwrap();
        let removal = Labelling::remove(store, &target, label()).await.unwrap();
        assert_eq!(
            data(&removal)["versions"],
            json!({"us-west-2": 1, "eu-west-1": 2})
        );
        removal.carry_out(store).await.unwrap();
        assert!(
            Labelling::remove(store, &target, label())
                .await
                .unwrap()
                .is_empty()
        );
    });
}

#[test]
fn delete_names_the_lines_that_use_the_secret() {
    let (project, stores) = (project(), Stores::new());
    let targets = targets(&project, "production");
    run(async {
        let store = &stores.store;
        put(store, &targets, "API_KEY", VALUE).await;
        let plan = DeletionPlan::new(store, &targets, targets.find("API_KEY").unwrap())
            .await
            .unwrap();
        assert_eq!(plan.users, ["`API_KEY` of web (deploy.toml:15:1)"]);
        assert_eq!(
            data(&plan)["regions"],
            json!({"us-west-2": 1, "eu-west-1": 1})
        );
        let report = plan.carry_out(store, || false).await.unwrap();
        assert_eq!(
            (report.outcome(), report.explanation()),
            (WriteOutcome::Complete, None)
        );
        assert_eq!(data(&report)["regions"][1]["state"], "deleted");
        let again = DeletionPlan::new(store, &targets, targets.find("API_KEY").unwrap())
            .await
            .unwrap();
        assert!(again.is_empty());
    });
}

#[test]
fn a_misspelt_name_is_refused_and_a_new_one_gets_a_line() {
    let project = project();
    let targets = targets(&project, "production");
    let error = targets
        .find_declared("DB_PASWORD".into(), Undeclared::Refuse)
        .unwrap_err();
    assert!(
        error
            .help()
            .unwrap()
            .contains("did you mean `DB_PASSWORD`?"),
        "{error}"
    );
    let Declared::With(line) = targets
        .find_declared("signing-key".into(), Undeclared::Declare)
        .unwrap()
    else {
        panic!("no line is added")
    };
    let after = Project::parse([("deploy.toml", line.after())]).unwrap();
    let target = line.target(&self::targets(&after, "production")).unwrap();
    assert_eq!(
        (target.name.as_str(), target.line.as_deref()),
        ("/production/web/signing-key", Some("SIGNING_KEY"))
    );
    assert!(
        line.target(&targets).is_err(),
        "the old configuration does not have the line"
    );
    let stored = targets
        .find_declared("other".into(), Undeclared::Store)
        .unwrap();
    assert!(matches!(stored, Declared::Already(target) if target.line.is_none()));
}
