//! The canary against an emulator: whatever fails on the way, no output holds a stored value. moto
//! sends values in clear where AWS would send them encrypted, and the proxy's denial repeats what
//! was sent.

use std::process::Output;

use byref_emulator::{Fault, Rule, When};

use byref_support::{
    CANARY, Cloud, assert_error_hides, assert_hides, finish, start, stderr, stdout,
};

byref_harness::tests![
    no_command_prints_a_value_whatever_fails,
    values_are_printed_to_standard_output_only,
];

/// Commands that hand a value over on standard output, where nothing fails.
const HANDED_OVER: [&str; 5] = [
    "secret get DB_PASSWORD -e production --reveal",
    "secret list /production -e production --values --format json",
    "secret export -e production --format shell",
    "exec -e production -- /usr/bin/env",
    "rewrite -e production --scheme value --to-values --reveal by-reference.yaml",
];

/// Everything else, with what is given on standard input.
const SILENT: [(&str, &str); 22] = [
    ("check -e production", ""),
    ("check --all -e production --keys --format json", ""),
    ("check -e production --format github", ""),
    ("check -e production --parity web.yaml", ""),
    ("secret list /production -e production --format json", ""),
    ("secret history DB_PASSWORD -e production --format json", ""),
    ("secret diff DB_PASSWORD 1 2 -e production", ""),
    (
        "secret diff /x/json us-west-2 eu-west-1 -e production --format json",
        "",
    ),
    ("secret health -e production --keys", ""),
    ("secret duplicates DB_PASSWORD -e production", ""),
    (
        "secret duplicates DB_PASSWORD -e production --replace --yes",
        CANARY,
    ),
    (
        "secret put DB_PASSWORD -e production --new-version --yes",
        CANARY,
    ),
    ("secret put /x/new -e production --yes", CANARY),
    (
        "secret put DB_PASSWORD -e production --tag owner=payments --yes",
        CANARY,
    ),
    ("secret generate /x/generated -e production --yes", ""),
    ("secret rollback DB_PASSWORD -e production --yes", ""),
    ("secret label DB_PASSWORD stable -e production --yes", ""),
    (
        "secret copy --all -e production --to-environment staging --overwrite --yes",
        "",
    ),
    ("secret import in.env -e production --overwrite --yes", ""),
    ("secret export -e production -o out.env", ""),
    (
        "rewrite -e production --scheme value web.yaml -o out.yaml",
        "",
    ),
    ("secret delete /x/json -e production --yes", ""),
];

fn cloud() -> Cloud {
    let cloud = Cloud::new();
    cloud.write(
        "web.yaml",
        byref_support::TEMPLATE.replace("not-a-secret-1", CANARY),
    );
    cloud.write(
        "in.env",
        format!("DB_PASSWORD={CANARY}-import\nNEW={CANARY}\n"),
    );
    for value in ["EXAMPLE-first", CANARY] {
        cloud.put("DB_PASSWORD", "production", value);
        cloud.put(
            "/x/json",
            "production",
            &format!("{{\"user\": \"{value}\"}}"),
        );
    }
    cloud.put("API_KEY", "production", CANARY);
    cloud.ends(0, "rewrite -q -e production web.yaml -o by-reference.yaml");
    cloud
}

/// Runs as loud as it gets.
fn run(cloud: &Cloud, arguments: &str, input: &str) -> Output {
    let mut command = cloud.command_with(
        arguments,
        "--read-rate 10000 --write-rate 10000 --timeout 1 -vvv",
    );
    command
        .env("RUST_LOG", "trace")
        .env("RUST_BACKTRACE", "full")
        .env("AWS_MAX_ATTEMPTS", "1");
    let output = finish(start(&mut command, input));
    assert!(output.status.code().is_some(), "{arguments} was killed");
    output
}

fn no_command_prints_a_value_whatever_fails() {
    let cloud = cloud();
    let is_full = super::is_full();
    for (turn, (arguments, input)) in SILENT.into_iter().enumerate() {
        assert_hides(CANARY, arguments, &run(&cloud, arguments, input));
        for (index, fault) in Fault::ALL.into_iter().enumerate() {
            // Those that have something to say, and the others in turn.
            let speaks = matches!(fault, Fault::Denied | Fault::Garbage | Fault::Truncated);
            if !is_full && !speaks && index != turn % Fault::ALL.len() {
                continue;
            }
            cloud.proxy.set([Rule::new(fault, When::Always)]);
            assert_hides(
                CANARY,
                &format!("{arguments} with {fault:?}"),
                &run(&cloud, arguments, input),
            );
            // Past what is read first.
            if arguments.contains("--yes") {
                cloud
                    .proxy
                    .set([Rule::new(fault, When::Always).of("PutParameter")]);
                assert_hides(
                    CANARY,
                    &format!("{arguments} with {fault:?} of writes"),
                    &run(&cloud, arguments, input),
                );
            }
        }
        cloud
            .proxy
            .set([Rule::new(Fault::Denied, When::Always).for_decryption()]);
        assert_hides(
            CANARY,
            &format!("{arguments} without decryption"),
            &run(&cloud, arguments, input),
        );
        cloud.proxy.set([]);
    }
}

fn values_are_printed_to_standard_output_only() {
    let cloud = cloud();
    for arguments in HANDED_OVER {
        let output = run(&cloud, arguments, "");
        assert_eq!(
            output.status.code(),
            Some(0),
            "{arguments}: {}",
            stderr(&output)
        );
        assert!(stdout(&output).contains(CANARY), "{arguments}");
        assert_error_hides(CANARY, arguments, &output);
        for fault in [
            Fault::Denied,
            Fault::Truncated,
            Fault::Garbage,
            Fault::Failure,
        ] {
            cloud.proxy.set([Rule::new(fault, When::Always)]);
            assert_hides(
                CANARY,
                &format!("{arguments} with {fault:?}"),
                &run(&cloud, arguments, ""),
            );
        }
        cloud.proxy.set([]);
    }
}
