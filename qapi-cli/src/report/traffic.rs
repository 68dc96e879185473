//! Findings of recordings, in the formats of diagnostics.

use std::io::{self, Write};

use annotate_snippets::renderer::{DEFAULT_ERROR_STYLE, DEFAULT_WARNING_STYLE};
use qapi_traffic::{Audit, Finding, Severity};
use serde::Serialize;
use serde_json::{Value, json};

use crate::console::{counted, one_line, styled};
use crate::diagnostics::{MessageFormat, data, property};

mod sarif;
mod wording;

use wording::{sentence, times};

/// Choices of the reader.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Options {
    pub(crate) format: MessageFormat,
    pub(crate) color: bool,
    /// Errors only.
    pub(crate) quiet: bool,
    /// Warnings are not left out by `quiet`.
    pub(crate) deny_warnings: bool,
}

/// A finding as a JSON object.
#[derive(Serialize)]
struct TrafficFindingView<'a> {
    severity: &'static str,
    code: &'static str,
    message: &'a str,
    file: &'a str,
    line: u64,
    /// The message that it is about; empty for a line that is none.
    subject: &'a str,
    /// The member in question; empty for the whole message.
    path: &'a str,
    suggestion: Option<&'a str>,
    count: u64,
}

/// Prints the findings about recordings of these names.
pub(crate) fn write(
    out: &mut dyn Write,
    audit: &Audit<'_>,
    names: &[String],
    options: Options,
) -> io::Result<()> {
    let is_wanted = |it: &&Finding| {
        let is_error = it.problem.severity() == Severity::Error;
        is_error || !options.quiet || options.deny_warnings
    };
    let mut results = Vec::new();
    for finding in audit.findings().iter().filter(is_wanted) {
        let name = names.get(finding.file).map_or("", String::as_str);
        match options.format {
            MessageFormat::Human => human(out, finding, name, options.color)?,
            MessageFormat::Short => short(out, finding, name)?,
            MessageFormat::Json => {
                serde_json::to_writer(&mut *out, &view(finding, name))?;
                out.write_all(b"\n")?;
            }
            MessageFormat::Github => github(out, finding, name)?,
            MessageFormat::Sarif => results.push(sarif::result(finding, name)),
        }
    }
    match options.format {
        MessageFormat::Human if !options.quiet => summary(out, audit, options.color),
        MessageFormat::Json => {
            serde_json::to_writer(&mut *out, &json!({ "counts": counts(audit) }))?;
            out.write_all(b"\n")
        }
        MessageFormat::Sarif => sarif::write(out, &results),
        _ => Ok(()),
    }
}

fn view<'a>(finding: &'a Finding, name: &'a str) -> TrafficFindingView<'a> {
    TrafficFindingView {
        severity: finding.problem.severity().as_str(),
        code: finding.problem.as_str(),
        message: &finding.text,
        file: name,
        line: finding.line,
        subject: &finding.subject,
        path: &finding.path,
        suggestion: finding.suggestion.as_deref(),
        count: finding.count,
    }
}

fn human(out: &mut dyn Write, finding: &Finding, name: &str, color: bool) -> io::Result<()> {
    let severity = finding.problem.severity();
    let style = match severity {
        Severity::Error => DEFAULT_ERROR_STYLE,
        Severity::Warning => DEFAULT_WARNING_STYLE,
    };
    let heading = format!("{}[{}]", severity.as_str(), finding.problem.as_str());
    let heading = styled(&heading, style, color);
    writeln!(out, "{heading}: {}", sentence(finding))?;
    let (name, line) = (one_line(name), finding.line);
    writeln!(out, " --> {name}:{line}{}", times(finding))
}

fn short(out: &mut dyn Write, finding: &Finding, name: &str) -> io::Result<()> {
    let severity = finding.problem.severity().as_str();
    let (name, line, code) = (one_line(name), finding.line, finding.problem.as_str());
    let (text, times) = (sentence(finding), times(finding));
    writeln!(out, "{name}:{line}: {severity}[{code}]: {text}{times}")
}

fn github(out: &mut dyn Write, finding: &Finding, name: &str) -> io::Result<()> {
    let severity = finding.problem.severity().as_str();
    let (name, line) = (property(name), finding.line);
    let title = property(finding.problem.as_str());
    let text = data(&format!("{}{}", sentence(finding), times(finding)));
    writeln!(
        out,
        "::{severity} file={name},line={line},title={title}::{text}"
    )
}

fn counts(audit: &Audit<'_>) -> Value {
    let counts = audit.counts();
    json!({
        "requests": counts.requests,
        "replies": counts.replies,
        "errors": counts.errors,
        "events": counts.events,
        "greetings": counts.greetings,
        "unreadable": counts.unreadable,
        "unanswered": counts.unanswered,
        "further": counts.further,
        "abridged": counts.abridged,
    })
}

fn summary(out: &mut dyn Write, audit: &Audit<'_>, color: bool) -> io::Result<()> {
    let counts = audit.counts();
    let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let parts: Vec<String> = [
        (counts.requests, "request"),
        (counts.replies, "reply"),
        (counts.errors, "error"),
        (counts.events, "event"),
        (counts.greetings, "greeting"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, word)| match (count, word) {
        (1, _) => format!("1 {word}"),
        (_, "reply") => format!("{count} replies"),
        _ => counted(number(count), word),
    })
    .collect();
    let messages = counted(number(counts.messages()), "message");
    let parts = if parts.is_empty() {
        String::new()
    } else {
        format!(" ({})", parts.join(", "))
    };
    let of = |severity| {
        let findings = audit.findings().iter();
        findings
            .filter(|it| it.problem.severity() == severity)
            .count()
    };
    let (errors, warnings) = (of(Severity::Error), of(Severity::Warning));
    let mut found = Vec::new();
    if errors > 0 {
        found.push(styled(
            &counted(errors, "error"),
            DEFAULT_ERROR_STYLE,
            color,
        ));
    }
    if warnings > 0 {
        found.push(styled(
            &counted(warnings, "warning"),
            DEFAULT_WARNING_STYLE,
            color,
        ));
    }
    let found = if found.is_empty() {
        "nothing found".to_owned()
    } else {
        found.join(", ")
    };
    write!(out, "{messages}{parts}: {found}")?;
    if counts.further > 0 {
        write!(
            out,
            ", {} not shown",
            counted(number(counts.further), "further remark")
        )?;
    }
    if counts.unanswered > 0 {
        let verb = if counts.unanswered == 1 {
            "has"
        } else {
            "have"
        };
        let requests = counted(number(counts.unanswered), "request");
        write!(out, "; {requests} {verb} no reply")?;
    }
    if counts.abridged > 0 {
        let messages = counted(number(counts.abridged), "abridged message");
        write!(out, "; {messages} passed over")?;
    }
    writeln!(out)
}
