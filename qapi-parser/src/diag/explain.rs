//! A page per diagnostic code: its meaning, the reason for the rule, wrong and right examples.
//!
//! The pages are Markdown. Examples are fenced as `qapi wrong` and `qapi right`; a test checks them: a wrong one must
//! give the code of its page first (in the strict dialect, except for the codes of old forms), a right one must be
//! accepted in the strict dialect. In an example with several files, a line `# file: NAME` starts each of them, the
//! main file first.

use super::Code;

/// Returns the page of a code.
pub fn explain(code: Code) -> &'static str {
    PAGES
        .iter()
        .find(|(name, _)| *name == code.as_str())
        .map_or("", |(_, page)| page)
}

macro_rules! pages {
    ($($name:literal)*) => {
        &[$(($name, include_str!(concat!("explain/", $name, ".md"))),)*]
    };
}

/// Every code with its page, in the order of [`Code::ALL`].
const PAGES: &[(&str, &str)] = pages! {
    "FILE-READ"
    "LEX-STRAY"
    "LEX-STR-EOL"
    "LEX-ESCAPE"
    "LEX-STR-CHAR"
    "SYN-EXPR"
    "SYN-ELEM"
    "SYN-KEY-OR-CLOSE"
    "SYN-KEY"
    "SYN-COLON"
    "SYN-OBJ-SEP"
    "SYN-ARR-SEP"
    "SYN-DUP-KEY"
    "TOP-NOT-OBJECT"
    "INC-EXTRA"
    "INC-TYPE"
    "INC-LOOP"
    "INC-READ"
    "PRAGMA-EXTRA"
    "PRAGMA-TYPE"
    "PRAGMA-UNKNOWN"
    "PRAGMA-BOOL"
    "PRAGMA-LIST"
    "META-ONE"
    "META-NAME"
    "KEY-MISSING"
    "KEY-UNKNOWN"
    "NAME-INVALID"
    "NAME-LOWER"
    "NAME-EVENT-CASE"
    "NAME-CAMEL"
    "NAME-LIST-SUFFIX"
    "NAME-RESERVED"
    "NAME-NOT-STRING"
    "ENUM-DATA"
    "ENUM-PREFIX"
    "DATA-OBJECT"
    "ALT-EMPTY"
    "BOXED-DATA"
    "TYPE-NAME"
    "TYPE-NAME-OR-ARRAY"
    "TYPE-ARRAY-ONE"
    "TYPE-OBJ-OR-NAME"
    "FLAG-FALSE"
    "FLAG-TRUE"
    "FLAG-OOB-CORO"
    "COND-IDENT"
    "COND-TYPE"
    "COND-ONE-KEY"
    "COND-LIST"
    "COND-EMPTY"
    "FEAT-LIST"
    "FEAT-SPECIAL-TYPE"
    "FEAT-LIMIT"
    "DEF-DUP"
    "DEF-DUP-PREDEF"
    "REF-UNKNOWN"
    "BASE-KIND"
    "OBJ-CYCLE"
    "CLASH"
    "TAG-MISSING"
    "TAG-ENUM"
    "TAG-OPTIONAL"
    "TAG-COND"
    "UNION-EMPTY"
    "BRANCH-VALUE"
    "BRANCH-TYPE"
    "ARG-KIND"
    "ARG-UNBOXED-UNION"
    "ARG-UNBOXED-COND"
    "RET-KIND"
    "ALT-AMBIG"
    "DOC-START-JUNK"
    "DOC-END-JUNK"
    "DOC-UNTERMINATED"
    "DOC-NO-SPACE"
    "DOC-LONG"
    "DOC-SPACING"
    "DOC-HDR-COLON"
    "DOC-HDR-NAME"
    "DOC-FREE-AT"
    "DOC-DEINDENT"
    "DOC-ARG-LATE"
    "DOC-DUP-FEATURES"
    "DOC-NO-FEATURES"
    "DOC-OLD-TAG"
    "DOC-ARG-NAME"
    "DOC-DUP-ARG"
    "DOC-DUP-SECTION"
    "DOC-EMPTY-TEXT"
    "DOC-ORPHAN"
    "DOC-NOT-DEF"
    "DOC-RETURNS-NONE"
    "DOC-SECTION-KIND"
    "DOC-BOGUS"
    "DOC-SYMBOL"
    "DOC-REQUIRED"
    "DOC-MEMBER-MISSING"
    "DOC-FEATURE-MISSING"
    "LIMIT-DEPTH"
    "LIMIT-SIZE"
    "LIMIT-INCLUDES"
    "LIMIT-REPORTS"
    "LIMIT-REPEATS"
    "ERA-LATER"
    "OLD-ERA"
    "OLD-STRUCT-TYPE"
    "OLD-COMMA-MISSING"
    "OLD-COMMA-TRAILING"
    "OLD-DUP-KEY"
    "OLD-UNKNOWN-KEY"
    "OLD-FLAG-NO"
    "OLD-ANYTHING"
    "OLD-INLINE-STRUCT"
    "OLD-SIMPLE-UNION"
    "OLD-UNION-BASE"
    "OLD-STRING-TAG"
    "OLD-ANON-UNION"
    "OLD-KIND-ENUM"
    "OLD-ARG-UNION"
    "OLD-RETURN-TYPE"
    "OLD-RETURN-INLINE"
    "OLD-NULL"
    "OLD-ESCAPE"
    "OLD-STRING-CHAR"
    "OLD-NAME"
    "OLD-REF-UNKNOWN"
    "OLD-DEF-DUP"
    "OLD-MEMBER-CLASH"
    "OLD-BRANCH-VALUE"
    "OLD-CONDITION"
    "OLD-PRAGMA"
    "OLD-DOC-START"
    "OLD-DOC-END"
    "OLD-DOC-UNNAMED"
    "OLD-DOC-INSIDE"
    "OLD-DOC-START-JUNK"
    "OLD-DOC-END-JUNK"
    "OLD-DOC-UNTERMINATED"
    "OLD-DOC-NO-SPACE"
    "OLD-DOC-HDR-COLON"
    "OLD-DOC-HDR-NAME"
    "OLD-DOC-FREE-AT"
    "OLD-DOC-DEINDENT"
    "OLD-DOC-ARG-LATE"
    "OLD-DOC-DUP-FEATURES"
    "OLD-DOC-NO-FEATURES"
    "OLD-DOC-TAG"
    "OLD-DOC-ARG-NAME"
    "OLD-DOC-DUP-ARG"
    "OLD-DOC-DUP-SECTION"
    "OLD-DOC-EMPTY-TEXT"
    "OLD-DOC-ORPHAN"
    "OLD-DOC-RETURNS-NONE"
    "OLD-DOC-SECTION-KIND"
    "OLD-DOC-BOGUS"
    "OLD-DOC-SYMBOL"
    "OLD-DOC-MEMBER-MISSING"
    "OLD-DOC-FEATURE-MISSING"
    "LINT-SINCE"
    "LINT-SINCE-FORM"
    "LINT-SINCE-NEWER"
    "LINT-UNUSED"
    "LINT-X-STABLE"
    "LINT-X-MISSING"
    "LINT-FEATURE"
    "LINT-REPEATS"
    "LINT-REPLACEMENT"
    "LINT-ERRORS"
    "LINT-EXAMPLE"
    "GEN-NAME-CLASH"
    "GEN-SELECTOR"
    "GEN-RUST"
    "GEN-REVISIONS"
    "GEN-PREDICATE"
    "GEN-FORMATTER"
    "GEN-INTERNAL"
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_page_and_every_page_a_code() {
        let codes: Vec<&str> = Code::ALL.iter().map(|(code, _)| code.as_str()).collect();
        let pages: Vec<&str> = PAGES.iter().map(|(name, _)| *name).collect();
        assert_eq!(codes, pages);
    }

    #[test]
    fn every_file_is_a_page() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/diag/explain");
        for entry in std::fs::read_dir(folder).expect("the folder of the pages is there") {
            let name = entry.expect("the folder can be read").file_name();
            let name = name.to_string_lossy();
            let code = name.strip_suffix(".md").expect("pages are Markdown");
            assert!(
                PAGES.iter().any(|(page, _)| *page == code),
                "{name} is no page"
            );
        }
    }

    #[test]
    fn pages_fit_into_a_terminal() {
        for (name, page) in PAGES {
            assert!(page.ends_with('\n') && !page.ends_with("\n\n"), "{name}");
            for line in page.lines().filter(|line| !line.starts_with('|')) {
                assert!(line.chars().count() <= 80, "{name}: {line}");
            }
        }
    }
}
