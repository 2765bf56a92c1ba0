//! What an account at a target looks like: places in it, their kinds, and what is known to stand there.

mod calling;
mod kind;
mod known;
mod path;
mod secrets;

pub use known::Known;
pub use path::{PathError, TargetPath};

pub(crate) use kind::{key, same, same_key, typed};
pub(crate) use known::Foreign;
pub(crate) use path::{member, member_mut};
pub(crate) use secrets::{REDACTED, Secrets, mask_text, mask_texts};
