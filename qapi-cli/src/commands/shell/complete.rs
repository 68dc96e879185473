//! Completion of a line that is being written.

use std::collections::HashMap;

use super::json_prefix::{Container, JsonEnd, end_of};
use super::quoting::{Word, split};
use crate::vocabulary::{Types, ValueKind, Vocabulary};

/// Returns the place from which a line is completed, and what may stand there.
pub(super) fn complete(vocabulary: &Vocabulary, line: &str) -> (usize, Vec<String>) {
    let request_start = line.len() - line.trim_start().len();
    if line[request_start..].starts_with('{') {
        let end = end_of(&line[request_start..]);
        let candidates = end
            .as_ref()
            .map_or_else(Vec::new, |end| of_request(vocabulary, end));
        let start = end.map_or(line.len(), |end| request_start + end.start);
        return (start, candidates);
    }
    let (words, end) = split(line);
    let last = words
        .last()
        .filter(|_| !line.ends_with(char::is_whitespace) || end.is_err());
    let (start, text) = last.map_or((line.len(), ""), |word| (word.start, word.text.as_str()));
    // Words in single quotes are not completed.
    if line[start..] != *text {
        return (line.len(), Vec::new());
    }
    let mut before = &words[..words.len() - usize::from(last.is_some())];
    // `help` stands before a command and before the arguments that choose a branch.
    let in_help = matches!(before, [word, ..] if word.text == "help" && !vocabulary.has("help"));
    if in_help {
        before = &before[1..];
    }
    let [command, given @ ..] = before else {
        let names = vocabulary.names();
        let help = Some("help").filter(|_| !in_help && !text.is_empty());
        return (start, beginning_with(text, names.chain(help)));
    };
    let Some(ty) = vocabulary.arguments(&command.text) else {
        return (line.len(), Vec::new());
    };
    if text.starts_with('{') && given.is_empty() {
        let Some(end) = end_of(text) else {
            return (line.len(), Vec::new());
        };
        return (
            start + end.start,
            of_json(&vocabulary.types, ty, &end.open, &end),
        );
    }
    of_arguments(&vocabulary.types, ty, given, start, text)
}

/// Completes `NAME=VALUE`, where arguments before it are given.
fn of_arguments(
    types: &Types,
    ty: &str,
    given: &[Word],
    start: usize,
    text: &str,
) -> (usize, Vec<String>) {
    let given: HashMap<&str, &str> = given
        .iter()
        .filter_map(|word| word.text.split_once('='))
        .collect();
    let members = types.members(ty, &given);
    let Some((name, value)) = text.split_once('=') else {
        let left = members
            .iter()
            .filter(|member| !given.contains_key(&*member.name));
        let names: Vec<_> = left.map(|member| format!("{}=", member.name)).collect();
        return (
            start,
            beginning_with(text, names.iter().map(String::as_str)),
        );
    };
    let start = start + name.len() + 1;
    let Some(member) = members.iter().find(|member| *member.name == *name) else {
        return (start, Vec::new());
    };
    if value.starts_with(['{', '[']) {
        return match end_of(value) {
            Some(end) => (
                start + end.start,
                of_json(types, &member.type_name, &end.open, &end),
            ),
            None => (start + value.len(), Vec::new()),
        };
    }
    let values = types.strings(&member.type_name).into_iter();
    let values = values.chain(words_of(types, &member.type_name));
    (start, beginning_with(value, values))
}

/// Completes a request as it goes over the wire.
fn of_request(vocabulary: &Vocabulary, end: &JsonEnd) -> Vec<String> {
    let Some((request, inner)) = end.open.split_first() else {
        return Vec::new();
    };
    match (request.name(), inner) {
        (None, []) if end.is_name => {
            let left = ["execute", "arguments"].into_iter();
            names(left.filter(|name| !request.has(name)), end)
        }
        (Some("execute"), []) => strings(vocabulary.names(), end),
        (Some("arguments"), inner) => {
            let strings = request.strings();
            let ty = strings
                .get("execute")
                .and_then(|command| vocabulary.arguments(command));
            ty.map_or_else(Vec::new, |ty| of_json(&vocabulary.types, ty, inner, end))
        }
        _ => Vec::new(),
    }
}

/// Completes a value of type `ty`, of which these objects and arrays are open.
fn of_json(types: &Types, ty: &str, open: &[Container], end: &JsonEnd) -> Vec<String> {
    let mut ty = ty.to_owned();
    for container in open {
        let inner = if container.is_array() {
            types.elements(&ty)
        } else {
            let Some(object) = types.object(&ty) else {
                return Vec::new();
            };
            let members = types.members(object, &container.strings());
            let Some(name) = container.name() else {
                let left = members.iter().map(|member| &*member.name);
                return names(left.filter(|name| !container.has(name)), end);
            };
            let member = members.into_iter().find(|member| *member.name == *name);
            member.map(|member| &*member.type_name)
        };
        let Some(inner) = inner else {
            return Vec::new();
        };
        ty = inner.to_owned();
    }
    let mut candidates = strings(types.strings(&ty).into_iter(), end);
    if !end.is_quoted {
        candidates.extend(beginning_with(&end.word, words_of(types, &ty)));
    }
    candidates
}

