//! The reference of a schema for readers: a static site, Markdown files, or a manual page.
//!
//! A back end per format prints the [tree of the documentation](crate::documentation) of a schema as it is driven over it; `wire` makes
//! examples.

use qapi_parser::ir::Schema;

use crate::documentation::{self, Documentation, Links, Options, UnknownMarkup};
use crate::{Context, Output, OutputError};

mod facts;
mod format;
mod html;
mod man;
mod markdown;
mod revisions;
mod wire;

pub use format::{Format, PART_MARK};
pub use html::html_escaped;
pub use revisions::{Interface, Presence, Revision, State};
pub use wire::Examples;

/// The input of a printer.
#[derive(Debug, Clone, Default)]
pub struct ReferencePrinter<'r> {
    format: Format,
    title: Option<&'r str>,
    links: Option<&'r Links>,
}

/// The result of printing.
#[derive(Debug)]
#[non_exhaustive]
pub struct Printed {
    /// The files.
    pub output: Output,
    /// Markup that is shown as it is written because it was not understood.
    pub unknown: UnknownMarkup,
}

impl<'r> ReferencePrinter<'r> {
    /// Returns the reference in a format.
    pub fn new(format: Format) -> Self {
        Self {
            format,
            ..Self::default()
        }
    }

    /// Sets what it is called; without that, it is called like the schema's main file.
    #[must_use]
    pub fn title(mut self, title: &'r str) -> Self {
        self.title = Some(title);
        self
    }

    /// Sets addresses of documents that the text refers to and the schema does not have.
    #[must_use]
    pub fn links(mut self, links: &'r Links) -> Self {
        self.links = Some(links);
        self
    }

    /// Prints the reference of a schema.
    ///
    /// # Examples
    ///
    /// ```
    /// use qapi_codegen::docgen::{Format, ReferencePrinter};
    ///
    /// let text = "##\n# @stop:\n#\n# Stop it.\n##\n{ 'command': 'stop' }\n";
    /// let files = qapi_parser::source::Memory::new().with("demo.json", text);
    /// let loaded = qapi_parser::load("demo.json".as_ref(), &files, &Default::default());
    /// let printed = ReferencePrinter::new(Format::Markdown).print(&loaded.schema.unwrap()).unwrap();
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
            links: self.links,
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

    /// Prints the site of several revisions, the oldest first: the newest at the top, and each older one in a folder of
    /// its own. Their pages lead to each other, and say since when and until when things exist. Without a title, the
    /// site is called like the main file of the newest schema. With the files comes the markup that was not understood,
    /// by revision.
    ///
    /// # Examples
    ///
    /// ```
    /// use qapi_codegen::docgen::{Presence, ReferencePrinter, Revision, State};
    ///
    /// let schemas = ["{ 'command': 'stop' }", "{ 'command': 'stop' } { 'command': 'go' }"].map(|text| {
    ///     let files = qapi_parser::source::Memory::new().with("demo.json", text);
    ///     let loaded = qapi_parser::load("demo.json".as_ref(), &files, &Default::default());
    ///     loaded.schema.unwrap()
    /// });
    /// let mut presence = Presence::default();
    /// presence.insert("go", Presence::WHOLE, vec![State::Absent, State::Present]);
    /// let revisions = [
    ///     Revision::new("1", &schemas[0], Presence::default()),
    ///     Revision::new("2", &schemas[1], presence),
    /// ];
    /// let (output, _) = ReferencePrinter::default().print_revisions(&revisions).unwrap();
    /// assert!(output.get("demo.html").unwrap().contains("since 2"));
    /// assert!(output.get("1/demo.html").is_some());
    /// ```
    pub fn print_revisions(
        &self,
        revisions: &[Revision<'_>],
    ) -> Result<(Output, Vec<UnknownMarkup>), OutputError> {
        let contexts = self.contexts(self.title, revisions);
        let output = html::sites(revisions, &contexts)?;
        Ok((output, unknown(&contexts)))
    }

    /// Prints the site of several interfaces of a program: a front page that leads to them, and a folder for each with
    /// the pages that [`print_revisions`](Self::print_revisions) would make. Without a title, the site is called like
    /// the interfaces. With the files comes the markup that was not understood, by interface and revision.
    ///
    /// # Examples
    ///
    /// ```
    /// use qapi_codegen::docgen::{Interface, Presence, ReferencePrinter, Revision};
    ///
    /// let files = qapi_parser::source::Memory::new().with("demo.json", "{ 'command': 'stop' }");
    /// let loaded = qapi_parser::load("demo.json".as_ref(), &files, &Default::default());
    /// let schema = loaded.schema.unwrap();
    /// let revisions = || vec![Revision::new("1", &schema, Presence::default())];
    /// let interfaces = [
    ///     Interface::new("Machine", revisions()),
    ///     Interface::new("Guest agent", revisions()),
    /// ];
    /// let (output, _) = ReferencePrinter::default().title("Demo").print_interfaces(&interfaces).unwrap();
    /// assert!(output.get("index.html").unwrap().contains("Guest-agent/index.html"));
    /// assert!(output.get("Machine/demo.html").is_some());
    /// ```
    pub fn print_interfaces(
        &self,
        interfaces: &[Interface<'_>],
    ) -> Result<(Output, Vec<Vec<UnknownMarkup>>), OutputError> {
        let contexts: Vec<Vec<_>> = interfaces
            .iter()
            .map(|interface| self.contexts(Some(interface.name), &interface.revisions))
            .collect();
        let names: Vec<_> = interfaces.iter().map(|interface| interface.name).collect();
        let title = self.title.map_or_else(|| names.join(", "), str::to_owned);
        let output = html::interfaces(&title, interfaces, &contexts)?;
        Ok((output, contexts.iter().map(|it| unknown(it)).collect()))
    }

    /// Returns the documentation of revisions, with one title for all of them: the pages of a site belong together.
    fn contexts<'s>(&self, title: Option<&str>, revisions: &[Revision<'s>]) -> Vec<Context<'s>> {
        let newest = revisions
            .last()
            .map(|newest| documentation::default_title(newest.schema));
        let options = Options {
            title: title.or(newest.as_deref()),
            reserved: html::TAKEN,
            links: self.links,
        };
        let contexts = revisions
            .iter()
            .map(|revision| Context::with(Documentation::with(revision.schema, options)));
        contexts.collect()
    }
}

fn unknown(contexts: &[Context<'_>]) -> Vec<UnknownMarkup> {
    let unknown = contexts.iter().map(|cx| cx.documentation().unknown.clone());
    unknown.collect()
}
