//! Lines above types that tell how many commands and events they are part of.

use gen_lsp_types::{CodeLens, CodeLensParams, Command, Uri};
use lsp_server::ResponseError;
use qapi_ide::{Kind, OutlineKind};
use serde_json::json;

use super::convert;
use super::state::Server;
use super::uri;
use crate::console::counted;

impl Server {
    /// Returns a lens per type. Its text is made when the editor shows it.
    pub(super) fn lenses(
        &mut self,
        params: &CodeLensParams,
    ) -> Result<Option<Vec<CodeLens>>, ResponseError> {
        let (path, text) = self.text(&params.text_document.uri)?;
        let outline = self.workspace.outline(&path).into_iter();
        let types = outline.filter(|it| {
            let is_used = !matches!(
                it.kind,
                OutlineKind::Definition(Kind::Command | Kind::Event)
            );
            is_used && !it.name.is_empty()
        });
        let lenses = types.map(|it| CodeLens {
            range: convert::range(&text, it.name_range, self.encoding()),
            command: None,
            data: Some(json!({ "uri": params.text_document.uri, "name": it.name })),
        });
        Ok(Some(lenses.collect()))
    }

    pub(super) fn resolve_lens(&mut self, lens: &CodeLens) -> Result<CodeLens, ResponseError> {
        let text = |key: &str| {
            let value = lens.data.as_ref().and_then(|data| data[key].as_str());
            value.unwrap_or_default().to_owned()
        };
        let path = uri::path(&Uri(text("uri")));
        let found = self.workspace.interfaces(&path, &text("name"));
        let title = match found {
            None => String::new(),
            Some((0, 0)) => "used by no command or event".to_owned(),
            Some((commands, 0)) => format!("used by {}", counted(commands, "command")),
            Some((0, events)) => format!("used by {}", counted(events, "event")),
            Some((commands, events)) => format!(
                "used by {} and {}",
                counted(commands, "command"),
                counted(events, "event")
            ),
        };
        Ok(CodeLens {
            command: Some(Command {
                title,
                // There is nothing to run.
                command: String::new(),
                ..Command::default()
            }),
            ..lens.clone()
        })
    }
}
