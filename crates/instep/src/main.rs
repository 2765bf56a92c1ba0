//! Keeps every app in step with your directory.
fn main() {}
