//! How results are printed.

use std::time::Duration;

/// One side of a comparison.
#[derive(Debug, Clone, Copy, Default)]
pub struct Side {
    pub done: u64,
    pub wall: Duration,
    /// Of the server's process; nothing where the work is in this one.
    pub cpu: Duration,
}

impl Side {
    pub fn rate(&self) -> f64 {
        count(self.done) / self.wall.as_secs_f64().max(1e-9)
    }

    fn cpu_micros(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / count(self.done).max(1.0)
    }

    /// Adds another round of the same side.
    pub fn add(&mut self, other: Self) {
        self.done += other.done;
        self.wall += other.wall;
        self.cpu += other.cpu;
    }
}

fn count(number: u64) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

/// Prints both sides and the ratios: rate of ours to the baseline's, and server CPU per request where both have it.
pub fn compare(title: &str, baseline: (&str, Side), ours: (&str, Side)) {
    println!("\n{title}");
    for (name, side) in [baseline, ours] {
        let cpu = if side.cpu.is_zero() {
            String::new()
        } else {
            format!(", {:.1} µs CPU of the server each", side.cpu_micros())
        };
        println!("  {name:44} {:>9.0} /s{cpu}", side.rate());
    }
    println!(
        "  rate: {:.2} of the baseline's",
        ours.1.rate() / baseline.1.rate()
    );
    if !baseline.1.cpu.is_zero() && !ours.1.cpu.is_zero() {
        println!(
            "  server CPU: {:.2} times the baseline's",
            ours.1.cpu_micros() / baseline.1.cpu_micros()
        );
    }
}
