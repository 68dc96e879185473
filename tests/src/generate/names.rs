//! Names of all the shapes that the language allows (docs/reference/language.md §2.6).

use crate::Random;

const WORDS: [&str; 40] = [
    "node", "size", "on", "off", "auto", "device", "x", "id", "data", "type", "base", "if", "name",
    "features", "returns", "mode", "limit", "u8", "true", "null", "list", "kind", "enum", "event",
    "cache", "path", "q", "has", "tls", "port", "a", "b", "host", "read", "max", "min", "rate",
    "all", "not", "any",
];

fn word(rng: &mut Random) -> &'static str {
    rng.pick(&WORDS).expect("there are words")
}

fn words(rng: &mut Random, separator: &str) -> String {
    let mut name = word(rng).to_owned();
    for _ in 0..rng.below(3) {
        name.push_str(separator);
        name.push_str(word(rng));
    }
    if rng.chance(30) {
        name.push_str(&rng.below(100).to_string());
    }
    name
}

fn prefixed(rng: &mut Random, name: String) -> String {
    match rng.below(20) {
        0 => format!("__org.example-x_{name}"),
        1 => format!("x-{name}"),
        2 => format!("__RFQDN_x-{name}"),
        _ => name,
    }
}

/// Returns a member, alternative or feature: lower case with hyphens, not reserved.
pub(super) fn member(rng: &mut Random) -> String {
    let name = words(rng, "-");
    if name.starts_with("has-") || name.starts_with("q-") || name == "u" {
        return format!("m{name}");
    }
    prefixed(rng, name)
}

/// Returns a value: may start with a digit and be any reserved name.
pub(super) fn value(rng: &mut Random) -> String {
    match rng.below(12) {
        0 => format!("{}-{}", rng.below(100), word(rng)),
        1 => rng.below(1000).to_string(),
        2 => format!("has-{}", word(rng)),
        3 => "u".to_owned(),
        _ => member(rng),
    }
}

/// Returns a member or value that needs an exception.
pub(super) fn odd(rng: &mut Random) -> String {
    let separator = if rng.chance(50) { "_" } else { "-" };
    format!("odd{separator}{}{separator}Odd", words(rng, separator))
}

/// Returns a command: lower case with hyphens, or with underscores if `odd`.
pub(super) fn command(rng: &mut Random, odd: bool) -> String {
    let name = words(rng, if odd { "_" } else { "-" });
    if name.starts_with("q-") || name.starts_with("q_") {
        return format!("c{name}");
    }
    prefixed(rng, name)
}

/// Returns an event: upper case with underscores.
pub(super) fn event(rng: &mut Random) -> String {
    words(rng, "_").to_ascii_uppercase()
}

/// Returns a type: CamelCase, not ending in `List`.
pub(super) fn ty(rng: &mut Random) -> String {
    let mut name = String::new();
    for part in words(rng, "-").split('-') {
        let (first, rest) = part.split_at(1);
        name.push_str(&first.to_ascii_uppercase());
        name.push_str(rest);
    }
    if !name[1..].contains(|c: char| c.is_ascii_lowercase()) || name.ends_with("List") {
        name.push_str("ype");
    }
    prefixed(rng, name)
}

/// Returns a symbol of a condition.
pub(super) fn symbol(rng: &mut Random) -> String {
    format!("CONFIG_{}", words(rng, "_").to_ascii_uppercase())
}
