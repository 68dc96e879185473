//! Changes that diagnostics suggest, applied to the files.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use qapi_parser::diag::{Applicability, Diagnostic, Suggestion};
use qapi_parser::source::{FileId, SourceMap};

use crate::status::Failure;

/// A file and its text before and after the change.
pub(crate) struct Fixed {
    pub(crate) path: PathBuf,
    pub(crate) before: Vec<u8>,
    pub(crate) after: String,
    pub(crate) count: usize,
}

/// Returns the files with all certain suggestions applied, those without any left out. Of overlapping suggestions the
/// first is applied; the next run handles the rest.
pub(crate) fn apply(
    sources: &SourceMap,
    diagnostics: &[Diagnostic],
) -> Result<Vec<Fixed>, Failure> {
    let mut by_file: BTreeMap<FileId, Vec<&Suggestion>> = BTreeMap::new();
    let all = diagnostics.iter().flat_map(|it| &it.suggestions);
    for suggestion in all.filter(|it| it.applicability == Applicability::MachineApplicable) {
        by_file
            .entry(suggestion.span.file)
            .or_default()
            .push(suggestion);
    }
    let mut fixed = Vec::new();
    for (id, mut suggestions) in by_file {
        let file = sources.file(id);
        suggestions.sort_by_key(|it| (it.span.start, it.span.end));
        let (mut after, mut end, mut count) = (String::new(), 0_usize, 0);
        let mut last = None;
        for suggestion in suggestions {
            let start = suggestion.span.start as usize;
            if start < end || last == Some(start) {
                continue;
            }
            after.push_str(&file.text[end..start]);
            after.push_str(&suggestion.replacement);
            (end, last) = (suggestion.span.end as usize, Some(start));
            count += 1;
        }
        after.push_str(&file.text[end..]);
        let path = PathBuf::from(&file.path);
        let before = fs::read(&path).map_err(|error| Failure::cannot("read", &path, &error))?;
        if before.contains(&b'\r') {
            after = after.replace('\n', "\r\n");
        }
        if !before.ends_with(b"\n") {
            after.truncate(after.trim_end_matches(['\r', '\n']).len());
        }
        fixed.push(Fixed {
            path,
            before,
            after,
            count,
        });
    }
    Ok(fixed)
}
