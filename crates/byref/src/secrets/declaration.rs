//! Secrets that no line of `deploy.toml` declares: a misspelt name must not become a parameter in
//! every Region.
//!
//! The check is local: it looks into the configuration and not into the store. A parameter that
//! exists without a line is refused as well, since a deploy would never read it.

use std::path::{Path, PathBuf};

use byref_config::{App, Scope, derived_key, secret_line, with_secret_lines_written};

use super::target::{SecretName, Target, Targets};
use crate::error::Error;
use crate::project::closest;

/// The treatment of a secret that no line declares.
///
/// The first is the default of the command line. A full name is never refused: who writes
/// `/production/web/x` has not misspelt a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undeclared {
    /// It is an error that names the secret that was probably meant.
    Refuse,
    /// A line for it is added to the configuration.
    Declare,
    /// It is stored without a line.
    Store,
}

/// A secret to be written, and the line that must be added for it.
#[derive(Clone, Debug)]
pub enum Declared {
    /// The configuration is complete.
    Already(Target),
    /// The configuration needs this line first.
    With(NewLine),
}

/// A line that is added to a file of the configuration once its secret is stored.
///
/// The caller loads the configuration again as it will be ([`NewLine::path`], [`NewLine::after`]),
/// finds the secret in it with [`NewLine::target`], writes the secret, and then writes the file.
///
/// The order matters. If the file were written first and the store failed, the next deploy would
/// refer to a parameter that does not exist; the other way round a parameter is left that nothing
/// reads.
#[derive(Clone, Debug)]
pub struct NewLine {
    path: PathBuf,
    before: String,
    after: String,
    app: String,
    name: String,
    written: String,
}

impl Targets<'_> {
    /// Returns the secret with a name if a line of any application declares it or its name is a
    /// full name; else treats it as the caller says.
    ///
    /// # Errors
    ///
    /// As of [`Targets::find`]; [`Error::Request`] for a secret that is refused, and for a line
    /// that cannot be added.
    pub fn find_declared(
        &self,
        name: SecretName<'_>,
        undeclared: Undeclared,
    ) -> Result<Declared, Error> {
        let target = self.find(name)?;
        let is_declared = || target.line.is_some() || !self.lines_of(&target.name).is_empty();
        if name.is_full() || undeclared == Undeclared::Store || is_declared() {
            return Ok(Declared::Already(target));
        }
        match undeclared {
            Undeclared::Declare => Ok(Declared::With(NewLine::new(self, &target)?)),
            Undeclared::Refuse | Undeclared::Store => Err(self.undeclared(&target, name.text())),
        }
    }

    /// Returns the error for a secret that no line declares.
    ///
    /// A name that looks like a value is masked, unless it is close to a secret: it is often a
    /// value typed in the wrong place.
    fn undeclared(&self, target: &Target, typed: &str) -> Error {
        let meant = self.closest_secret(typed);
        // A value that was typed in place of the name must not be repeated.
        let is_shown = meant.is_some() || byref_judge::secret_reason("PASSWORD", typed).is_none();
        let name = if is_shown {
            target.name.as_str()
        } else {
            byref_parameter::MASK
        };
        let meant = meant
            .map(|meant| format!("did you mean `{meant}`? Otherwise "))
            .unwrap_or_default();
        Error::request(
            format!(
                "no line of deploy.toml declares this secret: it would become the new parameter `{name}` in {}",
                self.environment().name
            ),
            format!(
                "{meant}pass `--declare` to add a line for it to deploy.toml, or `--undeclared` to store it without one"
            ),
        )
    }

    /// Returns the name or key of the line that a text probably means: `db_pasword` means
    /// `DB_PASSWORD`.
    fn closest_secret(&self, typed: &str) -> Option<String> {
        let all = || self.project().config().apps.values().collect();
        let apps: Vec<&App> = self.app().map_or_else(all, |app| vec![app]);
        let mut known: Vec<&str> = Vec::new();
        for line in apps
            .iter()
            .flat_map(|app| app.secrets(Some(&self.environment().name)))
        {
            known.push(&line.name);
            if let byref_config::Target::Key { key, .. } = &line.target {
                known.push(key);
            }
        }
        let plain = |text: &str| derived_key(text).replace('.', "-");
        let plain_known: Vec<String> = known.iter().map(|name| plain(name)).collect();
        let meant = closest(&plain(typed), plain_known.iter().map(String::as_str))?;
        let index = plain_known.iter().position(|plain| plain == meant)?;
        Some(known[index].to_owned())
    }
}

