//! Mistakes in documentation blocks.

use super::{Change, Mistake};
use crate::generate::{Item, Random, Value};

macro_rules! mistakes {
    ($($name:literal $code:literal $change:expr;)*) => {
        pub(super) const ALL: &[Mistake] = &[$(Mistake { name: $name, code: $code, change: Change::Document($change) },)*];
    };
}

mistakes! {
    "a block has another name" "DOC-SYMBOL" |m, r| header(m, r, "# @Other-Name:");
    "a header has no colon" "DOC-HDR-COLON" |m, r| in_one(m, r, |lines| lines[1].pop().is_some());
    "a header has no name" "DOC-HDR-NAME" |m, r| header(m, r, "# @:");
    "a block has no header" "DOC-NOT-DEF" |m, r| in_one(m, r, |lines| {
        let fits = lines.iter().skip(2).all(|line| !line.starts_with("# @"));
        *lines = lines_of(&["##", "# Some text", "##"]);
        fits
    });
    "a definition is not documented" "DOC-REQUIRED" |m, r| {
        let documented: Vec<usize> = (0..m.len()).filter(|index| m[*index].doc.is_some()).collect();
        let index = *r.pick(&documented).expect("all definitions are documented");
        m[index].doc = None;
        true
    };
    "a block belongs to a directive" "DOC-ORPHAN" |m, r| {
        let item = Item {
            doc: Some(lines_of(&["##", "# @Name:", "##"])),
            value: Value::object([("pragma", Value::object([]))]),
        };
        m.insert(r.between(0, m.len()), item);
        true
    };
    "text follows the start of a block" "DOC-START-JUNK" |m, r| in_one(m, r, |lines| {
        lines[0].push_str(" text");
        true
    });
    "text follows the end of a block" "DOC-END-JUNK" |m, r| in_one(m, r, |lines| {
        lines.last_mut().expect("a block has lines").push('#');
        lines.push("##".into());
        true
    });
    "a block has no end" "DOC-UNTERMINATED" |m, r| in_one(m, r, |lines| lines.pop().is_some());
    "a line has no blank behind the hash" "DOC-NO-SPACE" |m, r| intro(m, r, &["#", "#text"]);
    "a line is too long" "DOC-LONG" |m, r| intro(m, r, &["#", "# An unreasonably long line of text, which has more than seventy columns."]);
    "a single blank separates sentences" "DOC-SPACING" |m, r| intro(m, r, &["#", "# One sentence. Two sentences."]);
    "a member is described that is not there" "DOC-BOGUS" |m, r| members(m, r, "# @no-such-member: text");
    "a member is described twice" "DOC-DUP-ARG" |m, r| in_one(m, r, |lines| {
        let described = lines.iter().skip(2).position(|line| line.starts_with("# @"));
        let Some(index) = described else { return false };
        let name = lines[index + 2].split_inclusive(':').next().expect("there is a name");
        let twin = format!("{name} again");
        lines.insert(index + 2, twin);
        true
    });
    "a member has no name" "DOC-ARG-NAME" |m, r| members(m, r, "# @: text");
    "a member is not described" "DOC-MEMBER-MISSING" |m, r| value(m, r, "struct", |members| {
        match members.iter_mut().find(|(key, _)| key == "data") {
            Some((_, Value::Object(data))) => {
                data.push(("fresh-member".into(), Value::string("str")));
                true
            }
            _ => false,
        }
    });
    "a value is not described" "DOC-MEMBER-MISSING" |m, r| value(m, r, "enum", |members| {
        match members.iter_mut().find(|(key, _)| key == "data") {
            Some((_, Value::Array(data))) => {
                data.push(Value::string("fresh-value"));
                true
            }
            _ => false,
        }
    });
    "a feature is not described" "DOC-FEATURE-MISSING" |m, r| value(m, r, "command", |members| {
        let fits = members.iter().all(|(key, _)| key != "features");
        members.push(("features".into(), Value::strings(["fresh-feature"])));
        fits
    });
    "a section stands twice" "DOC-DUP-SECTION" |m, r| outro(m, r, "# Since", &["#", "# Since: 1", "#", "# Since: 2"]);
    "a section is empty" "DOC-EMPTY-TEXT" |m, r| outro(m, r, "# Since", &["#", "# Since:"]);
    "a section is from the past" "DOC-OLD-TAG" |m, r| outro(m, r, "~", &["#", "# Note: text"]);
    "features are announced, but none follows" "DOC-NO-FEATURES" |m, r| outro(m, r, "# Features:", &["#", "# Features:", "#", "# text"]);
    "features are announced twice" "DOC-DUP-FEATURES" |m, r| in_one(m, r, |lines| {
        let fits = lines.iter().any(|line| line == "# Features:");
        let last = lines.len() - 1;
        lines.splice(last..last, lines_of(&["#", "# Features:", "#", "# text"]));
        fits
    });
    "members are described too late" "DOC-ARG-LATE" |m, r| in_one(m, r, |lines| {
        let members = lines.iter().take_while(|line| *line != "# Features:").enumerate();
        let Some((second, _)) = members.skip(2).filter(|(_, line)| line.starts_with("# @")).nth(1) else {
            return false;
        };
        lines.splice(second..second, lines_of(&["#", "# TODO: all", "#"]));
        true
    });
    "the second line of a section is indented less" "DOC-DEINDENT" |m, r| outro(m, r, "~", &["#", "# TODO: all", "#     indented", "#   less"]);
    "a struct has a reply" "DOC-SECTION-KIND" |m, r| for_meta(m, r, "struct", &["#", "# Returns: text"]);
    "an event has errors" "DOC-SECTION-KIND" |m, r| for_meta(m, r, "event", &["#", "# Errors: text"]);
    "a free-form block describes a member" "DOC-FREE-AT" |m, r| {
        let item = Item {
            doc: Some(lines_of(&["##", "# Some text", "# @name: text", "##"])),
            value: Value::object([("pragma", Value::object([]))]),
        };
        m.insert(r.between(0, m.len()), item);
        true
    };
}

