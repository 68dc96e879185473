//! guest-network-get-interfaces against what the kernel shows elsewhere.

use std::collections::BTreeSet;
use std::fs;

use serde_json::json;

use crate::harness::Agent;

#[test]
fn every_link_is_listed_with_hardware_address_and_loopback_has_its_address() {
    let agent = Agent::start();
    let interfaces = agent
        .connect()
        .run("guest-network-get-interfaces", &json!({}));
    let interfaces = interfaces.as_array().unwrap();
    let names: BTreeSet<_> = interfaces
        .iter()
        .map(|interface| interface["name"].as_str().unwrap().to_owned())
        .filter(|name| !name.contains(':'))
        .collect();
    let links: BTreeSet<_> = fs::read_dir("/sys/class/net")
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().join("address").exists())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    assert_eq!(names, links);
    for interface in interfaces {
        let address = interface["hardware-address"].as_str().unwrap();
        assert_eq!(address.split(':').count(), 6, "{interface}");
        assert_eq!(address, address.to_lowercase());
        // D32: whether it has an IP address or not; an address label is not a link.
        let is_link = !interface["name"].as_str().unwrap().contains(':');
        assert_eq!(interface["statistics"]["rx-bytes"].is_u64(), is_link);
        if let Some(addresses) = interface.get("ip-addresses") {
            assert!(!addresses.as_array().unwrap().is_empty(), "{interface}");
        }
    }
    let loopback = interfaces
        .iter()
        .find(|interface| interface["name"] == "lo")
        .unwrap();
    assert_eq!(loopback["hardware-address"], "00:00:00:00:00:00");
    let expected = json!({ "ip-address": "127.0.0.1", "ip-address-type": "ipv4", "prefix": 8 });
    assert!(
        loopback["ip-addresses"]
            .as_array()
            .unwrap()
            .contains(&expected),
        "{loopback}"
    );
}
