//! Durable work: lanes with leases and fencing, wake-ups.
