//! Findings of recordings in words.

use qapi_traffic::Finding;

use crate::console::one_line;

/// Returns the finding as one sentence: message, place in it, remark, number.
pub(super) fn sentence(finding: &Finding) -> String {
    let mut text = String::new();
    if !finding.subject.is_empty() {
        text += &finding.subject;
        text += ": ";
    }
    if !finding.path.is_empty() {
        text.extend(["`", &finding.path, "`: "]);
    }
    text += &finding.text;
    one_line(&text).into_owned()
}

/// ` (3 times)`, if it is more than once.
pub(super) fn times(finding: &Finding) -> String {
    if finding.count == 1 {
        String::new()
    } else {
        format!(" ({} times)", finding.count)
    }
}
