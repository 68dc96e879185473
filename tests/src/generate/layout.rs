//! Prints items as text, plainly or with all the freedom that the language leaves.

use super::{Item, Settings, Value, docs};
use crate::Random;

/// Files by name, the root first.
pub(super) fn files(
    rng: &mut Random,
    items: &[Item],
    settings: &Settings,
) -> Vec<(String, String)> {
    let mut files = vec![("schema.json".to_owned(), String::new())];
    for item in items {
        if settings.includes && rng.chance(15) {
            add_file(rng, &mut files);
        }
        let file = rng.below(files.len());
        let text = &mut files[file].1;
        print_item(rng, text, item, settings.wild_layout);
    }
    files
}

/// A further file, included from one of those that are there.
fn add_file(rng: &mut Random, files: &mut Vec<(String, String)>) {
    let name = match rng.below(3) {
        0 => format!("sub/part{}.json", files.len()),
        _ => format!("part{}.json", files.len()),
    };
    let includer = rng.below(files.len());
    let (from, text) = &mut files[includer];
    let target = match (from.contains('/'), name.strip_prefix("sub/")) {
        (true, Some(stem)) => stem.to_owned(),
        (true, None) => format!("../{name}"),
        (false, _) => name.clone(),
    };
    let directive = Value::object([("include", Value::string(target))]);
    value(rng, text, &directive, false);
    text.push('\n');
    files.push((name, String::new()));
}

fn print_item(rng: &mut Random, out: &mut String, item: &Item, wild: bool) {
    if wild && rng.chance(15) {
        for line in docs::free_form(rng) {
            out.push_str(&line);
            out.push('\n');
        }
        // A free-form block directly before a definition is taken for its documentation.
        if item.doc.is_none() {
            out.push_str("{ 'pragma': {} }\n");
        }
    }
    for line in item.doc.iter().flatten() {
        if wild && rng.chance(5) {
            out.push_str(rng.pick(&["\n", "   ", " \t"]).expect("there are some"));
        }
        out.push_str(line);
        out.push('\n');
    }
    value(rng, out, &item.value, wild);
    out.push_str(match rng.below(6) {
        0 if wild => "  # a comment behind it\n",
        1 if wild => " ",
        2 if wild => "\n\n\n",
        _ => "\n",
    });
}

fn value(rng: &mut Random, out: &mut String, value_: &Value, wild: bool) {
    match value_ {
        Value::String(text) => {
            out.push('\'');
            out.push_str(&text.replace('\\', "\\\\"));
            out.push('\'');
        }
        Value::Bool(word) => out.push_str(if *word { "true" } else { "false" }),
        Value::Array(elements) => {
            out.push('[');
            for (index, element) in elements.iter().enumerate() {
                comma(out, index);
                space(rng, out, wild);
                value(rng, out, element, wild);
                maybe_space(rng, out, wild);
            }
            space(rng, out, wild);
            out.push(']');
        }
        Value::Object(members) => {
            out.push('{');
            for (index, (key, member)) in members.iter().enumerate() {
                comma(out, index);
                space(rng, out, wild);
                value(rng, out, &Value::string(key), wild);
                maybe_space(rng, out, wild);
                out.push(':');
                space(rng, out, wild);
                value(rng, out, member, wild);
                maybe_space(rng, out, wild);
            }
            space(rng, out, wild);
            out.push('}');
        }
    }
}

fn comma(out: &mut String, index: usize) {
    if index > 0 {
        out.push(',');
    }
}

/// Nothing, or what may stand between tokens.
fn maybe_space(rng: &mut Random, out: &mut String, wild: bool) {
    if wild && rng.chance(10) {
        space(rng, out, wild);
    }
}

/// White space, and sometimes comments.
fn space(rng: &mut Random, out: &mut String, wild: bool) {
    const SPACES: [&str; 9] = ["", "", " ", "  ", "\n", "\n  ", "\t", "\r\n", "\u{a0}\n\n"];
    const COMMENTS: [&str; 6] = [
        "# a comment\n",
        "\n  # on a line of its own\n",
        "  # behind\n  # and on the next line\n",
        "#\n",
        "# 'quoted', { unbalanced [ ## and so on  \n\n",
        "\n\n        # Überlänge: this one goes on and on, far beyond the end of any line that anybody reads\n        ",
    ];
    if !wild {
        out.push(' ');
        return;
    }
    out.push_str(rng.pick(&SPACES).expect("there are some"));
    if rng.chance(4) {
        out.push_str(rng.pick(&COMMENTS).expect("there are some"));
    }
}
