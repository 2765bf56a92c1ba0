//! A plan as a reviewer would read it.

use std::collections::BTreeMap;

use clap::builder::styling::AnsiColor;

use serde_json::Value;

use super::shape::{Action, Item, Plan, Request};
use crate::diff::{addition, change};
use crate::output::{Paint, count};
use crate::plain::plain;

/// How those who are left alone are told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rest {
    Counted,
    Named,
}

/// Whether the requests are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Requests {
    Hidden,
    Shown,
}

/// How a plan is printed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style<'a> {
    pub(super) rest: Rest,
    pub(super) requests: Requests,
    /// What to do next, if there is something to be done.
    pub(super) next: &'a str,
    pub(super) paint: Paint,
}

const NO_REASON: &str = "no reason was given";

/// How an action is written: its sign, its colour, and what the group of its items is headed.
struct Look {
    action: Action,
    sign: &'static str,
    verb: &'static str,
    color: AnsiColor,
}

const LOOKS: [Look; 6] = [
    Look {
        action: Action::Create,
        sign: "+",
        verb: "create",
        color: AnsiColor::Green,
    },
    Look {
        action: Action::Link,
        sign: "~",
        verb: "link",
        color: AnsiColor::Cyan,
    },
    Look {
        action: Action::Update,
        sign: "~",
        verb: "update",
        color: AnsiColor::Yellow,
    },
    Look {
        action: Action::Enable,
        sign: "+",
        verb: "enable",
        color: AnsiColor::Green,
    },
    Look {
        action: Action::Disable,
        sign: "-",
        verb: "disable",
        color: AnsiColor::Red,
    },
    Look {
        action: Action::Delete,
        sign: "-",
        verb: "delete",
        color: AnsiColor::Red,
    },
];

/// A plan that was just made, and is to be carried out by a cycle.
pub(super) fn plan(plan: &Plan, app: &str, rest: Rest, paint: Paint) -> String {
    let next = format!("Carry it out with `instep app sync {}`.", plain(&quoted(app)));
    let style = Style {
        rest,
        requests: Requests::Hidden,
        next: &next,
        paint,
    };
    styled(plan, style)
}

/// What another table or filter would do, which nobody has saved.
pub(super) fn supposed(plan: &Plan, rest: Rest, paint: Paint) -> String {
    let style = Style {
        rest,
        requests: Requests::Hidden,
        next: "Nothing is saved: this is what it would come to.",
        paint,
    };
    styled(plan, style)
}

pub(super) fn styled(plan: &Plan, style: Style<'_>) -> String {
    let paint = style.paint;
    let mut paragraphs: Vec<Vec<String>> = LOOKS
        .iter()
        .map(|look| section(plan, look, style.requests, paint))
        .collect();
    paragraphs.push(errors(plan, paint));
    paragraphs.push(left_alone(plan, style.rest, paint));
    paragraphs.push(vec![summary(plan, style.next, paint)]);
    paragraphs.retain(|lines| !lines.is_empty());
    paragraphs
        .iter()
        .map(|lines| lines.join("\n"))
        .collect::<Vec<_>>()
        .join("\n\n")
}

fn of(plan: &Plan, action: Action) -> impl Iterator<Item = &Item> {
    plan.items.iter().filter(move |item| item.action() == action)
}

fn number(plan: &Plan, action: Action) -> u64 {
    let counts = &plan.counts;
    match action {
        Action::Create => counts.create,
        Action::Link => counts.link,
        Action::Update => counts.update,
        Action::Enable => counts.enable,
        Action::Disable => counts.disable,
        Action::Delete => counts.delete,
        Action::Error => counts.error,
        Action::Skip => counts.skip,
        Action::Unchanged => counts.unchanged,
    }
}

/// The people that one action is for, each with what changes.
fn section(plan: &Plan, look: &Look, requests: Requests, paint: Paint) -> Vec<String> {
    let number = number(plan, look.action);
    if number == 0 {
        return Vec::new();
    }
    let mut lines = vec![paint.bold(&format!("{} to {}", count(number), look.verb))];
    let mark = paint.color(look.color, &format!("{} {}", look.sign, look.verb));
    for item in of(plan, look.action) {
        lines.push(format!("  {mark} {}{}", plain(&item.who()), because(item)));
        let tell = if look.action == Action::Create {
            addition
        } else {
            change
        };
        lines.extend(item.real_changes().map(|one| format!("      {}", tell(one))));
        if requests == Requests::Shown {
            lines.extend(item.requests.iter().map(|one| format!("      {}", request(one))));
        }
        if let Some(outcome) = &item.outcome {
            let mark = paint.color(AnsiColor::Red, "!");
            lines.push(format!("      {mark} {}", plain(outcome.text())));
        }
    }
    lines
}

