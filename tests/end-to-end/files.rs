//! What is read is bounded, what is written is for whom it is meant, and several files change
//! together or not at all.
#![cfg(unix)]

use std::fmt::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use byref_support::{Folder, Vault, byref, config, folder, run, stderr, stdout, template};

const ENVIRONMENT: &str = "Environment:\n  - {Name: DB_PASSWORD, Value: not-a-secret-1}\n";

fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

fn mkfifo(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[track_caller]
fn ends(code: i32, output: &Output, said: &str) {
    let error = stderr(output);
    assert_eq!(output.status.code(), Some(code), "{error}");
    assert!(error.contains(said), "{said} is not in\n{error}");
}

/// Templates of one application, each with its secret in plaintext.
fn several(names: &[&str]) -> Folder {
    let listed: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    let config = config("DB_PASSWORD = true\n").replace("\"template.yaml\"", &listed.join(", "));
    let text = template(ENVIRONMENT);
    let mut files = vec![("deploy.toml", config.as_str())];
    files.extend(names.iter().map(|name| (*name, text.as_str())));
    folder(&files)
}

fn are_rewritten(folder: &Folder, names: &[&str]) -> Vec<bool> {
    names
        .iter()
        .map(|name| folder.read(name).contains("ValueFrom"))
        .collect()
}

/// All files below a folder that are byref's own.
fn left(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let name = entry.file_name().into_string().unwrap();
        if entry.file_type().unwrap().is_dir() {
            found.extend(left(&entry.path()));
        } else if name.starts_with(".byref") {
            found.push(name);
        }
    }
    found
}

#[test]
fn output_dir_writes_all_templates_or_none() {
    let folder = several(&["a.yaml", "sub/b.yaml"]);
    let path = folder.path();
    // The second one can't be written: a folder has its name.
    std::fs::create_dir_all(path.join("out/sub/b.yaml")).unwrap();
    let output = run(path, "rewrite --output-dir out");
    ends(2, &output, "out/sub/b.yaml");
    assert!(
        !stderr(&output).contains("moved"),
        "it was not done: {}",
        stderr(&output)
    );
    assert!(!path.join("out/a.yaml").exists() && left(path).is_empty());
    // Nor through a link that leads elsewhere.
    std::fs::remove_dir_all(path.join("out")).unwrap();
    std::fs::create_dir_all(path.join("out")).unwrap();
    std::fs::create_dir_all(path.join("elsewhere")).unwrap();
    symlink("../elsewhere", path.join("out/sub")).unwrap();
    ends(2, &run(path, "rewrite --output-dir out"), "symbolic link");
    assert!(!path.join("out/a.yaml").exists() && !path.join("elsewhere/b.yaml").exists());
    std::fs::remove_file(path.join("out/sub")).unwrap();
    ends(0, &run(path, "rewrite --output-dir out"), "2 moved");
    assert_eq!(
        are_rewritten(&folder, &["out/a.yaml", "out/sub/b.yaml"]),
        [true, true]
    );
}

#[test]
fn in_place_writes_all_templates_or_none() {
    let names = ["a.yaml", "sub/b.yaml"];
    let folder = several(&names);
    let path = folder.path();
    std::fs::remove_file(path.join("sub/b.yaml")).unwrap();
    std::fs::create_dir(path.join("shared")).unwrap();
    std::fs::write(path.join("shared/b.yaml"), template(ENVIRONMENT)).unwrap();
    set_mode(&path.join("sub"), 0o1777);
    symlink("../shared/b.yaml", path.join("sub/b.yaml")).unwrap();
    ends(2, &run(path, "rewrite --in-place"), "other users can write");
    assert_eq!(are_rewritten(&folder, &names), [false, false]);
    assert!(left(path).is_empty());
    set_mode(&path.join("sub"), 0o755);
    ends(0, &run(path, "rewrite --in-place"), "2 moved");
    assert_eq!(are_rewritten(&folder, &names), [true, true]);
    let folder = several(&["a.yaml"]);
    ends(
        2,
        &run(folder.path(), "rewrite --in-place a.yaml ./a.yaml"),
        "written twice",
    );
    assert_eq!(are_rewritten(&folder, &["a.yaml"]), [false]);
}

