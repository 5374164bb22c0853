//! The rules on their fixtures: a folder of `fixtures/` for each, with texts in which the rule
//! finds something (`found*`) and texts in which nothing is found (`clean*`).
//!
//! A text with the extension `yaml` is linted, after its own waivers; one with the extension `log`
//! is searched for stored values. `BYREF_BLESS=1` writes the expected findings (`found*.txt`) and
//! `docs/lint-rules.md`; read the difference before you commit it.

#![expect(clippy::unwrap_used, reason = "a test panics on a broken setup")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use byref_known::Known;
use byref_lint::waiver::waive;
use byref_lint::{
    Context, Declared, Finding, KNOWN_SECRET, Level, RULES, Reading, Rule, lint, rule,
};
use byref_parameter::SecretValue;

const TODAY: &str = "2026-11-24";

/// The values that the parameter store holds in these tests.
const STORED: [&str; 3] = [
    "EXAMPLE-not-a-secret-1",
    "EXAMPLE-not-a-secret-2",
    "EXAMPLE-not-a-secret-3",
];

/// A fixture of a rule.
struct Fixture {
    path: PathBuf,
    text: String,
}

impl Fixture {
    fn is_log(&self) -> bool {
        self.path
            .extension()
            .is_some_and(|extension| extension == "log")
    }
}

/// Returns the fixtures of a rule whose file name begins with a word, sorted by path.
fn fixtures(rule: &Rule, begin: &str) -> Vec<Fixture> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(rule.id);
    assert!(folder.is_dir(), "`{}` has no fixtures", rule.id);
    let mut paths: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.retain(|path| {
        path.extension().is_some_and(|extension| extension != "txt")
            && path
                .file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with(begin))
    });
    paths.sort();
    let read = |path: PathBuf| {
        // A vendor's token is put together here, so that the repository holds none.
        let token = format!("{}{}", "ghp_", "x7Kq2LmZ9vTr4WbNs8Yd3Hf6Jg1Pc5Qk4Rv7");
        let text = std::fs::read_to_string(&path)
            .unwrap()
            .replace("GITHUB-TOKEN", &token);
        Fixture { path, text }
    };
    paths.into_iter().map(read).collect()
}

/// Returns the findings in a text after its own waivers. Its first line may declare names:
/// `# declared: A B`.
fn findings(text: &str) -> Vec<Finding> {
    let names = text
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("# declared: "))
        .unwrap_or_default();
    let declared: Vec<Declared> = names
        .split_whitespace()
        .map(|name| Declared {
            name: name.to_owned(),
            app: "quiz".to_owned(),
        })
        .collect();
    let accounts = ["111122223333".to_owned()];
    let report = lint(
        &text.into(),
        Context {
            declared: &declared,
            accounts: &accounts,
            all_text: false,
        },
    );
    assert_ne!(report.reading, Reading::PassedOver, "{text}");
    waive(text, report.template.as_ref(), report.findings, TODAY).findings
}

/// Returns a line for each stored value in a text.
fn stored_values(text: &str) -> String {
    let known = Known::new(&STORED.map(|value| SecretValue::new(value.to_owned())));
    let hits = known.search(text.as_bytes()).unwrap();
    hits.iter().fold(String::new(), |lines, hit| {
        format!(
            "{lines}{} {}: value {} {}\n",
            hit.line,
            KNOWN_SECRET.id,
            hit.value,
            hit.form.describe()
        )
    })
}

/// Returns findings as lines: where, which rule, and with which message.
fn shown(text: &str, findings: &[Finding]) -> String {
    let mut lines = String::new();
    for finding in findings {
        let line = text[..finding.span.start as usize].matches('\n').count() + 1;
        let name = finding.name.as_deref().unwrap_or("-");
        let at = &text[finding.span.range()];
        let _ = writeln!(
            lines,
            "{line} {} {} {name} [{}] {}\n    {}",
            finding.rule.id,
            finding.level.as_str(),
            at.replace('\n', "⏎").replace("ghp_", "ghp…"),
            finding.path,
            finding.message
        );
    }
    lines
}

fn is_blessing() -> bool {
    std::env::var_os("BYREF_BLESS").is_some()
}

#[test]
fn every_rule_has_a_fixture_with_findings_and_one_without() {
    for rule in RULES {
        for begin in ["found", "clean"] {
            assert!(
                !fixtures(rule, begin).is_empty(),
                "`{}` has no fixture `{begin}*`",
                rule.id
            );
        }
    }
}

