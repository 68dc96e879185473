//! Meaning of a schema, apart from its places in the text.

use qapi_parser::ir::Schema;

/// Returns all of a schema but the places, as text, so that a difference shows.
pub fn meaning(schema: &Schema) -> String {
    let Schema {
        modules,
        entities,
        types,
        commands,
        events,
        includes,
        docs,
        pragmas,
        ..
    } = schema;
    let parts = format!(
        "{modules:?}\n{entities:?}\n{types:?}\n{commands:?}\n{events:?}\n{includes:?}\n{docs:?}\n{pragmas:?}"
    );
    let mut pieces = parts.split("Span {");
    let mut meaning = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        // A place holds nothing but numbers, so the first brace ends it.
        meaning.push_str(piece.split_once('}').map_or(piece, |(_, behind)| behind));
    }
    // A line for each thing makes differences readable.
    meaning.replace("name: ", "\nname: ")
}
