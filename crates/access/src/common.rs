//! Passwords that are guessed first: those that many people have chosen, and those made of names that everybody around knows
//! (OWASP ASVS 6.2.4, 6.2.11, 6.2.12). What is compared is folded ([`base::canonical::text`]).

use std::collections::HashSet;
use std::sync::LazyLock;

/// Where they are from: `data/README.md`.
static COMMON: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("../data/common_passwords.txt").lines().collect());

/// So many digits and signs around a common password, in all, make no better one of it.
const TRIMMINGS: usize = 8;
/// A shorter word is in too many passwords to say anything.
const WORD: usize = 4;
/// So many characters there must be beside the words of the context.
const OWN: usize = 8;

/// Is it a common one: as it is, with digits and signs at its ends, or several times in a row?
pub(crate) fn is_common(folded: &str) -> bool {
    let letters: Vec<char> = folded.chars().collect();
    let ends = |letters: &mut dyn Iterator<Item = &char>| {
        letters
            .take(TRIMMINGS)
            .take_while(|letter| !letter.is_alphabetic())
            .count()
    };
    let (head, tail) = (ends(&mut letters.iter()), ends(&mut letters.iter().rev()));
    (0..=head)
        .flat_map(|head| (0..=tail.min(TRIMMINGS - head)).map(move |tail| (head, tail)))
        .filter(|(head, tail)| head + tail < letters.len())
        .any(|(head, tail)| {
            let core = &letters[head..letters.len() - tail];
            (1..=4).any(|times| is_known(core, times))
        })
}

/// Is it a common one, so many times in a row?
fn is_known(letters: &[char], times: usize) -> bool {
    if !letters.len().is_multiple_of(times) {
        return false;
    }
    let (one, rest) = letters.split_at(letters.len() / times);
    rest.chunks(one.len().max(1)).all(|part| part == one)
        && COMMON.contains(one.iter().collect::<String>().as_str())
}

/// Is there too little in it beside the words of these names?
pub(crate) fn is_made_of_names<'a>(folded: &str, names: impl IntoIterator<Item = &'a String>) -> bool {
    let mut words: Vec<&str> = names
        .into_iter()
        .flat_map(|name| name.split(|letter: char| !letter.is_alphanumeric()))
        .filter(|word| word.chars().count() >= WORD)
        .collect();
    // Of words within words the longer one goes first.
    words.sort_unstable_by_key(|word| std::cmp::Reverse(word.len()));
    let own = words
        .iter()
        .fold(folded.to_owned(), |left, word| left.replace(word, ""));
    own.len() < folded.len() && own.chars().count() < OWN
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_whole() {
        assert!(COMMON.len() > 18_000, "{}", COMMON.len());
        let long = COMMON.iter().filter(|one| one.len() >= crate::SHORTEST).count();
        assert!(long > 1_000, "{long}");
        for one in COMMON.iter() {
            assert_eq!(base::canonical::text(one), *one);
            assert!(one.len() >= 6, "{one}");
        }
    }

    #[test]
    fn common_ones_are_told() {
        for (password, common) in [
            ("1qaz2wsx3edc", true),
            ("sonyericsson", true),
            ("password1234", true),
            ("password2026!", true),
            ("!!monkey!2026", true),
            ("dragon 123456", true),
            ("passwordpassword", true),
            ("letmeinletmein1", true),
            ("qwertyqwertyqwerty", true),
            // More than trimmings.
            ("monkey31121984", true),
            ("password-7341-9012", false),
            ("correct horse", false),
            ("my dragon eats", false),
            ("ключ от дома", false),
            ("123456789012345678901", true),
        ] {
            assert_eq!(is_common(password), common, "{password}");
        }
    }

    #[test]
    fn names_do_not_make_a_password() {
        let names = ["northwind traders", "anna.berg@example.com"].map(str::to_owned);
        for (password, made_of_names) in [
            ("northwind2026!", true),
            ("northwindtraders", true),
            ("anna.berg.2026", true),
            ("example-anna", true),
            ("anna eats nine plums", false),
            ("correct horse", false),
            // Letters of a name are no word of it.
            ("berlin by night", false),
        ] {
            assert_eq!(is_made_of_names(password, &names), made_of_names, "{password}");
        }
    }
}
