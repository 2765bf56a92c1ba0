//! Comparisons, as `IIF` has them for its condition.

use std::cmp::Ordering;

use crate::Value;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Operator {
    /// Every operator, the longer symbols before those that they start with.
    pub(super) const ALL: [Self; 6] = [
        Self::NotEqual,
        Self::LessOrEqual,
        Self::GreaterOrEqual,
        Self::Equal,
        Self::Less,
        Self::Greater,
    ];

    pub(crate) fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "<>",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }

    /// As numbers if either side is one and the other can be read as one, else as texts by code point.
    /// Nothing satisfies no comparison, not even `<>`: the documented limitation of the language, for which it
    /// offers `Switch` with the key `""`.
    pub(super) fn compare(self, left: &Value, right: &Value) -> bool {
        let (Some(left_text), Some(right_text)) = (left.as_text(), right.as_text()) else {
            return false;
        };
        let is_number = |value: &Value| matches!(value, Value::Number(_));
        let numbers = match (left.as_number(), right.as_number()) {
            (Some(left_number), Some(right_number)) if is_number(left) || is_number(right) => {
                Some(left_number.cmp(&right_number))
            }
            _ => None,
        };
        self.holds(numbers.unwrap_or_else(|| left_text.cmp(&right_text)))
    }

    fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::NotEqual => ordering.is_ne(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }
}
