//! What a file that is written is, and what follows from that.

/// What is written, which decides who may read it and which links are followed.
///
/// | | a link at the path | mode and owner |
/// | --- | --- | --- |
/// | `Source` | is followed, unless others may have put it there | stay |
/// | `Output` | is refused | stay, unless others may have put the file there |
/// | `New` | is refused, as any file is | of a new file |
/// | `Secret` | is refused | 0600, the writer |
/// | `Store` | is followed, unless others may have put it there | stay; of a new one 0600, the writer |
///
/// `/dev/stdout`, `/dev/fd/3` and their like are written to as they are, also by `Output` and `Secret`; whether values may go
/// there is the caller's to decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// A file of the user that is changed where it is: a template, `deploy.toml`.
    Source,
    /// A result without secret values: a template, a report, a baseline.
    Output,
    /// A result without secret values that replaces nothing.
    New,
    /// A result that holds secret values.
    Secret,
    /// The encrypted file of a store.
    Store,
}

impl Policy {
    /// Whether a link at the path may lead to the file.
    pub(crate) fn follows_links(self) -> bool {
        matches!(self, Policy::Source | Policy::Store)
    }

    /// The mode of a new file; the umask takes away from it.
    pub(crate) fn new_mode(self) -> u32 {
        match self {
            Policy::Source | Policy::Output | Policy::New => 0o666,
            Policy::Secret | Policy::Store => 0o600,
        }
    }

    /// Whether devices and pipes are written to.
    pub(crate) fn takes_streams(self) -> bool {
        matches!(self, Policy::Output | Policy::New | Policy::Secret)
    }
}
