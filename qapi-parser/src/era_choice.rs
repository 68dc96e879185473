//! Settling on a release: the newest that accepts the whole schema.
//!
//! The tolerant reading reports every old form as a warning. Here each is looked up in the table of old forms: a
//! release accepts it, or it is an error.

use crate::diag::{Anchor, Code, Diagnostic, Severity};
use crate::dialect::Dialect;
use crate::era::{Era, Eras};
use crate::era_rules::{FREE_STYLE, OLD_DOC_READER, OldForm, old_form};
use crate::new_forms::Uses;
use crate::source::Span;
use crate::syntax::Headings;

/// The number of old forms that can be mistakes in a current schema.
const SLIPS: usize = 20;

/// The first release whose rules of documentation are known from its compiler. Comments are not checked for older ones.
pub(crate) const JUDGED_DOCS: Era = Era::new(7, 2);

/// Returns the release that rejects fewest old forms among those that know all other forms of the schema; of several the
/// newest. `earlier_docs` tells whether the documentation was accepted by 7.2, if that matters.
pub(crate) fn newest(
    diagnostics: &[Diagnostic],
    uses: &Uses,
    style: DocStyle,
    earlier_docs: impl FnOnce() -> bool,
) -> Verdict {
    let oldest = uses
        .newest()
        .map_or(Era::OLDEST, |(newest, _)| newest.since);
    let (mut code, mut docs) = (Tally::default(), Docs::default());
    let mut forms = Forms::default();
    for diagnostic in diagnostics {
        let Some(form) = forms.of(diagnostic) else {
            continue;
        };
        if form.is_comment() {
            docs.add(form, diagnostic);
        } else {
            code.add(diagnostic.eras.unwrap_or(form.eras));
        }
    }
    let era = code.best(oldest);
    let unread_docs = era < JUDGED_DOCS;
    let earlier = !unread_docs && docs.found && oldest <= docs.until && {
        docs.is_known_later() || (oldest <= JUDGED_DOCS && !docs.misplaced && earlier_docs())
    };
    let era = if earlier { era.min(docs.until) } else { era };
    let (era, accepts_style) = style.settle(era, oldest);
    Verdict {
        era,
        accepts_docs: unread_docs || earlier,
        accepts_style,
    }
}

/// The style of documentation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DocStyle {
    /// It breaks the style rules of the newest release.
    pub(crate) is_free: bool,
    pub(crate) headings: Headings,
}

impl DocStyle {
    /// Returns the newest release up to `era` that accepts the style; `era` itself and false if there is none.
    fn settle(self, era: Era, oldest: Era) -> (Era, bool) {
        if !self.is_free || era <= FREE_STYLE {
            return (era, true);
        }
        if self.headings.in_text.is_none() {
            return (era.min(FREE_STYLE), oldest <= FREE_STYLE);
        }
        if oldest <= JUDGED_DOCS {
            (OLD_DOC_READER, true)
        } else {
            (era, false)
        }
    }
}

/// The release whose rules apply to a schema.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Verdict {
    pub(crate) era: Era,
    /// It accepts the documentation, even where the tolerant reading found old forms.
    accepts_docs: bool,
    /// It has no rules of style, or the documentation follows them.
    pub(crate) accepts_style: bool,
}

impl Verdict {
    /// That of a release that was asked for.
    pub(crate) fn of(era: Era, earlier_docs: impl FnOnce() -> bool) -> Self {
        Self {
            era,
            accepts_docs: era < JUDGED_DOCS || (era <= OLD_DOC_READER && earlier_docs()),
            accepts_style: true,
        }
    }

    fn accepts(self, form: &OldForm, eras: Eras) -> bool {
        eras.contains(self.era)
            || form.unread_comment
                && (self.era < JUDGED_DOCS || self.accepts_docs && is_section_grammar(form.old))
    }
}

/// The number of forms that each release accepts, as the change from one to the next.
struct Tally(Vec<isize>);

impl Default for Tally {
    fn default() -> Self {
        Self(vec![0; Era::ALL.len() + 1])
    }
}

impl Tally {
    fn add(&mut self, accepted: Eras) {
        self.0[Era::ALL.partition_point(|era| *era < accepted.since)] += 1;
        self.0[Era::ALL.partition_point(|era| *era <= accepted.until)] -= 1;
    }

