//! The life of a secret in Parameter Store: the built `byref` against an emulator over HTTP. What a
//! peer does otherwise than AWS is named where a test makes way for it.

use byref_emulator::{Fault, Peer, Rule, When};
use byref_harness::ignore;
use serde_json::json;

use byref_support::{Cloud, REGIONS, assert_says, parsed, stderr, stdout};

use crate::{DB, all};

byref_harness::tests![
    put_writes_all_regions_and_get_reads_each,
    nothing_is_written_without_confirmation,
    rollback_label_and_history_work_in_all_regions,
    health_list_and_duplicates_read_every_region,
    copy_writes_another_account_with_its_role,
    import_and_export_round_trip,
    check_reports_missing_and_wrong_parameters,
    rewrite_by_value_and_exec_read_the_values,
    delete_removes_all_regions,
    check_compares_the_kms_key_of_each_scope,
    two_writers_never_both_succeed_if_the_regions_differ,
    without_descriptions_keys_are_not_checked,
    throttled_requests_are_retried,
];

fn put_writes_all_regions_and_get_reads_each() {
    let cloud = Cloud::new();
    let plan = cloud.put("DB_PASSWORD", "production", "EXAMPLE-1\n");
    assert_says(
        &plan,
        &[
            "us-west-2  new (SecureString)",
            "eu-west-1 the new value (version 1)",
        ],
    );
    assert_eq!(cloud.values(DB), all("EXAMPLE-1"));
    for region in REGIONS {
        let get = format!("secret get DB_PASSWORD -e production --region {region} --no-newline");
        assert_eq!(stdout(&cloud.ends(0, &get)), "EXAMPLE-1");
    }
    // Who uses it stands in the tags.
    let of = json!({ "ResourceType": "Parameter", "ResourceId": DB });
    let (_, tags) = cloud
        .emulator
        .ask(&cloud.own, "us-east-1", "ListTagsForResource", &of);
    for (key, value) in [
        ("environment", "production"),
        ("application", "web"),
        ("key", "db-password"),
    ] {
        assert!(
            tags["TagList"]
                .as_array()
                .unwrap()
                .contains(&json!({ "Key": key, "Value": value })),
            "{tags}"
        );
    }
    // What is right already is not touched.
    cloud.proxy.set([]);
    assert_says(
        &cloud.put("DB_PASSWORD", "production", "EXAMPLE-1"),
        &["right already", "nothing to write"],
    );
    assert_eq!(cloud.writes(), 0);
    // Where one Region is right, the others are written.
    cloud
        .emulator
        .store(&cloud.own, "us-east-1", DB, "EXAMPLE-2");
    cloud.proxy.set([]);
    assert_says(
        &cloud.put("DB_PASSWORD", "production", "EXAMPLE-2"),
        &["us-east-1 right already"],
    );
    assert_eq!((cloud.writes(), cloud.values(DB)), (2, all("EXAMPLE-2")));
    cloud.put("API_KEY", "china", "EXAMPLE-3");
    let there = cloud
        .emulator
        .value_of(&cloud.own, "cn-north-1", "/shared/api-key");
    assert_eq!(there, Some((1, "EXAMPLE-3".to_owned())));
    assert_eq!(
        stdout(&cloud.ends(0, "secret get API_KEY -e china")),
        "EXAMPLE-3\n"
    );
    cloud.ends(1, "secret get API_KEY -e production");
}

