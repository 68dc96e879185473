//! Checks documentation against the definitions (docs/reference/language.md §7.6).

use std::sync::Arc;

use super::checker::Checker;
use super::features::documented_members;
use crate::declare::{Declaration, DeclarationKind};
use crate::definition::Context;
use crate::diag::{Anchor, Code, Diagnostic, Diagnostics};
use crate::dialect::Reading;
use crate::era::Era;
use crate::era_rules::OLD_DOC_READER;
use crate::ir::{Doc, DocId, Feature, NamedSection, SectionRef};
use crate::name_map::NameMap;
use crate::source::Span;
use crate::suggest;

/// Descriptions of parts that do not exist: indices into a documentation's members and features. Phase 4 finds them,
/// phase 5 reports them.
#[derive(Debug)]
pub(crate) struct Bogus {
    doc: DocId,
    members: Vec<usize>,
    features: Vec<usize>,
}

/// A part that documentation must describe.
#[derive(Debug, Clone, Copy)]
enum DocumentedPart<'a> {
    Feature(&'a Feature),
    Member {
        word: &'static str,
        name: &'a str,
        span: Span,
    },
}

impl<'c, 't> Checker<'c, 't> {
    /// Compares a definition with its documentation, and adds stubs for what it leaves out.
    pub(super) fn connect(
        &mut self,
        entity: &'c Declaration<'t>,
        docs: &mut [Arc<Doc>],
        bogus: &mut Vec<Bogus>,
    ) {
        let Some(context) = entity.context.as_ref().filter(|_| is_definition(entity)) else {
            return;
        };
        let Some(id) = context.doc else { return };
        let doc = &mut docs[id.index()];
        if self.is_described_in_order(entity, doc) {
            return;
        }
        let mut members = SectionIndex::of(&doc.members);
        let mut features = SectionIndex::of(&doc.features);
        let mut missing = self.parts(entity);
        missing.retain(|part| match part {
            DocumentedPart::Feature(feature) => !features.find(&feature.name),
            DocumentedPart::Member { name, .. } => !members.find(name),
        });
        if self.tolerant()
            && let DeclarationKind::Object {
                variants: Some(variants),
                ..
            } = &entity.kind
            && let Some(tag) = &variants.discriminator
            && tag.span == context.name_span
        {
            // Branches of simple unions, which name no discriminator, were documented as if they were members.
            for branch in &variants.branches {
                members.find(&branch.name);
            }
        }
        let mut unknown = Bogus {
            doc: id,
            members: members.unmatched(entity.complete),
            features: features.unmatched(entity.features_complete),
        };
        let stubs = self.missing(context, doc, &missing, &mut unknown);
        add_stubs(doc, stubs);
        if !unknown.members.is_empty() || !unknown.features.is_empty() {
            bogus.push(unknown);
        }
    }

