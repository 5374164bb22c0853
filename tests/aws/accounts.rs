//! Whose account it is, how AWS is reached, and what the caller may do there.

use byref_emulator::{Fault, Rule, When};

use byref_support::{Cloud, REGIONS, assert_says, stderr, stdout};

use crate::{DB, all};

byref_harness::tests![
    no_request_is_sent_to_another_account,
    the_caller_is_checked_once_before_other_requests,
    plain_http_to_another_machine_needs_the_option,
    nothing_is_written_into_another_account,
    denied_requests_are_reported_with_action_and_help,
    a_caller_without_decryption_writes_without_rollback,
];

/// Whatever reads or writes: credentials of another account are an error that names both, and only
/// STS is asked, once.
fn no_request_is_sent_to_another_account() {
    let cloud = Cloud::new();
    for region in REGIONS {
        cloud.emulator.store(&cloud.own, region, DB, "EXAMPLE-1");
        cloud
            .emulator
            .store(&cloud.own, region, "/shared/api-key", "EXAMPLE-2");
    }
    let config = cloud.read("deploy.toml");
    let config = config
        .replace(&cloud.own.id, "111122223333")
        .replace("[apps.web]", "[apps.web]\nstack = \"web\"");
    cloud.write("deploy.toml", &config);
    cloud.write("in.env", "DB_PASSWORD=EXAMPLE-2\n");
    cloud.write("a.txt", "EXAMPLE-1\n");
    for arguments in [
        "check -e production",
        "check --all --keys -e production --format json",
        "check -e production --region eu-west-1",
        "check --deployed --revisions -e production",
        "check --validate -e production",
        "check --parity web.yaml -e production",
        "check --parity --deployed -e production",
        "preview --deployed -e production",
        "rewrite --deployed -e production -o out.yaml",
        "rewrite -e production --scheme value web.yaml -o value.yaml",
        "preview -e production --scheme value --store aws web.yaml",
        "secret get DB_PASSWORD -e production",
        "secret get /shared/api-key -e production --region us-east-1",
        "secret get DB_PASSWORD -e production --version 1",
        "secret list -e production",
        "secret list -e production --values",
        "secret history DB_PASSWORD -e production",
        "secret diff DB_PASSWORD us-west-2 us-east-1 -e production",
        "secret export -e production",
        "secret export -e production -o out.env",
        "secret health -e production",
        "secret duplicates DB_PASSWORD -e production",
        "secret copy DB_PASSWORD -e production --to-environment staging --yes",
        "secret rollback DB_PASSWORD -e production --yes",
        "secret delete DB_PASSWORD -e production --yes",
        "secret label DB_PASSWORD stable -e production --yes",
        "secret import in.env -e production --overwrite --yes",
        "secret generate DB_PASSWORD -e production --yes",
        "lint --known -e production a.txt",
        "exec -e production -- /bin/echo started",
    ] {
        cloud.proxy.set([]);
        let output = cloud.run(arguments);
        let context = format!("{arguments}: {}{}", stdout(&output), stderr(&output));
        assert_eq!(output.status.code(), Some(3), "{context}");
        assert_says(&output, &[&cloud.own.id, "111122223333", "role-arn"]);
        assert!(
            !stdout(&output).contains("EXAMPLE") && !stdout(&output).contains("started"),
            "{context}"
        );
        let counts: Vec<_> = cloud
            .proxy
            .counts()
            .into_iter()
            .map(|((operation, _), count)| (operation, count))
            .collect();
        assert_eq!(counts, [("GetCallerIdentity".to_owned(), 1)], "{context}");
    }
    // What asks nobody does not ask this either.
    cloud.proxy.set([]);
    for arguments in [
        "rewrite -e production web.yaml",
        "preview -e production web.yaml",
        "flag",
        "iam -e production",
    ] {
        let output = cloud.command_with(arguments, "").output().unwrap();
        assert_eq!(
            output.status.code(),
            Some(0),
            "{arguments}: {}",
            stderr(&output)
        );
        assert_eq!(cloud.proxy.log(), [], "{arguments}");
    }
}

