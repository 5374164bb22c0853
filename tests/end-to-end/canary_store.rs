//! A stored value is in no output but in those whose whole purpose is to hand it over, and in no
//! file in clear.

use byref_support::{CANARY, TEMPLATE, Vault, assert_hides, stderr, stdout};

/// Commands that hand a value over, and only on standard output.
const HANDED_OVER: [&str; 5] = [
    "secret get DB_PASSWORD -e production --reveal",
    "secret get DB_PASSWORD -e production --version 1",
    "secret list -e production --values --format json",
    "secret export -e production --format shell",
    "rewrite -e production --scheme value --to-values --reveal by-reference.yaml",
];

/// Everything else that one can say.
const SILENT: [&str; 49] = [
    "check -e production",
    "check -e production --format json",
    "check -e production --format github",
    "check --all -e production --keys",
    "check -e production --parity web.yaml",
    "check -e production --parity web.yaml --format json",
    "check -e production --parity web.yaml --format github",
    "check -e nowhere",
    "secret list -e production",
    "secret list /production -e production --format json",
    "secret history DB_PASSWORD -e production",
    "secret history DB_PASSWORD -e production --format json",
    "secret diff DB_PASSWORD 1 2 -e production",
    "secret diff DB_PASSWORD 1 2 -e production --format json",
    "secret diff JSON 1 2 --full-name -e production",
    "secret diff /x/json 1 2 -e production --format json",
    "secret diff DB_PASSWORD us-west-2 eu-west-1 -e production",
    "secret health -e production",
    "secret health -e production --format json --keys",
    "secret health -e production --path /production",
    "secret duplicates DB_PASSWORD -e production",
    "secret duplicates DB_PASSWORD -e production --everywhere --format json",
    "secret copy DB_PASSWORD -e production --to-environment development",
    "secret copy DB_PASSWORD -e production --to-environment development",
    "secret copy --all -e production --to-environment development --dry-run",
    "secret copy --all -e production --to-environment development --overwrite",
    "secret rollback DB_PASSWORD -e production",
    "secret rollback DB_PASSWORD -e production --version 77",
    "secret label DB_PASSWORD x -e production",
    "secret label DB_PASSWORD x -e production --version 1",
    "secret generate /x/new -e production",
    "secret import in.env -e production",
    "secret import in.env -e production --overwrite",
    "secret import in.json -e production --overwrite",
    "secret import in.yaml -e production --overwrite",
    "secret import broken.env -e production",
    "secret import broken.json -e production",
    "secret import broken.yaml -e production",
    "secret export -e production -o out.env",
    "secret put DB_PASSWORD -e production --file in.env --dry-run",
    "secret put DB_PASSWORD -e production --file canary",
    "secret put DB_PASSWORD -e production --file binary",
    "secret put DB_PASSWORD -e production --file long",
    "exec -e production --strict -- /bin/true",
    "exec -e production -- /nowhere",
    "rewrite -e production --scheme value web.yaml",
    "preview -e production --scheme value --to-values by-reference.yaml",
    "explain DB_PASSWORD -e production --scheme value",
    "secret delete DB_PASSWORD -e production --yes",
];

fn vault() -> Vault {
    let vault = Vault::new();
    let write = |name: &str, bytes: &[u8]| vault.write(name, bytes);
    let config = byref_support::CONFIG.split("[apps.worker").next().unwrap();
    write("deploy.toml", config.as_bytes());
    write(
        "web.yaml",
        TEMPLATE.replace("not-a-secret-1", CANARY).as_bytes(),
    );
    write(
        "in.env",
        format!("DB_PASSWORD={CANARY}\nAPI_KEY='{CANARY}2'\n").as_bytes(),
    );
    write(
        "in.json",
        format!("{{\"DB_PASSWORD\": \"{CANARY}3\", \"list\": [\"{CANARY}\"]}}").as_bytes(),
    );
    write(
        "in.yaml",
        format!("services: {{a: {{environment: [DB_PASSWORD={CANARY}, 'X=$${CANARY}${{Y}}']}}}}")
            .as_bytes(),
    );
    write(
        "broken.env",
        format!("A=1\n{CANARY}\nB='{CANARY}").as_bytes(),
    );
    write("broken.json", format!("{{\"a\": {CANARY}}}").as_bytes());
    write("broken.yaml", format!("services: \"{CANARY}\n").as_bytes());
    write("canary", CANARY.as_bytes());
    write("binary", &[CANARY.as_bytes(), &[0xff, 0xfe]].concat());
    write("long", CANARY.repeat(1000).as_bytes());
    for value in ["EXAMPLE-first", CANARY] {
        vault.put("DB_PASSWORD", "production", value);
        vault.put(
            "/x/json",
            "production",
            &format!("{{\"user\": \"{value}\"}}"),
        );
    }
    vault.put("API_KEY", "production", CANARY);
    vault.ends(0, "rewrite -q -e production web.yaml -o by-reference.yaml");
    vault
}

