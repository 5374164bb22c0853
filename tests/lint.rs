//! `byref lint` as a user runs it: formats, waivers, baseline, known values, `--fix`, hostile files, and the canary.

use serde_json::Value;

use crate::byref::{config, folder, run, run_with_input, stderr, stdout, template};

const CANARY: &str = "EXAMPLE8canary7Q7rk2Lmx9";

fn plain() -> String {
    template(&format!("Environment:\n  - Name: DB_PASSWORD\n    Value: {CANARY}\n  - Name: LEVEL\n    Value: info\n"))
}

#[test]
fn findings_make_the_exit_code_one() {
    let folder = folder(&[("template.yaml", &plain()), ("clean.yaml", &template("Environment: []\n"))]);
    let output = run(folder.path(), "lint template.yaml");
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stdout(&output).contains("error[secret-name]") && stdout(&output).contains("template.yaml:10:"),
        "{}",
        stdout(&output)
    );
    assert_eq!(run(folder.path(), "lint clean.yaml").status.code(), Some(0));
    assert_eq!(run(folder.path(), "lint").status.code(), Some(1));
    assert_eq!(run(folder.path(), "lint --except secret-name").status.code(), Some(0));
    assert_eq!(run(folder.path(), "lint --only secret-shape,weak-secret").status.code(), Some(0));
    assert_eq!(run(folder.path(), "lint --only secret-nam").status.code(), Some(2));
    assert_eq!(run(folder.path(), "lint nowhere.yaml").status.code(), Some(2));
    assert_eq!(run_with_input(folder.path(), "lint -", &plain()).status.code(), Some(1));
    let page = run(folder.path(), "lint --explain secret-name");
    assert!(stdout(&page).starts_with("# secret-name") && page.status.success());
}

#[test]
fn a_warning_is_left_out_where_only_errors_count() {
    let folder = folder(&[("template.yaml", &template("Environment:\n  - Name: DB_PASSWORD\n    Value: changeme\n"))]);
    assert_eq!(run(folder.path(), "lint").status.code(), Some(1));
    assert_eq!(run(folder.path(), "lint --level error").status.code(), Some(0));
}

#[test]
fn sarif_has_what_code_scanning_asks_for() {
    let folder = folder(&[("stacks/a b.yaml", &plain())]);
    let output = run(folder.path(), "lint --format sarif .");
    let log: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&log["version"], log["$schema"].as_str().unwrap().ends_with("sarif-2.1.0.json")),
        (&Value::from("2.1.0"), true)
    );
    let run = &log["runs"][0];
    for rule in run["tool"]["driver"]["rules"].as_array().unwrap() {
        for text in
            [&rule["shortDescription"]["text"], &rule["fullDescription"]["text"], &rule["help"]["text"], &rule["id"]]
        {
            assert!((1..=4096).contains(&text.as_str().unwrap().len()));
        }
        assert!(rule["properties"]["security-severity"].as_str().unwrap().parse::<f64>().is_ok());
    }
    let result = &run["results"][0];
    assert_eq!(
        result["ruleId"],
        run["tool"]["driver"]["rules"][usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()]["id"]
    );
    assert_eq!(result["level"], "error");
    assert!(!result["message"]["text"].as_str().unwrap().is_empty());
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "stacks/a%20b.yaml");
    assert_eq!((&place["region"]["startLine"], &place["region"]["endLine"]), (&Value::from(10), &Value::from(10)));
    assert!(place["region"]["endColumn"].as_u64() > place["region"]["startColumn"].as_u64());
    assert_eq!(result["partialFingerprints"]["primaryLocationLineHash"].as_str().unwrap().len(), 16);
}

