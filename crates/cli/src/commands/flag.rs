//! `byref flag`

use serde::Serialize;

use crate::args::{Common, FlagArguments, Format};
use crate::failure::{Failure, Outcome};
use crate::output::{json, write_text};
use crate::project::{Project, closest, listed, overrides};
use crate::render::escape::line;

#[derive(Serialize)]
struct Row {
    app: String,
    environment: String,
    scheme: &'static str,
    rule: &'static str,
    line: Option<String>,
}

pub(crate) fn run(common: &Common, options: &FlagArguments) -> Result<Outcome, Failure> {
    let project = Project::load(common)?;
    let config = &project.config;
    known("application", options.app.as_deref(), config.apps.keys())?;
    known("environment", options.environment.as_deref(), config.environments.keys())?;
    let overrides = overrides(None)?;
    let mut rows = Vec::new();
    for app in config.apps.values().filter(|app| options.app.as_ref().is_none_or(|name| *name == app.name)) {
        for environment in
            config.environments.keys().filter(|name| options.environment.as_ref().is_none_or(|only| only == *name))
        {
            let decision = config.scheme(app, Some(environment), &overrides);
            let line = decision.rule.location().map(|location| project.sources.position(location));
            rows.push(Row {
                app: app.name.clone(),
                environment: environment.clone(),
                scheme: decision.scheme.as_str(),
                rule: decision.rule.describe(),
                line,
            });
        }
    }
    let text = match options.format {
        Format::Json => json(&rows)?,
        Format::Text => table(&rows),
    };
    write_text(&text)?;
    Ok(Outcome::Done)
}

fn known<'k>(what: &str, name: Option<&str>, known: impl Iterator<Item = &'k String> + Clone) -> Result<(), Failure> {
    let Some(name) = name.filter(|name| !known.clone().any(|known| known == name)) else { return Ok(()) };
    let help = closest(name, known.clone().map(String::as_str))
        .map_or_else(|| format!("there are {}", listed(known.cloned())), |meant| format!("did you mean `{meant}`?"));
    Err(Failure::usage(format!("there is no {what} `{}`", byref_config::shown_name(name)), help))
}

fn table(rows: &[Row]) -> String {
    let width = |of: fn(&Row) -> usize| rows.iter().map(of).max().unwrap_or(0);
    let (app, environment) = (width(|row| row.app.len()), width(|row| row.environment.len()));
    let mut text = String::new();
    for row in rows {
        let line = row.line.as_ref().map(|line| format!("  {line}")).unwrap_or_default();
        line!(text, "{:app$}  {:environment$}  {:9}  {}{line}", row.app, row.environment, row.scheme, row.rule);
    }
    text
}
