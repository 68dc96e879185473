//! Scripts as files: docs/mock.md describes the format.

use std::fs;
use std::path::{Path, PathBuf};

use qapi_runtime::testing::Expect;
use qapi_traffic::Validator;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::script_check;
use super::step::Step;
use crate::console::one_line;
use crate::status::Failure;

/// The shortest script that answers something.
const SHORTEST: &str = r#"{"steps": [{"command": "stop", "silent": true}]}"#;

/// A script.
pub(crate) struct ScriptFile {
    path: PathBuf,
    in_order: bool,
    steps: Vec<Placed>,
}

/// A step, and the line on which it begins.
struct Placed {
    line: usize,
    step: Step,
}

/// The file, with steps that are not read yet, so that their lines are known.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Whole<'t> {
    /// The steps come in this order, each once.
    #[serde(default)]
    in_order: bool,
    #[serde(borrow)]
    steps: Vec<&'t RawValue>,
    /// The address at which editors of JSON find the schema.
    #[serde(default, rename = "$schema")]
    _schema: Option<String>,
}

impl ScriptFile {
    /// Reads a script.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let name = path.display().to_string();
        let name = one_line(&name);
        let text =
            fs::read_to_string(path).map_err(|error| Failure::cannot("read", path, &error))?;
        if !text.trim_start().starts_with('{') {
            return Err(Failure::new(format_args!(
                "{name}: a script is an object with a list of `steps`, such as {SHORTEST}"
            )));
        }
        let at = |first: usize, error: &serde_json::Error| {
            let line = first + error.line().max(1) - 1;
            Failure::new(format_args!("{name}:{line}: {}", without_place(error)))
        };
        let whole: Whole<'_> = serde_json::from_str(&text).map_err(|error| at(1, &error))?;
        let (mut line, mut end) = (1, 0);
        let steps = whole.steps.iter().map(|raw| {
            let start = raw.get().as_ptr().addr() - text.as_ptr().addr();
            line += text[end..start].matches('\n').count();
            end = start;
            let step = serde_json::from_str(raw.get()).map_err(|error| at(line, &error))?;
            Ok(Placed { line, step })
        });
        Ok(Self {
            steps: steps.collect::<Result<_, Failure>>()?,
            path: path.to_owned(),
            in_order: whole.in_order,
        })
    }

    /// Returns the expectations, and whether they come in order.
    ///
    /// # Errors
    /// Steps contradict themselves or the schema. All faults are reported.
    pub(crate) fn expectations(
        &self,
        validator: &Validator,
    ) -> Result<(Vec<Expect>, bool), Failure> {
        let mut expectations = Vec::new();
        let mut problems = Vec::new();
        for (number, Placed { line, step }) in (1..).zip(&self.steps) {
            let mut found = script_check::problems(step, validator);
            match step.expectation() {
                Ok(expect) => expectations.push(expect),
                Err(problem) => found.push(problem),
            }
            let name = self.path.display();
            let command = &step.command;
            problems.extend(found.into_iter().map(|problem| {
                let text = format!("{name}:{line}: step {number} ({command}): {problem}");
                one_line(&text).into_owned()
            }));
        }
        if problems.is_empty() {
            Ok((expectations, self.in_order))
        } else {
            Err(Failure::new(problems.join("\n")))
        }
    }
}

/// Returns the text of an error without the line and column, which are those in a part of the file.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rsplit_once(" at line ") {
        Some((text, _)) => text.to_owned(),
        None => text,
    }
}
