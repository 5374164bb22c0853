//! `byref cost`

mod price;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use byref_config::{App, Environment, Reference};
use serde::Serialize;

use crate::args::deploy::Cost;
use crate::args::{Common, Format};
use crate::failure::{Failure, Outcome};
use crate::output::{json, write_text};
use byref::Project;
use price::{DAYS, Estimate, PRICES, Usage};

/// Starts of standard throughput that the account shares. Source: Systems Manager quotas.
const STANDARD_READS_PER_SECOND: u32 = 40;

/// What it costs. As JSON, keys are only ever added; dollars a month.
#[derive(Serialize)]
struct Report {
    parameters: f64,
    advanced: f64,
    interactions_per_day: f64,
    parameter_store_standard_throughput: f64,
    parameter_store_higher_throughput: f64,
    secrets_manager: f64,
    secrets_in_secrets_manager_already: usize,
    prices_of: &'static str,
}

pub(crate) fn run(common: &Common, options: &Cost) -> Result<Outcome, Failure> {
    let (mut usage, elsewhere) = match options.secrets {
        Some(secrets) => (of_numbers(options, secrets), 0),
        None => of_project(options, &crate::project::load(common)?)?,
    };
    if let Some(interactions) = options.interactions {
        usage.interactions = interactions * DAYS;
    }
    if usage.advanced > usage.parameters {
        return Err(Failure::usage(
            format!("{} secrets of the Advanced tier among {}", usage.advanced, usage.parameters),
            "give `--advanced` at most as many as there are",
        ));
    }
    let numbers = [options.deploys, options.tasks, options.starts, options.interactions.unwrap_or(0.0)];
    if numbers.iter().any(|number| !number.is_finite() || *number < 0.0) {
        return Err(Failure::usage("a number is negative or not finite", "give numbers from 0"));
    }
    let estimate = usage.estimate(&PRICES);
    match options.format.format {
        Format::Json => write_text(&json(&report(&usage, &estimate, elsewhere))?)?,
        Format::Text => write_text(&text(&usage, &estimate, elsewhere))?,
    }
    Ok(Outcome::Done)
}

/// One application with so many secrets in one Region.
fn of_numbers(options: &Cost, secrets: u64) -> Usage {
    let parameters = count(secrets);
    Usage { parameters, advanced: count(options.advanced), interactions: starts_a_day(options) * parameters * DAYS }
}

/// Each parameter once in each Region; each start of a task reads all secrets of its application.
fn of_project(options: &Cost, project: &Project) -> Result<(Usage, usize), Failure> {
    let apps: Vec<&App> = match &options.app {
        Some(name) => vec![project.app(name)?],
        None => project.config().apps.values().collect(),
    };
    let environments: Vec<&Environment> = match &options.environment {
        Some(name) => vec![project.environment(name)?],
        None => project.config().environments.values().collect(),
    };
    let mut stored = BTreeSet::new();
    let mut elsewhere = BTreeSet::new();
    let mut read = 0.0;
    for environment in environments {
        for app in &apps {
            for line in app.secrets(Some(&environment.name)) {
                match project.config().reference(app, environment, line) {
                    Ok(Reference::Parameter(name, _)) => {
                        for region in &environment.regions {
                            stored.insert((environment.account.clone(), region.clone(), name.clone()));
                            read += starts_a_day(options);
                        }
                    }
                    Ok(Reference::Arn(arn)) => {
                        stored.insert((environment.account.clone(), arn.region, arn.name));
                        read += starts_a_day(options) * count(environment.regions.len() as u64);
                    }
                    Ok(Reference::SecretsManager(arn)) => {
                        elsewhere.insert(arn);
                    }
                    Err(_) => {}
                }
            }
        }
    }
    let usage =
        Usage { parameters: count(stored.len() as u64), advanced: count(options.advanced), interactions: read * DAYS };
    Ok((usage, elsewhere.len()))
}

/// Task starts a day of one application in one Region.
fn starts_a_day(options: &Cost) -> f64 {
    options.deploys * options.tasks + options.starts
}

#[expect(clippy::cast_precision_loss, reason = "nobody has 2^52 secrets")]
fn count(number: u64) -> f64 {
    number as f64
}

fn report(usage: &Usage, estimate: &Estimate, elsewhere: usize) -> Report {
    Report {
        parameters: usage.parameters,
        advanced: usage.advanced,
        interactions_per_day: usage.interactions / DAYS,
        parameter_store_standard_throughput: cents(estimate.standard_throughput),
        parameter_store_higher_throughput: cents(estimate.higher_throughput),
        secrets_manager: cents(estimate.secrets_manager),
        secrets_in_secrets_manager_already: elsewhere,
        prices_of: PRICES.date,
    }
}

fn cents(dollars: f64) -> f64 {
    (dollars * 100.0).round() / 100.0
}

fn text(usage: &Usage, estimate: &Estimate, elsewhere: usize) -> String {
    let mut text = format!(
        "{} parameters ({} of them Advanced), read {:.0} times a day\n\n",
        usage.parameters,
        usage.advanced,
        usage.interactions / DAYS
    );
    let mut row = |label: &str, dollars: f64, remark: &str| {
        let _ = writeln!(text, "  {label:40} ${dollars:>10.2} a month{remark}");
    };
    let free = if estimate.standard_throughput == 0.0 { "  nothing is paid at the default throughput" } else { "" };
    row("Parameter Store, standard throughput", estimate.standard_throughput, free);
    row("Parameter Store, higher throughput", estimate.higher_throughput, "");
    row("Secrets Manager, for comparison", estimate.secrets_manager, "");
    let _ = writeln!(
        text,
        "\nStandard throughput is {STANDARD_READS_PER_SECOND} reads a second in an account and Region, all starting tasks together; Standard parameters and\nreads are free there. Prices of {}, US Regions; requests to KMS are not counted.",
        PRICES.date
    );
    if elsewhere > 0 {
        let _ = writeln!(text, "{elsewhere} secrets are in Secrets Manager already and are not counted.");
    }
    text
}
