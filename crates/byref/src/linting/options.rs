//! The options of a lint run.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use byref_files::{Input, Streams};
use byref_lint::{Finding, Level, RULES, Rule, rule};

use super::baseline::Baseline;
use super::files::{Kinds, LintFiles};
use super::known::ValueSearch;
use super::report::{LintReport, Nothing};
use super::run::Runner;
use super::waivers::ConfigWaivers;
use crate::error::Error;
use crate::project::{Project, closest, listed, read_bytes};

/// A function that reads the bytes of one file of a run.
pub type FileReader = Arc<dyn Fn(&Path) -> Result<Vec<u8>, Error> + Send + Sync>;

/// A lint run: many files or texts judged with the same options.
///
/// Every option has a default; each method that sets one returns the run, so that calls can be
/// chained. The run itself is [`LintRun::files`] or [`LintRun::texts`], which can be called any
/// number of times.
///
/// ```
/// use byref::linting::LintRun;
///
/// let run = LintRun::new("2026-12-01").except(&["weak-secret"])?;
/// let report = run.texts([("app.env", "LEVEL=info\n"), ("empty.yaml", "")]);
/// assert_eq!(report.summary(), "0 errors, 0 warnings in 1 text; 1 not read");
/// assert!(!report.is_clean());
/// # Ok::<(), byref::Error>(())
/// ```
#[derive(Clone)]
pub struct LintRun<'r> {
    pub(super) today: String,
    pub(super) project: Option<&'r Project>,
    pub(super) accounts: Vec<String>,
    pub(super) waivers: ConfigWaivers<'r>,
    pub(super) known: Option<&'r ValueSearch>,
    pub(super) baseline: Option<Baseline>,
    rules: Vec<&'static Rule>,
    least: Level,
    pub(super) kinds: Kinds,
    pub(super) named: Named,
    pub(super) nothing: Nothing,
    pub(super) excerpts: Excerpts,
    pub(super) reader: FileReader,
}

/// The treatment of named files and of texts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Named {
    /// They are judged whatever they are.
    #[default]
    Always,
    /// They are judged as if they had been found in a folder.
    AsFound,
}

/// Whether a report can show the lines of its findings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Excerpts {
    /// It shows them with every value masked.
    #[default]
    Masked,
    /// It shows places alone.
    Omitted,
}

impl<'r> LintRun<'r> {
    /// Returns a run with default options. `today` is the date on which waivers may have expired,
    /// such as `2026-12-01`.
    pub fn new(today: impl Into<String>) -> Self {
        Self {
            today: today.into(),
            project: None,
            accounts: Vec::new(),
            waivers: ConfigWaivers::default(),
            known: None,
            baseline: None,
            rules: RULES.to_vec(),
            least: Level::Warning,
            kinds: Kinds::default(),
            named: Named::default(),
            nothing: Nothing::default(),
            excerpts: Excerpts::default(),
            reader: Arc::new(|path| read_bytes(path, Input::Linted, Streams::Refuse)),
        }
    }

    /// Judges with a configuration: its declared secrets, its accounts, and its waivers.
    ///
    /// # Errors
    ///
    /// [`Error::Mistakes`] with all waivers that cannot be parsed.
    pub fn project(mut self, project: &'r Project) -> Result<Self, Error> {
        self.waivers = ConfigWaivers::of(project)?;
        self.accounts = project
            .config()
            .environments
            .values()
            .map(|one| one.account.to_string())
            .collect();
        self.project = Some(project);
        Ok(self)
    }

    /// Searches for stored values as well, in files of any kind and size.
    #[must_use]
    pub fn known(mut self, known: &'r ValueSearch) -> Self {
        self.known = Some(known);
        self
    }

    /// Removes the findings that a baseline accepts.
    #[must_use]
    pub fn baseline(mut self, baseline: Baseline) -> Self {
        self.baseline = Some(baseline);
        self
    }

