//! The index that the search uses: a script that sets one variable, because pages from a disk may load nothing else.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use super::site::Site;
use crate::documentation::{Block, Definition, Kind, each_text, summary};

/// Very common words, which are not indexed.
const COMMON: [&str; 40] = [
    "about", "all", "also", "an", "and", "are", "as", "at", "be", "been", "but", "by", "can", "do",
    "for", "from", "has", "have", "if", "in", "is", "it", "its", "may", "no", "not", "of", "on",
    "only", "or", "that", "the", "then", "this", "to", "was", "when", "will", "with", "which",
];

impl Site<'_, '_> {
    /// Returns the search index. The format is described in `site.js`, which reads it.
    pub(super) fn search_index(&self) -> String {
        let mut out = format!("// {}\nwindow.qapiIndex = {{\n\"kinds\": [", self.mark());
        list(&mut out, Kind::ALL.iter().map(|kind| kind.word()));
        out.push_str("],\n\"pages\": [");
        let files: Vec<_> = (0..self.pages().len())
            .map(|page| self.file(page))
            .collect();
        list(&mut out, files.iter().map(String::as_str));
        out.push_str("],\n\"titles\": [");
        list(
            &mut out,
            self.pages().iter().map(|page| page.title.as_str()),
        );
        out.push_str("],\n\"entries\": [");
        let mut words = BTreeMap::new();
        for (number, (page, definition)) in self.documentation.definitions().enumerate() {
            out.push_str(if number == 0 { "\n" } else { ",\n" });
            entry(&mut out, page, definition);
            index(definition, number, &mut words);
        }
        out.push_str("\n],\n\"words\": \"");
        for (position, (word, entries)) in words.iter().enumerate() {
            out.push_str(if position == 0 { "" } else { "," });
            out.push_str(word);
            let mut last = 0;
            for (entry, is_summary) in entries {
                let step = entry - last;
                last = *entry;
                let _ = write!(out, "{}{}", if *is_summary { '!' } else { ' ' }, step);
            }
        }
        out.push_str("\"\n};\n");
        out
    }
}

/// `[name, kind, page, marks, summary, "names of parts"]`
fn entry(out: &mut String, page: usize, definition: &Definition<'_>) {
    let kind = Kind::ALL.iter().position(|kind| *kind == definition.kind);
    let mut marks = String::new();
    for (name, mark) in [("deprecated", "d"), ("unstable", "u")] {
        if definition
            .features
            .iter()
            .any(|feature| feature.name == name)
        {
            marks.push_str(mark);
        }
    }
    let parts: Vec<_> = definition
        .content
        .members
        .iter()
        .map(|part| part.name)
        .collect();
    out.push('[');
    string(out, definition.name);
    let _ = write!(out, ",{},{page},", kind.unwrap_or(0));
    string(out, &marks);
    out.push(',');
    string(out, &summary(&definition.body));
    out.push(',');
    string(out, &parts.join(" "));
    out.push(']');
}

/// Adds the words of a definition: by word, entries in order and whether the word is in the introduction.
fn index(
    definition: &Definition<'_>,
    number: usize,
    words: &mut BTreeMap<String, Vec<(usize, bool)>>,
) {
    let mut add = |text: &str, is_summary: bool| {
        for word in text.split(|c: char| !c.is_alphanumeric()) {
            let is_long = word.chars().nth(1).is_some();
            if !is_long || word.len() > 40 {
                continue;
            }
            let word = word.to_lowercase();
            if COMMON.contains(&word.as_str()) {
                continue;
            }
            let entries = words.entry(word).or_default();
            match entries.last_mut() {
                Some((last, in_summary)) if *last == number => *in_summary |= is_summary,
                _ => entries.push((number, is_summary)),
            }
        }
    };
    each_text(&definition.body, &mut |text| add(text, true));
    let parts = definition.content.members.iter().map(|part| &part.text);
    let features = definition.feature_texts.iter().map(|(_, text)| text);
    let reply = definition.reply.iter().map(|reply| &reply.text);
    let rest: [&Vec<Block>; 3] = [
        &definition.remarks,
        &definition.errors,
        &definition.examples,
    ];
    for blocks in parts.chain(features).chain(reply).chain(rest) {
        each_text(blocks, &mut |text| add(text, false));
    }
}

fn list<'a>(out: &mut String, texts: impl Iterator<Item = &'a str>) {
    for (index, text) in texts.enumerate() {
        out.push_str(if index == 0 { "" } else { "," });
        string(out, text);
    }
}

/// Writes a JavaScript string that no HTML element can end early.
fn string(out: &mut String, text: &str) {
    let json = Value::from(text).to_string();
    for c in json.chars() {
        match c {
            '<' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
}
