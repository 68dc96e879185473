//! The network commands on the wire.

use qapi_runtime::Error;

use crate::commands::network;
use crate::guest_agent as schema;

pub(super) fn interfaces() -> Result<Vec<schema::GuestNetworkInterface>, Error> {
    Ok(network::interfaces()?.into_iter().map(interface).collect())
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
            let prefix = i64::from(address.prefix);
            schema::GuestIpAddress::new(address.address.to_string(), kind, prefix)
        });
        reply.ip_addresses = Some(addresses.collect());
    }
    reply
}
