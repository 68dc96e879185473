//! Addresses of documents outside of the schema to which the text refers.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;

/// Addresses by the names under which `:ref:` and `:doc:` refer to documents and places in them.
///
/// A name that ends in `/` stands for a folder of documents: the rest of the reference is appended to its address.
///
/// # Examples
///
/// ```
/// use qapi_codegen::documentation::Links;
///
/// let mut links = Links::default();
/// links.insert("live-block-operations", "https://docs.example/blocks.html").unwrap();
/// links.insert("/interop/", "https://docs.example/interop/").unwrap();
/// assert_eq!(links.url("/interop/bitmaps").unwrap(), "https://docs.example/interop/bitmaps.html");
/// assert_eq!(links.url("elsewhere"), None);
/// assert!(links.insert("script", "javascript:alert(1)").is_err());
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Links(BTreeMap<String, String>);

/// An address that is not valid: neither `https` nor `http`, or with blanks in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkError(String);

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} is not the address of a document; it has to begin with `https://` or `http://`",
            self.0
        )
    }
}

impl Error for LinkError {}

impl Links {
    /// Adds the address of a name, in place of an earlier one.
    ///
    /// # Errors
    ///
    /// Fails for what is not an address of a document.
    pub fn insert(
        &mut self,
        name: impl Into<String>,
        url: impl Into<String>,
    ) -> Result<(), LinkError> {
        let url = url.into();
        let is_document = ["https://", "http://"]
            .iter()
            .any(|scheme| url.len() > scheme.len() && url.starts_with(scheme));
        if !is_document || url.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(LinkError(url));
        }
        self.0.insert(name.into(), url);
        Ok(())
    }

    /// Returns the address for a name: its own, or that of the longest folder that it is in.
    pub fn url(&self, name: &str) -> Option<String> {
        if let Some(url) = self.0.get(name) {
            return Some(url.clone());
        }
        let folders = self.0.iter().filter(|(folder, _)| folder.ends_with('/'));
        let (rest, url) = folders
            .filter_map(|(folder, url)| Some((name.strip_prefix(folder.as_str())?, url)))
            .min_by_key(|(rest, _)| rest.len())?;
        let is_page =
            !rest.is_empty() && !rest.contains("..") && !rest.contains(char::is_whitespace);
        is_page.then(|| format!("{}/{rest}.html", url.trim_end_matches('/')))
    }
}

#[cfg(test)]
mod tests {
    use super::Links;

    #[test]
    fn the_longest_folder_counts_and_nothing_leads_out_of_it() {
        let mut links = Links::default();
        links.insert("/", "https://a.example").unwrap();
        links.insert("/interop/", "https://b.example/i/").unwrap();
        links.insert("/interop/x", "https://c.example").unwrap();
        for (name, expected) in [
            ("/other/page", Some("https://a.example/other/page.html")),
            ("/interop/y", Some("https://b.example/i/y.html")),
            ("/interop/x", Some("https://c.example")),
            ("/interop/../y", None),
            ("label", None),
        ] {
            assert_eq!(links.url(name).as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn only_documents_are_linked_to() {
        for url in [
            "",
            "x",
            "https://",
            "javascript:alert(1)",
            "file:///etc",
            "https://a b",
        ] {
            assert!(Links::default().insert("x", url).is_err(), "{url}");
        }
    }
}
