//! Addresses of files.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use gen_lsp_types::Uri;

/// Returns the path of an address. What is not a file, such as a buffer without a name, gets a path that no file has.
pub(super) fn path(uri: &Uri) -> PathBuf {
    let text = &uri.0;
    let Some(rest) = text.strip_prefix("file://") else {
        return Path::new("/dev/null/editor").join(text.replace('/', "_"));
    };
    // Before the path the name of this machine may stand.
    let path = &rest[rest.find('/').unwrap_or(rest.len())..];
    let path = decoded(path);
    if cfg!(windows) {
        return PathBuf::from(path.trim_start_matches('/'));
    }
    PathBuf::from(path)
}

/// Returns the address of a path.
pub(super) fn of(path: &Path) -> Uri {
    let text = path.to_string_lossy();
    let mut uri = String::from("file://");
    if !text.starts_with('/') {
        uri.push('/');
    }
    for byte in text.replace(std::path::MAIN_SEPARATOR, "/").bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    Uri(uri)
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let digits = rest.clone().take(2).collect::<Vec<_>>();
        let digits = std::str::from_utf8(&digits).ok();
        let value = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match value {
            Some(value) if byte == b'%' => {
                bytes.push(value);
                rest.nth(1);
            }
            _ => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_paths_belong_together() {
        for (text, uri) in [
            ("/a/b.json", "file:///a/b.json"),
            ("/a b/ü#?.json", "file:///a%20b/%C3%BC%23%3F.json"),
            ("/100%.json", "file:///100%25.json"),
        ] {
            assert_eq!(of(Path::new(text)).0, uri);
            assert_eq!(path(&Uri(uri.to_owned())), Path::new(text));
        }
        assert_eq!(path(&Uri("file://here/a".to_owned())), Path::new("/a"));
        assert_eq!(path(&Uri("file:///%zz%".to_owned())), Path::new("/%zz%"));
    }
}
