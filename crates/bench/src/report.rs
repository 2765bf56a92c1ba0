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

    pub fn cpu_micros(&self) -> f64 {
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

/// Prints a baseline and what is compared with it: server CPU first, as a ratio where both have it, then rates.
pub fn compare(title: &str, baseline: (&str, Side), others: &[(&str, Side)]) {
    println!("\n{title}");
    print(baseline, "");
    for other in others {
        let (base, side) = (baseline.1, other.1);
        let cpu = if base.cpu.is_zero() || side.cpu.is_zero() {
            String::new()
        } else {
            format!("CPU {:.2} times, ", side.cpu_micros() / base.cpu_micros())
        };
        let rate = side.rate() / base.rate();
        print(*other, &format!("   ({cpu}rate {rate:.2} of the first)"));
    }
}

fn print((name, side): (&str, Side), ratios: &str) {
    let cpu = if side.cpu.is_zero() {
        " ".repeat(18)
    } else {
        format!("{:>9.1} µs CPU, ", side.cpu_micros())
    };
    println!("  {name:46}{cpu}{:>8.0} /s{ratios}", side.rate());
}
