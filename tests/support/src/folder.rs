use std::path::{Path, PathBuf};

/// A temporary folder, removed when it is dropped.
#[derive(Debug)]
pub struct Folder(tempfile::TempDir);

/// Makes a folder with these files, as pairs of a relative path and a text.
///
/// # Panics
///
/// The folder cannot be written.
pub fn folder(files: &[(&str, &str)]) -> Folder {
    let folder = Folder(tempfile::tempdir().unwrap());
    for (name, text) in files {
        folder.write(name, text);
    }
    folder
}

impl Folder {
    /// Returns the absolute path.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Returns the absolute path of a file in the folder.
    pub fn join(&self, name: impl AsRef<Path>) -> PathBuf {
        self.path().join(name)
    }

    /// Reads a file as text.
    ///
    /// # Panics
    ///
    /// The file does not exist or is not UTF-8.
    pub fn read(&self, name: impl AsRef<Path>) -> String {
        std::fs::read_to_string(self.join(name)).unwrap()
    }

    /// Writes a file, and makes the folders above it.
    ///
    /// # Panics
    ///
    /// The file cannot be written.
    pub fn write(&self, name: impl AsRef<Path>, content: impl AsRef<[u8]>) {
        let path = self.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    /// Returns the names of everything directly in the folder, sorted.
    ///
    /// # Panics
    ///
    /// The folder cannot be read.
    pub fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.path()).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

impl AsRef<Path> for Folder {
    fn as_ref(&self) -> &Path {
        self.path()
    }
}