    /// Judges by these rules only, or by all if none is named.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] for an id that no rule has.
    pub fn only(mut self, ids: &[impl AsRef<str>]) -> Result<Self, Error> {
        let rules = ids
            .iter()
            .map(|id| find_rule(id.as_ref()))
            .collect::<Result<Vec<_>, _>>()?;
        if !rules.is_empty() {
            self.rules
                .retain(|rule| rules.iter().any(|only| only.id == rule.id));
        }
        Ok(self)
    }

    /// Judges by all rules but these.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] for an id that no rule has, and if no rule is left: such a run would
    /// always be clean.
    pub fn except(mut self, ids: &[impl AsRef<str>]) -> Result<Self, Error> {
        let rules = ids
            .iter()
            .map(|id| find_rule(id.as_ref()))
            .collect::<Result<Vec<_>, _>>()?;
        self.rules
            .retain(|rule| rules.iter().all(|except| except.id != rule.id));
        if self.rules.is_empty() {
            return Err(Error::request(
                "`--except` leaves no rule to judge by",
                "leave one of the rules in",
            ));
        }
        Ok(self)
    }

    /// Reports findings of this level and above; [`Level::Warning`], which is all of them,
    /// otherwise.
    #[must_use]
    pub fn level(mut self, least: Level) -> Self {
        self.least = least;
        self
    }

    /// Judges every text, also those in folders that are not templates.
    #[must_use]
    pub fn all_text(mut self) -> Self {
        self.kinds = Kinds::All;
        self
    }

    /// Judges named files and texts as if they had been found in a folder: passes over those that
    /// are not templates.
    #[must_use]
    pub fn as_found(mut self) -> Self {
        self.named = Named::AsFound;
        self
    }

    /// Accepts that there is nothing to judge or to search for: [`LintReport::nothing_judged`] is
    /// no error, and neither is a named file that is empty.
    #[must_use]
    pub fn allow_empty(mut self) -> Self {
        self.nothing = Nothing::Normal;
        self
    }

    /// Leaves out the lines of findings, which [`Format::Text`](super::Format::Text) alone shows:
    /// it then shows places. Saves the time that it takes to find out which parts of a line to
    /// mask.
    #[must_use]
    pub fn without_excerpts(mut self) -> Self {
        self.excerpts = Excerpts::Omitted;
        self
    }

    /// Reads files with a function of the caller's, which is given `-` as well. The default reads
    /// regular files of up to 128 MiB.
    #[must_use]
    pub fn reader(mut self, reader: FileReader) -> Self {
        self.reader = reader;
        self
    }

    /// Judges files on all cores. A file that cannot be read does not stop the run: it is in
    /// [`LintReport::unread`].
    pub fn files(&self, files: &LintFiles) -> LintReport {
        Runner::for_files(self).files(files)
    }

    /// Judges texts, each with its name: a path relative to the folder of the configuration. Reads
    /// no file.
    ///
    /// Each text counts as named: it is judged line by line if it is not a template, and an empty
    /// one is in [`LintReport::unread`].
    pub fn texts<N, T>(&self, texts: impl IntoIterator<Item = (N, T)>) -> LintReport
    where
        N: Into<PathBuf>,
        T: Into<Arc<str>>,
    {
        let texts: Vec<(PathBuf, Arc<str>)> = texts
            .into_iter()
            .map(|(name, text)| (name.into(), text.into()))
            .collect();
        Runner::for_texts(self).texts(&texts)
    }

    /// Returns whether a finding is of a rule and a level that the run reports.
    pub(super) fn reports(&self, finding: &Finding) -> bool {
        finding.level >= self.least && self.rules.iter().any(|rule| rule.id == finding.rule.id)
    }
}

/// Returns the rule with this id.
///
/// # Errors
///
/// [`Error::Request`] with the rule that was probably meant.
pub fn find_rule(id: &str) -> Result<&'static Rule, Error> {
    rule(id).ok_or_else(|| {
        let meant = closest(id, RULES.iter().map(|rule| rule.id));
        let known = || listed(RULES.iter().map(|rule| rule.id.to_owned()));
        let help = meant.map_or_else(
            || format!("the rules are {}", known()),
            |meant| format!("did you mean `{meant}`?"),
        );
        Error::request("there is no such rule", help)
    })
}
