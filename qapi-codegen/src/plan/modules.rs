//! Types in a module per schema file.

use std::collections::BTreeMap;

use qapi_parser::ir::{TypeDef, TypeId};

use super::build::PlanBuilder;
use super::items::TypeModule;
use super::rust_name_clash::{NameClaim, Scope};
use crate::rust_names;

impl PlanBuilder<'_> {
    /// Returns the modules for types that are printed, if that is asked for.
    pub(super) fn modules(&self, types: &[(TypeId, &TypeDef)]) -> Vec<TypeModule> {
        if !self.config.module_per_file {
            return Vec::new();
        }
        let mut by_file: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for (position, (_, ty)) in types.iter().enumerate() {
            by_file.entry(ty.module).or_default().push(position);
        }
        let modules = by_file.into_iter().map(|(id, types)| {
            let file = self.schema.module(id).name.clone();
            let stem = file.strip_suffix(".json").unwrap_or(&file);
            TypeModule {
                name: rust_names::snake_case(self.source_name(&file, stem)),
                file,
                types,
            }
        });
        let modules: Vec<_> = modules.collect();
        let mut scope = Scope::new();
        for module in &modules {
            let claim = NameClaim::Schema {
                word: "file",
                wire: &module.file,
                span: None,
                owner: None,
                definition: None,
                entity: None,
            };
            scope.claim(&module.name, claim);
        }
        self.report(scope);
        modules
    }
}
