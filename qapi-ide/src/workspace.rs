//! The edited files and their schemas.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use qapi_parser::roots::Roots;
use qapi_parser::{Options, ParseCache, check_again};

use crate::findings::{self, Finding, Severity, Tag};
use crate::index::FileIndex;
use crate::location::Location;
use crate::settings::{Configuration, SchemaSettings};
use crate::sources::{Sources, folded};
use crate::text::{Encoding, Position, Range, Text};
use crate::unbuilt;
use crate::view::View;

/// Files that are being edited, and their schemas.
///
/// All paths are absolute. A file that is open has the text of its editor, all others that of the disk.
pub struct Workspace {
    sources: Sources,
    folders: Vec<PathBuf>,
    configuration: Box<dyn Configuration>,
    /// The folders were searched for schemas.
    searched: bool,
    /// Main files by file.
    roots: BTreeMap<PathBuf, Vec<PathBuf>>,
    schemas: BTreeMap<PathBuf, Schema>,
    indexes: BTreeMap<PathBuf, Arc<FileIndex>>,
    /// Counts changes of texts.
    revision: u64,
}

/// A schema of the workspace.
#[derive(Default)]
struct Schema {
    /// The findings belong to the current texts.
    is_current: bool,
    settings: SchemaSettings,
    /// The files, the main file first.
    files: Vec<PathBuf>,
    findings: Vec<Finding>,
    view: Option<(u64, Arc<View>)>,
    parsed: ParseCache,
}

impl std::fmt::Debug for Workspace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Workspace")
            .field("folders", &self.folders)
            .field("roots", &self.roots)
            .finish_non_exhaustive()
    }
}

impl Workspace {
    /// Creates a workspace without files.
    pub fn new(configuration: Box<dyn Configuration>) -> Self {
        Self {
            sources: Sources::default(),
            folders: Vec::new(),
            configuration,
            searched: false,
            roots: BTreeMap::new(),
            schemas: BTreeMap::new(),
            indexes: BTreeMap::new(),
            revision: 0,
        }
    }

    /// Sets the folders that are searched for main files.
    pub fn set_folders(&mut self, folders: Vec<PathBuf>) {
        self.folders = folders;
        self.searched = false;
        self.forget();
    }

    /// Sets where settings come from.
    pub fn set_configuration(&mut self, configuration: Box<dyn Configuration>) {
        self.configuration = configuration;
        self.forget();
    }

    /// Looks at everything again: files on the disk or settings may have changed.
    pub fn forget(&mut self) {
        self.revision += 1;
        self.roots.clear();
        for schema in self.schemas.values_mut() {
            schema.is_current = false;
        }
    }

    /// Searches the folders for schemas, unless that was done. Returns true if anything was done.
    pub fn search(&mut self) -> bool {
        let is_due = !self.searched;
        if is_due {
            self.searched = true;
            self.roots.clear();
        }
        is_due
    }

    /// Sets the text of a file that an editor opened.
    pub fn open(&mut self, path: &Path, text: String) {
        let path = folded(path);
        self.sources.open(&path, Text::new(text));
        self.roots.clear();
        self.changed(&path);
    }

    /// Changes the text of an open file: replaces the text between two places, or the whole text, by `new`.
    pub fn change(
        &mut self,
        path: &Path,
        place: Option<(Position, Position)>,
        new: &str,
        encoding: Encoding,
    ) {
        let path = folded(path);
        let includes = self.includes(&path);
        let before = self
            .sources
            .text(&path)
            .unwrap_or_else(|| Arc::new(Text::new(String::new())));
        let text = match place {
            Some((from, to)) => before.edited(from, to, new, encoding),
            None => Text::new(new.to_owned()),
        };
        self.sources.open(&path, text);
        self.changed(&path);
        if self.includes(&path) != includes {
            self.roots.clear();
        }
    }

    /// Closes a file, which is then read from the disk.
    pub fn close(&mut self, path: &Path) {
        let path = folded(path);
        if self.sources.close(&path) {
            self.roots.clear();
            self.changed(&path);
        }
    }

    /// Returns the text of a file; none if it cannot be read.
    pub fn text(&self, path: &Path) -> Option<Arc<Text>> {
        self.sources.text(&folded(path))
    }

