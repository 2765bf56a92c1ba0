//! Every table, on SQLite and PostgreSQL.