    /// Reports what is not described; the names that get a stub.
    fn missing(
        &mut self,
        context: &Context<'_>,
        doc: &Doc,
        missing: &[DocumentedPart<'_>],
        unknown: &mut Bogus,
    ) -> Stubs {
        let mut stubs = Stubs::default();
        if missing.is_empty() {
            return stubs;
        }
        let excepted = self
            .entities
            .exceptions
            .documentation
            .contains(context.name);
        let stubbed = excepted || self.tolerant();
        for part in missing {
            match part {
                DocumentedPart::Feature(feature) => {
                    let is_listed = self.tolerant() && is_listed_in_text(doc, &feature.name);
                    self.feature_missing(context, doc, feature, is_listed);
                    if is_listed {
                        stubs.features.push(feature.name.clone());
                    }
                }
                DocumentedPart::Member { name, .. } if stubbed => {
                    stubs.members.push((*name).to_owned());
                }
                DocumentedPart::Member { word, name, span } => {
                    self.member_missing(context, doc, (word, name, *span), unknown);
                }
            }
        }
        if !excepted && !stubs.members.is_empty() {
            self.members_missing(context, doc, missing);
        }
        stubs
    }

    /// One warning for all members that old documentation leaves out.
    fn members_missing(
        &mut self,
        context: &Context<'_>,
        doc: &Doc,
        missing: &[DocumentedPart<'_>],
    ) {
        let members = || {
            missing.iter().filter_map(|part| match part {
                DocumentedPart::Member { word, name, span } => Some((*word, *name, *span)),
                DocumentedPart::Feature(_) => None,
            })
        };
        let Some((word, _, first)) = members().next() else {
            return;
        };
        let one = members().count() == 1;
        let message = format!(
            "{word}{} {} {} not documented",
            if one { "" } else { "s" },
            suggest::list(members().map(|(_, name, _)| name), "and"),
            if one { "is" } else { "are" }
        );
        let mut warning = context.warning(Code::OLD_DOC_MEMBER_MISSING, first, message);
        for (_, _, span) in members().skip(1) {
            warning = warning.label(span, "nor is this one");
        }
        self.out
            .report(warning.label(doc.span, "the documentation"));
    }

    /// Reports a feature without description. `is_listed` tells whether one stands below text, where it is text today.
    fn feature_missing(
        &mut self,
        context: &Context<'_>,
        doc: &Doc,
        feature: &Feature,
        is_listed: bool,
    ) {
        let message = format!("feature `{}` is not documented", feature.name);
        let diagnostic = if self.tolerant() {
            context.warning(Code::OLD_DOC_FEATURE_MISSING, feature.span, message)
        } else {
            context.error(Code::DOC_FEATURE_MISSING, feature.span, message)
        };
        let diagnostic = if is_listed {
            diagnostic.accepted(Era::OLDEST, OLD_DOC_READER)
        } else {
            diagnostic
        };
        self.out.report(
            diagnostic
                .label(doc.span, "the documentation")
                .help(format!(
                    "describe it as `# @{}: …` under `# Features:`",
                    feature.name
                )),
        );
    }

    fn member_missing(
        &mut self,
        context: &Context<'_>,
        doc: &Doc,
        (word, name, span): (&str, &str, Span),
        unknown: &mut Bogus,
    ) {
        let message = format!("{word} `{name}` is not documented");
        let error = context.error(Code::DOC_MEMBER_MISSING, span, message);
        // A description under a slightly different name is the same mistake.
        let close = if self.may_compare(unknown.members.len()) {
            let mut names = unknown
                .members
                .iter()
                .map(|index| &*doc.members[*index].name);
            suggest::closest(name, names.clone())
                .and_then(|close| names.position(|other| other == close))
        } else {
            None
        };
        let error = if let Some(close) = close {
            let section = &doc.members[unknown.members.remove(close)];
            error
                .label(section.span, "is this its description?")
                .help(format!("write `@{name}` instead of `@{}`", section.name))
        } else {
            let help = if self.may_compare(doc.members.len() + doc.body.text.len() / 64)
                && is_text(doc, name)
            {
                format!("`@{name}:` is part of the text; put an empty line before it")
            } else {
                format!("describe it as `# @{name}: …`")
            };
            error.label(doc.span, "the documentation").help(help)
        };
        self.out.report(error);
    }

    /// Returns whether documentation describes the parts of a definition one by one and nothing else, as most does.
    fn is_described_in_order(&self, entity: &'c Declaration<'t>, doc: &Doc) -> bool {
        let (mut members, mut features) = (doc.members.iter(), doc.features.iter());
        let mut agrees = true;
        self.each_part(entity, |part| {
            let (section, name) = match part {
                DocumentedPart::Feature(feature) => (features.next(), &*feature.name),
                DocumentedPart::Member { name, .. } => (members.next(), name),
            };
            agrees = agrees && section.is_some_and(|section| section.name == name);
        });
        agrees && members.next().is_none() && features.next().is_none()
    }

    /// Returns everything that the documentation of a definition has to describe, in the order in which
    /// it is missed.
    fn parts(&self, entity: &'c Declaration<'t>) -> Vec<DocumentedPart<'c>> {
        let mut parts = Vec::new();
        self.each_part(entity, |part| parts.push(part));
        parts
    }

    fn each_part(&self, entity: &'c Declaration<'t>, mut part: impl FnMut(DocumentedPart<'c>)) {
        for feature in &entity.features {
            part(DocumentedPart::Feature(feature));
        }
        match &entity.kind {
            DeclarationKind::Enum { values, .. } => {
                for value in values {
                    if let Some(span) = value.span {
                        part(DocumentedPart::Member {
                            word: "value",
                            name: &value.name,
                            span,
                        });
                    }
                    for feature in &value.features {
                        part(DocumentedPart::Feature(feature));
                    }
                }
            }
            DeclarationKind::Alternate { alternatives } => {
                for alternative in alternatives {
                    part(DocumentedPart::Member {
                        word: "alternative",
                        name: &alternative.name,
                        span: alternative.span,
                    });
                }
            }
            _ => {
                for member in documented_members(self.entities, entity) {
                    part(DocumentedPart::Member {
                        word: "member",
                        name: &member.name,
                        span: member.span,
                    });
                    for feature in &member.features {
                        part(DocumentedPart::Feature(feature));
                    }
                }
            }
        }
    }
}

/// Reports descriptions of what does not exist, in reading order.
pub(super) fn report_bogus(
    out: &mut Diagnostics,
    reading: Reading,
    docs: &[Arc<Doc>],
    mut bogus: Vec<Bogus>,
) {
    bogus.sort_by_key(|bogus| bogus.doc);
    for Bogus {
        doc,
        members,
        features,
    } in bogus
    {
        let doc = &docs[doc.index()];
        for (sections, bogus, words) in [
            (&doc.members, members, ["member", "members"]),
            (&doc.features, features, ["feature", "features"]),
        ] {
            if !bogus.is_empty() {
                out.report(bogus_names(reading, doc, sections, &bogus, words));
            }
        }
    }
}

fn bogus_names(
    reading: Reading,
    doc: &Doc,
    sections: &[NamedSection],
    bogus: &[usize],
    words: [&str; 2],
) -> Diagnostic {
    let first = &sections[bogus[0]];
    let mut names = bogus.iter().map(|index| &*sections[*index].name);
    let one = bogus.len() == 1;
    let message = format!(
        "the documentation of `{}` describes {} {}, which {} not exist",
        doc.symbol.as_deref().unwrap_or_default(),
        words[usize::from(!one)],
        suggest::list(names.clone(), "and"),
        if one { "does" } else { "do" }
    );
    let anchor = Anchor::Line(first.span);
    let mut diagnostic = match reading {
        Reading::Tolerant => Diagnostic::warning(Code::OLD_DOC_BOGUS, anchor, message),
        Reading::Strict => Diagnostic::error(Code::DOC_BOGUS, anchor, message),
    }
    .primary(first.span, "");
    // With a blank in its name, earlier releases read it as text.
    if names.all(|name| name.contains(' ')) {
        diagnostic = diagnostic.accepted(Era::OLDEST, OLD_DOC_READER);
    }
    for other in &bogus[1..] {
        diagnostic = diagnostic.label(sections[*other].span, "nor does this one");
    }
    diagnostic
}

/// Definitions have documentation; implied definitions have not.
fn is_definition(entity: &Declaration<'_>) -> bool {
    !entity.implicit && !matches!(entity.kind, DeclarationKind::Array { .. })
}

/// Names of parts that documentation leaves out, for which it gets descriptions without text.
#[derive(Default)]
struct Stubs {
    members: Vec<String>,
    features: Vec<String>,
}

/// Appends stubs: members last of the members, after the first run of their descriptions, and features likewise.
fn add_stubs(doc: &mut Arc<Doc>, stubs: Stubs) {
    if stubs.members.is_empty() && stubs.features.is_empty() {
        return;
    }
    let doc = Arc::make_mut(doc);
    let is_member = |section: &SectionRef| matches!(section, SectionRef::Member(_));
    let is_feature = |section: &SectionRef| matches!(section, SectionRef::Feature(_));
    let last = |order: &[SectionRef], is_one: &dyn Fn(&SectionRef) -> bool| {
        let place = order.iter().rposition(is_one);
        place.or_else(|| order.iter().position(|it| *it == SectionRef::Body))
    };
    let place = last(&doc.order, &is_member).map_or(0, |before| before + 1);
    let new = doc.members.len()..doc.members.len() + stubs.members.len();
    doc.order.splice(place..place, new.map(SectionRef::Member));
    let place = last(&doc.order, &|it| is_member(it) || is_feature(it));
    let place = place.map_or(0, |before| before + 1);
    let new = doc.features.len()..doc.features.len() + stubs.features.len();
    doc.order.splice(place..place, new.map(SectionRef::Feature));
    let span = doc.span;
    let stub = |name| NamedSection {
        name,
        text: String::new(),
        span,
    };
    doc.members.extend(stubs.members.into_iter().map(stub));
    doc.features.extend(stubs.features.into_iter().map(stub));
}

/// Finds sections by name, quickly if they have the order of the definition.
struct SectionIndex<'d> {
    sections: &'d [NamedSection],
    matched: Vec<bool>,
    next: usize,
    index: Option<NameMap<&'d str, usize>>,
}

impl<'d> SectionIndex<'d> {
    fn of(sections: &'d [NamedSection]) -> Self {
        Self {
            sections,
            matched: vec![false; sections.len()],
            next: 0,
            index: None,
        }
    }

