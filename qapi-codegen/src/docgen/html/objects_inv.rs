//! The inventory of a site, which other documents use to link to it: the file `objects.inv` of Sphinx's intersphinx,
//! version 2.

use std::fmt::Write as _;

use miniz_oxide::deflate::compress_to_vec_zlib;

use super::site::Site;
use crate::documentation::Kind;

/// The effort of compression, of 10: files are small.
const LEVEL: u8 = 6;

impl Site<'_, '_> {
    /// Returns the inventory: four lines of text, then compressed lines, each an object with its kind and address. The
    /// kinds are those of QEMU's domain for Sphinx; as labels, the same names can be used where that domain is not loaded.
    pub(super) fn inventory(&self) -> Vec<u8> {
        let one_line = |text: &str| text.replace(['\n', '\r'], " ");
        let title = one_line(&self.documentation.title);
        let version = self.revision.map_or("", |revision| revision.name());
        let head = format!(
            "# Sphinx inventory version 2\n# Project: {title}\n# Version: {}\n\
             # The remainder of this file is compressed using zlib. {}\n",
            one_line(version),
            self.mark()
        );
        let mut lines = String::new();
        for (index, page) in self.pages().iter().enumerate() {
            let file = self.file(index);
            let title = one_line(&page.title);
            let _ = writeln!(lines, "{} qapi:module 1 {file} {title}", page.stem);
        }
        for (page, definition) in self.documentation.definitions() {
            let kind = match definition.kind {
                Kind::Command => "command",
                Kind::Event => "event",
                Kind::Enum => "enum",
                Kind::Struct | Kind::Union => "object",
                Kind::Alternate => "alternate",
            };
            let file = self.file(page);
            let name = definition.name;
            let _ = writeln!(lines, "{name} qapi:{kind} 1 {file}#$ -");
            let _ = writeln!(lines, "{name} std:label -1 {file}#{name} {name}");
        }
        let mut inventory = head.into_bytes();
        inventory.extend(compress_to_vec_zlib(lines.as_bytes(), LEVEL));
        inventory
    }
}