#[test]
fn a_killed_run_over_several_files_is_undone_by_the_next() {
    let names = ["a.yaml", "b.yaml", "sub/c.yaml"];
    let (mut torn, mut rounds) = (0, 0);
    let start = Instant::now();
    while rounds < 60 && start.elapsed() < Duration::from_secs(20) {
        let folder = several(&names);
        let path = folder.path();
        let mut child = byref(path)
            .args(["rewrite", "-q", "--in-place"])
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_micros(rounds * 150));
        let _ = child.kill();
        child.wait().unwrap();
        let found = are_rewritten(&folder, &names);
        if found.contains(&true) && found.contains(&false) {
            torn += 1;
            // Who reads is told, and changes nothing.
            ends(
                1,
                &run(path, "rewrite --check"),
                "an earlier run was stopped",
            );
            assert_eq!(are_rewritten(&folder, &names), found);
        }
        let output = run(path, "rewrite --in-place");
        ends(0, &output, "");
        assert_eq!(
            are_rewritten(&folder, &names),
            [true, true, true],
            "{}",
            stderr(&output)
        );
        assert!(
            left(path).is_empty() || found == [true, true, true],
            "{:?}",
            left(path)
        );
        rounds += 1;
    }
    println!("{torn} of {rounds} rounds were torn");
}

#[test]
fn environment_specific_output_never_overwrites_a_source() {
    let two = config("DB_PASSWORD = true\n")
        + "\n[environments.development]\naccount = \"444455556666\"\nregions = [\"us-west-2\"]\n";
    let text = template(ENVIRONMENT);
    let folder = folder(&[
        ("deploy.toml", &two),
        ("template.yaml", &text),
        ("sub/other", ""),
    ]);
    let path = folder.path();
    std::fs::hard_link(path.join("template.yaml"), path.join("second.yaml")).unwrap();
    symlink("template.yaml", path.join("link.yaml")).unwrap();
    symlink(".", path.join("here")).unwrap();
    let whole = path.join("template.yaml").display().to_string();
    for command in [
        "--in-place",
        "-o template.yaml",
        "-o ./template.yaml",
        "-o sub/../template.yaml",
        "-o here/template.yaml",
        "-o link.yaml",
        "-o second.yaml",
        &format!("-o {whole}"),
        "--output-dir .",
        "--output-dir here",
        "--output-dir sub/..",
    ] {
        let output = run(path, &format!("rewrite -e production {command}"));
        ends(2, &output, "error[baked-environment]");
        let option = command.split(' ').next().unwrap();
        assert!(
            stderr(&output).contains(&format!("`{option}` would write")),
            "{command}: {}",
            stderr(&output)
        );
        assert_eq!(folder.read("template.yaml"), text, "{command}");
    }
    ends(
        0,
        &run(path, "rewrite -e production -o sub/new.yaml"),
        "1 moved",
    );
    // Standard input has no name, but the configuration says what a source is.
    let input = format!(
        "{} rewrite -e production -o template.yaml - < template.yaml",
        env!("CARGO_BIN_EXE_byref")
    );
    let output = Command::new("sh")
        .args(["-c", &input])
        .current_dir(path)
        .output()
        .unwrap();
    ends(2, &output, "error[baked-environment]");
}

