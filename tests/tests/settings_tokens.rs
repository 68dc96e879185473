//! Settings that take Rust come out as the tokens that were given, with every formatter.

use std::fmt::Write as _;
use std::path::Path;

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use qapi_codegen::{Conditions, Config, Formatter, Output};
use qapi_parser::ir::Schema;
use qapi_tests::generate::{FilesInMemory, Random};
use quote::ToTokens;

/// Texts of each kind in one schema.
const COUNT: usize = 80;

const FORMATTERS: [Formatter; 3] = [Formatter::Prettyplease, Formatter::Rustfmt, Formatter::None];

/// A name that the generator uses itself, for attributes in the place of documentation that is not printed yet.
const MARK: &str = "kept\u{301}0";

fn pick<'t>(rng: &mut Random, from: &[&'t str]) -> &'t str {
    from[rng.below(from.len())]
}

fn word(rng: &mut Random) -> &'static str {
    let words = [
        "arg",
        "short",
        "r#type",
        "x",
        "doc",
        "comment",
        "Größe",
        "_y1",
        "long_name_of_something_or_other",
        MARK,
    ];
    pick(rng, &words)
}

fn literal(rng: &mut Random) -> &'static str {
    let literals = [
        "'v'",
        "'\\n'",
        "'\"'",
        "\"text\"",
        "\"a \\\" b\"",
        "\"\\u{41} \"",
        "r\"raw\"",
        "r#\"a \"quoted\" b\"#",
        "b\"bytes\"",
        "b'x'",
        "c\"c\"",
        "1",
        "0x1F_u8",
        "1.5e3",
        "\"line\\nline\"",
        "\"/ // /* */\"",
        "\"\"",
        "\"# [kept\u{301}0] # [kept\u{301}1]\"",
        "\"\n#[kept\u{301}0]\n#[kept\u{301}1]\"",
        "\"a text that is so long that it does not fit on a line of ninety columns, nor on one of a hundred\"",
    ];
    pick(rng, &literals)
}

/// Any tokens, such as macros of attributes take.
fn tokens(rng: &mut Random, depth: usize) -> String {
    let mut out = String::new();
    for _ in 0..rng.below(7) {
        match rng.below(10) {
            0..=2 => out.push_str(word(rng)),
            3 | 4 => out.push_str(literal(rng)),
            5 | 6 if depth > 0 => {
                let (open, close) = [("(", ")"), ("[", "]"), ("{", "}")][rng.below(3)];
                let _ = write!(out, "{open}{}{close}", tokens(rng, depth - 1));
            }
            7 => out.push_str(pick(rng, &["'a", "'static", "'_"])),
            _ => {
                let marks = [
                    "=", "==", "=>", "->", "::", ",", ",", "|", "||", "&", "&&", "..", "..=", "+",
                    "+=", "-", "*", "<", ">", "<<", ">>", "?", "!", "!=", ".", ":", ";", "@", "$",
                    "%", "^", "#",
                ];
                out.push_str(pick(rng, &marks));
                if rng.chance(40) {
                    continue;
                }
            }
        }
        out.push(' ');
    }
    // A comma at the end is optional for most macros, but not for all.
    out + pick(rng, &["", "", "", ","])
}

fn path(rng: &mut Random) -> String {
    let mut out = pick(rng, &["", "", "::", "crate::", "self::"]).to_owned();
    for _ in 0..rng.below(3) {
        let _ = write!(out, "{}::", word(rng));
    }
    out + word(rng)
}

fn attribute(rng: &mut Random) -> String {
    let name = pick(rng, &["arg", "x::y", "comment", "doc", "serde"]);
    match rng.below(8) {
        0 => format!("#[{}]", path(rng)),
        1 => format!("#[{name} = {}]", literal(rng)),
        2 => format!(
            "#[doc = {}]",
            pick(
                rng,
                &[
                    "\"a  \"",
                    "\"\"",
                    "\" plain\"",
                    "\"/\"",
                    "\"a\\n b\"",
                    "r\" raw\""
                ]
            )
        ),
        3 => pick(
            rng,
            &[
                "/// A line.\n",
                "/** A block. */",
                "/// Trailing blanks.  \n",
            ],
        )
        .to_owned(),
        4 => format!("#[{name}[{}]]", tokens(rng, 2)),
        5 => format!("#[{name}{{{}}}]", tokens(rng, 2)),
        _ => format!("# [ {name} ( {} ) ]", tokens(rng, 3)),
    }
}

fn attributes(rng: &mut Random) -> String {
    (0..=rng.below(2)).map(|_| attribute(rng)).collect()
}

fn argument(rng: &mut Random, depth: usize) -> String {
    match rng.below(9) {
        0 => pick(rng, &["'c'", "1", "-1", "true", "{ N + 1 }", "\"s\""]).to_owned(),
        1 => format!("({}, u8)", ty(rng, depth)),
        2 => format!("[{}; 4]", ty(rng, depth)),
        3 => format!("&'static {}", ty(rng, depth)),
        4 => format!("fn({}) -> {}", ty(rng, depth), ty(rng, depth)),
        5 => format!("dyn {} + Send", path(rng)),
        _ => ty(rng, depth),
    }
}

