//! SAML at both ends, and against whoever wants to be somebody else.

mod attacks;
mod decryption;
mod keys;
mod logout;
mod messages;
mod metadata;
mod mutations;
#[cfg(feature = "outside-tests")]
mod outside;
mod requests;
mod sign_in;
mod signatures;
mod world;
