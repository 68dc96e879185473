//! Small changes of inputs, the same ones each time: what can be tried where chance may not decide.

/// Tokens of the language.
const TOKENS: [&str; 22] = [
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "'",
    "##\n",
    "# @a:",
    "\n\n",
    "#",
    " ",
    "\t",
    "'*a'",
    "true",
    "null",
    "'if'",
    "'base'",
    "'data'",
    "# Since:",
    "{ 'not': 'X' }",
    "\u{e9}",
];

/// Makes changed copies.
#[derive(Debug)]
pub struct Mutations(u64);

impl Mutations {
    /// Begins a sequence of its own for each seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A copy with one to three changes. Pieces of `other` may come in.
    pub fn of(&mut self, input: &[u8], other: &[u8]) -> Vec<u8> {
        let mut changed = input.to_vec();
        for _ in 0..=self.below(3) {
            self.change(&mut changed, other);
        }
        changed
    }

    fn change(&mut self, text: &mut Vec<u8>, other: &[u8]) {
        let from = self.below(text.len() + 1);
        let to = (from + self.below(12)).min(text.len());
        match self.below(6) {
            0 => drop(text.drain(from..to)),
            1 => {
                let again = text[from..to].to_vec();
                drop(text.splice(to..to, again));
            }
            2 => text.truncate(from),
            3 => {
                let start = self.below(other.len() + 1);
                let end = (start + self.below(200)).min(other.len());
                drop(text.splice(from..to, other[start..end].iter().copied()));
            }
            4 => {
                let token = TOKENS[self.below(TOKENS.len())];
                drop(text.splice(from..from, token.bytes()));
            }
            _ => {
                if let Some(byte) = text.get_mut(from) {
                    *byte = u8::try_from(self.0 >> 40 & 0xFF).unwrap_or_default();
                }
            }
        }
    }

    /// A number below `limit`, which is not 0.
    fn below(&mut self, limit: usize) -> usize {
        // SplitMix64: every state gives another number.
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ mixed >> 31) % limit as u64).expect("it is below a usize")
    }
}

/// Gives every input to `property`, and `count` changed copies of each.
pub fn try_all(inputs: &[Vec<u8>], count: usize, property: fn(&[u8])) {
    for (index, input) in inputs.iter().enumerate() {
        property(input);
        let mut mutations = Mutations::new(index as u64);
        for round in 0..count {
            let other = &inputs[(index + round + 1) % inputs.len()];
            property(&mutations.of(input, other));
        }
    }
}
