//! A page with a table that needs no other file.

use std::io::{self, Write};

use qapi_codegen::docgen::html_escaped;

use super::{MatrixReport, Varying};
use crate::console::one_line;

const STYLE: &str = "\
body { font-family: system-ui, sans-serif; margin: 2rem; color: #222; background: #fff }
table { border-collapse: collapse }
th, td { padding: .2rem .6rem; text-align: center; border-bottom: 1px solid #ddd }
thead th { position: sticky; top: 0; background: #fff }
tbody th { text-align: left; font-weight: normal; font-family: ui-monospace, monospace }
tr.root th { font-weight: bold; padding-top: .8rem }
tbody tr:not(.root) th { padding-left: 2rem }
td.there { background: #e7f4e7 }
td.away { color: #666 }
td.new { background: #bfe5bf }
@media (prefers-color-scheme: dark) {
  body, thead th { color: #ddd; background: #1b1b1b }
  th, td { border-color: #444 }
  td.away { color: #999 }
  td.there { background: #1f3a1f }
  td.new { background: #2f5f2f }
}
";

/// Writes the page.
pub(crate) fn write(report: &MatrixReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    let title = match report.labels {
        [first, .., last] => format!("What exists from {first} to {last}"),
        _ => "What exists".to_owned(),
    };
    let title = escape(&title);
    write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <h1>{title}</h1>\n<table>\n<thead>\n<tr><td></td>"
    )?;
    for label in report.labels {
        write!(out, "<th scope=\"col\">{}</th>", escape(label))?;
    }
    writeln!(out, "</tr>\n</thead>\n<tbody>")?;
    for row in report.rows() {
        let (class, path) = match row.parent {
            None => (
                " class=\"root\"",
                format!("{} {}", row.path.kind.as_str(), row.path.root),
            ),
            Some(_) => ("", row.path.below_root()),
        };
        let full = escape(&row.path.to_string());
        let path = escape(&path);
        write!(
            out,
            "<tr{class}><th scope=\"row\" title=\"{full}\">{path}</th>"
        )?;
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
                            escape(&words)
                        },
                    )
                }
            };
            before = cell.as_ref();
            write!(out, "<td class=\"{class}\">{text}</td>")?;
        }
        writeln!(out, "</tr>")?;
    }
    writeln!(out, "</tbody>\n</table>\n</main>\n</body>\n</html>")
}

/// Text that is to be read as it is, also within quotes, with escapes for control characters.
fn escape(text: &str) -> String {
    html_escaped(&one_line(text))
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn markup_is_taken_literally() {
        assert_eq!(escape("a<b>&\"c\"\n"), "a&lt;b&gt;&amp;&quot;c&quot;\\n");
    }
}
