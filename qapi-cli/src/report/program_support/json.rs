//! Verdicts on revisions as a JSON document.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;

use super::{Problems, ProgramSupport};

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

impl ProgramSupport<'_, '_> {
    fn view(&self) -> RevisionView<'_> {
        RevisionView {
            revision: self.label,
            drivable: self.is_supported(),
            refused: self.refused.views(),
            absent: self.absent.views(),
            further: self.refused.further + self.absent.further,
        }
    }
}

impl Problems {
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
}

/// Writes the document.
pub(crate) fn write(revisions: &[ProgramSupport<'_, '_>], out: &mut dyn Write) -> io::Result<()> {
    let view = DriveView {
        format: 1,
        revisions: revisions.iter().map(ProgramSupport::view).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &view)?;
    out.write_all(b"\n")
}
