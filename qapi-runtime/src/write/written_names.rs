//! The names of members that have been written.

/// Returns the names in the text of an object's members, as they are written, between their quotes.
pub(super) fn names(members: &[u8]) -> impl Iterator<Item = &[u8]> {
    let (mut rest, mut depth) = (members, 0_usize);
    std::iter::from_fn(move || {
        loop {
            let (&byte, behind) = rest.split_first()?;
            rest = behind;
            match byte {
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth = depth.saturating_sub(1),
                b'"' => {
                    let text;
                    (text, rest) = behind.split_at(end_of_string(behind));
                    rest = rest.get(1..)?;
                    if depth == 0 && rest.first() == Some(&b':') {
                        return Some(text);
                    }
                }
                _ => {}
            }
        }
    })
}

/// Returns the place of the quote that ends a string.
fn end_of_string(text: &[u8]) -> usize {
    let mut is_escaped = false;
    let end = text.iter().position(|&byte| {
        let is_end = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        is_end
    });
    end.unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_object_itself_are_found() {
        let text =
            br#""a": 1, "b\"": {"c": [{"d": 2}]}, "e": "f", "\\": ["g", "h: \\\""], "i": null"#;
        let found: Vec<_> = names(text).map(String::from_utf8_lossy).collect();
        assert_eq!(found, ["a", "b\\\"", "e", "\\\\", "i"]);
        assert_eq!(names(b"").count(), 0);
    }
}
