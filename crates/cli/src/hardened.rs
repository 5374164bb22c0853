//! Keeping the memory of the process, which will hold values, from other processes and from core
//! files.

#[cfg(unix)]
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// The settings that were changed, so that a command which byref starts gets the original ones.
#[derive(Clone, Copy)]
pub(crate) struct Hardened {
    #[cfg(unix)]
    core: Rlimit,
}

/// Lets no other process of the same user read the memory of this one, and no core file be written.
/// This comes before anything is read. Where the system refuses, byref goes on without: the limits
/// of the system hold then.
pub(crate) fn harden() -> Hardened {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    #[cfg(unix)]
    {
        let core = getrlimit(Resource::Core);
        let _ = setrlimit(
            Resource::Core,
            Rlimit {
                current: Some(0),
                maximum: core.maximum,
            },
        );
        Hardened { core }
    }
    #[cfg(not(unix))]
    Hardened {}
}

impl Hardened {
    /// Restores the limit of core files, which a command inherits; the rest ends by itself where a
    /// command starts.
    pub(crate) fn restore(self) {
        #[cfg(unix)]
        let _ = setrlimit(Resource::Core, self.core);
    }
}
