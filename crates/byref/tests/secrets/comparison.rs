//! Comparisons, copies and labels across Regions and environments.

use byref::Error;
use byref::secrets::{
    Comparison, DiffSide, Duplicates, HealthCheck, Labelling, SecretCopy, WritePlan,
};
use serde_json::json;

use super::{Stores, VALUE, data, project, put, run, targets, value, values_of};

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
