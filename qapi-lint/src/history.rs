//! The history of schema files, for rules about releases.

/// The past of schema files.
pub trait History {
    /// Returns the newest release older than `major.minor`: its name, and the text that the file had in it. None if there
    /// is no such release, or it did not have the file.
    fn before(&self, file: &str, release: (u32, u32)) -> Option<(String, String)>;
}