#[test]
fn other_formats_have_their_documented_forms() {
    let folder = folder(&[("a,b.yaml", &plain())]);
    let github = stdout(&run(folder.path(), "lint --format github"));
    assert!(github.starts_with("::error file=a%2Cb.yaml,line=10,endLine=10,col="), "{github}");
    let gitlab: Value = serde_json::from_slice(&run(folder.path(), "lint --format gitlab").stdout).unwrap();
    let issue = &gitlab[0];
    for key in ["description", "check_name", "fingerprint", "severity"] {
        assert!(!issue[key].as_str().unwrap().is_empty(), "{key}");
    }
    assert_eq!(
        (&issue["location"]["path"], &issue["location"]["lines"]["begin"]),
        (&Value::from("a,b.yaml"), &Value::from(10))
    );
    let junit = stdout(&run(folder.path(), "lint --format junit"));
    assert!(
        junit.starts_with("<?xml")
            && junit.contains("tests=\"1\" failures=\"1\"")
            && junit.trim_end().ends_with("</testsuites>"),
        "{junit}"
    );
    let json: Value = serde_json::from_slice(&run(folder.path(), "lint --format json").stdout).unwrap();
    assert_eq!((&json["findings"][0]["line"], &json["summary"]["errors"]), (&Value::from(10), &Value::from(1)));
    let written = run(folder.path(), "lint --format junit -o report.xml -q");
    assert!(stdout(&written).is_empty() && folder.path().join("report.xml").exists());
}

#[test]
fn waivers_and_a_baseline_accept_findings() {
    let waived = template(&format!(
        "Environment:\n  # byref: allow secret-name a demo until 2999-01-01\n  - Name: DB_PASSWORD\n    Value: {CANARY}\n"
    ));
    let here = folder(&[("template.yaml", &waived)]);
    let output = run(here.path(), "lint");
    assert!(output.status.success() && stdout(&output).contains("1 finding accepted"), "{}", stdout(&output));
    let lint = "[[lint.allow]]\nrule = \"secret-name\"\npath = \"template.yaml\"\nreason = \"a demo\"\n";
    let here = folder(&[("template.yaml", &plain()), ("deploy.toml", &(config("OTHER = true\n") + lint))]);
    assert!(run(here.path(), "lint template.yaml").status.success());
    let here = folder(&[
        ("template.yaml", &plain()),
        ("deploy.toml", &(config("OTHER = true\n") + &lint.replace("secret-name", "no-rule"))),
    ]);
    assert_eq!(run(here.path(), "lint template.yaml").status.code(), Some(2));

    let here = folder(&[("template.yaml", &plain())]);
    assert!(run(here.path(), "lint --baseline known.json template.yaml").status.success());
    let baseline = std::fs::read_to_string(here.path().join("known.json")).unwrap();
    assert!(!baseline.contains(CANARY) && baseline.contains("salt"));
    assert!(run(here.path(), "lint --baseline known.json template.yaml").status.success());
    // Lines may move; another value, or a further finding, is new.
    std::fs::write(here.path().join("template.yaml"), format!("# moved\n\n{}", plain())).unwrap();
    assert!(run(here.path(), "lint --baseline known.json template.yaml").status.success());
    std::fs::write(here.path().join("template.yaml"), plain().replace(CANARY, "EXAMPLE9other7value3")).unwrap();
    assert_eq!(run(here.path(), "lint --baseline known.json template.yaml").status.code(), Some(1));
    std::fs::write(here.path().join("known.json"), "{}").unwrap();
    assert_eq!(run(here.path(), "lint --baseline known.json template.yaml").status.code(), Some(2));
}

const STORE: &str = "--store file:secrets.age --store-key key";

