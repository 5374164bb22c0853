//! `byref secret export`

use std::path::Path;

use byref::secrets::LineValues;
use byref::secrets::export::{Format, export};
use byref_files::is_stream;

use super::get::refuse_terminal;
use crate::args::Common;
use crate::args::secret::{Export, ExportFormat};
use crate::failure::{Failure, Outcome};
use crate::output::{note, write_bytes};
use crate::store::{Progress, Stores, block_on};
use crate::write::{Policy, write};

pub(crate) fn run(common: &Common, options: &Export) -> Result<Outcome, Failure> {
    match &options.output {
        None => refuse_terminal(options.reveal)?,
        Some(path) if path.as_os_str() == "-" || path.as_os_str() == "/dev/stdout" => {
            refuse_terminal(options.reveal)?;
        }
        Some(path) if is_stream(path) && !path.starts_with("/dev/fd") && !options.reveal => {
            return Err(no_file(path));
        }
        Some(_) => {}
    }
    let project = crate::project::load(common)?;
    let targets = options.place.targets(&project)?;
    targets.require_app()?;
    let stores = Stores::to_read(&options.place.store);
    let values = block_on(async {
        let store = stores.open(targets.environment(), &Progress::hidden())?;
        Ok(LineValues::read(&store, &targets).await?)
    })?;
    for name in &values.in_secrets_manager {
        note(
            common,
            &format!("`{name}` is kept in Secrets Manager and is left out"),
        );
    }
    let format = match options.format {
        ExportFormat::Dotenv => Format::Dotenv,
        ExportFormat::Json => Format::Json,
        ExportFormat::Shell => Format::Shell,
    };
    let text = export(&values.require_all()?, format);
    match &options.output {
        Some(path) if path.as_os_str() != "-" => write(path, &text, Policy::Secret)?,
        _ => write_bytes(&text)?,
    }
    Ok(Outcome::Done)
}

fn no_file(path: &Path) -> Failure {
    Failure::usage(
        format!(
            "`{}` is not a file, and the values would be shown",
            path.display()
        ),
        "write to a file (only its owner may read it), or pass `--reveal`",
    )
}