fn lines_of(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|line| (*line).to_owned()).collect()
}

/// Changes the lines of one block, any that `change` accepts.
fn in_one(items: &mut [Item], rng: &mut Random, change: impl Fn(&mut Vec<String>) -> bool) -> bool {
    let count = items.len();
    let start = rng.below(count);
    (0..count).any(|step| {
        let doc = &mut items[(start + step) % count].doc;
        let Some(mut lines) = doc.clone() else {
            return false;
        };
        let fits = change(&mut lines);
        if fits {
            *doc = Some(lines);
        }
        fits
    })
}

fn header(items: &mut [Item], rng: &mut Random, line: &str) -> bool {
    in_one(items, rng, |lines| {
        line.clone_into(&mut lines[1]);
        true
    })
}

/// Adds lines after the header.
fn intro(items: &mut [Item], rng: &mut Random, added: &[&str]) -> bool {
    in_one(items, rng, |lines| {
        lines.splice(2..2, lines_of(added));
        true
    })
}

/// Adds lines at the end of a block in which no line starts with `without`.
fn outro(items: &mut [Item], rng: &mut Random, without: &str, added: &[&str]) -> bool {
    in_one(items, rng, |lines| {
        let fits = !lines.iter().any(|line| line.starts_with(without));
        let last = lines.len() - 1;
        lines.splice(last..last, lines_of(added));
        fits
    })
}

/// Adds a line to the descriptions of members or features.
fn members(items: &mut [Item], rng: &mut Random, line: &str) -> bool {
    in_one(items, rng, |lines| {
        let described = lines
            .iter()
            .skip(2)
            .position(|line| line.starts_with("# @"));
        let Some(index) = described else { return false };
        lines.insert(index + 2, line.to_owned());
        true
    })
}

/// Changes the keys of a definition of some kind.
fn value(
    items: &mut [Item],
    rng: &mut Random,
    meta: &str,
    change: impl Fn(&mut Vec<(String, Value)>) -> bool,
) -> bool {
    let count = items.len();
    let start = rng.below(count);
    (0..count).any(|step| {
        let Value::Object(members) = &mut items[(start + step) % count].value else {
            return false;
        };
        let mut changed = members.clone();
        let fits = members.iter().any(|(key, _)| key == meta) && change(&mut changed);
        if fits {
            *members = changed;
        }
        fits
    })
}

/// Adds lines to the block of a definition of some kind.
fn for_meta(items: &mut [Item], rng: &mut Random, meta: &str, added: &[&str]) -> bool {
    let mut of_meta: Vec<&mut Item> = items
        .iter_mut()
        .filter(|item| match &item.value {
            Value::Object(members) => members.iter().any(|(key, _)| key == meta),
            _ => false,
        })
        .collect();
    let count = of_meta.len();
    if count == 0 {
        return false;
    }
    let Some(lines) = &mut of_meta[rng.below(count)].doc else {
        return false;
    };
    let last = lines.len() - 1;
    lines.splice(last..last, lines_of(added));
    true
}