fn request(request: &Request) -> String {
    let Request { method, path, body } = request;
    let line = match body {
        Value::Null => format!("{method} {path}"),
        body => format!("{method} {path} {body}"),
    };
    plain(&line).into_owned()
}

/// Why people are created or updated goes without saying: the attributes tell.
fn because(item: &Item) -> String {
    match item.because() {
        Some(reason) if !matches!(item.action(), Action::Create | Action::Update) => {
            format!(" because {}", plain(reason))
        }
        _ => String::new(),
    }
}

fn errors(plan: &Plan, paint: Paint) -> Vec<String> {
    if plan.counts.error == 0 {
        return Vec::new();
    }
    let heading = paint.bold(&format!("{} that cannot be planned", count(plan.counts.error)));
    let mark = paint.color(AnsiColor::Red, "!");
    let line = |item: &Item| {
        let reason = item.because().unwrap_or(NO_REASON);
        format!("  {mark} {}: {}", plain(&item.who()), plain(reason))
    };
    std::iter::once(heading)
        .chain(of(plan, Action::Error).map(line))
        .collect()
}

fn left_alone(plan: &Plan, rest: Rest, paint: Paint) -> Vec<String> {
    let total = plan.counts.unchanged + plan.counts.skip;
    if total == 0 {
        return Vec::new();
    }
    let mut lines = vec![paint.bold(&format!("{} left alone", count(total)))];
    match rest {
        Rest::Counted => lines.extend(left_alone_counted(plan)),
        Rest::Named => {
            let left = plan.items.iter().filter(|item| is_left_alone(item));
            lines.extend(left.map(|item| format!("  = {}{}", plain(&item.who()), because(item))));
        }
    }
    lines
}

fn is_left_alone(item: &Item) -> bool {
    matches!(item.action(), Action::Skip | Action::Unchanged)
}

fn left_alone_counted(plan: &Plan) -> Vec<String> {
    let mut reasons: BTreeMap<&str, u64> = BTreeMap::new();
    for item in of(plan, Action::Skip) {
        *reasons.entry(item.because().unwrap_or(NO_REASON)).or_default() += 1;
    }
    let unchanged = plan.counts.unchanged;
    let already = (unchanged > 0).then(|| format!("  = {} already as the mappings say", count(unchanged)));
    let skipped = reasons
        .into_iter()
        .map(|(reason, number)| format!("  = {} because {}", count(number), plain(reason)));
    already.into_iter().chain(skipped).collect()
}

fn summary(plan: &Plan, next: &str, paint: Paint) -> String {
    let counts = &plan.counts;
    let left_alone = count(counts.unchanged + counts.skip);
    let summary = paint.bold(&format!("Plan: {}, {left_alone} left alone.", counts.text()));
    if counts.to_do() > 0 && !next.is_empty() {
        return format!("{summary} {next}\n");
    }
    summary
}