/// Once a run, whatever it asks; and without an answer of STS nothing is read.
fn the_caller_is_checked_once_before_other_requests() {
    let cloud = Cloud::new();
    cloud.put("DB_PASSWORD", "production", "EXAMPLE-1");
    cloud.put("API_KEY", "production", "EXAMPLE-2");
    for arguments in [
        "check -e production",
        "check --all --keys -e production",
        "secret get DB_PASSWORD -e production",
        "secret health -e production",
        "secret duplicates API_KEY -e production --path /shared",
        "secret generate API_KEY -e production --yes",
        "exec -e production -- /bin/true",
        "rewrite -q -e production --scheme value web.yaml -o value.yaml",
    ] {
        cloud.proxy.set([]);
        cloud.ends(0, arguments);
        let log = cloud.proxy.log();
        assert_eq!(log[0].operation, "GetCallerIdentity", "{arguments}");
        let asked = log
            .iter()
            .filter(|request| request.operation == "GetCallerIdentity")
            .count();
        assert_eq!(asked, 1, "{arguments}");
    }
    for fault in [Fault::Denied, Fault::Unavailable, Fault::Garbage] {
        for arguments in [
            "check -e production",
            "secret get DB_PASSWORD -e production",
            "exec -e production -- /bin/true",
        ] {
            cloud
                .proxy
                .set([Rule::new(fault, When::Always).of("GetCallerIdentity")]);
            let output = cloud
                .command(arguments)
                .env("AWS_MAX_ATTEMPTS", "1")
                .output()
                .unwrap();
            assert_eq!(
                output.status.code(),
                Some(3),
                "{arguments}: {}",
                stderr(&output)
            );
            assert_says(&output, &["sts:GetCallerIdentity", "help: "]);
            assert!(
                cloud
                    .proxy
                    .log()
                    .iter()
                    .all(|request| request.operation == "GetCallerIdentity")
            );
        }
    }
}

fn plain_http_to_another_machine_needs_the_option() {
    let cloud = Cloud::new();
    let config = "[profile local]\nendpoint_url = http://192.0.2.1:4566\n";
    cloud.write("aws.config", config);
    cloud.write(
        "services.config",
        "[profile local]\nservices = x\n[services x]\nssm =\n  endpoint_url = http://192.0.2.1\n",
    );
    let file = |name: &str| cloud.join(name).display().to_string();
    let own = cloud.proxy.endpoint();
    for variables in [
        vec![("AWS_ENDPOINT_URL", "http://192.0.2.1:4566".to_owned())],
        vec![(
            "AWS_ENDPOINT_URL_SSM",
            "http://moto.invalid:5000".to_owned(),
        )],
        vec![(
            "AWS_ENDPOINT_URL_STS",
            "http://localhost.invalid".to_owned(),
        )],
        vec![
            ("AWS_ENDPOINT_URL", String::new()),
            ("AWS_CONFIG_FILE", file("aws.config")),
            ("AWS_PROFILE", "local".to_owned()),
        ],
        vec![
            ("AWS_ENDPOINT_URL", String::new()),
            ("AWS_ENDPOINT_URL_STS", own.clone()),
            ("AWS_CONFIG_FILE", file("services.config")),
            ("AWS_PROFILE", "local".to_owned()),
        ],
    ] {
        let mut command = cloud.command("secret get DB_PASSWORD -e production");
        for (name, value) in &variables {
            if value.is_empty() {
                command.env_remove(name)
            } else {
                command.env(name, value)
            };
        }
        let output = command.output().unwrap();
        assert_eq!(
            output.status.code(),
            Some(2),
            "{variables:?}: {}",
            stderr(&output)
        );
        assert_says(&output, &["plain HTTP", "--insecure-endpoint", "https://"]);
    }
    // A proxy of the environment gets no plain request.
    cloud.put("DB_PASSWORD", "production", "EXAMPLE-1");
    let mut command = cloud.command("secret get DB_PASSWORD -e production");
    let output = command
        .env("HTTP_PROXY", "http://192.0.2.1:1")
        .env("http_proxy", "http://192.0.2.1:1")
        .output()
        .unwrap();
    assert_eq!(
        (output.status.code(), stdout(&output).as_str()),
        (Some(0), "EXAMPLE-1\n"),
        "{}",
        stderr(&output)
    );
    let mut command = cloud.command_with(
        "secret get DB_PASSWORD -e production --insecure-endpoint",
        "--timeout 1",
    );
    let output = command
        .env("AWS_ENDPOINT_URL", "http://192.0.2.1")
        .env("AWS_MAX_ATTEMPTS", "1")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
}