    /// Marks the section of this name as matched. Returns true if there is one.
    fn find(&mut self, name: &str) -> bool {
        let sections = self.sections;
        let found = match sections.get(self.next) {
            Some(section) if section.name == name => Some(self.next),
            _ => self
                .index
                .get_or_insert_with(|| {
                    sections
                        .iter()
                        .enumerate()
                        .rev()
                        .map(|(index, section)| (&*section.name, index))
                        .collect()
                })
                .get(name)
                .copied(),
        };
        if let Some(found) = found {
            self.matched[found] = true;
            self.next = found + 1;
        }
        found.is_some()
    }

    /// Sections that match nothing, if that can be told.
    fn unmatched(&self, known: bool) -> Vec<usize> {
        if !known {
            return Vec::new();
        }
        (0..self.matched.len())
            .filter(|index| !self.matched[*index])
            .collect()
    }
}

/// Returns whether some text has the line `Features:` and below it one that would describe `name`.
fn is_listed_in_text(doc: &Doc, name: &str) -> bool {
    texts(doc).any(|text| {
        let mut lines = text.lines().skip_while(|line| *line != "Features:");
        lines.any(|line| describes(line, name))
    })
}

fn describes(line: &str, name: &str) -> bool {
    let line = line.trim_start().strip_prefix('@');
    let rest = line.and_then(|line| line.strip_prefix(name));
    rest.is_some_and(|rest| rest.starts_with(':'))
}

fn texts(doc: &Doc) -> impl Iterator<Item = &str> {
    let sections = doc.sections.iter().chain([&doc.body]).map(|it| &*it.text);
    let named = doc.members.iter().chain(&doc.features).map(|it| &*it.text);
    sections.chain(named)
}

/// Returns whether the text of some section has a line that would describe `name` at the start of a paragraph.
fn is_text(doc: &Doc, name: &str) -> bool {
    texts(doc)
        .flat_map(str::lines)
        .any(|line| describes(line, name))
}
