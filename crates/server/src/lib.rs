//! The doors: SCIM and the admin API over HTTP.