fn nothing_is_written_without_confirmation() {
    let cloud = Cloud::new();
    cloud.put("DB_PASSWORD", "production", "EXAMPLE-1");
    cloud.put("DB_PASSWORD", "production", "EXAMPLE-2");
    cloud.write("in.env", "DB_PASSWORD=EXAMPLE-3\nOTHER=EXAMPLE-4\n");
    for (arguments, input) in [
        ("secret put DB_PASSWORD -e production", "EXAMPLE-3"),
        ("secret put /x/new -e production", "EXAMPLE-3"),
        ("secret generate DB_PASSWORD -e production", ""),
        ("secret rollback DB_PASSWORD -e production", ""),
        ("secret label DB_PASSWORD stable -e production", ""),
        ("secret delete DB_PASSWORD -e production", ""),
        (
            "secret copy DB_PASSWORD -e production --to-environment development",
            "",
        ),
        ("secret import in.env -e production --overwrite", ""),
        (
            "secret duplicates DB_PASSWORD -e production --replace",
            "EXAMPLE-3",
        ),
    ] {
        cloud.proxy.set([]);
        let output = cloud.run_with_input(arguments, input);
        assert_eq!(
            output.status.code(),
            Some(2),
            "{arguments}: {}",
            stderr(&output)
        );
        assert_says(&output, &["cannot ask for confirmation", "--yes"]);
        assert_eq!(cloud.writes(), 0, "{arguments}");
        let output = cloud.run_with_input(&format!("{arguments} --dry-run"), input);
        assert_eq!(
            output.status.code(),
            Some(0),
            "{arguments}: {}",
            stderr(&output)
        );
        assert_says(&output, &["dry run"]);
        assert_eq!(
            cloud.writes(),
            0,
            "{arguments} --dry-run: {:?}",
            cloud.proxy.counts()
        );
    }
    assert_eq!(cloud.values(DB), all("EXAMPLE-2"));
}

fn rollback_label_and_history_work_in_all_regions() {
    let cloud = Cloud::new();
    cloud.ends(
        0,
        "secret generate DB_PASSWORD -e production --length 24 --alphabet hex --yes",
    );
    let [Some(first), second, third] = cloud.values(DB) else {
        panic!("there is none")
    };
    assert!(
        first.len() == 24 && first.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "{}",
        first.len()
    );
    assert_eq!(
        (second.as_ref(), third.as_ref()),
        (Some(&first), Some(&first))
    );
    cloud.put("DB_PASSWORD", "production", "EXAMPLE-2");
    cloud.put("DB_PASSWORD", "production", "EXAMPLE-3");
    cloud.ends(0, "secret rollback DB_PASSWORD -e production --yes");
    assert_eq!(cloud.values(DB), all("EXAMPLE-2"));
    cloud.ends(
        0,
        "secret rollback DB_PASSWORD -e production --version 1 --yes",
    );
    assert_eq!(cloud.values(DB), all(&first));
    cloud.ends(
        1,
        "secret rollback DB_PASSWORD -e production --version 9 --yes",
    );
    let history = parsed(&cloud.ends(0, "secret history DB_PASSWORD -e production --format json"));
    assert_eq!(history[2]["versions"].as_array().unwrap().len(), 5);
    assert!(
        !history.to_string().contains("EXAMPLE") && !history.to_string().contains(&first),
        "{history}"
    );
    if cloud.emulator.peer() == Peer::Moto {
        // ministack can't take a label off, so that the rollback's own stays.
        assert!(!history.to_string().contains("byref-rollback"), "{history}");
    }
    cloud.ends(
        0,
        "secret label DB_PASSWORD release-1 --version 2 -e production --yes",
    );
    for region in REGIONS {
        let get =
            format!("secret get DB_PASSWORD --version release-1 -e production --region {region}");
        assert_eq!(stdout(&cloud.ends(0, &get)), "EXAMPLE-2\n");
    }
    assert_eq!(
        stdout(&cloud.ends(0, "secret get DB_PASSWORD --version 3 -e production")),
        "EXAMPLE-3\n"
    );
    let diff = stdout(&cloud.ends(1, "secret diff DB_PASSWORD 2 3 -e production --exit-code"));
    assert!(
        diff.contains("differ") && !diff.contains("EXAMPLE"),
        "{diff}"
    );
    cloud.ends(
        0,
        "secret diff DB_PASSWORD 2 release-1 -e production --exit-code",
    );
    cloud
        .emulator
        .store(&cloud.own, "eu-west-1", DB, "EXAMPLE-4");
    cloud.ends(
        1,
        "secret diff DB_PASSWORD us-west-2 eu-west-1 -e production --exit-code",
    );
    cloud.ends(1, "secret get DB_PASSWORD --version nothing -e production");
}

