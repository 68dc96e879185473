//! Text in reports of Markdown and HTML: it is to be read as it is, with escapes for control characters.

use qapi_codegen::docgen::html_escaped;

use crate::console::one_line;

/// Text as code in Markdown, with a fence longer than any run of back quotes in it.
pub(crate) fn code(text: &str) -> String {
    let text = one_line(text);
    let longest = text
        .split(|c| c != '`')
        .map(str::len)
        .max()
        .unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let pad = if longest > 0 { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Text in Markdown, also within a cell of a table.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in one_line(text).chars() {
        if matches!(
            c,
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '&' | '#' | '~'
        ) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// Text in HTML, also within quotes.
pub(crate) fn html_escape(text: &str) -> String {
    html_escaped(&one_line(text))
}

#[cfg(test)]
mod tests {
    use super::{code, escaped, html_escape};

    #[test]
    fn markup_is_taken_literally() {
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("a`b"), "`` a`b ``");
        assert_eq!(escaped("a_b[=c|d]"), "a\\_b\\[=c\\|d\\]");
        assert_eq!(
            html_escape("a<b>&\"c\"\n"),
            "a&lt;b&gt;&amp;&quot;c&quot;\\n"
        );
    }
}
