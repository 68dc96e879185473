//! Parts of a file that do not exist if the given symbols are defined.

use std::collections::BTreeSet;

use crate::index::FileIndex;
use crate::text::Range;
use crate::tree::{Node, Object};

/// Returns the parts whose condition does not hold, each with its condition as written. Parts inside another are not
/// listed again.
pub(crate) fn unbuilt(index: &FileIndex, defined: &BTreeSet<String>) -> Vec<(Range, String)> {
    let mut found = Vec::new();
    for definition in &index.definitions {
        if let Some(condition) = failing(&definition.object, &index.text, defined) {
            found.push((definition.range(), condition));
            continue;
        }
        let members = index.members(definition).into_iter();
        for part in members.chain(index.cases(definition)) {
            let condition = part
                .longhand
                .and_then(|it| failing(it, &index.text, defined));
            found.extend(condition.map(|condition| (part.range, condition)));
        }
    }
    found
}

/// Returns the condition of an object if it does not hold.
fn failing(object: &Object, text: &str, defined: &BTreeSet<String>) -> Option<String> {
    let condition = object.value("if", text)?;
    let holds = holds(condition, text, defined).unwrap_or(true);
    (!holds).then(|| condition.range().of(text).to_owned())
}

/// Returns the value of a condition; none if it is not well-formed.
fn holds(condition: &Node, text: &str, defined: &BTreeSet<String>) -> Option<bool> {
    match condition {
        Node::String(symbol) => Some(defined.contains(symbol.value(text))),
        Node::Object(object) => {
            let member = object.members.first()?;
            let operand = member.value.as_ref()?;
            match (member.key.as_ref()?.value(text), operand) {
                ("not", operand) => Some(!holds(operand, text, defined)?),
                ("all", Node::Array(all)) => {
                    let parts = all.elements.iter();
                    parts
                        .map(|it| holds(it, text, defined))
                        .try_fold(true, |sum, it| Some(sum & it?))
                }
                ("any", Node::Array(any)) => {
                    let parts = any.elements.iter();
                    parts
                        .map(|it| holds(it, text, defined))
                        .try_fold(false, |sum, it| Some(sum | it?))
                }
                _ => None,
            }
        }
        Node::Array(_) | Node::Word(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_evaluated() {
        let defined = BTreeSet::from(["A".to_owned()]);
        for (condition, is_built) in [
            ("'A'", true),
            ("'B'", false),
            ("{ 'not': 'B' }", true),
            ("{ 'all': [ 'A', 'B' ] }", false),
            ("{ 'any': [ 'A', 'B' ] }", true),
            ("{ 'all': [ 'A', { 'not': { 'any': [ 'A' ] } } ] }", false),
            ("{ 'never': 'A' }", true),
        ] {
            let text = format!(
                "{{ 'struct': 'S', 'data': {{ 'x': {{ 'type': 'int', 'if': {condition} }} }} }}\n"
            );
            let index = FileIndex::new(&text.into());
            assert_eq!(
                unbuilt(&index, &defined).is_empty(),
                is_built,
                "{condition}"
            );
        }
    }
}
