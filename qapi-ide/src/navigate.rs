//! Navigates from names to definitions, and back.

use std::path::Path;

use crate::index::Role;
use crate::location::Location;
use crate::text::Range;
use crate::view::{Place, Symbol, View};
use crate::workspace::Workspace;

/// The way a name is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// It is defined here.
    Definition,
    /// It is used here.
    Use,
    /// It is mentioned in documentation.
    Mention,
}

impl Access {
    fn of(role: Role) -> Self {
        match role {
            Role::Definition | Role::Member | Role::Value | Role::Alternative => Self::Definition,
            Role::DocName
            | Role::DocMember
            | Role::DocFeature
            | Role::DocMention
            | Role::DocQuoted => Self::Mention,
            _ => Self::Use,
        }
    }
}

/// A name in the current file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Highlight {
    /// The name.
    pub range: Range,
    /// The way it is used.
    pub access: Access,
}

impl Workspace {
    /// Returns the definitions of the name at a place, by schema; none twice. Of an include directive it is the start of
    /// the file.
    pub fn definition(&mut self, path: &Path, offset: u32) -> Vec<Location> {
        let mut found = Vec::new();
        for (view, file) in self.views(path) {
            let symbol = symbol_at(&view, file, offset);
            let place = symbol.as_ref().and_then(|symbol| view.place(symbol));
            let path = match &symbol {
                // A file that cannot be read is no part of the view, but can be opened.
                Some(Symbol::File(path)) => Some(Location {
                    path: path.clone(),
                    range: Range::default(),
                }),
                _ => None,
            };
            let location = place.map(|place| location(&view, place)).or(path);
            add(&mut found, location);
        }
        found
    }

    /// Returns the definitions of the type that the thing at a place has: that of a member or alternative, the enumeration of a
    /// discriminator, the reply of a command.
    pub fn type_definition(&mut self, path: &Path, offset: u32) -> Vec<Location> {
        let mut found = Vec::new();
        for (view, file) in self.views(path) {
            let symbol = symbol_at(&view, file, offset);
            let ty = symbol.and_then(|symbol| type_of(&view, &symbol));
            let place = ty.and_then(|ty| view.place(&Symbol::Definition(ty)));
            add(&mut found, place.map(|place| location(&view, place)));
        }
        found
    }

    /// Returns all names that stand for the same thing as the one at a place, in all schemas that the file is part of.
    pub fn references(&mut self, path: &Path, offset: u32, with_definition: bool) -> Vec<Location> {
        let mut found = Vec::new();
        for (view, file) in self.views(path) {
            let Some(symbol) = symbol_at(&view, file, offset) else {
                continue;
            };
            let uses = view.uses(&symbol).into_iter();
            let wanted =
                uses.filter(|(_, role)| with_definition || Access::of(*role) != Access::Definition);
            found.extend(wanted.map(|(place, _)| location(&view, place)));
        }
        found.sort();
        found.dedup();
        found
    }

    /// Returns the names in the file itself that stand for the same thing as the one at a place.
    pub fn highlights(&mut self, path: &Path, offset: u32) -> Vec<Highlight> {
        let Some((view, file)) = self.views(path).into_iter().next() else {
            return Vec::new();
        };
        let Some(symbol) = symbol_at(&view, file, offset) else {
            return Vec::new();
        };
        let uses = view.uses(&symbol).into_iter();
        uses.filter(|(place, _)| place.file == file)
            .map(|(place, role)| Highlight {
                range: place.range,
                access: Access::of(role),
            })
            .collect()
    }
}

/// Returns the thing that the name at a place stands for.
pub(crate) fn symbol_at(view: &View, file: usize, offset: u32) -> Option<Symbol> {
    let occurrence = view.index(file).at(offset)?;
    view.symbol(file, occurrence)
}

/// Returns the name of the type that something has.
fn type_of(view: &View, symbol: &Symbol) -> Option<String> {
    let ty = match symbol {
        Symbol::Definition(name) => {
            let id = view.find(name)?;
            let (index, definition) = view.definition(id);
            match index.returns(definition) {
                Some(ty) => ty,
                None => return Some(name.clone()),
            }
        }
        Symbol::Part { owner, name } => {
            let (_, part) = view.part(view.find(owner)?, name)?;
            match part.ty {
                Some(ty) => ty,
                // A value has the type that lists it.
                None => return Some(owner.clone()),
            }
        }
        _ => return None,
    };
    Some(ty.name.to_owned())
}

pub(crate) fn location(view: &View, place: Place) -> Location {
    Location {
        path: view.path(place.file).to_path_buf(),
        range: place.range,
    }
}

fn add(found: &mut Vec<Location>, location: Option<Location>) {
    found.extend(location.filter(|it| !found.contains(it)));
}