#[test]
fn fixture_folders_belong_to_rules() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(
            rule(&name).is_some(),
            "`fixtures/{name}` is the folder of no rule"
        );
    }
}

#[test]
fn rules_find_what_their_fixtures_expect() {
    for rule in RULES {
        for fixture in fixtures(rule, "found") {
            let path = fixture.path.display();
            let shown = if fixture.is_log() {
                stored_values(&fixture.text)
            } else {
                let findings = findings(&fixture.text);
                assert!(
                    findings.iter().any(|finding| finding.rule == rule),
                    "`{}` finds nothing in {path}",
                    rule.id
                );
                shown(&fixture.text, &findings)
            };
            let expected = fixture.path.with_extension("txt");
            if is_blessing() {
                std::fs::write(&expected, &shown).unwrap();
            }
            assert_eq!(
                std::fs::read_to_string(&expected).unwrap_or_default(),
                shown,
                "{path}"
            );
        }
    }
}

#[test]
fn rules_find_nothing_in_clean_fixtures() {
    for rule in RULES {
        for fixture in fixtures(rule, "clean") {
            let shown = if fixture.is_log() {
                stored_values(&fixture.text)
            } else {
                shown(&fixture.text, &findings(&fixture.text))
            };
            assert_eq!(shown, "", "{}", fixture.path.display());
        }
    }
}

#[test]
fn shapes_are_found_between_parts_of_a_templating_engine() {
    let token = format!("{}{}", "ghp_", "x7Kq2LmZ9vTr4WbNs8Yd3Hf6Jg1Pc5Qk4Rv7");
    let properties = format!("{{BucketName: '{token}', Other: {{{{ y }}}}}}");
    let text = format!(
        "{{% if x %}}\nResources:\n  A:\n    Type: AWS::S3::Bucket\n    Properties: {properties}\n{{% endif %}}\n"
    );
    let findings = findings(&text);
    assert_eq!(findings.len(), 1, "{}", shown(&text, &findings));
    assert_eq!(&text[findings[0].span.range()], token);
}

#[test]
fn findings_hold_nothing_of_the_value() {
    for rule in RULES {
        for fixture in fixtures(rule, "found")
            .into_iter()
            .filter(|fixture| !fixture.is_log())
        {
            for finding in findings(&fixture.text) {
                let texts = [&finding.message, &finding.path, &finding.help];
                let texts = texts.into_iter().chain(&finding.name);
                for text in texts {
                    for value in [
                        "Rocket-1709",
                        "x7Kq2LmZ9vTr4WbNs8Yd",
                        "EXAMPLE9not9a9secret",
                        "sunshine",
                    ] {
                        assert!(
                            !text.contains(value),
                            "{value} in a finding of {}: {text}",
                            rule.id
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn findings_are_never_above_the_level_of_their_rule() {
    for rule in RULES {
        for fixture in fixtures(rule, "found")
            .into_iter()
            .filter(|fixture| !fixture.is_log())
        {
            for finding in findings(&fixture.text) {
                assert!(
                    finding.level == Level::Warning || finding.rule.level == Level::Error,
                    "{}",
                    finding.rule.id
                );
            }
        }
    }
}

/// Every rule has a page with fixed headings, and the page of all rules is made of them.
#[test]
fn every_rule_has_a_page_in_the_documentation() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/lint-rules.md");
    let whole = std::fs::read_to_string(&path).unwrap_or_default();
    let mut expected = String::from(
        "# The rules of `byref lint`\n\nGenerated from the pages of the rules by `BYREF_BLESS=1 cargo test -p byref-lint`.\n\n| rule | level | finds |\n| --- | --- | --- |\n",
    );
    for rule in RULES {
        for part in [
            "**Finds:**",
            "**Why it is bad:**",
            "**What to do:**",
            &format!("# {}\n", rule.id),
        ] {
            assert!(rule.page.contains(part), "{}: {part}", rule.id);
        }
        let _ = writeln!(
            expected,
            "| [`{0}`](#{0}) | {1} | {2} |",
            rule.id,
            rule.level.as_str(),
            rule.summary
        );
    }
    for rule in RULES {
        let _ = write!(expected, "\n#{}", rule.page);
    }
    if is_blessing() {
        std::fs::write(&path, &expected).unwrap();
    }
    assert!(
        whole == expected || is_blessing(),
        "docs/lint-rules.md is not made of the rules' pages"
    );
}
