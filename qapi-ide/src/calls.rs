//! The users of a definition, and the definitions that it uses.

use std::path::Path;

use crate::index::{Kind, Role};
use crate::location::Location;
use crate::navigate::{location, symbol_at};
use crate::text::Range;
use crate::view::{Id, Place, Symbol, View};
use crate::workspace::Workspace;

/// A definition as part of a hierarchy of uses.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Caller {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: Kind,
    /// Its name where it is defined.
    pub location: Location,
    /// All of it, documentation included.
    pub range: Range,
    /// The names that refer to the other definition, in the file of the user.
    pub uses: Vec<Range>,
}

impl Workspace {
    /// Returns the definition that the name at a place stands for.
    pub fn caller(&mut self, path: &Path, offset: u32) -> Option<Caller> {
        let (view, file) = self.views(path).into_iter().next()?;
        match symbol_at(&view, file, offset)? {
            Symbol::Definition(name) => Some(caller(&view, view.find(&name)?)),
            _ => None,
        }
    }

    /// Returns the definitions that name a type.
    pub fn callers(&mut self, path: &Path, name: &str) -> Vec<Caller> {
        let Some((view, _)) = self.views(path).into_iter().next() else {
            return Vec::new();
        };
        let symbol = Symbol::Definition(name.to_owned());
        let mut found: Vec<(Id, Caller)> = Vec::new();
        for (place, role) in view.uses(&symbol) {
            let user = view.index(place.file).definition_at(place.range.start);
            let (Some(definition), Role::Type) = (user, role) else {
                continue;
            };
            let file = place.file;
            add(&view, Id { file, definition }, place.range, &mut found);
        }
        found.into_iter().map(|(_, it)| it).collect()
    }

    /// Returns the numbers of commands and of events that a type is part of, through other types, too; none if there is no such
    /// type.
    pub fn interfaces(&mut self, path: &Path, name: &str) -> Option<(usize, usize)> {
        let (view, _) = self.views(path).into_iter().next()?;
        view.find(name)?;
        let found = view.interfaces(name);
        let is_command = |id: &&Id| view.definition(**id).1.kind == Kind::Command;
        let commands = found.iter().filter(is_command).count();
        Some((commands, found.len() - commands))
    }

    /// Returns the types that a definition names.
    pub fn callees(&mut self, path: &Path, name: &str) -> Vec<Caller> {
        let Some((view, _)) = self.views(path).into_iter().next() else {
            return Vec::new();
        };
        let Some(id) = view.find(name) else {
            return Vec::new();
        };
        let index = view.index(id.file);
        let own = index
            .occurrences
            .iter()
            .filter(|it| it.role == Role::Type && it.definition == Some(id.definition));
        let mut found: Vec<(Id, Caller)> = Vec::new();
        for it in own {
            if let Some(used) = view.find(index.name_of(it)) {
                add(&view, used, it.range, &mut found);
            }
        }
        found.into_iter().map(|(_, it)| it).collect()
    }
}

fn add(view: &View, id: Id, at: Range, found: &mut Vec<(Id, Caller)>) {
    if let Some((_, it)) = found.iter_mut().find(|(known, _)| *known == id) {
        it.uses.push(at);
        return;
    }
    let mut it = caller(view, id);
    it.uses.push(at);
    found.push((id, it));
}

fn caller(view: &View, id: Id) -> Caller {
    let (_, it) = view.definition(id);
    let place = Place {
        file: id.file,
        range: it.name.inner,
    };
    Caller {
        name: view.name(id).to_owned(),
        kind: it.kind,
        location: location(view, place),
        range: it.range(),
        uses: Vec::new(),
    }
}
