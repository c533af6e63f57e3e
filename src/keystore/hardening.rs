//! Keeps the process's memory out of files and debuggers.

use rustix::process::{Resource, Rlimit, setrlimit};

/// No core dumps, and on Linux no other process of the user may read the memory. What the system
/// refuses is left as it is.
pub fn harden() {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    let _ = setrlimit(Resource::Core, none);
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}
