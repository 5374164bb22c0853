//! The cost of secrets in Parameter Store, and in Secrets Manager for comparison.
//!
//! The price of Parameter Store has two parts, and both are often zero:
//!
//! | part | Standard tier | Advanced tier |
//! | --- | --- | --- |
//! | storage | free | for each parameter and month |
//! | reads at standard throughput | free | for each 10,000 |
//! | reads at higher throughput | for each 10,000 | for each 10,000 |
//!
//! Reads follow from the starts of tasks: each start reads all secrets of its application once, and
//! a running task reads none. The prices are constants with the month in which they were read,
//! because an estimate must not need the network.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use byref_config::{App, Environment, Reference};
use serde::Serialize;

use crate::error::Error;
use crate::project::Project;

/// Reads a second at standard throughput, which an account shares in each Region. Source: AWS
/// General Reference, "AWS Systems Manager endpoints and quotas", "Parameter Store".
const STANDARD_READS_PER_SECOND: u32 = 40;

/// Prices in US dollars, of the AWS Regions in the US.
///
/// Source: AWS Systems Manager pricing, "Parameter Store", and AWS Secrets Manager pricing.
struct Prices {
    /// The month in which they were read.
    date: &'static str,
    /// A parameter of the Advanced tier, a month.
    advanced_parameter: f64,
    /// 10,000 interactions: all at higher throughput; those with Advanced parameters at any.
    ten_thousand_interactions: f64,
    /// A secret in Secrets Manager, a month.
    secrets_manager_secret: f64,
    /// 10,000 calls of Secrets Manager.
    ten_thousand_calls: f64,
}

const PRICES: Prices = Prices {
    date: "2026-11",
    advanced_parameter: 0.05,
    ten_thousand_interactions: 0.05,
    secrets_manager_secret: 0.40,
    ten_thousand_calls: 0.05,
};

/// Days of a month in estimates.
const DAYS: f64 = 30.0;

/// The stored parameters and the reads, in all Regions together.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Usage {
    /// Stored parameters: each secret once in every Region.
    parameters: f64,
    /// The parameters of the Advanced tier among them.
    advanced: f64,
    /// Parameters that are read a month. Source: "Parameter Store throughput": a request for ten
    /// parameters is ten interactions.
    interactions: f64,
}

/// Dollars a month.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Estimate {
    /// Parameter Store at standard throughput.
    standard_throughput: f64,
    /// Parameter Store at higher throughput.
    higher_throughput: f64,
    /// Secrets Manager.
    secrets_manager: f64,
}

impl Usage {
    /// Reads are divided between the tiers as the parameters are, since an estimate does not know
    /// which parameter is read how often.
    fn estimate(&self, prices: &Prices) -> Estimate {
        let storage = self.advanced * prices.advanced_parameter;
        let advanced_share = if self.parameters > 0.0 {
            self.advanced / self.parameters
        } else {
            0.0
        };
        let interactions = self.interactions / 10_000.0 * prices.ten_thousand_interactions;
        Estimate {
            standard_throughput: storage + interactions * advanced_share,
            higher_throughput: storage + interactions,
            secrets_manager: self.parameters * prices.secrets_manager_secret
                + self.interactions / 10_000.0 * prices.ten_thousand_calls,
        }
    }
}

/// The starts of an application's tasks in one Region, a day.
///
/// A deploy of a service with four tasks is four starts: `TaskStarts { deploys: 1.0, tasks: 4.0,
/// others: 0.0 }`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TaskStarts {
    /// Deploys a day.
    pub deploys: f64,
    /// Tasks that start with each deploy.
    pub tasks: f64,
    /// Starts a day besides deploys: scaling, scheduled tasks, failures.
    pub others: f64,
}

impl TaskStarts {
    fn a_day(self) -> f64 {
        self.deploys * self.tasks + self.others
    }
}

/// The secrets that a cost is estimated for.
#[derive(Clone, Copy)]
pub enum Secrets<'s> {
    /// So many secrets of one application in one Region.
    Count(u64),
    /// The secret lines of a project, of one of its applications or environments where these are
    /// given.
    OfProject {
        /// The project.
        project: &'s Project,
        /// One application; else all.
        app: Option<&'s str>,
        /// One environment; else all.
        environment: Option<&'s str>,
    },
}

/// An estimate in US dollars a month. Serialises with its assumptions; keys are only ever added.
///
/// ```
/// use byref::cost::{Cost, Secrets, TaskStarts};
///
/// let starts = TaskStarts { deploys: 2.0, tasks: 4.0, others: 0.0 };
/// let cost = Cost::estimate(Secrets::Count(2000), 0, starts, None)?;
/// assert!(cost.text().contains("nothing is paid at the default throughput"));
/// # Ok::<(), byref::Error>(())
/// ```
///
/// Sources: AWS Systems Manager pricing, "Parameter Store"; AWS Secrets Manager pricing.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cost {
    parameters: f64,
    advanced: f64,
    interactions_per_day: f64,
    parameter_store_standard_throughput: f64,
    parameter_store_higher_throughput: f64,
    secrets_manager: f64,
    secrets_in_secrets_manager_already: usize,
    prices_of: &'static str,
}

