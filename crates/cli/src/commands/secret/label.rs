//! `byref secret label`

use byref::secrets::Labelling;
use byref_parameter::Label;

use super::get::parse_version;
use crate::args::Common;
use crate::args::secret::LabelArguments;
use crate::failure::{Failure, Outcome};
use crate::output::say;
use crate::store::{Consent, Progress, Stores, block_on, confirm};

pub(crate) fn run(common: &Common, options: &LabelArguments) -> Result<Outcome, Failure> {
    let version = options.version.as_deref().map(parse_version).transpose()?;
    let label: Label = options
        .label
        .parse()
        .map_err(|error| Failure::usage(format!("LABEL is {error}"), "for example `release-7`"))?;
    let project = crate::project::load(common)?;
    let targets = options.one.place.targets(&project)?;
    let target = targets.find(options.one.name())?;
    let stores = Stores::to_change(&options.one.place.store);
    block_on(async {
        let store = stores.open(targets.environment(), &Progress::hidden())?;
        let labelling = if options.remove {
            Labelling::remove(&store, &target, label).await?
        } else {
            Labelling::set(&store, &target, label, version.as_ref()).await?
        };
        say(&labelling.text());
        if labelling.is_empty() {
            say("nothing to do: no version has that label\n");
            return Ok(Outcome::Done);
        }
        if let Consent::Stop(outcome) =
            confirm(&options.write, stores.is_remote(), "Change labels?")?
        {
            return Ok(outcome);
        }
        labelling.carry_out(&store).await?;
        Ok(Outcome::Done)
    })
}
