//! `RandomString(length, minimumNumbers, minimumSpecialCharacters, minimumCapital, minimumLowerCase,
//! charactersToAvoid)`

use super::{Arguments, Function, Kind, Nature, Parameter, Prepared, Refusal};
use crate::Value;
use crate::expression::{Argument, Node};

pub(super) static FUNCTION: Function = Function::new(
    "RandomString",
    &[
        Parameter::required("length").of(Kind::Number),
        Parameter::required("minimumNumbers").of(Kind::Number),
        Parameter::required("minimumSpecialCharacters").of(Kind::Number),
        Parameter::required("minimumCapital").of(Kind::Number),
        Parameter::required("minimumLowerCase").of(Kind::Number),
        Parameter::optional("charactersToAvoid"),
    ],
    Kind::Text,
    evaluate,
)
.preparing(prepare)
.being(Nature::Fleeting);

const MAX_LENGTH: i64 = 256;
/// In the order of the parameters. The special ones are those that Windows counts for a password's complexity.
const CLASSES: [&str; 4] = [
    "0123456789",
    r#"~!@#$%^&*_-+=`|\(){}[]:;"'<>,.?/"#,
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "abcdefghijklmnopqrstuvwxyz",
];

fn prepare(arguments: &[Argument]) -> Result<Prepared, Refusal> {
    let number = |index: usize| match arguments.get(index) {
        Some(Some(Node::Number(number))) => Some(*number),
        _ => None,
    };
    let numbers: Option<Vec<i64>> = (0..=CLASSES.len()).map(number).collect();
    if let Some(numbers) = numbers {
        check(&numbers).map_err(|message| Refusal::at(0, message))?;
    }
    Ok(Prepared::Nothing)
}

/// The length and the least of each class.
fn check(numbers: &[i64]) -> Result<(), String> {
    let (length, least) = (numbers[0], &numbers[1..]);
    if !(1..=MAX_LENGTH).contains(&length) {
        return Err(format!("the length lies between 1 and {MAX_LENGTH}"));
    }
    if least.iter().any(|least| !(0..=MAX_LENGTH).contains(least)) {
        return Err(format!("each minimum lies between 0 and {MAX_LENGTH}"));
    }
    let sum: i64 = least.iter().sum();
    if sum > length {
        return Err(format!(
            "the minima add up to {sum}, which is more than the length {length}"
        ));
    }
    Ok(())
}

/// What is left after the minima is drawn from the classes that have one; from letters and digits if none has.
/// What comes out depends on person, app and mapping, so it stays the same.
fn evaluate(arguments: &Arguments<'_>) -> Result<Value, String> {
    let numbers = (0..=CLASSES.len())
        .map(|index| arguments.number(index, FUNCTION.parameters[index].name))
        .collect::<Result<Vec<_>, _>>()?;
    check(&numbers)?;
    let avoid = arguments.text(CLASSES.len() + 1).unwrap_or_default();
    let least = &numbers[1..];
    let classes = CLASSES.map(|class| {
        class
            .chars()
            .filter(|c| !avoid.contains(*c))
            .collect::<Vec<char>>()
    });
    let mut random = arguments.random();
    let mut out = Vec::new();
    for (class, least) in classes.iter().zip(least) {
        for _ in 0..*least {
            let chosen = random.choose(class);
            out.push(chosen.ok_or("charactersToAvoid leaves none of a kind that is asked for")?);
        }
    }
    let any = least.iter().any(|least| *least > 0);
    let rest: Vec<char> = classes
        .iter()
        .zip(least)
        .enumerate()
        .filter(|(index, (_, least))| if any { **least > 0 } else { *index != 1 })
        .flat_map(|(_, (class, _))| class.iter().copied())
        .collect();
    while i64::try_from(out.len()).is_ok_and(|length| length < numbers[0]) {
        out.push(
            random
                .choose(&rest)
                .ok_or("charactersToAvoid leaves no character")?,
        );
    }
    random.shuffle(&mut out);
    Ok(Value::Text(out.into_iter().collect()))
}

#[cfg(test)]
mod tests {
    use super::CLASSES;
    use crate::Still;
    use crate::function::testing::{evaluated, refusal, try_evaluate};

    fn draw(text: &str, seed: u64) -> String {
        let still = Still {
            seed,
            ..Still::default()
        };
        let value = evaluated(text, &[], still).expect(text).value;
        value.as_text().expect("a text").into_owned()
    }

    fn counts(text: &str) -> [usize; 4] {
        CLASSES.map(|class| text.chars().filter(|c| class.contains(*c)).count())
    }

    #[test]
    fn published_examples() {
        for seed in 0..50 {
            assert_eq!(counts(&draw("RandomString(6,3,0,0,3)", seed)), [3, 0, 0, 3]);
            let text = draw(r#"RandomString(10,2,2,2,1,"?,")"#, seed);
            let [digits, special, capitals, lower] = counts(&text);
            assert!(
                digits >= 2 && special >= 2 && capitals >= 2 && lower >= 1,
                "{text}"
            );
            assert_eq!(text.chars().count(), 10);
            assert!(!text.contains(['?', ',']), "{text}");
        }
    }

    #[test]
    fn depends_on_the_person_and_on_nothing_else() {
        let text = "RandomString(16,0,0,0,0)";
        assert_eq!(draw(text, 1), draw(text, 1));
        assert_ne!(draw(text, 1), draw(text, 2));
        assert_eq!(
            counts(&draw(text, 1))[1],
            0,
            "no special characters unless asked for"
        );
        assert_eq!(draw("RandomString(256,1,1,1,1)", 1).len(), 256);
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for text in [
            "RandomString(0,0,0,0,0)",
            "RandomString(257,0,0,0,0)",
            "RandomString(3,1,1,1,1)",
            "RandomString(3,-1,0,0,0)",
        ] {
            assert_eq!(refusal(text).0, 13, "{text}");
        }
        assert!(try_evaluate(r#"RandomString(3,1,0,0,0,"0123456789")"#, &[]).is_err());
        assert!(try_evaluate("RandomString([n],1,0,0,0)", &[("n", "999")]).is_err());
    }
}