fn health_list_and_duplicates_read_every_region() {
    let cloud = Cloud::new();
    cloud.put("DB_PASSWORD", "production", "EXAMPLE-1");
    cloud.put("API_KEY", "production", "EXAMPLE-1");
    assert!(stdout(&cloud.ends(0, "secret health -e production")).contains("2 of 2"));
    let list = parsed(&cloud.ends(0, "secret list /production -e production --format json"));
    assert_eq!(
        (list[0]["name"].as_str(), list.as_array().unwrap().len()),
        (Some(DB), 1)
    );
    assert_eq!(
        list[0]["versions"],
        json!({ "us-west-2": 1, "us-east-1": 1, "eu-west-1": 1 })
    );
    let values = parsed(&cloud.ends(
        0,
        "secret list /shared -e production --values --format json",
    ));
    assert_eq!(values[0]["value"], "EXAMPLE-1");
    cloud
        .emulator
        .store(&cloud.own, "us-east-1", DB, "EXAMPLE-2");
    let name = json!({ "Names": ["/shared/api-key"] });
    cloud
        .emulator
        .ask(&cloud.own, "eu-west-1", "DeleteParameters", &name);
    let text = stdout(&cloud.ends(1, "secret health -e production"));
    assert!(
        text.contains("us-east-1 another value") && text.contains("eu-west-1 missing"),
        "{text}"
    );
    assert!(
        text.contains("0 of 2") && !text.contains("EXAMPLE"),
        "{text}"
    );
    // One Region's value for all, and a leaked value replaced wherever it is.
    cloud.ends(
        0,
        "secret copy API_KEY -e production --from-region us-west-2 --yes",
    );
    cloud.ends(
        0,
        "secret copy DB_PASSWORD -e production --from-region us-west-2 --overwrite --yes",
    );
    cloud.ends(0, "secret health -e production");
    let found = stdout(&cloud.ends(1, "secret duplicates DB_PASSWORD -e production"));
    assert!(
        found.contains("/shared/api-key") && !found.contains("EXAMPLE"),
        "{found}"
    );
    let replaced = cloud.run_with_input(
        "secret duplicates DB_PASSWORD -e production --replace --yes",
        "EXAMPLE-9",
    );
    assert_eq!(replaced.status.code(), Some(0), "{}", stderr(&replaced));
    assert_eq!(
        (cloud.values(DB), cloud.values("/shared/api-key")),
        (all("EXAMPLE-9"), all("EXAMPLE-9"))
    );
}

fn copy_writes_another_account_with_its_role() {
    let cloud = Cloud::new();
    cloud.put("DB_PASSWORD", "production", "EXAMPLE-1");
    cloud.put("API_KEY", "production", "EXAMPLE-2");
    if cloud.emulator.peer() == Peer::Ministack {
        ignore("ministack takes a role of another account for one of the caller's");
    }
    let copy = "secret copy --all -e production --to-environment development --yes";
    cloud.proxy.set([]);
    cloud.ends(0, copy);
    assert!(
        cloud
            .proxy
            .log()
            .iter()
            .any(|request| request.operation == "AssumeRole")
    );
    let there = |name| Some(cloud.emulator.value_of(&cloud.other, "us-west-2", name)?.1);
    assert_eq!(
        there("/development/web/db-password").as_deref(),
        Some("EXAMPLE-1")
    );
    assert_eq!(there("/shared/api-key").as_deref(), Some("EXAMPLE-2"));
    cloud.ends(
        0,
        "secret diff DB_PASSWORD production development --exit-code",
    );
    cloud.put("DB_PASSWORD", "production", "EXAMPLE-3");
    assert_says(
        &cloud.ends(2, copy),
        &["--overwrite", "/development/web/db-password"],
    );
    assert_eq!(
        there("/development/web/db-password").as_deref(),
        Some("EXAMPLE-1")
    );
    cloud.ends(0, &format!("{copy} --overwrite"));
    assert_eq!(
        there("/development/web/db-password").as_deref(),
        Some("EXAMPLE-3")
    );
    // A role that may not be assumed.
    cloud
        .proxy
        .set([Rule::new(Fault::Denied, When::Always).of("AssumeRole")]);
    assert_says(
        &cloud.ends(3, "secret get DB_PASSWORD -e development"),
        &["sts:AssumeRole", "help: "],
    );
}

