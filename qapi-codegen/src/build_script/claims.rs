//! The folders to which this process has written code. No folder is for two schemas.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// The schema and settings whose code was written to a folder.
#[derive(Debug)]
struct FolderClaim {
    /// The schema's main files, without links.
    roots: Vec<PathBuf>,
    /// The newest of them, as it was given.
    newest: PathBuf,
    settings: String,
}

static CLAIMS: Mutex<BTreeMap<PathBuf, FolderClaim>> = Mutex::new(BTreeMap::new());

/// The reason why a folder cannot be claimed.
pub(super) enum Taken {
    /// Another schema was written to it.
    ByOther(PathBuf),
    /// The same schema was written to it with other settings.
    WithOtherSettings,
}

/// Claims a folder for a schema. The same schema may be written to it again with the same settings, as long-running
/// programs do.
pub(super) fn claim(folder: &Path, given: &[&Path], settings: String) -> Result<(), Taken> {
    let real = |path: &&Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let roots: Vec<_> = given.iter().map(real).collect();
    let mut claims = CLAIMS.lock().unwrap_or_else(PoisonError::into_inner);
    match claims.get(folder) {
        Some(found) if found.roots != roots => Err(Taken::ByOther(found.newest.clone())),
        Some(found) if found.settings != settings => Err(Taken::WithOtherSettings),
        Some(_) => Ok(()),
        None => {
            let newest = given.last().map(|it| it.to_path_buf());
            let newest = newest.unwrap_or_default();
            let claim = FolderClaim {
                roots,
                newest,
                settings,
            };
            claims.insert(folder.to_owned(), claim);
            Ok(())
        }
    }
}
