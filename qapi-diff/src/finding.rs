//! Changes as rules judge them.

use crate::change::Change;

/// What a change means to those on the other side of the wire, mildest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Every program that worked goes on working.
    Compatible,
    /// Programs that rely on more than was promised may fail.
    Risky,
    /// Some program that worked with the older revision fails with the newer one.
    Breaking,
}

/// What is being promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lens {
    /// What travels between client and server.
    Wire,
    /// The generated Rust interface.
    Rust,
    /// The documentation.
    Docs,
}

/// A change as one rule judges it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The id of the rule.
    pub rule: &'static str,
    /// The promise it looks after.
    pub lens: Lens,
    /// Its judgement.
    pub level: Level,
    /// What it judges.
    pub change: Change,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::{ChangeKind, Direction, Place, Step};

    #[test]
    fn levels_order_from_mild_to_severe() {
        assert!(Level::Compatible < Level::Risky && Level::Risky < Level::Breaking);
    }

    #[test]
    fn places_print_as_paths() {
        let change = Change {
            place: Place {
                root: "blockdev-add".to_owned(),
                direction: Some(Direction::Argument),
                steps: vec![
                    Step::Branch("nbd".to_owned()),
                    Step::Member("server".to_owned()),
                    Step::Element,
                    Step::Alternative("string".to_owned()),
                ],
            },
            kind: ChangeKind::BecameMandatory,
        };
        assert_eq!(
            change.place.to_string(),
            "blockdev-add arguments[=nbd].server[][string]"
        );
    }
}
