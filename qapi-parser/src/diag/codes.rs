//! The table of diagnostic codes: the names of docs/reference/language.md, and their titles.

use std::fmt;

/// The code of a diagnostic, such as `LEX-STRAY`. Each is an associated constant below.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(&'static str);

impl Code {
    /// Returns the code as text.
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

macro_rules! codes {
    ($($constant:ident = $text:literal: $title:literal;)*) => {
        impl Code {
            $(#[doc = $title] pub const $constant: Self = Self($text);)*

            /// Every code with its one-line title, in the order of docs/reference/language.md.
            pub const ALL: &'static [(Self, &'static str)] = &[$((Self($text), $title),)*];
        }
    };
}

codes! {
    FILE_READ = "FILE-READ": "the schema file cannot be read";

    LEX_STRAY = "LEX-STRAY": "a character that starts no token";
    LEX_STR_EOL = "LEX-STR-EOL": "a string is not closed on its line";
    LEX_ESCAPE = "LEX-ESCAPE": "a backslash in a string is not doubled";
    LEX_STR_CHAR = "LEX-STR-CHAR": "a character in a string is not printable ASCII";

    SYN_EXPR = "SYN-EXPR": "a value is missing";
    SYN_ELEM = "SYN-ELEM": "an array starts with something that is not a value";
    SYN_KEY_OR_CLOSE = "SYN-KEY-OR-CLOSE": "an object starts with something that is not a key";
    SYN_KEY = "SYN-KEY": "a comma in an object is not followed by a key";
    SYN_COLON = "SYN-COLON": "a key is not followed by a colon";
    SYN_OBJ_SEP = "SYN-OBJ-SEP": "a member of an object is followed by neither a comma nor `}`";
    SYN_ARR_SEP = "SYN-ARR-SEP": "an element of an array is followed by neither a comma nor `]`";
    SYN_DUP_KEY = "SYN-DUP-KEY": "a key appears twice in one object";

    TOP_NOT_OBJECT = "TOP-NOT-OBJECT": "something at top level is not an object";

    INC_EXTRA = "INC-EXTRA": "an include directive has further keys";
    INC_TYPE = "INC-TYPE": "the value of an include directive is not a string";
    INC_LOOP = "INC-LOOP": "a file includes itself, directly or through others";
    INC_READ = "INC-READ": "an included file cannot be read";

    PRAGMA_EXTRA = "PRAGMA-EXTRA": "a pragma directive has further keys";
    PRAGMA_TYPE = "PRAGMA-TYPE": "the value of a pragma directive is not an object";
    PRAGMA_UNKNOWN = "PRAGMA-UNKNOWN": "a pragma is unknown";
    PRAGMA_BOOL = "PRAGMA-BOOL": "a pragma needs a boolean";
    PRAGMA_LIST = "PRAGMA-LIST": "a pragma needs an array of strings";

    META_ONE = "META-ONE": "a definition has no meta-type key, or several";
    META_NAME = "META-NAME": "the name of a definition is not a string";
    KEY_MISSING = "KEY-MISSING": "a required key is missing";
    KEY_UNKNOWN = "KEY-UNKNOWN": "a key is unknown";

    NAME_INVALID = "NAME-INVALID": "a name is not well-formed";
    NAME_LOWER = "NAME-LOWER": "a name has an upper-case letter or an underscore";
    NAME_EVENT_CASE = "NAME-EVENT-CASE": "the name of an event has a lower-case letter or a hyphen";
    NAME_CAMEL = "NAME-CAMEL": "the name of a type is not in CamelCase";
    NAME_LIST_SUFFIX = "NAME-LIST-SUFFIX": "the name of a type ends in `List`";
    NAME_RESERVED = "NAME-RESERVED": "the name of a member is reserved";
    NAME_NOT_STRING = "NAME-NOT-STRING": "a name is not a string";

    ENUM_DATA = "ENUM-DATA": "the `data` of an enum is not an array";
    ENUM_PREFIX = "ENUM-PREFIX": "the prefix of an enum is not a string";
    DATA_OBJECT = "DATA-OBJECT": "the `data` of a union or alternate is not an object";
    ALT_EMPTY = "ALT-EMPTY": "an alternate has no alternatives";
    BOXED_DATA = "BOXED-DATA": "boxed arguments without data";

    TYPE_NAME = "TYPE-NAME": "only the name of a type is allowed here";
    TYPE_NAME_OR_ARRAY = "TYPE-NAME-OR-ARRAY": "only a type name or an array type is allowed here";
    TYPE_ARRAY_ONE = "TYPE-ARRAY-ONE": "an array type does not hold exactly one type name";
    TYPE_OBJ_OR_NAME = "TYPE-OBJ-OR-NAME": "only an object of members or a type name is allowed here";

    FLAG_FALSE = "FLAG-FALSE": "a flag has a value other than `false`";
    FLAG_TRUE = "FLAG-TRUE": "a flag has a value other than `true`";
    FLAG_OOB_CORO = "FLAG-OOB-CORO": "a command is both out-of-band and a coroutine";

    COND_IDENT = "COND-IDENT": "a condition is not an upper-case identifier";
    COND_TYPE = "COND-TYPE": "a condition is neither a string nor an object";
    COND_ONE_KEY = "COND-ONE-KEY": "a condition object does not have exactly one key";
    COND_LIST = "COND-LIST": "the operands of a condition are not an array";
    COND_EMPTY = "COND-EMPTY": "a condition has no operands";

    FEAT_LIST = "FEAT-LIST": "features are not an array";
    FEAT_SPECIAL_TYPE = "FEAT-SPECIAL-TYPE": "a type has a feature that is not allowed for types";
    FEAT_LIMIT = "FEAT-LIMIT": "the schema has too many different features";

    DEF_DUP = "DEF-DUP": "a name is defined twice";
    DEF_DUP_PREDEF = "DEF-DUP-PREDEF": "a predefined name is defined again";
    REF_UNKNOWN = "REF-UNKNOWN": "a type is unknown";
    BASE_KIND = "BASE-KIND": "a base is not a struct";
    OBJ_CYCLE = "OBJ-CYCLE": "an object type contains itself";
    CLASH = "CLASH": "two names clash";

    TAG_MISSING = "TAG-MISSING": "the discriminator is not a member of the base";
    TAG_ENUM = "TAG-ENUM": "the discriminator is not an enumeration";
    TAG_OPTIONAL = "TAG-OPTIONAL": "the discriminator is optional";
    TAG_COND = "TAG-COND": "the discriminator is conditional";
    UNION_EMPTY = "UNION-EMPTY": "a union has no branches";
    BRANCH_VALUE = "BRANCH-VALUE": "a branch is not a value of the discriminator's enumeration";
    BRANCH_TYPE = "BRANCH-TYPE": "a branch or alternative has a type that is not allowed";

    ARG_KIND = "ARG-KIND": "arguments are not an object type";
    ARG_UNBOXED_UNION = "ARG-UNBOXED-UNION": "unboxed arguments are a union";
    ARG_UNBOXED_COND = "ARG-UNBOXED-COND": "unboxed arguments have a conditional member";
    RET_KIND = "RET-KIND": "a command returns something other than objects";
    ALT_AMBIG = "ALT-AMBIG": "two alternatives cannot be told apart";

    DOC_START_JUNK = "DOC-START-JUNK": "text after the `##` that opens a documentation block";
    DOC_END_JUNK = "DOC-END-JUNK": "text after the `##` that closes a documentation block";
    DOC_UNTERMINATED = "DOC-UNTERMINATED": "a documentation block is not closed";
    DOC_NO_SPACE = "DOC-NO-SPACE": "no space after the `#` of a documentation line";
    DOC_LONG = "DOC-LONG": "a documentation line is longer than 70 columns";
    DOC_SPACING = "DOC-SPACING": "a single space between sentences";
    DOC_HDR_COLON = "DOC-HDR-COLON": "the header of a documentation block does not end in a colon";
    DOC_HDR_NAME = "DOC-HDR-NAME": "the header of a documentation block has no name";
    DOC_FREE_AT = "DOC-FREE-AT": "a free-form block describes a member";
    DOC_DEINDENT = "DOC-DEINDENT": "a line of a section is indented less than its first one";
    DOC_ARG_LATE = "DOC-ARG-LATE": "a member is described apart from the others";
    DOC_DUP_FEATURES = "DOC-DUP-FEATURES": "a block lists features twice";
    DOC_NO_FEATURES = "DOC-NO-FEATURES": "a list of features is empty";
    DOC_OLD_TAG = "DOC-OLD-TAG": "a section tag that is no longer used";
    DOC_ARG_NAME = "DOC-ARG-NAME": "a description has no name";
    DOC_DUP_ARG = "DOC-DUP-ARG": "a member or feature is described twice";
    DOC_DUP_SECTION = "DOC-DUP-SECTION": "a section appears twice in one block";
    DOC_EMPTY_TEXT = "DOC-EMPTY-TEXT": "a section has no text";
    DOC_ORPHAN = "DOC-ORPHAN": "a documentation block is not followed by its definition";
    DOC_NOT_DEF = "DOC-NOT-DEF": "a free-form block stands right before a definition";
    DOC_RETURNS_NONE = "DOC-RETURNS-NONE": "a return value is described that does not exist";
    DOC_SECTION_KIND = "DOC-SECTION-KIND": "a section that only commands can have";
    DOC_BOGUS = "DOC-BOGUS": "a member or feature is described that does not exist";
    DOC_SYMBOL = "DOC-SYMBOL": "documentation names another definition";
    DOC_REQUIRED = "DOC-REQUIRED": "a definition has no documentation";
    DOC_MEMBER_MISSING = "DOC-MEMBER-MISSING": "a member is not described";
    DOC_FEATURE_MISSING = "DOC-FEATURE-MISSING": "a feature is not described";

    LIMIT_DEPTH = "LIMIT-DEPTH": "brackets are nested too deeply";
    LIMIT_SIZE = "LIMIT-SIZE": "a schema file is too large";
    LIMIT_INCLUDES = "LIMIT-INCLUDES": "too many included files, or included too deeply";
    LIMIT_REPORTS = "LIMIT-REPORTS": "a schema file has too many problems to list them all";
    LIMIT_REPEATS = "LIMIT-REPEATS": "definitions take over too many members from others";

    ERA_LATER = "ERA-LATER": "a form that is newer than the chosen dialect";

    OLD_ERA = "OLD-ERA": "the schema is read in the dialect of an older release";
    OLD_STRUCT_TYPE = "OLD-STRUCT-TYPE": "`type` as the keyword of a struct (until QEMU 2.3)";
    OLD_COMMA_MISSING = "OLD-COMMA-MISSING": "a comma is missing (until QEMU 1.5)";
    OLD_COMMA_TRAILING = "OLD-COMMA-TRAILING": "a trailing comma (until QEMU 1.5)";
    OLD_DUP_KEY = "OLD-DUP-KEY": "a key appears twice in one object (until QEMU 1.7)";
    OLD_UNKNOWN_KEY = "OLD-UNKNOWN-KEY": "a key is unknown (ignored until QEMU 2.3)";
    OLD_FLAG_NO = "OLD-FLAG-NO": "a flag is written as the string `no` (until QEMU 2.3)";
    OLD_ANYTHING = "OLD-ANYTHING": "the pseudo-type `**` (until QEMU 2.4)";
    OLD_INLINE_STRUCT = "OLD-INLINE-STRUCT": "a struct written in place of a type name (until QEMU 2.3)";
    OLD_SIMPLE_UNION = "OLD-SIMPLE-UNION": "a union without discriminator (until QEMU 6.1)";
    OLD_UNION_BASE = "OLD-UNION-BASE": "a union with a base but without discriminator (until QEMU 2.3)";
    OLD_STRING_TAG = "OLD-STRING-TAG": "a discriminator that is a string (until QEMU 1.7)";
    OLD_ANON_UNION = "OLD-ANON-UNION": "an alternate written as an anonymous union (until QEMU 2.3)";
    OLD_KIND_ENUM = "OLD-KIND-ENUM": "the enumeration that a union implied (until QEMU 6.1)";
    OLD_ARG_UNION = "OLD-ARG-UNION": "unboxed arguments are a union (QEMU 2.4)";
    OLD_RETURN_TYPE = "OLD-RETURN-TYPE": "a command returns something other than objects (until QEMU 2.3)";
    OLD_RETURN_INLINE = "OLD-RETURN-INLINE": "a return type written in place (until QEMU 2.3)";
    OLD_NULL = "OLD-NULL": "a value is `null` (QEMU 2.4 to 4.1)";
    OLD_ESCAPE = "OLD-ESCAPE": "an escape in a string (until QEMU 4.1)";
    OLD_STRING_CHAR = "OLD-STRING-CHAR": "a character in a string is not printable ASCII (until QEMU 4.1)";
    OLD_NAME = "OLD-NAME": "a name that today's naming rules reject";
    OLD_REF_UNKNOWN = "OLD-REF-UNKNOWN": "a type is unknown (unchecked until QEMU 2.3)";
    OLD_DEF_DUP = "OLD-DEF-DUP": "a name is defined twice (unchecked until QEMU 2.3)";
    OLD_MEMBER_CLASH = "OLD-MEMBER-CLASH": "two names clash (unchecked until QEMU 2.3)";
    OLD_BRANCH_VALUE = "OLD-BRANCH-VALUE": "a branch is not a value of the discriminator's enumeration (unchecked until QEMU 1.7)";
    OLD_CONDITION = "OLD-CONDITION": "a condition in the form of QEMU 3.0 to 6.1";
    OLD_PRAGMA = "OLD-PRAGMA": "a pragma under its name of QEMU 2.9 to 5.2";

    OLD_DOC_START = "OLD-DOC-START": "a documentation block without the opening `##`";
    OLD_DOC_END = "OLD-DOC-END": "a documentation block closed by something like `# ##`";
    OLD_DOC_UNNAMED = "OLD-DOC-UNNAMED": "documentation of a definition without a header";
    OLD_DOC_INSIDE = "OLD-DOC-INSIDE": "a `##` comment inside an expression";
    OLD_DOC_START_JUNK = "OLD-DOC-START-JUNK": "a comment outside of documentation starts with `##`";
    OLD_DOC_END_JUNK = "OLD-DOC-END-JUNK": "a documentation line starts with `##`";
    OLD_DOC_UNTERMINATED = "OLD-DOC-UNTERMINATED": "a documentation block is not closed";
    OLD_DOC_NO_SPACE = "OLD-DOC-NO-SPACE": "no space after the `#` of a documentation line";
    OLD_DOC_HDR_COLON = "OLD-DOC-HDR-COLON": "the header of a documentation block does not end in a colon";
    OLD_DOC_HDR_NAME = "OLD-DOC-HDR-NAME": "the header of a documentation block has no name";
    OLD_DOC_FREE_AT = "OLD-DOC-FREE-AT": "a free-form block describes a member";
    OLD_DOC_DEINDENT = "OLD-DOC-DEINDENT": "a line of a section is indented less than its first one";
    OLD_DOC_ARG_LATE = "OLD-DOC-ARG-LATE": "a member is described apart from the others";
    OLD_DOC_DUP_FEATURES = "OLD-DOC-DUP-FEATURES": "a block lists features twice";
    OLD_DOC_NO_FEATURES = "OLD-DOC-NO-FEATURES": "a list of features is empty";
    OLD_DOC_TAG = "OLD-DOC-TAG": "a `Note:` or `Example:` section (until QEMU 9)";
    OLD_DOC_ARG_NAME = "OLD-DOC-ARG-NAME": "a description has no name";
    OLD_DOC_DUP_ARG = "OLD-DOC-DUP-ARG": "a member or feature is described twice";
    OLD_DOC_DUP_SECTION = "OLD-DOC-DUP-SECTION": "a section appears twice in one block";
    OLD_DOC_EMPTY_TEXT = "OLD-DOC-EMPTY-TEXT": "a section has no text";
    OLD_DOC_ORPHAN = "OLD-DOC-ORPHAN": "a documentation block is not followed by its definition";
    OLD_DOC_RETURNS_NONE = "OLD-DOC-RETURNS-NONE": "a return value is described that does not exist";
    OLD_DOC_SECTION_KIND = "OLD-DOC-SECTION-KIND": "a section that only commands can have";
    OLD_DOC_BOGUS = "OLD-DOC-BOGUS": "a member or feature is described that does not exist";
    OLD_DOC_SYMBOL = "OLD-DOC-SYMBOL": "documentation names another definition";
    OLD_DOC_MEMBER_MISSING = "OLD-DOC-MEMBER-MISSING": "a member is not described";
    OLD_DOC_FEATURE_MISSING = "OLD-DOC-FEATURE-MISSING": "a feature is not described";

LINT_SINCE = "LINT-SINCE": "the documentation of a definition has no section `Since:`";
    LINT_SINCE_FORM = "LINT-SINCE-FORM": "a `Since:` that is not a section, or does not name a release";
    LINT_SINCE_NEWER = "LINT-SINCE-NEWER": "a definition is older than its `Since:` says";
    LINT_UNUSED = "LINT-UNUSED": "a type is used by no command or event";
    LINT_X_STABLE = "LINT-X-STABLE": "a name begins with `x-` without the feature `unstable`";
    LINT_X_MISSING = "LINT-X-MISSING": "something unstable has a name without `x-`";
    LINT_FEATURE = "LINT-FEATURE": "the name of a feature may be misspelled";
    LINT_REPEATS = "LINT-REPEATS": "a member or value repeats the name of its type";
    LINT_REPLACEMENT = "LINT-REPLACEMENT": "something is deprecated, and no replacement is named";
    LINT_ERRORS = "LINT-ERRORS": "the documentation of a command does not describe its errors";
    LINT_EXAMPLE = "LINT-EXAMPLE": "an example does not fit the schema";

    GEN_NAME_CLASH = "GEN-NAME-CLASH": "two names of the schema are the same in Rust";
    GEN_SELECTOR = "GEN-SELECTOR": "a setting names something that is not in the schema";
    GEN_RUST = "GEN-RUST": "the value of a setting is not valid Rust";
    GEN_REVISIONS = "GEN-REVISIONS": "revisions of a schema differ in a way that one client cannot bridge";
    GEN_PREDICATE = "GEN-PREDICATE": "the value of a setting is not a valid `cfg` predicate";
    GEN_FORMATTER = "GEN-FORMATTER": "the output cannot be formatted by rustfmt";
    GEN_INTERNAL = "GEN-INTERNAL": "the generator produced invalid Rust";
}
