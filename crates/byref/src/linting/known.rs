//! The values of a store, searched for in files of any kind and size.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::Path;

use byref_config::{Environment, Reference};
use byref_known::{Known, KnownHit};
use byref_lint::{Finding, KNOWN_SECRET, Level};
use byref_parameter::{ParameterName, Region, SecretValue};
use byref_store::ParameterStore;
use byref_template::Span;
use futures_util::future::join_all;

use super::lines::LineRange;
use crate::error::Error;
use crate::project::Project;

/// The values of a store, collected from any number of environments and Regions before a
/// [`ValueSearch`] is made of them.
///
/// A value is searched for once, however many parameters have it, and is reported by the name of
/// the first of them in alphabetical order.
#[derive(Default)]
pub struct StoredValues(BTreeMap<(ParameterName, String), Vec<SecretValue>>);

impl StoredValues {
    /// Returns an empty collection.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the value of a parameter. The same value in several Regions counts once.
    pub fn add(&mut self, name: ParameterName, environment: &str, value: SecretValue) {
        let known = self.0.entry((name, environment.to_owned())).or_default();
        if !known.contains(&value) {
            known.push(value);
        }
    }

    /// Reads all values that an environment can reach in these Regions: those of all secret lines
    /// of all applications, and all parameters below `paths`. A line with an ARN of its own is read
    /// in the Region of that ARN; secrets of Secrets Manager are not in the store and are skipped.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] with the first error of the store.
    pub async fn read(
        &mut self,
        store: &impl ParameterStore,
        project: &Project,
        environment: &Environment,
        regions: &[Region],
        paths: &[ParameterName],
    ) -> Result<(), Error> {
        for app in project.config().apps.values() {
            for line in app.secrets(Some(&environment.name)) {
                let (name, regions) = match project.config().reference(app, environment, line) {
                    Ok(Reference::Parameter(name, _)) => (name, regions.to_vec()),
                    Ok(Reference::Arn(arn)) => (arn.name, vec![arn.region]),
                    Ok(Reference::SecretsManager(_)) | Err(_) => continue,
                };
                for region in &regions {
                    for parameter in store.read(region, std::slice::from_ref(&name)).await? {
                        self.add(parameter.found.name, &environment.name, parameter.value);
                    }
                }
            }
        }
        for path in paths {
            let lists = regions.iter().map(|region| store.list_values(region, path));
            for parameters in join_all(lists).await {
                for parameter in parameters? {
                    self.add(parameter.found.name, &environment.name, parameter.value);
                }
            }
        }
        Ok(())
    }

    /// Returns every value once, with the first name that has it.
    fn each_once(self) -> (Vec<String>, Vec<SecretValue>) {
        let of_name = |((name, _), values): ((ParameterName, String), Vec<SecretValue>)| {
            values
                .into_iter()
                .map(move |value| (name.to_string(), value))
        };
        let found: Vec<(String, SecretValue)> = self.0.into_iter().flat_map(of_name).collect();
        let mut order: Vec<usize> = (0..found.len()).collect();
        let value = |index: usize| found[index].1.expose();
        order.sort_by_key(|index| (value(*index), *index));
        order.dedup_by(|later, first| value(*later) == value(*first));
        order.sort_unstable();
        order.into_iter().map(|index| found[index].clone()).unzip()
    }
}

/// The values of a store, prepared for a search in files of any kind and size, as plaintext and in
/// common encodings.
///
/// ```
/// use byref::linting::{LintRun, StoredValues};
/// use byref::SecretValue;
///
/// let mut values = StoredValues::new();
/// values.add("/production/web/db-password".parse()?, "production", SecretValue::new("EXAMPLE-stored".to_owned()));
/// let search = values.into_search();
/// let report = LintRun::new("2026-12-01").known(&search).texts([("access.log", "GET /?p=EXAMPLE-stored\n")]);
/// assert_eq!(report.stored_values_found(), 1);
/// # Ok::<(), byref::parameter::NameError>(())
/// ```
#[derive(Debug)]
pub struct ValueSearch {
    known: Known,
    /// The name of the parameter of every value.
    names: Vec<String>,
}

impl StoredValues {
    /// Returns the search for these values.
    pub fn into_search(self) -> ValueSearch {
        let (names, values) = self.each_once();
        ValueSearch {
            known: Known::new(&values),
            names,
        }
    }
}

impl ValueSearch {
    /// Returns the number of different values that are searched for.
    pub fn count(&self) -> usize {
        self.names.len() - self.known.too_short
    }

    /// Returns the number of values that are not searched for because they are shorter than
    /// [`SHORTEST_KNOWN`](byref_known::SHORTEST_KNOWN) bytes.
    pub fn too_short(&self) -> usize {
        self.known.too_short
    }

