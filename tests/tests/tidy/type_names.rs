//! No two types of a crate have one name: a name tells what a type is for.

use std::collections::{BTreeMap, BTreeSet};

use syn::{Item, Visibility};

use super::sources::{rust_sources, shown};

/// The types at the top of a file: name, and whether it is public.
fn types(text: &str) -> Vec<(String, bool)> {
    let file = syn::parse_file(text).expect("the source is Rust");
    let types = file.items.iter().filter_map(|item| match item {
        Item::Struct(it) => Some((&it.ident, &it.vis)),
        Item::Enum(it) => Some((&it.ident, &it.vis)),
        Item::Union(it) => Some((&it.ident, &it.vis)),
        Item::Trait(it) => Some((&it.ident, &it.vis)),
        Item::Type(it) => Some((&it.ident, &it.vis)),
        _ => None,
    });
    types
        .map(|(name, visibility)| {
            let is_public = matches!(visibility, Visibility::Public(_));
            (name.to_string(), is_public)
        })
        .collect()
}

/// The crate of a source file, and whether the file is of the crate's asynchronous side.
fn crate_of(path: &str) -> Option<(&str, bool)> {
    let (name, file) = path.split_once("/src/")?;
    let is_asynchronous = file.split(['/', '.']).any(|part| part == "tokio");
    let is_ours = name.starts_with("qapi-") && !name.contains('/');
    is_ours.then_some((name, is_asynchronous))
}

/// Names that more than one file of a crate gives to a type.
///
/// A public type for tokio is called like the blocking one that it stands for, as in other crates: users import one of them.
fn shared_names(sources: &[(String, String)]) -> Vec<String> {
    let mut files = BTreeMap::<(&str, String), BTreeSet<&str>>::new();
    for (path, text) in sources {
        let Some((name, is_asynchronous)) = crate_of(path) else {
            continue;
        };
        for (ty, is_public) in types(text) {
            let is_twin = is_asynchronous && is_public;
            let ty = if is_twin { format!("tokio::{ty}") } else { ty };
            files.entry((name, ty)).or_default().insert(path);
        }
    }
    files.retain(|_, files| files.len() > 1);
    files
        .into_iter()
        .map(|((name, ty), files)| format!("{name} {ty}: {files:?}"))
        .collect()
}

#[test]
fn shared_names_are_found() {
    let source = |path: &str, text: &str| (path.to_owned(), text.to_owned());
    let sources = [
        source(
            "qapi-a/src/x.rs",
            "struct A; mod inner { struct B; } pub struct C;",
        ),
        source("qapi-a/src/y/z.rs", "enum A {} struct B;"),
        source("qapi-a/src/tokio/x.rs", "pub struct C; struct D;"),
        source("qapi-a/src/y/tokio.rs", "pub struct C;"),
        source(
            "qapi-a/src/u.rs",
            "type D = u8; #[cfg(a)] type E = u8; #[cfg(not(a))] type E = u8;",
        ),
        source("qapi-b/src/x.rs", "struct A;"),
        source("qapi-a/tests/x.rs", "struct A;"),
    ];
    let found = shared_names(&sources);
    let names: Vec<_> = found
        .iter()
        .map(|line| line.split(": {").next().unwrap_or_default())
        .collect();
    assert_eq!(names, ["qapi-a A", "qapi-a D", "qapi-a tokio::C"]);
}

#[test]
fn types_of_a_crate_have_names_of_their_own() {
    let sources: Vec<_> = rust_sources()
        .into_iter()
        .map(|(path, text)| (shown(&path), text))
        .collect();
    let found = shared_names(&sources);
    assert!(
        found.is_empty(),
        "name each after what it is for: {found:#?}"
    );
}
