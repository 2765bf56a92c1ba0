//! SCIM 2.0 (RFC 7643, 7644), pure: schemas, paths, filters, PATCH, projection, messages.
