//! `byref secret export`

use std::fmt::Write as _;
use std::path::Path;

use byref_files::is_stream;
use byref_parameter::SecretValue;
use byref_store::StoreError;

use super::get::refuse_terminal;
use crate::args::Common;
use crate::args::secret::{Export, ExportFormat};
use crate::failure::{Failure, Outcome};
use crate::output::{note, write_bytes};
use crate::store::{Progress, Stores, Targets, block_on, line_values};
use crate::write::{Policy, write};

pub(crate) fn run(common: &Common, options: &Export) -> Result<Outcome, Failure> {
    match &options.output {
        None => refuse_terminal(options.reveal)?,
        Some(path) if path.as_os_str() == "-" || path.as_os_str() == "/dev/stdout" => refuse_terminal(options.reveal)?,
        Some(path) if is_stream(path) && !path.starts_with("/dev/fd") && !options.reveal => return Err(no_file(path)),
        Some(_) => {}
    }
    let project = crate::project::load(common)?;
    let targets = Targets::new(&project, &options.place)?;
    let app = targets.require_app()?;
    let stores = Stores::to_read(&options.place.store);
    let (lines, elsewhere) = block_on(async {
        let store = stores.open(targets.environment, &Progress::hidden())?;
        line_values(&store, &targets, app).await
    })?;
    for name in elsewhere {
        note(common, &format!("`{name}` is kept in Secrets Manager and is left out"));
    }
    let mut secrets = Vec::new();
    for line in lines {
        let region = line.target.regions[0].clone();
        let value = line.value.ok_or(StoreError::NotFound { name: line.target.name, region })?;
        secrets.push((line.name, value));
    }
    let text = match options.format {
        ExportFormat::Dotenv => dotenv(&secrets),
        ExportFormat::Json => as_json(&secrets),
        ExportFormat::Shell => shell(&secrets),
    };
    match &options.output {
        Some(path) if path.as_os_str() != "-" => write(path, &text, Policy::Secret)?,
        _ => write_bytes(&text)?,
    }
    Ok(Outcome::Done)
}

fn no_file(path: &Path) -> Failure {
    Failure::usage(
        format!("`{}` is not a file, and the values would be shown", path.display()),
        "write to a file (only its owner may read it), or pass `--reveal`",
    )
}

type Secrets = [(String, SecretValue)];

/// `NAME="value"`, with `\`, `"`, `$`, back-ticks and line breaks escaped: what dotenv readers and this program's
/// `import` read back as the same value.
fn dotenv(secrets: &Secrets) -> String {
    let mut text = String::new();
    for (name, value) in secrets {
        let mut quoted = String::new();
        for character in value.expose().chars() {
            match character {
                '\\' | '"' | '$' | '`' => quoted.extend(['\\', character]),
                '\n' => quoted.push_str("\\n"),
                '\r' => quoted.push_str("\\r"),
                '\t' => quoted.push_str("\\t"),
                _ => quoted.push(character),
            }
        }
        let _ = writeln!(text, "{name}=\"{quoted}\"");
    }
    text
}

/// One object, in the order of the lines.
fn as_json(secrets: &Secrets) -> String {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let pairs: Vec<String> =
        secrets.iter().map(|(name, value)| format!("  {}: {}", quoted(name), quoted(value.expose()))).collect();
    if pairs.is_empty() { "{}\n".to_owned() } else { format!("{{\n{}\n}}\n", pairs.join(",\n")) }
}

/// `export NAME='value'`: between single quotes a shell changes nothing.
fn shell(secrets: &Secrets) -> String {
    let mut text = String::new();
    for (name, value) in secrets {
        let _ = writeln!(text, "export {name}='{}'", value.expose().replace('\'', "'\\''"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets() -> Vec<(String, SecretValue)> {
        let value = "a'b\"c$d\\e`f\ng".to_owned();
        vec![("A".to_owned(), SecretValue::new(value)), ("B".to_owned(), SecretValue::new("x".to_owned()))]
    }

    #[test]
    fn every_form_keeps_the_value() {
        assert_eq!(dotenv(&secrets()), "A=\"a'b\\\"c\\$d\\\\e\\`f\\ng\"\nB=\"x\"\n");
        assert_eq!(shell(&secrets()), "export A='a'\\''b\"c$d\\e`f\ng'\nexport B='x'\n");
        let json: serde_json::Value = serde_json::from_str(&as_json(&secrets())).unwrap();
        assert_eq!(json["A"], "a'b\"c$d\\e`f\ng");
        assert_eq!(as_json(&[]), "{}\n");
    }

    #[cfg(unix)]
    #[test]
    fn a_shell_reads_it_back() {
        let script = shell(&secrets()) + "printf %s \"$A\"";
        let output = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
        assert_eq!(output.stdout, secrets()[0].1.expose().as_bytes());
    }
}
