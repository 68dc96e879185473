//! Public types have room to grow: a new field or variant breaks nobody.

use std::collections::BTreeSet;

use syn::{Fields, Item, Visibility};

use super::sources::{rust_sources, shown};

/// Types that are complete by their nature, or made and matched in full by users, with the reason.
const CLOSED: [(&str, &[&str]); 5] = [
    (
        "the language has just these, and a back end must not pass one over",
        &[
            "Anchor",
            "Builtin",
            "Condition",
            "Entity",
            "Meta",
            "PageItem",
            "SectionKind",
            "SectionRef",
            "StringKind",
            "TokenKind",
            "TypeKind",
        ],
    ),
    (
        "JSON, and the protocol, have just these kinds",
        &["Any", "Event", "Incoming", "Kind", "Message"],
    ),
    (
        "an order or a choice that is complete",
        &[
            "Direction",
            "Level",
            "MaybeDeferred",
            "Outcome",
            "Policy",
            "Severity",
            "State",
        ],
    ),
    ("users write it with `..` and the default", &["Limits"]),
    (
        "a wrapper of one value, or a place, copied everywhere",
        &["Base64", "FileId", "Immediate", "Span", "Token"],
    ),
];

/// Public structs and enums at the top of a file that neither are marked nor have a private field.
fn without_room(text: &str) -> Vec<String> {
    let file = syn::parse_file(text).expect("the source is Rust");
    let is_public = |visibility: &Visibility| matches!(visibility, Visibility::Public(_));
    let is_open = |fields: &Fields| {
        let mut fields = fields.iter();
        fields.any(|field| !is_public(&field.vis))
    };
    let types = file.items.iter().filter_map(|item| match item {
        Item::Struct(it) if is_public(&it.vis) => {
            let grows = is_open(&it.fields) || it.fields.is_empty();
            (!grows).then_some((&it.ident, &it.attrs))
        }
        Item::Enum(it) if is_public(&it.vis) => Some((&it.ident, &it.attrs)),
        _ => None,
    });
    types
        .filter(|(_, attributes)| {
            let mut attributes = attributes.iter();
            !attributes.any(|it| it.path().is_ident("non_exhaustive"))
        })
        .map(|(name, _)| name.to_string())
        .collect()
}

#[test]
fn open_types_differ_from_closed_ones() {
    let text = "pub struct A { pub a: u8 } pub struct B { pub a: u8, b: u8 } pub struct C(u8); pub struct D(pub u8);
        #[non_exhaustive] pub enum E { A } pub enum F { A } enum G { A } pub struct H; pub(crate) enum I { A }";
    assert_eq!(without_room(text), ["A", "D", "F"]);
}

/// The command and the agent are programs, and `qapi-ide`, `qapi-lint` and `qapi-traffic` are parts of the command.
#[test]
fn public_types_have_room_to_grow() {
    let mut found = BTreeSet::new();
    for (path, text) in rust_sources() {
        let path = shown(&path);
        let is_library = path.contains("/src/")
            && path.starts_with("qapi-")
            && ![
                "qapi-cli/",
                "qapi-agent/",
                "qapi-ide/",
                "qapi-lint/",
                "qapi-traffic/",
            ]
            .iter()
            .any(|name| path.starts_with(name));
        if is_library {
            found.extend(without_room(&text));
        }
    }
    let closed: BTreeSet<String> = CLOSED
        .iter()
        .flat_map(|(_, names)| names.iter().map(|name| (*name).to_owned()))
        .collect();
    let new: Vec<_> = found.difference(&closed).collect();
    assert!(new.is_empty(), "mark as non_exhaustive: {new:?}");
    let gone: Vec<_> = closed.difference(&found).collect();
    assert!(gone.is_empty(), "not closed any more: {gone:?}");
}
