//! `data/agent/differences.txt`: where our agent answers otherwise than the reference, on purpose.

use serde_json::Value;

use super::template::{Bindings, fill, matches};

/// The agents whose replies ours are compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reference {
    /// The replies of QEMU 10.2, as recorded.
    Recorded,
    /// A live agent of QEMU 7.2.
    Live,
}

/// One difference: which lines stand for which.
#[derive(Debug)]
pub struct Difference {
    /// Its name, unique in the file.
    pub name: String,
    /// Why.
    pub reason: String,
    /// The recorded conversations in which it shows.
    pub rows: Vec<String>,
    /// It is one of versions: QEMU 10.2 does as we do.
    of_version: bool,
    /// Bytes that a request must have for it.
    request_has: Option<Vec<u8>>,
    theirs: Vec<Line>,
    ours: Vec<Line>,
    /// A command, and a member that only our reply to it has.
    member: Option<(String, String)>,
    /// A command that returns a list whose order does not count.
    unordered: Option<String>,
}

/// A pattern for lines.
#[derive(Debug)]
struct Line {
    pattern: String,
    /// For one line or more, not for one.
    repeated: bool,
}

impl Difference {
    /// Returns true for replies as a whole, see [`Differences::level`].
    pub fn is_of_whole_replies(&self) -> bool {
        self.theirs.is_empty()
    }

    /// Returns true if the reference may have done what we refused: the agents may not be in the same state
    /// any more.
    pub fn parts_states(&self) -> bool {
        self.theirs
            .iter()
            .any(|line| line.pattern.ends_with("<reply>"))
    }

    fn applies(&self, request: &[u8], to: Reference) -> bool {
        let version_fits = !self.of_version || to == Reference::Live;
        let request_fits = self.request_has.as_ref().is_none_or(|wanted| {
            request
                .windows(wanted.len())
                .any(|window| window == wanted.as_slice())
        });
        version_fits && request_fits && !self.is_of_whole_replies()
    }
}

/// Number of lines from the front of `lines` that a list of patterns takes, or none.
fn take(patterns: &[Line], lines: &[String], bindings: &mut Bindings) -> Option<usize> {
    let mut taken = 0;
    for Line { pattern, repeated } in patterns {
        let pattern = fill(pattern, bindings);
        let first = lines.get(taken)?;
        if !matches(&pattern, first, bindings) {
            return None;
        }
        taken += 1;
        while *repeated
            && lines
                .get(taken)
                .is_some_and(|line| matches(&pattern, line, bindings))
        {
            taken += 1;
        }
    }
    Some(taken)
}

/// The list.
#[derive(Debug)]
pub struct Differences(Vec<Difference>);

impl Differences {
    /// Reads the file.
    ///
    /// # Panics
    /// If it is not as its head says.
    pub fn read() -> Self {
        let path = super::data("differences.txt");
        let text = std::fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let list: Vec<Difference> = text
            .split("\n\n")
            .map(str::trim)
            .filter(|group| group.starts_with("= "))
            .map(parse)
            .collect();
        assert!(!list.is_empty(), "{} has no difference", path.display());
        Self(list)
    }

    /// Returns the differences, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &Difference> {
        self.0.iter()
    }

    /// Returns the names of the differences that turn `theirs` into `ours`, both in canonical form, in the
    /// order of their use; none if there is no such way. `theirs` may have wildcards.
    pub fn explain(
        &self,
        request: &[u8],
        theirs: &[String],
        ours: &[String],
        reference: Reference,
    ) -> Option<Vec<&str>> {
        let applicable: Vec<&Difference> = self
            .0
            .iter()
            .filter(|difference| difference.applies(request, reference))
            .collect();
        let mut used = Vec::new();
        align(&applicable, theirs, ours, &mut used).then_some(used)
    }

    /// Takes away what replies to a command may differ in as a whole: members that only ours have, and
    /// the order of a list.
    pub fn level(&self, command: &str, reply: &mut Value) {
        for difference in &self.0 {
            match &difference.member {
                Some((of, name)) if of == command => remove(&mut reply["return"], name),
                _ => {}
            }
            let unordered = difference.unordered.as_deref() == Some(command);
            if let Some(elements) = reply["return"].as_array_mut().filter(|_| unordered) {
                elements.sort_by_key(super::template::show);
            }
        }
    }
}

/// Removes a member from a value and everything in it.
fn remove(value: &mut Value, name: &str) {
    match value {
        Value::Array(elements) => elements
            .iter_mut()
            .for_each(|element| remove(element, name)),
        Value::Object(members) => {
            members.remove(name);
            members.values_mut().for_each(|member| remove(member, name));
        }
        _ => {}
    }
}

