//! Generates the files of an output from a schema and a configuration.

use std::path::Path;

use qapi_parser::diag::Diagnostic;
use qapi_parser::ir::Schema;

use crate::backend::{Context, drive};
use crate::config::Config;
use crate::output::Output;
use crate::rust::Rust;
use crate::{plan, revisions};

impl Config {
    /// Generates the Rust code of a schema: the contents of each file by its path. Touches no disk, and runs no program other
    /// than the one that [`Formatter::Rustfmt`](crate::Formatter::Rustfmt) asks for.
    ///
    /// # Errors
    /// Names that clash in Rust, selectors that select nothing, and all other faults that would make the output wrong,
    /// in schema order.
    pub fn generate(&self, schema: &Schema) -> Result<Output, Vec<Diagnostic>> {
        let folder = self.out_dir.as_deref().unwrap_or(Path::new("."));
        self.generate_for(schema, folder)
    }

    /// Generates for a folder, which decides how rustfmt formats.
    pub(crate) fn generate_for(
        &self,
        schema: &Schema,
        folder: &Path,
    ) -> Result<Output, Vec<Diagnostic>> {
        let plan = plan::build(schema, None, self)?;
        let backend = Rust::new(&plan, self, folder);
        drive(&Context::new(schema), backend).map_err(|diagnostic| vec![*diagnostic])
    }

    /// Generates the Rust code for several revisions of a schema, given oldest first with their names; see
    /// [`Config::revisions`] and [`Config::generate`].
    ///
    /// The schemas must come from one source map, see [`qapi_parser::load_beside`], or places in diagnostics are wrong.
    ///
    /// # Errors
    /// Those of [`Config::generate`], and parts of the revisions that cannot be merged.
    pub fn generate_revisions(
        &self,
        revisions: &[(&str, &Schema)],
    ) -> Result<Output, Vec<Diagnostic>> {
        let folder = self.out_dir.as_deref().unwrap_or(Path::new("."));
        self.generate_revisions_for(revisions, folder)
    }

    /// Generates for a folder, which decides how rustfmt formats.
    pub(crate) fn generate_revisions_for(
        &self,
        revisions: &[(&str, &Schema)],
        folder: &Path,
    ) -> Result<Output, Vec<Diagnostic>> {
        let merged = revisions::merge_schemas(revisions)?;
        let plan = plan::build(&merged.schema, Some(&merged.availability), self)?;
        let backend = Rust::new(&plan, self, folder);
        drive(&Context::new(&merged.schema), backend).map_err(|diagnostic| vec![*diagnostic])
    }
}
