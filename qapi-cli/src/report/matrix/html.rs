//! A page with a table that needs no other file.

use std::io::{self, Write};

use qapi_diff::matrix::Row;

use super::{MatrixReport, Varying};
use crate::report::markup::html_escape;

const STYLE: &str = "\
body { font-family: system-ui, sans-serif; margin: 1rem 2rem; color: #222; background: #fff }
h1 { font-size: 1.4rem }
form { margin-bottom: 1rem }
form[hidden] { display: none }
input { font: inherit; padding: .2rem .5rem; width: 20rem; max-width: 100% }
a { color: inherit; text-decoration: none }
a:hover, a:focus-visible { text-decoration: underline }
a.docs { color: #0550ae; font-family: system-ui, sans-serif; font-weight: normal; font-size: .85em; margin-left: .6em }
.table { overflow: auto; max-height: calc(100vh - 9rem) }
.table:focus-visible { outline: 2px solid #0550ae }
table { border-collapse: separate; border-spacing: 0 }
th, td { padding: .2rem .6rem; text-align: center; border-bottom: 1px solid #ddd }
thead th, thead td { position: sticky; top: 0; z-index: 1; background: #fff }
tbody th { position: sticky; left: 0; background: #fff; text-align: left; font-weight: normal; font-family: ui-monospace, monospace; max-width: 32rem; overflow-wrap: anywhere }
tbody td { vertical-align: bottom; font-size: .85rem; max-width: 14rem; overflow-wrap: break-word }
thead td { left: 0; z-index: 2 }
tr.root th { font-weight: bold; padding-top: .8rem }
tbody tr:not(.root) th { padding-left: 2rem }
tr:target > * { border-bottom-color: #0550ae; border-top: 1px solid #0550ae }
tr { scroll-margin-top: 3rem }
td.there { background: #e7f4e7 }
td.away { color: #595959 }
td.new { background: #bfe5bf }
@media (max-width: 40rem) {
  body { margin: .5rem }
  h1 { font-size: 1.1rem }
  tbody th { max-width: 9rem; font-size: .75rem; padding-left: .2rem }
  tbody tr:not(.root) th { padding-left: .6rem }
}
@media (prefers-color-scheme: dark) {
  body, thead th, thead td, tbody th { color: #ddd; background: #1b1b1b }
  th, td { border-color: #444 }
  a.docs { color: #79b8ff }
  td.away { color: #a0a0a0 }
  td.there { background: #1f3a1f }
  td.new { background: #2f5f2f }
}
";

/// Shows the rows that have all words of the filter in their names, each with the command or event that it belongs to.
/// A link to a hidden row ends the filter, so that the row is shown.
const SCRIPT: &str = "\
const form = document.querySelector('form');
const rows = [...document.querySelectorAll('tbody tr')];
const shown = document.querySelector('output');
function summary(words, count) {
  if (words.length === 0) return '';
  if (count === 0) return 'No name has ' + words.map((word) => '\u{201c}' + word + '\u{201d}').join(' and ') + ' in it';
  return count + ' of ' + rows.length + ' rows';
}
function filter() {
  const words = form.filter.value.toLowerCase().split(/\\s+/).filter(Boolean);
  let root = null, count = 0;
  for (const row of rows) {
    const fits = words.every((word) => row.id.toLowerCase().includes(word));
    if (row.classList.contains('root')) root = row;
    row.hidden = !fits;
    if (fits) { count++; root.hidden = false; }
  }
  shown.textContent = summary(words, count);
}
function reveal() {
  const row = document.querySelector(':target');
  if (!row?.hidden) return;
  form.filter.value = '';
  filter();
  row.scrollIntoView();
}
form.hidden = false;
form.addEventListener('input', filter);
form.addEventListener('submit', (event) => event.preventDefault());
addEventListener('hashchange', reveal);
";

/// Writes the page. Names lead to the reference in the folder `docs`, if there is one.
pub(crate) fn write(
    report: &MatrixReport<'_>,
    docs: Option<&str>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let title = match report.labels {
        [first, .., last] => format!("What exists from {first} to {last}"),
        _ => "What exists".to_owned(),
    };
    let title = html_escape(&title);
    write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <h1>{title}</h1>\n\
         <form hidden role=\"search\"><label>Show names with <input name=\"filter\" type=\"search\" \
         autocomplete=\"off\" spellcheck=\"false\"></label> <output></output></form>\n\
         <div class=\"table\" tabindex=\"0\" role=\"region\" aria-label=\"{title}\">\n\
         <table>\n<thead>\n<tr><td></td>"
    )?;
    for label in report.labels {
        write!(out, "<th scope=\"col\">{}</th>", html_escape(label))?;
    }
    writeln!(out, "</tr>\n</thead>\n<tbody>")?;
    for row in report.rows() {
        write_row(row, docs, out)?;
    }
    writeln!(
        out,
        "</tbody>\n</table>\n</div>\n</main>\n<script>\n{SCRIPT}</script>\n</body>\n</html>"
    )
}

fn write_row(row: &Row, docs: Option<&str>, out: &mut dyn Write) -> io::Result<()> {
    let root = &row.path.root;
    let (class, text) = match row.parent {
        None => (
            " class=\"root\"",
            format!("{} {root}", row.path.kind.as_str()),
        ),
        Some(_) => ("", row.path.below_root()),
    };
    let full = row.path.to_string();
    // Commands and events may share a name.
    let id = html_escape(&match row.parent {
        None => text.clone(),
        Some(_) => format!("{} {full}", row.path.kind.as_str()),
    });
    let (id, full, text) = (id.replace(' ', ":"), html_escape(&full), html_escape(&text));
    write!(
        out,
        "<tr{class} id=\"{id}\"><th scope=\"row\" title=\"{full}\"><a href=\"#{id}\">{text}</a>"
    )?;
    if let (Some(docs), None) = (docs, row.parent) {
        // The page of the site that has it is found by the site.
        let address = html_escape(&format!("{}/index.html#{root}", docs.trim_end_matches('/')));
        write!(out, "<a class=\"docs\" href=\"{address}\">docs</a>")?;
    }
    write!(out, "</th>")?;
    let varying = Varying::of(row);
    let mut before = None;
    for (revision, cell) in row.cells.iter().enumerate() {
        let (class, text) = match cell {
            None => ("away", "–".to_owned()),
            Some(cell) => {
                let words = varying.words(cell).join(", ");
                let is_new = revision > 0 && before != Some(cell);
                let class = if is_new { "new" } else { "there" };
                (
                    class,
                    if words.is_empty() {
                        "✓".to_owned()
                    } else {
                        html_escape(&words)
                    },
                )
            }
        };
        before = cell.as_ref();
        write!(out, "<td class=\"{class}\">{text}</td>")?;
    }
    writeln!(out, "</tr>")
}
