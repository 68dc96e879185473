//! "Did you mean": the one name that is close to a misspelt one.

/// Returns the candidate nearest to `name`, if it is near enough to be a slip and no other is as near.
pub fn closest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = name.len();
    let name = name.chars().collect::<Vec<_>>();
    let limit = (name.len() / 3).clamp(1, 4);
    let mut best: Option<(usize, &str)> = None;
    let mut tied = false;
    for candidate in candidates {
        if candidate.len().abs_diff(length) > limit {
            continue;
        }
        let distance = distance(&name, candidate, limit);
        if distance > limit {
            continue;
        }
        match best {
            Some((least, first)) if distance == least => tied |= first != candidate,
            Some((least, _)) if distance > least => {}
            _ => {
                best = Some((distance, candidate));
                tied = false;
            }
        }
    }
    best.filter(|_| !tied).map(|(_, candidate)| candidate)
}

/// `, ` between back-quoted names: "`a`, `b` and `c`" with `and` (or another word) before the last.
pub(crate) fn list<'a>(names: impl IntoIterator<Item = &'a str>, word: &str) -> String {
    let names = names
        .into_iter()
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>();
    match names.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last, rest)) => format!("{} {word} {last}", rest.join(", ")),
    }
}

/// Number of letters to insert, drop, change or swap with a neighbour; a difference in case or
/// between `-` and `_` counts as one for the whole name. Gives up beyond `limit`.
fn distance(name: &[char], candidate: &str, limit: usize) -> usize {
    let candidate = candidate.chars().collect::<Vec<_>>();
    let folded = |text: &[char]| text.iter().map(|c| fold(*c)).collect::<Vec<_>>();
    let exact = name == candidate;
    let (a, b) = (folded(name), folded(&candidate));
    let edits = edits(&a, &b, limit);
    if exact { 0 } else { edits.max(1) }
}

fn fold(c: char) -> char {
    if c == '_' {
        '-'
    } else {
        c.to_ascii_lowercase()
    }
}

fn edits(a: &[char], b: &[char], limit: usize) -> usize {
    if a.len().abs_diff(b.len()) > limit {
        return limit + 1;
    }
    let mut before = vec![0; b.len() + 1];
    let mut last = (0..=b.len()).collect::<Vec<_>>();
    let mut row = vec![0; b.len() + 1];
    for i in 1..=a.len() {
        row[0] = i;
        for j in 1..=b.len() {
            let change = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = change.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        if row.iter().all(|edits| *edits > limit) {
            return limit + 1;
        }
        std::mem::swap(&mut before, &mut last);
        std::mem::swap(&mut last, &mut row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_close_name_is_suggested() {
        assert_eq!(closest("strnig", ["string", "str", "int"]), Some("string"));
        assert_eq!(closest("foobar", ["FooBar", "BarFoo"]), Some("FooBar"));
        assert_eq!(closest("a_long_name", ["a-long-name"]), Some("a-long-name"));
        assert_eq!(closest("dta", ["data", "base", "if"]), Some("data"));
    }

    #[test]
    fn nothing_is_suggested_where_two_are_as_close_or_all_are_far() {
        assert_eq!(closest("in8", ["int8", "uin8"]), None);
        assert_eq!(closest("Foo", ["Completely", "Different"]), None);
        assert_eq!(closest("x", ["abc"]), None);
    }

    #[test]
    fn lists_read_like_prose() {
        assert_eq!(list(["a"], "or"), "`a`");
        assert_eq!(list(["a", "b", "c"], "and"), "`a`, `b` and `c`");
    }
}