impl Cost {
    /// Estimates the cost of secrets. `advanced` of them are of the Advanced tier. `interactions`
    /// are the parameters that are read a day, where they do not follow from the starts of tasks:
    /// each start reads all secrets of its application.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] for numbers that are negative or not finite, for more Advanced secrets
    /// than secrets, and for names that the configuration does not have.
    pub fn estimate(
        secrets: Secrets<'_>,
        advanced: u64,
        starts: TaskStarts,
        interactions: Option<f64>,
    ) -> Result<Self, Error> {
        let (parameters, reads, elsewhere) = match secrets {
            Secrets::Count(secrets) => (count(secrets), starts.a_day() * count(secrets), 0),
            Secrets::OfProject {
                project,
                app,
                environment,
            } => of_project(project, app, environment, starts)?,
        };
        let usage = Usage {
            parameters,
            advanced: count(advanced),
            interactions: interactions.unwrap_or(reads) * DAYS,
        };
        if usage.advanced > usage.parameters {
            return Err(Error::request(
                format!("{advanced} secrets of the Advanced tier among {parameters}"),
                "give `--advanced` at most as many as there are",
            ));
        }
        let numbers = [
            starts.deploys,
            starts.tasks,
            starts.others,
            interactions.unwrap_or(0.0),
        ];
        if numbers
            .iter()
            .any(|number| !number.is_finite() || *number < 0.0)
        {
            return Err(Error::request(
                "a number is negative or not finite",
                "give numbers from 0",
            ));
        }
        let estimate = usage.estimate(&PRICES);
        Ok(Self {
            parameters,
            advanced: usage.advanced,
            interactions_per_day: usage.interactions / DAYS,
            parameter_store_standard_throughput: cents(estimate.standard_throughput),
            parameter_store_higher_throughput: cents(estimate.higher_throughput),
            secrets_manager: cents(estimate.secrets_manager),
            secrets_in_secrets_manager_already: elsewhere,
            prices_of: PRICES.date,
        })
    }

    /// Returns the estimate as a table.
    pub fn text(&self) -> String {
        let mut text = format!(
            "{} parameters ({} of them Advanced), read {:.0} times a day\n\n",
            self.parameters, self.advanced, self.interactions_per_day
        );
        let mut row = |label: &str, dollars: f64, remark: &str| {
            let _ = writeln!(text, "  {label:40} ${dollars:>10.2} a month{remark}");
        };
        let is_free = self.parameter_store_standard_throughput == 0.0;
        let remark = if is_free {
            "  nothing is paid at the default throughput"
        } else {
            ""
        };
        row(
            "Parameter Store, standard throughput",
            self.parameter_store_standard_throughput,
            remark,
        );
        row(
            "Parameter Store, higher throughput",
            self.parameter_store_higher_throughput,
            "",
        );
        row("Secrets Manager, for comparison", self.secrets_manager, "");
        let _ = writeln!(
            text,
            "\nStandard throughput is {STANDARD_READS_PER_SECOND} reads a second in an account and Region, all starting tasks together; Standard parameters and\nreads are free there. Prices of {}, US Regions; requests to KMS are not counted.",
            self.prices_of
        );
        if self.secrets_in_secrets_manager_already > 0 {
            let _ = writeln!(
                text,
                "{} secrets are in Secrets Manager already and are not counted.",
                self.secrets_in_secrets_manager_already
            );
        }
        text
    }
}

/// Returns the stored parameters, each once in each Region, the reads a day, and the number of
/// secrets that are in Secrets Manager.
///
/// Two lines that refer to one parameter store it once and read it twice. An ARN is stored in its
/// own Region, and read from all Regions of the environment. Lines without a valid name are left
/// out.
fn of_project(
    project: &Project,
    app: Option<&str>,
    environment: Option<&str>,
    starts: TaskStarts,
) -> Result<(f64, f64, usize), Error> {
    let apps: Vec<&App> = match app {
        Some(name) => vec![project.app(name)?],
        None => project.config().apps.values().collect(),
    };
    let environments: Vec<&Environment> = match environment {
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
                            stored.insert((
                                environment.account.clone(),
                                region.clone(),
                                name.clone(),
                            ));
                            read += starts.a_day();
                        }
                    }
                    Ok(Reference::Arn(arn)) => {
                        stored.insert((environment.account.clone(), arn.region, arn.name));
                        read += starts.a_day() * count(environment.regions.len() as u64);
                    }
                    Ok(Reference::SecretsManager(arn)) => {
                        elsewhere.insert(arn);
                    }
                    Err(_) => {}
                }
            }
        }
    }
    Ok((count(stored.len() as u64), read, elsewhere.len()))
}

#[expect(clippy::cast_precision_loss, reason = "nobody has 2^52 secrets")]
fn count(number: u64) -> f64 {
    number as f64
}

/// Returns a number of dollars with two decimals: an estimate with more would look exact.
fn cents(dollars: f64) -> f64 {
    (dollars * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dollars(value: f64) -> String {
        format!("{value:.2}")
    }

    #[test]
    fn the_estimate_of_a_company_with_two_thousand_secrets() {
        let usage = Usage {
            parameters: 2000.0,
            advanced: 0.0,
            interactions: 160_000.0 * DAYS,
        };
        let estimate = usage.estimate(&PRICES);
        assert_eq!(dollars(estimate.higher_throughput), "24.00");
        assert_eq!(dollars(estimate.standard_throughput), "0.00");
        assert_eq!(dollars(estimate.secrets_manager), "824.00");
    }

    #[test]
    fn advanced_parameters_cost_at_any_throughput() {
        let usage = Usage {
            parameters: 100.0,
            advanced: 50.0,
            interactions: 1_000_000.0,
        };
        let estimate = usage.estimate(&PRICES);
        assert_eq!(dollars(estimate.standard_throughput), "5.00");
        assert_eq!(dollars(estimate.higher_throughput), "7.50");
        let nothing = Usage::default().estimate(&PRICES);
        assert_eq!(dollars(nothing.secrets_manager), "0.00");
    }
}
