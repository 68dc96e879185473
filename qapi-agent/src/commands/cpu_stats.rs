//! guest-get-cpustats (docs/reference/agent-behaviour.md §6.7).

use std::fs;
use std::path::Path;

use nix::unistd::{SysconfVar, sysconf};

use crate::failure::Failure;
use crate::platform::sys::errno_of;

/// The time that a processor has spent in each state, in milliseconds, in the order of [`Times::parts`].
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Times {
    pub(crate) processor: i64,
    /// user, nice, system, idle, and as far as the kernel has them: iowait, irq, softirq, steal,
    /// guest, guest nice.
    pub(crate) parts: Vec<u64>,
}

impl Times {
    /// Returns the part at a position, if the kernel tells it.
    pub(crate) fn part(&self, index: usize) -> Option<u64> {
        self.parts.get(index).copied()
    }
}

/// Returns the times of every processor that is online.
pub(crate) fn processor_times(root: &Path) -> Result<Vec<Times>, Failure> {
    let text = fs::read_to_string(root.join("proc/stat"))
        .map_err(|error| Failure::with_errno("open(\"/proc/stat\")", errno_of(&error)))?;
    let per_second = sysconf(SysconfVar::CLK_TCK).ok().flatten();
    let per_second = per_second.and_then(|ticks| u64::try_from(ticks).ok());
    Ok(parse(&text, per_second.unwrap_or(100).max(1)))
}

/// `ticks` is the number of ticks in a second.
fn parse(text: &str, ticks: u64) -> Vec<Times> {
    let milliseconds = |count: u64| {
        let exact = u128::from(count) * 1000 / u128::from(ticks);
        u64::try_from(exact).unwrap_or(u64::MAX)
    };
    let line = |line: &str| {
        let mut words = line.split_ascii_whitespace();
        // The line without a number is the sum of the others.
        let processor = words.next()?.strip_prefix("cpu")?.parse().ok()?;
        let counts = words.map_while(|word| word.parse().ok());
        let parts: Vec<u64> = counts.map(milliseconds).collect();
        (parts.len() >= 4).then_some(Times { processor, parts })
    };
    text.lines().filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::test_root::Tree;

    #[test]
    fn each_processor_has_its_times_in_milliseconds() {
        let text = "cpu  9 9 9 9 9 9 9 9 9 9\ncpu0 20890 0 6501 131698 139 0 33 14 0 0\ncpu12 1 2 3 4\ncpu3 1 2 3\nintr 5\n";
        let times = parse(text, 100);
        assert_eq!(times.len(), 2);
        assert_eq!(times[0].processor, 0);
        assert_eq!(
            times[0].parts,
            [208_900, 0, 65_010, 1_316_980, 1390, 0, 330, 140, 0, 0]
        );
        assert_eq!((times[1].processor, times[1].part(4)), (12, None));
        assert_eq!(
            parse("cpu0 1 2 3 18446744073709551615\n", 1000)[0].parts[3],
            u64::MAX
        );
    }

    #[test]
    fn the_running_system_has_processors() {
        assert!(!processor_times(Path::new("/")).unwrap().is_empty());
    }

    #[test]
    fn a_missing_table_is_an_error() {
        let tree = Tree::new();
        assert_eq!(
            processor_times(tree.path()).unwrap_err().to_string(),
            "open(\"/proc/stat\"): No such file or directory"
        );
    }
}
