//! Who is it, and may they: tokens, roles, the authorisation table.
