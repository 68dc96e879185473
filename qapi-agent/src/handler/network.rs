//! The network commands on the wire.

use qapi_runtime::Error;

use crate::agent::Agent;
use crate::commands::network;
use crate::commands::network_stats::{self, LinkStats};
use crate::commands::routes::{self, Route, Route4, Route6};
use crate::guest_agent as schema;

pub(super) fn interfaces(agent: &Agent) -> Result<Vec<schema::GuestNetworkInterface>, Error> {
    let statistics = network_stats::statistics(agent.system().root());
    let reply = |found: network::Interface| {
        // D32: also for links without an IP address.
        let statistics = statistics.get(&found.name).map(counters);
        schema::GuestNetworkInterface {
            statistics,
            ..interface(found)
        }
    };
    Ok(network::interfaces()?.into_iter().map(reply).collect())
}

fn counters(stats: &LinkStats) -> schema::GuestNetworkInterfaceStat {
    schema::GuestNetworkInterfaceStat {
        rx_bytes: stats.received.bytes,
        rx_packets: stats.received.packets,
        rx_errs: stats.received.errors,
        rx_dropped: stats.received.dropped,
        tx_bytes: stats.sent.bytes,
        tx_packets: stats.sent.packets,
        tx_errs: stats.sent.errors,
        tx_dropped: stats.sent.dropped,
    }
}

fn interface(interface: network::Interface) -> schema::GuestNetworkInterface {
    let mut reply = schema::GuestNetworkInterface::new(interface.name);
    reply.hardware_address = interface.hardware_address;
    if !interface.addresses.is_empty() {
        let addresses = interface.addresses.into_iter().map(|address| {
            let kind = if address.address.is_ipv4() {
                schema::GuestIpAddressType::Ipv4
            } else {
                schema::GuestIpAddressType::Ipv6
            };
            schema::GuestIpAddress {
                ip_address: address.address.to_string(),
                ip_address_type: kind,
                prefix: i64::from(address.prefix),
            }
        });
        reply.ip_addresses = Some(addresses.collect());
    }
    reply
}

pub(super) fn routes(agent: &Agent) -> Result<Vec<schema::GuestNetworkRoute>, Error> {
    let route = |route| match route {
        Route::V4(route) => route4(route),
        Route::V6(route) => route6(route),
    };
    Ok(routes::routes(agent.system().root())?
        .into_iter()
        .map(route)
        .collect())
}

fn route4(route: Route4) -> schema::GuestNetworkRoute {
    schema::GuestNetworkRoute {
        iface: route.interface,
        destination: route.destination.to_string(),
        metric: route.metric,
        gateway: Some(route.gateway.to_string()),
        mask: Some(route.mask.to_string()),
        irtt: Some(route.irtt),
        flags: Some(route.flags),
        refcnt: Some(route.references),
        use_: Some(route.uses),
        window: Some(route.window),
        mtu: Some(route.mtu),
        desprefixlen: None,
        source: None,
        srcprefixlen: None,
        nexthop: None,
        version: 4,
    }
}

fn route6(route: Route6) -> schema::GuestNetworkRoute {
    schema::GuestNetworkRoute {
        iface: route.interface,
        destination: route.destination.to_string(),
        metric: i64::from(route.metric),
        gateway: None,
        mask: None,
        irtt: None,
        flags: Some(u64::from(route.flags)),
        refcnt: Some(i64::from(route.references)),
        use_: Some(i64::from(route.uses)),
        window: None,
        mtu: None,
        desprefixlen: Some(route.destination_prefix.to_string()),
        source: Some(route.source.to_string()),
        srcprefixlen: Some(route.source_prefix.to_string()),
        nexthop: Some(route.next_hop.to_string()),
        version: 6,
    }
}
