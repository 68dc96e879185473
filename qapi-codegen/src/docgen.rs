//! The reference of a schema for readers: a static site, Markdown files, or a manual page.
//!
//! A back end per format prints the [tree of the documentation](crate::documentation) of a schema as it is driven over it; `wire` makes
//! examples.

use qapi_parser::ir::Schema;

use crate::documentation::{self, Documentation, Options, UnknownMarkup};
use crate::{Context, Output, OutputError};

mod facts;
mod format;
mod html;
mod man;
mod markdown;
mod revisions;
mod wire;

pub use format::{Format, OLDER_MARK};
pub use html::html_escaped;
pub use revisions::{Presence, Revision, State};
pub use wire::Examples;

/// Prints the site of several revisions, the oldest first: the newest one in front, and each older one in a folder of its
/// own. Their pages lead to each other, and say since when and until when things exist. Without a title, the site is called
/// like the main file of the newest schema. With the files comes the markup that was not understood, by revision.
///
/// # Examples
///
/// ```
/// use qapi_codegen::docgen::{Presence, Revision, State, print_revisions};
///
/// let schemas = ["{ 'command': 'stop' }", "{ 'command': 'stop' } { 'command': 'go' }"].map(|text| {
///     let files = qapi_parser::source::Memory::new().with("demo.json", text);
///     let loaded = qapi_parser::load("demo.json".as_ref(), &files, &Default::default());
///     loaded.schema.unwrap()
/// });
/// let mut presence = Presence::default();
/// presence.insert("go", Presence::WHOLE, vec![State::Absent, State::Present]);
/// let revisions = [
///     Revision { name: "1", schema: &schemas[0], presence: Presence::default() },
///     Revision { name: "2", schema: &schemas[1], presence },
/// ];
/// let (output, _) = print_revisions(None, &revisions).unwrap();
/// assert!(output.get("demo.html").unwrap().contains("since 2"));
/// assert!(output.get("1/demo.html").is_some());
/// ```
pub fn print_revisions(
    title: Option<&str>,
    revisions: &[Revision<'_>],
) -> Result<(Output, Vec<UnknownMarkup>), OutputError> {
    // One title for all of them: the pages of a site belong together.
    let newest = revisions
        .last()
        .map(|newest| documentation::default_title(newest.schema));
    let options = Options {
        title: title.or(newest.as_deref()),
        reserved: html::TAKEN,
    };
    let contexts: Vec<_> = revisions
        .iter()
        .map(|revision| Context::with(Documentation::with(revision.schema, options)))
        .collect();
    let output = html::sites(revisions, &contexts)?;
    let unknown = contexts
        .into_iter()
        .map(|cx| cx.documentation().unknown.clone());
    Ok((output, unknown.collect()))
}

/// The input of a printer.
#[derive(Debug, Clone, Default)]
pub struct Reference<'r> {
    format: Format,
    title: Option<&'r str>,
}

/// The result of printing.
#[derive(Debug)]
pub struct Printed {
    /// The files.
    pub output: Output,
    /// Markup that is shown as it is written because it was not understood.
    pub unknown: UnknownMarkup,
}

impl<'r> Reference<'r> {
    /// The reference in a format.
    pub fn new(format: Format) -> Self {
        Self {
            format,
            title: None,
        }
    }

    /// Sets what it is called; without that, it is called like the schema's main file.
    #[must_use]
    pub fn title(mut self, title: &'r str) -> Self {
        self.title = Some(title);
        self
    }

    /// Prints the reference of a schema.
    ///
    /// # Examples
    ///
    /// ```
    /// use qapi_codegen::docgen::{Format, Reference};
    ///
    /// let text = "##\n# @stop:\n#\n# Stop it.\n##\n{ 'command': 'stop' }\n";
    /// let files = qapi_parser::source::Memory::new().with("demo.json", text);
    /// let loaded = qapi_parser::load("demo.json".as_ref(), &files, &Default::default());
    /// let printed = Reference::new(Format::Markdown).print(&loaded.schema.unwrap()).unwrap();
    /// assert!(printed.output.get("demo.md").unwrap().contains("Stop it."));
    /// assert_eq!(printed.unknown.count(), 0);
    /// ```
    pub fn print(&self, schema: &Schema) -> Result<Printed, OutputError> {
        let reserved: &[&str] = match self.format {
            Format::Html => html::TAKEN,
            Format::Markdown => markdown::TAKEN,
            Format::Man => &[],
        };
        let options = Options {
            title: self.title,
            reserved,
        };
        let cx = Context::with(Documentation::with(schema, options));
        let output = match self.format {
            Format::Html => html::site(&cx),
            Format::Markdown => markdown::files(&cx),
            Format::Man => man::page(&cx),
        }?;
        Ok(Printed {
            output,
            unknown: cx.documentation().unknown.clone(),
        })
    }
}
