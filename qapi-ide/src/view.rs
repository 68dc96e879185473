//! A schema in its written form, with or without mistakes: names and their targets.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use crate::index::{Definition, FileIndex, Kind, Occurrence, Part, Role, TypeText};
use crate::sources::folded;
use crate::text::Range;

/// The files of one schema.
#[derive(Debug)]
pub(crate) struct View {
    pub(crate) files: Vec<(PathBuf, Arc<FileIndex>)>,
    /// File and definition by name; the first of several.
    names: HashMap<String, Id>,
    /// The definitions that name a type, by its name; computed on first use.
    users: OnceLock<HashMap<String, Vec<Id>>>,
}

/// A definition: its file and its place there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Id {
    pub(crate) file: usize,
    pub(crate) definition: usize,
}

/// A named item.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Symbol {
    /// A type, command or event.
    Definition(String),
    /// A member, value or alternative of a definition.
    Part { owner: String, name: String },
    /// A feature of a definition.
    Feature { owner: String, name: String },
    /// A predefined type.
    Builtin(String),
    /// A symbol of conditions.
    Condition(String),
    /// A file.
    File(PathBuf),
}

/// A place in a file of a view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) file: usize,
    pub(crate) range: Range,
}

impl View {
    pub(crate) fn new(files: Vec<(PathBuf, Arc<FileIndex>)>) -> Self {
        let mut names = HashMap::new();
        for (file, (_, index)) in files.iter().enumerate() {
            for (definition, it) in index.definitions.iter().enumerate() {
                let name = it.name.value(&index.text);
                names
                    .entry(name.to_owned())
                    .or_insert(Id { file, definition });
            }
        }
        Self {
            files,
            names,
            users: OnceLock::new(),
        }
    }

    /// Returns the definition of this name.
    pub(crate) fn find(&self, name: &str) -> Option<Id> {
        self.names.get(name).copied()
    }

    /// Returns the names of all definitions, in no order.
    pub(crate) fn names(&self) -> impl Iterator<Item = (&str, Id)> {
        self.names.iter().map(|(name, id)| (name.as_str(), *id))
    }

    /// Returns the number of a file.
    pub(crate) fn file(&self, path: &Path) -> Option<usize> {
        self.files.iter().position(|(it, _)| it == path)
    }

    pub(crate) fn index(&self, file: usize) -> &FileIndex {
        &self.files[file].1
    }

    pub(crate) fn path(&self, file: usize) -> &Path {
        &self.files[file].0
    }

    pub(crate) fn definition(&self, id: Id) -> (&FileIndex, &Definition) {
        let index = self.index(id.file);
        (index, &index.definitions[id.definition])
    }

    pub(crate) fn name(&self, id: Id) -> &str {
        let (index, definition) = self.definition(id);
        definition.name.value(&index.text)
    }

    /// Returns a definition and those that it has members from, itself first, the farthest base last.
    pub(crate) fn bases(&self, id: Id) -> Vec<Id> {
        let mut chain = vec![id];
        let mut next = Some(id);
        while let Some(id) = next {
            let (index, definition) = self.definition(id);
            let base = index.base(definition).filter(|it| !it.is_array);
            next = base.and_then(|base| self.find(base.name));
            // Cycles are reported, not followed.
            next = next.filter(|next| !chain.contains(next));
            chain.extend(next);
        }
        chain
    }

    /// Returns all members, those of bases first, each with the definition that lists it.
    pub(crate) fn members(&self, id: Id) -> Vec<(Id, Part<'_>)> {
        let mut members = Vec::new();
        for id in self.bases(id).into_iter().rev() {
            let (index, definition) = self.definition(id);
            members.extend(index.members(definition).into_iter().map(|it| (id, it)));
        }
        members
    }

    /// Returns a member by its name, own ones first.
    pub(crate) fn member(&self, id: Id, name: &str) -> Option<(Id, Part<'_>)> {
        let mut members = self.members(id).into_iter().rev();
        members.find(|(_, part)| part.name == name)
    }

    /// Returns the enumeration that the branches of a union are values of.
    pub(crate) fn tag(&self, union: Id) -> Option<Id> {
        let (index, definition) = self.definition(union);
        let name = index.discriminator(definition)?;
        let (_, member) = self.member(union, name)?;
        let tag = self.find(member.ty?.name)?;
        (self.definition(tag).1.kind == Kind::Enum).then_some(tag)
    }

