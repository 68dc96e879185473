//! Which revisions a program can drive, by the messages that it exchanged.

use std::collections::BTreeMap;
use std::io::{self, Write};

use qapi_diff::{Message, Model, Origin, Violation};
use serde::Serialize;
use serde_json::Value;

use crate::console::{counted, one_line};

/// Different problems of a revision that are kept; the others are only counted.
const MOST: usize = 100;

/// So many problems of a revision are shown to people.
const FEW: usize = 5;

/// The verdict on one revision.
pub(crate) struct Drive<'m, 's> {
    label: &'m str,
    model: &'m Model<'s>,
    /// Requests that a server of the revision refuses.
    refused: Problems,
    /// Replies and events that it does not send as they were recorded.
    absent: Problems,
}

/// Problems by command or event and place.
#[derive(Default)]
struct Problems {
    first: BTreeMap<(String, String, String), (Message, Origin)>,
    further: usize,
}

#[derive(Serialize)]
struct DriveView<'a> {
    format: u32,
    revisions: Vec<RevisionView<'a>>,
}

#[derive(Serialize)]
struct RevisionView<'a> {
    revision: &'a str,
    drivable: bool,
    refused: Vec<ProblemView<'a>>,
    absent: Vec<ProblemView<'a>>,
    further: usize,
}

#[derive(Serialize)]
struct ProblemView<'a> {
    root: &'a str,
    path: &'a str,
    problem: &'a str,
    message: Value,
    file: &'a str,
    line: u64,
}

impl<'m, 's> Drive<'m, 's> {
    pub(crate) fn new(label: &'m str, model: &'m Model<'s>) -> Self {
        Self {
            label,
            model,
            refused: Problems::default(),
            absent: Problems::default(),
        }
    }

    /// Looks at a message of the program.
    pub(crate) fn see(&mut self, message: &Message, origin: &Origin) {
        let is_request = matches!(message, Message::Request { .. });
        let problems = if is_request {
            &mut self.refused
        } else {
            &mut self.absent
        };
        // What a server of the revision sends beyond the recorded one does no harm.
        let matters = |it: &Violation| is_request || !it.is_missing();
        for violation in self.model.deviations(message).into_iter().filter(matters) {
            let root = message.root().to_owned();
            let place = without_indices(&violation.path);
            problems.add((root, place, violation.problem), message, origin);
        }
    }

    /// Returns whether the revision takes all requests.
    pub(crate) fn is_drivable(&self) -> bool {
        self.refused.first.is_empty()
    }

    fn view(&self) -> RevisionView<'_> {
        RevisionView {
            revision: self.label,
            drivable: self.is_drivable(),
            refused: self.refused.views(),
            absent: self.absent.views(),
            further: self.refused.further + self.absent.further,
        }
    }
}

impl Problems {
    fn add(&mut self, key: (String, String, String), message: &Message, origin: &Origin) {
        if self.first.contains_key(&key) {
            return;
        }
        if self.first.len() == MOST {
            self.further += 1;
            return;
        }
        self.first.insert(key, (message.clone(), origin.clone()));
    }

    fn views(&self) -> Vec<ProblemView<'_>> {
        let problems = self.first.iter();
        problems
            .map(|((root, path, problem), (message, origin))| ProblemView {
                root,
                path,
                problem,
                message: message.to_json(),
                file: &origin.file,
                line: origin.line,
            })
            .collect()
    }

    fn write(&self, out: &mut dyn Write, title: &str) -> io::Result<()> {
        for ((root, path, problem), (_, origin)) in self.first.iter().take(FEW) {
            let path = if path.is_empty() {
                String::new()
            } else {
                format!(" `{path}`")
            };
            let text = format!(
                "{title} {root}{path}: {problem} ({}:{})",
                origin.file, origin.line
            );
            writeln!(out, "    {}", one_line(&text))?;
        }
        match self.first.len().saturating_sub(FEW) + self.further {
            0 => Ok(()),
            more => writeln!(out, "    and {}", counted(more, "further problem")),
        }
    }
}

/// A path for all elements of its arrays.
fn without_indices(path: &str) -> String {
    let mut parts = path.split('[');
    let mut place = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        place.push_str("[]");
        place.push_str(part.split_once(']').map_or("", |(_, rest)| rest));
    }
    place
}

/// Writes a line for each revision, and its first problems.
pub(crate) fn write_text(drives: &[Drive<'_, '_>], out: &mut dyn Write) -> io::Result<()> {
    for drive in drives {
        let refused = drive.refused.first.len() + drive.refused.further;
        let absent = drive.absent.first.len() + drive.absent.further;
        let mut verdict = if refused == 0 {
            "takes every request".to_owned()
        } else {
            format!("refuses requests for {}", counted(refused, "reason"))
        };
        if absent > 0 {
            verdict.push_str(", replies and events differ in ");
            verdict.push_str(&counted(absent, "place"));
        }
        writeln!(out, "{}: {verdict}", one_line(drive.label))?;
        drive.refused.write(out, "refuses")?;
        drive.absent.write(out, "differs in")?;
    }
    Ok(())
}

/// Writes the document.
pub(crate) fn write_json(drives: &[Drive<'_, '_>], out: &mut dyn Write) -> io::Result<()> {
    let view = DriveView {
        format: 1,
        revisions: drives.iter().map(Drive::view).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &view)?;
    out.write_all(b"\n")
}
