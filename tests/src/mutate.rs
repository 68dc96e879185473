//! Valid schemas with one mistake: each breaks one rule, so that exactly one diagnostic is due.

use crate::generate::{self, Item, Model, Random, Settings};

mod documents;
mod forms;
mod meanings;
mod texts;

/// One kind of mistake.
#[derive(Debug, Clone, Copy)]
pub struct Mistake {
    /// The mistake, in words.
    pub name: &'static str,
    /// The code that the strict dialect reports.
    pub code: &'static str,
    change: Change,
}

/// Ways of making a mistake; they return false if the schema at hand has no place for it.
#[derive(Debug, Clone, Copy)]
enum Change {
    /// In what the schema says.
    Meaning(fn(&mut Model, &mut Random) -> bool),
    /// In how a definition is written.
    Form(fn(&mut Vec<Item>, &mut Random) -> bool),
    /// In a documentation block.
    Document(fn(&mut Vec<Item>, &mut Random) -> bool),
    /// In the text.
    Text(fn(&mut String, &mut Random) -> bool),
}

/// Returns all kinds of mistakes.
pub fn all() -> impl Iterator<Item = &'static Mistake> {
    [meanings::ALL, forms::ALL, documents::ALL, texts::ALL]
        .into_iter()
        .flatten()
}

/// Returns the files of a random schema with this mistake; none if it has no place for it.
pub fn schema(mistake: &Mistake, seed: u64) -> Option<Vec<(String, String)>> {
    let rng = &mut Random::new(seed);
    let settings = Settings {
        docs: matches!(mistake.change, Change::Document(_)),
        ..Settings::default()
    };
    let mut model = generate::model(rng, &settings);
    let mut fits = true;
    if let Change::Meaning(change) = mistake.change {
        fits &= change(&mut model, rng);
    }
    let mut items = generate::items(rng, &model, &settings);
    if let Change::Form(change) | Change::Document(change) = mistake.change {
        fits &= change(&mut items, rng);
    }
    let mut files = generate::files(rng, &items, &settings);
    if let Change::Text(change) = mistake.change {
        fits &= change(&mut files[0].1, rng);
    }
    fits.then_some(files)
}