    /// Returns a value, alternative or branch by its name.
    pub(crate) fn case(&self, id: Id, name: &str) -> Option<Part<'_>> {
        let (index, definition) = self.definition(id);
        index
            .cases(definition)
            .into_iter()
            .find(|it| it.name == name)
    }

    /// Returns the thing that a name stands for.
    pub(crate) fn symbol(&self, file: usize, occurrence: &Occurrence) -> Option<Symbol> {
        let index = self.index(file);
        let name = index.name_of(occurrence);
        let here = occurrence
            .definition
            .map(|definition| Id { file, definition });
        let part = |owner: Id| Symbol::Part {
            owner: self.name(owner).to_owned(),
            name: name.to_owned(),
        };
        match occurrence.role {
            Role::Definition | Role::DocName => Some(Symbol::Definition(name.to_owned())),
            Role::Type | Role::Pragma | Role::DocQuoted => self.named(name),
            Role::Member | Role::Value | Role::Alternative => Some(part(here?)),
            Role::Branch => {
                // A union of old has no discriminator; its branches are its own.
                let tag = self.tag(here?).unwrap_or(here?);
                Some(part(tag))
            }
            Role::Discriminator => Some(part(self.member(here?, name)?.0)),
            Role::DocMember => self.documented(here?, name),
            Role::DocMention => here
                .and_then(|here| self.documented(here, name))
                .or_else(|| self.named(name)),
            Role::Feature | Role::DocFeature => Some(Symbol::Feature {
                owner: here.map_or("", |here| self.name(here)).to_owned(),
                name: name.to_owned(),
            }),
            Role::Symbol => Some(Symbol::Condition(name.to_owned())),
            Role::Include => {
                let folder = self.path(file).parent().unwrap_or(Path::new(""));
                Some(Symbol::File(folded(&folder.join(name))))
            }
            Role::Keyword | Role::DocTag => None,
        }
    }

    fn named(&self, name: &str) -> Option<Symbol> {
        if self.find(name).is_some() {
            return Some(Symbol::Definition(name.to_owned()));
        }
        let is_builtin = qapi_parser::ir::Builtin::ALL
            .iter()
            .any(|it| it.as_str() == name);
        is_builtin.then(|| Symbol::Builtin(name.to_owned()))
    }

    /// Returns the part of a definition that its documentation calls so.
    fn documented(&self, here: Id, name: &str) -> Option<Symbol> {
        let owner = match self.definition(here).1.kind {
            Kind::Enum | Kind::Alternate => self.case(here, name).map(|_| here),
            _ => self.member(here, name).map(|(owner, _)| owner),
        };
        Some(Symbol::Part {
            owner: self.name(owner?).to_owned(),
            name: name.to_owned(),
        })
    }

    /// Returns the place where a symbol is defined.
    pub(crate) fn place(&self, symbol: &Symbol) -> Option<Place> {
        match symbol {
            Symbol::Definition(name) => {
                let id = self.find(name)?;
                let range = self.definition(id).1.name.inner;
                Some(Place {
                    file: id.file,
                    range,
                })
            }
            Symbol::Part { owner, name } => {
                let id = self.find(owner)?;
                let (_, part) = self.part(id, name)?;
                Some(Place {
                    file: id.file,
                    range: part.name_range,
                })
            }
            Symbol::Feature { owner, name } => {
                let id = self.find(owner)?;
                let mut features =
                    self.index(id.file).occurrences.iter().filter(|it| {
                        it.role == Role::Feature && it.definition == Some(id.definition)
                    });
                let found = features.find(|it| self.index(id.file).name_of(it) == name)?;
                Some(Place {
                    file: id.file,
                    range: found.range,
                })
            }
            Symbol::File(path) => Some(Place {
                file: self.file(path)?,
                range: Range::default(),
            }),
            Symbol::Builtin(_) | Symbol::Condition(_) => None,
        }
    }

    /// Returns a member that a definition lists itself, or one of its cases.
    pub(crate) fn part(&self, id: Id, name: &str) -> Option<(Id, Part<'_>)> {
        let (index, definition) = self.definition(id);
        let members = index.members(definition).into_iter();
        let mut all = members.chain(index.cases(definition));
        all.find(|it| it.name == name).map(|part| (id, part))
    }

    /// Returns all names in the schema that stand for a symbol, in the order of files and places.
    pub(crate) fn uses(&self, symbol: &Symbol) -> Vec<(Place, Role)> {
        let name = match symbol {
            Symbol::Definition(name)
            | Symbol::Part { name, .. }
            | Symbol::Feature { name, .. }
            | Symbol::Builtin(name)
            | Symbol::Condition(name) => Some(name.as_str()),
            Symbol::File(_) => None,
        };
        let mut uses = Vec::new();
        for (file, (_, index)) in self.files.iter().enumerate() {
            for occurrence in &index.occurrences {
                let is_candidate = match name {
                    Some(name) => index.name_of(occurrence) == name,
                    None => occurrence.role == Role::Include,
                };
                if is_candidate && self.symbol(file, occurrence).as_ref() == Some(symbol) {
                    let range = occurrence.range;
                    uses.push((Place { file, range }, occurrence.role));
                }
            }
        }
        uses
    }

    /// Returns the definitions that name a type, each once, in order.
    pub(crate) fn users(&self, name: &str) -> Vec<Id> {
        let symbol = Symbol::Definition(name.to_owned());
        let mut seen = HashSet::new();
        let mut users = Vec::new();
        for (place, role) in self.uses(&symbol) {
            let index = self.index(place.file);
            if role != Role::Type {
                continue;
            }
            let Some(definition) = index.definition_at(place.range.start) else {
                continue;
            };
            let id = Id {
                file: place.file,
                definition,
            };
            if seen.insert(id) {
                users.push(id);
            }
        }
        users
    }

    /// Returns the commands and events that a type is part of, through other types, too.
    pub(crate) fn interfaces(&self, name: &str) -> Vec<Id> {
        let users = self.users.get_or_init(|| self.all_users());
        let mut seen = HashSet::new();
        let mut found = Vec::new();
        let mut next = vec![name];
        while let Some(name) = next.pop() {
            for id in users.get(name).into_iter().flatten() {
                if !seen.insert(*id) {
                    continue;
                }
                match self.definition(*id).1.kind {
                    Kind::Command | Kind::Event => found.push(*id),
                    _ => next.push(self.name(*id)),
                }
            }
        }
        found
    }

    fn all_users(&self) -> HashMap<String, Vec<Id>> {
        let mut users: HashMap<String, Vec<Id>> = HashMap::new();
        for (file, (_, index)) in self.files.iter().enumerate() {
            for it in index.occurrences.iter().filter(|it| it.role == Role::Type) {
                if let Some(definition) = it.definition {
                    let used = index.name_of(it).to_owned();
                    users.entry(used).or_default().push(Id { file, definition });
                }
            }
        }
        users
    }

    /// Returns the type with this text, without brackets.
    pub(crate) fn type_id(&self, ty: Option<TypeText<'_>>) -> Option<Id> {
        self.find(ty?.name)
    }
}
