//! Renames things, in documentation, too.

use std::path::Path;

use crate::location::{Edit, Location};
use crate::navigate::{location, symbol_at};
use crate::text::Range;
use crate::view::{Symbol, View};
use crate::workspace::Workspace;

impl Workspace {
    /// Returns the name at a place, if it can be renamed.
    pub fn renamable(&mut self, path: &Path, offset: u32) -> Option<Range> {
        let (view, file) = self.views(path).into_iter().next()?;
        let occurrence = view.index(file).at(offset)?;
        match view.symbol(file, occurrence)? {
            Symbol::Builtin(_) | Symbol::File(_) => None,
            Symbol::Condition(_) => Some(occurrence.range),
            symbol => view.place(&symbol).map(|_| occurrence.range),
        }
    }

    /// Returns the changes that give the thing at a place another name, in all schemas that the file is part of.
    ///
    /// # Errors
    /// There is nothing to rename, the new name is invalid, or it is taken already; the text is for the author.
    pub fn rename(&mut self, path: &Path, offset: u32, name: &str) -> Result<Vec<Edit>, String> {
        if self.renamable(path, offset).is_none() {
            return Err("nothing here can be renamed".to_owned());
        }
        let is_part = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
        if name.is_empty() || !name.chars().all(is_part) {
            return Err(format!(
                "`{name}` is not a valid name: letters, digits, `-` and `_` are allowed"
            ));
        }
        let mut edits = Vec::new();
        for (view, file) in self.views(path) {
            let Some(symbol) = symbol_at(&view, file, offset) else {
                continue;
            };
            check_free(&view, &symbol, name)?;
            for (place, _) in view.uses(&symbol) {
                edits.push(Edit {
                    location: location(&view, place),
                    text: name.to_owned(),
                });
            }
        }
        edits.sort();
        edits.dedup();
        Ok(edits)
    }
}

fn check_free(view: &View, symbol: &Symbol, name: &str) -> Result<(), String> {
    let taken = match symbol {
        Symbol::Definition(old) => old != name && view.find(name).is_some(),
        Symbol::Part { owner, name: old } => {
            let owner = view.find(owner);
            old != name && owner.is_some_and(|owner| view.part(owner, name).is_some())
        }
        _ => false,
    };
    if taken {
        return Err(format!("there is a `{name}` already"));
    }
    Ok(())
}

/// Returns a change of one file.
pub(crate) fn edit(path: &Path, range: Range, text: String) -> Edit {
    let path = path.to_path_buf();
    Edit {
        location: Location { path, range },
        text,
    }
}
