//! Verdicts on roles, judged by an evaluator of its own: it knows IAM's documented evaluation order
//! and nothing of templates, and is asked for every value that an unknown parameter, condition or
//! context key may have.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails where it can't go on"
)]

mod cases;
mod evaluator;
mod model;
#[path = "../../../../fuzz/laws/mutation.rs"]
#[expect(dead_code, reason = "only the generator of numbers is used")]
mod mutation;
mod written;

use byref_config::{ConfigFile, DeployConfig, Grant, parse};
use byref_rewrite::{Access, Answers, Document, Plan, Request, Survey, Verdict, rewrite};
use byref_template::{Diagnostic, Severity, Sources, Template};
use cases::{pick, statement};
use evaluator::{Judged, everything, judge};
use model::{Attachment, Piece, Statement};
use mutation::Numbers;
use written::{short, template};

const CONFIG: &str = "[environments.production]\naccount = \"111122223333\"\nregions = [\"us-west-2\", \"us-east-1\"]\n[apps.app.secrets]\nDB_PASSWORD = true\nAPI_KEY = \"/shared/api-key\"\n";
const REGIONS: [&str; 2] = ["us-west-2", "us-east-1"];
const SECRETS: [(&str, &str); 2] = [
    ("DB_PASSWORD", "production/app/db-password"),
    ("API_KEY", "shared/api-key"),
];
const ACTION: &str = "ssm:GetParameters";