fn import_and_export_round_trip() {
    let cloud = Cloud::new();
    cloud.write(
        "in.env",
        "DB_PASSWORD=EXAMPLE-1\nexport NEW_ONE='EXAMPLE 2'\n",
    );
    assert_says(
        &cloud.ends(0, "secret import in.env -e production --yes"),
        &["NEW_ONE = \"new-one\""],
    );
    assert_eq!(cloud.values("/production/web/new-one"), all("EXAMPLE 2"));
    cloud.write(
        "in.json",
        "{\"DB_PASSWORD\": \"EXAMPLE-3\", \"API_KEY\": \"EXAMPLE-4\"}",
    );
    assert_says(
        &cloud.ends(2, "secret import in.json -e production --yes"),
        &["--overwrite", DB],
    );
    assert_eq!(
        (cloud.values(DB), cloud.values("/shared/api-key")),
        (all("EXAMPLE-1"), [None, None, None])
    );
    cloud.ends(0, "secret import in.json -e production --yes --overwrite");
    assert_eq!(
        (cloud.values(DB), cloud.values("/shared/api-key")),
        (all("EXAMPLE-3"), all("EXAMPLE-4"))
    );
    let exported = parsed(&cloud.ends(0, "secret export -e production --format json"));
    assert_eq!(
        exported,
        json!({ "DB_PASSWORD": "EXAMPLE-3", "API_KEY": "EXAMPLE-4" })
    );
    cloud.ends(0, "secret export -e production -o out.env");
    assert_says(
        &cloud.ends(0, "secret import out.env -e production --yes"),
        &["nothing to write"],
    );
}

fn check_reports_missing_and_wrong_parameters() {
    let cloud = Cloud::new();
    cloud.put("DB_PASSWORD", "production", "EXAMPLE-1");
    let text = stdout(&cloud.ends(1, "check -e production"));
    assert!(
        text.contains("/shared/api-key` in us-west-2, us-east-1, eu-west-1"),
        "{text}"
    );
    let annotations = stdout(&cloud.ends(1, "check --all -e production --format github"));
    assert!(
        annotations.starts_with("::error file=deploy.toml,line="),
        "{annotations}"
    );
    let report = parsed(&cloud.ends(1, "check -e production --format json"));
    assert_eq!(
        (
            &report["findings"],
            &report["secrets"][1]["regions"][2]["state"]
        ),
        (&json!(3), &json!("missing"))
    );
    cloud.put("API_KEY", "production", "EXAMPLE-2");
    cloud.proxy.set([]);
    assert!(stdout(&cloud.ends(0, "check -e production")).contains("2 of 2"));
    // Nothing is decrypted.
    assert!(
        cloud
            .proxy
            .log()
            .iter()
            .all(|request| !request.is_for_decryption)
    );
    // A plain String is no secret.
    let plain = json!({ "Name": "/production/web/plain", "Value": "EXAMPLE", "Type": "String" });
    for region in REGIONS {
        cloud
            .emulator
            .ask(&cloud.own, region, "PutParameter", &plain);
    }
    let config = cloud.read("deploy.toml");
    cloud.write(
        "deploy.toml",
        format!("{config}PLAIN = \"plain\"\nTYPO = \"db-pasword\"\n"),
    );
    let text = stdout(&cloud.ends(1, "check -e production"));
    assert!(
        text.contains("error[wrong-type]: `PLAIN`")
            && text.contains(&format!("did you mean `{DB}`?")),
        "{text}"
    );
    cloud.write(
        "deploy.toml",
        config.replace("[flag]", "[flag] # x").replacen(
            "\n\n",
            "\nkms-key = \"alias/production\"\n\n",
            1,
        ),
    );
    if cloud.emulator.peer() == Peer::Moto {
        let text = stdout(&cloud.ends(1, "check -e production"));
        assert!(text.contains("encrypted with `alias/aws/ssm`"), "{text}");
    }
}

