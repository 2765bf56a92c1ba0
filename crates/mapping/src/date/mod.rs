//! Dates and times as the expression languages have them: texts, which are read and written here.

mod clock;
mod dotnet;
mod general;
mod interval;
mod joda;
mod pattern;

pub(crate) use clock::DateTime;
pub(crate) use dotnet::{STYLES, Styles, White, pattern as dotnet_pattern};
pub(crate) use general::parse;
pub(crate) use interval::Interval;
pub(crate) use joda::pattern as joda_pattern;
pub(crate) use pattern::Pattern;