#[test]
fn fix_moves_a_value_to_the_store_with_a_line_and_a_reference() {
    let config = config("# mine\nOLD = { key = \"old\", containers = [\"app\"] } # stays\n");
    let here = folder(&[("template.yaml", &plain()), ("deploy.toml", &config), ("key", "EXAMPLE passphrase\n")]);
    let read = |name: &str| std::fs::read_to_string(here.path().join(name)).unwrap();
    // Nobody can be asked: nothing happens.
    let output = run(here.path(), &format!("lint template.yaml --fix {STORE}"));
    assert_eq!(output.status.code(), Some(2));
    let dry = run(here.path(), &format!("lint template.yaml --fix {STORE} --dry-run"));
    assert!(
        stdout(&dry).contains("+ DB_PASSWORD = \"db-password\"")
            && stdout(&dry).contains("/production/app/db-password"),
        "{}",
        stdout(&dry)
    );
    assert_eq!((read("template.yaml"), read("deploy.toml")), (plain(), config.clone()));
    let output = run(here.path(), &format!("lint template.yaml --fix {STORE} --yes"));
    assert_eq!(output.status.code(), Some(0), "{}{}", stdout(&output), stderr(&output));
    for said in [stdout(&dry), stdout(&output), stderr(&dry), stderr(&output)] {
        assert!(!said.contains(CANARY), "{said}");
    }
    assert_eq!(read("deploy.toml"), format!("{config}DB_PASSWORD = \"db-password\"\n"));
    assert!(
        !read("template.yaml").contains(CANARY)
            && read("template.yaml").contains("parameter/production/app/db-password")
    );
    let value = run(here.path(), &format!("secret get DB_PASSWORD {STORE}"));
    assert_eq!(stdout(&value).trim_end(), CANARY);
    // A second run has nothing to do; and what is stored is known from now on, also encoded.
    assert!(run(here.path(), &format!("lint template.yaml --fix {STORE} --yes")).status.success());
    std::fs::write(here.path().join("access.log"), format!("GET /\n\nx={CANARY}&y\n{}", "\0binary")).unwrap();
    let output = run(here.path(), &format!("lint --known access.log template.yaml {STORE} --format json"));
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(found["findings"].as_array().unwrap().len(), 1, "{found}");
    assert_eq!(
        (&found["findings"][0]["rule"], &found["findings"][0]["line"]),
        (&Value::from("known-secret"), &Value::from(3))
    );
    assert!(!stdout(&output).contains(CANARY));
}

#[test]
fn another_value_in_the_store_stops_everything() {
    let config = config("");
    let here = folder(&[("template.yaml", &plain()), ("deploy.toml", &config), ("key", "EXAMPLE passphrase\n")]);
    let put = run_with_input(here.path(), &format!("secret put db-password --yes {STORE}"), "EXAMPLE-another");
    assert!(put.status.success(), "{}", stderr(&put));
    let output = run(here.path(), &format!("lint template.yaml --fix {STORE} --yes"));
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert_eq!(std::fs::read_to_string(here.path().join("template.yaml")).unwrap(), plain());
    assert_eq!(std::fs::read_to_string(here.path().join("deploy.toml")).unwrap(), config);
}