/// Tries the differences in turn at the front of both lists, then equality.
fn align<'d>(
    differences: &[&'d Difference],
    theirs: &[String],
    ours: &[String],
    used: &mut Vec<&'d str>,
) -> bool {
    if theirs.is_empty() && ours.is_empty() {
        return true;
    }
    let equal = theirs
        .first()
        .zip(ours.first())
        .is_some_and(|(their, our)| matches(their, our, &mut Bindings::new()));
    if equal && align(differences, &theirs[1..], &ours[1..], used) {
        return true;
    }
    for difference in differences {
        let mut bindings = Bindings::new();
        let Some(dropped) = take(&difference.theirs, theirs, &mut bindings) else {
            continue;
        };
        let Some(put) = take(&difference.ours, ours, &mut bindings) else {
            continue;
        };
        used.push(&difference.name);
        if align(differences, &theirs[dropped..], &ours[put..], used) {
            return true;
        }
        used.pop();
    }
    false
}

fn parse(group: &str) -> Difference {
    let mut difference = Difference {
        name: String::new(),
        reason: String::new(),
        rows: Vec::new(),
        of_version: false,
        request_has: None,
        theirs: Vec::new(),
        ours: Vec::new(),
        member: None,
        unordered: None,
    };
    for line in group.lines() {
        let (mark, text) = line
            .split_once(' ')
            .unwrap_or_else(|| panic!("no mark: {line}"));
        let pattern = |text: &str| match text.strip_suffix(" ...") {
            Some(text) => Line {
                pattern: text.to_owned(),
                repeated: true,
            },
            None => Line {
                pattern: text.to_owned(),
                repeated: false,
            },
        };
        match mark {
            "=" => text.clone_into(&mut difference.name),
            "why" => text.clone_into(&mut difference.reason),
            "rows" => difference.rows = text.split(' ').map(str::to_owned).collect(),
            "version" => difference.of_version = true,
            "request" => difference.request_has = Some(qapi_test_support::unescape(text)),
            "member" => {
                let member = text.split_once(' ').expect("a command and a member");
                difference.member = Some((member.0.to_owned(), member.1.to_owned()));
            }
            "unordered" => difference.unordered = Some(text.to_owned()),
            "-" => difference.theirs.push(pattern(text)),
            "+" => difference.ours.push(pattern(text)),
            _ => panic!("unknown mark `{mark}`: {line}"),
        }
    }
    let in_lines = !difference.theirs.is_empty();
    let in_whole = difference.member.is_some() || difference.unordered.is_some();
    assert!(
        !difference.reason.is_empty() && in_lines != in_whole,
        "a difference needs a reason, and either lines or a command:\n{group}"
    );
    difference
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    const STRAY: &str =
        r#"{"error": {"class": "GenericError", "desc": "JSON parse error, stray '\uFFFD'"}}"#;
    const PONG: &str = r#"{"return": {}}"#;

    fn explain(request: &[u8], theirs: &[&str], ours: &[&str]) -> Option<usize> {
        let differences = Differences::read();
        let reference = Reference::Recorded;
        let used = differences.explain(request, &lines(theirs), &lines(ours), reference);
        used.map(|used| used.len())
    }

    #[test]
    fn listed_differences_are_found_wherever_they_are() {
        assert_eq!(explain(b"", &[PONG], &[PONG]), Some(0));
        assert_eq!(explain(b"\xFF", &[STRAY, PONG], &[PONG]), Some(1));
        assert_eq!(explain(b"\xFF", &[PONG, STRAY, STRAY], &[PONG]), Some(2));
        // One complaint is about another byte.
        assert_eq!(explain(b"\xFF\xC3", &[STRAY, STRAY], &[STRAY]), Some(1));
    }

    #[test]
    fn everything_else_is_a_difference() {
        assert_eq!(explain(b"\xC3", &[STRAY], &[]), None);
        assert_eq!(explain(b"", &[PONG], &[]), None);
        assert_eq!(explain(b"", &[PONG], &[PONG, PONG]), None);
        assert_eq!(explain(b"", &[PONG, STRAY], &[STRAY, PONG]), None);
        assert_eq!(
            explain(b"", &[r#"{"return": 1}"#], &[r#"{"return": 2}"#]),
            None
        );
        assert_eq!(explain(b"", &["\\xff{}"], &["{}"]), None);
        let wrapped = r#"{"error": {"class": "GenericError", "desc": "Guest agent command failed, error was 'x'"}}"#;
        let plain = r#"{"error": {"class": "GenericError", "desc": "x"}}"#;
        assert_eq!(explain(b"", &[wrapped], &[plain]), None, "it is one of 7.2");
    }
}
