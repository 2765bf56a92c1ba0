//! Okta's expressions: the published examples, what they leave open, and what is no expression.

use std::collections::BTreeMap;

use mapping::{Around, Attributes, Evaluated, Expression, Group, Language, Person, Still, Value};
use serde_json::json;

fn parse(text: &str) -> Expression {
    Expression::parse_as(Language::Okta, text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn on(text: &str, person: &dyn Attributes) -> Result<Value, String> {
    let evaluated = parse(text).evaluate(person, &Still::default(), "test");
    evaluated
        .map(|Evaluated { value, .. }| value)
        .map_err(|error| error.to_string())
}

/// Over attributes of `user`, given as text.
fn with(text: &str, attributes: &[(&str, &str)]) -> Value {
    let person: BTreeMap<String, Value> = attributes
        .iter()
        .map(|(name, value)| (format!("user.{name}"), Value::from(*value)))
        .collect();
    on(text, &person).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn value(text: &str) -> Value {
    with(text, &[])
}

fn list(items: &[&str]) -> Value {
    Value::List(items.iter().map(|item| (*item).to_owned()).collect())
}

#[test]
fn published_functions() {
    for (text, result) in [
        (r#"String.append("This is", " a test")"#, "This is a test".into()),
        (
            r#"String.join(",", "This", "is", "a", "test")"#,
            "This,is,a,test".into(),
        ),
        (
            r#"String.join("", "This", "is", "a", "test")"#,
            "Thisisatest".into(),
        ),
        (r#"String.len("This")"#, Value::Number(4)),
        (r#"String.removeSpaces("This is a test")"#, "Thisisatest".into()),
        (
            r#"String.replace("This is a test", "is", "at")"#,
            "That at a test".into(),
        ),
        (
            r#"String.replaceFirst("This is a test", "is", "at")"#,
            "That is a test".into(),
        ),
        (r#"String.startsWith("Kiss", "K")"#, true.into()),
        (r#"String.stringContains("This is a test", "test")"#, true.into()),
        (
            r#"String.stringContains("This is a test", "doesn'tExist")"#,
            false.into(),
        ),
        (
            r#"String.stringSwitch("This is a test", "default", "key1", "value1")"#,
            "default".into(),
        ),
        (
            r#"String.stringSwitch("This is a test", "default", "test", "value1")"#,
            "value1".into(),
        ),
        (
            r#"String.stringSwitch("First match wins", "default", "absent", "value1", "wins", "value2", "match", "value3")"#,
            "value2".into(),
        ),
        (
            r#"String.stringSwitch("Substrings count", "default", "ring", "value1")"#,
            "value1".into(),
        ),
        (r#"String.substring("This is a test", 2, 9)"#, "is is a".into()),
        (r#"String.substringAfter("abc@okta.com", "@")"#, "okta.com".into()),
        (r#"String.substringBefore("abc@okta.com", "@")"#, "abc".into()),
        (r#"String.toUpperCase("This")"#, "THIS".into()),
        (r#"String.toLowerCase("ThiS")"#, "this".into()),
        ("Arrays.add({10, 20, 30}, 40)", list(&["10", "20", "30", "40"])),
        ("Arrays.remove({10, 20, 30}, 20)", list(&["10", "30"])),
        ("Arrays.clear({10, 20, 30})", Value::Null),
        ("Arrays.get({0, 1, 2}, 0)", "0".into()),
        (
            "Arrays.flatten(10, {20, 30}, 40)",
            list(&["10", "20", "30", "40"]),
        ),
        ("Arrays.contains({10, 20, 30}, 10)", true.into()),
        ("Arrays.contains({10, 20, 30}, 50)", false.into()),
        ("Arrays.size({10, 20, 30})", Value::Number(3)),
        ("Arrays.size(NULL)", Value::Number(0)),
        ("Arrays.isEmpty({10, 20})", false.into()),
        ("Arrays.isEmpty(NULL)", true.into()),
        (
            r#"Arrays.toCsvString({"This", "is", " a ", "test"})"#,
            "This,is, a ,test".into(),
        ),
        ("Convert.toInt('1234')", Value::Number(1234)),
        ("Convert.toInt(123.4)", Value::Number(123)),
        ("Convert.toInt(123.6)", Value::Number(124)),
        (r#"Iso3166Convert.toAlpha2("IND")"#, "IN".into()),
        (r#"Iso3166Convert.toAlpha3("840")"#, "USA".into()),
        (r#"Iso3166Convert.toNumeric("USA")"#, "840".into()),
        (r#"Iso3166Convert.toName("IN")"#, "India".into()),
        ("{1,2,3}[0]", "1".into()),
    ] {
        assert_eq!(value(text), result, "{text}");
    }
    assert_eq!(
        value("Convert.toNum('3.141')").as_text().as_deref(),
        Some("3.141")
    );
}

#[test]
fn published_popular_expressions() {
    let winston = [
        ("firstName", "Winston"),
        ("lastName", "Churchill"),
        ("email", "winston.churchill@gmail.com"),
        ("login", "winston.churchill@gmail.com"),
    ];
    for (text, result) in [
        ("user.firstName", "Winston".into()),
        ("user.firstName + user.lastName", "WinstonChurchill".into()),
        (
            r#"user.firstName + "." + user.lastName"#,
            "Winston.Churchill".into(),
        ),
        (
            "substring(user.firstName, 0, 1) + user.lastName",
            "WChurchill".into(),
        ),
        (
            "substring(user.firstName, 0, 1) + substring(user.lastName, 0, 6)",
            "WChurch".into(),
        ),
        (
            r#"toLowerCase(substring( user.firstName, 0, 1)) + "." + toLowerCase(user.lastName)"#,
            "w.churchill".into(),
        ),
        (
            r#"toUpperCase(substringBefore( substringAfter(user.email, "@"), ".")) + "\" + substringBefore( user.email, "@")"#,
            r"GMAIL\winston.churchill".into(),
        ),
        (
            r#""XDOMAIN\" + toLowerCase(substring( user.firstName, 0, 1)) + toLowerCase(user.lastName)"#,
            r"XDOMAIN\wchurchill".into(),
        ),
        (
            "hasWorkdayUser() ? findWorkdayUser().employeeID : null",
            Value::Null,
        ),
        (
            "hasDirectoryUser() ? findDirectoryUser().managerUpn : user.login",
            "winston.churchill@gmail.com".into(),
        ),
        ("user.groupCode == 123 ? 'Sales' : 'Other'", "Other".into()),
    ] {
        assert_eq!(with(text, &winston), result, "{text}");
    }
    for (text, given, result) in [
        ("toUpperCase(source.firstName)", "Alexander", "ALEXANDER"),
        ("toLowerCase(source.firstName)", "AlexANDER", "alexander"),
        ("substring(source.firstName, 1, 4)", "Alexander", "lex"),
    ] {
        assert_eq!(with(text, &[("firstName", given)]), result.into(), "{text}");
    }
}

#[test]
fn published_conditions() {
    let full = r#"firstName + " " + (String.len(middleInitial) == 0 ? "" : (String.substring(middleInitial, 0, 1) + ". ")) + lastName"#;
    let names = [("firstName", "Ada"), ("lastName", "Byron")];
    assert_eq!(with(full, &names), "Ada Byron".into());
    let with_middle = [names[0], names[1], ("middleInitial", "King")];
    assert_eq!(with(full, &with_middle), "Ada K. Byron".into());
    let titled = r#"(courtesyTitle != "" ? (courtesyTitle + " ") : honorificPrefix != "" ? (honorificPrefix + " ") : "") + firstName"#;
    for (attributes, result) in [
        (&[("firstName", "Ada")][..], "Ada"),
        (&[("firstName", "Ada"), ("honorificPrefix", "Lady")], "Lady Ada"),
        (
            &[
                ("firstName", "Ada"),
                ("honorificPrefix", "Lady"),
                ("courtesyTitle", "Countess"),
            ],
            "Countess Ada",
        ),
    ] {
        assert_eq!(with(titled, attributes), result.into());
    }
    for (text, attributes, holds) in [
        (
            r#"String.stringContains(user.firstName, "dummy")"#,
            ("firstName", "a dummy"),
            true,
        ),
        (r#"user.city == "San Francisco""#, ("city", "San Francisco"), true),
        ("user.salary >= 1000000", ("salary", "1000000"), true),
        ("user.salary >= 1000000", ("salary", "999999"), false),
        ("!user.isContractor", ("isContractor", "true"), false),
        (
            "user.salary > 1000000 AND !user.isContractor",
            ("salary", "1000001"),
            true,
        ),
    ] {
        assert_eq!(with(text, &[attributes]), holds.into(), "{text}");
    }
}

#[test]
fn operators() {
    for (text, result) in [
        ("1 + 2", Value::Number(3)),
        ("1 + 2 * 3 - 4", Value::Number(3)),
        ("(1 + 2) * 3", Value::Number(9)),
        ("7 / 2", Value::Number(3)),
        ("7 % 4", Value::Number(3)),
        ("-3 + 1", Value::Number(-2)),
        ("10 - 3 - 2", Value::Number(5)),
        (r#""a" + 1 + true"#, "a1true".into()),
        ("1 + '2'", "12".into()),
        ("null + 'x'", "x".into()),
        ("1 == 1.0", true.into()),
        ("'1' == 1", true.into()),
        ("'a' == 'A'", false.into()),
        ("null == ''", true.into()),
        ("user.x == null", true.into()),
        ("user.x != 'a'", true.into()),
        ("'a' < 'b'", true.into()),
        ("'10' < '9'", false.into()),
        ("null < 1", false.into()),
        ("true AND false OR true", true.into()),
        ("true and (false or false)", false.into()),
        ("false || true && true", true.into()),
        ("!true == false", true.into()),
        ("'abc' matches 'a.c'", true.into()),
        ("'abcd' matches 'a.c'", false.into()),
        ("user.x ?: 'none'", "none".into()),
        ("'' ?: null ?: 'last'", "last".into()),
        ("true ? 'a' : false ? 'b' : 'c'", "a".into()),
        ("{}", Value::Null),
        ("{1, 'b', true}", list(&["1", "b", "true"])),
        ("{1, 2}[5]", Value::Null),
        ("'it''s'", "it's".into()),
        (r#""say ""x""""#, r#"say "x""#.into()),
    ] {
        assert_eq!(value(text), result, "{text}");
    }
    for text in ["1 / 0", "'a' * 2", "9223372036854775807 + 1", "user.x - 1"] {
        assert!(on(text, &BTreeMap::new()).is_err(), "{text}");
    }
}

#[test]
fn branches_that_are_not_taken_are_not_worked_out() {
    assert_eq!(value("true ? 'a' : 1 / 0 + ''"), "a".into());
    assert_eq!(value("false AND 1 / 0 == 1"), false.into());
    assert_eq!(value("'a' ?: Convert.toInt('x')"), "a".into());
}

#[test]
fn texts_at_their_edges() {
    for (text, result) in [
        ("String.substring('ab', 1, 9)", "b".into()),
        ("String.substring('ab', 5, 9)", "".into()),
        ("String.substring(user.x, 0, 1)", Value::Null),
        ("String.substringBefore('ab', '@')", "ab".into()),
        ("String.substringAfter('ab', '@')", "".into()),
        ("String.substringAfter('a@b@c', '@')", "b@c".into()),
        ("String.len(user.x)", Value::Number(0)),
        ("String.replace('a.b', '.', '-')", "a-b".into()),
        ("String.replaceFirst('aa', '', '-')", "aa".into()),
        ("Arrays.contains('a,b', 'b')", true.into()),
        ("Arrays.size('a,b')", Value::Number(2)),
        ("Convert.toInt(user.x)", Value::Null),
        ("Convert.toInt(-2.5)", Value::Number(-2)),
        ("Iso3166Convert.toNumeric('ch')", "756".into()),
        ("Iso3166Convert.toAlpha2('008')", "AL".into()),
    ] {
        assert_eq!(value(text), result, "{text}");
    }
    for text in ["Convert.toInt('x')", "Iso3166Convert.toName('XX')"] {
        assert!(on(text, &BTreeMap::new()).is_err(), "{text}");
    }
}

#[test]
fn groups_manager_and_internal_properties() {
    let groups = [("g1", "Staff"), ("g2", "San Francisco admins")].map(|(id, name)| Group {
        id: id.into(),
        name: name.into(),
    });
    let (anna, bo) = (
        json!({"userName": "anna"}),
        json!({"name": {"familyName": "Gates"}}),
    );
    let manager = Person::new(bo.as_object().expect("an object"), "2");
    let person = Person {
        around: Around {
            groups: &groups,
            roles: &[],
            manager: Some(&manager),
        },
        ..Person::new(anna.as_object().expect("an object"), "1")
    };
    for (text, result) in [
        (r#"isMemberOfGroupName("Staff")"#, true.into()),
        (r#"isMemberOfGroupName("staff")"#, false.into()),
        (r#"isMemberOfGroup("g1")"#, true.into()),
        (r#"isMemberOfGroup("g3")"#, false.into()),
        (r#"isMemberOfAnyGroup("g3", "g2")"#, true.into()),
        (r#"isMemberOfAnyGroup({"g3", "g4"})"#, false.into()),
        (r#"isMemberOfGroupNameStartsWith("San Fr")"#, true.into()),
        (r#"isMemberOfGroupNameContains("admin")"#, true.into()),
        (r#"isMemberOfGroupNameRegex("/.*admin.*")"#, true.into()),
        (r#"isMemberOfGroupNameRegex("admin")"#, false.into()),
        (
            r#"getFilteredGroups({"g2", "g9"}, "group.name", 40)"#,
            list(&["San Francisco admins"]),
        ),
        (r#"getFilteredGroups({"g1", "g2"}, "group.id", 1)"#, list(&["g1"])),
        (r#"user.getLinkedObject("manager").lastName"#, "Gates".into()),
        (r#"getManagerUser("active_directory").lastName"#, "Gates".into()),
        (r#"user.getInternalProperty("id")"#, "1".into()),
        (r#"user.getInternalProperty("status")"#, "ACTIVE".into()),
    ] {
        assert_eq!(on(text, &person), Ok(result), "{text}");
    }
    let reads = |text| {
        parse(text)
            .attributes()
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        reads(r#"isMemberOfGroupName("x") ? user.login : firstName"#),
        ["groups.display", "user.login", "user.firstName"]
    );
    assert_eq!(reads(r#"getManagerUser("x").email"#), ["manager:user.email"]);
}

#[test]
fn times() {
    let still = Still {
        now: "2015-07-31T17:18:37.979Z".parse().expect("a time"),
        seed: 0,
    };
    let at = |text: &str| {
        let evaluated = parse(text).evaluate(&BTreeMap::new(), &still, "test");
        evaluated
            .map(|evaluated| evaluated.value.as_text().unwrap_or_default().into_owned())
            .expect(text)
    };
    for (text, result) in [
        ("Time.now()", "2015-07-31T17:18:37.979Z"),
        (r#"Time.now("America/New_York")"#, "2015-07-31T13:18:37.979-04:00"),
        (
            r#"Time.now("America/New_York", "YYYY-MM-dd HH:mm:ss")"#,
            "2015-07-31 13:18:37",
        ),
        (
            r#"Time.fromWindowsToIso8601("129699324000000000")"#,
            "2012-01-01T23:00:00.000Z",
        ),
        (
            r#"Time.fromUnixToIso8601("1438363117")"#,
            "2015-07-31T17:18:37.000Z",
        ),
        (
            r#"Time.fromStringToIso8601("31.7.2015 17:18", "d.M.yyyy HH:mm")"#,
            "2015-07-31T17:18:00.000Z",
        ),
        (
            r#"Time.fromIso8601ToWindows("2012-01-01T23:00:00Z")"#,
            "129699324000000000",
        ),
        (
            r#"Time.fromIso8601ToUnix("2015-07-31T17:18:37.979Z")"#,
            "1438363117",
        ),
        (
            r#"Time.fromIso8601ToString("2015-07-31T17:18:37Z", "d MMM yyyy")"#,
            "31 Jul 2015",
        ),
        ("Time.fromIso8601ToUnix(user.x)", ""),
    ] {
        assert_eq!(at(text), result, "{text}");
    }
    assert!(parse("Time.now()").is_fleeting());
    assert!(!parse("Time.now() > '2020' ? 'a' : 'b'").is_fleeting());
    assert!(on(r#"Time.now("Mars/Olympus")"#, &BTreeMap::new()).is_err());
}

#[test]
fn printed_in_one_way() {
    for (text, printed) in [
        (
            "user.firstName+' '+user.lastName",
            r#"(user.firstName + " " + user.lastName)"#,
        ),
        ("firstName", "user.firstName"),
        (
            "a==1 and !b ? 'x' : null",
            r#"(((user.a == 1) AND !user.b) ? "x" : null)"#,
        ),
        ("string.tolowercase(login)", "String.toLowerCase(user.login)"),
        ("{1,2.50,TRUE}[0]", "{1, 2.5, true}[0]"),
        (r#"'say "x"'"#, r#""say ""x""""#),
        ("-1 - -2", "((-1) - (-2))"),
        (
            "getManagerUser('ad').email",
            r#"user.getLinkedObject("manager").email"#,
        ),
    ] {
        let expression = parse(text);
        assert_eq!(expression.to_string(), printed);
        assert_eq!(parse(printed), expression);
    }
}

#[test]
fn errors_say_where_and_what() {
    for (text, position, part) in [
        ("", 0, "empty"),
        ("user.firstName = 'x'", 15, "write =="),
        ("user.firstName 'x'", 15, "joined with +"),
        ("user.firstName +", 16, "ends too early"),
        ("[givenName]", 0, "Entra ID's language"),
        ("zendesk.firstName", 0, "\"zendesk\" is not known"),
        ("appuser.firstName", 0, "is not known"),
        ("String.toUperCase(user.x)", 0, "did you mean String.toUpperCase?"),
        ("Frobnicate()", 0, "there are String.append"),
        ("String.len()", 0, "String.len(input)"),
        ("String.len(user.x", 10, "not closed"),
        (
            "String.substring(user.x, 'one', 2)",
            25,
            "startIndex, must be a whole number",
        ),
        ("user.x == 1 == 2", 12, "AND"),
        ("true ? 'a'", 5, "no : behind it"),
        ("('a'", 0, "not closed"),
        ("{'a'", 0, "not closed"),
        ("{'a': 1}", 4, "maps"),
        ("'open", 0, "not closed"),
        ("“x”", 0, "straight quotes"),
        ("user.x[1", 6, "not closed"),
        ("getManagerUser('ad')", 0, "which attribute"),
        ("getAssistantUser('ad').email", 0, "only the manager"),
        ("user.getInternalProperty('created')", 25, "\"id\" and \"status\""),
        ("user.getLinkedObject('mentor').email", 21, "\"manager\""),
        ("user.getGroups({'a'})", 0, "getFilteredGroups"),
        ("Time.now('UTC', 'QQ')", 16, "letter Q"),
        ("99999999999999999999", 0, "too large"),
        ("user.x & 'a'", 7, "more text follows"),
        ("#", 0, "unexpected"),
    ] {
        let error = Expression::parse_as(Language::Okta, text).expect_err(text);
        assert_eq!(error.position, position, "{text}: {error}");
        assert!(error.message.contains(part), "{text}: {error}");
    }
}

#[test]
fn what_is_deep_or_long_is_refused() {
    for text in [
        format!("{}1{}", "(".repeat(100), ")".repeat(100)),
        "!".repeat(5000),
        "1-".repeat(4000) + "1",
        "a?b:".repeat(2000) + "c",
        "x[0]".repeat(100),
        "user.x".to_owned() + &"[0]".repeat(3000),
        "é".repeat(10_001),
    ] {
        assert!(Expression::parse_as(Language::Okta, &text).is_err());
    }
    let long = "a+".repeat(4000) + "a";
    assert_eq!(
        with(&long, &[("a", "x")]).as_text().map(|text| text.len()),
        Some(4001)
    );
}
