//! The use of a schema by a program: from recordings of its messages, or a list of commands and events.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use qapi_diff::config::Judgement;
use qapi_diff::impact::{Impact, Unexplained};
use qapi_diff::{Finding, Level, Message, Model, Origin};
use qapi_parser::suggest;
use qapi_runtime::{Any, Value};
use qapi_traffic::Conversations;
use qapi_traffic::recording::{Content, Direction, Entry, Line, Reader};
use serde_json::json;

use crate::console::one_line;
use crate::standard_input::open_recording;
use crate::status::Failure;

/// Options of a program's use.
#[derive(Debug, Args)]
#[command(next_help_heading = "Impact on a program")]
pub(crate) struct ProgramUseArgs {
    /// Show only changes that affect the program whose messages these recordings hold, each with a message that fails
    #[arg(long, value_name = "TRAFFIC", num_args = 1..)]
    pub(crate) used_by: Vec<PathBuf>,
    /// Show only changes of these commands and events; `@FILE` reads names from a file
    #[arg(
        long,
        value_name = "NAME,…",
        value_delimiter = ',',
        conflicts_with = "used_by"
    )]
    used_by_commands: Vec<String>,
}

/// The result of limiting a comparison to a program's use.
#[derive(Debug)]
pub(crate) struct ProgramUse {
    /// Changes that do not affect the program, by level.
    pub(crate) unmet: BTreeMap<Level, usize>,
    pub(crate) unexplained: Vec<Unexplained>,
}

impl ProgramUseArgs {
    /// Returns whether a program's use was told.
    pub(crate) fn is_told(&self) -> bool {
        !self.used_by.is_empty() || !self.used_by_commands.is_empty()
    }

    /// Keeps the findings that matter. None if all changes affect it, because no use was given.
    pub(crate) fn keep(
        &self,
        judgement: &mut Judgement,
        old: &Model<'_>,
        new: &Model<'_>,
    ) -> Result<Option<ProgramUse>, Failure> {
        if !self.used_by.is_empty() {
            return self.keep_recorded(judgement, old, new).map(Some);
        }
        if self.used_by_commands.is_empty() {
            return Ok(None);
        }
        let names = self.names(old, new)?;
        let is_used = |finding: &Finding| {
            finding.level > Level::Compatible && names.contains(&finding.change.path.root)
        };
        let findings = std::mem::take(&mut judgement.findings);
        let (kept, unmet): (Vec<_>, Vec<_>) = findings.into_iter().partition(is_used);
        judgement.findings = kept;
        Ok(Some(ProgramUse {
            unmet: levels(&unmet),
            unexplained: Vec::new(),
        }))
    }

    fn keep_recorded(
        &self,
        judgement: &mut Judgement,
        old: &Model<'_>,
        new: &Model<'_>,
    ) -> Result<ProgramUse, Failure> {
        let mut findings = std::mem::take(&mut judgement.findings);
        let mut impact = Impact::new(old, new, &findings);
        each_message(&self.used_by, |message, origin| {
            impact.see(&message, &origin);
        })?;
        let (witnesses, unexplained) = impact.finish();
        for (finding, witness) in findings.iter_mut().zip(witnesses) {
            finding.witness = witness;
        }
        let is_met = |finding: &Finding| finding.witness.is_some();
        let (kept, unmet): (Vec<_>, Vec<_>) = findings.into_iter().partition(is_met);
        judgement.findings = kept;
        Ok(ProgramUse {
            unmet: levels(&unmet),
            unexplained,
        })
    }

