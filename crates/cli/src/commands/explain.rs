//! `byref explain`

use byref_config::{Reference, SecretLine, Target, shown_name};
use serde::Serialize;

use super::rewrite::rewrite_all;
use super::shown;
use crate::answers::Ask;
use crate::args::{Common, Explain, Format};
use crate::failure::{Failure, Outcome};
use crate::output::{json, write_text};
use crate::project::{Project, closest, listed};
use crate::render::diagnostic::report;
use crate::render::escape::line;
use crate::render::summary::{outcome, role, verdict};
use byref::Deployment;

/// The trace of one secret. As JSON, keys are only ever added.
#[derive(Serialize)]
struct Trace {
    name: String,
    line: String,
    app: String,
    environment: String,
    scope: Option<&'static str>,
    pattern: Option<String>,
    reference: String,
    arns: Vec<ArnOf>,
    scheme: &'static str,
    rule: &'static str,
    rule_line: Option<String>,
    containers: Vec<ContainerOf>,
    roles: Vec<RoleOf>,
}

#[derive(Serialize)]
struct ArnOf {
    region: String,
    arn: String,
}

#[derive(Serialize)]
struct ContainerOf {
    task_definition: String,
    container: String,
    place: String,
    outcome: String,
}

#[derive(Serialize)]
struct RoleOf {
    task_definition: String,
    container: String,
    role: String,
    action: &'static str,
    verdict: &'static str,
    granted: bool,
    text: String,
}

pub(crate) fn run(common: &Common, options: &Explain) -> Result<Outcome, Failure> {
    let mut project = Project::load(common)?;
    let (paths, name) = {
        let choice = project.choose(&options.selection, &[])?;
        let paths = project.listed_paths(choice.app())?;
        (paths, find(&choice, &options.name)?.name.clone())
    };
    let documents = project.documents(&paths)?;
    let choice = project.choose(&options.selection, &[])?;
    let line = find(&choice, &name)?;
    let rewritten = rewrite_all(&project, &choice, &documents, &options.selection.store, Ask::WhereNamed)?;
    let known = &rewritten.plan.known;
    let mut trace = trace(&project, &choice, line);
    for binding in rewritten.plan.bindings.iter().filter(|binding| binding.secret == name) {
        trace.containers.push(ContainerOf {
            task_definition: known.shown(&binding.task_definition).to_owned(),
            container: known.shown(&binding.container).to_owned(),
            place: project.sources.position(binding.location),
            outcome: outcome(binding),
        });
    }
    for access in &rewritten.plan.access {
        let binding = &rewritten.plan.bindings[access.binding];
        if binding.secret == name {
            trace.roles.push(RoleOf {
                task_definition: known.shown(&binding.task_definition).to_owned(),
                container: known.shown(&binding.container).to_owned(),
                role: known.shown(role(&access.role)).to_owned(),
                action: access.action,
                verdict: access.verdict.word(),
                granted: access.is_granted,
                text: verdict(access),
            });
        }
    }
    let text = match options.format {
        Format::Json => json(&trace)?,
        Format::Text => text(&trace),
    };
    write_text(&text)?;
    let own: Vec<_> =
        rewritten.diagnostics.into_iter().filter(|diagnostic| diagnostic.secrets.contains(&name)).collect();
    if byref_template::has_errors(&own) {
        return Err(project.mistakes(own));
    }
    report(&project.sources, &own, shown(common));
    Ok(Outcome::Done)
}

fn find<'c>(choice: &Deployment<'c>, name: &str) -> Result<&'c SecretLine, Failure> {
    let lines = choice.app().secrets(Some(&choice.environment().name));
    lines.iter().find(|line| line.name == name).copied().ok_or_else(|| {
        let names = lines.iter().map(|line| line.name.as_str());
        let help = match closest(name, names.clone()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("its secrets are {}", listed(names.map(str::to_owned))),
        };
        Failure::usage(format!("`{}` has no secret `{}`", choice.app().name, shown_name(name)), help)
    })
}

fn trace(project: &Project, choice: &Deployment<'_>, line: &SecretLine) -> Trace {
    let config = &project.config;
    let environment = choice.environment();
    let (scope, pattern) = match &line.target {
        Target::Key { scope, .. } => (Some(scope.word()), Some(config.names.pattern(*scope).to_owned())),
        Target::Name(_) | Target::Arn(_) | Target::SecretsManager(_) => (None, None),
    };
    let reference = config.reference(choice.app(), environment, line);
    let arns = environment.regions.iter().map(|region| {
        let arn = match &reference {
            Ok(Reference::Parameter(name, _)) => environment.parameter_arn(name, region).to_string(),
            Ok(other) => other.to_string(),
            Err(error) => error.to_string(),
        };
        ArnOf { region: region.to_string(), arn }
    });
    Trace {
        name: line.name.clone(),
        line: project.sources.position(line.name_location),
        app: choice.app().name.clone(),
        environment: environment.name.clone(),
        scope,
        pattern,
        reference: reference.as_ref().map_or_else(ToString::to_string, ToString::to_string),
        arns: arns.collect(),
        scheme: choice.decision().scheme.word(),
        rule: choice.decision().rule.words(),
        rule_line: choice.decision().rule.location().map(|location| project.sources.position(location)),
        containers: Vec::new(),
        roles: Vec::new(),
    }
}

fn text(trace: &Trace) -> String {
    let mut text = String::new();
    line!(text, "{}  {} of {} in {}", trace.name, trace.line, trace.app, trace.environment);
    let mut row = |label: &str, value: String| {
        line!(text, "  {label:10} {value}");
    };
    match (&trace.scope, &trace.pattern) {
        (Some(scope), Some(pattern)) => row("scope", format!("{scope}: {pattern}")),
        _ => row("scope", "none: the line gives a full name".to_owned()),
    }
    row("refers to", trace.reference.clone());
    for arn in &trace.arns {
        row(&arn.region, arn.arn.clone());
    }
    let rule_line = trace.rule_line.as_ref().map(|line| format!("  {line}")).unwrap_or_default();
    row("scheme", format!("by {}: {}{rule_line}", trace.scheme, trace.rule));
    if trace.containers.is_empty() {
        row("containers", "none".to_owned());
    }
    for container in &trace.containers {
        row(
            "container",
            format!(
                "{}/{}  {}  {}",
                container.task_definition, container.container, container.outcome, container.place
            ),
        );
    }
    for role in &trace.roles {
        let RoleOf { task_definition, container, role, action, text, .. } = role;
        row("role", format!("{role} of {task_definition}/{container}  {action}  {text}"));
    }
    text
}