impl NewLine {
    fn new(targets: &Targets<'_>, target: &Target) -> Result<Self, Error> {
        let app = targets.require_app()?;
        let (name, key) = name_and_key(target.key.as_deref().unwrap_or_default());
        if app.secrets(None).iter().any(|line| line.name == name) {
            return Err(Error::request(
                format!(
                    "`{name}` of `{}` is declared already, and refers to another parameter",
                    app.name
                ),
                format!("use `byref secret put {name}`, or correct its line"),
            ));
        }
        let written = secret_line(&name, &key, target.scope.unwrap_or(Scope::App));
        let source = targets.project().sources().get(app.location.source);
        let before = source.text().to_string();
        let after = with_secret_lines_written(&before, &app.name, std::slice::from_ref(&written));
        Ok(Self {
            path: PathBuf::from(source.name()),
            before,
            after,
            app: app.name.clone(),
            name,
            written,
        })
    }

    /// Returns the path of the file that gets the line.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the text of the file without the line: if the file has another text by now, it must
    /// not be written.
    pub fn before(&self) -> &str {
        &self.before
    }

    /// Returns the text of the file with the line.
    pub fn after(&self) -> &str {
        &self.after
    }

    /// Returns the change as text, in two lines.
    pub fn text(&self) -> String {
        format!(
            "{}: [apps.{}.secrets]\n+ {}\n",
            self.path.display(),
            self.app,
            self.written
        )
    }

    /// Returns the secret, from a configuration that has the line.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] if the configuration does not have it.
    pub fn target(&self, targets: &Targets<'_>) -> Result<Target, Error> {
        let app = targets.project().app(&self.app)?;
        let lines = app.secrets(Some(&targets.environment().name));
        match lines.into_iter().find(|line| line.name == self.name) {
            Some(line) => targets.of_line(app, line),
            None => Err(self.not_added("it is not read back")),
        }
    }

    /// Returns the error for a configuration that is not valid with the line, with the reason.
    /// Nothing has been written.
    pub fn not_added(&self, reason: &str) -> Error {
        Error::request(
            format!("cannot add a line to `{}`: {reason}", self.path.display()),
            self.by_hand(),
        )
    }

    /// Returns the error for a file that could not be written after the secret was stored, with the
    /// reason.
    pub fn not_written(&self, reason: &str) -> Error {
        Error::request(
            format!(
                "the secret is stored, but `{}` does not declare it: {reason}",
                self.path.display()
            ),
            self.by_hand(),
        )
    }

    fn by_hand(&self) -> String {
        format!(
            "add it yourself under `[apps.{}.secrets]`: {}",
            self.app, self.written
        )
    }
}

/// Returns the name of the environment variable and the key for a text that may be either.
///
/// `DB_PASSWORD` → `DB_PASSWORD`, `db-password`; `db-password` → the same two; `smtp.user` →
/// `SMTP_USER`, `smtp.user`.
fn name_and_key(typed: &str) -> (String, String) {
    let is_variable = typed
        .bytes()
        .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    if is_variable {
        (typed.to_owned(), derived_key(typed))
    } else {
        let is_replaced = |character: char| !character.is_ascii_alphanumeric();
        (
            typed.to_ascii_uppercase().replace(is_replaced, "_"),
            typed.to_owned(),
        )
    }
}