    /// Adds the stored values in a text to the findings of rules. A finding that overlaps a stored
    /// value is dropped: the value is reported once, by its name.
    pub(super) fn merged(&self, text: &str, findings: Vec<Finding>) -> Vec<Finding> {
        let hits = self.known.search(text.as_bytes()).unwrap_or_default();
        let known: Vec<Finding> = hits
            .iter()
            .map(|hit| {
                let start = usize::try_from(hit.offset).unwrap_or(usize::MAX);
                self.finding(hit, Span::from(start..start + hit.length))
            })
            .collect();
        let overlaps = |finding: &Finding| {
            known.iter().any(|known| {
                known.span.start < finding.span.end && finding.span.start < known.span.end
            })
        };
        let mut all: Vec<Finding> = findings
            .into_iter()
            .filter(|finding| !overlaps(finding))
            .collect();
        all.extend(known);
        all.sort_by_key(|finding| finding.span);
        all
    }

    /// Returns the stored values in bytes of any kind, with places in bytes: a binary file has no
    /// characters to count.
    pub(super) fn in_bytes(&self, bytes: &[u8]) -> Vec<(Finding, LineRange)> {
        let hits = self.known.search(bytes).unwrap_or_default();
        hits.iter().map(|hit| self.located(hit)).collect()
    }

    /// Returns the stored values in a file, which is read piece by piece on all cores: memory does
    /// not grow with the file.
    ///
    /// # Errors
    ///
    /// [`Error::File`].
    pub(super) fn in_file(&self, path: &Path) -> Result<Vec<(Finding, LineRange)>, Error> {
        let failed = |error: io::Error| Error::file("read", path, &error);
        let file = File::open(path).map_err(failed)?;
        let length = file.metadata().map_err(failed)?.len();
        let hits = self.in_parts(&file, length).map_err(failed)?;
        Ok(hits.iter().map(|hit| self.located(hit)).collect())
    }

    /// Searches parts of the file in parallel. A value that crosses a border belongs to the part
    /// that it begins in; of several places of a value the first counts, as in a search from start
    /// to end.
    #[cfg(unix)]
    fn in_parts(&self, file: &File, length: u64) -> io::Result<Vec<KnownHit>> {
        let parts = std::thread::available_parallelism().map_or(1, |count| count.get() as u64);
        let part = length.div_ceil(parts).max(1);
        let search = |index: u64| {
            self.known.search_part(
                ReadAt {
                    file,
                    position: index * part,
                },
                part,
            )
        };
        let found: Vec<io::Result<(Vec<KnownHit>, u64)>> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..parts)
                .map(|index| scope.spawn(move || search(index)))
                .collect();
            threads
                .into_iter()
                .map(|thread| {
                    thread
                        .join()
                        .unwrap_or_else(|_| Err(io::Error::other("a search has ended early")))
                })
                .collect()
        });
        let mut first: BTreeMap<usize, KnownHit> = BTreeMap::new();
        let mut lines = 0;
        for (index, found) in (0_u64..).zip(found) {
            let (hits, ended) = found?;
            for hit in hits {
                let hit = KnownHit {
                    offset: hit.offset + index * part,
                    line: hit.line + lines,
                    ..hit
                };
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

    /// Returns the finding of a hit, which names the parameter and not the value.
    fn finding(&self, hit: &KnownHit, span: Span) -> Finding {
        let name = &self.names[hit.value];
        Finding {
            rule: &KNOWN_SECRET,
            level: Level::Error,
            span,
            path: String::new(),
            name: Some(name.clone()),
            message: format!("the value of `{name}` stands here {}", hit.form.describe()),
            help: "replace the secret, since others have seen it: `byref secret generate`"
                .to_owned(),
        }
    }

    /// Returns the finding of a hit outside of a text, with the place that the search counted.
    fn located(&self, hit: &KnownHit) -> (Finding, LineRange) {
        let line = usize::try_from(hit.line).unwrap_or(usize::MAX);
        let end_column = hit.column + hit.length;
        let lines = LineRange {
            line,
            column: hit.column,
            end_line: line,
            end_column,
        };
        (self.finding(hit, Span::default()), lines)
    }
}

/// A reader of a file from a position on, which does not move the position of others.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_under_several_names_is_searched_for_once() {
        let mut read = StoredValues::new();
        for (name, value) in [
            ("/a", "EXAMPLE-2"),
            ("/b", "EXAMPLE-1"),
            ("/c", "EXAMPLE-2"),
            ("/d", "EXAMPLE-1"),
        ] {
            read.add(
                name.parse().unwrap(),
                "production",
                SecretValue::new(value.to_owned()),
            );
        }
        let (names, values) = read.each_once();
        assert_eq!(names, ["/a", "/b"]);
        assert_eq!(
            values.iter().map(SecretValue::expose).collect::<Vec<_>>(),
            ["EXAMPLE-2", "EXAMPLE-1"]
        );
    }
}
