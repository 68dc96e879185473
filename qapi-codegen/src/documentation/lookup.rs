//! The documentation of a schema, and lookups in it.

use qapi_parser::ir::{Entity, ModuleId, Schema};

use super::cross_references::{Index, User, uses};
use super::tree::{Definition, Member, Page};
use super::unknown::UnknownMarkup;
use crate::markup::Target;

/// The documentation of a whole schema.
#[derive(Debug)]
#[non_exhaustive]
pub struct Documentation<'s> {
    /// The documented schema.
    pub schema: &'s Schema,
    /// The title.
    pub title: String,
    /// Modules with definitions or text, in the order of [`Schema::modules`].
    pub pages: Vec<Page<'s>>,
    /// Markup that was not understood and is kept as it is written.
    pub unknown: UnknownMarkup,
    pub(super) index: Index<'s>,
}

impl<'s> Documentation<'s> {
    /// Returns the definitions of all pages, each with the position of its page.
    pub fn definitions(&self) -> impl Iterator<Item = (usize, &Definition<'s>)> {
        self.pages.iter().enumerate().flat_map(|(index, page)| {
            page.definitions()
                .map(move |definition| (index, definition))
        })
    }

    /// Returns the position of the page of a module; none for a module without definitions and text.
    pub fn page_of_module(&self, module: ModuleId) -> Option<usize> {
        self.pages
            .binary_search_by_key(&module, |page| page.module)
            .ok()
    }

    /// Returns the definition with this name.
    pub fn definition(&self, name: &str) -> Option<&Definition<'s>> {
        self.index.find(&self.pages, name)
    }

    /// Returns the definition of an entity; none for types without a written definition, and for include directives.
    pub fn of(&self, entity: Entity) -> Option<&Definition<'s>> {
        let name = self.schema.name_of(entity)?;
        self.definition(name).filter(|it| it.entity == entity)
    }

    /// Returns the position of the page that a target is on; none for the index and for unknown targets.
    pub fn page_of(&self, target: &Target) -> Option<usize> {
        match target {
            Target::Definition(definition)
            | Target::Member { definition, .. }
            | Target::Feature { definition, .. } => {
                let (page, _) = self.index.positions.get(definition.as_str())?;
                Some(*page)
            }
            Target::Label(label) => self.index.labels.get(label).copied(),
            Target::Index => None,
        }
    }

    /// Returns the target that is the definition with this name.
    pub fn target(&self, name: &str) -> Option<Target> {
        self.index.definition_target(name)
    }

    /// Returns the target that is a member described with a definition: its own, or one that a message gets from its type.
    pub fn member_target(&self, definition: &str, member: &str) -> Option<Target> {
        self.index.member_target(definition, member)
    }

    /// Returns the target that is a feature described with a definition.
    pub fn feature_target(&self, definition: &str, feature: &str) -> Option<Target> {
        self.index.feature_target(definition, feature)
    }

    /// Returns the definitions that a definition gets members from, the nearest first.
    pub fn bases(&self, definition: &Definition<'s>) -> Vec<&Definition<'s>> {
        let names = self.index.bases.get(definition.name);
        let names = names.map_or(&[][..], Vec::as_slice);
        names
            .iter()
            .filter_map(|name| self.definition(name))
            .collect()
    }

    /// Returns the members that a definition inherits, each with the definition that has it, outermost base first.
    pub fn inherited(
        &self,
        definition: &Definition<'s>,
    ) -> impl Iterator<Item = (&Definition<'s>, &Member<'s>)> {
        let bases = self.bases(definition).into_iter().rev();
        bases.flat_map(|base| {
            base.content
                .members
                .iter()
                .map(move |member| (base, member))
        })
    }

    /// Returns the definitions that use a type, in the order of the schema, once per use.
    pub fn users(&self, name: &str) -> &[User<'s>] {
        self.index.users.get(name).map_or(&[], Vec::as_slice)
    }

    /// Returns the types with definitions that a definition names, each once, in order.
    pub fn uses(&self, definition: &Definition<'s>) -> Vec<&'s str> {
        uses(self.schema, definition)
    }
}