    /// Returns the paths of open files.
    pub fn open_files(&self) -> Vec<PathBuf> {
        self.sources.open_files().cloned().collect()
    }

    fn changed(&mut self, path: &Path) {
        self.revision += 1;
        for (root, schema) in &mut self.schemas {
            // An unreadable file may be the one.
            let is_whole = schema.findings.iter().all(|it| !it.code.ends_with("-READ"));
            if !is_whole || root == path || schema.files.iter().any(|it| it == path) {
                schema.is_current = false;
            }
        }
    }

    /// Returns the include directives of an open file, found without reading its syntax.
    fn includes(&self, path: &Path) -> Vec<String> {
        let text = self.sources.text(path);
        let text = text.as_ref().map_or("", |text| text.plain());
        let lines = text.lines().filter(|line| line.contains("'include'"));
        lines.map(str::to_owned).collect()
    }

    /// Returns the main files of the schemas that a file is part of; the file itself if there is none.
    pub fn roots(&mut self, path: &Path) -> Vec<PathBuf> {
        if let Some(roots) = self.roots.get(path) {
            return roots.clone();
        }
        let named = self.configuration.roots(path);
        let mut finder = Roots::new(&self.sources);
        if self.searched {
            for folder in &self.folders {
                finder.search_below(folder);
            }
        }
        for folder in named.iter().filter_map(|root| root.parent()) {
            finder.search_below(folder);
        }
        let mut roots = finder.all(path);
        let is_named = named.iter().any(|it| it == path);
        if roots.is_empty() || is_named {
            roots.insert(0, path.to_path_buf());
        }
        let mut roots: Vec<_> = roots.iter().map(|it| folded(it)).collect();
        let mut seen = BTreeSet::new();
        roots.retain(|root| seen.insert(root.clone()));
        self.roots.insert(path.to_path_buf(), roots.clone());
        roots
    }

    /// Checks the schemas of all open files, as far as something changed since the last time.
    pub fn check(&mut self) {
        let mut wanted = BTreeSet::new();
        for file in self.open_files() {
            wanted.extend(self.roots(&file));
        }
        self.schemas.retain(|root, _| wanted.contains(root));
        for root in wanted {
            self.check_schema(&root);
        }
        let schemas = &self.schemas;
        let is_wanted = |path: &Path| {
            let mut files = schemas.values().flat_map(|schema| &schema.files);
            files.any(|file| file == path)
        };
        self.indexes.retain(|path, _| is_wanted(path));
        self.sources.retain(is_wanted);
    }

    fn check_schema(&mut self, root: &Path) {
        let schema = self.schemas.entry(root.to_path_buf()).or_default();
        if schema.is_current {
            return;
        }
        schema.settings = self.configuration.schema(root);
        let mut options = Options::default();
        options.dialect = schema.settings.dialect;
        let loaded = check_again(&mut schema.parsed, root, &self.sources, &options);
        let files = loaded.sources.files();
        schema.files = files
            .map(|(_, file)| folded(Path::new(&file.path)))
            .collect();
        schema.findings = findings::findings(root, &loaded, &schema.settings);
        schema.is_current = true;
        schema.view = None;
    }

    /// Returns the findings about every file that has some, each once, in the order of files and schemas.
    ///
    /// [`check`](Self::check) brings them up to date.
    pub fn findings(&mut self) -> BTreeMap<PathBuf, Vec<Finding>> {
        let mut by_file: BTreeMap<PathBuf, Vec<Finding>> = BTreeMap::new();
        for schema in self.schemas.values() {
            for finding in &schema.findings {
                let found = by_file.entry(finding.location.path.clone()).or_default();
                let is_same = |it: &Finding| {
                    it.code == finding.code
                        && it.location == finding.location
                        && it.message == finding.message
                };
                if !found.iter().any(is_same) {
                    found.push(finding.clone());
                }
            }
        }
        for path in self.open_files() {
            let mut more = self.unbuilt(&path);
            if self.is_alone(&path) {
                more.push(alone(&path));
            }
            if !more.is_empty() {
                by_file.entry(path).or_default().append(&mut more);
            }
        }
        by_file
    }

