//! `byref secret import`

use byref::render::escape::one_line;
use byref::secrets::import::{Contents, Format, Import};
use zeroize::Zeroizing;

use crate::args::Common;
use crate::args::secret::{Import as Options, ImportFormat};
use crate::failure::{Failure, Outcome};
use crate::output::{note, say};
use crate::read::{Input, read_text};
use crate::store::{Progress, Stores, Writing, block_on};

pub(crate) fn run(common: &Common, options: &Options) -> Result<Outcome, Failure> {
    let contents = contents(common, options)?;
    let project = crate::project::load(common)?;
    let targets = options.place.targets(&project)?;
    let Import {
        writes,
        empty,
        missing_lines,
    } = contents.writes(&targets)?;
    for name in empty {
        note(common, &format!("`{name}` is empty and is skipped"));
    }
    let stores = Stores::to_write(&options.place.store);
    let writing = Writing {
        common,
        options: &options.write,
        stores: &stores,
        targets: &targets,
        conflicts: super::conflicts(options.overwrite),
        question: match writes.len() {
            1 => format!("Write 1 secret to {}?", targets.environment().name),
            count => format!("Write {count} secrets to {}?", targets.environment().name),
        },
    };
    let outcome = block_on(async {
        let store = stores.open(targets.environment(), &Progress::hidden())?;
        writing.carry_out(&store, writes).await
    })?;
    if outcome == Outcome::Done && !missing_lines.is_empty() && !common.quiet {
        let lines: Vec<_> = missing_lines.iter().map(|line| one_line(line)).collect();
        say(&format!(
            "lines for deploy.toml:\n  {}\n",
            lines.join("\n  ")
        ));
    }
    Ok(outcome)
}

/// Reads the file, and keeps the names of `--only`.
fn contents(common: &Common, options: &Options) -> Result<Contents, Failure> {
    let text = Zeroizing::new(read_text(&options.file, Input::Import)?);
    let format = match options.format {
        Some(ImportFormat::Dotenv) => Format::Dotenv,
        Some(ImportFormat::Json) => Format::Json,
        Some(ImportFormat::Compose) => Format::Compose { service: None },
        None => Format::of_path(&options.file)?,
    };
    let format = match format {
        Format::Compose { .. } => Format::Compose {
            service: options.service.clone(),
        },
        other => other,
    };
    let mut contents =
        Contents::parse(&text, &format).map_err(|error| error.in_file(&options.file))?;
    for entry in &contents.skipped {
        note(common, entry);
    }
    contents.keep(&options.only, &options.file)?;
    Ok(contents)
}