/// Names of members with what comes after them.
fn names<'n>(names: impl Iterator<Item = &'n str>, end: &JsonEnd) -> Vec<String> {
    let quote = if end.is_quoted { "" } else { "\"" };
    let names = names.map(|name| format!("{quote}{name}\": "));
    names
        .filter(|name| name[quote.len()..].starts_with(&end.word))
        .collect()
}

/// Strings with their quotes.
fn strings<'n>(values: impl Iterator<Item = &'n str>, end: &JsonEnd) -> Vec<String> {
    let quote = if end.is_quoted { "" } else { "\"" };
    let values = values.filter(|value| value.starts_with(&end.word));
    values.map(|value| format!("{quote}{value}\"")).collect()
}

/// Values of a type that are words in JSON.
fn words_of<'n>(types: &Types, ty: &str) -> impl Iterator<Item = &'n str> + use<'n> {
    let words = [
        ("true", ValueKind::Boolean),
        ("false", ValueKind::Boolean),
        ("null", ValueKind::Null),
    ];
    // If every value is allowed, these are no help.
    let is_any = types.accepts(ty, ValueKind::Object) && types.accepts(ty, ValueKind::Boolean);
    let taken = words.map(|(word, kind)| (!is_any && types.accepts(ty, kind)).then_some(word));
    taken.into_iter().flatten()
}

fn beginning_with<'n>(text: &str, names: impl Iterator<Item = &'n str>) -> Vec<String> {
    names
        .filter(|name| name.starts_with(text))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::tests::vocabulary;

    fn completed(line: &str) -> (usize, Vec<String>) {
        complete(&vocabulary(), line)
    }

    /// Candidates for the end of a line.
    fn candidates(line: &str) -> Vec<String> {
        completed(line).1
    }

    #[test]
    fn commands_come_first() {
        assert_eq!(completed("query-s"), (0, vec!["query-status".to_owned()]));
        assert_eq!(completed("  query-s").0, 2);
        assert!(candidates("").len() > 2);
        assert!(candidates("nothing").is_empty());
    }

    #[test]
    fn arguments_follow_once_each() {
        assert_eq!(
            completed("set-mode "),
            (9, vec!["mode=".to_owned(), "force=".to_owned()])
        );
        assert_eq!(
            completed("set-mode mode=slow "),
            (19, vec!["force=".to_owned()])
        );
        assert_eq!(completed("set-mode m"), (9, vec!["mode=".to_owned()]));
        assert!(candidates("unknown m").is_empty());
    }

    #[test]
    fn values_of_enumerations_and_booleans_are_known() {
        assert_eq!(completed("set-mode mode=s"), (14, vec!["slow".to_owned()]));
        assert_eq!(
            completed("set-mode force="),
            (15, vec!["true".to_owned(), "false".to_owned()])
        );
        assert!(candidates("set-mode other=").is_empty());
    }

    #[test]
    fn a_discriminator_chooses_the_members_of_its_branch() {
        assert_eq!(candidates("draw "), ["mode="]);
        assert_eq!(candidates("draw mode=fast "), ["speed="]);
        assert_eq!(candidates("draw mode=slow "), ["text=", "next=", "all="]);
        assert_eq!(candidates("draw {\"mode\": \"fast\", "), ["\"speed\": "]);
        assert_eq!(
            candidates("draw mode=slow next={\"mode\": \"slow\", \"te"),
            ["text\": "]
        );
    }

    #[test]
    fn json_is_completed_at_any_depth() {
        let line = "draw mode=slow all=[{\"mode\": \"";
        assert_eq!(
            completed(line),
            (line.len(), vec!["fast\"".to_owned(), "slow\"".to_owned()])
        );
        assert_eq!(
            candidates("draw mode=slow all=[{\"mode\": "),
            ["\"fast\"", "\"slow\""]
        );
        assert_eq!(
            candidates("draw {\"mode\": \"fast\", \"speed\": t"),
            ["true"]
        );
        assert!(candidates("draw mode=slow text={\"").is_empty());
    }

    #[test]
    fn requests_are_completed_as_they_go_over_the_wire() {
        assert_eq!(completed(" {\"e"), (3, vec!["execute\": ".to_owned()]));
        assert_eq!(candidates("{\"execute\": \"dr"), ["draw\""]);
        assert_eq!(
            candidates("{\"execute\": \"set-mode\", "),
            ["\"arguments\": "]
        );
        assert_eq!(
            candidates("{\"execute\": \"set-mode\", \"arguments\": {\"force\": "),
            ["true", "false"]
        );
        assert!(candidates("{\"execute\": \"set-mode\"}").is_empty());
    }

    #[test]
    fn help_is_completed_like_a_command() {
        assert_eq!(candidates("he"), ["help"]);
        assert_eq!(completed("help dr"), (5, vec!["draw".to_owned()]));
        assert_eq!(candidates("help draw mo"), ["mode="]);
        assert_eq!(candidates("help draw mode="), ["fast", "slow"]);
    }

    #[test]
    fn quoted_words_are_left_alone() {
        for line in ["set-mode 'm", "set-mode x='{\"a"] {
            assert!(candidates(line).is_empty(), "{line}");
        }
    }
}
