//! The revisions that a program works with, judged by its recorded messages.

use std::collections::BTreeMap;

use qapi_diff::{Message, Model, Origin, Violation};
use qapi_traffic::for_all_elements;

use crate::console::counted;

pub(crate) mod html;
pub(crate) mod json;
pub(crate) mod markdown;
pub(crate) mod text;

/// Different problems of a revision that are kept; the others are only counted.
const MOST: usize = 100;

/// The number of problems of a revision that are shown in text.
const FEW: usize = 5;

/// The verdict on one revision.
pub(crate) struct ProgramSupport<'m, 's> {
    label: &'m str,
    model: &'m Model<'s>,
    /// Requests that a server of the revision rejects.
    refused: Problems,
    /// Recorded replies and events that it does not send.
    absent: Problems,
}

/// Problems by command or event and place.
#[derive(Default)]
struct Problems {
    first: BTreeMap<(String, String, String), (Message, Origin)>,
    further: usize,
}

impl<'m, 's> ProgramSupport<'m, 's> {
    pub(crate) fn new(label: &'m str, model: &'m Model<'s>) -> Self {
        Self {
            label,
            model,
            refused: Problems::default(),
            absent: Problems::default(),
        }
    }

    /// Looks at a message of the program.
    pub(crate) fn see(&mut self, message: &Message, origin: &Origin) {
        if matches!(message, Message::Reply { command, .. } if !self.model.has_command(command)) {
            // The request is rejected, so its reply does not matter.
            return;
        }
        let is_request = matches!(message, Message::Request { .. });
        let problems = if is_request {
            &mut self.refused
        } else {
            &mut self.absent
        };
        // Additional members that a server of the revision sends do no harm.
        let matters = |it: &Violation| is_request || !it.is_missing();
        for violation in self.model.deviations(message).into_iter().filter(matters) {
            let root = message.root().to_owned();
            let place = for_all_elements(&violation.path);
            problems.add((root, place, violation.problem), message, origin);
        }
    }

    /// Returns whether the revision takes all requests.
    pub(crate) fn is_supported(&self) -> bool {
        self.refused.first.is_empty()
    }
}

impl Problems {
    fn add(&mut self, key: (String, String, String), message: &Message, origin: &Origin) {
        if self.first.contains_key(&key) {
            return;
        }
        if self.first.len() == MOST {
            self.further += 1;
            return;
        }
        self.first.insert(key, (message.clone(), origin.clone()));
    }

    /// Returns those that are shown to people, with the number of the others.
    fn few(&self) -> (Vec<ShownProblem<'_>>, usize) {
        let first = self.first.iter().take(FEW);
        let shown = first.map(|((root, path, problem), (message, origin))| ShownProblem {
            root,
            path,
            problem,
            message,
            origin,
        });
        let more = self.first.len().saturating_sub(FEW) + self.further;
        (shown.collect(), more)
    }

    fn count(&self) -> usize {
        self.first.len() + self.further
    }
}

/// A problem that is shown to people.
struct ShownProblem<'a> {
    root: &'a str,
    path: &'a str,
    problem: &'a str,
    message: &'a Message,
    origin: &'a Origin,
}

impl ShownProblem<'_> {
    /// Returns the message, cut if it is long.
    fn message(&self) -> String {
        const MOST: usize = 300;
        let mut text = self.message.to_json().to_string();
        if let Some((end, _)) = text.char_indices().nth(MOST) {
            text.truncate(end);
            text.push('…');
        }
        text
    }

    /// Returns the file and line of the message.
    fn place(&self) -> String {
        format!("{}:{}", self.origin.file, self.origin.line)
    }
}

impl ProgramSupport<'_, '_> {
    /// Returns the verdict in words: ``accepts every request, replies and events differ in 2 places``.
    fn verdict(&self) -> String {
        let (refused, absent) = (self.refused.count(), self.absent.count());
        let mut verdict = if refused == 0 {
            "accepts every request".to_owned()
        } else {
            format!("refuses requests for {}", counted(refused, "reason"))
        };
        if absent > 0 {
            verdict.push_str(", replies and events differ in ");
            verdict.push_str(&counted(absent, "place"));
        }
        verdict
    }

    /// Returns the problems of both kinds, each with the words that introduce one.
    fn problems(&self) -> [(&'static str, &Problems); 2] {
        [("refuses", &self.refused), ("differs in", &self.absent)]
    }

    fn has_problems(&self) -> bool {
        self.refused.count() + self.absent.count() > 0
    }
}
