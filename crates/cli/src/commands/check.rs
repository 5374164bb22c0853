//! `byref check`

use std::path::PathBuf;

use byref::Project;
use byref::check::{AdditionalChecks, AppToCheck, Check, Keys, Parity, Report};
use byref::choose_regions;
use byref_config::App;
use byref_rewrite::Document;

use crate::args::Common;
use crate::args::deploy::{Check as Options, CheckFormat};
use crate::failure::{Failure, Outcome};
use crate::output::{json, note, write_annotations, write_styled, write_text};
use crate::project::{load, overrides};
use crate::report::report_plain;
use crate::store::{Progress, Stores, block_on};

pub(crate) fn run(common: &Common, options: &Options) -> Result<Outcome, Failure> {
    let mut project = load(common)?;
    match &options.parity {
        Some(None) if options.online.deployed => {
            return parity_of_stacks(common, options, &project);
        }
        Some(template) => {
            let chosen: Vec<PathBuf> = template.iter().chain(&options.templates).cloned().collect();
            return parity_of_templates(common, options, &mut project, &chosen);
        }
        None => {}
    }
    let stores = Stores::to_read(&options.store);
    let mut additional = AdditionalChecks::default();
    let apps = templates(&mut project, options, &mut additional)?;
    let environment = project.choose_environment(options.environment.as_deref())?;
    let regions = choose_regions(environment, &options.region)?;
    additional
        .notes
        .extend(byref::placeholder_note(environment));
    let keys = if options.keys || !options.all || !environment.kms_keys.is_empty() {
        Keys::Compare
    } else {
        Keys::Skip
    };
    let mut checked = Vec::new();
    for (name, documents) in apps {
        checked.push(AppToCheck {
            app: project.app(&name)?,
            documents,
        });
    }
    let online = options
        .online
        .questions(&project, options, &stores, &checked)?;
    let check = Check::new(
        &project,
        environment,
        regions,
        checked,
        overrides(None)?,
        keys,
    );
    check.judge_roles(&mut additional, online.are_roles_asked());
    let progress = Progress::new(common, Some(check.parameters()));
    let answers = block_on(async {
        let store = stores.open(environment, &progress)?;
        // Otherwise every request would fail with it, and the report would repeat it for each
        // Region.
        store.check_account().await?;
        let answers = check.ask(&store).await;
        online
            .ask(
                &check,
                &mut additional,
                (&options.store, environment),
                &progress,
            )
            .await?;
        Ok(answers)
    });
    progress.clear();
    let report = check.report(&answers?, additional);
    if report.is_empty() {
        return Err(Failure::usage(
            "nothing was checked: there is no secret line, and no role that reads a secret",
            "add secret lines under `[apps.NAME.secrets]`, or choose another application",
        ));
    }
    write(common, options.format, &report)?;
    Ok(if !report.failures().is_empty() {
        Outcome::Refused
    } else if report.findings() > 0 {
        Outcome::Differences
    } else {
        Outcome::Done
    })
}

/// Compares the values of one template, or of those that the application lists.
fn parity_of_templates(
    common: &Common,
    options: &Options,
    project: &mut Project,
    chosen: &[PathBuf],
) -> Result<Outcome, Failure> {
    let paths =
        project.template_paths(project.choose_app(options.app.as_deref(), chosen)?, chosen)?;
    let documents = project.documents(&paths)?;
    let app = project.choose_app(options.app.as_deref(), chosen)?;
    let environment = project.choose_environment(options.environment.as_deref())?;
    let regions = choose_regions(environment, &options.region)?;
    let stores = Stores::to_read(&options.store);
    let progress = Progress::new(common, None);
    let parity = block_on(async {
        let store = stores.open(environment, &progress)?;
        Ok(Parity::of_templates(project, (app, environment), &documents, &regions, &store).await?)
    });
    progress.clear();
    write_parity(options, &parity?)
}

fn parity_of_stacks(
    common: &Common,
    options: &Options,
    project: &Project,
) -> Result<Outcome, Failure> {
    let stores = Stores::to_read(&options.store);
    let progress = Progress::new(common, None);
    let parity = block_on(crate::online::parity_of_stacks(
        project, options, &stores, &progress,
    ));
    progress.clear();
    let (parity, notes) = parity?;
    for text in &notes {
        note(common, text);
    }
    write_parity(options, &parity)
}

fn write_parity(options: &Options, parity: &Parity) -> Result<Outcome, Failure> {
    match options.format {
        CheckFormat::Json => write_text(&json(parity)?)?,
        CheckFormat::Github => write_annotations(&parity.annotations())?,
        CheckFormat::Text => write_styled(&parity.text())?,
    }
    Ok(if parity.is_equal() {
        Outcome::Done
    } else {
        Outcome::Differences
    })
}

fn write(common: &Common, format: CheckFormat, report: &Report) -> Result<(), Failure> {
    match format {
        CheckFormat::Json => write_text(&json(report)?)?,
        CheckFormat::Github => write_annotations(&report.annotations())?,
        CheckFormat::Text => write_styled(&report.text())?,
    }
    for text in report.notes() {
        note(common, text);
    }
    for (region, error) in report.failures() {
        report_plain(&format!("{region}: {error}"), &error.help());
    }
    Ok(())
}

/// Returns the applications that are checked, with their templates. Templates that were named or
/// are to be validated must exist; those of the configuration need not.
fn templates(
    project: &mut Project,
    options: &Options,
    additional: &mut AdditionalChecks,
) -> Result<Vec<(String, Vec<Document>)>, Failure> {
    let chosen: Vec<App> = if options.all {
        project.config().apps.values().cloned().collect()
    } else {
        vec![
            project
                .choose_app(options.app.as_deref(), &options.templates)?
                .clone(),
        ]
    };
    let is_required = !options.templates.is_empty() || options.online.validate;
    let mut apps = Vec::new();
    for app in chosen {
        let paths = project.template_paths(&app, &options.templates);
        let read = paths.and_then(|paths| project.documents_in_view(&app.name, &paths));
        let documents = match read {
            Ok(documents) => documents,
            Err(error) if is_required => return Err(error.into()),
            Err(_) if app.templates.is_empty() => Vec::new(),
            Err(_) => {
                additional.notes.push(format!(
                    "roles of `{}` are not checked, since its templates can't all be read: `byref preview --app {}` says why",
                    app.name, app.name
                ));
                Vec::new()
            }
        };
        apps.push((app.name, documents));
    }
    Ok(apps)
}
