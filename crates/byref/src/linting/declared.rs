//! The secrets that a configuration declares for a template.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use byref_config::App;
use byref_lint::Declared;

use crate::project::Project;

/// The declared names of all applications, with the templates that each lists.
#[derive(Default)]
pub(super) struct DeclaredSecrets {
    apps: Vec<AppSecrets>,
}

struct AppSecrets {
    /// The paths of its templates; none for an application whose names count for every template.
    templates: Option<Vec<PathBuf>>,
    declared: Vec<Declared>,
}

impl DeclaredSecrets {
    /// Returns the declared names, for templates that are files: the same path in another notation
    /// is the same template.
    pub(super) fn for_files(project: Option<&Project>) -> Self {
        Self::new(project, |project, template| {
            fs_err::canonicalize(project.folder().join(template)).ok()
        })
    }

    /// Returns the declared names, for templates that are known by their names in the configuration
    /// alone.
    pub(super) fn for_texts(project: Option<&Project>) -> Self {
        Self::new(project, |_, template| Some(template.to_owned()))
    }

    fn new(project: Option<&Project>, path: impl Fn(&Project, &Path) -> Option<PathBuf>) -> Self {
        let Some(project) = project else {
            return Self::default();
        };
        let app = |app: &App| AppSecrets {
            templates: (!app.templates.is_empty()).then(|| {
                app.templates
                    .iter()
                    .filter_map(|template| path(project, template.path.as_ref()))
                    .collect()
            }),
            declared: declared(project, app),
        };
        Self {
            apps: project.config().apps.values().map(app).collect(),
        }
    }

    /// Returns the names that are declared for a template: those of the applications that list it,
    /// or that list none. The paths of [`DeclaredSecrets::for_files`] are canonical.
    pub(super) fn of(&self, template: Option<&Path>) -> Vec<Declared> {
        let is_listed = |paths: &Vec<PathBuf>| {
            template.is_some_and(|template| paths.iter().any(|path| path == template))
        };
        let apps = self
            .apps
            .iter()
            .filter(|app| app.templates.as_ref().is_none_or(is_listed));
        apps.flat_map(|app| app.declared.iter().cloned()).collect()
    }

    /// Returns whether no name is declared for any template.
    pub(super) fn is_empty(&self) -> bool {
        self.apps.iter().all(|app| app.declared.is_empty())
    }
}

/// Returns the names that an application declares in any environment, each once.
fn declared(project: &Project, app: &App) -> Vec<Declared> {
    let environments = project
        .config()
        .environments
        .keys()
        .map(|name| Some(name.as_str()));
    let lines = std::iter::once(None)
        .chain(environments)
        .flat_map(|environment| app.secrets(environment));
    let mut seen = BTreeSet::new();
    lines
        .filter(|line| seen.insert(line.name.as_str()))
        .map(|line| Declared {
            name: line.name.clone(),
            app: app.name.clone(),
        })
        .collect()
}
