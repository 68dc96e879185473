//! guest-network-get-route (docs/reference/agent-behaviour.md §6.8).

use std::fs;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::Path;

use crate::failure::Failure;
use crate::platform::sys::errno_of;

/// A route of either kind.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Route {
    V4(Route4),
    V6(Route6),
}

/// A route for IPv4.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Route4 {
    pub(crate) interface: String,
    pub(crate) destination: Ipv4Addr,
    pub(crate) gateway: Ipv4Addr,
    pub(crate) mask: Ipv4Addr,
    pub(crate) flags: u64,
    pub(crate) references: i64,
    pub(crate) uses: i64,
    pub(crate) metric: i64,
    pub(crate) mtu: i64,
    pub(crate) window: i64,
    /// Initial round-trip time.
    pub(crate) irtt: i64,
}

/// A route for IPv6.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Route6 {
    pub(crate) interface: String,
    pub(crate) destination: Ipv6Addr,
    pub(crate) destination_prefix: u8,
    pub(crate) source: Ipv6Addr,
    pub(crate) source_prefix: u8,
    pub(crate) next_hop: Ipv6Addr,
    pub(crate) metric: u32,
    pub(crate) references: u32,
    pub(crate) uses: u32,
    pub(crate) flags: u32,
}

/// Returns all routes in the kernel's order, IPv4 first. A kernel without one of the two has no routes
/// for it.
pub(crate) fn routes(root: &Path) -> Result<Vec<Route>, Failure> {
    let v4 = table(root, "/proc/net/route")?;
    // The first line is the table's head.
    let v4 = v4.lines().skip(1).filter_map(route4).map(Route::V4);
    let v6 = table(root, "/proc/net/ipv6_route")?;
    let v6 = v6.lines().filter_map(route6).map(Route::V6);
    Ok(v4.chain(v6).collect())
}

fn table(root: &Path, path: &str) -> Result<String, Failure> {
    match fs::read_to_string(root.join(path.trim_start_matches('/'))) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(String::new()),
        result => result.map_err(|error| {
            Failure::with_errno(format_args!("open(\"{path}\")"), errno_of(&error))
        }),
    }
}

fn route4(line: &str) -> Option<Route4> {
    let mut words = line.split_ascii_whitespace();
    let interface = words.next()?.to_owned();
    let mut next = || words.next();
    Some(Route4 {
        interface,
        destination: address4(next()?)?,
        gateway: address4(next()?)?,
        flags: u64::from_str_radix(next()?, 16).ok()?,
        references: next()?.parse().ok()?,
        uses: next()?.parse().ok()?,
        metric: next()?.parse().ok()?,
        mask: address4(next()?)?,
        mtu: next()?.parse().ok()?,
        window: next()?.parse().ok()?,
        irtt: next()?.parse().ok()?,
    })
}

/// Reads an IPv4 address, which the kernel prints as a number in its own byte order.
fn address4(word: &str) -> Option<Ipv4Addr> {
    let number = u32::from_str_radix(word, 16).ok()?;
    Some(Ipv4Addr::from(number.to_ne_bytes()))
}

fn route6(line: &str) -> Option<Route6> {
    let mut words = line.split_ascii_whitespace();
    let mut next = || words.next();
    let address = |word: &str| Some(Ipv6Addr::from(u128::from_str_radix(word, 16).ok()?));
    let number = |word: &str| u32::from_str_radix(word, 16).ok();
    let prefix = |word: &str| u8::from_str_radix(word, 16).ok();
    Some(Route6 {
        destination: address(next()?)?,
        destination_prefix: prefix(next()?)?,
        source: address(next()?)?,
        source_prefix: prefix(next()?)?,
        next_hop: address(next()?)?,
        metric: number(next()?)?,
        references: number(next()?)?,
        uses: number(next()?)?,
        flags: number(next()?)?,
        interface: next()?.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::test_root::Tree;

    const V4: &str = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n\
        eth0\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n\
        broken\t0\n";
    const V6: &str = "00000000000000000000000000000001 80 00000000000000000000000000000000 00 \
        00000000000000000000000000000000 ffffffff 00000002 00000000 80200001       lo\n";

    #[test]
    fn both_tables_are_read() {
        let tree = Tree::new();
        tree.file("proc/net/route", V4);
        tree.file("proc/net/ipv6_route", V6);
        let routes = routes(tree.path()).unwrap();
        assert_eq!(routes.len(), 2);
        #[cfg(target_endian = "little")]
        let Route::V4(route) = &routes[0] else {
            panic!("{routes:?}");
        };
        assert_eq!(route.interface, "eth0");
        assert_eq!(route.gateway, Ipv4Addr::new(192, 0, 2, 1));
        assert_eq!((route.flags, route.metric), (3, 100));
        let Route::V6(route) = &routes[1] else {
            panic!("{routes:?}");
        };
        assert_eq!(route.destination, Ipv6Addr::LOCALHOST);
        assert_eq!((route.destination_prefix, route.source_prefix), (128, 0));
        // D20: the reference prints these as negative.
        assert_eq!((route.metric, route.flags), (u32::MAX, 0x8020_0001));
        assert_eq!((route.references, route.interface.as_str()), (2, "lo"));
    }

    #[test]
    fn a_missing_table_has_no_routes() {
        // D11: with one table missing the reference fails, with both it aborts.
        let tree = Tree::new();
        assert_eq!(routes(tree.path()).unwrap(), []);
        tree.file("proc/net/ipv6_route", V6);
        assert_eq!(routes(tree.path()).unwrap().len(), 1);
    }

    #[test]
    fn a_table_that_cannot_be_read_is_an_error() {
        let tree = Tree::new();
        tree.folder("proc/net/route");
        assert_eq!(
            routes(tree.path()).unwrap_err().to_string(),
            "open(\"/proc/net/route\"): Is a directory"
        );
    }
}
