//! Schema files as a git repository has them.

use std::cell::RefCell;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Component, Path};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use qapi_parser::limits::FILE_BYTES;
use qapi_parser::source::Files;

/// The files of one revision. One git process answers for all of them; it is given names on its
/// standard input, so that no name can be taken for an option.
pub(super) struct GitFiles {
    revision: String,
    process: RefCell<Process>,
}

struct Process {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl GitFiles {
    /// Starts git in the current folder.
    pub(super) fn open(revision: &str) -> io::Result<Self> {
        if revision.is_empty() || revision.contains(['\n', '\0']) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "a git revision is needed between the colons",
            ));
        }
        let mut child = Command::new("git")
            .args(["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| io::Error::new(error.kind(), format!("cannot run git: {error}")))?;
        let questions = child.stdin.take().expect("standard input is a pipe");
        let answers = child.stdout.take().expect("standard output is a pipe");
        Ok(Self {
            revision: revision.to_owned(),
            process: RefCell::new(Process {
                child,
                questions,
                answers: BufReader::new(answers),
            }),
        })
    }
}

impl Process {
    /// Returns the contents of an object, by a name that git understands.
    fn ask(&mut self, name: &str) -> io::Result<Vec<u8>> {
        writeln!(self.questions, "{name}")?;
        self.questions.flush()?;
        let mut header = String::new();
        if self.answers.read_line(&mut header)? == 0 {
            // It has said why on standard error.
            return Err(io::Error::other("git gave up"));
        }
        // `<id> <type> <size>`, or the name and what is wrong with it.
        let mut words = header.trim_end().rsplit(' ');
        let (size, kind) = (words.next(), words.next());
        let (Some(Ok(size)), Some(kind)) = (size.map(str::parse::<u64>), kind) else {
            return Err(io::Error::new(
                io::ErrorKind::NotFound,
                format!("git has no {name}"),
            ));
        };
        let mut bytes = Vec::new();
        let mut contents = (&mut self.answers).take(size);
        (&mut contents)
            .take(FILE_BYTES + 1)
            .read_to_end(&mut bytes)?;
        io::copy(&mut contents, &mut io::sink())?;
        self.answers.read_exact(&mut [0])?;
        if kind == "blob" {
            Ok(bytes)
        } else {
            Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!("{name} is a {kind}, not a file"),
            ))
        }
    }
}

impl Files for GitFiles {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let path = normal(path)?;
        let name = format!("{}:{path}", self.revision);
        self.process.borrow_mut().ask(&name)
    }
}

impl Drop for GitFiles {
    fn drop(&mut self) {
        let process = self.process.get_mut();
        // It is waiting for a question that will not come.
        let _ = process.child.kill();
        let _ = process.child.wait();
    }
}

/// Returns the path as git wants it: no `..` but at the start, where it counts from the current folder,
/// as does a leading `.`.
fn normal(path: &Path) -> io::Result<String> {
    let wrong = |what| Err(io::Error::new(io::ErrorKind::InvalidInput, what));
    let mut parts: Vec<&str> = Vec::new();
    for component in path.components() {
        match component {
            Component::CurDir => parts.push("."),
            Component::ParentDir => {
                if matches!(parts.last(), None | Some(&"." | &"..")) {
                    parts.push("..");
                } else {
                    parts.pop();
                }
            }
            Component::Normal(part) => match part.to_str() {
                Some(part) if !part.contains('\n') => parts.push(part),
                _ => return wrong("git cannot be asked for this name"),
            },
            Component::RootDir | Component::Prefix(_) => {
                return wrong("paths in git count from the top of the repository");
            }
        }
    }
    Ok(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_resolved_as_git_cannot() {
        for (path, expected) in [
            ("qapi/main.json", "qapi/main.json"),
            ("qapi/../main.json", "main.json"),
            ("qapi/sub/../../main.json", "main.json"),
            ("./main.json", "./main.json"),
            ("./sub/../main.json", "./main.json"),
            ("../main.json", "../main.json"),
            ("./../main.json", "./../main.json"),
        ] {
            assert_eq!(normal(Path::new(path)).unwrap(), expected);
        }
        assert!(normal(Path::new("/main.json")).is_err());
        assert!(normal(Path::new("a\nb")).is_err());
    }
}
