//! Ports that are kept for a candidate until it listens on them.
//!
//! Nothing can hold a port for another process. So they are taken from below the range out of which the system gives ports
//! to whoever asks for any (`ip_local_port_range`, ip(7)): there only somebody who names the very port can come in between.

use std::{
    collections::BTreeMap,
    hash::{BuildHasher as _, RandomState},
    net::TcpListener,
    ops::Range,
};

/// The ports that are taken where the system's own range begins above them.
const WANTED: Range<u16> = 10_240..32_000;
/// How many of them are tried before any will do.
const TRIES: u64 = 64;

/// Free ports of the loopback interface, all different, one for each name.
pub(super) fn free_ports(names: Vec<String>) -> Result<BTreeMap<String, u16>, String> {
    let mut held = Vec::new();
    let mut ports = BTreeMap::new();
    for name in names {
        let listener = listener().map_err(|error| format!("no free port: {error}"))?;
        let port = listener
            .local_addr()
            .map_err(|error| format!("no free port: {error}"))?
            .port();
        // Held until all are chosen, so that they differ.
        held.push(listener);
        ports.insert(name, port);
    }
    Ok(ports)
}

fn listener() -> std::io::Result<TcpListener> {
    let range = std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range");
    let wanted = range.as_deref().map_or(0..0, below);
    // Every hasher of the standard library has keys of its own.
    let random = RandomState::new();
    (0..TRIES)
        .filter_map(|attempt| pick(&wanted, random.hash_one(attempt)))
        .find_map(|port| TcpListener::bind(("127.0.0.1", port)).ok())
        .map_or_else(|| TcpListener::bind(("127.0.0.1", 0)), Ok)
}

/// The wanted ports below the system's range, as its file gives it.
fn below(range: &str) -> Range<u16> {
    let first = range.split_ascii_whitespace().next();
    let first = first.and_then(|first| first.parse().ok()).unwrap_or(0);
    WANTED.start..WANTED.end.min(first)
}

fn pick(range: &Range<u16>, random: u64) -> Option<u16> {
    let count = range
        .end
        .checked_sub(range.start)
        .filter(|count| *count > 0)?;
    let offset = u16::try_from(random % u64::from(count)).ok()?;
    Some(range.start + offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_free_different_and_not_given_to_whoever_asks_for_any() {
        let names = (0..20).map(|number| number.to_string()).collect();
        let ports = free_ports(names).expect("there are twenty");
        let mut numbers: Vec<u16> = ports.into_values().collect();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), 20);
        if std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range")
            .is_ok_and(|range| below(&range).end > WANTED.start + 1_000)
        {
            assert!(
                numbers.iter().all(|port| WANTED.contains(port)),
                "{numbers:?}"
            );
        }
    }

    #[test]
    fn where_the_systems_range_begins_low_any_port_does() {
        assert_eq!(below("32768\t60999\n"), WANTED);
        assert_eq!(below("20000 60999"), 10_240..20_000);
        for range in ["1024 65535", "", "x"] {
            assert_eq!(pick(&below(range), 7), None, "{range}");
        }
        assert!(pick(&(10..12), u64::MAX).is_some_and(|port| (10..12).contains(&port)));
    }
}