#[test]
fn output_for_one_region_never_overwrites_a_source() {
    let regions =
        |lines: &str| config(lines).replace("[\"us-west-2\"]", "[\"us-west-2\", \"us-east-1\"]");
    let literal = regions("DB_PASSWORD = true\n") + "\n[rewrite]\nreference = \"literal\"\n";
    let arn = regions(
        "DB_PASSWORD = \"arn:aws:ssm:us-west-2:111122223333:parameter/production/app/db-password\"\n",
    );
    let text = template(ENVIRONMENT);
    for (config, help) in [
        (&literal, "reference = \"pseudo\""),
        (&arn, "write a key or a name"),
    ] {
        let folder = folder(&[("deploy.toml", config), ("template.yaml", &text)]);
        let path = folder.path();
        for command in [
            "--in-place",
            "-o ./template.yaml",
            "--output-dir .",
            "--in-place --region us-west-2",
        ] {
            let output = run(path, &format!("rewrite {command}"));
            ends(2, &output, "error[baked-environment]");
            assert!(stderr(&output).contains(help), "{}", stderr(&output));
            assert_eq!(folder.read("template.yaml"), text);
        }
        for command in ["rewrite", "rewrite -o out.yaml", "preview"] {
            ends(0, &run(path, command), "warning[one-region]");
        }
        let output = run(path, "rewrite --region us-east-1 -o out.yaml");
        ends(0, &output, "1 moved");
        assert!(
            !stderr(&output).contains("one-region"),
            "a Region was asked for: {}",
            stderr(&output)
        );
    }
    // Neither does a parameter's name, nor an ARN of Secrets Manager, which has no other form.
    let secret =
        "DB_PASSWORD = \"arn:aws:secretsmanager:us-west-2:111122223333:secret:app/db-AbCdEf\"\n";
    for lines in ["DB_PASSWORD = true\n", secret] {
        let folder = folder(&[("deploy.toml", &regions(lines)), ("template.yaml", &text)]);
        ends(0, &run(folder.path(), "rewrite --in-place"), "1 moved");
    }
}

#[test]
fn a_rollback_to_values_names_what_stays_a_reference() {
    let text = template(
        "Environment:\n  - {Name: PLAIN, Value: not-a-secret-1}\nSecrets:\n  - {Name: DB_PASSWORD, ValueFrom: /production/app/db-password}\n  - {Name: OTHER, ValueFrom: /elsewhere}\n",
    );
    let lines = config("PLAIN = true\nDB_PASSWORD = true\n").replace("\"reference\"", "\"value\"");
    let folder = folder(&[("deploy.toml", &lines), ("template.yaml", &text)]);
    let path = folder.path();
    for command in [
        "rewrite",
        "rewrite -q",
        "rewrite --check",
        "rewrite -o out.yaml",
        "preview",
        "preview --format json",
    ] {
        let output = run(path, command);
        ends(1, &output, "error[stays-by-reference]");
        let error = stderr(&output);
        assert!(
            error.contains("`DB_PASSWORD`") && error.contains("--to-values"),
            "{error}"
        );
        assert!(
            !error.contains("`PLAIN`") && !error.contains("`OTHER`"),
            "{error}"
        );
    }
    assert_eq!(folder.read("out.yaml"), text);
    let json: serde_json::Value =
        serde_json::from_str(&stdout(&run(path, "preview --format json"))).unwrap();
    assert!(
        json["messages"]
            .as_array()
            .unwrap()
            .iter()
            .any(|message| message["code"] == "stays-by-reference")
    );
    for command in ["rewrite --keep-references", "preview --keep-references"] {
        ends(0, &run(path, command), "");
    }
    // What Secrets Manager keeps has no value to go back to.
    let secret =
        "DB_PASSWORD = \"arn:aws:secretsmanager:us-west-2:111122223333:secret:app/db-AbCdEf\"\n";
    let lines = config(secret).replace("\"reference\"", "\"value\"");
    let text = text.replace(
        "/production/app/db-password",
        "'arn:aws:secretsmanager:us-west-2:111122223333:secret:app/db-AbCdEf'",
    );
    std::fs::write(path.join("deploy.toml"), lines).unwrap();
    std::fs::write(path.join("template.yaml"), text).unwrap();
    ends(0, &run(path, "rewrite"), "already by reference");
}

