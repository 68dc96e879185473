//! Constructs to start with, each with the skeleton of its documentation.

use qapi_parser::era::Era;

/// A construct. Places to fill in are written `${1:text}`; `VERSION` stands for the newest release.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Snippet {
    pub(crate) label: &'static str,
    text: &'static str,
}

impl Snippet {
    pub(crate) fn text(&self) -> String {
        self.text.replace("VERSION", &Era::NEWEST.to_string())
    }
}

/// All constructs of a schema.
pub(crate) const ALL: &[Snippet] = &[
    Snippet {
        label: "command",
        text: "##\n# @${1:verb-noun}:\n#\n# ${2:Does something.}\n#\n# @${3:argument}: ${4:the argument}\n#\n\
               # Since: ${5:VERSION}\n##\n{ 'command': '${1:verb-noun}',\n  'data': { '${3:argument}': '${6:str}' } }\n$0",
    },
    Snippet {
        label: "event",
        text: "##\n# @${1:SOMETHING_HAPPENED}:\n#\n# ${2:Emitted when something happens.}\n#\n# @${3:member}: ${4:the member}\n#\n\
               # Since: ${5:VERSION}\n##\n{ 'event': '${1:SOMETHING_HAPPENED}',\n  'data': { '${3:member}': '${6:str}' } }\n$0",
    },
    Snippet {
        label: "struct",
        text: "##\n# @${1:Name}:\n#\n# ${2:A thing.}\n#\n# @${3:member}: ${4:the member}\n#\n\
               # Since: ${5:VERSION}\n##\n{ 'struct': '${1:Name}',\n  'data': { '${3:member}': '${6:str}' } }\n$0",
    },
    Snippet {
        label: "enum",
        text: "##\n# @${1:Name}:\n#\n# ${2:A choice.}\n#\n# @${3:value}: ${4:the value}\n#\n\
               # Since: ${5:VERSION}\n##\n{ 'enum': '${1:Name}',\n  'data': [ '${3:value}' ] }\n$0",
    },
    Snippet {
        label: "union",
        text: "##\n# @${1:Name}:\n#\n# ${2:A thing of several kinds.}\n#\n# @${3:type}: ${4:the kind}\n#\n\
               # Since: ${5:VERSION}\n##\n{ 'union': '${1:Name}',\n  'base': { '${3:type}': '${6:Kind}' },\n\
               \x20 'discriminator': '${3:type}',\n  'data': { '${7:value}': '${8:Branch}' } }\n$0",
    },
    Snippet {
        label: "alternate",
        text: "##\n# @${1:Name}:\n#\n# ${2:A choice by kind.}\n#\n# @${3:alternative}: ${4:the alternative}\n#\n\
               # Since: ${5:VERSION}\n##\n{ 'alternate': '${1:Name}',\n  'data': { '${3:alternative}': '${6:str}' } }\n$0",
    },
    Snippet {
        label: "include",
        text: "{ 'include': '${1:file.json}' }\n$0",
    },
    Snippet {
        label: "pragma",
        text: "{ 'pragma': { '${1:doc-required}': ${2:true} } }\n$0",
    },
    Snippet {
        label: "section",
        text: "##\n# ${1:*****}\n# ${2:Title}\n# ${1:*****}\n##\n$0",
    },
];

/// Starts of sections and directives in documentation.
pub(crate) const TAGS: &[(&str, &str)] = &[
    ("Returns:", "Returns: ${1:the reply}"),
    ("Errors:", "Errors:\n#     - ${1:if it fails}"),
    (
        "Features:",
        "Features:\n#\n# @${1:deprecated}: ${2:the reason}",
    ),
    ("Since:", "Since: ${1:1.0}"),
    ("TODO:", "TODO: ${1:what is left}"),
    (".. note::", ".. note:: ${1:the note}"),
    (".. caution::", ".. caution:: ${1:the warning}"),
    (
        ".. admonition::",
        ".. admonition:: ${1:Title}\n#\n#     ${2:text}",
    ),
    (
        ".. qmp-example::",
        ".. qmp-example::\n#\n#     -> ${1:{ \"execute\": \"command\" \\}}\n#     <- ${2:{ \"return\": {\\} \\}}",
    ),
    (
        ".. code-block::",
        ".. code-block:: ${1:none}\n#\n#     ${2:text}",
    ),
];
