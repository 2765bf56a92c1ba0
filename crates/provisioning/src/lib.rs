//! Applications kept in step: assignments, plans, cycles, the SCIM client.
