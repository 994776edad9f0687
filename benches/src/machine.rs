//! What the figures were measured on, and what a process used: read from `/proc`, so on Linux only.

use std::fs;

/// Processor, cores, memory and kernel in one line.
pub fn describe() -> String {
    let processors = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let value = |line: &str| line.split_once(':').map(|(_, value)| value.trim().to_owned());
    let name = processors.lines().find(|line| line.starts_with("model name")).and_then(value);
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let memory = field("/proc/meminfo", "MemTotal:").unwrap_or_default() / 1024 / 1024;
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!(
        "{}, {cores} cores, {memory} GiB, Linux {}",
        name.unwrap_or_else(|| "processor unknown".into()),
        kernel.trim()
    )
}

/// Resident memory of a process in MB.
pub fn resident_mb(process: u32) -> Option<f64> {
    let kilobytes = u32::try_from(field(&format!("/proc/{process}/status"), "VmRSS:")?).ok()?;
    Some(f64::from(kilobytes) * 1024.0 / 1e6)
}

/// Processor seconds a process and the children it waited for have used, in hundredths.
pub fn processor_seconds(process: &str) -> Option<f64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let after_name = &stat[stat.rfind(')')? + 2..];
    let ticks = after_name.split(' ').skip(11).take(4).map(|text| text.parse::<u32>().unwrap_or_default());
    Some(ticks.map(f64::from).sum::<f64>() / 100.0)
}

fn field(path: &str, name: &str) -> Option<u64> {
    let text = fs::read_to_string(path).ok()?;
    text.lines().find_map(|line| line.strip_prefix(name)?.split_whitespace().next()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_uses_memory_and_time() {
        assert!(resident_mb(std::process::id()).is_some_and(|mb| mb > 1.0));
        assert!(processor_seconds("self").is_some());
        assert!(describe().contains("cores"));
    }
}
