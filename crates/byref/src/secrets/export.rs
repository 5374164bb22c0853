//! Names and values as text: dotenv, JSON, shell.
//!
//! ```
//! use byref::SecretValue;
//! use byref::secrets::export::{Format, export};
//!
//! let secrets = [("GREETING".to_owned(), SecretValue::new("it's $5".to_owned()))];
//! assert_eq!(export(&secrets, Format::Dotenv), "GREETING=\"it's \\$5\"\n");
//! assert_eq!(export(&secrets, Format::Shell), "export GREETING='it'\\''s $5'\n");
//! ```

use std::fmt::Write as _;

use byref_parameter::SecretValue;

/// The format of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `NAME="value"` lines.
    Dotenv,
    /// One object of names and values.
    Json,
    /// `export NAME='value'` lines.
    Shell,
}

/// Returns names and values as text, in their order. The text contains the values;
/// [`import`](super::import) and a shell read them back unchanged.
pub fn export(secrets: &[(String, SecretValue)], format: Format) -> String {
    match format {
        Format::Dotenv => dotenv(secrets),
        Format::Json => json(secrets),
        Format::Shell => shell(secrets),
    }
}

/// Escapes `\`, `"`, `$`, back-ticks and line breaks, as dotenv readers expect between double
/// quotes.
fn dotenv(secrets: &[(String, SecretValue)]) -> String {
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

/// Writes one object, in the order of the list.
fn json(secrets: &[(String, SecretValue)]) -> String {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let pairs: Vec<String> = secrets
        .iter()
        .map(|(name, value)| format!("  {}: {}", quoted(name), quoted(value.expose())))
        .collect();
    if pairs.is_empty() {
        "{}\n".to_owned()
    } else {
        format!("{{\n{}\n}}\n", pairs.join(",\n"))
    }
}

/// Writes values between single quotes, where a shell changes nothing.
fn shell(secrets: &[(String, SecretValue)]) -> String {
    let mut text = String::new();
    for (name, value) in secrets {
        let _ = writeln!(
            text,
            "export {name}='{}'",
            value.expose().replace('\'', "'\\''")
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::import::{self, Contents};

    fn secrets() -> Vec<(String, SecretValue)> {
        let value = "a'b\"c$d\\e`f\ng".to_owned();
        vec![
            ("A".to_owned(), SecretValue::new(value)),
            ("B".to_owned(), SecretValue::new("x".to_owned())),
        ]
    }

    #[test]
    fn every_format_keeps_the_value() {
        assert_eq!(
            export(&secrets(), Format::Dotenv),
            "A=\"a'b\\\"c\\$d\\\\e\\`f\\ng\"\nB=\"x\"\n"
        );
        assert_eq!(
            export(&secrets(), Format::Shell),
            "export A='a'\\''b\"c$d\\e`f\ng'\nexport B='x'\n"
        );
        let json: serde_json::Value =
            serde_json::from_str(&export(&secrets(), Format::Json)).unwrap();
        assert_eq!(json["A"], "a'b\"c$d\\e`f\ng");
        assert_eq!(export(&[], Format::Json), "{}\n");
    }

    #[test]
    fn import_reads_an_export_back() {
        for (written, read) in [
            (Format::Dotenv, import::Format::Dotenv),
            (Format::Json, import::Format::Json),
        ] {
            let contents = Contents::parse(&export(&secrets(), written), &read).unwrap();
            let pairs: Vec<_> = contents
                .secrets
                .into_iter()
                .map(|secret| (secret.name, secret.value))
                .collect();
            assert_eq!(pairs, secrets(), "{written:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_shell_reads_an_export_back() {
        let script = export(&secrets(), Format::Shell) + "printf %s \"$A\"";
        let output = std::process::Command::new("sh")
            .args(["-c", &script])
            .output()
            .unwrap();
        assert_eq!(output.stdout, secrets()[0].1.expose().as_bytes());
    }
}
