//! Completion of names in shells, asked for as the scripts of `byref completions` do.

use byref_support::{byref, folder, run, stdout};

const CONFIG: &str = "[environments.production]
account = \"111122223333\"
regions = [\"us-west-2\", \"eu-west-1\"]
[environments.preview]
account = \"111122223333\"
regions = [\"us-west-2\"]
[apps.web.secrets]
DB_PASSWORD = \"db-password\"
[apps.worker.secrets]
TOKEN = \"token\"
";

/// Returns the names that fish is offered for the last of these words.
fn offered(config: &str, words: &[&str]) -> Vec<String> {
    let folder = folder(&[("deploy.toml", config)]);
    let mut command = byref(&folder);
    let output = command
        .env("_BYREF_COMPLETE", "fish")
        .args(["--", "byref"])
        .args(words)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{words:?}");
    stdout(&output)
        .lines()
        .map(|line| line.split('\t').next().unwrap().to_owned())
        .collect()
}

#[test]
fn names_of_the_configuration_are_completed() {
    for (words, expected) in [
        (&["check", "--app", ""][..], &["web", "worker"][..]),
        (&["preview", "--app", "wo"], &["worker"]),
        (&["rewrite", "-e", "pr"], &["preview", "production"]),
        (&["check", "--region", "eu"], &["eu-west-1"]),
        (
            &["check", "--region", "us-west-2,e"],
            &["us-west-2,eu-west-1"],
        ),
        (&["secret", "get", "DB"], &["DB_PASSWORD"]),
        (&["lint", "--only", "secret-n"], &["secret-name"]),
        (&["lint", "--explain", "stale"], &["stale-waiver"]),
    ] {
        assert_eq!(offered(CONFIG, words), expected, "{words:?}");
    }
}

#[test]
fn names_that_a_terminal_acts_upon_are_not_offered() {
    let config = CONFIG.replace(
        "DB_PASSWORD = ",
        "\"DB_\\u001b[2J\" = \"x\"\n\"DB_\\u202e\" = \"y\"\nDB_PASSWORD = ",
    );
    assert_eq!(offered(&config, &["secret", "get", "DB"]), ["DB_PASSWORD"]);
}

#[test]
fn a_missing_or_broken_configuration_completes_nothing() {
    for config in ["[apps", "[apps.web]\nunknown = 1\n", ""] {
        assert_eq!(
            offered(config, &["check", "--app", ""]),
            [""; 0],
            "{config:?}"
        );
    }
    assert!(offered("[apps", &["check", "--pari"]).contains(&"--parity".to_owned()));
}

#[test]
fn each_shell_gets_a_script() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let folder = folder(&[]);
        let script = stdout(&run(&folder, &format!("completions {shell}")));
        assert!(
            script.contains("_BYREF_COMPLETE") && script.contains("byref"),
            "{shell}: {script}"
        );
    }
}
