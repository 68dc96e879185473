//! Damage to schemas, by chance that is the same in every run.

use qapi_test_support::Random;

/// Texts that are put into schemas: everything that has a meaning somewhere.
pub(crate) const PIECES: [&str; 34] = [
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "'",
    "\\",
    "#",
    "##",
    "\n",
    "\n\n",
    "# ",
    "@",
    "*",
    "true",
    "null",
    "\u{a0}",
    "\u{feff}",
    "\0",
    "\r",
    "\u{e9}",
    "'include'",
    "'pragma'",
    "'data'",
    "1",
    "\n##\n# @A:\n",
    "Since: ",
    "# @a:",
    "'*a'",
    "'if'",
    "'base'",
    "{ 'not': 'X' }",
    "\t",
];

/// Cuts something out of `text`, doubles it, or puts something in.
pub(crate) fn damage(text: &mut Vec<u8>, random: &mut Random) {
    let at = random.below(text.len() + 1);
    let length = 1 + random.below(12);
    let end = (at + length).min(text.len());
    match random.below(8) {
        0 => drop(text.drain(at..end)),
        1 => {
            let piece = text[at..end].to_vec();
            text.splice(at..at, piece);
        }
        2 => text.truncate(at),
        3 if at < text.len() => {
            text[at] = u8::try_from(random.below(256)).expect("it is below 256");
        }
        _ => {
            let piece = PIECES[random.below(PIECES.len())];
            text.splice(at..at, piece.bytes());
        }
    }
}
