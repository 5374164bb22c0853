//! `byref init`

use byref::InitialConfig;

use crate::args::{Common, Init};
use crate::failure::{Failure, Outcome};
use crate::output::{say, write_bytes};
use crate::read::{Input, read_text};
use crate::write::{Policy, write};

pub(crate) fn run(common: &Common, options: &Init) -> Result<Outcome, Failure> {
    let mut templates = Vec::new();
    for path in &options.templates {
        if path.as_os_str() == "-" {
            return Err(Failure::usage(
                "`init` needs the paths of templates",
                "the configuration will name them",
            ));
        }
        templates.push((path.clone(), read_text(path, Input::Template)?));
    }
    let config = InitialConfig::new(&templates, options.output.as_deref())?;
    match &options.output {
        None => write_bytes(config.text())?,
        Some(path) => write(path, config.text(), Policy::New)?,
    }
    if !common.quiet {
        say(&format!(
            "{}; fill in `account` and `regions`, then see `byref preview`\n",
            config.summary()
        ));
    }
    Ok(Outcome::Done)
}
