//! Changes of texts: renaming, code actions, formatting.

use std::collections::{BTreeMap, HashMap};

use gen_lsp_types::{
    CodeAction, CodeActionKind, CodeActionParams, CodeActionResponse, DocumentFormattingParams,
    DocumentRangeFormattingParams, PrepareRenameParams, PrepareRenameResult, RenameParams,
    TextEdit, Uri, WorkspaceEdit,
};
use lsp_server::{ErrorCode, ResponseError};
use qapi_ide::{Action, ActionKind, Edit, Range, Text};
use similar::{DiffOp, TextDiff};

use super::convert;
use super::state::{Server, error};

impl Server {
    pub(super) fn prepare_rename(
        &mut self,
        params: &PrepareRenameParams,
    ) -> Result<Option<PrepareRenameResult>, ResponseError> {
        let (path, text, offset) = self.place(&params.text_document_position_params)?;
        let range = self.workspace.renamable(&path, offset);
        Ok(range.map(|it| PrepareRenameResult::Range(convert::range(&text, it, self.encoding()))))
    }

    pub(super) fn rename(
        &mut self,
        params: &RenameParams,
    ) -> Result<Option<WorkspaceEdit>, ResponseError> {
        let (path, _, offset) = self.place(&params.text_document_position_params)?;
        match self.workspace.rename(&path, offset, &params.new_name) {
            Ok(edits) => Ok(Some(self.workspace_edit(&edits))),
            Err(reason) => Err(error(ErrorCode::RequestFailed, &reason)),
        }
    }

    /// Changes by file, with the line ends that each file has.
    fn workspace_edit(&self, edits: &[Edit]) -> WorkspaceEdit {
        let mut by_file: BTreeMap<_, Vec<&Edit>> = BTreeMap::new();
        for edit in edits {
            by_file.entry(&edit.location.path).or_default().push(edit);
        }
        let mut changes: HashMap<Uri, Vec<TextEdit>> = HashMap::new();
        for (path, edits) in by_file {
            let Some(text) = self.workspace.text(path) else {
                continue;
            };
            let edits = edits.iter().map(|edit| TextEdit {
                range: convert::range(&text, edit.location.range, self.encoding()),
                new_text: edit.text.replace('\n', text.line_end()),
            });
            changes.insert(self.uri(path), edits.collect());
        }
        WorkspaceEdit {
            changes: Some(changes),
            ..WorkspaceEdit::default()
        }
    }

    pub(super) fn code_actions(
        &mut self,
        params: &CodeActionParams,
    ) -> Result<Option<Vec<CodeActionResponse>>, ResponseError> {
        let (path, text) = self.text(&params.text_document.uri)?;
        let offset = |at| text.offset(convert::from_position(at), self.encoding());
        let range = Range::new(offset(params.range.start), offset(params.range.end));
        let mut actions = Vec::new();
        for action in self.workspace.actions(&path, range) {
            let kind = match action.kind {
                ActionKind::Fix => CodeActionKind::QuickFix,
                ActionKind::FixAll => CodeActionKind::SourceFixAll,
                ActionKind::Rewrite => CodeActionKind::RefactorRewrite,
            };
            let wanted = params.context.only.as_ref();
            if wanted.is_none_or(|all| all.iter().any(|it| is_below(&kind, it))) {
                actions.push(CodeActionResponse::CodeAction(
                    self.action(&path, kind, &action),
                ));
            }
        }
        Ok(Some(actions))
    }

    fn action(&self, path: &std::path::Path, kind: CodeActionKind, action: &Action) -> CodeAction {
        let finding = action.finding.as_ref();
        let is_fix = action.kind == ActionKind::Fix;
        CodeAction {
            title: action.change.title.clone(),
            kind: Some(kind),
            diagnostics: finding.map(|it| vec![self.diagnostic(path, it)]),
            is_preferred: (is_fix && action.change.is_certain).then_some(true),
            edit: Some(self.workspace_edit(&action.change.edits)),
            ..CodeAction::default()
        }
    }

    pub(super) fn formatting(
        &mut self,
        params: &DocumentFormattingParams,
    ) -> Result<Option<Vec<TextEdit>>, ResponseError> {
        let (path, text) = self.text(&params.text_document.uri)?;
        let formatted = self.workspace.formatted(&path);
        Ok(formatted.map(|new| self.line_edits(&text, &new, |_| true)))
    }

    pub(super) fn range_formatting(
        &mut self,
        params: &DocumentRangeFormattingParams,
    ) -> Result<Option<Vec<TextEdit>>, ResponseError> {
        let (path, text) = self.text(&params.text_document.uri)?;
        let offset = |at| text.offset(convert::from_position(at), self.encoding());
        let wanted = Range::new(offset(params.range.start), offset(params.range.end));
        let formatted = self.workspace.formatted(&path);
        Ok(formatted.map(|new| self.line_edits(&text, &new, |range| range.meets(wanted))))
    }

    /// Returns the lines that differ as changes, so that the place of the cursor stays where it was.
    fn line_edits(
        &self,
        text: &Text,
        new: &str,
        is_wanted: impl Fn(Range) -> bool,
    ) -> Vec<TextEdit> {
        let old: &str = text.plain();
        let diff = TextDiff::configure()
            .timeout(std::time::Duration::from_secs(1))
            .diff_lines(old, new);
        let old_starts = line_starts(old);
        let new_starts = line_starts(new);
        let mut edits = Vec::new();
        for op in diff.ops() {
            if matches!(op, DiffOp::Equal { .. }) {
                continue;
            }
            let (before, after) = (op.old_range(), op.new_range());
            let at = |line: usize| u32::try_from(old_starts[line]).unwrap_or(u32::MAX);
            let range = Range::new(at(before.start), at(before.end));
            if is_wanted(range) {
                let new_text = &new[new_starts[after.start]..new_starts[after.end]];
                edits.push(TextEdit {
                    range: convert::range(text, range, self.encoding()),
                    new_text: new_text.replace('\n', text.line_end()),
                });
            }
        }
        edits
    }
}

/// Offsets of all lines, and of the end.
fn line_starts(text: &str) -> Vec<usize> {
    let mut at = 0;
    let ends = text.split_inclusive('\n').map(|line| {
        at += line.len();
        at
    });
    std::iter::once(0).chain(ends).collect()
}

/// Returns whether a kind of action is another, or one of its kinds.
fn is_below(kind: &CodeActionKind, wanted: &CodeActionKind) -> bool {
    let (kind, wanted) = (String::from(kind.clone()), String::from(wanted.clone()));
    let rest = kind.strip_prefix(wanted.as_str());
    wanted.is_empty() || rest.is_some_and(|it| it.is_empty() || it.starts_with('.'))
}