#[test]
fn input_that_is_too_large_or_endless_is_refused() {
    let vault = Vault::new();
    let path = vault.path();
    mkfifo(&path.join("pipe"));
    let large = std::fs::File::create(path.join("large")).unwrap();
    large.set_len(3 << 30).unwrap();
    let commands = [
        "rewrite --app web -e production INPUT",
        "preview --app web -e production INPUT",
        "rewrite -e production --config INPUT",
        "init INPUT",
        "lint INPUT",
        "lint web.yaml --baseline INPUT",
        "secret put DB_PASSWORD --app web -e production --file INPUT",
        "secret import INPUT --from dotenv --app web -e production",
        "secret import INPUT --from compose --app web -e production",
        "secret list --app web -e production --store file:INPUT",
        "secret list --app web -e production --store file:x.age --store-key INPUT",
    ];
    for command in commands {
        // A pipe that nobody writes to is waited for a while: once for each way of reading is
        // enough.
        let waits = command.starts_with("rewrite --app")
            || command.contains("--file")
            || command.contains("compose");
        let inputs = if waits {
            &["/dev/zero", "large", "pipe"][..]
        } else {
            &["/dev/zero", "large"]
        };
        for input in inputs {
            let start = Instant::now();
            // Less than half of the largest input would fit.
            let byref = env!("CARGO_BIN_EXE_byref");
            let shell = format!(
                "ulimit -v 1500000; exec {byref} {}",
                command.replace("INPUT", input)
            );
            let mut run = Command::new("sh");
            run.args(["-c", &shell])
                .current_dir(path)
                .env_clear()
                .stdin(std::process::Stdio::null());
            run.env("BYREF_STORE", "file:secrets.age")
                .env("BYREF_STORE_KEY_FILE", "key");
            let output = run.output().unwrap();
            let what = format!(
                "{command}, {input}: {:?} {}",
                output.status,
                stderr(&output)
            );
            assert_eq!(output.status.code(), Some(2), "{what}");
            let said = ["larger than", "without a writer", "device or a pipe"];
            assert!(
                said.iter().any(|said| stderr(&output).contains(said)),
                "{what}"
            );
            assert!(start.elapsed() < Duration::from_secs(20), "{what}");
        }
    }
    let zeros = std::fs::File::open("/dev/zero").unwrap();
    let output = byref(path)
        .args(["rewrite", "--app", "web", "-e", "production", "-"])
        .stdin(zeros)
        .output()
        .unwrap();
    ends(2, &output, "larger than");
}

#[test]
fn a_named_pipe_is_read_and_one_in_a_folder_is_skipped() {
    let folder = folder(&[
        ("deploy.toml", &config("DB_PASSWORD = true\n")),
        ("template.yaml", &template(ENVIRONMENT)),
    ]);
    let path = folder.path();
    mkfifo(&path.join("pipe.yaml"));
    symlink("/dev/zero", path.join("zero.yaml")).unwrap();
    let start = Instant::now();
    ends(1, &run(path, "lint ."), "");
    assert!(
        start.elapsed() < Duration::from_secs(4),
        "nobody asked for the pipe"
    );
    let shell = format!(
        "(sleep 0.2; cat template.yaml) > pipe.yaml & {} rewrite pipe.yaml",
        env!("CARGO_BIN_EXE_byref")
    );
    let output = Command::new("sh")
        .args(["-c", &shell])
        .current_dir(path)
        .output()
        .unwrap();
    assert!(stdout(&output).contains("ValueFrom"), "{}", stderr(&output));
}

#[test]
fn output_is_not_written_through_links() {
    let vault = Vault::new();
    let path = vault.path();
    vault.put("DB_PASSWORD", "production", "EXAMPLE-password");
    vault.put("API_KEY", "production", "EXAMPLE-key");
    let victim = path.join("victim");
    for command in [
        "lint --format sarif --output link web.yaml",
        "lint --output link web.yaml",
        "lint --baseline link --update-baseline web.yaml",
        "rewrite --app web -e production web.yaml -o link",
        "init web.yaml -o link",
        "secret export -e production --app web -o link",
    ] {
        std::fs::write(&victim, "before").unwrap();
        let _ = std::fs::remove_file(path.join("link"));
        symlink("victim", path.join("link")).unwrap();
        let output = vault.run(command);
        assert_eq!(
            output.status.code(),
            Some(2),
            "{command}: {}",
            stderr(&output)
        );
        assert_eq!(vault.read("victim"), "before", "{command}");
        assert!(path.join("link").is_symlink(), "{command}");
    }
}

