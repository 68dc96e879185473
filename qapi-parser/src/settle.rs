//! Settling on a release: the newest that accepts the whole schema.
//!
//! The tolerant reading reports every old form as a warning. Here each is held against the table of
//! old forms: a release accepts it, or it is an error.

use crate::diag::{Anchor, Code, Diagnostic, Severity};
use crate::era::{Era, Eras};
use crate::old_forms::{FREE_STYLE, OldForm, old_form};
use crate::source::Span;
use crate::uses::Uses;

/// The first release whose rules of documentation are known by its compiler; comments are not judged for older ones.
const JUDGED_DOCS: Era = Era::new(7, 2);

/// The release that rejects fewest old forms among those that know all other forms of the schema; of several the newest.
pub(crate) fn newest(diagnostics: &[Diagnostic], uses: &Uses, breaks_style: bool) -> Era {
    let oldest = uses
        .newest()
        .map_or(Era::OLDEST, |(newest, _)| newest.since);
    let eras = Era::ALL;
    // How many more forms a release accepts than the one before.
    let mut change = vec![0_isize; eras.len() + 1];
    let mut forms = Forms::default();
    for diagnostic in diagnostics {
        let Some(form) = forms.of(diagnostic) else {
            continue;
        };
        if form.unread_comment && diagnostic.eras.is_none() {
            continue;
        }
        let accepted = diagnostic.eras.unwrap_or(form.eras);
        change[eras.partition_point(|era| *era < accepted.since)] += 1;
        change[eras.partition_point(|era| *era <= accepted.until)] -= 1;
    }
    let mut best = (Era::NEWEST, isize::MIN);
    let mut accepted = 0;
    for (era, change) in eras.iter().zip(change) {
        accepted += change;
        if *era >= oldest && accepted >= best.1 {
            best = (*era, accepted);
        }
    }
    if breaks_style {
        best.0.min(FREE_STYLE)
    } else {
        best.0
    }
}

/// Makes errors of the old forms that a release does not accept, and notes at the others who does.
/// Returns whether there are errors.
pub(crate) fn judge(diagnostics: &mut [Diagnostic], era: Era) -> bool {
    let mut forms = Forms::default();
    let mut failed = false;
    for diagnostic in diagnostics {
        if let Some(form) = forms.of(diagnostic) {
            let eras = diagnostic.eras.unwrap_or(form.eras);
            if accepts(era, form, eras) {
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

/// Notes at the errors of the newest release that an older one accepted the form, as the tolerant reading found.
pub(crate) fn note_older(errors: &mut [Diagnostic], tolerant: &[Diagnostic], uses: &Uses) {
    let mut forms = Forms::default();
    let found: Vec<(Span, Eras)> = tolerant
        .iter()
        .filter_map(|diagnostic| {
            let form = forms.of(diagnostic)?;
            if form.unread_comment && diagnostic.eras.is_none() {
                return None;
            }
            Some((place(diagnostic)?, diagnostic.eras.unwrap_or(form.eras)))
        })
        .collect();
    let newest = uses.newest();
    for error in errors {
        let Some(span) = place(error) else { continue };
        let Some((_, eras)) = found
            .iter()
            .find(|(at, _)| at.file == span.file && at.start <= span.end && span.start <= at.end)
        else {
            continue;
        };
        error.notes.push(match newest {
            Some((newcomer, _)) if newcomer.since > eras.until => format!(
                "{eras} accepted this, but {} came with QEMU {}",
                newcomer.what, newcomer.since
            ),
            _ => format!("{eras} accepted this, but not all of the schema"),
        });
    }
}

/// Style of documentation, which alone rejects nothing unless the newest release is asked for.
pub(crate) fn is_style(diagnostic: &Diagnostic) -> bool {
    matches!(diagnostic.code, Code::DOC_LONG | Code::DOC_SPACING)
}

fn accepts(era: Era, form: &OldForm, eras: Eras) -> bool {
    eras.contains(era) || (form.unread_comment && era < JUDGED_DOCS)
}

/// The text in question.
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
