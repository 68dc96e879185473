//! Colours.

use annotate_snippets::renderer::{DEFAULT_ERROR_STYLE, Style};

/// Returns the word before the reason why the job could not be done.
pub(crate) fn error_word(color: bool) -> String {
    styled("error", DEFAULT_ERROR_STYLE, color)
}

/// `text` in `style`, if colours are wanted.
pub(crate) fn styled(text: &str, style: Style, color: bool) -> String {
    if color {
        format!("{style}{text}{style:#}")
    } else {
        text.to_owned()
    }
}
