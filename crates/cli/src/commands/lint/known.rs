//! `--known`: the values of the store, searched for in files of any size.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::Path;

use byref_known::{Known, KnownHit, SHORTEST_KNOWN};
use byref_lint::{Finding, KNOWN_SECRET, Level};
use byref_parameter::{ParameterName, SecretValue};
use byref_store::ParameterStore as _;
use byref_template::{LineIndex, Span};
use futures_util::future::join_all;

use crate::args::{Common, Lint};
use crate::failure::Failure;
use crate::findings::{Located, Region};
use crate::output::note;
use crate::store::{Progress, Stores, block_on};
use byref::Project;

/// The values of the store, with the names of their parameters.
pub(super) struct KnownValues {
    known: Known,
    /// For every value: which parameter it is, and where.
    names: Vec<String>,
}

/// Reads all values that the configuration's environments can reach.
pub(super) fn read_known(common: &Common, options: &Lint, project: Option<&Project>) -> Result<KnownValues, Failure> {
    let Some(project) = project else {
        return Err(Failure::usage(
            "`--known` needs a configuration: it says where the secrets are",
            "write one with `byref init TEMPLATE`",
        ));
    };
    let environments: Vec<&str> = match &options.place.environment {
        Some(name) => vec![name.as_str()],
        None => project.config().environments.keys().map(String::as_str).collect(),
    };
    let stores = Stores::to_read(&options.place.store);
    let progress = Progress::new(common, None);
    let read = block_on(async {
        // One value under several names, or in several Regions, is searched for once.
        let mut values = Values::new();
        for environment in environments {
            let targets = options.place.targets_in(project, Some(environment))?;
            let store = stores.open(targets.environment(), &progress)?;
            for line in project
                .config()
                .apps
                .values()
                .flat_map(|app| app.secrets(Some(environment)).into_iter().map(move |line| (app, line)))
            {
                // Lines may name parameters of anywhere; those in Secrets Manager have no value here.
                let Ok(target) = targets.of_line(line.0, line.1) else { continue };
                for region in &target.regions {
                    for parameter in store.read(region, std::slice::from_ref(&target.name)).await? {
                        add(&mut values, parameter.found.name, environment, parameter.value);
                    }
                }
            }
            for path in targets.reachable_paths() {
                let asked = targets.regions().iter().map(|region| store.list_values(region, &path));
                for parameters in join_all(asked).await {
                    for parameter in parameters? {
                        add(&mut values, parameter.found.name, environment, parameter.value);
                    }
                }
            }
        }
        Ok(values)
    });
    progress.clear();
    let (names, values) = each_once(read?);
    let known = Known::new(&values);
    if known.too_short > 0 {
        note(
            common,
            &format!("{} values are shorter than {SHORTEST_KNOWN} bytes and are not searched for", known.too_short),
        );
    }
    Ok(KnownValues { known, names })
}

/// The values of parameters, by name and environment; in all Regions they should be the same.
type Values = BTreeMap<(ParameterName, String), Vec<SecretValue>>;

fn add(values: &mut Values, name: ParameterName, environment: &str, value: SecretValue) {
    let known = values.entry((name, environment.to_owned())).or_default();
    if !known.contains(&value) {
        known.push(value);
    }
}

/// Every value once, with the first name that has it.
fn each_once(read: Values) -> (Vec<String>, Vec<SecretValue>) {
    let found: Vec<(String, SecretValue)> = read
        .into_iter()
        .flat_map(|((name, _), values)| values.into_iter().map(move |value| (name.to_string(), value)))
        .collect();
    let mut order: Vec<usize> = (0..found.len()).collect();
    let value = |index: usize| found[index].1.expose();
    order.sort_by_key(|index| (value(*index), *index));
    order.dedup_by(|later, first| value(*later) == value(*first));
    order.sort_unstable();
    order.into_iter().map(|index| found[index].clone()).unzip()
}

impl KnownValues {
    /// How many different values are searched for.
    pub(super) fn count(&self) -> usize {
        self.names.len() - self.known.too_short
    }

    /// What of a text that is in memory is known, with places in it.
    pub(super) fn in_text(&self, text: &str) -> Vec<Finding> {
        let hits = self.known.search(text.as_bytes()).unwrap_or_default();
        let found = hits.iter().map(|hit| {
            let start = usize::try_from(hit.offset).unwrap_or(usize::MAX);
            self.finding(hit, Span::from(start..start + hit.length))
        });
        found.collect()
    }

    /// What of bytes that are in memory is known.
    pub(super) fn in_bytes(&self, bytes: &[u8]) -> Vec<Located> {
        let hits = self.known.search(bytes).unwrap_or_default();
        hits.iter().map(|hit| self.located(hit)).collect()
    }

