//! Policies for writing: permissions and symbolic links.

/// The purpose of a file to write, which decides its permissions and the treatment of links.
///
/// | | symbolic link at the path | mode and owner |
/// | --- | --- | --- |
/// | `Source` | followed, unless another user may have created it | kept |
/// | `Output` | refused | kept, unless another user may have created the file |
/// | `New` | refused, like any existing file | of a new file |
/// | `Secret` | refused | 0600, the writer |
/// | `Store` | followed, unless another user may have created it | kept; 0600 and the writer for a new file |
///
/// `/dev/stdout`, `/dev/fd/3` and similar paths are written to directly, also with `Output` and
/// `Secret`. The caller decides whether secret values may go there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// A file of the user that is edited in place: a template or `deploy.toml`.
    Source,
    /// A result without secret values: a template, a report or a baseline.
    Output,
    /// A result without secret values that must not replace a file.
    New,
    /// A result that contains secret values.
    Secret,
    /// The encrypted file of a store.
    Store,
}

impl Policy {
    /// Returns `true` if a symbolic link at the path may be followed.
    pub(crate) fn follows_links(self) -> bool {
        matches!(self, Policy::Source | Policy::Store)
    }

    /// Returns the mode of a new file, before the umask is applied.
    pub(crate) fn new_mode(self) -> u32 {
        match self {
            Policy::Source | Policy::Output | Policy::New => 0o666,
            Policy::Secret | Policy::Store => 0o600,
        }
    }

    /// Returns `true` if devices and pipes are accepted.
    pub(crate) fn takes_streams(self) -> bool {
        matches!(self, Policy::Output | Policy::New | Policy::Secret)
    }
}