/// The name as a shell takes it for one word.
pub(crate) fn quoted(name: &str) -> String {
    let is_plain = |char: char| char.is_alphanumeric() || matches!(char, '-' | '_' | '.' | '@');
    if name.chars().all(is_plain) {
        name.to_owned()
    } else {
        format!("'{}'", name.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(plan: Value) -> Plan {
        serde_json::from_value(plan).expect("a plan")
    }

    fn counts(with: Value) -> Value {
        let mut all = json!({"create": 0, "link": 0, "update": 0, "disable": 0, "enable": 0, "delete": 0,
                             "unchanged": 0, "skip": 0, "error": 0});
        for (name, number) in with.as_object().cloned().unwrap_or_default() {
            all[name] = number;
        }
        all
    }

    fn subject(name: &str) -> Value {
        json!({"id": "0193", "name": name})
    }

    fn mixed() -> Plan {
        read(json!({
            "counts": {"create": 1, "link": 1, "update": 1, "disable": 1, "enable": 1, "delete": 1,
                       "unchanged": 1240, "skip": 3, "error": 1},
            "items": [
                {"subject": subject("anna@example.com"), "action": "create", "reason": "no account matches", "changes": [
                    {"attribute": "userName", "old": null, "new": "anna@example.com"},
                    {"attribute": "displayName", "old": null, "new": "Anna Lindqvist"},
                    {"attribute": "active", "old": null, "new": true},
                    {"attribute": "title", "old": null, "new": "Engineer"},
                    {"attribute": "addresses[type eq \"work\"].region", "old": null, "new": null}]},
                {"subject": subject("Bo Ek"), "action": "link", "reason": "userName matches", "changes": [
                    {"attribute": "externalId", "old": null, "new": "0193-bo"}]},
                {"subject": subject("Zoë Müller"), "action": "update", "reason": "differs", "changes": [
                    {"attribute": "title", "old": "Engineer", "new": "Senior Engineer"},
                    {"attribute": "phoneNumbers[type eq \"mobile\"].value", "old": "+46 70 1", "new": null}]},
                {"subject": subject("Jane Roe"), "action": "disable", "reason": "unassigned", "changes": [
                    {"attribute": "active", "old": true, "new": false}]},
                {"subject": subject("Rick Return"), "action": "enable", "reason": "assigned again", "changes": [
                    {"attribute": "active", "old": false, "new": true}]},
                {"subject": subject("Gone Gunn"), "action": "delete", "reason": "removed from the directory", "changes": []},
                {"subject": subject("No Name"), "action": "skip", "reason": "assigned",
                 "error": {"code": "match.no_value", "text": "userName would be empty."}, "changes": []},
                {"subject": subject("A"), "action": "skip", "reason": "never had an account and is inactive"},
                {"subject": subject("B"), "action": "skip", "reason": "creating is switched off"},
                {"subject": subject("C"), "action": "skip", "reason": "creating is switched off"}]}))
    }

    #[test]
    fn reads_like_a_review() {
        insta::assert_snapshot!(plan(&mixed(), "Webex", Rest::Counted, Paint::Plain), @r#"
        1 to create
          + create Anna Lindqvist (anna@example.com)
              userName: anna@example.com
              displayName: Anna Lindqvist
              active: true
              title: Engineer

        1 to link
          ~ link Bo Ek because userName matches
              externalId: (empty) → 0193-bo

        1 to update
          ~ update Zoë Müller
              title: Engineer → Senior Engineer
              phoneNumbers[type eq "mobile"].value: +46 70 1 → (empty)

        1 to enable
          + enable Rick Return because assigned again
              active: false → true

        1 to disable
          - disable Jane Roe because unassigned
              active: true → false

        1 to delete
          - delete Gone Gunn because removed from the directory

        1 that cannot be planned
          ! No Name: userName would be empty

        1,243 left alone
          = 1,240 already as the mappings say
          = 2 because creating is switched off
          = 1 because never had an account and is inactive

        Plan: 1 to create, 1 to link, 1 to update, 1 to enable, 1 to disable, 1 to delete, 1 error, 1,243 left alone. Carry it out with `instep app sync Webex`.
        "#);
    }

    #[test]
    fn nothing_to_do_says_so() {
        let nothing = read(json!({"counts": counts(json!({"unchanged": 200})), "items": []}));
        insta::assert_snapshot!(plan(&nothing, "Webex", Rest::Counted, Paint::Plain), @r"
        200 left alone
          = 200 already as the mappings say

        Plan: nothing to do, 200 left alone.
        ");
    }

    #[test]
    fn everyone_is_named_when_asked_for() {
        let all = read(
            json!({"counts": counts(json!({"unchanged": 1, "skip": 1})), "items": [
            {"subject": subject("Anna Lindqvist"), "action": "unchanged", "reason": null, "changes": []},
            {"subject": subject("Bo Ek"), "action": "skip", "reason": "creating is switched off", "changes": []}]}),
        );
        insta::assert_snapshot!(plan(&all, "My App", Rest::Named, Paint::Plain), @r"
        2 left alone
          = Anna Lindqvist
          = Bo Ek because creating is switched off

        Plan: nothing to do, 2 left alone.
        ");
    }

    #[test]
    fn colours_mark_the_action_and_leave_names_alone() {
        let one = read(json!({"counts": counts(json!({"disable": 1})), "items": [
            {"subject": subject("Jane \u{1b}[2J"), "action": "disable", "reason": "unassigned", "changes": []}]}));
        let text = plan(&one, "Webex", Rest::Counted, Paint::Colored);
        assert!(
            text.contains("\u{1b}[31m- disable\u{1b}[0m Jane \\u{1b}[2J because unassigned"),
            "{text:?}"
        );
    }

    #[test]
    fn names_are_quoted_for_the_shell() {
        assert_eq!(quoted("Webex"), "Webex");
        assert_eq!(quoted("My App"), "'My App'");
        assert_eq!(quoted("Bo's"), r"'Bo'\''s'");
    }
}
