//! Schemas with very many mistakes, or with very long ones: what is said about them is short.

/// Bytes that the diagnostics of a schema may take beside those of each.
pub(crate) const FIXED_BYTES: usize = 16_000;

/// Bytes that each diagnostic may take, in any format.
pub(crate) const BYTES_EACH: usize = 8_000;

/// Schemas, each with a name.
pub(crate) fn broken_schemas() -> Vec<(&'static str, String)> {
    let long = "x".repeat(200_000);
    let many = |text: &str| vec![text; 1_000].join(", ");
    let members: Vec<_> = (0..1_000).map(|n| format!("'m{n}': 'int'")).collect();
    let members = members.join(", ");
    let bogus: Vec<_> = (0..1_000).map(|n| format!("# @bogus{n}: text\n")).collect();
    let far = format!("{{ 'struct': 'Far', 'data': {{ {members}, 'last': 'Unknown' }} }}\n");
    vec![
        (
            "keys that stand twice in one line",
            format!(
                "{{ 'struct': 'Twice', 'data': {{ {} }} }}\n",
                many("'a': 'int'")
            ),
        ),
        (
            "keys that stand twice in many lines",
            format!(
                "{{ 'struct': 'Twice', 'data': {{ {} }} }}\n",
                many("\n'a': 'int'")
            ),
        ),
        (
            "unknown types in one line",
            format!(
                "{{ 'struct': 'Many', 'data': {{ {} }} }}\n",
                members.replace("'int'", "'Unknown'")
            ),
        ),
        (
            "definitions of one name in one line",
            many("{ 'struct': 'Twice', 'data': { 'a': 'int' } }").replace("},", "} "),
        ),
        ("a mistake at the end of a long line", far.clone()),
        (
            "a mistake at the end of a very long line",
            far.repeat(20).replace('\n', " "),
        ),
        (
            "a long name of a type that is unknown",
            format!("{{ 'struct': 'Long', 'data': {{ 'a': '{long}' }} }}\n"),
        ),
        (
            "long names that clash",
            format!(
                "{{ 'struct': 'Long{long}', 'data': {{ '{long}a-b': 'int', '{long}a_b': 'int' }} }}\n"
            ),
        ),
        ("a long stray run", format!("{long} {long}\n{long}\n")),
        (
            "a long string that is not closed",
            format!("{{ 'struct': '{long}\n"),
        ),
        (
            "letters of two bytes",
            format!("{{ 'struct': 'Ü{}' }}\n", "ü".repeat(100_000)),
        ),
        (
            "a documentation that leaves out everything",
            format!(
                "##\n# @Silent:\n#\n# text\n##\n{{ 'struct': 'Silent', 'data': {{ {members} }} }}\n"
            ),
        ),
        (
            "a documentation of nothing",
            format!(
                "##\n# @Silent:\n#\n{}##\n{{ 'struct': 'Silent', 'data': {{ }} }}\n",
                bogus.concat()
            ),
        ),
        (
            "unknown keys",
            format!(
                "{{ 'struct': 'Keys', 'data': {{ }}, {} }}\n",
                members.replace("'int'", "true")
            ),
        ),
        (
            "a condition of many terms in an old form",
            format!(
                "{{ 'struct': 'Terms', 'data': {{ }}, 'if': [ {} ] }}\n",
                many("'defined(CONFIG_SOME)'")
            ),
        ),
        (
            "an enumeration of equal values",
            format!("{{ 'enum': 'Values', 'data': [ {} ] }}\n", many("'value'")),
        ),
        (
            "branches of no value",
            format!(
                "{{ 'enum': 'Kind', 'data': [ 'x' ] }}\n{{ 'union': 'Union', 'base': {{ 'kind': 'Kind' }}, \
                 'discriminator': 'kind', 'data': {{ {} }} }}\n",
                members.replace("'int'", "'Unknown'")
            ),
        ),
    ]
}
