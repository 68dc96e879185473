//! The table of old forms that the newest release rejects: the releases that accepted each, and why.
//!
//! Sources are docs/reference/language.md §10 and §11, and the compilers of 7.2, 10.0 and 10.2. A form is
//! reported as a warning by its own code where the release accepts it, and by the code of today's
//! error elsewhere.

use crate::diag::Code;
use crate::era::{Era, Eras};

/// A form that earlier releases accepted and the newest rejects.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct OldForm {
    /// The code of the warning.
    pub old: Code,
    /// The code of the error in the newest release.
    pub today: Code,
    /// The releases that accepted it. A finding may name others: see [`Diagnostic::eras`](crate::diag::Diagnostic::eras).
    pub eras: Eras,
    /// The reason why it was accepted, and the change that ended that.
    pub reason: &'static str,
    /// Comments had no syntax in these releases, so the form alone does not make a schema that old.
    pub(crate) unread_comment: bool,
}

macro_rules! era {
    ([$major:literal $minor:literal]) => {
        Era::new($major, $minor)
    };
}

impl OldForm {
    /// Returns whether it is a matter of comments.
    pub(crate) fn is_comment(&self) -> bool {
        self.old.as_str().starts_with("OLD-DOC-")
    }
}

macro_rules! forms {
    ($($old:ident $([$unread:ident])? => $today:ident, $since:tt to $until:tt: $reason:literal;)*) => {
        /// Every old form, in the order of the codes.
        pub const OLD_FORMS: &[OldForm] = &[$(OldForm {
            old: Code::$old,
            today: Code::$today,
            eras: Eras::new(era!($since), era!($until)),
            reason: $reason,
            unread_comment: forms!(@ $($unread)?),
        },)*];
    };
    (@ unread) => { true };
    (@) => { false };
}

