//! The destination of rewritten templates.

use std::path::{Component, Path, PathBuf};

use byref_files::{MissingFolders, Output as File, Policy, Transaction, is_stream};
use byref_rewrite::Document;
use byref_template::Template;

use crate::args::Rewrite;
use crate::failure::Failure;
use crate::output::write_bytes;
use crate::write::{commit, is_same_file, is_stdout, recover_in};
use byref::Project;
use byref::Rewritten;
use byref_files::folder_of;

/// A rewritten template, on its way to a file.
pub(super) struct Output<'r> {
    before: &'r str,
    text: &'r str,
    is_changed: bool,
    content: Content,
}

/// The content of a rewritten template.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Content {
    /// Nothing that its source did not have.
    NoValues,
    /// Values from the store, which readers of the source may not see.
    Values,
}

pub(super) fn outputs<'r>(documents: &'r [Document], rewritten: &'r Rewritten) -> Vec<Output<'r>> {
    let output = |(index, template): (usize, &'r Template)| {
        let (before, text) = (documents[index].template.text(), template.text());
        let content = if rewritten.plan.carries_values_in(index) {
            Content::Values
        } else {
            Content::NoValues
        };
        Output {
            before,
            text,
            is_changed: before != text,
            content,
        }
    };
    rewritten.outputs.iter().enumerate().map(output).collect()
}

/// The destination of the templates of a run.
pub(super) enum Destination {
    /// Nowhere: byref only reports the templates that would change.
    Nowhere,
    StandardOutput,
    /// Files, one for each template.
    Files(Vec<Target>),
}

/// A file that is written.
pub(super) struct Target {
    path: PathBuf,
    /// The option that leads there.
    option: &'static str,
    /// `true` if it is a template that the configuration or the command line names, by any path.
    is_source: bool,
    folders: MissingFolders,
}

impl Destination {
    /// Finds the destination before the work begins.
    pub(super) fn new(
        project: &Project,
        options: &Rewrite,
        paths: &[PathBuf],
    ) -> Result<Self, Failure> {
        check_inputs(options, paths)?;
        let none = MissingFolders::Refuse;
        let files: Vec<(PathBuf, &'static str, MissingFolders)> =
            match (&options.output_dir, &options.output) {
                _ if options.check => return Ok(Self::Nowhere),
                _ if options.in_place => paths
                    .iter()
                    .map(|path| (path.clone(), "--in-place", none.clone()))
                    .collect(),
                (Some(folder), _) => {
                    let below = MissingFolders::MakeBelow(folder.clone());
                    let targets = targets(project, folder, paths)?;
                    targets
                        .into_iter()
                        .map(|path| (path, "--output-dir", below.clone()))
                        .collect()
                }
                (None, Some(path)) if !is_stdout(path) => vec![(path.clone(), "-o", none)],
                _ => return Ok(Self::StandardOutput),
            };
        let sources = sources(project, paths);
        let target = |(path, option, folders): (PathBuf, _, _)| Target {
            is_source: option == "--in-place"
                || sources.iter().any(|source| is_same_file(source, &path)),
            path,
            option,
            folders,
        };
        Ok(Self::Files(files.into_iter().map(target).collect()))
    }

    /// The option that writes into a source, if one does.
    pub(super) fn option_that_writes_a_source(&self) -> Option<&'static str> {
        match self {
            Destination::Files(targets) => targets
                .iter()
                .find(|target| target.is_source)
                .map(|target| target.option),
            Destination::Nowhere | Destination::StandardOutput => None,
        }
    }

    /// Undoes unfinished replacements of an earlier run in the folders that this one writes to.
    /// Returns whether files have changed.
    pub(super) fn recover(&self, project: &Project, paths: &[PathBuf]) -> Result<bool, Failure> {
        let Destination::Files(targets) = self else {
            return Ok(false);
        };
        let files = targets
            .iter()
            .map(|target| &target.path)
            .chain(paths)
            .filter(|path| path.as_os_str() != "-");
        recover_in(
            files
                .map(|path| folder_of(path))
                .chain([project.folder().to_owned()]),
        )
    }