#[test]
fn no_file_makes_it_stop() {
    let huge = format!("{{\"Resources\": {{{}}}}}", (0..20_000).map(|number| format!("\"R{number}\": {{\"Type\": \"AWS::S3::Bucket\", \"Properties\": {{\"Tags\": [{{\"Key\": \"k\", \"Value\": \"{number}\"}}]}}}}")).collect::<Vec<_>>().join(","));
    let jinja = format!(
        "{{% for x in y %}}\nResources:\n  Task:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      ContainerDefinitions:\n        - Name: {{{{ x }}}}\n          Environment:\n            - Name: DB_PASSWORD\n              Value: {CANARY}\n{{% endfor %}}\n"
    );
    let broken =
        format!("AWSTemplateFormatVersion: x\n  bad: [\nEnvironment:\n  - Name: DB_PASSWORD\n    Value: {CANARY}\n");
    let go = format!(
        "{{{{- if .A }}}}\nResources:\n  F:\n    Type: AWS::Lambda::Function\n    Properties:\n      Environment:\n        Variables:\n          API_KEY: {CANARY}\n          OTHER: {{{{ .Other }}}}\n{{{{- end }}}}\n"
    );
    let files = [
        ("huge.json", huge.as_str()),
        ("jinja.yaml", &jinja),
        ("broken.yaml", &broken),
        ("go.yaml", &go),
        ("empty.yaml", ""),
        ("other.md", "# Resources\n"),
        (".gitignore", "ignored.yaml\n"),
        ("ignored.yaml", &plain()),
    ];
    let here = folder(&files);
    std::fs::write(here.path().join("binary.yaml"), b"Resources\0\xff\xfe").unwrap();
    std::fs::write(here.path().join("latin.yaml"), b"Resources:\n  A:\n    Type: AWS::S3::Bucket\n    # caf\xe9\n")
        .unwrap();
    let first = run(here.path(), "lint --format json");
    let found: Value = serde_json::from_slice(&first.stdout).unwrap();
    let mut places: Vec<String> = found["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| format!("{}:{}", finding["file"].as_str().unwrap(), finding["line"]))
        .collect();
    places.sort();
    assert_eq!(places, ["broken.yaml:5", "go.yaml:8", "jinja.yaml:10"], "{}", stderr(&first));
    let read_as = |file: &str| {
        let files = found["files"].as_array().unwrap();
        files.iter().find(|known| known["file"] == file).map(|known| known["read-as"].as_str().unwrap().to_owned())
    };
    assert_eq!(read_as("jinja.yaml").as_deref(), Some("without-templating"));
    assert_eq!(read_as("broken.yaml").as_deref(), Some("lines"));
    assert_eq!(read_as("ignored.yaml"), None);
    for _ in 0..3 {
        assert_eq!(run(here.path(), "lint --format json").stdout, first.stdout);
    }
}

#[test]
fn no_format_says_what_was_found() {
    let places = [
        template(&format!("Environment:\n  - Name: DB_PASSWORD\n    Value: {CANARY}\n")),
        template(&format!(
            "Environment:\n  - {{Name: {CANARY}, Value: {CANARY}}}\n  - {{Name: DB_PASSWORD, Value: '{CANARY}'}}\n"
        )),
        template(&format!(
            "Environment:\n  - Name: URL\n    Value: postgres://a:{CANARY}@b/{CANARY}\nCommand: [x, --password, {CANARY}] # {CANARY}\n"
        )),
        template(&format!(
            "Environment:\n  - Name: JSON\n    Value: '{{\"password\": \"{CANARY}\", \"{CANARY}\": {{\"token\": \"{CANARY}\"}}}}'\n"
        )),
        format!(
            "Mappings:\n  Passwords:\n    {CANARY}: {{Password: {CANARY}}}\nResources:\n  {CANARY}Task:\n    Type: AWS::RDS::DBInstance\n    Properties: {{MasterUserPassword: {CANARY}}}\n"
        ),
        format!("AWSTemplateFormatVersion: [\npassword: {CANARY}\n{CANARY}_password: {CANARY}\n"),
        format!(
            "{{{{ {CANARY} }}}}\nAWSTemplateFormatVersion: 1\nResources: {{A: {{Type: 'AWS::X::Y', Properties: {{Password: {CANARY}}}}}}}\n"
        ),
        format!(
            "Resources:\n  A:\n    Type: AWS::S3::Bucket # byref: allow secret-name {CANARY} until {CANARY}\n    Properties: {{Password: {CANARY}}}\n"
        ),
    ];
    for text in places {
        let here = folder(&[("template.yaml", &text), ("deploy.toml", &config("DB_PASSWORD = true\n"))]);
        for arguments in [
            "",
            "--format json",
            "--format sarif",
            "--format github",
            "--format gitlab",
            "--format junit",
            "-v --all-text",
            "--color always",
            "--baseline b.json",
        ] {
            let output = run(here.path(), &format!("lint template.yaml {arguments}"));
            let said = stdout(&output) + &stderr(&output);
            assert!(output.status.code().is_some_and(|code| code < 3) && !said.contains("panicked"), "{said}");
            assert!(!said.contains(CANARY), "{arguments}: {text}\n{said}");
        }
        if let Ok(baseline) = std::fs::read_to_string(here.path().join("b.json")) {
            assert!(!baseline.contains(CANARY));
        }
    }
}