    /// Returns the release that accepts most; of several the newest.
    fn best(&self, oldest: Era) -> Era {
        let mut best = (Era::NEWEST, isize::MIN);
        let mut accepted = 0;
        for (era, change) in Era::ALL.iter().zip(&self.0) {
            accepted += change;
            if *era >= oldest && accepted >= best.1 {
                best = (*era, accepted);
            }
        }
        best.0
    }
}

/// Old forms of documentation.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact about the forms so far"
)]
struct Docs {
    found: bool,
    /// A form was accepted only while comments had no syntax.
    unread: bool,
    /// One of these forms is not about the grammar of sections, so no release that parsed documentation accepted it.
    misplaced: bool,
    /// There are tags that 10.0 still accepted; its other rules were those of the newest release.
    tags: bool,
    until: Era,
}

impl Default for Docs {
    fn default() -> Self {
        Self {
            found: false,
            unread: false,
            misplaced: false,
            tags: false,
            until: OLD_DOC_READER,
        }
    }
}

impl Docs {
    fn add(&mut self, form: &OldForm, diagnostic: &Diagnostic) {
        self.found = true;
        self.tags |= form.old == Code::OLD_DOC_TAG;
        if form.unread_comment && diagnostic.eras.is_none() {
            self.unread = true;
            self.misplaced |= !is_section_grammar(form.old);
        } else {
            self.until = self.until.min(diagnostic.eras.unwrap_or(form.eras).until);
        }
    }

    /// Returns whether a release between 7.2 and 10.0 is known to have accepted all of it.
    fn is_known_later(&self) -> bool {
        self.tags && !self.unread
    }
}

/// Makes errors of the old forms that a release does not accept, and notes the releases that accept them. Returns true
/// if there are errors.
pub(crate) fn judge(diagnostics: &mut [Diagnostic], verdict: Verdict) -> bool {
    let era = verdict.era;
    let mut forms = Forms::default();
    let mut failed = false;
    for diagnostic in diagnostics {
        if let Some(form) = forms.of(diagnostic) {
            let eras = diagnostic.eras.unwrap_or(form.eras);
            if verdict.accepts(form, eras) {
                diagnostic.eras = Some(eras);
            } else {
                diagnostic.severity = Severity::Error;
                diagnostic.code = diagnostic.today.unwrap_or(form.today);
                diagnostic.eras = None;
                diagnostic
                    .notes
                    .push(format!("{eras} accepted this, {era} does not"));
            }
        }
        failed |= diagnostic.severity == Severity::Error;
    }
    failed
}

/// Errors about forms that came after a release.
pub(crate) fn later_forms(uses: &Uses, era: Era) -> impl Iterator<Item = Diagnostic> {
    let later = uses.all().filter(move |(newcomer, _)| newcomer.since > era);
    later.map(move |(newcomer, span)| {
        let message = format!(
            "{} came with QEMU {}, and the schema is read as QEMU {era} did",
            newcomer.what, newcomer.since
        );
        Diagnostic::error(Code::ERA_LATER, Anchor::Line(span), message)
            .primary(span, "the first use")
            .help(format!("choose a dialect from {} on", newcomer.since))
    })
}

/// Returns the error about a heading in free-form text, for releases that rejected it.
pub(crate) fn heading(style: DocStyle, era: Era) -> Option<Diagnostic> {
    let between = era > OLD_DOC_READER && era <= FREE_STYLE;
    style.headings.in_text.filter(|_| between).map(|span| {
        let message = format!(
            "QEMU {era} reads a line that starts with `=` as a heading, which has to be the first line of its block"
        );
        Diagnostic::error(Code::ERA_LATER, Anchor::Line(span), message).primary(span, "")
    })
}

/// Returns the error about documentation that today's reader accepts, and 7.2's did not.
pub(crate) fn later_docs(line: Span) -> Diagnostic {
    let message = format!("QEMU {JUDGED_DOCS} does not read this documentation");
    Diagnostic::error(Code::ERA_LATER, Anchor::Line(line), message)
        .primary(line, "from here on")
        .help("there, the text of a description is aligned with its first line, and descriptions come before sections")
}

/// Returns whether a schema of this dialect can be judged by the rules of the newest release, except those of style.
pub(crate) fn has_current_rules(dialect: Dialect) -> bool {
    match dialect {
        Dialect::Auto | Dialect::Strict => true,
        Dialect::Era(era) => era > OLD_DOC_READER,
    }
}