fn rewrite_by_value_and_exec_read_the_values() {
    let cloud = Cloud::new();
    cloud.put("DB_PASSWORD", "production", "EXAMPLE-1");
    cloud.put("API_KEY", "production", "EXAMPLE-2");
    cloud.ends(
        0,
        "rewrite -q -e production --scheme value web.yaml -o value.yaml",
    );
    let text = cloud.read("value.yaml");
    assert!(
        text.contains("Value: EXAMPLE-2") && text.contains("Value: not-a-secret-1"),
        "{text}"
    );
    cloud.ends(0, "rewrite -q -e production web.yaml -o reference.yaml");
    let text = cloud.read("reference.yaml");
    assert!(
        text.contains("parameter/shared/api-key") && !text.contains("EXAMPLE"),
        "{text}"
    );
    cloud.ends(
        0,
        "rewrite -q -e production --scheme value --to-values reference.yaml -o back.yaml",
    );
    let text = cloud.read("back.yaml");
    assert!(
        text.contains("Value: EXAMPLE-1") && text.contains("Value: EXAMPLE-2"),
        "{text}"
    );
    let output = cloud.ends(0, "exec -e production --pristine --strict -- /usr/bin/env");
    assert_eq!(
        stdout(&output),
        "API_KEY=EXAMPLE-2\nDB_PASSWORD=EXAMPLE-1\n"
    );
    assert_eq!(
        cloud.run("exec -e production -- /bin/false").status.code(),
        Some(1)
    );
    // Without values nothing is written.
    cloud
        .proxy
        .set([Rule::new(Fault::Denied, When::Always).for_decryption()]);
    assert_says(
        &cloud.ends(3, "exec -e production -- /bin/true"),
        &["kms:Decrypt", "help: "],
    );
    cloud.ends(
        3,
        "rewrite -e production --scheme value web.yaml -o denied.yaml",
    );
    assert!(!cloud.join("denied.yaml").exists());
}

fn delete_removes_all_regions() {
    let cloud = Cloud::new();
    cloud.put("DB_PASSWORD", "production", "EXAMPLE-1");
    cloud.put("API_KEY", "production", "EXAMPLE-2");
    let output = cloud.ends(0, "secret delete DB_PASSWORD -e production --yes");
    assert_says(
        &output,
        &["refers to it", "30 seconds", "eu-west-1 deleted"],
    );
    assert_eq!(
        (cloud.values(DB), cloud.values("/shared/api-key")),
        ([None, None, None], all("EXAMPLE-2"))
    );
    assert_says(
        &cloud.ends(0, "secret delete DB_PASSWORD -e production --yes"),
        &["none of these Regions"],
    );
}

