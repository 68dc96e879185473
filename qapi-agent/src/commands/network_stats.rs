//! The counters of network links, part of guest-network-get-interfaces (docs/reference/agent-behaviour.md §6.8).

use std::collections::HashMap;
use std::fs;
use std::path::Path;

/// The traffic through a link.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct LinkStats {
    pub(crate) received: Traffic,
    pub(crate) sent: Traffic,
}

/// The traffic in one direction.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Traffic {
    pub(crate) bytes: u64,
    pub(crate) packets: u64,
    pub(crate) errors: u64,
    pub(crate) dropped: u64,
}

/// Returns the counters of all links by name; none if the kernel does not show them.
pub(crate) fn statistics(root: &Path) -> HashMap<String, LinkStats> {
    let text = fs::read_to_string(root.join("proc/net/dev")).unwrap_or_default();
    text.lines().filter_map(parse).collect()
}

fn parse(line: &str) -> Option<(String, LinkStats)> {
    let (name, numbers) = line.rsplit_once(':')?;
    let numbers: Vec<u64> = numbers
        .split_ascii_whitespace()
        .map_while(|number| number.parse().ok())
        .collect();
    // Eight columns for each way; others than the first four are about rare kinds of links.
    let (received, sent) = numbers.get(..16)?.split_at(8);
    let traffic = |columns: &[u64]| Traffic {
        bytes: columns[0],
        packets: columns[1],
        errors: columns[2],
        dropped: columns[3],
    };
    let stats = LinkStats {
        received: traffic(received),
        sent: traffic(sent),
    };
    Some((name.trim().to_owned(), stats))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::test_root::Tree;

    #[test]
    fn both_ways_of_every_link_are_read() {
        let tree = Tree::new();
        assert!(statistics(tree.path()).is_empty());
        tree.file(
            "proc/net/dev",
            "Inter-|   Receive | Transmit\n face |bytes packets|bytes\n\
             \x20 lo:       1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n\
             eth0:18446744073709551615 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n\
             old0: 1 2 3\n",
        );
        let statistics = statistics(tree.path());
        assert_eq!(statistics.len(), 2);
        let sent = &statistics["lo"].sent;
        let seen = [sent.bytes, sent.packets, sent.errors, sent.dropped];
        assert_eq!(seen, [9, 10, 11, 12]);
        let received = &statistics["eth0"].received;
        assert_eq!((received.bytes, received.dropped), (u64::MAX, 4));
    }
}