#[test]
fn a_file_with_values_is_readable_by_its_owner_only() {
    let vault = Vault::new();
    let path = vault.path();
    vault.put("DB_PASSWORD", "production", "EXAMPLE-password");
    vault.put("API_KEY", "production", "EXAMPLE-key");
    let shared = path.join("shared");
    std::fs::create_dir(&shared).unwrap();
    set_mode(&shared, 0o1777);
    for command in [
        "rewrite -q --app web -e production --scheme value web.yaml -o shared/out",
        "secret export -e production --app web -o shared/out",
    ] {
        std::fs::write(shared.join("out"), "before").unwrap();
        set_mode(&shared.join("out"), 0o666);
        std::fs::hard_link(shared.join("out"), shared.join("second")).unwrap();
        let inode = std::fs::metadata(shared.join("out")).unwrap().ino();
        vault.ends(0, command);
        let metadata = std::fs::metadata(shared.join("out")).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600, "{command}");
        assert_ne!(metadata.ino(), inode, "{command}");
        assert_eq!(vault.read("shared/second"), "before", "{command}");
        std::fs::remove_file(shared.join("second")).unwrap();
    }
    for stream in ["/dev/stdout", "/dev/fd/1", "/dev/stderr", "/proc/self/fd/2"] {
        let command =
            format!("rewrite -q --app web -e production --scheme value web.yaml -o {stream}");
        let output = vault.ends(2, &command);
        assert!(
            !(stdout(&output) + &stderr(&output)).contains("EXAMPLE"),
            "{stream}"
        );
        let output = vault.ends(0, &format!("{command} --reveal"));
        assert!(
            (stdout(&output) + &stderr(&output)).contains("EXAMPLE-key"),
            "{stream}"
        );
    }
}

#[test]
fn output_to_dash_or_dev_stdout_goes_to_standard_output() {
    let folder = folder(&[
        ("deploy.toml", &config("DB_PASSWORD = true\n")),
        ("template.yaml", &template(ENVIRONMENT)),
    ]);
    let path = folder.path();
    let expected = stdout(&run(path, "rewrite"));
    for name in ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"] {
        assert_eq!(
            stdout(&run(path, &format!("rewrite -o {name}"))),
            expected,
            "{name}"
        );
        // What was there stays, as with `>>`.
        std::fs::write(path.join("log"), "before\n").unwrap();
        let log = std::fs::OpenOptions::new()
            .append(true)
            .open(path.join("log"))
            .unwrap();
        byref(path)
            .args(["rewrite", "-o", name])
            .stdout(log)
            .output()
            .unwrap();
        assert_eq!(folder.read("log"), format!("before\n{expected}"), "{name}");
    }
}

#[test]
fn a_key_or_store_that_others_can_read_is_reported_once() {
    let vault = Vault::new();
    vault.put("DB_PASSWORD", "production", "EXAMPLE-password");
    let quiet = stderr(&vault.run("secret list -e production"));
    assert!(!quiet.contains("warning"), "{quiet}");
    for (file, mode) in [
        ("key", 0o644),
        ("key", 0o640),
        ("secrets.age", 0o604),
        ("secrets.age", 0o640),
    ] {
        set_mode(&vault.join(file), mode);
        let said = stderr(&vault.run("secret list -e production"));
        let mut expected = String::new();
        let _ = write!(expected, "chmod 600 {file}");
        assert_eq!(
            said.matches(&expected).count(),
            1,
            "{file} {mode:o}: {said}"
        );
        set_mode(&vault.join(file), 0o600);
    }
}
