//! Schemas that are small and stand for very much: what definitions repeat of others is limited.

use qapi_parser::Dialect;
use qapi_parser::diag::{Code, Severity};
use qapi_parser::limits::REPEATED_BYTES;

#[expect(dead_code, reason = "shared by several tests")]
#[path = "support/load.rs"]
mod loading;

/// The codes of the errors of a schema that need not be documented.
fn errors(definitions: &str) -> Vec<Code> {
    let loaded = loading::load_text(definitions, Dialect::Auto);
    let errors = loaded.diagnostics.iter();
    let errors: Vec<_> = errors
        .filter(|it| it.severity == Severity::Error)
        .map(|it| it.code)
        .collect();
    assert_eq!(loaded.schema.is_some(), errors.is_empty());
    errors
}

fn numbered(count: usize, definition: impl Fn(usize) -> String) -> String {
    let definitions: Vec<_> = (0..count).map(definition).collect();
    definitions.concat()
}

/// `count` members of type `int`.
fn members(count: usize) -> String {
    let members: Vec<_> = (0..count).map(|n| format!("'m{n}': 'int'")).collect();
    members.join(", ")
}

fn values(count: usize) -> String {
    let values: Vec<_> = (0..count).map(|n| format!("'v{n}'")).collect();
    values.join(", ")
}

/// Schemas whose definitions repeat each other, of a size that grows with the number.
fn shapes(n: usize) -> Vec<(&'static str, String)> {
    let base = format!("{{ 'struct': 'Base', 'data': {{ {} }} }}\n", members(n));
    let branch = "{ 'enum': 'Kind', 'data': [ 'x', 'y' ] }\n{ 'struct': 'Branch', 'data': { 'z': 'int' } }\n";
    let union_base = format!(
        "{{ 'struct': 'Base', 'data': {{ 'kind': 'Kind', {} }} }}\n",
        members(n)
    );
    let documented = format!(
        "##\n# @Base:\n#\n# {}\n##\n{{ 'struct': 'Base', 'data': {{}} }}\n",
        "word ".repeat(n * 4)
    );
    vec![
        (
            "unions over a base",
            format!("{branch}{union_base}")
                + &numbered(n, |i| {
                    format!(
                        "{{ 'union': 'Union{i}', 'base': 'Base', 'discriminator': 'kind', 'data': {{ 'x': 'Branch' }} }}\n"
                    )
                }),
        ),
        (
            "structs over a base",
            base.clone()
                + &numbered(n, |i| {
                    format!("{{ 'struct': 'Type{i}', 'base': 'Base', 'data': {{}} }}\n")
                }),
        ),
        (
            "a chain of bases",
            numbered(3 * n, |i| {
                let base = if i > 0 {
                    format!("'base': 'Type{}', ", i - 1)
                } else {
                    String::new()
                };
                format!("{{ 'struct': 'Type{i}', {base}'data': {{ 'a{i}': 'int' }} }}\n")
            }),
        ),
        (
            "arguments of commands",
            base.clone()
                + &numbered(n, |i| {
                    format!("{{ 'command': 'command{i}', 'data': 'Base' }}\n")
                }),
        ),
        (
            "data of events",
            base.clone()
                + &numbered(n, |i| {
                    format!("{{ 'event': 'EVENT{i}', 'data': 'Base' }}\n")
                }),
        ),
        (
            "replies of commands",
            base.clone()
                + &numbered(n, |i| {
                    format!("{{ 'command': 'command{i}', 'returns': 'Base' }}\n")
                }),
        ),
        ("branches of unions", {
            let few = n.isqrt() * 2;
            let branches: Vec<_> = (0..few).map(|i| format!("'v{i}': 'Base'")).collect();
            let branches = branches.join(", ");
            format!("{base}{{ 'enum': 'Kind', 'data': [ {} ] }}\n", values(few))
                + &numbered(few, |i| {
                    format!(
                        "{{ 'union': 'Union{i}', 'base': {{ 'kind': 'Kind' }}, 'discriminator': 'kind', 'data': {{ {branches} }} }}\n"
                    )
                })
        }),
        ("values without a branch", {
            format!(
                "{{ 'enum': 'Kind', 'data': [ {} ] }}\n{{ 'struct': 'Branch', 'data': {{ 'z': 'int' }} }}\n",
                values(n)
            ) + &numbered(n, |i| {
                format!(
                    "{{ 'union': 'Union{i}', 'base': {{ 'kind': 'Kind' }}, 'discriminator': 'kind', 'data': {{ 'v0': 'Branch' }} }}\n"
                )
            })
        }),
        (
            "documentation of a base",
            documented
                + &numbered(n, |i| {
                    format!("{{ 'struct': 'Type{i}', 'base': 'Base', 'data': {{}} }}\n")
                }),
        ),
    ]
}

#[test]
fn schemas_that_stand_for_too_much_are_an_error() {
    for (name, text) in shapes(1_000) {
        assert!(text.len() < 400_000, "{name}: {} bytes", text.len());
        assert_eq!(errors(&text), [Code::LIMIT_REPEATS], "{name}");
    }
}

#[test]
fn schemas_that_repeat_what_real_ones_do_are_fine() {
    for (name, text) in shapes(100) {
        assert_eq!(errors(&text), [], "{name}");
    }
}

/// Text that stands only once may be as large as it likes.
#[test]
fn large_schemas_without_repetition_are_fine() {
    let n = usize::try_from(REPEATED_BYTES / 20).unwrap();
    let own = numbered(20, |i| {
        format!(
            "{{ 'struct': 'Type{i}', 'data': {{ {} }} }}\n",
            members(n / 20)
        )
    });
    let used = numbered(1_000, |i| {
        format!(
            "{{ 'command': 'command{i}', 'data': {{ 'a': 'Type{}', 'b': ['Type0'] }} }}\n",
            i % 20
        )
    });
    assert_eq!(errors(&(own + &used)), []);
}

#[test]
fn one_definition_of_many_is_reported() {
    let (_, text) = shapes(1_000).swap_remove(0);
    let loaded = loading::load_text(&text, Dialect::Auto);
    let error = loaded
        .diagnostics
        .iter()
        .find(|it| it.code == Code::LIMIT_REPEATS);
    let error = error.expect("it is too much");
    assert!(
        error
            .message
            .contains("exceeds the limit: definitions can repeat at most 8 MiB"),
        "{}",
        error.message
    );
    let entity = error.entity.as_ref().expect("it is about a definition");
    assert!(entity.name.starts_with("Union"), "{}", entity.name);
}
