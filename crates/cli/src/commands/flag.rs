//! `byref flag`

use serde::Serialize;

use crate::args::{Common, FlagArguments, Format};
use crate::failure::{Failure, Outcome};
use crate::output::{json, write_text};
use crate::project::overrides;
use byref::render::escape::line;

#[derive(Serialize)]
struct Row {
    app: String,
    environment: String,
    scheme: &'static str,
    rule: &'static str,
    line: Option<String>,
}

pub(crate) fn run(common: &Common, options: &FlagArguments) -> Result<Outcome, Failure> {
    let project = crate::project::load(common)?;
    let config = project.config();
    options
        .app
        .as_deref()
        .map(|name| project.app(name))
        .transpose()?;
    options
        .environment
        .as_deref()
        .map(|name| project.environment(name))
        .transpose()?;
    let overrides = overrides(None)?;
    let mut rows = Vec::new();
    for app in config
        .apps
        .values()
        .filter(|app| options.app.as_ref().is_none_or(|name| *name == app.name))
    {
        for environment in config.environments.keys().filter(|name| {
            options
                .environment
                .as_ref()
                .is_none_or(|only| only == *name)
        }) {
            let decision = config.scheme(app, Some(environment), &overrides);
            let line = decision
                .rule
                .location()
                .map(|location| project.sources().position(location));
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

fn table(rows: &[Row]) -> String {
    let width = |of: fn(&Row) -> usize| rows.iter().map(of).max().unwrap_or(0);
    let (app, environment) = (
        width(|row| row.app.len()),
        width(|row| row.environment.len()),
    );
    let mut text = String::new();
    for row in rows {
        let line = row
            .line
            .as_ref()
            .map(|line| format!("  {line}"))
            .unwrap_or_default();
        line!(
            text,
            "{:app$}  {:environment$}  {:9}  {}{line}",
            row.app,
            row.environment,
            row.scheme,
            row.rule
        );
    }
    text
}
