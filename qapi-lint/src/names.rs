//! Names.

use qapi_parser::diag::{Code, Diagnostic, Meta};

use crate::lint_input::LintInput;

/// Members and values that repeat the name of their type.
pub(crate) fn repeated(input: &LintInput<'_>, out: &mut Vec<Diagnostic>) {
    for definition in &input.definitions {
        if matches!(definition.meta, Meta::Command | Meta::Event) {
            continue;
        }
        let prefix = words(definition.name);
        for part in &definition.parts {
            let name = part.name.replace('_', "-").to_ascii_lowercase();
            let rest = name
                .strip_prefix(&prefix)
                .and_then(|rest| rest.strip_prefix('-'));
            let Some(rest) =
                rest.filter(|rest| rest.starts_with(|it: char| it.is_ascii_alphabetic()))
            else {
                continue;
            };
            let message = format!("`{}` repeats the name of {}", part.name, definition.title());
            out.push(
                definition
                    .warning(Code::LINT_REPEATS, part.span, message)
                    .help(format!("`{rest}` is enough")),
            );
        }
    }
}

/// Returns a name in CamelCase as words in lower case with hyphens: `BlockInfo` is `block-info`.
fn words(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 4);
    let characters: Vec<char> = name.chars().collect();
    for (index, character) in characters.iter().enumerate() {
        let before = index.checked_sub(1).map(|index| characters[index]);
        let starts_word = character.is_ascii_uppercase()
            && before.is_some_and(|before| {
                !before.is_ascii_uppercase()
                    || characters
                        .get(index + 1)
                        .is_some_and(char::is_ascii_lowercase)
            });
        if starts_word && before != Some('-') {
            words.push('-');
        }
        words.push(character.to_ascii_lowercase());
    }
    words.replace('_', "-")
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn words_of_names() {
        for (name, expected) in [
            ("BlockInfo", "block-info"),
            ("QCryptoBlock", "q-crypto-block"),
            ("VncInfo2", "vnc-info2"),
            ("PCIBus", "pci-bus"),
            ("Drive", "drive"),
        ] {
            assert_eq!(words(name), expected);
        }
    }
}
