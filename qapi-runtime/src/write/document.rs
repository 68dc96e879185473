//! Parsed documents, written again in our own wire form.

use std::fmt;

use super::writer::Writer;
use crate::wire::{Document, Node};

impl Writer {
    /// Writes the value at a node of a document, without recursion.
    pub(crate) fn tape(&mut self, document: &Document, index: u32) {
        write(document, index, self);
    }
}

fn write(document: &Document, index: u32, out: &mut Writer) {
    // Open containers: where each ends, and whether it is an object.
    let mut open: Vec<(u32, bool)> = Vec::new();
    let end = document.after(index);
    let mut at = index;
    let mut first = true;
    while at < end {
        if !first {
            out.raw(b", ");
        }
        first = false;
        if let Some((_, true)) = open.last() {
            out.string(document.string(at));
            out.raw(b": ");
            at += 1;
        }
        match document.node(at) {
            Node::Array { end, .. } => {
                out.raw(b"[");
                open.push((end, false));
                first = true;
            }
            Node::Object { end, .. } => {
                out.raw(b"{");
                open.push((end, true));
                first = true;
            }
            node => scalar(document, node, out),
        }
        at += 1;
        while let Some(&(end, object)) = open.last() {
            if end != at {
                break;
            }
            out.raw(if object { b"}" } else { b"]" });
            open.pop();
            first = false;
        }
    }
}

fn scalar(document: &Document, node: Node, out: &mut Writer) {
    match node {
        Node::Bool(value) => out.boolean(value),
        Node::Integer(value) => out.integer(value),
        Node::Unsigned(value) => out.unsigned(value),
        Node::Number(value) => out.number(value),
        Node::String { start, length, .. } => out.string(document.text(start, length)),
        Node::Null | Node::Array { .. } | Node::Object { .. } => out.null(),
    }
}

/// The value in its wire form.
impl fmt::Debug for Document {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_vacant() {
            return formatter.write_str("(no value)");
        }
        let mut writer = Writer::new();
        writer.tape(self, 0);
        formatter.write_str(&writer.into_string())
    }
}
