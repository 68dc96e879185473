//! Finds the main file of the schema that a file is part of, from the file alone.
//!
//! A file that no other file includes is a main file. Files are looked for in the folder of the given one and in those
//! above it, up to the root of the repository (the folder that holds `.git`).

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Component, Path, PathBuf};

use crate::source::Files;

/// The number of folders that are searched above that of a file.
const FOLDERS: usize = 8;

/// The number of folders that are searched below a folder.
const FOLDERS_BELOW: usize = 5_000;

/// Folders for the output of programs.
const PROGRAMS_FOLDERS: [&str; 3] = ["build", "node_modules", "target"];

/// The number of files of a folder that are read.
const FILES: usize = 2_000;

/// The number of bytes of files that are kept for the next reader of the schema.
const KEPT_BYTES: usize = 16 << 20;

/// Finds main files; remembers the folders that were searched, for any number of files.
pub struct Roots<'f> {
    files: &'f dyn Files,
    /// The files that include a file, by its absolute path; as they would be opened.
    includers: BTreeMap<PathBuf, BTreeSet<PathBuf>>,
    searched: BTreeSet<PathBuf>,
    contents: FileContents,
}

/// Contents of files by path, as far as the limit allows.
#[derive(Default)]
struct FileContents {
    files: HashMap<PathBuf, Vec<u8>>,
    bytes: usize,
}

impl FileContents {
    fn keep(&mut self, path: PathBuf, content: Vec<u8>) {
        let bytes = self.bytes + content.len();
        if bytes <= KEPT_BYTES {
            self.bytes = bytes;
            self.files.insert(path, content);
        }
    }
}

impl std::fmt::Debug for Roots<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Roots")
            .field("searched", &self.searched)
            .finish_non_exhaustive()
    }
}

impl<'f> Roots<'f> {
    /// Creates an empty set of roots, with nothing searched yet.
    pub fn new(files: &'f dyn Files) -> Self {
        Self {
            files,
            includers: BTreeMap::new(),
            searched: BTreeSet::new(),
            contents: FileContents::default(),
        }
    }

    /// Contents of the files that were looked at, by the path that they were opened by, at most 16 MiB: a reader of the
    /// schema need not open them again after the search.
    #[must_use]
    pub fn into_contents(self) -> HashMap<PathBuf, Vec<u8>> {
        self.contents.files
    }

    /// Returns the main file of the schema that `file` is part of, as a path relative to the same directory as `file`; none if
    /// no other file includes it. Of several the one in the nearest folder, then the first by name.
    pub fn find(&mut self, file: &Path) -> Option<PathBuf> {
        let mut folder = file.parent().unwrap_or(Path::new("")).to_path_buf();
        for _ in 0..FOLDERS {
            let is_top = self.search(&folder);
            if let Some(root) = self.above(file) {
                return Some(root);
            }
            if is_top {
                return None;
            }
            folder = parent(&folder)?;
        }
        None
    }

    /// Returns all main files of schemas that `file` is part of, the one that [`find`](Self::find) chooses first; `file` itself
    /// is none of them. Only known from the folders above the file and those that were searched.
    pub fn all(&mut self, file: &Path) -> Vec<PathBuf> {
        let first = self.find(file);
        let mut others = self.mains(file);
        others.retain(|main| first.as_ref() != Some(main));
        first.into_iter().chain(others).collect()
    }

    /// Looks at the files of a folder and of the folders in it, except for hidden ones and those that programs fill.
    pub fn search_below(&mut self, folder: &Path) {
        let mut folders = vec![folder.to_path_buf()];
        let mut count = 0;
        while let Some(folder) = folders.pop() {
            count += 1;
            if count > FOLDERS_BELOW {
                return;
            }
            self.search(&folder);
            let names = self.files.list(&folder).unwrap_or_default();
            let is_other = |name: &&String| {
                !name.starts_with('.') && !PROGRAMS_FOLDERS.contains(&name.as_str())
            };
            // What is not a folder cannot be listed.
            let inner = names.iter().filter(is_other).filter(|it| !it.contains('.'));
            folders.extend(inner.map(|name| folder.join(name)));
        }
    }

