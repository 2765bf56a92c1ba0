//! Everything that leaves the process: the HTTP client.