/// Generic arguments in the order that the language has: lifetimes, types and constants, associated types.
fn arguments(rng: &mut Random, depth: usize) -> Vec<String> {
    let mut all: Vec<_> = (0..rng.below(2))
        .map(|_| pick(rng, &["'a", "'static"]).to_owned())
        .collect();
    all.extend((0..rng.below(3)).map(|_| argument(rng, depth)));
    all.extend((0..rng.below(2)).map(|_| format!("Item = {}", ty(rng, depth))));
    all
}

/// The path of a type.
fn ty(rng: &mut Random, depth: usize) -> String {
    if depth > 1 && rng.chance(15) {
        return format!("<{} as {}>::{}", ty(rng, depth - 1), path(rng), word(rng));
    }
    let mut out = path(rng);
    if depth > 0 && rng.chance(70) {
        let arguments = arguments(rng, depth - 1);
        let (path, comma) = (pick(rng, &["", "::"]), pick(rng, &[",", ", "]));
        if !arguments.is_empty() {
            let _ = write!(out, "{path}<{}>", arguments.join(comma));
        }
    }
    out
}

fn predicate(rng: &mut Random, depth: usize) -> String {
    match rng.below(if depth == 0 { 2 } else { 5 }) {
        0 => pick(rng, &["unix", "windows", "r#type", "debug_assertions"]).to_owned(),
        1 => format!(
            "feature = {}",
            pick(rng, &["\"a\"", "r\"b-c\"", "\"\\u{41}\""])
        ),
        2 => format!("not({})", predicate(rng, depth - 1)),
        which => {
            let parts: Vec<_> = (0..rng.below(4))
                .map(|_| predicate(rng, depth - 1))
                .collect();
            let name = if which == 3 { "all" } else { "any" };
            format!("{name}({})", parts.join(", "))
        }
    }
}

fn schema() -> Schema {
    let mut text = String::new();
    let mut members = String::new();
    let mut uses = String::new();
    for index in 0..COUNT {
        let _ = write!(members, "'a{index}': 'int', ");
        let _ = writeln!(
            text,
            "{{ 'struct': 'Own{index}', 'data': {{ 'x': 'int' }} }}"
        );
        let _ = write!(uses, "'t{index}': 'Own{index}', ");
        let _ = writeln!(
            text,
            "{{ 'struct': 'Der{index}', 'data': {{ 'x': 'int' }} }}"
        );
        let _ = writeln!(text, "{{ 'command': 'c{index}', 'if': 'S{index}' }}");
    }
    let (members, uses) = (members.trim_end_matches(", "), uses.trim_end_matches(", "));
    let _ = writeln!(
        text,
        "{{ 'struct': 'Attributes', 'data': {{ {members} }} }}"
    );
    let _ = writeln!(text, "{{ 'struct': 'Uses', 'data': {{ {uses} }} }}");
    let files = FilesInMemory::new(&[("schema.json".to_owned(), text)]);
    let loaded = qapi_parser::load(
        Path::new("schema.json"),
        &files,
        &qapi_parser::Options::default(),
    );
    loaded.schema.expect("the schema is valid")
}

/// Texts of each kind, by index.
struct Texts {
    attributes: Vec<String>,
    types: Vec<String>,
    derives: Vec<String>,
    predicates: Vec<String>,
}

impl Texts {
    fn new(rng: &mut Random) -> Self {
        let mut texts = Self {
            attributes: vec![
                "#[arg(short='v')]".to_owned(),
                "#[sep('a','b')]".to_owned(),
                "#[cfg(any(x,'c'))]".to_owned(),
            ],
            types: vec![
                "x::Foo<'a'>".to_owned(),
                "x::Foo<-1>".to_owned(),
                format!("x::{}<u8>", "Long".repeat(32)),
            ],
            derives: Vec::new(),
            predicates: Vec::new(),
        };
        texts.attributes.extend((3..COUNT).map(|_| attributes(rng)));
        texts.types.extend((3..COUNT).map(|_| ty(rng, 3)));
        texts.derives.extend((0..COUNT).map(|_| path(rng)));
        texts
            .predicates
            .extend((0..COUNT).map(|_| predicate(rng, 3)));
        texts
    }

    fn config(&self, formatter: Formatter) -> Config {
        let mut config = Config::new()
            .formatter(formatter)
            .conditions(Conditions::Cfg);
        for index in 0..COUNT {
            config = config
                .attribute(format!("Attributes.a{index}"), &self.attributes[index])
                .extern_type(format!("Own{index}"), &self.types[index])
                .derive(format!("Der{index}"), &self.derives[index])
                .predicate(format!("S{index}"), &self.predicates[index]);
        }
        config
    }
}

