//! guest-get-diskstats (docs/reference/agent-behaviour.md §6.6).

use std::fs;
use std::path::Path;

use crate::failure::Failure;
use crate::platform::sys::errno_of;

/// The counters of a disk or partition.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct DiskStats {
    pub(crate) name: String,
    pub(crate) major: u64,
    pub(crate) minor: u64,
    counters: Vec<u64>,
}

/// A counter, by its column in the kernel's table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counter {
    ReadIos,
    ReadMerges,
    ReadSectors,
    ReadTicks,
    WriteIos,
    WriteMerges,
    WriteSectors,
    WriteTicks,
    InProgress,
    TotalTicks,
    WeightTicks,
    DiscardIos,
    DiscardMerges,
    DiscardSectors,
    DiscardTicks,
    FlushIos,
    FlushTicks,
}

/// The possible numbers of columns: with basic counters, with those of discards, and with those of flushes.
const COLUMNS: [usize; 3] = [11, 15, 17];

impl DiskStats {
    /// Returns the value of a counter, if the kernel tells it.
    pub(crate) fn counter(&self, counter: Counter) -> Option<u64> {
        let column = counter as usize;
        // Columns come in groups; an incomplete group would be an unknown kind of table.
        let known = COLUMNS
            .into_iter()
            .rfind(|&columns| columns <= self.counters.len());
        if let Some(known) = known {
            return self.counters[..known].get(column).copied();
        }
        // Partitions on kernels before 2.6.25 have four columns.
        let column = match counter {
            Counter::ReadIos => 0,
            Counter::ReadSectors => 1,
            Counter::WriteIos => 2,
            Counter::WriteSectors => 3,
            _ => return None,
        };
        self.counters.get(column).copied()
    }
}

/// Returns the counters of all disks and partitions in the kernel's order.
pub(crate) fn disk_stats(root: &Path) -> Result<Vec<DiskStats>, Failure> {
    let text = fs::read_to_string(root.join("proc/diskstats"))
        .map_err(|error| Failure::with_errno("open(\"/proc/diskstats\")", errno_of(&error)))?;
    Ok(text.lines().filter_map(parse).collect())
}

fn parse(line: &str) -> Option<DiskStats> {
    let mut words = line.split_ascii_whitespace();
    let major = words.next()?.parse().ok()?;
    let minor = words.next()?.parse().ok()?;
    let name = words.next()?.to_owned();
    let counters: Vec<u64> = words.map_while(|word| word.parse().ok()).collect();
    (counters.len() >= 4).then_some(DiskStats {
        name,
        major,
        minor,
        counters,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::test_root::Tree;

    fn stats(columns: usize) -> DiskStats {
        let numbers: Vec<_> = (1..=columns).map(|number| number.to_string()).collect();
        parse(&format!("   8       1 sda1 {}", numbers.join(" "))).unwrap()
    }

    #[test]
    fn columns_have_their_meaning_by_how_many_there_are() {
        let all = stats(17);
        assert_eq!((all.name.as_str(), all.major, all.minor), ("sda1", 8, 1));
        assert_eq!(all.counter(Counter::ReadIos), Some(1));
        assert_eq!(all.counter(Counter::WriteTicks), Some(8));
        assert_eq!(all.counter(Counter::WeightTicks), Some(11));
        assert_eq!(all.counter(Counter::FlushTicks), Some(17));
        assert_eq!(stats(20).counter(Counter::FlushTicks), Some(17));
        let without_flush = stats(16);
        assert_eq!(without_flush.counter(Counter::DiscardTicks), Some(15));
        assert_eq!(without_flush.counter(Counter::FlushIos), None);
        assert_eq!(stats(11).counter(Counter::DiscardIos), None);
        let old = stats(4);
        assert_eq!(old.counter(Counter::ReadSectors), Some(2));
        assert_eq!(old.counter(Counter::WriteSectors), Some(4));
        assert_eq!(old.counter(Counter::ReadMerges), None);
        assert_eq!(parse("8 1 sda1 1 2 3"), None);
        assert_eq!(parse("no table"), None);
    }

    #[test]
    fn a_missing_table_is_an_error() {
        let tree = Tree::new();
        assert_eq!(
            disk_stats(tree.path()).unwrap_err().to_string(),
            "open(\"/proc/diskstats\"): No such file or directory"
        );
        tree.file("proc/diskstats", " 7 0 loop0 0 0 0 0 0 0 0 0 0 0 0\n\n");
        assert_eq!(disk_stats(tree.path()).unwrap().len(), 1);
    }
}
