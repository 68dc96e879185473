//! Files of a site, and the places in them.

use crate::documentation::{Documentation, Target, slug};

/// Returns the page of the schema's main file, if that says anything.
pub(super) fn root_page(documentation: &Documentation<'_>) -> Option<usize> {
    let mut modules = documentation.schema.modules.iter();
    let root = modules.position(|it| it.file.is_some())?;
    let mut pages = documentation.pages.iter();
    pages.position(|page| page.module.index() == root)
}

/// Returns true for a page that has nothing but the introduction, which the overview shows.
pub(super) fn is_front(documentation: &Documentation<'_>, page: usize) -> bool {
    let has_definitions = documentation.pages[page].definitions().next().is_some();
    root_page(documentation) == Some(page) && !has_definitions
}

/// Returns the name of the file that shows a page.
pub(super) fn file(documentation: &Documentation<'_>, page: usize) -> String {
    if is_front(documentation, page) {
        return "index.html".to_owned();
    }
    format!("{}.html", documentation.pages[page].stem)
}

/// Returns the address of a target, for links on a page of the same revision.
pub(super) fn address(
    documentation: &Documentation<'_>,
    from: Option<usize>,
    to: &Target,
) -> String {
    let anchor = match to {
        Target::Index => return "all.html".to_owned(),
        Target::Definition(name) => name.clone(),
        Target::Member { definition, member } => part_id(definition, member),
        Target::Feature {
            definition,
            feature,
        } => feature_id(definition, feature),
        Target::Label(label) => label_id(label),
    };
    match documentation.page_of(to) {
        Some(page) if from != Some(page) => format!("{}#{anchor}", file(documentation, page)),
        _ => format!("#{anchor}"),
    }
}

// Names have no colons (docs/reference/language.md §2.6), so no two of these can be equal.

pub(super) fn part_id(definition: &str, part: &str) -> String {
    format!("{definition}:{part}")
}

// Names have no colons (docs/reference/language.md §2.6), so no two of these can be equal.

pub(super) fn feature_id(definition: &str, feature: &str) -> String {
    format!("{definition}:feature:{feature}")
}

/// Returns the id of a place that the text marks.
pub(super) fn label_id(label: &str) -> String {
    format!(":label-{}", slug(label))
}