fn run(config: &DeployConfig, text: &str, grant: Grant) -> (Plan, String) {
    let mut sources = Sources::new();
    let source = sources.add("template", text);
    let template = Template::parse(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let documents = [Document {
        source,
        path: "template".to_owned(),
        template,
        role: byref_rewrite::DocumentRole::Written,
    }];
    let environment = &config.environments["production"];
    let request = Request {
        grant,
        ..Request::new(config, &config.apps["app"], environment)
    };
    let plan = Survey::new(request, &documents).plan(&Answers::none());
    let is_error = |said: &&Diagnostic| said.severity == Severity::Error;
    assert!(
        plan.diagnostics
            .iter()
            .filter(is_error)
            .all(|said| said.code == "not-allowed"),
        "{:?}",
        plan.diagnostics
    );
    let output = rewrite(&documents[0], &plan.changes[0])
        .unwrap()
        .text()
        .to_string();
    (plan, output)
}

fn judged(verdict: &Verdict) -> Judged {
    match verdict {
        Verdict::Allowed => Judged::Allowed,
        Verdict::NotAllowed(_) => Judged::NotAllowed,
        Verdict::Unknown(_) => Judged::Depends,
    }
}

/// After the grant, a role may do what its policies and exactly the needed statement allow
/// together, and a second run grants nothing more.
fn judge_grants(
    config: &DeployConfig,
    text: &str,
    policies: &[(Attachment, Statement)],
    managed: &[&str],
) {
    use Piece::{Account, Partition, Region, Text};
    let (granting, output) = run(config, text, Grant::Auto);
    // What is denied for certain stands in the way of everything.
    if granting.has_errors() {
        return;
    }
    let (after, again) = run(config, &output, Grant::Auto);
    assert_eq!(again, output, "a second run changes something\n{text}");
    let (_, untouched) = run(config, text, Grant::Never);
    let has_unknown = format!("{policies:?}").contains("Unknown") || text.contains("SourceVpc");
    for (name, path) in SECRETS {
        let resource = vec![
            Text("arn:"),
            Partition,
            Text(":ssm:"),
            Region,
            Text(":"),
            Account,
            Text(":parameter/"),
            Text(path),
        ];
        let statement = Statement {
            effect: "Allow",
            is_not_action: false,
            actions: vec![ACTION],
            is_not_resource: false,
            resources: vec![resource],
            condition: None,
            side: None,
        };
        let mut with_grant = policies.to_vec();
        with_grant.push((Attachment::Inline, statement));
        let expected = judge(&with_grant, managed, path);
        let bound = |access: &&Access, plan: &Plan| plan.bindings[access.binding].secret == name;
        for access in after.access.iter().filter(|access| bound(access, &after)) {
            let found = judged(&access.verdict);
            let agrees = found == expected || (has_unknown && found == Judged::Depends);
            assert!(
                agrees,
                "{name}: {:?} after the grant, but {expected:?}\n{output}",
                access.verdict
            );
        }
        // What is allowed already is not granted twice.
        let is_granted = granting
            .access
            .iter()
            .any(|access| bound(&access, &granting) && access.is_granted);
        let occurrences = |text: &str| text.matches(&format!("parameter/{path}")).count();
        assert_eq!(
            occurrences(&output) > occurrences(&untouched),
            is_granted,
            "{name}\n{output}"
        );
        let is_allowed = judge(policies, managed, path) == Judged::Allowed;
        assert!(
            !(is_granted && is_allowed && !has_unknown),
            "{name}\n{output}"
        );
    }
}

#[test]
fn verdicts_agree_with_an_evaluator_of_its_own() {
    let mut sources = Sources::new();
    let source = sources.add("deploy.toml", CONFIG);
    let config = parse(&[ConfigFile {
        source,
        text: CONFIG,
    }])
    .0
    .unwrap();
    let mut numbers = Numbers::new(0x9e37_79b9_7f4a_7c15);
    let attachments = [
        Attachment::Inline,
        Attachment::Inline,
        Attachment::Policy,
        Attachment::ManagedByRoles,
        Attachment::ManagedByArn,
        Attachment::ByRoleName,
        Attachment::OfAnotherRole,
        Attachment::WithCondition,
    ];
    let mut counts = [0_usize; 3];
    let mut denied = 0;
    for case in 0..1500 {
        let policies: Vec<(Attachment, Statement)> = (0..=numbers.below(3))
            .map(|_| (pick(&mut numbers, &attachments), statement(&mut numbers)))
            .collect();
        let managed: Vec<&str> = match numbers.below(10) {
            0 => vec!["AmazonSSMReadOnlyAccess"],
            1 | 2 => vec!["AmazonECSTaskExecutionRolePolicy"],
            _ => vec![],
        };
        let written = template(&mut numbers, &policies, &managed);
        let text = match case % 3 {
            0 => serde_json::to_string_pretty(&written).unwrap(),
            1 => serde_yaml::to_string(&written).unwrap(),
            _ => short(&written),
        };
        let (plan, _) = run(&config, &text, Grant::Never);
        let has_unknown = format!("{policies:?}").contains("Unknown") || text.contains("SourceVpc");
        for (name, path) in SECRETS {
            let access: Vec<_> = plan
                .access
                .iter()
                .filter(|access| plan.bindings[access.binding].secret == name)
                .collect();
            let expected = judge(&policies, &managed, path);
            assert!(!access.is_empty(), "{text}");
            let is_denied = access.iter().any(|access| access.is_denied_for_certain());
            let mut with_all = policies.clone();
            with_all.push((Attachment::Inline, everything()));
            let is_useless = judge(&with_all, &managed, path) == Judged::NotAllowed;
            // A default is no certainty, and neither is what is not known.
            let has_hole = has_unknown || format!("{policies:?}").contains("Known");
            let agrees = is_denied == is_useless || (has_hole && !is_denied);
            assert!(
                agrees,
                "case {case}, {name}: denied is {is_denied}\n{policies:#?}\n{text}"
            );
            denied += usize::from(is_denied);
            assert!(
                !is_denied || plan.has_errors(),
                "case {case}, {name}\n{text}"
            );
            for access in access {
                let found = judged(&access.verdict);
                counts[found as usize] += 1;
                // Where something is not known, `Unknown` may be said of what turns out the same in
                // every case that the evaluator tries; never the other way round.
                let agrees = found == expected || (has_unknown && found == Judged::Depends);
                assert!(
                    agrees,
                    "case {case}, {name}: {:?}, but {expected:?}\n{policies:#?}\n{text}",
                    access.verdict
                );
            }
        }
        // Each in another style of template.
        if case % 4 == 0 {
            judge_grants(&config, &text, &policies, &managed);
        }
    }
    assert!(counts.iter().all(|count| *count > 200), "{counts:?}");
    assert!(denied > 100, "{denied}");
}
