//! Tables of generated code, by the names of its schema. Shared with the fuzz targets.

use std::fmt::Write as _;

use qapi_parser::ir::{Schema, TypeDef, TypeKind};

/// Functions that give the code of all types, commands and events of a schema by their names in it. What includes them
/// has to say what a `Codec` is and how to make one of a type.
pub fn table(schema: &Schema) -> Result<String, std::fmt::Error> {
    let is_defined = |ty: &&TypeDef| {
        let has_own_code = !matches!(ty.kind, TypeKind::Builtin(_) | TypeKind::Array(_));
        // Wrappers of branches are not there in Rust.
        has_own_code && ty.span.is_some() && !ty.implicit && !ty.name.ends_with("Wrapper")
    };
    let mut text = "use std::collections::BTreeMap;\n".to_owned();
    let mut function = |name: &str, output: &str, entries: Vec<(&str, String)>| {
        writeln!(
            text,
            "pub(crate) fn {name}() -> BTreeMap<&'static str, {output}> {{"
        )?;
        writeln!(text, "    const ENTRIES: &[(&str, {output})] = &[")?;
        for (wire, value) in entries {
            writeln!(text, "        ({wire:?}, {value} as _),")?;
        }
        writeln!(text, "    ];\n    ENTRIES.iter().copied().collect()\n}}")
    };
    let types = schema.types.iter().filter(is_defined);
    let types = types.map(|it| {
        // Its own name would hide the one of the standard library.
        let name = if it.name == "String" {
            "QapiString"
        } else {
            &it.name
        };
        (it.name.as_str(), format!("value::<types::{name}>"))
    });
    function("types", "Codec", types.collect())?;
    let names = |it| (it, camel_case(it));
    let commands: Vec<_> = schema.commands.iter().map(|it| names(&it.name)).collect();
    let events = schema.events.iter().map(|it| names(&it.name));
    for (name, codec, module, entries) in [
        ("arguments", "members", "commands", commands.clone()),
        ("replies", "reply", "commands", commands),
        ("events", "members", "events", events.collect()),
    ] {
        let entry = |(wire, rust)| (wire, format!("{codec}::<{module}::{rust}>"));
        function(name, "Codec", entries.into_iter().map(entry).collect())?;
    }
    Ok(text)
}

/// A name of a command or event as the generator spells it. Where that should be wrong, the tests do not compile.
pub fn camel_case(name: &str) -> String {
    let words = name.split(['-', '_']);
    words
        .flat_map(|word| {
            let first = word.chars().take(1).map(|it| it.to_ascii_uppercase());
            first.chain(word.chars().skip(1).map(|it| it.to_ascii_lowercase()))
        })
        .collect()
}