/// Differences that count.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sameness {
    /// One by one, and which marks are one.
    Exact,
    /// But for what means nothing in types, predicates and lists: commas at the end, `::` before generic arguments, and
    /// how `>>` is read.
    InLists,
}

fn flat(tokens: TokenStream, sameness: Sameness, out: &mut Vec<String>) {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::None => ("", ""),
                };
                out.push(open.to_owned());
                flat(group.stream(), sameness, out);
                out.push(close.to_owned());
            }
            TokenTree::Punct(mark) if sameness == Sameness::Exact => {
                let next_is_mark = matches!(tokens.peek(), Some(TokenTree::Punct(_)));
                let is_joint = mark.spacing() == Spacing::Joint && next_is_mark;
                out.push(format!(
                    "{}{}",
                    mark.as_char(),
                    if is_joint { "_" } else { "" }
                ));
            }
            TokenTree::Punct(mark) => {
                let is_last = match tokens.peek() {
                    None => true,
                    Some(TokenTree::Punct(next)) => next.as_char() == '>',
                    Some(_) => false,
                };
                if mark.as_char() == '<' && out.ends_with(&[":".to_owned(), ":".to_owned()]) {
                    out.truncate(out.len() - 2);
                }
                if !(mark.as_char() == ',' && is_last) {
                    out.push(mark.to_string());
                }
            }
            other => out.push(other.to_string()),
        }
    }
}

#[track_caller]
fn same(given: &TokenStream, found: &TokenStream, sameness: Sameness, what: &str) {
    let (mut left, mut right) = (Vec::new(), Vec::new());
    flat(given.clone(), sameness, &mut left);
    flat(found.clone(), sameness, &mut right);
    assert_eq!(left, right, "{what}\n given: {given}\n found: {found}");
}

fn item<'f>(file: &'f syn::File, name: &str) -> &'f syn::ItemStruct {
    let structs = file.items.iter().filter_map(|item| match item {
        syn::Item::Struct(item) if item.ident == name => Some(item),
        _ => None,
    });
    structs.into_iter().next().expect(name)
}

fn parse(output: &Output, path: &str) -> syn::File {
    syn::parse_file(output.get(path).expect(path)).expect(path)
}

fn check(output: &Output, texts: &Texts, formatter: Formatter) {
    let types = parse(output, "types.rs");
    let attributes = item(&types, "Attributes").fields.iter();
    let uses = item(&types, "Uses").fields.iter();
    // rustfmt sets attributes by rules of its own, which drop a comma at the end.
    let sameness = match formatter {
        Formatter::Rustfmt => Sameness::InLists,
        _ => Sameness::Exact,
    };
    for (index, (attribute, user)) in attributes.zip(uses).enumerate() {
        let what = format!("{formatter:?}, {index}");
        let given: TokenStream = texts.attributes[index].parse().expect("it is valid Rust");
        // The first is the documentation of the field.
        let found = attribute
            .attrs
            .iter()
            .skip(1)
            .map(ToTokens::to_token_stream);
        same(&given, &found.collect(), sameness, &what);
        let given: TokenStream = texts.types[index].parse().expect("it is valid Rust");
        same(&given, &user.ty.to_token_stream(), Sameness::InLists, &what);
        let derive = item(&types, &format!("Der{index}")).attrs.iter();
        let derive = derive.filter(|it| it.path().is_ident("derive"));
        let paths: TokenStream = derive
            .map(|it| it.meta.require_list().expect("a list").tokens.clone())
            .collect();
        let given = format!("Clone, PartialEq, Default, {}", texts.derives[index]);
        let given: TokenStream = given
            .replace("Default, ", "")
            .parse()
            .expect("it is valid Rust");
        same(&given, &paths, Sameness::InLists, &what);
    }
    let commands = parse(output, "commands.rs");
    for (index, predicate) in texts.predicates.iter().enumerate() {
        let cfg = item(&commands, &format!("C{index}")).attrs.iter();
        let cfg = cfg
            .filter(|it| it.path().is_ident("cfg"))
            .map(|it| it.meta.require_list().expect("a list").tokens.clone());
        same(
            &predicate.parse().expect("it is valid Rust"),
            &cfg.collect(),
            Sameness::InLists,
            &format!("{formatter:?}, {index}"),
        );
    }
}

#[test]
fn tokens_of_settings_come_out_as_they_were_given() {
    let schema = schema();
    for seed in 0..25 {
        let texts = Texts::new(&mut Random::new(seed));
        for formatter in FORMATTERS {
            // One run of rustfmt takes longer than the other formatters together.
            if formatter == Formatter::Rustfmt && seed >= 5 {
                continue;
            }
            let output = match texts.config(formatter).generate(&schema) {
                Ok(output) => output,
                Err(errors) => {
                    let texts: Vec<_> = errors.iter().map(|it| (&it.message, &it.notes)).collect();
                    panic!("seed {seed}, {formatter:?}: {texts:#?}");
                }
            };
            check(&output, &texts, formatter);
        }
    }
}
