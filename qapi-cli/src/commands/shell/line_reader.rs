//! The shell's lines: from a terminal with history and completion, or from any other standard input.

use std::borrow::Cow;
use std::io::{self, BufRead, IsTerminal};
use std::rc::Rc;

use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::FileHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{CompletionType, Config, Context, Editor, Helper};

use super::complete::complete;
use super::events::Printer;
use super::history;
use super::quoting::split;
use crate::vocabulary::Vocabulary;

/// The source of lines.
pub(super) enum LineReader {
    /// A terminal.
    Terminal(Box<Editor<Typist, FileHistory>>),
    /// A script, or a program.
    Plain,
}

/// Completion and hints for the terminal.
pub(super) struct Typist {
    vocabulary: Rc<Vocabulary>,
}

impl LineReader {
    /// Standard input.
    ///
    /// # Errors
    /// The terminal cannot be used.
    pub(super) fn open(vocabulary: &Rc<Vocabulary>) -> io::Result<Self> {
        if !io::stdin().is_terminal() {
            return Ok(Self::Plain);
        }
        let config = Config::builder()
            .completion_type(CompletionType::List)
            .max_history_size(history::MOST_LINES)
            .and_then(|builder| builder.history_ignore_dups(true))
            .map_err(plain)?
            .build();
        let mut editor = Editor::with_config(config).map_err(plain)?;
        history::load(&mut editor);
        editor.set_helper(Some(Typist {
            vocabulary: Rc::clone(vocabulary),
        }));
        Ok(Self::Terminal(Box::new(editor)))
    }

    pub(super) fn is_terminal(&self) -> bool {
        matches!(self, Self::Terminal(_))
    }

    /// Prints while a line is being typed; none without a terminal, or if it does not support that.
    pub(super) fn printer(&mut self) -> Option<Printer> {
        match self {
            Self::Terminal(editor) => {
                let printer = editor.create_external_printer().ok()?;
                Some(Box::new(printer))
            }
            Self::Plain => None,
        }
    }

    /// Returns the next command line; none at the end. It may have been written on several lines, if a bracket or a quote was
    /// left open at the end of one.
    ///
    /// # Errors
    /// Standard input cannot be read.
    pub(super) fn next(&mut self, prompt: &str) -> io::Result<Option<String>> {
        match self {
            Self::Plain => next_plain(&mut io::stdin().lock()),
            Self::Terminal(editor) => loop {
                match editor.readline(prompt) {
                    Ok(line) => {
                        history::add(editor, &line);
                        return Ok(Some(line));
                    }
                    // The line is given up, but the shell continues.
                    Err(ReadlineError::Interrupted) => {}
                    Err(ReadlineError::Eof) => return Ok(None),
                    Err(error) => return Err(plain(error)),
                }
            },
        }
    }
}

fn next_plain(input: &mut dyn BufRead) -> io::Result<Option<String>> {
    let mut line = String::new();
    loop {
        let length = input.read_line(&mut line)?;
        if length == 0 && line.is_empty() {
            return Ok(None);
        }
        if length == 0 || split(&line).1.is_ok() {
            return Ok(Some(line));
        }
    }
}

fn plain(error: ReadlineError) -> io::Error {
    match error {
        ReadlineError::Io(error) => error,
        error => io::Error::other(error),
    }
}

impl Completer for Typist {
    type Candidate = String;

    fn complete(
        &self,
        line: &str,
        position: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<String>)> {
        let written = line.get(..position).unwrap_or(line);
        let (start, mut candidates) = complete(&self.vocabulary, written);
        // After the only one that is left goes the next word.
        if let [only] = &mut candidates[..]
            && only.ends_with(char::is_alphanumeric)
        {
            only.push(' ');
        }
        Ok((start, candidates))
    }
}

impl Validator for Typist {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        Ok(match split(context.input()).1 {
            Ok(()) => ValidationResult::Valid(None),
            Err(_) => ValidationResult::Incomplete,
        })
    }
}

impl Hinter for Typist {
    type Hint = String;
}

impl Highlighter for Typist {
    fn highlight<'l>(&self, line: &'l str, _: usize) -> Cow<'l, str> {
        Cow::Borrowed(line)
    }
}

impl Helper for Typist {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_brackets_go_on_with_the_next_line() {
        let mut input = "a b=[1,\n 2]\nc\nd 'x".as_bytes();
        let mut next = || next_plain(&mut input).unwrap();
        assert_eq!(next().as_deref(), Some("a b=[1,\n 2]\n"));
        assert_eq!(next().as_deref(), Some("c\n"));
        assert_eq!(next().as_deref(), Some("d 'x"));
        assert_eq!(next(), None);
    }
}
