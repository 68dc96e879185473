//! The examples of the explain pages, judged by the reader itself.

use std::path::Path;

use qapi_parser::diag::explain::explain;
use qapi_parser::diag::{Code, Diagnostic, Severity};
use qapi_parser::era::Era;
use qapi_parser::era_rules::OLD_FORMS;
use qapi_parser::source::Memory;
use qapi_parser::{Dialect, Options, load};

/// A fenced block of a page.
struct Example {
    /// `wrong` or `right`.
    kind: String,
    text: String,
}

/// The fenced blocks marked as `qapi`.
fn examples(page: &str) -> Vec<Example> {
    let mut examples = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(kind) = line.strip_prefix("```qapi ") else {
            continue;
        };
        let mut text = String::new();
        for line in lines.by_ref().take_while(|line| *line != "```") {
            text.push_str(line);
            text.push('\n');
        }
        examples.push(Example {
            kind: kind.to_owned(),
            text,
        });
    }
    examples
}

/// The files of an example, the main one first.
fn files(text: &str) -> Vec<(String, String)> {
    let mut files = Vec::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("# file: ") {
            files.push((name.to_owned(), String::new()));
            continue;
        }
        if files.is_empty() {
            files.push(("schema.json".to_owned(), String::new()));
        }
        let (_, text) = files.last_mut().expect("there is a file by now");
        text.push_str(line);
        text.push('\n');
    }
    files
}

fn diagnostics(text: &str, dialect: Dialect) -> Vec<Diagnostic> {
    let files = files(text);
    let memory = files.iter().fold(Memory::new(), |memory, (name, text)| {
        memory.with(name, text.as_str())
    });
    let mut options = Options::default();
    options.dialect = dialect;
    load(Path::new(&files[0].0), &memory, &options).diagnostics
}

fn summary(diagnostics: &[Diagnostic]) -> String {
    let lines: Vec<String> = diagnostics
        .iter()
        .map(|diagnostic| format!("\n  {}: {}", diagnostic.code, diagnostic.message))
        .collect();
    lines.concat()
}

/// Faults of the examples of one page.
fn faults(code: Code) -> Vec<String> {
    let old = code.as_str().starts_with("OLD-");
    let mut faults = Vec::new();
    for (index, example) in examples(explain(code)).iter().enumerate() {
        let mut fault = |what: &str, found: &[Diagnostic]| {
            faults.push(format!(
                "{code}, example {}: {what}{}",
                index + 1,
                summary(found)
            ));
        };
        match example.kind.as_str() {
            "wrong" => {
                let form = OLD_FORMS.iter().find(|form| form.old == code);
                let dialect = match form.filter(|_| old) {
                    Some(form) => Dialect::Era(form.eras.until),
                    None if code == Code::ERA_LATER => {
                        Dialect::Era("2.4".parse().expect("a release"))
                    }
                    None => Dialect::Strict,
                };
                let found = diagnostics(&example.text, dialect);
                // Lints are about schemas that are fine; the crate of lints judges their examples.
                let there = if code.as_str().starts_with("LINT-") {
                    found.is_empty()
                } else if old {
                    found.iter().any(|diagnostic| diagnostic.code == code)
                } else {
                    found
                        .first()
                        .is_some_and(|diagnostic| diagnostic.code == code)
                };
                if !there {
                    fault("is to give the code of the page", &found);
                }
                if old && diagnostics(&example.text, Dialect::Strict).is_empty() {
                    fault("is to be an error in the strict dialect", &[]);
                }
            }
            "right" => {
                for dialect in [Dialect::Strict, Dialect::Auto] {
                    let found = diagnostics(&example.text, dialect);
                    if !found.is_empty() {
                        fault(&format!("is to be fine in the dialect {dialect:?}"), &found);
                    }
                }
            }
            kind => fault(&format!("is neither wrong nor right but `{kind}`"), &[]),
        }
    }
    faults
}

#[test]
fn examples_are_what_they_say() {
    let faults: Vec<String> = Code::ALL
        .iter()
        .flat_map(|(code, _)| faults(*code))
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn pages_have_a_wrong_and_a_right_example() {
    for (code, _) in Code::ALL {
        // Limits are reached by files too large for a page, FILE-READ by no file at all, and the
        // generator's codes by schemas that are fine.
        let name = code.as_str();
        if name.starts_with("LIMIT-")
            || name.starts_with("GEN-")
            // It needs a git repository.
            || *code == Code::LINT_SINCE_NEWER
            || [Code::FILE_READ, Code::OLD_ERA].contains(code)
        {
            continue;
        }
        let examples = examples(explain(*code));
        for kind in ["wrong", "right"] {
            assert!(
                examples.iter().any(|example| example.kind == kind),
                "{code} has no {kind} example"
            );
        }
    }
}

/// Errors of an example in the dialect of each release, beside those in the strict one.
fn compare_with_strict(compare: impl Fn(Era, &[Diagnostic], &[Diagnostic]) -> Option<String>) {
    let mut faults = Vec::new();
    for (code, _) in Code::ALL {
        let wrong = examples(explain(*code)).into_iter();
        for example in wrong.filter(|example| example.kind == "wrong") {
            let strict = diagnostics(&example.text, Dialect::Strict);
            for era in Era::ALL {
                let mut found = diagnostics(&example.text, Dialect::Era(*era));
                found.retain(|it| it.severity == Severity::Error);
                let fault = compare(*era, &found, &strict);
                faults.extend(fault.map(|fault| format!("{code} in {era}: {fault}")));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn help_does_not_depend_on_the_dialect() {
    let helps = |it: &Diagnostic| it.help.is_some() || !it.suggestions.is_empty();
    compare_with_strict(|_, found, strict| {
        let lacks = found.iter().find(|error| {
            let same = |other: &&Diagnostic| {
                other.code == error.code && other.primary == error.primary && helps(other)
            };
            !helps(error) && strict.iter().any(|other| same(&other))
        });
        lacks.map(|error| format!("`{}` has no help", error.message))
    });
}

#[test]
fn releases_with_the_same_rules_word_mistakes_alike() {
    let first: Era = "10.0".parse().expect("a release");
    let messages = |found: &[Diagnostic]| -> Vec<String> {
        let style = [Code::DOC_LONG, Code::DOC_SPACING];
        let kept = found.iter().filter(|it| !style.contains(&it.code));
        kept.map(|it| format!("{} {}", it.code, it.message))
            .collect()
    };
    compare_with_strict(|era, found, strict| {
        // What follows from an old form is worded as such.
        let is_old = found
            .iter()
            .any(|it| it.notes.iter().any(|note| note.ends_with("does not")));
        let (found, strict) = (messages(found), messages(strict));
        (era >= first && era < Era::NEWEST && !is_old && found != strict)
            .then(|| format!("{found:?} in place of {strict:?}"))
    });
}
