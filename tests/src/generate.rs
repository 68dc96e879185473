//! Random schemas that are valid in the strict dialect, from a seed.
//!
//! The generator is our own and so is its source of randomness: parts of a schema refer to
//! each other, so what a property-testing library does best, shrinking, would break most of them;
//! and a seed gives the same schema forever, whatever versions the libraries have.

mod build;
mod docs;
mod layout;
mod model;
mod names;
mod value;

pub use model::{
    Alternative, Arguments, Base, Body, Branch, CommandFlags, Condition, Definition, EnumValue,
    Feature, Member, Model, Pragmas, TypeRef,
};
pub use qapi_test_support::Random;
pub use value::{Item, Value};

use std::collections::BTreeMap;
use std::io;
use std::path::{Component, Path, PathBuf};

use qapi_parser::source::Files;

/// Kinds of schemas to make.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Approximate number of definitions.
    pub definitions: usize,
    /// Document everything.
    pub docs: bool,
    /// Spread the definitions over several files.
    pub includes: bool,
    /// Lay the text out at random, with comments in odd places.
    pub wild_layout: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            definitions: 12,
            docs: false,
            includes: false,
            wild_layout: false,
        }
    }
}

/// Returns the schema for this seed.
pub fn model(rng: &mut Random, settings: &Settings) -> Model {
    build::model(rng, settings)
}

/// Returns the top-level items of a schema, each with its documentation.
pub fn items(rng: &mut Random, model: &Model, settings: &Settings) -> Vec<Item> {
    let mut items = Vec::new();
    if let Some(pragma) = value::pragmas(&model.pragmas, settings.docs) {
        items.push(Item {
            doc: None,
            value: pragma,
        });
    }
    for definition in &model.definitions {
        items.push(Item {
            doc: settings.docs.then(|| docs::block(rng, definition)),
            value: value::definition(rng, definition),
        });
    }
    items
}

/// Prints items as files: name and text, the root first.
pub fn files(rng: &mut Random, items: &[Item], settings: &Settings) -> Vec<(String, String)> {
    layout::files(rng, items, settings)
}

/// Returns a whole schema for a seed: name and text of each file, the root, which is `schema.json`, first.
pub fn schema(seed: u64, settings: &Settings) -> Vec<(String, String)> {
    let rng = &mut Random::new(seed);
    let model = model(rng, settings);
    let items = items(rng, &model, settings);
    files(rng, &items, settings)
}

/// Files in memory, by paths without `..`; the parser asks for them with it.
#[derive(Debug, Clone)]
pub struct FilesInMemory(BTreeMap<PathBuf, Vec<u8>>);

impl FilesInMemory {
    /// These files.
    pub fn new(files: &[(String, String)]) -> Self {
        let files = files.iter();
        Self(
            files
                .map(|(name, text)| (name.into(), text.clone().into_bytes()))
                .collect(),
        )
    }
}

impl Files for FilesInMemory {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let mut plain = PathBuf::new();
        for component in path.components() {
            match component {
                Component::ParentDir => {
                    plain.pop();
                }
                Component::CurDir => {}
                other => plain.push(other),
            }
        }
        self.0
            .get(&plain)
            .cloned()
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}
