//! Mistakes in the text of a schema that was written plainly: a blank between any two tokens
//! but before commas and colons, each item on a line of its own, no comments.

use super::{Change, Mistake};
use crate::generate::Random;

macro_rules! mistakes {
    ($($name:literal $code:literal $change:expr;)*) => {
        pub(super) const ALL: &[Mistake] = &[$(Mistake { name: $name, code: $code, change: Change::Text($change) },)*];
    };
}

mistakes! {
    "a character is no token" "LEX-STRAY" |t, r| replace(t, r, ": ", ": ; ");
    "a string is in double quotes" "LEX-STRAY" |t, r| replace(t, r, ": 'str'", ": \"str\"");
    "a number is no value" "LEX-STRAY" |t, r| replace(t, r, ": 'str'", ": 42");
    "a string is not closed" "LEX-STR-EOL" |t, r| replace(t, r, "' }\n", "}\n");
    "a string has an escape" "LEX-ESCAPE" |t, r| replace(t, r, ": 'str'", ": 's\\tr'");
    "a string is not ASCII" "LEX-STR-CHAR" |t, r| replace(t, r, ": 'str'", ": 'stré'");
    "a value is missing" "SYN-EXPR" |t, r| replace(t, r, ": 'str'", ": ");
    "an array ends in a comma" "SYN-EXPR" |t, r| replace(t, r, "' ]", "', ]");
    "an array starts with a comma" "SYN-ELEM" |t, r| replace(t, r, "[ '", "[ , '");
    "an object starts with a comma" "SYN-KEY-OR-CLOSE" |t, r| replace(t, r, "{ '", "{ , '");
    "an object ends in a comma" "SYN-KEY" |t, r| replace(t, r, "' }", "', }");
    "a colon is missing" "SYN-COLON" |t, r| replace(t, r, "': ", "' ");
    "a comma is missing in an object" "SYN-OBJ-SEP" |t, r| replace(t, r, "', 'data':", "' 'data':");
    "a comma is missing in an array" "SYN-ARR-SEP" |t, r| {
        let arrays: Vec<usize> = t.match_indices("'data': [ '").filter_map(|(start, key)| {
            let start = start + key.len() - 3;
            let (element, behind) = t[start + 3..].split_once('\'')?;
            behind.starts_with(", '").then_some(start + 3 + element.len() + 1)
        }).collect();
        let place = r.pick(&arrays).copied();
        place.inspect(|place| t.replace_range(*place..=*place, "")).is_some()
    };
    "a definition is not closed" "SYN-OBJ-SEP" |t, r| replace(t, r, " }\n", "\n");
    "a definition is closed twice" "SYN-EXPR" |t, r| replace(t, r, "}\n", "} }\n");
    "brackets do not match" "SYN-ARR-SEP" |t, r| replace(t, r, "' ]", "' }");
    "documentation stands in an expression" "SYN-EXPR" |t, r| replace(t, r, ": 'str'", ": ## x\n 'str'");
}

/// Replaces one occurrence of a text.
fn replace(text: &mut String, rng: &mut Random, old: &str, new: &str) -> bool {
    let places: Vec<usize> = text.match_indices(old).map(|(place, _)| place).collect();
    let place = rng.pick(&places).copied();
    place
        .inspect(|place| text.replace_range(*place..place + old.len(), new))
        .is_some()
}
