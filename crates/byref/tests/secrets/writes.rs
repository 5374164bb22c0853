//! Writes of a secret to all Regions, with their lists, rollbacks, deletions and declarations.

use byref::secrets::{
    Comparison, Conflicts, Declared, DeletionPlan, History, Rollback, SecretList, Targets,
    Undeclared, Values, WriteOutcome, WritePlan, WriteReport,
};
use byref::store::ParameterStore as _;
use byref::{Error, Project};
use serde_json::json;

use super::{Stores, VALUE, data, project, put, run, targets, value, values_of};

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
