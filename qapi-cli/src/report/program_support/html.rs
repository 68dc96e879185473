//! Verdicts on revisions as a page that needs no other file.

use std::io::{self, Write};

use super::ProgramSupport;
use crate::console::counted;
use crate::report::markup::html_escape as escape;

const STYLE: &str = "\
body { font-family: system-ui, sans-serif; margin: 1rem 2rem; color: #222; background: #fff; max-width: 60rem }
h1 { font-size: 1.4rem }
table { border-collapse: collapse; margin-bottom: 1rem }
th, td { padding: .3rem .8rem; text-align: left; border-bottom: 1px solid #ddd }
tr.takes td { background: #e7f4e7 }
tr.refuses td { background: #fbe3e4 }
a { color: inherit }
h2 { font-size: 1.1rem; margin-bottom: .3rem }
code { font-family: ui-monospace, monospace; overflow-wrap: anywhere }
li { margin-bottom: .4rem }
li > code:last-child { display: block; color: #595959; font-size: .85em }
@media (prefers-color-scheme: dark) {
  body { color: #ddd; background: #1b1b1b }
  th, td { border-color: #444 }
  tr.takes td { background: #1f3a1f }
  tr.refuses td { background: #4a2023 }
  li > code:last-child { color: #a0a0a0 }
}
";

/// Writes the page: a row for each revision, and the problems of each.
pub(crate) fn write(revisions: &[ProgramSupport<'_, '_>], out: &mut dyn Write) -> io::Result<()> {
    let title = "Revisions that the program can drive";
    write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n\
         <table>\n<thead>\n<tr><th scope=\"col\">revision</th><th scope=\"col\">verdict</th></tr>\n</thead>\n<tbody>\n"
    )?;
    for (number, support) in (1..).zip(revisions) {
        let (class, mark) = if support.is_supported() {
            ("takes", "✓")
        } else {
            ("refuses", "✗")
        };
        let label = escape(support.label);
        let label = if support.has_problems() {
            format!("<a href=\"#revision-{number}\">{label}</a>")
        } else {
            label
        };
        let verdict = escape(&support.verdict());
        writeln!(
            out,
            "<tr class=\"{class}\"><th scope=\"row\">{label}</th><td>{mark} {verdict}</td></tr>"
        )?;
    }
    writeln!(out, "</tbody>\n</table>")?;
    for (number, support) in (1..).zip(revisions).filter(|(_, it)| it.has_problems()) {
        let label = escape(support.label);
        writeln!(out, "<h2 id=\"revision-{number}\">{label}</h2>\n<ul>")?;
        write_problems(support, out)?;
        writeln!(out, "</ul>")?;
    }
    writeln!(out, "</main>\n</body>\n</html>")
}

fn write_problems(support: &ProgramSupport<'_, '_>, out: &mut dyn Write) -> io::Result<()> {
    for (title, problems) in support.problems() {
        let (shown, more) = problems.few();
        for problem in shown {
            let path = match problem.path {
                "" => String::new(),
                path => format!(" <code>{}</code>", escape(path)),
            };
            let (root, what) = (escape(problem.root), escape(problem.problem));
            let (place, message) = (escape(&problem.place()), escape(&problem.message()));
            writeln!(
                out,
                "<li>{title} <code>{root}</code>{path}: {what} ({place}) <code>{message}</code></li>"
            )?;
        }
        if more > 0 {
            writeln!(out, "<li>and {}</li>", counted(more, "further problem"))?;
        }
    }
    Ok(())
}