forms! {
    OLD_STRUCT_TYPE => META_ONE, [1 1] to [2 3]: "`struct` became the keyword in 2.4";
    OLD_COMMA_MISSING => SYN_OBJ_SEP, [1 1] to [1 5]: "one comma was skipped if there was one; 1.6 has a real parser";
    OLD_COMMA_TRAILING => SYN_KEY, [1 1] to [1 5]: "one comma was skipped if there was one; 1.6 has a real parser";
    OLD_DUP_KEY => SYN_DUP_KEY, [1 1] to [1 7]: "the last value won; checked since 2.0";
    OLD_UNKNOWN_KEY => KEY_UNKNOWN, [1 1] to [2 3]: "keys were not checked before 2.4";
    OLD_FLAG_NO => FLAG_FALSE, [1 1] to [2 3]: "there were no booleans before 2.4";
    OLD_ANYTHING => REF_UNKNOWN, [1 2] to [2 4]: "`any` took its place in 2.5";
    OLD_INLINE_STRUCT => KEY_MISSING, [1 1] to [2 3]: "types were not checked before 2.4";
    OLD_SIMPLE_UNION => KEY_MISSING, [1 1] to [6 1]: "every union without a discriminator was one; removed in 6.2";
    OLD_UNION_BASE => KEY_MISSING, [1 6] to [2 3]: "a base needs a discriminator since 2.4";
    OLD_STRING_TAG => TAG_ENUM, [1 6] to [1 7]: "the discriminator is an enumeration since 2.0";
    OLD_ANON_UNION => KEY_MISSING, [1 6] to [2 3]: "`alternate` took its place in 2.4";
    OLD_KIND_ENUM => REF_UNKNOWN, [1 1] to [6 1]: "went with simple unions in 6.2";
    OLD_ARG_UNION => ARG_UNBOXED_UNION, [1 6] to [2 4]: "checked since 2.5; `boxed` allows it since 2.7";
    OLD_RETURN_TYPE => RET_KIND, [1 1] to [2 3]: "free until 2.3, then for a list of names in the compiler, since 2.9 by pragma";
    OLD_RETURN_INLINE => TYPE_NAME_OR_ARRAY, [1 1] to [2 3]: "parsed, though never generated; types are checked since 2.4";
    OLD_NULL => LEX_STRAY, [2 4] to [4 1]: "a word of the lexer, removed in 4.2";
    OLD_ESCAPE => LEX_ESCAPE, [1 2] to [4 1]: "only the doubled backslash was kept in 4.2";
    OLD_STRING_CHAR => LEX_STR_CHAR, [1 1] to [4 1]: "printable ASCII only since 4.2";
    OLD_NAME => NAME_LOWER, [1 1] to [5 2]: "the full rules came with 6.0";
    OLD_REF_UNKNOWN => REF_UNKNOWN, [1 1] to [2 3]: "references were not checked before 2.4";
    OLD_DEF_DUP => DEF_DUP, [1 1] to [2 3]: "redefinitions were not checked before 2.4";
    OLD_MEMBER_CLASH => CLASH, [1 1] to [2 3]: "clashes were not checked before 2.4";
    OLD_BRANCH_VALUE => BRANCH_VALUE, [1 1] to [1 7]: "branches were not checked before 2.0";
    OLD_CONDITION => COND_IDENT, [3 0] to [6 1]: "C expressions and lists; identifiers with `all`, `any`, `not` since 6.2";
    OLD_PRAGMA => PRAGMA_UNKNOWN, [2 9] to [5 2]: "renamed in 6.0";
    ARG_UNBOXED_COND => ARG_UNBOXED_COND, [4 0] to [7 2]: "accepted by 7.2, rejected by 10.0";
    FEAT_LIMIT => FEAT_LIMIT, [4 1] to [9 2]: "accepted by 7.2, rejected by 10.0";

    OLD_DOC_START [unread] => DOC_UNTERMINATED, [1 1] to [2 8]: "comments had no syntax before 2.9";
    OLD_DOC_END [unread] => DOC_UNTERMINATED, [1 1] to [2 8]: "comments had no syntax before 2.9";
    OLD_DOC_UNNAMED [unread] => DOC_NOT_DEF, [1 1] to [2 8]: "comments had no syntax before 2.9";
    OLD_DOC_INSIDE [unread] => SYN_KEY_OR_CLOSE, [1 1] to [2 8]: "comments had no syntax before 2.9";
    OLD_DOC_START_JUNK [unread] => DOC_START_JUNK, [1 1] to [2 8]: "comments had no syntax before 2.9";
    OLD_DOC_END_JUNK [unread] => DOC_END_JUNK, [1 1] to [2 8]: "comments had no syntax before 2.9";
    OLD_DOC_UNTERMINATED [unread] => DOC_UNTERMINATED, [1 1] to [2 8]: "comments had no syntax before 2.9";
    OLD_DOC_NO_SPACE [unread] => DOC_NO_SPACE, [1 1] to [2 8]: "comments had no syntax before 2.9";
    OLD_DOC_HDR_COLON [unread] => DOC_HDR_COLON, [1 1] to [2 8]: "comments had no syntax before 2.9";
    OLD_DOC_HDR_NAME [unread] => DOC_HDR_NAME, [1 1] to [2 8]: "comments had no syntax before 2.9";
    OLD_DOC_FREE_AT [unread] => DOC_FREE_AT, [1 1] to [2 8]: "comments had no syntax before 2.9";
    OLD_DOC_DEINDENT [unread] => DOC_DEINDENT, [1 1] to [5 1]: "indentation has a meaning since 5.2";
    OLD_DOC_ARG_LATE [unread] => DOC_ARG_LATE, [1 1] to [2 8]: "comments had no syntax before 2.9";
    OLD_DOC_DUP_FEATURES [unread] => DOC_DUP_FEATURES, [1 1] to [2 8]: "comments had no syntax before 2.9";
    OLD_DOC_NO_FEATURES [unread] => DOC_NO_FEATURES, [1 1] to [2 8]: "comments had no syntax before 2.9";
    OLD_DOC_TAG => DOC_OLD_TAG, [1 1] to [9 1]: "accepted by 7.2, rejected by 10.0";
    OLD_DOC_ARG_NAME [unread] => DOC_ARG_NAME, [1 1] to [2 8]: "comments had no syntax before 2.9";
    OLD_DOC_DUP_ARG [unread] => DOC_DUP_ARG, [1 1] to [2 8]: "comments had no syntax before 2.9";
    OLD_DOC_DUP_SECTION [unread] => DOC_DUP_SECTION, [1 1] to [2 8]: "comments had no syntax before 2.9";
    OLD_DOC_EMPTY_TEXT [unread] => DOC_EMPTY_TEXT, [1 1] to [2 8]: "comments had no syntax before 2.9";
    OLD_DOC_ORPHAN [unread] => DOC_ORPHAN, [1 1] to [2 8]: "comments had no syntax before 2.9";
    OLD_DOC_RETURNS_NONE => DOC_RETURNS_NONE, [1 1] to [9 2]: "accepted by 7.2, rejected by 10.0";
    OLD_DOC_SECTION_KIND [unread] => DOC_SECTION_KIND, [1 1] to [2 8]: "comments had no syntax before 2.9";
    OLD_DOC_BOGUS [unread] => DOC_BOGUS, [1 1] to [2 8]: "comments had no syntax before 2.9";
    OLD_DOC_SYMBOL [unread] => DOC_SYMBOL, [1 1] to [2 8]: "comments had no syntax before 2.9";
    OLD_DOC_MEMBER_MISSING => DOC_MEMBER_MISSING, [1 1] to [9 2]: "accepted by 7.2, rejected by 10.0";
    OLD_DOC_FEATURE_MISSING [unread] => DOC_FEATURE_MISSING, [1 1] to [2 8]: "comments had no syntax before 2.9";
}

/// The last release that may have parsed documentation like 7.2; 10.0 does it differently.
pub(crate) const OLD_DOC_READER: Era = Era::new(9, 2);

/// The last release before the rules of line length and blanks between sentences.
pub(crate) const FREE_STYLE: Era = Era::new(10, 1);

/// Returns the row of a code, that of the warning.
pub(crate) fn old_form(code: Code) -> Option<&'static OldForm> {
    OLD_FORMS.iter().find(|form| form.old == code)
}