/// Each secret is encrypted with the key of its scope, and held to it.
fn check_compares_the_kms_key_of_each_scope() {
    let cloud = Cloud::new();
    if cloud.emulator.peer() != Peer::Moto {
        ignore("only moto keeps the key of a parameter");
    }
    let config = cloud.read("deploy.toml");
    let keys = "\nkms-key = { app = \"alias/web\", environment = \"alias/production\", shared = \"alias/everyone\" }\n\n";
    let config = config.replacen("\n\n", keys, 1);
    cloud.write("deploy.toml", &config);
    cloud.put("DB_PASSWORD", "production", "EXAMPLE-1");
    cloud.put("API_KEY", "production", "EXAMPLE-2");
    cloud.put("/production/shared/x", "production", "EXAMPLE-3");
    cloud.put("/shared/web/x", "production", "EXAMPLE-4");
    let key_of = |name: &str| {
        let filter = json!({ "ParameterFilters": [{ "Key": "Name", "Option": "Equals", "Values": [name] }] });
        let (_, answer) =
            cloud
                .emulator
                .ask(&cloud.own, "us-east-1", "DescribeParameters", &filter);
        answer["Parameters"][0]["KeyId"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    for (name, key) in [
        (DB, "alias/web"),
        ("/shared/api-key", "alias/everyone"),
        ("/production/shared/x", "alias/production"),
        ("/shared/web/x", "alias/aws/ssm"),
    ] {
        assert_eq!(key_of(name), key, "{name}");
    }
    cloud.ends(0, "check -e production");
    cloud.ends(0, "secret health -e production");
    cloud.write(
        "deploy.toml",
        config.replace("alias/everyone", "alias/other"),
    );
    let text = stdout(&cloud.ends(1, "check -e production"));
    assert!(
        text.contains("encrypted with `alias/everyone`") && !text.contains("alias/web`"),
        "{text}"
    );
    cloud.ends(1, "secret health -e production");
    let policy = stdout(
        &cloud
            .command_with("iam -e production", "")
            .output()
            .unwrap(),
    );
    assert!(
        policy.contains("alias/web")
            && policy.contains("alias/other")
            && !policy.contains("alias/production"),
        "{policy}"
    );
    cloud.write(
        "deploy.toml",
        config.replace("shared = \"alias", "shard = \"alias"),
    );
    assert_says(
        &cloud.ends(2, "check -e production"),
        &["did you mean `shared`?"],
    );
    cloud.write(
        "deploy.toml",
        config.replace("\"alias/web\"", "\"EXAMPLE not a key\""),
    );
    let output = cloud.ends(2, "check -e production");
    assert!(!stderr(&output).contains("EXAMPLE"), "{}", stderr(&output));
}

/// Two processes write one secret at once, with requests that take different times: where the
/// Regions differ in the end, they do not both report success, and one that does not says that
/// another process wrote.
fn two_writers_never_both_succeed_if_the_regions_differ() {
    let cloud = Cloud::new();
    cloud.put("DB_PASSWORD", "production", "EXAMPLE-0");
    // Pauses that differ from request to request, the same in every run.
    let turn = std::sync::atomic::AtomicU64::new(7);
    cloud.proxy.set([Rule::hook(When::Always, move || {
        let turn = turn.fetch_add(7_919, std::sync::atomic::Ordering::Relaxed);
        std::thread::sleep(std::time::Duration::from_millis(
            turn.wrapping_mul(2_654_435_761) % 120,
        ));
    })]);
    for pair in 0..12 {
        let start = |writer: &str| {
            let mut command = cloud.command("secret put DB_PASSWORD -e production --yes");
            byref_support::start(&mut command, &format!("EXAMPLE-{writer}-{pair}"))
        };
        let one = start("one");
        std::thread::sleep(std::time::Duration::from_millis(pair * 23));
        let ended = [one, start("two")].map(byref_support::finish);
        let values = cloud.values(DB);
        let is_mixed = values.iter().any(|value| *value != values[0]);
        let codes = ended.each_ref().map(|output| output.status.code());
        let context = format!(
            "{codes:?} {values:?}\n{}\n{}",
            stderr(&ended[0]),
            stderr(&ended[1])
        );
        assert!(!is_mixed || codes != [Some(0); 2], "{context}");
        for output in &ended {
            assert!(matches!(output.status.code(), Some(0 | 1)), "{context}");
            assert!(
                output.status.success() || stderr(output).contains("another process wrote"),
                "{context}"
            );
            assert!(!stderr(output).contains("EXAMPLE"), "{context}");
        }
    }
}

fn without_descriptions_keys_are_not_checked() {
    let cloud = Cloud::new();
    cloud.put("DB_PASSWORD", "production", "EXAMPLE-1");
    cloud.put("API_KEY", "production", "EXAMPLE-1");
    cloud
        .proxy
        .set([Rule::new(Fault::Denied, When::Always).of("DescribeParameters")]);
    let output = cloud.ends(0, "check -e production");
    assert_says(
        &output,
        &["keys in us-east-1: not checked", "ssm:DescribeParameters"],
    );
    let output = cloud.run_with_input("secret put DB_PASSWORD -e production --yes", "EXAMPLE-2");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_says(
        &output,
        &["the present key is not known", "alias/aws/ssm", "--key"],
    );
}

fn throttled_requests_are_retried() {
    let cloud = Cloud::new();
    cloud
        .proxy
        .set([Rule::new(Fault::Throttle, When::First(2)).of("PutParameter")]);
    cloud.put("DB_PASSWORD", "production", "EXAMPLE-1");
    assert_eq!(cloud.values(DB), all("EXAMPLE-1"));
    assert_eq!(cloud.writes(), 5);
}
