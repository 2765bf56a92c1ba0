use super::*;

fn settings(base_url: &str) -> Settings {
    let preset = mapping::preset::find("webex-entra").expect("the preset");
    Settings::new(base_url, "webex-entra", preset.switches)
}

#[test]
fn base_urls_are_checked() {
    for (url, good) in [
        ("https://api.example.com/v1/scim/1/", true),
        ("http://127.0.0.1:1/scim?flag", true),
        ("api.example.com", false),
        ("ftp://example.com", false),
        ("https://me:secret@example.com/", false),
        ("", false),
    ] {
        assert_eq!(settings(url).check().is_ok(), good, "{url}");
    }
}

#[test]
fn the_threshold_is_the_larger_of_count_and_share() {
    let limit = |count, percent, linked| {
        let settings = Settings {
            threshold_count: count,
            threshold_percent: percent,
            ..settings("https://example.com")
        };
        settings.threshold(linked)
    };
    for (count, percent, linked, expected) in [
        (20, 10, 0, 20),
        (20, 10, 199, 20),
        (20, 10, 209, 20),
        (20, 10, 210, 21),
        (20, 10, 20_000, 2_000),
        (20, 0, 20_000, 20),
        (0, 10, 9, 0),
        (0, 100, 7, 7),
    ] {
        assert_eq!(
            limit(count, percent, linked),
            expected,
            "{count} {percent} {linked}"
        );
    }
}

#[test]
fn too_many_failures_are_many_and_a_large_share() {
    for (least, percent, failing, people, expected) in [
        (100, 40, 99, 100, false),
        (100, 40, 100, 100, true),
        (100, 40, 100, 250, false),
        (100, 40, 101, 250, true),
        (0, 0, 5_000, 5_000, false),
        (1, 0, 1, 1_000, true),
        (1, 100, 3, 3, false),
    ] {
        let settings = Settings {
            quarantine_failures: least,
            quarantine_percent: percent,
            ..settings("https://example.com")
        };
        assert_eq!(
            settings.fails_too_much(failing, people),
            expected,
            "{least} {percent} {failing} {people}"
        );
    }
}

#[test]
fn a_domain_is_a_name() {
    for (text, good) in [
        ("", true),
        ("example.com", true),
        ("corp", true),
        ("müller.example", true),
        ("anna@example.com", false),
        ("example..com", false),
        ("-a.example", false),
        ("example.com/", false),
    ] {
        let settings = Settings {
            default_domain: text.to_owned(),
            ..settings("https://example.com")
        };
        assert_eq!(settings.check().is_ok(), good, "{text:?}");
    }
}

#[test]
fn mail_goes_to_one_address() {
    for (text, good) in [
        ("", true),
        ("it@example.com", true),
        ("it", false),
        ("@example.com", false),
        ("it@", false),
        ("it@example.com,more@example.com", false),
        ("it@example.com\nBcc: more@example.com", false),
        ("IT <it@example.com>", false),
    ] {
        let settings = Settings {
            notification_email: text.to_owned(),
            ..settings("https://example.com")
        };
        assert_eq!(settings.check().is_ok(), good, "{text:?}");
    }
}

#[test]
fn numbers_have_bounds() {
    let wrong = Settings {
        concurrency: 0,
        ..settings("https://example.com")
    };
    assert_eq!(wrong.check().expect_err("nought").setting, "concurrency");
}
