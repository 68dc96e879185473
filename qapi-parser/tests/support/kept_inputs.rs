//! Inputs that are kept for the fuzz targets, and what ordinary tests do with them.

use std::fs;
use std::path::Path;

use qapi_parser::source::{Disk, Files};
use qapi_test_support::Random;

use crate::damage::damage;

/// The files of a folder, in the order of their names.
pub(crate) fn files(folder: &Path) -> Vec<Vec<u8>> {
    let entries = fs::read_dir(folder).expect("the folder is part of the project");
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("the folder is readable").path())
        .filter(|path| path.is_file())
        .collect();
    paths.sort();
    let read = |path: &_| Disk.read(path).expect("the file is readable");
    paths.iter().map(|path| read(path)).collect()
}

/// Gives every input to `property`, and `count` damaged copies of each, into which pieces of other inputs come.
pub(crate) fn try_all(inputs: &[Vec<u8>], count: usize, property: fn(&[u8])) {
    for (index, input) in inputs.iter().enumerate() {
        property(input);
        let mut random = Random::of_run(index as u64);
        for round in 0..count {
            let mut changed = input.clone();
            for _ in 0..=random.below(3) {
                damage(&mut changed, &mut random);
            }
            if random.below(3) == 0 {
                let other = &inputs[(index + round + 1) % inputs.len()];
                let start = random.below(other.len());
                let end = (start + random.below(200)).min(other.len());
                let at = random.below(changed.len());
                changed.splice(at..at, other[start..end].iter().copied());
            }
            property(&changed);
        }
    }
}