/// Notes at the errors of `era`, worded by the newest release, that an older one accepted the form, as the tolerant reading
/// found.
pub(crate) fn note_older(
    errors: &mut [Diagnostic],
    tolerant: &[Diagnostic],
    uses: &Uses,
    era: Era,
) {
    let mut forms = Forms::default();
    let mut found: Vec<(Span, Eras)> = tolerant
        .iter()
        .filter_map(|diagnostic| {
            let form = forms.of(diagnostic)?;
            if form.unread_comment && diagnostic.eras.is_none() {
                return None;
            }
            Some((place(diagnostic)?, diagnostic.eras.unwrap_or(form.eras)))
        })
        .collect();
    found.sort_by_key(|(span, _)| (span.file, span.start));
    let newest = uses.newest();
    for error in errors {
        let Some(span) = place(error) else { continue };
        // The same text or right beside it: the nearest that starts before its end.
        let next = found.partition_point(|(at, _)| (at.file, at.start) <= (span.file, span.end));
        let near = next.checked_sub(1).map(|last| &found[last]);
        let Some((_, eras)) = near.filter(|(at, _)| at.file == span.file && span.start <= at.end)
        else {
            continue;
        };
        error.notes.push(match newest {
            Some((newcomer, _)) if newcomer.since > eras.until => format!(
                "{eras} accepted this, but {} came with QEMU {}",
                newcomer.what, newcomer.since
            ),
            _ if era == Era::NEWEST => format!("{eras} accepted this, but not all of the schema"),
            _ => format!("{eras} accepted this, {era} does not"),
        });
    }
}

/// Returns whether a schema has old forms that are no slips, by their kind or their number: then the rules of their
/// release apply, even if there are errors.
pub(crate) fn is_old(judged: &[Diagnostic]) -> bool {
    let deliberate = [
        Code::OLD_STRUCT_TYPE,
        Code::OLD_FLAG_NO,
        Code::OLD_ANYTHING,
        Code::OLD_ANON_UNION,
        Code::OLD_CONDITION,
        Code::OLD_PRAGMA,
    ];
    if judged.iter().any(|it| deliberate.contains(&it.code)) {
        return true;
    }
    judged
        .iter()
        .filter(|it| it.eras.is_some())
        .nth(SLIPS)
        .is_some()
}

/// Style of documentation, which alone rejects nothing unless the newest release is asked for.
pub(crate) fn is_style(diagnostic: &Diagnostic) -> bool {
    matches!(diagnostic.code, Code::DOC_LONG | Code::DOC_SPACING)
}

/// Returns whether an old form of documentation is one inside of a block: 7.2 had other rules for these.
fn is_section_grammar(old: Code) -> bool {
    [
        Code::OLD_DOC_HDR_COLON,
        Code::OLD_DOC_HDR_NAME,
        Code::OLD_DOC_FREE_AT,
        Code::OLD_DOC_DEINDENT,
        Code::OLD_DOC_ARG_LATE,
        Code::OLD_DOC_DUP_FEATURES,
        Code::OLD_DOC_NO_FEATURES,
        Code::OLD_DOC_ARG_NAME,
        Code::OLD_DOC_DUP_ARG,
        Code::OLD_DOC_DUP_SECTION,
        Code::OLD_DOC_EMPTY_TEXT,
    ]
    .contains(&old)
}

/// Returns the text in question.
fn place(diagnostic: &Diagnostic) -> Option<Span> {
    match (&diagnostic.primary, &diagnostic.anchor) {
        (Some(label), _) => Some(label.span),
        (None, Anchor::Point(span) | Anchor::Line(span)) => Some(*span),
        (None, Anchor::File(_)) => None,
    }
}

/// Looks up old forms; runs of one form are common.
#[derive(Default)]
struct Forms(Option<&'static OldForm>);

impl Forms {
    fn of(&mut self, diagnostic: &Diagnostic) -> Option<&'static OldForm> {
        if diagnostic.severity != Severity::Warning {
            return None;
        }
        if self.0.is_none_or(|form| form.old != diagnostic.code) {
            self.0 = Some(old_form(diagnostic.code)?);
        }
        self.0
    }
}
