//! The modules of a crate, and which of them uses which: paths of the sources are followed through imports and
//! re-exports to the file that defines what they name. Code of tests does not count.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, File, Item, ItemMod, Meta, UseTree};

/// No path has more names than this.
const LONGEST: usize = 16;

/// A module by its names from the crate's root.
pub(crate) type ModulePath = Vec<String>;

/// The modules of a crate that are files, and the uses between them.
pub(crate) struct Modules {
    /// By the module that uses: the modules used, with the path that says so.
    pub(crate) uses: BTreeMap<ModulePath, BTreeMap<ModulePath, String>>,
}

/// Names in a module, as far as paths need them.
#[derive(Default)]
struct Scope {
    /// The file's module, which differs from the module's own path where that is inline.
    file: ModulePath,
    items: BTreeSet<String>,
    children: BTreeSet<String>,
    /// Imports by the name they give.
    imports: HashMap<String, Vec<Vec<String>>>,
    globs: Vec<Vec<String>>,
    /// Paths in the code, imports among them.
    paths: BTreeSet<Vec<String>>,
}

impl Modules {
    /// Reads a crate from the folder of its sources.
    pub(crate) fn read(sources: &Path) -> Self {
        let mut scopes = BTreeMap::new();
        let root = ["lib.rs", "main.rs"].map(|name| sources.join(name));
        let root = root.iter().find(|path| path.is_file());
        let root = root.unwrap_or_else(|| panic!("no crate at {}", sources.display()));
        read_file(root, sources, &Vec::new(), &mut scopes);
        let mut uses: BTreeMap<ModulePath, BTreeMap<ModulePath, String>> = BTreeMap::new();
        for (module, scope) in &scopes {
            let used = uses.entry(scope.file.clone()).or_default();
            for path in &scope.paths {
                for target in resolve(&scopes, module, path, &mut Vec::new()) {
                    let file = &scopes[&target].file;
                    if *file != scope.file {
                        used.entry(file.clone()).or_insert_with(|| path.join("::"));
                    }
                }
            }
        }
        Self { uses }
    }

    /// Groups of modules each of which uses all others of its group, by way of others or not.
    pub(crate) fn knots(&self) -> Vec<Vec<ModulePath>> {
        let reach: BTreeMap<_, _> = self
            .uses
            .keys()
            .map(|module| (module, self.reachable(module)))
            .collect();
        let mut knots = Vec::new();
        let mut done = BTreeSet::new();
        for (module, reached) in &reach {
            if !reached.contains(*module) || !done.insert((*module).clone()) {
                continue;
            }
            let knot: Vec<_> = reached
                .iter()
                .filter(|other| reach[other].contains(*module))
                .cloned()
                .collect();
            done.extend(knot.iter().cloned());
            knots.push(knot);
        }
        knots
    }

    fn reachable(&self, start: &ModulePath) -> BTreeSet<ModulePath> {
        let mut reached = BTreeSet::new();
        let mut open = vec![start];
        while let Some(module) = open.pop() {
            for used in self.uses.get(module).into_iter().flat_map(BTreeMap::keys) {
                if reached.insert(used.clone()) {
                    open.push(used);
                }
            }
        }
        reached
    }
}

fn read_file(
    path: &Path,
    folder: &Path,
    module: &ModulePath,
    scopes: &mut BTreeMap<ModulePath, Scope>,
) {
    let text =
        fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let file: File =
        syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    read_items(&file.items, folder, module, module, scopes);
}

/// Reads the items of a module; `folder` has the files of its children.
fn read_items(
    items: &[Item],
    folder: &Path,
    file: &ModulePath,
    module: &ModulePath,
    scopes: &mut BTreeMap<ModulePath, Scope>,
) {
    let mut scope = Scope {
        file: file.clone(),
        ..Scope::default()
    };
    for item in items {
        if is_test(attributes(item)) {
            continue;
        }
        scope.items.extend(name(item));
        match item {
            Item::Mod(child) => {
                scope.children.insert(child.ident.to_string());
                read_child(child, folder, file, module, scopes);
            }
            Item::Use(item) => imports(&item.tree, &mut Vec::new(), &mut scope),
            item => Paths(&mut scope.paths).visit_item(item),
        }
    }
    scopes.insert(module.clone(), scope);
}

fn read_child(
    child: &ItemMod,
    folder: &Path,
    file: &ModulePath,
    module: &ModulePath,
    scopes: &mut BTreeMap<ModulePath, Scope>,
) {
    let name = child.ident.to_string();
    let mut path = module.clone();
    path.push(name.clone());
    let inner = folder.join(&name);
    if let Some((_, items)) = &child.content {
        read_items(items, &inner, file, &path, scopes);
        return;
    }
    let files = [folder.join(format!("{name}.rs")), inner.join("mod.rs")];
    let found = files.iter().find(|path| path.is_file());
    let found = found.unwrap_or_else(|| panic!("no file of module {}", path.join("::")));
    read_file(found, &inner, &path, scopes);
}

