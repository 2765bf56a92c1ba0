//! Each function alone makes a difference. The list of functions is read from their definitions: one that has no
//! pair here fails the test.

use std::collections::BTreeMap;

use mapping::{Expression, Language, Still, Value};

/// The function's name, an expression with it, and the same without.
const PAIRS: [(&str, &str, &str); 46] = [
    ("Append", r#"Append([a], "x")"#, "[a]"),
    ("AppRoleAssignments", "AppRoleAssignments([a])", "[a]"),
    (
        "AppRoleAssignmentsComplex",
        "AppRoleAssignmentsComplex([list])",
        "[list]",
    ),
    (
        "AssertiveAppRoleAssignmentsComplex",
        "AssertiveAppRoleAssignmentsComplex([list])",
        "[list]",
    ),
    ("BitAnd", "BitAnd(6, 3)", "6"),
    ("CBool", "CBool(6)", "6"),
    ("CDate", "CDate([date])", "[date]"),
    ("Coalesce", "Coalesce([none], [a])", "[none]"),
    ("ConvertToBase64", "ConvertToBase64([a])", "[a]"),
    ("ConvertToUTF8Hex", "ConvertToUTF8Hex([a])", "[a]"),
    ("Count", "Count([list])", "[list]"),
    ("CStr", "CStr([list])", "[list]"),
    ("DateAdd", r#"DateAdd("d", 1, [date])"#, "CDate([date])"),
    ("DateDiff", r#"DateDiff("d", [date], Now())"#, "[date]"),
    ("DateFromNum", "DateFromNum(0)", "0"),
    ("DefaultDomain", "DefaultDomain()", r#""""#),
    (
        "FormatDateTime",
        r#"FormatDateTime([date], , "yyyy-MM-dd", "d.M.yyyy")"#,
        "[date]",
    ),
    ("Guid", "Guid()", r#""""#),
    (
        "IgnoreFlowIfNullOrEmpty",
        "IgnoreFlowIfNullOrEmpty([none])",
        "[none]",
    ),
    ("IIF", r#"IIF(True, "yes", "no")"#, "True"),
    ("InStr", r#"InStr([a], "n")"#, "[a]"),
    ("IsNull", "IsNull([none])", "[none]"),
    ("IsNullOrEmpty", "IsNullOrEmpty([empty])", "IsNull([empty])"),
    ("IsPresent", "IsPresent([a])", "[a]"),
    ("IsString", "IsString([a])", "[a]"),
    ("Item", "Item([list], 2)", "[list]"),
    ("Join", r#"Join("-", [list], [a])"#, "[list]"),
    ("Left", "Left([a], 2)", "[a]"),
    ("Mid", "Mid([a], 2, 2)", "[a]"),
    ("NormalizeDiacritics", "NormalizeDiacritics([a])", "[a]"),
    ("Not", "Not(True)", "True"),
    ("Now", "Now()", r#""""#),
    ("NumFromDate", "NumFromDate([date])", "[date]"),
    ("PCase", "PCase([a])", "[a]"),
    ("RandomString", "RandomString(8,1,1,1,1)", r#""""#),
    ("Redact", "Redact([a])", "[a]"),
    ("RemoveDuplicates", "RemoveDuplicates([list])", "[list]"),
    ("Replace", r#"Replace([a], "n", , , "m")"#, "[a]"),
    ("SelectUniqueValue", r#"SelectUniqueValue([a], "x")"#, "[a]"),
    (
        "SingleAppRoleAssignment",
        "SingleAppRoleAssignment([single])",
        "[single]",
    ),
    ("Split", r#"Split([a], "n")"#, "[a]"),
    ("StripSpaces", "StripSpaces([spaced])", "[spaced]"),
    ("Switch", r#"Switch([a], "other", "x", "y")"#, "[a]"),
    ("ToLower", "ToLower([a])", "[a]"),
    ("ToUpper", "ToUpper([a])", "[a]"),
    ("Word", r#"Word([spaced], 2, " ")"#, "[spaced]"),
];

/// The same for Okta's language.
const OKTA_PAIRS: [(&str, &str, &str); 52] = [
    ("String.append", "String.append(a, 'x')", "a"),
    ("String.join", "String.join('-', a, a)", "a"),
    ("String.len", "String.len(a)", "a"),
    ("String.removeSpaces", "String.removeSpaces(spaced)", "spaced"),
    (
        "String.replace",
        "String.replace(twice, 'x', 'y')",
        "String.replaceFirst(twice, 'x', 'y')",
    ),
    (
        "String.replaceFirst",
        "String.replaceFirst(twice, 'x', 'y')",
        "twice",
    ),
    (
        "String.startsWith",
        "String.startsWith(a, 'n')",
        "String.stringContains(a, 'n')",
    ),
    ("String.stringContains", "String.stringContains(a, 'n')", "a"),
    (
        "String.stringSwitch",
        "String.stringSwitch(a, 'other', 'n', 'y')",
        "a",
    ),
    ("String.substring", "String.substring(a, 1, 3)", "a"),
    ("String.substringAfter", "String.substringAfter(a, 'n')", "a"),
    ("String.substringBefore", "String.substringBefore(a, 'n')", "a"),
    ("String.toLowerCase", "String.toLowerCase(a)", "a"),
    ("String.toUpperCase", "String.toUpperCase(a)", "a"),
    ("substring", "substring(a, 1, 3)", "a"),
    ("substringAfter", "substringAfter(a, 'n')", "a"),
    ("substringBefore", "substringBefore(a, 'n')", "a"),
    ("toLowerCase", "toLowerCase(a)", "a"),
    ("toUpperCase", "toUpperCase(a)", "a"),
    ("Arrays.add", "Arrays.add(list, 'z')", "list"),
    ("Arrays.clear", "Arrays.clear(list)", "list"),
    ("Arrays.contains", "Arrays.contains(list, 'x')", "list"),
    ("Arrays.flatten", "Arrays.flatten(list, list)", "list"),
    ("Arrays.get", "Arrays.get(list, 1)", "list"),
    ("Arrays.isEmpty", "Arrays.isEmpty(list)", "list"),
    ("Arrays.remove", "Arrays.remove(list, 'x')", "list"),
    ("Arrays.size", "Arrays.size(list)", "list"),
    ("Arrays.toCsvString", "Arrays.toCsvString(list)", "list"),
    ("Convert.toInt", "Convert.toInt('7')", "'7'"),
    ("Convert.toNum", "Convert.toNum('7')", "'7'"),
    (
        "Iso3166Convert.toAlpha2",
        "Iso3166Convert.toAlpha2('756')",
        "'756'",
    ),
    (
        "Iso3166Convert.toAlpha3",
        "Iso3166Convert.toAlpha3('756')",
        "'756'",
    ),
    ("Iso3166Convert.toName", "Iso3166Convert.toName('756')", "'756'"),
    (
        "Iso3166Convert.toNumeric",
        "Iso3166Convert.toNumeric('CH')",
        "'CH'",
    ),
    (
        "getFilteredGroups",
        "getFilteredGroups({'g1'}, 'group.name', 9)",
        "{'g1'}",
    ),
    (
        "isMemberOfAnyGroup",
        "isMemberOfAnyGroup('g1', 'g2')",
        "isMemberOfGroup('g2')",
    ),
    ("isMemberOfGroup", "isMemberOfGroup('g1')", "'g1'"),
    (
        "isMemberOfGroupName",
        "isMemberOfGroupName('Sta')",
        "isMemberOfGroupNameStartsWith('Sta')",
    ),
    (
        "isMemberOfGroupNameContains",
        "isMemberOfGroupNameContains('taf')",
        "isMemberOfGroupName('taf')",
    ),
    (
        "isMemberOfGroupNameRegex",
        "isMemberOfGroupNameRegex('S.*')",
        "isMemberOfGroupName('S.*')",
    ),
    (
        "isMemberOfGroupNameStartsWith",
        "isMemberOfGroupNameStartsWith('Sta')",
        "'Sta'",
    ),
    (
        "Time.fromIso8601ToString",
        "Time.fromIso8601ToString(date, 'd.M.yy')",
        "date",
    ),
    ("Time.fromIso8601ToUnix", "Time.fromIso8601ToUnix(date)", "date"),
    (
        "Time.fromIso8601ToWindows",
        "Time.fromIso8601ToWindows(date)",
        "Time.fromIso8601ToUnix(date)",
    ),
    (
        "Time.fromStringToIso8601",
        "Time.fromStringToIso8601(date, 'yyyy-MM-dd')",
        "date",
    ),
    ("Time.fromUnixToIso8601", "Time.fromUnixToIso8601('1')", "'1'"),
    (
        "Time.fromWindowsToIso8601",
        "Time.fromWindowsToIso8601('1')",
        "Time.fromUnixToIso8601('1')",
    ),
    ("Time.now", "Time.now()", "''"),
    ("findDirectoryUser", "findDirectoryUser().managerUpn", "a"),
    ("findWorkdayUser", "findWorkdayUser().employeeID", "a"),
    ("hasDirectoryUser", "hasDirectoryUser()", "!hasDirectoryUser()"),
    ("hasWorkdayUser", "hasWorkdayUser()", "!hasWorkdayUser()"),
];

/// All that can be seen of an expression: what it gives, and what is made of that.
fn outcome(language: Language, text: &str) -> impl PartialEq + std::fmt::Debug {
    let list = |items: &[&str]| Value::List(items.iter().map(|item| (*item).to_owned()).collect());
    let attributes = [
        ("a", Value::from("aNnä")),
        ("empty", "".into()),
        ("spaced", "one two".into()),
        ("twice", "x x".into()),
        ("date", "2026-11-21".into()),
        ("list", list(&["x", "y", "x"])),
        ("single", list(&["x"])),
    ];
    let mut person: BTreeMap<String, Value> = BTreeMap::from([
        ("groups.display".to_owned(), list(&["Staff"])),
        ("groups.value".to_owned(), list(&["g1"])),
    ]);
    for (name, value) in attributes {
        person.insert(format!("user.{name}"), value.clone());
        person.insert(name.to_owned(), value);
    }
    let expression = Expression::parse_as(language, text).expect(text);
    let evaluated = expression
        .evaluate(&person, &Still::default(), "title")
        .expect(text);
    (evaluated, expression.is_secret())
}

fn each_makes_a_difference(language: Language, pairs: &[(&str, &str, &str)]) {
    let names: Vec<_> = pairs.iter().map(|(name, ..)| *name).collect();
    let defined: Vec<_> = language.functions().iter().map(|shape| shape.name).collect();
    assert_eq!(names, defined);
    for (name, with, without) in pairs {
        assert!(with.starts_with(name), "{with}");
        assert_ne!(outcome(language, with), outcome(language, without), "{with}");
    }
}

#[test]
fn each_function_makes_a_difference() {
    each_makes_a_difference(Language::Entra, &PAIRS);
}

#[test]
fn each_function_of_oktas_makes_a_difference() {
    each_makes_a_difference(Language::Okta, &OKTA_PAIRS);
}
