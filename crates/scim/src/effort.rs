//! How much text may be brought into the form in which it is compared without regard to case. That is what takes time
//! when filters and patches are worked out, and one small request can ask for a lot of it.

use std::borrow::Cow;
use std::cell::Cell;

use base::canonical;

use crate::Error;

/// What the folding of a short text counts as, in bytes.
const LEAST: usize = 16;

thread_local! {
    /// What may still be folded by what is being worked out on this thread; nothing: as much as it likes.
    static LEFT: Cell<Option<usize>> = const { Cell::new(None) };
}

/// What may be folded for one piece of work.
#[derive(Debug)]
pub struct Effort(usize);

impl Effort {
    /// For one resource that a filter is held against.
    pub const RESOURCE: Self = Self(4 << 20);
    /// For all operations of a patch.
    pub const PATCH: Self = Self(32 << 20);

    /// Does the work; refused (`tooMany`) if it took more than that, whatever has come of it.
    pub fn spend<T>(self, work: impl FnOnce() -> T) -> Result<T, Error> {
        let _outer = Restore(LEFT.replace(Some(self.0)));
        let done = work();
        refuse_spent()?;
        Ok(done)
    }
}

impl Effort {
    /// Does a part of the work, and takes off what it took.
    pub fn spend_some<T>(&mut self, work: impl FnOnce() -> T) -> Result<T, Error> {
        let _outer = Restore(LEFT.replace(Some(self.0)));
        let done = work();
        refuse_spent()?;
        self.0 = LEFT.get().unwrap_or_default();
        Ok(done)
    }
}

/// Puts back what held outside, also when the work panics.
struct Restore(Option<usize>);

impl Drop for Restore {
    fn drop(&mut self) {
        LEFT.set(self.0);
    }
}

/// Refuses to go on where nothing is left.
pub(crate) fn refuse_spent() -> Result<(), Error> {
    if LEFT.get() == Some(0) {
        return Err(Error::too_many(
            "There is more text to compare here than one request may ask for: send fewer operations or terms, or shorter values",
        ));
    }
    Ok(())
}

/// The form in which texts are compared without regard to case; the text itself where nothing is left.
pub(crate) fn fold(text: &str) -> Cow<'_, str> {
    let Some(left) = LEFT.get() else {
        return canonical::text(text).into();
    };
    if left == 0 {
        return text.into();
    }
    let folded = canonical::text(text);
    // Letters of ASCII take a small part of the time that others take.
    let cost = if text.is_ascii() {
        text.len() / 16
    } else {
        folded.len()
    };
    LEFT.set(Some(left.saturating_sub(cost.max(LEAST))));
    folded.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_folds_too_much_is_refused() {
        let text = "ä".repeat(1 << 10);
        let enough = Effort(4 << 10).spend(|| fold(&text).len());
        assert_eq!(enough.ok(), Some(2 << 10));
        let too_much = Effort(4 << 10).spend(|| (0..3).map(|_| fold(&text).len()).sum::<usize>());
        assert_eq!(
            too_much.expect_err("refused").scim_type,
            Some(crate::ScimType::TooMany)
        );
        assert_eq!(fold("Ä"), "ä", "outside nothing is counted");
        let mut bit_by_bit = Effort(4 << 10);
        assert!(bit_by_bit.spend_some(|| fold(&text)).is_ok());
        let error = bit_by_bit.spend_some(|| fold(&text)).expect_err("refused");
        assert_eq!(error.scim_type, Some(crate::ScimType::TooMany));
    }
}