/// Test code: after `#[cfg(test)]` and the like, or a test itself.
pub(crate) fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::Path(path) => path.is_ident("test"),
        Meta::List(list) if list.path.is_ident("cfg") => {
            let condition = list.tokens.to_string();
            condition == "test" || condition.starts_with("all (test") || condition == "doctest"
        }
        _ => false,
    })
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

fn name(item: &Item) -> Option<String> {
    let ident = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(ident.to_string())
}

fn imports(tree: &UseTree, prefix: &mut Vec<String>, scope: &mut Scope) {
    let mut import = |name: String, path: Vec<String>| {
        scope.paths.insert(path.clone());
        scope.imports.entry(name).or_default().push(path);
    };
    match tree {
        UseTree::Path(tree) => {
            prefix.push(tree.ident.to_string());
            imports(&tree.tree, prefix, scope);
            prefix.pop();
        }
        UseTree::Name(tree) if tree.ident == "self" => {
            import(prefix.last().cloned().unwrap_or_default(), prefix.clone());
        }
        UseTree::Name(tree) => {
            let mut path = prefix.clone();
            path.push(tree.ident.to_string());
            import(tree.ident.to_string(), path);
        }
        UseTree::Rename(tree) => {
            let mut path = prefix.clone();
            if tree.ident != "self" {
                path.push(tree.ident.to_string());
            }
            import(tree.rename.to_string(), path);
        }
        UseTree::Glob(_) => scope.globs.push(prefix.clone()),
        UseTree::Group(tree) => {
            for tree in &tree.items {
                imports(tree, prefix, scope);
            }
        }
    }
}

/// Collects the paths of an item, those in the arguments of macros among them.
struct Paths<'p>(&'p mut BTreeSet<Vec<String>>);

impl<'a> Visit<'a> for Paths<'_> {
    fn visit_path(&mut self, path: &'a syn::Path) {
        let segments = path
            .segments
            .iter()
            .map(|segment| segment.ident.to_string());
        self.0.insert(segments.collect());
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, item: &'a syn::Macro) {
        tokens(item.tokens.clone(), self.0);
        visit::visit_macro(self, item);
    }

    // Functions can have imports of their own.
    fn visit_item_use(&mut self, item: &'a syn::ItemUse) {
        let mut scope = Scope::default();
        imports(&item.tree, &mut Vec::new(), &mut scope);
        self.0.extend(scope.paths);
    }

    fn visit_item_fn(&mut self, item: &'a syn::ItemFn) {
        if !is_test(&item.attrs) {
            visit::visit_item_fn(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'a syn::ImplItemFn) {
        if !is_test(&item.attrs) {
            visit::visit_impl_item_fn(self, item);
        }
    }
}

/// Names and paths among the tokens of a macro.
fn tokens(stream: TokenStream, paths: &mut BTreeSet<Vec<String>>) {
    let mut path: Vec<String> = Vec::new();
    let mut colons = 0;
    for token in stream {
        match token {
            TokenTree::Ident(ident) => {
                if colons != 2 {
                    paths.insert(std::mem::take(&mut path));
                }
                path.push(ident.to_string());
                colons = 0;
            }
            TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
            other => {
                paths.insert(std::mem::take(&mut path));
                colons = 0;
                if let TokenTree::Group(group) = other {
                    tokens(group.stream(), paths);
                }
            }
        }
    }
    paths.insert(path);
}

/// The modules that define what a path names; none if that is in another crate, or is a module itself.
fn resolve(
    scopes: &BTreeMap<ModulePath, Scope>,
    module: &ModulePath,
    path: &[String],
    visited: &mut Vec<(ModulePath, Vec<String>)>,
) -> Vec<ModulePath> {
    let key = (module.clone(), path.to_vec());
    // Names of other crates that are imported as what they begin with go round forever.
    if visited.contains(&key) || path.len() > LONGEST {
        return Vec::new();
    }
    visited.push(key);
    let Some((first, rest)) = path.split_first() else {
        return Vec::new();
    };
    let Some(scope) = scopes.get(module) else {
        return Vec::new();
    };
    match first.as_str() {
        "crate" => return resolve(scopes, &Vec::new(), rest, visited),
        "self" => return resolve(scopes, module, rest, visited),
        "super" => {
            let parent = module[..module.len().saturating_sub(1)].to_vec();
            return resolve(scopes, &parent, rest, visited);
        }
        _ => {}
    }
    let mut found = Vec::new();
    if scope.children.contains(first) {
        let mut child = module.clone();
        child.push(first.clone());
        if !rest.is_empty() {
            return resolve(scopes, &child, rest, visited);
        }
    }
    if scope.items.contains(first) {
        found.push(module.clone());
        return found;
    }
    for import in scope.imports.get(first).into_iter().flatten() {
        let whole: Vec<String> = import.iter().chain(rest).cloned().collect();
        found.extend(resolve(scopes, module, &whole, visited));
    }
    if found.is_empty() {
        for glob in &scope.globs {
            let whole: Vec<String> = glob.iter().chain(path).cloned().collect();
            found.extend(resolve(scopes, module, &whole, visited));
        }
    }
    found
}
