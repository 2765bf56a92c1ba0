//! Which of several names a mistyped one was meant to be.

/// The name that is most like the typed one, if it is like enough. Case does not count.
pub fn nearest<'n>(typed: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let typed = typed.to_lowercase();
    let (distance, name) = names
        .into_iter()
        .map(|name| (distance(&typed, &name.to_lowercase()), name))
        .min_by_key(|(distance, _)| *distance)?;
    (distance * 2 <= name.len().max(4)).then_some(name)
}

/// Levenshtein's distance; the first text is cut where no name is that long.
fn distance(one: &str, two: &str) -> usize {
    let two: Vec<char> = two.chars().collect();
    let mut row: Vec<usize> = (0..=two.len()).collect();
    for (i, a) in one.chars().take(128).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in two.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[two.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn like_enough_or_not_at_all() {
        let names = ["displayName", "title", "userName"];
        assert_eq!(nearest("dispalyname", names), Some("displayName"));
        assert_eq!(nearest("titel", names), Some("title"));
        assert_eq!(nearest("favouriteColour", names), None);
        assert_eq!(nearest("x", []), None);
    }
}
