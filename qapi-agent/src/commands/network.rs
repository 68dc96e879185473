//! guest-network-get-interfaces (docs/reference/agent-behaviour.md §6.8).

use std::collections::HashMap;
use std::net::IpAddr;

use nix::ifaddrs::{InterfaceAddress, getifaddrs};
use nix::sys::socket::{AddressFamily, SockaddrLike, SockaddrStorage};

use crate::failure::Failure;

/// A network interface: a link, or an address label such as `eth0:1`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Interface {
    pub(crate) name: String,
    /// Six bytes in lower-case hexadecimal with colons.
    pub(crate) hardware_address: Option<String>,
    pub(crate) addresses: Vec<NetworkAddress>,
}

/// An IP address and the length of its network part in bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NetworkAddress {
    pub(crate) address: IpAddr,
    pub(crate) prefix: u32,
}

/// Returns all interfaces, in the order in which the system first names them.
pub(crate) fn interfaces() -> Result<Vec<Interface>, Failure> {
    let entries = getifaddrs().map_err(|errno| Failure::with_errno("getifaddrs failed", errno))?;
    Ok(group(
        entries.filter_map(|entry| InterfaceFact::read(&entry)),
    ))
}

/// One fact about one name.
struct InterfaceFact {
    name: String,
    fact: Fact,
}

enum Fact {
    Link([u8; 6]),
    Ip(NetworkAddress),
    /// A family that the protocol has no words for; the name still counts.
    Other,
}

impl InterfaceFact {
    /// Entries without any address carry nothing, as the reference has it.
    fn read(entry: &InterfaceAddress) -> Option<Self> {
        let address = entry.address.as_ref()?;
        let fact = match (address.as_link_addr(), ip_address(address)) {
            (Some(link), _) => link.addr().map_or(Fact::Other, Fact::Link),
            (None, Some(ip)) => {
                let prefix = entry.netmask.as_ref().and_then(ip_address).map_or(0, ones);
                Fact::Ip(NetworkAddress {
                    address: ip,
                    prefix,
                })
            }
            (None, None) => Fact::Other,
        };
        Some(Self {
            name: entry.interface_name.clone(),
            fact,
        })
    }
}

fn ip_address(address: &SockaddrStorage) -> Option<IpAddr> {
    match address.family()? {
        AddressFamily::Inet => Some(IpAddr::V4(address.as_sockaddr_in()?.ip())),
        AddressFamily::Inet6 => Some(IpAddr::V6(address.as_sockaddr_in6()?.ip())),
        _ => None,
    }
}

/// Returns the length of a network mask, taken as the number of its one-bits.
fn ones(mask: IpAddr) -> u32 {
    match mask {
        IpAddr::V4(mask) => mask.to_bits().count_ones(),
        IpAddr::V6(mask) => mask.to_bits().count_ones(),
    }
}

/// Puts the facts about each name together, names in order of appearance.
fn group(entries: impl Iterator<Item = InterfaceFact>) -> Vec<Interface> {
    let mut interfaces: Vec<Interface> = Vec::new();
    let mut index_of = HashMap::new();
    for InterfaceFact { name, fact } in entries {
        let index = *index_of.entry(name).or_insert_with_key(|name| {
            let (name, hardware_address) = (name.clone(), None);
            interfaces.push(Interface {
                name,
                hardware_address,
                addresses: Vec::new(),
            });
            interfaces.len() - 1
        });
        let interface = &mut interfaces[index];
        match fact {
            Fact::Link(address) => interface.hardware_address = Some(hexadecimal(address)),
            Fact::Ip(address) => interface.addresses.push(address),
            Fact::Other => {}
        }
    }
    // A label has no link entry of its own but the hardware address of its link.
    for index in 0..interfaces.len() {
        if interfaces[index].hardware_address.is_none()
            && let Some((link, _)) = interfaces[index].name.split_once(':')
            && let Some(&link) = index_of.get(link)
        {
            let address = interfaces[link].hardware_address.clone();
            interfaces[index].hardware_address = address;
        }
    }
    interfaces
}

fn hexadecimal(address: [u8; 6]) -> String {
    address.map(|byte| format!("{byte:02x}")).join(":")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(name: &str, last: u8) -> InterfaceFact {
        InterfaceFact {
            name: name.to_owned(),
            fact: Fact::Link([0x52, 0x54, 0, 0xab, 0, last]),
        }
    }

    fn ip(name: &str, address: &str, mask: &str) -> InterfaceFact {
        let prefix = ones(mask.parse().unwrap());
        let address = address.parse().unwrap();
        InterfaceFact {
            name: name.to_owned(),
            fact: Fact::Ip(NetworkAddress { address, prefix }),
        }
    }

    #[test]
    fn facts_are_grouped_by_name_in_order_of_appearance() {
        let interfaces = group(
            [
                link("lo", 0),
                link("eth0", 1),
                link("dummy0", 2),
                ip("lo", "127.0.0.1", "255.0.0.0"),
                ip("eth0", "192.0.2.5", "255.255.254.0"),
                ip("eth0:1", "192.0.2.6", "255.255.255.255"),
                ip("lo", "::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
                ip("eth0", "fe80::1", "ffff:ffff:ffff:ffff::"),
            ]
            .into_iter(),
        );
        let seen: Vec<_> = interfaces
            .iter()
            .map(|interface| {
                let prefixes: Vec<_> = interface.addresses.iter().map(|a| a.prefix).collect();
                (
                    interface.name.as_str(),
                    interface.hardware_address.as_deref(),
                    prefixes,
                )
            })
            .collect();
        assert_eq!(
            seen,
            [
                ("lo", Some("52:54:00:ab:00:00"), vec![8, 128]),
                ("eth0", Some("52:54:00:ab:00:01"), vec![23, 64]),
                ("dummy0", Some("52:54:00:ab:00:02"), vec![]),
                ("eth0:1", Some("52:54:00:ab:00:01"), vec![32]),
            ]
        );
    }

    #[test]
    fn every_link_of_the_system_is_listed_with_its_hardware_address() {
        let interfaces = interfaces().unwrap();
        let mut names: Vec<_> = interfaces
            .iter()
            .filter(|interface| !interface.name.contains(':'))
            .map(|interface| interface.name.clone())
            .collect();
        names.sort();
        let mut links = Vec::new();
        for entry in std::fs::read_dir("/sys/class/net").unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            // Some entries are control files of drivers, not links.
            let Ok(expected) = std::fs::read_to_string(entry.path().join("address")) else {
                continue;
            };
            let interface = interfaces
                .iter()
                .find(|interface| interface.name == name)
                .unwrap();
            let address = interface.hardware_address.as_deref().unwrap();
            assert!(
                address.starts_with(expected.trim()) || expected.len() != 18,
                "{name}"
            );
            links.push(name);
        }
        links.sort();
        assert_eq!(names, links);
    }
}
