//! Prices, and what comes of them.

/// Prices in US dollars, of the AWS Regions in the US.
///
/// Source: AWS Systems Manager pricing, "Parameter Store", and AWS Secrets Manager pricing.
pub(super) struct Prices {
    /// When they were read.
    pub(super) date: &'static str,
    /// A parameter of the Advanced tier, a month.
    pub(super) advanced_parameter: f64,
    /// 10,000 interactions: all at higher throughput; those with Advanced parameters at any.
    pub(super) ten_thousand_interactions: f64,
    /// A secret in Secrets Manager, a month.
    pub(super) secrets_manager_secret: f64,
    /// 10,000 calls of Secrets Manager.
    pub(super) ten_thousand_calls: f64,
}

pub(super) const PRICES: Prices = Prices {
    date: "2026-11",
    advanced_parameter: 0.05,
    ten_thousand_interactions: 0.05,
    secrets_manager_secret: 0.40,
    ten_thousand_calls: 0.05,
};

/// Days of a month in estimates.
pub(super) const DAYS: f64 = 30.0;

/// What is stored, and how often it is read; in all Regions together.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Usage {
    /// Stored parameters: each secret once in every Region.
    pub(super) parameters: f64,
    /// Those of the Advanced tier among them.
    pub(super) advanced: f64,
    /// Parameters that are read a month. Source: "Parameter Store throughput": a request for ten parameters is ten
    /// interactions.
    pub(super) interactions: f64,
}

/// Dollars a month.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Estimate {
    /// Parameter Store at standard throughput.
    pub(super) standard_throughput: f64,
    /// Parameter Store at higher throughput.
    pub(super) higher_throughput: f64,
    /// Secrets Manager.
    pub(super) secrets_manager: f64,
}

impl Usage {
    pub(super) fn estimate(&self, prices: &Prices) -> Estimate {
        let storage = self.advanced * prices.advanced_parameter;
        let advanced_share = if self.parameters > 0.0 { self.advanced / self.parameters } else { 0.0 };
        let interactions = self.interactions / 10_000.0 * prices.ten_thousand_interactions;
        Estimate {
            standard_throughput: storage + interactions * advanced_share,
            higher_throughput: storage + interactions,
            secrets_manager: self.parameters * prices.secrets_manager_secret
                + self.interactions / 10_000.0 * prices.ten_thousand_calls,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dollars(value: f64) -> String {
        format!("{value:.2}")
    }

    #[test]
    fn the_estimate_of_a_company_with_two_thousand_secrets() {
        let usage = Usage { parameters: 2000.0, advanced: 0.0, interactions: 160_000.0 * DAYS };
        let estimate = usage.estimate(&PRICES);
        assert_eq!(dollars(estimate.higher_throughput), "24.00");
        assert_eq!(dollars(estimate.standard_throughput), "0.00");
        assert_eq!(dollars(estimate.secrets_manager), "824.00");
    }

    #[test]
    fn advanced_parameters_cost_at_any_throughput() {
        let usage = Usage { parameters: 100.0, advanced: 50.0, interactions: 1_000_000.0 };
        let estimate = usage.estimate(&PRICES);
        assert_eq!(dollars(estimate.standard_throughput), "5.00");
        assert_eq!(dollars(estimate.higher_throughput), "7.50");
        let nothing = Usage::default().estimate(&PRICES);
        assert_eq!(dollars(nothing.secrets_manager), "0.00");
    }
}
