//! The keys of the language, with a short description of each.

/// A key and its owners.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    /// The keywords of definitions that have it.
    pub(crate) of: &'static [&'static str],
    pub(crate) text: &'static str,
}

/// Keys of definitions, in the order in which they are usually written.
pub(crate) const OF_DEFINITIONS: &[Key] = &[
    Key {
        name: "enum",
        of: &[],
        text: "Defines an enumeration: strings of which a member has one.",
    },
    Key {
        name: "struct",
        of: &[],
        text: "Defines a struct: an object with members.",
    },
    Key {
        name: "union",
        of: &[],
        text: "Defines a union: an object with common members, one of which selects further ones.",
    },
    Key {
        name: "alternate",
        of: &[],
        text: "Defines an alternate: a value of one of several types, distinguished by its kind in JSON.",
    },
    Key {
        name: "command",
        of: &[],
        text: "Defines a command that a client may send.",
    },
    Key {
        name: "event",
        of: &[],
        text: "Defines an event that the server sends by itself.",
    },
    Key {
        name: "base",
        of: &["struct", "union"],
        text: "The struct whose members come first; of a union also the common members themselves.",
    },
    Key {
        name: "discriminator",
        of: &["union"],
        text: "The common member, an enumeration, whose value selects the branch.",
    },
    Key {
        name: "data",
        of: &["enum", "struct", "union", "alternate", "command", "event"],
        text: "Values, members, branches, alternatives or arguments.",
    },
    Key {
        name: "prefix",
        of: &["enum"],
        text: "The prefix of the enumeration's constants in C.",
    },
    Key {
        name: "returns",
        of: &["command"],
        text: "The type of the reply.",
    },
    Key {
        name: "boxed",
        of: &["command", "event"],
        text: "`true`: the arguments are passed as one value, and may be a union.",
    },
    Key {
        name: "gen",
        of: &["command"],
        text: "`false`: the command is marshalled by hand.",
    },
    Key {
        name: "success-response",
        of: &["command"],
        text: "`false`: success sends no reply.",
    },
    Key {
        name: "allow-oob",
        of: &["command"],
        text: "`true`: the command may be executed out of band.",
    },
    Key {
        name: "allow-preconfig",
        of: &["command"],
        text: "`true`: the command may be executed before the machine is configured.",
    },
    Key {
        name: "coroutine",
        of: &["command"],
        text: "`true`: the handler is a coroutine.",
    },
    Key {
        name: "features",
        of: &["enum", "struct", "union", "alternate", "command", "event"],
        text: "Marks that clients can see; `deprecated` and `unstable` have a meaning of their own.",
    },
    Key {
        name: "if",
        of: &["enum", "struct", "union", "alternate", "command", "event"],
        text: "The condition under which it is built.",
    },
];

/// Keys of members, values, branches, alternatives and features in their long form.
pub(crate) const OF_PARTS: &[Key] = &[
    Key {
        name: "name",
        of: &["value", "feature"],
        text: "The name.",
    },
    Key {
        name: "type",
        of: &["member", "branch", "alternative"],
        text: "The type.",
    },
    Key {
        name: "if",
        of: &["value", "feature", "member", "branch", "alternative"],
        text: "The condition under which it is built.",
    },
    Key {
        name: "features",
        of: &["value", "member"],
        text: "Marks that clients can see.",
    },
];

/// Keys of directives, of conditions and of pragmas.
pub(crate) const OTHERS: &[Key] = &[
    Key {
        name: "include",
        of: &[],
        text: "Reads another file, unless it was read before. The path is relative to the folder of this file.",
    },
    Key {
        name: "pragma",
        of: &[],
        text: "Sets rules for the whole schema.",
    },
    Key {
        name: "all",
        of: &["condition"],
        text: "All of these hold.",
    },
    Key {
        name: "any",
        of: &["condition"],
        text: "At least one of these holds.",
    },
    Key {
        name: "not",
        of: &["condition"],
        text: "This does not hold.",
    },
    Key {
        name: "doc-required",
        of: &["pragma"],
        text: "`true`: every definition must have documentation.",
    },
    Key {
        name: "command-name-exceptions",
        of: &["pragma"],
        text: "Commands whose names may contain `_`.",
    },
    Key {
        name: "command-returns-exceptions",
        of: &["pragma"],
        text: "Commands that may return something other than an object.",
    },
    Key {
        name: "documentation-exceptions",
        of: &["pragma"],
        text: "Definitions whose members need no documentation.",
    },
    Key {
        name: "member-name-exceptions",
        of: &["pragma"],
        text: "Types whose names of members or values may have upper case and `_`.",
    },
];

/// Returns a word about a key.
pub(crate) fn text(name: &str) -> Option<&'static str> {
    let all = OF_DEFINITIONS.iter().chain(OF_PARTS).chain(OTHERS);
    all.clone().find(|key| key.name == name).map(|key| key.text)
}