fn nothing_is_written_into_another_account() {
    let cloud = Cloud::new();
    cloud
        .emulator
        .store(&cloud.own, "us-west-2", DB, "EXAMPLE-1");
    let config = cloud.read("deploy.toml");
    cloud.write("deploy.toml", config.replace(&cloud.own.id, "111122223333"));
    cloud.write("in.env", "DB_PASSWORD=EXAMPLE-2\n");
    for arguments in [
        "secret generate DB_PASSWORD -e production --yes",
        "secret delete DB_PASSWORD -e production --yes",
        "secret label DB_PASSWORD stable -e production --region us-west-2 --yes",
        "secret import in.env -e production --overwrite --yes",
    ] {
        cloud.proxy.set([]);
        let output = cloud.ends(3, arguments);
        assert_says(&output, &[&cloud.own.id, "111122223333", "role-arn"]);
        let wrote = cloud
            .proxy
            .log()
            .into_iter()
            .filter(|request| request.operation.contains("Parameter"))
            .any(|request| request.is_write());
        assert!(!wrote, "{arguments}: {:?}", cloud.proxy.counts());
    }
    assert_eq!(cloud.values(DB), [Some("EXAMPLE-1".to_owned()), None, None]);
}

#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn denied_requests_are_reported_with_action_and_help() {
    let cloud = Cloud::new();
    cloud.put("DB_PASSWORD", "production", "EXAMPLE-1");
    cloud.write("in.env", "DB_PASSWORD=EXAMPLE-2\n");
    let always = |fault| [Rule::new(fault, When::Always)];
    let put = "secret import in.env -e production --overwrite --yes";
    for (rule, arguments, parts) in [
        (
            Rule::new(Fault::Denied, When::Always).of("PutParameter"),
            put,
            [
                "arn:aws:iam::111122223333:user/tests",
                "ssm:PutParameter",
                "arn:aws:ssm:us-west-2",
            ]
            .as_slice(),
        ),
        (
            Rule::new(Fault::Denied, When::Always).of("DeleteParameters"),
            "secret delete DB_PASSWORD -e production --yes",
            &[
                "arn:aws:iam::111122223333:user/tests",
                "ssm:DeleteParameters",
                "still there",
            ],
        ),
        (
            Rule::new(Fault::Denied, When::Always).of("GetParameters"),
            "check -e production",
            &[
                "arn:aws:iam::111122223333:user/tests",
                "ssm:GetParameters",
                "us-east-1",
            ],
        ),
        (
            Rule::new(Fault::Denied, When::Always).of("GetParameterHistory"),
            "secret history DB_PASSWORD -e production",
            &[
                "ssm:GetParameterHistory",
                "arn:aws:iam::111122223333:user/tests",
            ],
        ),
        (
            Rule::new(Fault::TooManyUpdates, When::Always).of("PutParameter"),
            put,
            &["is being written by another caller", "again in a moment"],
        ),
    ] {
        cloud.proxy.set([rule]);
        let output = cloud
            .command(arguments)
            .env("AWS_MAX_ATTEMPTS", "2")
            .output()
            .unwrap();
        assert_eq!(
            output.status.code(),
            Some(3),
            "{arguments}: {}",
            stderr(&output)
        );
        assert_says(&output, parts);
        assert_says(&output, &["help: "]);
        assert!(!stderr(&output).contains("EXAMPLE"), "{}", stderr(&output));
    }
    // Somebody who is done soon is waited for.
    cloud
        .proxy
        .set([Rule::new(Fault::TooManyUpdates, When::First(1)).of("PutParameter")]);
    cloud.ends(0, put);
    assert_eq!(cloud.values(DB), all("EXAMPLE-2"));
    for arguments in [
        "secret get DB_PASSWORD -e production",
        "check -e production",
        put,
        "secret list -e production",
    ] {
        cloud.proxy.set(always(Fault::Expired));
        assert_says(
            &cloud.ends(3, arguments),
            &["expired", "aws sso login", "help: "],
        );
        let mut nobody = cloud.command(arguments);
        nobody
            .env_remove("AWS_ACCESS_KEY_ID")
            .env_remove("AWS_SECRET_ACCESS_KEY")
            .env_remove("AWS_SESSION_TOKEN");
        cloud.proxy.set([]);
        let output = nobody.output().unwrap();
        assert_eq!(
            output.status.code(),
            Some(3),
            "{arguments}: {}",
            stderr(&output)
        );
        assert_says(
            &output,
            &["no AWS credentials found", "AWS_PROFILE", "help: "],
        );
        assert_eq!(cloud.proxy.log(), [], "{arguments}");
        let mut nowhere = cloud.command(arguments);
        let output = nowhere
            .env("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
            .env("AWS_MAX_ATTEMPTS", "1")
            .output();
        let output = output.unwrap();
        assert_eq!(
            output.status.code(),
            Some(3),
            "{arguments}: {}",
            stderr(&output)
        );
        assert_says(&output, &["no connection", "AWS_ENDPOINT_URL", "help: "]);
    }
}

