//! Every rule on its fixture: a folder of `fixtures/` with a template and the findings that are expected.
//!
//! `BYREF_BLESS=1` writes `findings.txt` anew; read the difference before you commit it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use byref_known::Known;
use byref_lint::waiver::waive;
use byref_lint::{Context, Declared, Finding, RULES, lint};
use byref_parameter::SecretValue;

const TODAY: &str = "2026-11-24";

fn folder(id: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(id)
}

/// The findings in a text, as lines, after its own waivers.
fn findings(text: &str) -> Vec<Finding> {
    let declared =
        ["DB_PASSWORD", "API_KEY", "SESSION"].map(|name| Declared { name: name.to_owned(), app: "quiz".to_owned() });
    let is_declared = text.contains("plain-words");
    let accounts = ["111122223333".to_owned()];
    let context = Context { declared: if is_declared { &declared } else { &[] }, accounts: &accounts, all_text: false };
    let report = lint(&text.into(), context);
    waive(text, report.template.as_ref(), report.findings, TODAY).findings
}

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
            finding.level.word(),
            at.replace('\n', "⏎"),
            finding.path,
            finding.message
        );
    }
    lines
}

#[test]
fn every_rule_finds_what_its_fixture_shows() {
    for rule in RULES {
        let template = folder(rule.id).join("template.yaml");
        let Ok(text) = std::fs::read_to_string(&template) else {
            assert!(folder(rule.id).is_dir(), "{} has no fixture", rule.id);
            continue;
        };
        let findings = findings(&text);
        assert!(findings.iter().any(|finding| finding.rule == rule), "{} finds nothing in its own fixture", rule.id);
        let shown = shown(&text, &findings);
        let expected = folder(rule.id).join("findings.txt");
        if std::env::var_os("BYREF_BLESS").is_some() {
            std::fs::write(&expected, &shown).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&expected).unwrap_or_default(), shown, "{}", rule.id);
    }
}

#[test]
fn shapes_are_found_in_every_place() {
    let token = format!("{}{}", "ghp_", "x7Kq2LmZ9vTr4WbNs8Yd3Hf6Jg1Pc5Qk4Rv7");
    let templates = [
        format!("Description: see {token}\nResources:\n  A:\n    Type: AWS::S3::Bucket\n"),
        format!("Resources:\n  A:\n    Type: AWS::S3::Bucket\n    Properties: {{BucketName: '{token}'}}\n"),
        format!("Resources:\n  # {token}\n  A:\n    Type: AWS::S3::Bucket\n"),
        format!("Metadata: {{Note: 'x {token} y'}}\nResources:\n  A:\n    Type: AWS::S3::Bucket\n"),
        format!(
            "{{\"Resources\": {{\"A\": {{\"Type\": \"AWS::Lambda::Function\", \"Properties\": {{\"Code\": {{\"ZipFile\": \"a\\nb = '{token}'\"}}}}}}}}}}"
        ),
        format!(
            "{{% if x %}}\nResources:\n  A:\n    Type: AWS::S3::Bucket\n    Properties: {{BucketName: '{token}', Other: {{{{ y }}}}}}\n{{% endif %}}\n"
        ),
    ];
    for text in templates {
        let findings = findings(&text);
        assert_eq!(findings.len(), 1, "{text}\n{}", shown(&text, &findings));
        assert_eq!(findings[0].rule.id, "secret-shape");
        assert_eq!(&text[findings[0].span.range()], token, "{text}");
    }
}

#[test]
fn known_values_are_found_in_any_file() {
    let text = std::fs::read(folder("known-secret").join("access.log")).unwrap();
    let values = ["EXAMPLE-not-a-secret-1", "EXAMPLE-not-a-secret-2", "EXAMPLE-not-a-secret-3"];
    let known = Known::new(&values.map(|value| SecretValue::new(value.to_owned())));
    let hits = known.search(text.as_slice()).unwrap();
    let places: Vec<(usize, u64)> = hits.iter().map(|hit| (hit.value, hit.line)).collect();
    assert_eq!(places, [(0, 1), (1, 3)]);
}

#[test]
fn nothing_that_a_finding_says_holds_the_value() {
    for rule in RULES {
        let Ok(text) = std::fs::read_to_string(folder(rule.id).join("template.yaml")) else { continue };
        for finding in findings(&text) {
            for value in ["Rocket-1709", "x7Kq2LmZ9vTr4WbNs8Yd", "EXAMPLE9not9a9secret", "sunshine"] {
                let said = format!("{finding:?}");
                let said = said.split("span: Span").next().unwrap_or_default().to_owned()
                    + &finding.message
                    + &finding.path
                    + &finding.help;
                assert!(
                    !said.contains(value) || finding.rule.page.contains(value),
                    "{value} in a finding of {}",
                    rule.id
                );
            }
        }
    }
}

/// Every rule has a page that says what it finds, why, and what to do; and the page of all rules lists it.
#[test]
fn every_rule_has_a_page() {
    let whole = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/lint-rules.md"))
        .unwrap_or_default();
    let mut expected = String::from(
        "# The rules of `byref lint`\n\nMade of the rules' own pages: `BYREF_BLESS=1 cargo test -p byref-lint` writes it anew.\n\n| rule | level | finds |\n| --- | --- | --- |\n",
    );
    for rule in RULES {
        for part in ["**Finds:**", "**Why it is bad:**", "**What to do:**", &format!("# {}\n", rule.id)] {
            assert!(rule.page.contains(part), "{}: {part}", rule.id);
        }
        let _ = writeln!(expected, "| [`{0}`](#{0}) | {1} | {2} |", rule.id, rule.level.word(), rule.summary);
    }
    for rule in RULES {
        let _ = write!(expected, "\n#{}", rule.page);
    }
    if std::env::var_os("BYREF_BLESS").is_some() {
        std::fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/lint-rules.md"), &expected).unwrap();
    }
    let is_blessed = std::env::var_os("BYREF_BLESS").is_some();
    assert!(whole == expected || is_blessed, "docs/lint-rules.md is not what the rules' pages say");
}
