//! Imports of files, and the values of secret lines.

use byref::Error;
use byref::secrets::import::{Contents, Format};
use byref::secrets::{Conflicts, LineValues, WritePlan};

use super::{Stores, VALUE, project, put, run, targets, values_of};

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