    /// What of a file is known, which is read piece by piece, on all cores.
    pub(super) fn in_file(&self, path: &Path) -> Result<Vec<Located>, Failure> {
        let failed = |error: io::Error| Failure::file("read", path, &error);
        let file = File::open(path).map_err(failed)?;
        let length = file.metadata().map_err(failed)?.len();
        let hits = self.in_parts(&file, length).map_err(failed)?;
        Ok(hits.iter().map(|hit| self.located(hit)).collect())
    }

    #[cfg(unix)]
    fn in_parts(&self, file: &File, length: u64) -> io::Result<Vec<KnownHit>> {
        let parts = std::thread::available_parallelism().map_or(1, |count| count.get() as u64);
        let part = length.div_ceil(parts).max(1);
        let search = |index: u64| self.known.search_part(ReadAt { file, position: index * part }, part);
        let found: Vec<io::Result<(Vec<KnownHit>, u64)>> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..parts).map(|index| scope.spawn(move || search(index))).collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap_or_else(|_| Err(io::Error::other("a search has ended early"))))
                .collect()
        });
        let mut first: BTreeMap<usize, KnownHit> = BTreeMap::new();
        let mut lines = 0;
        for (index, found) in (0_u64..).zip(found) {
            let (hits, ended) = found?;
            for hit in hits {
                let hit = KnownHit { offset: hit.offset + index * part, line: hit.line + lines, ..hit };
                first.entry(hit.value).or_insert(hit);
            }
            lines += ended;
        }
        let mut hits: Vec<KnownHit> = first.into_values().collect();
        hits.sort_by_key(|hit| (hit.offset, hit.value));
        Ok(hits)
    }

    #[cfg(not(unix))]
    fn in_parts(&self, file: &File, _: u64) -> io::Result<Vec<KnownHit>> {
        self.known.search(file)
    }

    fn finding(&self, hit: &KnownHit, span: Span) -> Finding {
        let name = &self.names[hit.value];
        Finding {
            rule: &KNOWN_SECRET,
            level: Level::Error,
            span,
            path: String::new(),
            name: Some(name.clone()),
            message: format!("the value of `{name}` stands here {}", hit.form.describe()),
            help: "replace the secret, since others have seen it: `byref secret generate`".to_owned(),
        }
    }

    fn located(&self, hit: &KnownHit) -> Located {
        let line = usize::try_from(hit.line).unwrap_or(usize::MAX);
        let region = Region { line, column: hit.column, end_line: line, end_column: hit.column + hit.length };
        Located { finding: self.finding(hit, Span::default()), region, fingerprint: String::new() }
    }
}

/// Reads a file from a position on, without moving that of others.
#[cfg(unix)]
struct ReadAt<'f> {
    file: &'f File,
    position: u64,
}

#[cfg(unix)]
impl io::Read for ReadAt<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        use std::os::unix::fs::FileExt as _;
        let count = self.file.read_at(buffer, self.position)?;
        self.position += count as u64;
        Ok(count)
    }
}

/// Findings of the rules and of the store as one: what is known is said once, by its name.
pub(super) fn merged(findings: Vec<Finding>, known: Vec<Finding>) -> Vec<Finding> {
    let overlaps = |finding: &Finding| {
        known.iter().any(|known| known.span.start < finding.span.end && finding.span.start < known.span.end)
    };
    let mut all: Vec<Finding> = findings.into_iter().filter(|finding| !overlaps(finding)).collect();
    all.extend(known);
    all.sort_by_key(|finding| finding.span);
    all
}

/// Findings with their places in the lines of the text.
pub(super) fn placed(findings: Vec<Finding>, text: &str) -> Vec<Located> {
    let lines = LineIndex::new(text);
    findings
        .into_iter()
        .map(|finding| Located { region: Region::of(&lines, text, finding.span), finding, fingerprint: String::new() })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_under_several_names_is_searched_for_once() {
        let mut read = Values::new();
        for (name, value) in [("/a", "EXAMPLE-2"), ("/b", "EXAMPLE-1"), ("/c", "EXAMPLE-2"), ("/d", "EXAMPLE-1")] {
            add(&mut read, name.parse().unwrap(), "production", SecretValue::new(value.to_owned()));
        }
        let (names, values) = each_once(read);
        assert_eq!(names, ["/a", "/b"]);
        assert_eq!(values.iter().map(SecretValue::expose).collect::<Vec<_>>(), ["EXAMPLE-2", "EXAMPLE-1"]);
    }
}
