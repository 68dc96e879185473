//! Settings for schemas: those of the editor, and those of the nearest `qapi.toml`.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use qapi_codegen::Project;
use qapi_ide::{Configuration, Level, SchemaSettings};
use qapi_parser::Dialect;
use serde::{Deserialize, Deserializer};

use crate::diagnostics::Lint;
use crate::project::ProjectArgs;
use crate::schema::{DialectArgs, SchemaArgs, SymbolArgs};

/// Settings of the editor, section `qapi`. They win over those of a file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct EditorSettings {
    /// The accepted forms of the language.
    #[serde(deserialize_with = "dialect")]
    dialect: Option<Dialect>,
    /// Symbols that are defined in conditions.
    define: Option<Vec<String>>,
    /// Symbols that are not defined in conditions.
    undefine: Option<Vec<String>>,
    /// Main files of schemas, absolute or from the first folder of the workspace.
    roots: Vec<PathBuf>,
    /// Old forms are shown each in its place.
    show_old_forms: bool,
    /// Treatments of warnings by code.
    lints: BTreeMap<String, LevelSetting>,
}

/// `allow`, `warn` or `deny`.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum LevelSetting {
    Allow,
    Warn,
    Deny,
}

fn dialect<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Dialect>, D::Error> {
    let text = Option::<String>::deserialize(from)?;
    let parse = |text: String| {
        text.parse().map_err(|error| {
            serde::de::Error::custom(format!(
                "`{text}` is neither `auto` nor `strict`, and {error}"
            ))
        })
    };
    text.map(parse).transpose()
}

/// The settings of one editor.
#[derive(Debug, Default)]
pub(super) struct EditorConfiguration {
    settings: EditorSettings,
    folder: PathBuf,
    /// The fault of the file that was read last.
    problem: std::rc::Rc<RefCell<Option<String>>>,
}

impl EditorConfiguration {
    pub(super) fn new(
        settings: EditorSettings,
        folder: PathBuf,
        problem: std::rc::Rc<RefCell<Option<String>>>,
    ) -> Self {
        Self {
            settings,
            folder,
            problem,
        }
    }

    fn project(&self, file: &Path) -> crate::project::ProjectFile {
        match ProjectArgs::default().load(&[file.to_path_buf()]) {
            Ok(project) => project,
            Err(failure) => {
                *self.problem.borrow_mut() = Some(failure.to_string());
                crate::project::ProjectFile::default()
            }
        }
    }
}

impl Configuration for EditorConfiguration {
    fn schema(&self, root: &Path) -> SchemaSettings {
        let settings = &self.settings;
        let args = SchemaArgs {
            dialect: DialectArgs {
                dialect: settings.dialect,
            },
            deny_warnings: false,
            message_format: crate::diagnostics::MessageFormat::default(),
            symbols: SymbolArgs {
                define: settings.define.clone().unwrap_or_default(),
                undefine: settings.undefine.clone().unwrap_or_default(),
            },
            lints: crate::diagnostics::Lints::new(),
        };
        let target = self.project(root).target(root, &args);
        let symbols = &target.args.symbols;
        let has_symbols = settings.define.is_some()
            || settings.undefine.is_some()
            || !symbols.define.is_empty()
            || !symbols.undefine.is_empty();
        let of_file = target.args.lints.iter().map(|(code, lint)| {
            let level = match lint {
                Lint::Allow => Level::Allow,
                Lint::Warn => Level::Warn,
                Lint::Deny => Level::Deny,
            };
            (code.clone(), level)
        });
        let of_editor = settings.lints.iter().map(|(code, lint)| {
            let level = match lint {
                LevelSetting::Allow => Level::Allow,
                LevelSetting::Warn => Level::Warn,
                LevelSetting::Deny => Level::Deny,
            };
            (code.clone(), level)
        });
        SchemaSettings {
            dialect: target.args.dialect.dialect.unwrap_or_default(),
            defined: has_symbols.then(|| symbols.define.iter().cloned().collect()),
            lints: of_file.chain(of_editor).collect(),
            shows_old_forms: settings.show_old_forms,
        }
    }

    fn roots(&self, file: &Path) -> Vec<PathBuf> {
        let own = self.settings.roots.iter().map(|it| self.folder.join(it));
        let project = self.project(file);
        let schemas = project.project().map_or(&[][..], Project::schemas);
        let named = schemas.iter().flat_map(|it| &it.revisions);
        own.chain(named.map(|(_, path)| path.clone())).collect()
    }
}