#[test]
fn no_command_prints_a_stored_value_unasked() {
    let vault = vault();
    for arguments in SILENT {
        for verbosity in ["", "-vvv"] {
            let output = vault
                .command(
                    &format!("{arguments} {verbosity}")
                        .replace("-- /bin/true -vvv", "-vvv -- /bin/true")
                        .replace("-- /nowhere -vvv", "-vvv -- /nowhere"),
                )
                .env("RUST_LOG", "trace")
                .env("RUST_BACKTRACE", "full")
                .output()
                .unwrap();
            assert!(output.status.code().is_some(), "{arguments} was killed");
            assert_hides(CANARY, arguments, &output);
        }
    }
}

#[test]
fn values_are_printed_to_standard_output_only() {
    let vault = vault();
    for arguments in HANDED_OVER {
        let output = vault
            .command(&format!("{arguments} -vvv"))
            .env("RUST_LOG", "trace")
            .output()
            .unwrap();
        assert_eq!(
            output.status.code(),
            Some(0),
            "{arguments}: {}",
            stderr(&output)
        );
        let is_first = arguments.contains("--version 1");
        assert!(
            stdout(&output).contains(if is_first { "EXAMPLE-first" } else { CANARY }),
            "{arguments}"
        );
        assert!(
            !stderr(&output).contains(CANARY),
            "{arguments}:\n{}",
            stderr(&output)
        );
    }
}

/// In a run that ends badly, whatever it is that fails.
#[test]
fn no_error_of_a_store_prints_a_value() {
    let vault = vault();
    let store = std::fs::read(vault.store()).unwrap();
    let broken: [(&str, Vec<u8>); 4] = [
        ("cut off", store[..store.len() - 20].to_vec()),
        ("changed", store.iter().rev().copied().collect()),
        ("empty", Vec::new()),
        (
            "not encrypted",
            format!("{{\"format\": 1, \"x\": \"{CANARY}\"}}").into_bytes(),
        ),
    ];
    for (what, bytes) in broken {
        std::fs::write(vault.store(), bytes).unwrap();
        for arguments in [
            "secret get DB_PASSWORD -e production",
            "check -e production",
            "exec -e production -- /bin/true",
        ] {
            let output = vault.run(arguments);
            assert_eq!(output.status.code(), Some(2), "{what}: {arguments}");
            assert!(
                !stderr(&output).contains(CANARY) && !stderr(&output).contains("defect of its own"),
                "{what}: {}",
                stderr(&output)
            );
        }
    }
    std::fs::write(vault.store(), store).unwrap();
    vault.write("key", format!("{CANARY}\n"));
    assert!(!stderr(&vault.ends(2, "secret get DB_PASSWORD -e production")).contains(CANARY));
    vault.write("key", format!("AGE-SECRET-KEY-1{CANARY}\n"));
    assert!(!stderr(&vault.ends(2, "secret get DB_PASSWORD -e production")).contains(CANARY));
}

#[test]
fn no_file_contains_a_stored_value_in_plaintext() {
    let vault = vault();
    let inputs = [
        "web.yaml",
        "in.env",
        "in.json",
        "in.yaml",
        "broken.env",
        "broken.json",
        "broken.yaml",
        "canary",
        "binary",
        "long",
    ];
    for entry in std::fs::read_dir(vault.path())
        .unwrap()
        .map(|entry| entry.unwrap())
    {
        if inputs.contains(&entry.file_name().to_string_lossy().as_ref()) {
            continue;
        }
        let bytes = std::fs::read(entry.path()).unwrap();
        let holds = bytes
            .windows(CANARY.len())
            .any(|window| window == CANARY.as_bytes());
        assert!(!holds, "{} holds it", entry.path().display());
    }
}

/// While a value is read, neither the arguments nor the environment of the process hold it.
#[cfg(target_os = "linux")]
#[test]
fn no_argument_or_variable_of_the_process_contains_a_value() {
    use std::io::Write as _;
    use std::process::Stdio;

    let vault = vault();
    let mut child = vault
        .command("secret put DB_PASSWORD -e production --dry-run")
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .as_mut()
        .unwrap()
        .write_all(CANARY.as_bytes())
        .unwrap();
    for file in ["cmdline", "environ"] {
        let text = std::fs::read(format!("/proc/{}/{file}", child.id())).unwrap_or_default();
        assert!(!String::from_utf8_lossy(&text).contains(CANARY), "{file}");
    }
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
}