    /// Returns the names of commands and events, each of which one of the revisions has.
    fn names(&self, old: &Model<'_>, new: &Model<'_>) -> Result<BTreeSet<String>, Failure> {
        let mut names = BTreeSet::new();
        for word in &self.used_by_commands {
            match word.strip_prefix('@') {
                None => names.extend(
                    Some(word.trim())
                        .filter(|it| !it.is_empty())
                        .map(str::to_owned),
                ),
                Some(path) => {
                    let text = fs::read_to_string(path);
                    let text =
                        text.map_err(|error| Failure::cannot("read", Path::new(path), &error))?;
                    let words = text.split(|c: char| c.is_whitespace() || c == ',');
                    names.extend(words.filter(|it| !it.is_empty()).map(str::to_owned));
                }
            }
        }
        if names.is_empty() {
            return Err(Failure::new("--used-by-commands names no command or event"));
        }
        let known: BTreeSet<&str> = old.names().chain(new.names()).collect();
        let Some(unknown) = names.iter().find(|it| !known.contains(it.as_str())) else {
            return Ok(names);
        };
        let hint = suggest::closest(unknown, known).map_or_else(String::new, |closest| {
            format!("; did you mean `{closest}`?")
        });
        Err(Failure::new(format_args!(
            "neither revision has a command or event `{}`{hint}",
            one_line(unknown)
        )))
    }
}

fn levels(findings: &[Finding]) -> BTreeMap<Level, usize> {
    let mut levels = BTreeMap::new();
    for finding in findings {
        *levels.entry(finding.level).or_default() += 1;
    }
    levels
}

/// Reads recordings, and hands over each request, each reply to a known request, and each event. Unreadable lines are
/// skipped; `qapi validate` reports them.
///
/// # Errors
/// A recording cannot be read, or there is no such message in any of them: nothing can be said about a program that said
/// nothing.
pub(crate) fn each_message(
    paths: &[PathBuf],
    mut see: impl FnMut(Message, Origin),
) -> Result<(), Failure> {
    let mut is_empty = true;
    for path in paths {
        let failure = |error: io::Error| Failure::cannot("read", path, &error);
        let mut reader = Reader::new(open_recording(path).map_err(failure)?);
        let mut talk = Conversations::default();
        while let Some((line, read)) = reader.next_line().map_err(failure)? {
            let Line::Entry(entry) = read else { continue };
            if let Some(message) = message(&entry, &mut talk) {
                is_empty = false;
                let file = path.display().to_string();
                see(message, Origin::new(file, line));
            }
        }
    }
    if is_empty {
        let paths: Vec<_> = paths.iter().map(|it| it.display().to_string()).collect();
        return Err(Failure::new(format_args!(
            "{}: no messages, so nothing can be said about the program",
            one_line(&paths.join(", "))
        )));
    }
    Ok(())
}

/// Returns the message of an entry, if a schema can say something about it.
fn message(entry: &Entry<'_>, talk: &mut Conversations) -> Option<Message> {
    let Content::Message(whole) = entry.content else {
        if matches!(entry.content, Content::Opened | Content::Closed) {
            talk.begin(entry.client);
        }
        return None;
    };
    let members = whole.object().ok()?;
    let id = members.peek("id");
    let text = |name: &str| members.peek(name)?.str().ok();
    if entry.direction == Direction::ToServer {
        let out_of_band = members.peek("exec-oob").is_some();
        let command = text(if out_of_band { "exec-oob" } else { "execute" })?;
        talk.request(entry.client, command, id, false);
        return Some(Message::Request {
            command: command.to_owned(),
            arguments: json_or_empty(members.peek("arguments")),
            out_of_band,
            before_configuration: false,
        });
    }
    if let Some(event) = text("event") {
        return Some(Message::Event {
            event: event.to_owned(),
            data: json_or_empty(members.peek("data")),
        });
    }
    if members.peek("QMP").is_some() {
        talk.begin(entry.client);
        return None;
    }
    let value = members.peek("return");
    let answered = talk.reply(entry.client, id, value.is_none(), entry.sentinel)?;
    Some(Message::Reply {
        command: answered.command.into(),
        value: json_or_empty(Some(value?)),
    })
}

/// Returns a value as the comparison reads it; an empty object where there is none.
fn json_or_empty(value: Option<Value<'_>>) -> serde_json::Value {
    let text = value.map(|value| Any::from(value).to_string());
    let value = text.and_then(|text| serde_json::from_str(&text).ok());
    value.unwrap_or_else(|| json!({}))
}