    /// Returns the main file above a file, as far as the folders that were searched tell: of several the one in the nearest
    /// folder.
    fn above(&self, file: &Path) -> Option<PathBuf> {
        let distance = |main: &PathBuf| {
            let shared = main.components().zip(file.components());
            let shared = shared.take_while(|(one, other)| one == other).count();
            std::cmp::Reverse(shared)
        };
        // The first of several by name, as they are sorted.
        self.mains(file).into_iter().min_by_key(distance)
    }

    /// Returns all main files above a file, as far as the folders that were searched tell.
    fn mains(&self, file: &Path) -> BTreeSet<PathBuf> {
        let start = self.key(file);
        let mut seen = BTreeSet::from([start.clone()]);
        let mut next = vec![start];
        let mut mains = BTreeSet::new();
        while let Some(key) = next.pop() {
            for includer in self.includers.get(&key).into_iter().flatten() {
                let above = self.key(includer);
                if !self.includers.contains_key(&above) {
                    mains.insert(includer.clone());
                } else if seen.insert(above.clone()) {
                    next.push(above);
                }
            }
        }
        mains
    }

    /// Looks at the files of a folder. Returns true if it is the root of the repository.
    fn search(&mut self, folder: &Path) -> bool {
        let Ok(names) = self.files.list(folder) else {
            return false;
        };
        let is_top = names.iter().any(|name| name == ".git");
        if !self.searched.insert(folder.to_path_buf()) {
            return is_top;
        }
        let is_schema = |name: &&String| Path::new(name).extension().is_some_and(|it| it == "json");
        for name in names.iter().filter(is_schema).take(FILES) {
            let path = folder.join(name);
            let Ok(content) = self.files.read(&path) else {
                continue;
            };
            let own = self.key(&path);
            for target in includes(&content) {
                let target = path.parent().unwrap_or(Path::new("")).join(target);
                let key = self.key(&target);
                if key != own {
                    self.includers.entry(key).or_default().insert(path.clone());
                }
            }
            self.contents.keep(path, content);
        }
        is_top
    }

    fn key(&self, path: &Path) -> PathBuf {
        let mut folded = PathBuf::new();
        for component in self.files.absolute(path).components() {
            match component {
                Component::CurDir => {}
                Component::ParentDir => {
                    folded.pop();
                }
                other => folded.push(other),
            }
        }
        folded
    }
}

/// Returns the folder above, in the terms of the path.
fn parent(folder: &Path) -> Option<PathBuf> {
    match folder.components().next_back() {
        None | Some(Component::ParentDir | Component::CurDir) => Some(folder.join("..")),
        Some(Component::Normal(_)) => Some(folder.parent()?.to_path_buf()),
        Some(Component::RootDir | Component::Prefix(_)) => None,
    }
}

