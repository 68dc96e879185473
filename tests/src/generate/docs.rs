//! Documentation blocks that the strict dialect accepts (docs/reference/language.md §7).

use std::collections::BTreeSet;

use super::{Body, Definition};
use crate::Random;

const SENTENCES: [&str; 8] = [
    "The number of things that there are.",
    "See @node for more, e.g. QEMU's own.",
    "Nothing is sent twice!  Or is it?",
    "Zero means ``unlimited``.",
    "Größe in Bytes; 0 means none.",
    "Returns: is no tag in the middle of a line, nor is @this:",
    "since 1.5",
    "- a list\n- of two",
];

/// Returns the block of a definition, all members and features described.
pub(super) fn block(rng: &mut Random, definition: &Definition) -> Vec<String> {
    let mut block = Block {
        lines: vec!["##".to_owned(), format!("# @{}:", definition.name)],
    };
    for _ in 0..rng.below(3) {
        block.paragraph(rng);
    }
    let members = described_members(definition);
    if !members.is_empty() {
        block.blank();
    }
    for (index, member) in members.iter().enumerate() {
        if index > 0 && rng.chance(50) {
            block.blank();
        }
        block.tagged(rng, &format!("@{member}:"));
    }
    let features = described_features(definition);
    if !features.is_empty() {
        block.blank();
        block.line("Features:");
        for feature in &features {
            block.blank();
            block.tagged(rng, &format!("@{feature}:"));
        }
    }
    block.sections(rng, definition);
    block.lines.push("##".to_owned());
    block.lines
}

/// Returns a free-form block, or a comment.
pub(super) fn free_form(rng: &mut Random) -> Vec<String> {
    if rng.chance(50) {
        return vec!["# A comment:  nothing but this.".to_owned(), "#".to_owned()];
    }
    let mut block = Block {
        lines: vec!["##".to_owned(), "# = A heading".to_owned()],
    };
    block.paragraph(rng);
    block.lines.push("##".to_owned());
    block.lines
}

/// Names to describe as members.
fn described_members(definition: &Definition) -> Vec<&str> {
    match &definition.body {
        Body::Enum { values, .. } => values.iter().map(|it| it.name.as_str()).collect(),
        Body::Alternate { alternatives } => {
            alternatives.iter().map(|it| it.name.as_str()).collect()
        }
        _ => definition
            .own_members()
            .iter()
            .map(|it| it.name.as_str())
            .collect(),
    }
}

/// Features of the definition and of everything in it, each once.
fn described_features(definition: &Definition) -> BTreeSet<&str> {
    let mut features: Vec<_> = definition.features.iter().collect();
    if let Body::Enum { values, .. } = &definition.body {
        features.extend(values.iter().flat_map(|it| &it.features));
    }
    features.extend(definition.own_members().iter().flat_map(|it| &it.features));
    features.into_iter().map(|it| it.name.as_str()).collect()
}

struct Block {
    lines: Vec<String>,
}

impl Block {
    fn line(&mut self, text: &str) {
        self.lines.push(format!("# {text}"));
    }

    fn blank(&mut self) {
        self.lines.push("#".to_owned());
    }

    fn paragraph(&mut self, rng: &mut Random) {
        self.blank();
        for _ in 0..=rng.below(2) {
            self.sentence(rng, "");
        }
    }

    fn sentence(&mut self, rng: &mut Random, indent: &str) {
        let sentence = rng.pick(&SENTENCES).expect("there are sentences");
        // A tag or member at the start of a paragraph would be one.
        for line in sentence.lines() {
            let quote = if indent.is_empty() && line.starts_with("Returns") {
                "\""
            } else {
                ""
            };
            self.line(&format!("{indent}{quote}{line}"));
        }
    }

    /// A member, feature or section: text after the tag, below it, or both.
    fn tagged(&mut self, rng: &mut Random, tag: &str) {
        let behind = tag.len() < 40 && rng.chance(70);
        self.line(&if behind {
            format!("{tag} some text")
        } else {
            tag.to_owned()
        });
        if behind && rng.chance(50) {
            return;
        }
        let indent = " ".repeat(rng.between(1, 6));
        for _ in 0..=rng.below(2) {
            if rng.chance(30) {
                self.blank();
            }
            self.sentence(rng, &indent);
        }
    }

    fn sections(&mut self, rng: &mut Random, definition: &Definition) {
        let mut tags = vec!["Since:", "TODO:"];
        if let Body::Command { returns, .. } = &definition.body {
            tags.push("Errors:");
            if returns.is_some() {
                tags.push("Returns:");
            }
        }
        rng.shuffle(&mut tags);
        tags.truncate(rng.between(0, tags.len()));
        for tag in tags {
            self.blank();
            self.tagged(rng, tag);
            if rng.chance(30) {
                self.paragraph(rng);
            }
        }
        if rng.chance(20) {
            self.blank();
            self.line(".. qmp-example::");
            self.blank();
            self.line("    -> { \"execute\": \"a-command-whose-line-is-longer-than-any-other-may-be-here\" }");
            self.line("    <- { \"return\": {} }");
        }
    }
}
