//! What a process takes: time of the processor and memory, as the kernel counts them.

use std::{
    process::{Child, Command},
    time::{Duration, Instant},
};

/// The kernel's ticks in a second, which is the same on every Linux that people use.
const TICKS: f64 = 100.0;
/// How often a running command is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// What a process has taken so far.
#[derive(Debug, Clone, Copy, Default)]
pub struct Usage {
    /// Bytes in memory now.
    pub resident: f64,
    /// The most bytes in memory so far.
    pub peak: f64,
}

/// What a command took from its start to its end.
#[derive(Debug, Clone, Copy)]
pub struct Run {
    /// Seconds by the clock.
    pub seconds: f64,
    /// What it had taken shortly before its end.
    pub usage: Usage,
}

/// What a process has taken; none where it is gone.
pub fn usage(pid: u32) -> Option<Usage> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let kilobytes = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim_start_matches(':').trim().trim_end_matches(" kB").parse::<f64>().ok()
    };
    Some(Usage { resident: kilobytes("VmRSS")? * 1024.0, peak: kilobytes("VmHWM")? * 1024.0 })
}

/// Seconds of processor time of a process; none where it is gone.
pub fn cpu(pid: u32) -> Option<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in brackets may hold spaces; the numbers come after it.
    let numbers: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |at: usize| numbers.get(at)?.parse::<f64>().ok();
    Some((ticks(11)? + ticks(12)?) / TICKS)
}

/// The processes that this one started.
pub fn children(pid: u32) -> Vec<u32> {
    let all = std::fs::read_dir("/proc").expect("a list of processes").flatten();
    let ids = all.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    ids.filter(|id| parent(*id) == Some(pid)).collect()
}

/// The process that started this one.
pub fn parent(pid: u32) -> Option<u32> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

/// Runs a command to its end and watches it; a command that fails stops the measurement.
pub fn run(command: &mut Command) -> Run {
    let began = Instant::now();
    let mut child = command.spawn().expect("the command starts");
    let mut last = Usage::default();
    while child.try_wait().expect("the command can be watched").is_none() {
        last = usage(child.id()).unwrap_or(last);
        std::thread::sleep(LOOK_EVERY);
    }
    let status = child.wait().expect("the command ends");
    assert!(status.success(), "{command:?}: {status}");
    Run { seconds: began.elapsed().as_secs_f64(), usage: last }
}

/// A process that ends with what holds it.
pub struct Ending(pub Child);

impl Drop for Ending {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