/// Returns the paths of include directives, found without parsing: `'include'`, a colon, a string, not in a comment.
fn includes(content: &[u8]) -> Vec<&str> {
    const KEY: &[u8] = b"'include'";
    let found = memchr::memmem::find_iter(content, KEY).filter_map(|at| {
        let line = memchr::memrchr(b'\n', &content[..at]).map_or(0, |end| end + 1);
        if content[line..at].trim_ascii_start().starts_with(b"#") {
            return None;
        }
        let rest = content[at + KEY.len()..].trim_ascii_start();
        let rest = rest.strip_prefix(b":")?.trim_ascii_start();
        let rest = rest.strip_prefix(b"'")?;
        let target = &rest[..memchr::memchr2(b'\'', b'\n', rest)?];
        let is_closed = rest.get(target.len()) == Some(&b'\'');
        std::str::from_utf8(target).ok().filter(|_| is_closed)
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Memory;

    #[test]
    fn the_main_file_is_found_through_includes() {
        let files = Memory::new()
            .with("/r/.git", "")
            .with(
                "/r/qapi/qapi-schema.json",
                "{ 'include': 'a.json' }\n{ 'include': 'sub/b.json' }",
            )
            .with("/r/qapi/a.json", "{ 'include': 'common.json' }")
            .with("/r/qapi/common.json", "# { 'include': 'qapi-schema.json' }")
            .with("/r/qapi/sub/b.json", "")
            .with(
                "/r/other/schema.json",
                "{ 'include': '../qapi/common.json' }",
            )
            .with("/r/alone.json", "");
        let mut roots = Roots::new(&files);
        for (file, root) in [
            ("/r/qapi/a.json", Some("/r/qapi/qapi-schema.json")),
            ("/r/qapi/common.json", Some("/r/qapi/qapi-schema.json")),
            ("/r/qapi/sub/b.json", Some("/r/qapi/qapi-schema.json")),
            ("/r/qapi/qapi-schema.json", None),
            ("/r/alone.json", None),
        ] {
            assert_eq!(
                roots.find(Path::new(file)),
                root.map(PathBuf::from),
                "{file}"
            );
        }
    }

    #[test]
    fn several_schemas_share_a_file() {
        let files = Memory::new()
            .with("/r/.git", "")
            .with("/r/qapi/main.json", "{ 'include': 'a.json' }")
            .with("/r/qapi/a.json", "{ 'include': 'b.json' }")
            .with("/r/qapi/b.json", "")
            .with(
                "/r/daemon/qapi/main.json",
                "{ 'include': '../../qapi/b.json' }",
            );
        let mut roots = Roots::new(&files);
        let file = Path::new("/r/qapi/b.json");
        assert_eq!(roots.all(file), [PathBuf::from("/r/qapi/main.json")]);
        roots.search_below(Path::new("/r"));
        let both = ["/r/qapi/main.json", "/r/daemon/qapi/main.json"].map(PathBuf::from);
        assert_eq!(roots.all(file), both);
    }

    #[test]
    fn files_that_were_read_are_handed_over_up_to_a_limit() {
        let half = vec![b'#'; KEPT_BYTES / 2];
        let files = Memory::new()
            .with("/.git", "")
            .with("/a.json", "{ 'include': 'b.json' }")
            .with("/b.json", half.clone())
            .with("/c.json", half)
            .with("/d.txt", "");
        let mut roots = Roots::new(&files);
        assert_eq!(
            roots.find(Path::new("/b.json")),
            Some(PathBuf::from("/a.json"))
        );
        let contents = roots.into_contents();
        let mut paths: Vec<_> = contents.keys().collect();
        paths.sort();
        assert_eq!(paths, [Path::new("/a.json"), Path::new("/b.json")]);
        assert_eq!(contents[Path::new("/a.json")], b"{ 'include': 'b.json' }");
    }

    #[test]
    fn includes_are_read_from_any_bytes() {
        for (content, targets) in [
            (&b"{ 'include': 'a.json' }"[..], &["a.json"][..]),
            (
                b"{ 'include'\n :\n\t'a' }\xff{ 'include':'b' }",
                &["a", "b"],
            ),
            (b"  # { 'include': 'a' }\n{ 'include': 'b' }", &["b"]),
            (b"{ 'include': 'a\n' } { 'include': 'b", &[]),
            (b"{ 'include': '\xff' } { 'include' 'a' } 'include'", &[]),
        ] {
            assert_eq!(includes(content), targets, "{}", content.escape_ascii());
        }
    }

    #[test]
    fn circles_have_no_main_file() {
        let files = Memory::new()
            .with("/a.json", "{ 'include': 'b.json' }")
            .with("/b.json", "{ 'include': 'a.json' }");
        assert_eq!(Roots::new(&files).find(Path::new("/a.json")), None);
    }

    #[test]
    fn folders_above_are_named_in_the_terms_of_the_path() {
        for (folder, above) in [
            ("", ".."),
            ("a", ""),
            ("..", "../.."),
            ("a/b", "a"),
            ("/a", "/"),
        ] {
            assert_eq!(
                parent(Path::new(folder)),
                Some(PathBuf::from(above)),
                "{folder}"
            );
        }
        assert_eq!(parent(Path::new("/")), None);
    }
}
