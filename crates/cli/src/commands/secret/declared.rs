//! The secret of `put` and `generate`, with the line that `--declare` adds to the configuration.

use byref::Project;
use byref::secrets::{Declared, NewLine, Target, Targets, Undeclared};

use crate::args::Common;
use crate::args::secret::Declaration;
use crate::args::store::OneSecret;
use crate::failure::{Failure, Outcome};
use crate::output::say;
use crate::project::{load, load_edited};
use crate::read::{Input, read_text};
use crate::write::{Policy, write};

/// The typed secret, in a configuration that declares it if `--declare` was given.
pub(super) struct Addressed {
    pub(super) project: Project,
    declared: Declared,
}

impl Addressed {
    /// Finds the secret, or the line to add for it, as the options say.
    pub(super) fn new(
        common: &Common,
        one: &OneSecret,
        options: &Declaration,
    ) -> Result<Self, Failure> {
        let undeclared = match (options.undeclared, options.declare) {
            (true, _) => Undeclared::Store,
            (false, true) => Undeclared::Declare,
            (false, false) => Undeclared::Refuse,
        };
        let project = load(common)?;
        let declared = one
            .place
            .targets(&project)?
            .find_declared(one.name(), undeclared)?;
        let project = match &declared {
            Declared::Already(_) => project,
            // Mistakes in the line are reported before anything is written.
            Declared::With(line) => load_edited(common, &[(line.path(), line.after())])
                .map_err(|failure| line.not_added(&failure.to_string()))?,
        };
        Ok(Self { project, declared })
    }

    /// Returns the parameter of the secret.
    pub(super) fn target(&self, targets: &Targets<'_>) -> Result<Target, Failure> {
        match &self.declared {
            Declared::Already(target) => Ok(target.clone()),
            Declared::With(line) => Ok(line.target(targets)?),
        }
    }

    /// Shows the change of the configuration, as a part of the plan.
    pub(super) fn show(&self, common: &Common) {
        if let Declared::With(line) = &self.declared
            && !common.quiet
        {
            say(&line.text());
        }
    }

    /// Adds the line, if the secret is stored.
    pub(super) fn finish(&self, outcome: Outcome) -> Result<Outcome, Failure> {
        match &self.declared {
            Declared::With(line) if outcome == Outcome::Done => {
                add(line).map_err(|failure| line.not_written(&failure.to_string()))?;
            }
            Declared::With(_) | Declared::Already(_) => {}
        }
        Ok(outcome)
    }
}

fn add(line: &NewLine) -> Result<(), Failure> {
    if read_text(line.path(), Input::Configuration)? != line.before() {
        return Err(Failure::usage("it was changed in the meantime", ""));
    }
    write(line.path(), line.after(), Policy::Source)
}