    /// Findings about parts of an open file that are not built, if the settings say what is.
    fn unbuilt(&mut self, path: &Path) -> Vec<Finding> {
        let root = self.roots(path).into_iter().next();
        let schema = root.and_then(|root| self.schemas.get(&root));
        let Some(defined) = schema.and_then(|it| it.settings.defined.clone()) else {
            return Vec::new();
        };
        let Some(index) = self.index(path) else {
            return Vec::new();
        };
        let parts = unbuilt::unbuilt(&index, &defined).into_iter();
        let findings = parts.map(|(range, condition)| Finding {
            location: Location {
                path: path.to_path_buf(),
                range,
            },
            severity: Severity::Hint,
            code: "",
            message: format!("not built: {condition} does not hold"),
            notes: Vec::new(),
            related: Vec::new(),
            changes: Vec::new(),
            tag: Some(Tag::Unnecessary),
        });
        findings.collect()
    }

    /// Returns whether a file is part of no schema but itself, and does not look like a main file.
    fn is_alone(&self, path: &Path) -> bool {
        let is_own_root = self.roots.get(path).is_some_and(|roots| roots == &[path]);
        let has_includes = self.schemas.get(path).is_some_and(|it| it.files.len() > 1);
        is_own_root && !has_includes && !self.configuration.roots(path).iter().any(|it| it == path)
    }

    /// Returns the views of the schemas that a file is part of, and the number of the file in each. Never empty for a file that
    /// can be read.
    pub(crate) fn views(&mut self, path: &Path) -> Vec<(Arc<View>, usize)> {
        let path = folded(path);
        let roots = self.roots(&path);
        let views = roots.iter().filter_map(|root| {
            let view = self.view(root);
            let file = view.file(&path)?;
            Some((view, file))
        });
        let views: Vec<_> = views.collect();
        if !views.is_empty() {
            return views;
        }
        // An include directive that leads here may be broken just now.
        let index = self.index(&path);
        let alone = index.map(|index| Arc::new(View::new(vec![(path, index)])));
        alone.into_iter().map(|view| (view, 0)).collect()
    }

    /// Returns the views of all schemas of open files.
    pub(crate) fn all_views(&mut self) -> Vec<Arc<View>> {
        let mut roots = BTreeSet::new();
        for file in self.open_files() {
            roots.extend(self.roots(&file));
        }
        roots.iter().map(|root| self.view(root)).collect()
    }

    /// Returns the files as the parser reads them.
    pub(crate) fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Returns the settings for the schema that a file is part of, the first of several.
    pub(crate) fn settings(&mut self, path: &Path) -> SchemaSettings {
        let path = folded(path);
        let root = self.roots(&path).into_iter().next().unwrap_or(path);
        self.configuration.schema(&root)
    }

    fn view(&mut self, root: &Path) -> Arc<View> {
        if !self.schemas.contains_key(root) {
            self.check_schema(root);
        }
        let revision = self.revision;
        let schema = &self.schemas[root];
        if let Some((at, view)) = &schema.view
            && *at == revision
        {
            return view.clone();
        }
        let files = schema.files.clone();
        let indexed = files.into_iter().filter_map(|path| {
            let index = self.index(&path)?;
            Some((path, index))
        });
        let indexed: Vec<_> = indexed.collect();
        let view = Arc::new(View::new(indexed));
        if let Some(schema) = self.schemas.get_mut(root) {
            schema.view = Some((revision, view.clone()));
        }
        view
    }

    /// Returns the index of a file, rebuilt if its text changed.
    pub(crate) fn index(&mut self, path: &Path) -> Option<Arc<FileIndex>> {
        let text = self.sources.text(path)?;
        if let Some(index) = self.indexes.get(path)
            && Arc::ptr_eq(&index.text, text.plain())
        {
            return Some(index.clone());
        }
        let index = Arc::new(FileIndex::new(text.plain()));
        self.indexes.insert(path.to_path_buf(), index.clone());
        Some(index)
    }
}

/// Returns the finding about a file that no schema includes.
fn alone(path: &Path) -> Finding {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    Finding {
        location: Location {
            path: path.to_path_buf(),
            range: Range::default(),
        },
        severity: Severity::Information,
        code: "",
        message: format!("no other file includes {name}: it is checked as a schema by itself"),
        notes: vec!["help: name the main file of the schema in a qapi.toml".to_owned()],
        related: Vec::new(),
        changes: Vec::new(),
        tag: None,
    }
}
