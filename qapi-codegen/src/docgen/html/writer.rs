//! Writes HTML whose elements are closed and whose texts are escaped.

/// HTML so far.
#[derive(Debug, Default)]
pub(super) struct Html {
    out: String,
}

/// Attributes: names and values.
type HtmlAttributes<'a> = [(&'static str, &'a str)];

impl Html {
    /// Returns the beginning of a page.
    pub(super) fn page(mark: &str) -> Self {
        Self {
            out: format!("<!DOCTYPE html>\n<!-- {mark} -->\n"),
        }
    }

    pub(super) fn finish(mut self) -> String {
        self.out.push('\n');
        self.out
    }

    /// Adds what another one holds.
    pub(super) fn append(&mut self, other: &Self) -> &mut Self {
        self.out.push_str(&other.out);
        self
    }

    /// Adds text.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        escape(text, &mut self.out);
        self
    }

    /// Adds an element with what `content` adds in it.
    pub(super) fn element(
        &mut self,
        tag: &'static str,
        attributes: &HtmlAttributes<'_>,
        content: impl FnOnce(&mut Self),
    ) -> &mut Self {
        self.empty(tag, attributes);
        content(self);
        self.out.push_str("</");
        self.out.push_str(tag);
        self.out.push('>');
        self
    }

    /// Adds an element with text in it.
    pub(super) fn leaf(
        &mut self,
        tag: &'static str,
        attributes: &HtmlAttributes<'_>,
        text: &str,
    ) -> &mut Self {
        self.element(tag, attributes, |html| {
            html.text(text);
        })
    }

    /// Adds an element that has no content and no end tag.
    pub(super) fn empty(
        &mut self,
        tag: &'static str,
        attributes: &HtmlAttributes<'_>,
    ) -> &mut Self {
        self.out.push('<');
        self.out.push_str(tag);
        for (name, value) in attributes {
            self.out.push(' ');
            self.out.push_str(name);
            if !value.is_empty() {
                self.out.push_str("=\"");
                escape(value, &mut self.out);
                self.out.push('"');
            }
        }
        self.out.push('>');
        self
    }

    /// Adds a line break to the source: pages stay easy to read and to compare.
    pub(super) fn line(&mut self) -> &mut Self {
        self.out.push('\n');
        self
    }
}

/// Escapes text for HTML, in an element or in an attribute's value within double quotes: nothing in it is taken for
/// markup.
pub fn html_escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    escape(text, &mut out);
    out
}

fn escape(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>', '"']) {
        out.push_str(&rest[..at]);
        out.push_str(match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            _ => "&quot;",
        });
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::Html;

    #[test]
    fn text_and_values_are_escaped() {
        let mut html = Html::default();
        html.element("a", &[("href", "x?a=\"1\"&b"), ("hidden", "")], |html| {
            html.text("<b> & \"c\"").empty("br", &[]);
        });
        assert_eq!(
            html.finish(),
            "<a href=\"x?a=&quot;1&quot;&amp;b\" hidden>&lt;b&gt; &amp; &quot;c&quot;<br></a>\n"
        );
    }
}