    /// Writes all templates, or none.
    pub(super) fn write(
        &self,
        options: &Rewrite,
        paths: &[PathBuf],
        outputs: &[Output<'_>],
    ) -> Result<(), Failure> {
        let targets = match self {
            Destination::Nowhere => return Ok(()),
            Destination::StandardOutput => {
                return outputs.iter().try_for_each(|output| print(options, output));
            }
            Destination::Files(targets) => targets,
        };
        let mut files = Vec::new();
        for ((target, output), path) in targets.iter().zip(outputs).zip(paths) {
            check_values(options, target, output)?;
            if target.is_source && !output.is_changed {
                continue;
            }
            let is_own_source = target.is_source && is_same_file(path, &target.path);
            files.push(File {
                path: target.path.clone(),
                content: output.text.as_bytes().to_vec(),
                policy: match output.content {
                    Content::Values => Policy::Secret,
                    Content::NoValues if target.option == "--in-place" => Policy::Source,
                    Content::NoValues => Policy::Output,
                },
                before: is_own_source.then(|| output.before.as_bytes().to_vec()),
                folders: target.folders.clone(),
            });
        }
        commit(Transaction::prepare(&files)?, "")
    }
}

/// Returns an error for an unreadable template, or one without a destination.
fn check_inputs(options: &Rewrite, paths: &[PathBuf]) -> Result<(), Failure> {
    let reads_stdin = paths.iter().filter(|path| path.as_os_str() == "-").count();
    if reads_stdin > 1 {
        return Err(Failure::usage(
            "standard input can be read only once",
            "name `-` once",
        ));
    }
    if reads_stdin > 0 && (options.in_place || options.output_dir.is_some()) {
        return Err(Failure::usage(
            "standard input cannot be written",
            "write to standard output, or to a file with `-o`",
        ));
    }
    let single = !options.in_place && !options.check && options.output_dir.is_none();
    if single && paths.len() > 1 {
        return Err(Failure::usage(
            format!("{} templates and one output", paths.len()),
            "write them with `--in-place` or `--output-dir DIR`, or name one template",
        ));
    }
    Ok(())
}

/// The templates that the run reads, and those of all applications.
fn sources(project: &Project, paths: &[PathBuf]) -> Vec<PathBuf> {
    let apps = project.config().apps.values();
    let listed = apps.flat_map(|app| {
        app.templates
            .iter()
            .map(|template| project.folder().join(&template.path))
    });
    paths.iter().cloned().chain(listed).collect()
}

/// In CI, standard output is a log.
fn print(options: &Rewrite, output: &Output<'_>) -> Result<(), Failure> {
    if output.content == Content::Values && !options.reveal {
        return Err(Failure::usage(
            "the template would carry secret values from the store, and standard output may be a log",
            "write to a file with `-o FILE` (only its owner may read it), or pass `--reveal`",
        ));
    }
    write_bytes(output.text)
}

/// Refuses to write values into a source, and without `--reveal` to anything but a file.
fn check_values(options: &Rewrite, target: &Target, output: &Output<'_>) -> Result<(), Failure> {
    let path = target.path.display();
    if output.content == Content::NoValues {
        return Ok(());
    }
    if target.is_source && output.is_changed {
        return Err(Failure::usage(
            format!("`{path}` is a source, and this would write secret values into it"),
            "write to another file with `-o FILE` (only its owner may read it), or deploy by reference",
        ));
    }
    if is_stream(&target.path) && !options.reveal {
        return Err(Failure::usage(
            format!(
                "`{path}` is no file, and the template would carry secret values from the store"
            ),
            "write to a file (only its owner may read it), or pass `--reveal`",
        ));
    }
    Ok(())
}

/// Returns the path of each template in a folder: its path from the configuration's folder, or its
/// file name where it lies elsewhere.
fn targets(project: &Project, folder: &Path, paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let base = fs_err::canonicalize(if project.folder().as_os_str().is_empty() {
        Path::new(".")
    } else {
        project.folder()
    })
    .unwrap_or_default();
    let mut targets: Vec<PathBuf> = Vec::new();
    for path in paths {
        let whole = fs_err::canonicalize(path).unwrap_or_else(|_| path.clone());
        let relative = whole.strip_prefix(&base).ok().filter(|relative| {
            relative
                .components()
                .all(|part| matches!(part, Component::Normal(_)))
        });
        let target = match relative {
            Some(relative) => folder.join(relative),
            None => folder.join(path.file_name().unwrap_or_default()),
        };
        if targets.contains(&target) {
            return Err(Failure::usage(
                format!("two templates would be written to `{}`", target.display()),
                "rewrite them in two runs",
            ));
        }
        targets.push(target);
    }
    Ok(targets)
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::args::{Arguments, Command};

    fn options(arguments: &str) -> Rewrite {
        let parsed = Arguments::parse_from(format!("byref rewrite {arguments}").split_whitespace());
        let Command::Rewrite(options) = parsed.command else {
            unreachable!("it is `rewrite`")
        };
        options.0
    }

    fn output(content: Content) -> Output<'static> {
        Output {
            before: "x",
            text: "",
            is_changed: true,
            content,
        }
    }

    #[test]
    fn values_go_to_standard_output_only_where_it_is_said() {
        assert!(print(&options(""), &output(Content::Values)).is_err());
        assert!(print(&options("--reveal"), &output(Content::Values)).is_ok());
        assert!(print(&options(""), &output(Content::NoValues)).is_ok());
    }

    #[test]
    fn values_go_into_no_source_and_no_device() {
        let check = |arguments: &str, path: &str, is_source: bool| {
            let target = Target {
                path: PathBuf::from(path),
                option: "-o",
                is_source,
                folders: MissingFolders::Refuse,
            };
            check_values(&options(arguments), &target, &output(Content::Values)).is_ok()
        };
        assert!(
            !check("--in-place", "source.yaml", true)
                && !check("-o x --reveal", "source.yaml", true)
        );
        assert!(check("-o x", "new.yaml", false));
        #[cfg(unix)]
        for stream in ["/dev/null", "/dev/stderr", "/dev/fd/2", "/proc/self/fd/2"] {
            assert!(
                !check("-o x", stream, false) && check("-o x --reveal", stream, false),
                "{stream}"
            );
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_source_is_one_under_every_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("source.yaml"), "x").unwrap();
        std::fs::create_dir(path("sub")).unwrap();
        std::os::unix::fs::symlink("source.yaml", path("link.yaml")).unwrap();
        std::fs::hard_link(path("source.yaml"), path("second.yaml")).unwrap();
        for name in [
            "source.yaml",
            "./source.yaml",
            "sub/../source.yaml",
            "link.yaml",
            "second.yaml",
        ] {
            assert!(is_same_file(&path("source.yaml"), &path(name)), "{name}");
        }
        assert!(!is_same_file(&path("source.yaml"), &path("new.yaml")));
    }
}
