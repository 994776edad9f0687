//! The memory of the machine beside what the indexes of open people may take.

use super::Finding;

/// The budget of the indexes beside the machine's memory.
pub(super) fn memory(budget: u64) -> Finding {
    judge(budget, total(&std::fs::read_to_string("/proc/meminfo").unwrap_or_default()))
}

/// `MemTotal` of `/proc/meminfo`, in bytes.
fn total(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

fn judge(budget: u64, total: Option<u64>) -> Finding {
    const ID: &str = "memory";
    let Some(total) = total else { return Finding::ok(ID, "the system does not say how much memory it has") };
    let text = format!("{} of {} MB may be taken by indexes", budget / 1_000_000, total / 1_000_000);
    if budget > total / 4 {
        Finding::warn(ID, format!("{text}; set memory.index_budget to a quarter of the memory or less"))
    } else {
        Finding::ok(ID, text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Status;

    #[test]
    fn a_budget_larger_than_the_machine_bears_is_told() {
        assert_eq!(total("MemTotal:        2000000 kB\nMemFree: 1 kB\n"), Some(2_048_000_000));
        assert_eq!(total("nothing"), None);
        assert_eq!(judge(64 << 20, Some(2 << 30)).status, Status::Ok);
        assert_eq!(judge(1 << 30, Some(2 << 30)).status, Status::Warn);
    }
}
