//! Directives, comments and targets, which begin with two dots.

use super::super::indentation::{dedented, is_blank, trim_end, verbatim};
use super::super::inline;
use super::super::tree::{Admonition, Block, Inline, Unknown, Urgency};
use super::leaves::{DEPTH, body, literal, push, table};

/// Parses the blocks in a directive, at this depth.
type Nested<'f> = &'f dyn Fn(&[&str], usize) -> Vec<Block>;

/// Options about the appearance, which are ignored. Any other unknown option makes a directive unknown.
const LOOKS: [&str; 7] = [
    "align", "class", "dedent", "force", "linenos", "name", "widths",
];

/// Returns a line that begins with two dots, and what belongs to it.
pub(super) fn parse(
    lines: &[&str],
    indent: usize,
    depth: usize,
    nested: Nested<'_>,
    out: &mut Vec<Block>,
) -> usize {
    let body = body(lines, indent + 1);
    let length = 1 + body.len();
    let all = &lines[..length];
    let first = lines[0].trim().get(3..).unwrap_or_default();
    let block = match first.split_once("::") {
        Some((name, argument)) => {
            let directive = Directive::new(name.trim(), argument.trim(), body);
            directive.parse(depth, nested)
        }
        None => return remark(first, all, depth, out),
    };
    if let Some(block) = block {
        push(out, block);
    } else {
        let name = first.split("::").next().unwrap_or_default().trim();
        out.push(unknown(format!("directive `{name}`"), all));
    }
    length
}

fn unknown(what: String, lines: &[&str]) -> Block {
    Block::Unknown(Unknown {
        what: what.into(),
        text: verbatim(lines),
    })
}

/// Returns a comment, a target, or something that was meant to be a directive.
fn remark(first: &str, all: &[&str], depth: usize, out: &mut Vec<Block>) -> usize {
    if let Some(label) = first
        .strip_prefix('_')
        .and_then(|label| label.strip_suffix(':'))
        && !label.contains(['`', ':'])
        && depth == DEPTH
    {
        out.push(Block::Target(label.to_owned()));
        return all.len();
    }
    let word = first.split(':').next().unwrap_or_default();
    if first.starts_with(['_', '[']) {
        out.push(unknown("footnote or link target".to_owned(), all));
    } else if first.contains(':') && (urgency(word).is_some() || CONTENT.contains(&word)) {
        out.push(unknown(format!("directive `{word}` without `::`"), all));
    }
    // Anything else is a comment, which is not shown.
    all.len()
}

/// Directives with content other than admonitions.
const CONTENT: [&str; 5] = ["qmp-example", "admonition", "code-block", "table", "code"];

fn urgency(name: &str) -> Option<Urgency> {
    match name {
        "note" | "tip" | "hint" | "seealso" => Some(Urgency::Note),
        "caution" | "warning" | "important" | "attention" | "danger" | "error" => {
            Some(Urgency::Warning)
        }
        _ => None,
    }
}

struct Directive<'l, 't> {
    name: &'l str,
    argument: &'l str,
    /// Names and values.
    options: Vec<(&'t str, &'t str)>,
    body: &'l [&'t str],
}

impl<'l, 't> Directive<'l, 't> {
    fn new(name: &'l str, argument: &'l str, body: &'l [&'t str]) -> Self {
        let options: Vec<_> = body.iter().map_while(|line| option(line)).collect();
        let body = trim_end(&body[options.len()..]);
        let first = body.iter().position(|line| !is_blank(line)).unwrap_or(0);
        Self {
            name,
            argument,
            options,
            body: &body[first..],
        }
    }

    fn option(&self, name: &str) -> Option<&'t str> {
        let mut options = self.options.iter();
        options.find(|option| option.0 == name).map(|it| it.1)
    }

    /// Returns true if there are no options but those that are named or about looks.
    fn has_only(&self, names: &[&str]) -> bool {
        let mut options = self.options.iter();
        options.all(|(name, _)| names.contains(name) || LOOKS.contains(name))
    }

    /// Parses the content, if the directive is known.
    fn parse(&self, depth: usize, nested: Nested<'_>) -> Option<Block> {
        if let Some(urgency) = urgency(self.name) {
            let title = vec![Inline::Text(label(self.name))];
            return self.admonition(urgency, title, self.argument, depth, nested);
        }
        match self.name {
            "qmp-example" => self.example(depth, nested),
            "admonition" => self.admonition(
                Urgency::Note,
                inline::parse(self.argument),
                "",
                depth,
                nested,
            ),
            "code-block" | "code" | "sourcecode" | "parsed-literal" => {
                (self.has_only(&["caption"]) && !self.body.is_empty()).then(|| self.code())
            }
            "table" => self
                .has_only(&[])
                .then(|| table(&self.unindented(), inline::parse(self.argument))),
            _ => None,
        }
    }

    fn unindented(&self) -> Vec<&'t str> {
        dedented(self.body)
    }

    fn code(&self) -> Block {
        let code = literal(self.body);
        match self.option("caption") {
            Some(caption) => Block::Example(inline::parse(caption), vec![code]),
            None => code,
        }
    }

    fn admonition(
        &self,
        urgency: Urgency,
        title: Vec<Inline>,
        first: &str,
        depth: usize,
        nested: Nested<'_>,
    ) -> Option<Block> {
        if !self.has_only(&[]) {
            return None;
        }
        let mut inner = vec![first];
        inner.extend(self.unindented());
        Some(Block::Admonition(Admonition {
            urgency,
            title,
            blocks: nested(&inner, depth - 1),
        }))
    }

    fn example(&self, depth: usize, nested: Nested<'_>) -> Option<Block> {
        if !self.has_only(&["title", "annotated"]) || !self.argument.is_empty() {
            return None;
        }
        let title = inline::parse(self.option("title").unwrap_or_default());
        let content = if self.option("annotated").is_some() {
            nested(&self.unindented(), depth - 1)
        } else {
            vec![Block::Wire(verbatim(self.body))]
        };
        Some(Block::Example(title, content))
    }
}

/// `:name: value`
fn option(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.trim().strip_prefix(':')?.split_once(':')?;
    let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    (is_name && (value.is_empty() || value.starts_with(' '))).then(|| (name, value.trim()))
}

fn label(name: &str) -> String {
    if name == "seealso" {
        return "See also".to_owned();
    }
    let mut label = name.to_owned();
    label[..1].make_ascii_uppercase();
    label
}
