//! What kind of address a target stands at, and so whether a request may go there.
//!
//! IPv6 forms that carry an IPv4 address (mapped, compatible, NAT64, 6to4) are judged by the address they carry.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The classes that the guard tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Anybody's address.
    Public,
    /// This machine.
    Loopback,
    /// Somebody's own network: RFC 1918, RFC 4193, RFC 6598, RFC 2544 (benchmarks), RFC 3879 (site-local).
    Private,
    /// Never a target: link-local (metadata services live there), multicast, broadcast, unspecified, reserved, and
    /// tunnels whose end cannot be judged (Teredo, a network's own NAT64).
    Never,
}

/// Says which class an address belongs to.
pub fn classify(address: IpAddr) -> Class {
    match address {
        IpAddr::V4(address) => v4(address),
        IpAddr::V6(address) => carried(address).map_or_else(|| v6(address), v4),
    }
}

fn v4(address: Ipv4Addr) -> Class {
    let [a, b, c, _] = address.octets();
    let reserved = a == 0 || a >= 240 || [a, b, c] == [192, 0, 0];
    if reserved || address.is_link_local() || address.is_multicast() {
        return Class::Never;
    }
    if address.is_loopback() {
        return Class::Loopback;
    }
    let shared = a == 100 && (64..128).contains(&b);
    let benchmark = a == 198 && (18..20).contains(&b);
    if address.is_private() || shared || benchmark {
        return Class::Private;
    }
    Class::Public
}

fn v6(address: Ipv6Addr) -> Class {
    /// The metadata service of a large cloud, inside the private range.
    const METADATA: Ipv6Addr = Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254);
    let tunnel = matches!(address.segments(), [0x2001, 0, ..] | [0x0064, 0xff9b, 1, ..]);
    if tunnel
        || address.is_unspecified()
        || address.is_multicast()
        || address.is_unicast_link_local()
        || address == METADATA
    {
        return Class::Never;
    }
    if address.is_loopback() {
        return Class::Loopback;
    }
    let site_local = address.segments()[0] & 0xffc0 == 0xfec0;
    if address.is_unique_local() || site_local {
        return Class::Private;
    }
    Class::Public
}

/// The IPv4 address that an IPv6 address stands for.
fn carried(address: Ipv6Addr) -> Option<Ipv4Addr> {
    if let Some(mapped) = address.to_ipv4_mapped() {
        return Some(mapped);
    }
    let segments = address.segments();
    let join = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match segments {
        // The unspecified address and the loopback are IPv6's own.
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => None,
        [0, 0, 0, 0, 0, 0, high, low] | [0x0064, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => {
            Some(join(high, low))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class() {
        for (address, class) in [
            ("8.8.8.8", Class::Public),
            ("127.0.0.1", Class::Loopback),
            ("127.9.9.9", Class::Loopback),
            ("10.1.2.3", Class::Private),
            ("172.31.0.1", Class::Private),
            ("192.168.1.1", Class::Private),
            ("100.64.0.1", Class::Private),
            ("100.128.0.1", Class::Public),
            ("169.254.169.254", Class::Never),
            ("224.0.0.1", Class::Never),
            ("255.255.255.255", Class::Never),
            ("0.0.0.0", Class::Never),
            ("0.1.2.3", Class::Never),
            ("2606:4700::1111", Class::Public),
            ("::1", Class::Loopback),
            ("fd12::1", Class::Private),
            ("fe80::1", Class::Never),
            ("ff02::1", Class::Never),
            ("::", Class::Never),
            ("fd00:ec2::254", Class::Never),
            ("::ffff:169.254.169.254", Class::Never),
            ("::ffff:127.0.0.1", Class::Loopback),
            ("64:ff9b::a9fe:a9fe", Class::Never),
            ("2002:a9fe:a9fe::1", Class::Never),
            ("2002:0a00:0001::1", Class::Private),
            ("::127.0.0.1", Class::Loopback),
            ("::a9fe:a9fe", Class::Never),
            ("64:ff9b:1::a9fe:a9fe", Class::Never),
            ("2001::1", Class::Never),
            ("2001:db8::1", Class::Public),
            ("fec0::1", Class::Private),
            ("192.0.0.8", Class::Never),
            ("192.0.1.8", Class::Public),
            ("198.19.255.1", Class::Private),
            ("198.20.0.1", Class::Public),
            ("240.0.0.1", Class::Never),
        ] {
            assert_eq!(classify(address.parse().expect("an address")), class, "{address}");
        }
    }
}
