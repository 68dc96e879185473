//! Include directives (docs/reference/language.md §3.2): the included file and its name.

use std::io;
use std::path::{Component, MAIN_SEPARATOR, Path, PathBuf, is_separator};
use std::sync::Arc;

use crate::diag::{Anchor, Code, Diagnostic};
use crate::limits;
use crate::name_map::NameMap;
use crate::source::{Files, Span};
use crate::syntax::{ObjectValue, Text, Value};

/// Returns the string of an include directive, or what is wrong with the directive.
pub(crate) fn target(object: &ObjectValue) -> Result<&Text, Box<Diagnostic>> {
    let anchor = Anchor::Line(object.span);
    if let Some(extra) = object.members.iter().find(|it| it.key.value != "include") {
        let error = Diagnostic::error(
            Code::INC_EXTRA,
            anchor,
            format!(
                "key `{}` in an include directive, which has no other key than `include`",
                extra.key.value
            ),
        )
        .primary(extra.key.span, "not allowed here")
        .help("write definitions and directives as objects of their own");
        return Err(error.into());
    }
    match &object.members[0].value {
        Value::String(text) => Ok(text),
        other => {
            let error = Diagnostic::error(
                Code::INC_TYPE,
                anchor,
                "an include directive needs the path of a file, a string",
            )
            .primary(other.span(), "not a string")
            .help("write one include directive for each file");
            Err(error.into())
        }
    }
}

/// Returns the path that an include directive names: the directory of the including file joined with
/// the string; for opening, and in the form for messages: as written, not normalised.
pub(crate) fn join(including: &Path, shown: &str, string: &str) -> (PathBuf, String) {
    let absolute = Path::new(string).has_root();
    let directory = match shown.rfind(is_separator) {
        Some(last) if !absolute => {
            // Slashes before the name are no part of the directory unless it is the root.
            let trimmed = shown[..last].trim_end_matches(is_separator);
            if trimmed.is_empty() {
                &shown[..=last]
            } else {
                trimmed
            }
        }
        _ => "",
    };
    let separator = match directory.chars().next_back() {
        None => "",
        Some(last) if is_separator(last) => "",
        Some(_) => "/",
    };
    let joined = format!("{directory}{separator}{string}");
    if including.to_str() == Some(shown) {
        return (PathBuf::from(&joined), joined);
    }
    // The shown form of such a path would not name the file.
    let path = including.parent().unwrap_or(Path::new("")).join(string);
    (path, joined)
}

/// Returns the text of a file, ready for the lexer: UTF-8, plain LF line ends, one at the end. `buffer` is reused
/// for the next file.
pub(crate) fn text(
    files: &dyn Files,
    path: &Path,
    buffer: &mut Vec<u8>,
) -> Result<Arc<str>, Unreadable> {
    let is_too_large =
        |size: usize| u64::try_from(size).is_ok_and(|size| size > limits::FILE_BYTES);
    if let Some(text) = files.plain_text(path) {
        return if is_too_large(text.len()) {
            Err(Unreadable::TooLarge)
        } else {
            Ok(text)
        };
    }
    let bytes = files.look_at(path, buffer).map_err(Unreadable::Io)?;
    if is_too_large(bytes.len()) {
        return Err(Unreadable::TooLarge);
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let valid = error.valid_up_to();
        Unreadable::Encoding {
            line: 1 + bytes[..valid].split(|byte| *byte == b'\n').skip(1).count(),
            byte: bytes[valid],
        }
    })?;
    if text.ends_with('\n') && memchr::memchr(b'\r', bytes).is_none() {
        return Ok(text.into());
    }
    let mut text = text.replace("\r\n", "\n").replace('\r', "\n");
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(text.into())
}

/// The reason why a file cannot be read.
pub(crate) enum Unreadable {
    /// An error of the system.
    Io(io::Error),
    /// It is not UTF-8.
    Encoding { line: usize, byte: u8 },
    /// It is larger than [`limits::FILE_BYTES`].
    TooLarge,
}

impl Unreadable {
    fn reason(&self) -> String {
        match self {
            Self::Io(error) => {
                let text = error.to_string();
                // Rust appends the error number, which does not help readers.
                match text.find(" (os error ") {
                    Some(end) => text[..end].to_owned(),
                    None => text,
                }
            }
            Self::Encoding { line, byte } => {
                format!("not UTF-8, line {line} holds byte 0x{byte:02x}")
            }
            Self::TooLarge => format!("larger than {} MiB", limits::FILE_BYTES >> 20),
        }
    }

    /// Returns the report for the root file.
    pub(crate) fn as_root(&self, shown: &str) -> Diagnostic {
        let code = match self {
            Self::TooLarge => Code::LIMIT_SIZE,
            _ => Code::FILE_READ,
        };
        Diagnostic::error(
            code,
            Anchor::File(shown.to_owned()),
            format!("cannot read `{shown}`: {}", self.reason()),
        )
    }

    /// Returns the report for an included file.
    pub(crate) fn as_include(&self, shown: &str, directive: Span, target: &Text) -> Diagnostic {
        let code = match self {
            Self::TooLarge => Code::LIMIT_SIZE,
            _ => Code::INC_READ,
        };
        Diagnostic::error(
            code,
            Anchor::Line(directive),
            format!("cannot read `{shown}`: {}", self.reason()),
        )
        .primary(target.span, "included here")
        .help("the path is relative to the directory of the file with the directive")
    }
}

/// The files that were read so far, identified by their normal paths.
pub(crate) struct Modules {
    /// The directory of the root file.
    directory: PathBuf,
    by_path: NameMap<PathBuf, usize>,
}

impl Modules {
    /// No files yet; `root` is the normal path of the root file.
    pub(crate) fn new(root: &Path) -> Self {
        Self {
            directory: root.parent().unwrap_or(root).to_path_buf(),
            by_path: NameMap::default(),
        }
    }

    /// Returns the number of the file with this normal path.
    pub(crate) fn find(&self, path: &Path) -> Option<usize> {
        self.by_path.get(path).copied()
    }

    /// Adds a file and gives it a name: its path from the directory of the root file.
    pub(crate) fn add(&mut self, path: PathBuf, module: usize) -> String {
        let name = relative(&self.directory, &path);
        self.by_path.insert(path, module);
        name
    }
}

/// Returns the normal form of an absolute path: `.` and `..` folded, without regard to what is on the disk.
pub(crate) fn normal(path: &Path) -> PathBuf {
    let mut folded = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => match folded.components().next_back() {
                Some(Component::Normal(_)) => {
                    folded.pop();
                }
                Some(Component::RootDir | Component::Prefix(_)) => {}
                _ => folded.push(component),
            },
            _ => folded.push(component),
        }
    }
    folded
}

/// Returns the way from one normal absolute path to another, with `/` between its parts.
fn relative(directory: &Path, path: &Path) -> String {
    let common = directory
        .components()
        .zip(path.components())
        .take_while(|(one, other)| one == other)
        .count();
    let up = directory.components().skip(common).map(|_| "..".to_owned());
    let down = path
        .components()
        .skip(common)
        .map(|part| part.as_os_str().to_string_lossy().into_owned());
    up.chain(down)
        .collect::<Vec<_>>()
        .join("/")
        .replace(MAIN_SEPARATOR, "/")
}
