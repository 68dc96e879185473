//! Breaking requests: in what they say, and in their bytes.

use super::tree::Tree;
use super::values;
use crate::generate::Random;

/// Breaks a rule about requests or arguments, mostly.
pub(super) fn tree(rng: &mut Random, request: &mut Tree) {
    for _ in 0..rng.between(1, 2) {
        let place = pick(rng, request);
        match rng.below(8) {
            0 | 1 => *place = values::any(rng, 2),
            2 => *place = Tree::bare("null"),
            3 => *place = Tree::Text("x".to_owned()),
            _ => members(rng, place),
        }
    }
}

/// Some value in the tree, the whole at times.
fn pick<'t>(rng: &mut Random, tree: &'t mut Tree) -> &'t mut Tree {
    let inside = match tree {
        Tree::List(elements) => elements.len(),
        Tree::Object(members) => members.len(),
        Tree::Bare(_) | Tree::Text(_) => 0,
    };
    if inside == 0 || rng.chance(25) {
        return tree;
    }
    let index = rng.below(inside);
    match tree {
        Tree::List(elements) => pick(rng, &mut elements[index]),
        Tree::Object(members) => pick(rng, &mut members[index].1),
        other => other,
    }
}

/// Changes what members an object has; turns anything else into something else.
fn members(rng: &mut Random, place: &mut Tree) {
    let strange = [
        "exec-oob",
        "control",
        "foo",
        "execute",
        "arguments",
        "id",
        "Id",
        "",
    ];
    let name = (*rng.pick(&strange).expect("there are some")).to_owned();
    match place {
        Tree::Object(members) => match rng.below(4) {
            0 => members.push((name, values::any(rng, 1))),
            1 if !members.is_empty() => {
                let index = rng.below(members.len());
                members.remove(index);
            }
            2 if !members.is_empty() => {
                let index = rng.below(members.len());
                members[index].0 = name;
            }
            _ if !members.is_empty() => {
                let again = members[rng.below(members.len())].clone();
                members.push(again);
            }
            _ => members.push((name, Tree::bare("1"))),
        },
        Tree::Text(text) => match rng.below(3) {
            0 => text.push('x'),
            1 => drop(text.pop()),
            _ => *text = text.to_uppercase(),
        },
        Tree::Bare(text) => {
            let number = [
                "1.0",
                "1e2",
                "9223372036854775808",
                "-1",
                "01",
                "1.",
                "tru",
                "+1",
            ];
            (*rng.pick(&number).expect("there are some")).clone_into(text);
        }
        Tree::List(elements) => elements.push(values::any(rng, 1)),
    }
}

/// Without a slash, so that no path leaves the folder.
const ALPHABET: &[u8] = b"{}[]:,\"'\\ \n\t\r0123456789-+.eEutfnx#%!\xFF\xFF\xFE\x00\x1F\x7F\x80\xBF\xC0\xC3\xA9\xED\xF0\xF8";

/// Puts bytes where they do not belong, and takes some away.
pub(super) fn bytes(rng: &mut Random, text: &mut Vec<u8>) {
    for _ in 0..rng.between(1, 4) {
        if text.is_empty() {
            return;
        }
        let place = rng.below(text.len());
        let byte = *rng.pick(ALPHABET).expect("there are some");
        match rng.below(10) {
            0..4 => text[place] = byte,
            4..7 => text.insert(place, byte),
            7..9 => drop(text.remove(place)),
            _ => text.truncate(place),
        }
    }
}
