//! What keeps secrets inside the process: no core dumps, no other program looking in, keys out of the swap.
//!
//! Where the system refuses, the program works all the same and `phm doctor` tells.

use phm_core::crypto::secret::swappable_pages;
#[cfg(target_os = "linux")]
use rustix::process::{DumpableBehavior, dumpable_behavior, set_dumpable_behavior};
#[cfg(unix)]
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Called before anything else, while there is no secret yet. What refuses is told by [`leaks`].
pub fn begin() {
    #[cfg(unix)]
    {
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
        // The keys take a few pages; whatever may be locked at most is allowed.
        let locked = getrlimit(Resource::Memlock);
        let _ = setrlimit(Resource::Memlock, Rlimit { current: locked.maximum, maximum: locked.maximum });
    }
    #[cfg(target_os = "linux")]
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
}

/// How secrets could leave the memory of this process all the same, for `phm doctor`; empty where all is well.
///
/// To be asked while a vault is open, when its keys have their places.
pub fn leaks() -> Vec<&'static str> {
    let mut found = Vec::new();
    #[cfg(unix)]
    if getrlimit(Resource::Core).current != Some(0) {
        found.push("a crash may write memory to a core file; set `LimitCORE=0` or `ulimit -c 0`");
    }
    #[cfg(target_os = "linux")]
    if dumpable_behavior() != Ok(DumpableBehavior::NotDumpable) {
        found.push("other programs of this user may read the memory of PHM");
    }
    if swappable_pages() > 0 {
        found.push("keys may be written to the swap; raise `LimitMEMLOCK` (`ulimit -l`) or encrypt the swap");
    }
    found
}