/// Who may encrypt but not decrypt.
fn a_caller_without_decryption_writes_without_rollback() {
    let cloud = Cloud::new();
    cloud.put("DB_PASSWORD", "production", "EXAMPLE-1");
    let denied = || Rule::new(Fault::Denied, When::Always).for_decryption();
    cloud.proxy.set([denied()]);
    let put = "secret put DB_PASSWORD -e production";
    let output = cloud.run_with_input(&format!("{put} --dry-run"), "EXAMPLE-2");
    assert_says(
        &output,
        &[
            "may not read the present value",
            "nothing is compared",
            "keep the new value",
        ],
    );
    let output = cloud.run_with_input(&format!("{put} --yes"), "EXAMPLE-2");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_says(&output, &["may not read the present value"]);
    assert_eq!(cloud.values(DB), all("EXAMPLE-2"));
    // What was written stays, and it is said where.
    cloud.proxy.set([
        denied(),
        Rule::new(Fault::Throttle, When::Always)
            .of("PutParameter")
            .within("us-east-1"),
    ]);
    let mut command = cloud.command(&format!("{put} --yes"));
    let output = byref_support::finish(byref_support::start(
        command.env("AWS_MAX_ATTEMPTS", "1"),
        "EXAMPLE-3",
    ));
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    assert_says(
        &output,
        &[
            "us-west-2  the new value (version 3)",
            "us-east-1  the old value",
            "eu-west-1  the old value",
        ],
    );
    assert_says(&output, &["throttling", "run the same command again"]);
    assert_eq!(
        cloud.values(DB),
        ["EXAMPLE-3", "EXAMPLE-2", "EXAMPLE-2"].map(|value| Some(value.to_owned()))
    );
    cloud.proxy.set([denied()]);
    let output = cloud.run_with_input(&format!("{put} --yes"), "EXAMPLE-3");
    assert_eq!(
        (output.status.code(), cloud.values(DB)),
        (Some(0), all("EXAMPLE-3"))
    );
    assert_says(
        &cloud.ends(3, "secret get DB_PASSWORD -e production"),
        &["kms:Decrypt", "help: "],
    );
}
