//! The admission of clients of a listening socket.

use std::time::Duration;

use nix::libc;

/// The administrator's settings for clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admission {
    /// The time for which a client may do nothing while another one waits; `None` is forever.
    pub max_idle_time: Option<Duration>,
    /// The machines that may connect by vsock.
    pub vsock_peers: Peers,
}

/// Machines, by their vsock number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Peers {
    /// All machines.
    Any,
    /// These machines.
    Only(Vec<u32>),
}

impl Default for Peers {
    /// Admits the host only. Programs in the guest, which can have CID 1, the guest's own or, under a nested
    /// hypervisor, that of a guest of the guest, are not what the agent is for.
    fn default() -> Self {
        Self::Only(vec![libc::VMADDR_CID_HOST])
    }
}

impl Peers {
    /// Reads `any` or numbers separated by commas. Returns a text for the administrator.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if text == "any" {
            return Ok(Self::Any);
        }
        let number = |text: &str| {
            let text = text.trim();
            let is_decimal = text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse().ok().filter(|_| is_decimal).ok_or_else(|| {
                format!(
                    "`{text}` in `vsock-peers` is not a CID: numbers up to 4294967295, separated by commas, or \
                     `any` are expected"
                )
            })
        };
        text.split(',')
            .map(number)
            .collect::<Result<_, _>>()
            .map(Self::Only)
    }

    /// Returns true if this machine may connect.
    pub(crate) fn admit(&self, cid: u32) -> bool {
        match self {
            Self::Any => true,
            Self::Only(list) => list.contains(&cid),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_default_only_the_host_may_connect() {
        let peers = Peers::default();
        assert!(peers.admit(2));
        // The hypervisor, the guest itself, other guests, any.
        for cid in [0, 1, 3, 4, u32::MAX] {
            assert!(!peers.admit(cid), "{cid}");
        }
    }

    #[test]
    fn a_list_admits_what_is_on_it() {
        let peers = Peers::parse("2, 1,77").unwrap();
        for cid in 0..100 {
            assert_eq!(peers.admit(cid), [1, 2, 77].contains(&cid), "{cid}");
        }
        assert!(Peers::parse("any").unwrap().admit(u32::MAX));
        for (text, culprit) in [
            ("", "``"),
            ("2,", "``"),
            ("host", "`host`"),
            ("-1", "`-1`"),
            ("4294967296", "`4"),
        ] {
            let error = Peers::parse(text).expect_err(text);
            assert!(error.starts_with(culprit), "{text}: {error}");
        }
    }
}
