//! Networks of IP addresses, written as CIDR.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// All addresses that begin with the same bits (RFC 4632, RFC 4291). Parsed from `10.0.0.0/8`, `2001:db8::/32`, or a
/// single address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    /// The first address of the network; parsing never leaves it IPv4-mapped.
    pub address: IpAddr,
    /// How many bits the network's addresses share: up to 32 for IPv4, 128 for IPv6.
    pub prefix_bits: u8,
}

/// Why a text is not a network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidNetwork {
    /// What stands before the `/` is not an address.
    #[error("{text:?} does not begin with an IP address: write a network like 10.0.0.0/8 or 2001:db8::/32")]
    Address {
        /// As written.
        text: String,
    },
    /// What stands after the `/` is not a number of bits.
    #[error("the prefix of {text:?} is not a number from 0 to {bits_max}")]
    Prefix {
        /// As written.
        text: String,
        /// How many bits an address of this family has.
        bits_max: u8,
    },
    /// The address has bits that the prefix does not cover: one of the two is a mistake.
    #[error("{text:?} names an address inside of a network: write {network} for the whole network")]
    HostBits {
        /// As written.
        text: String,
        /// The network that the address is in.
        network: Network,
    },
}

impl Network {
    /// Whether an address is in the network. An IPv4-mapped IPv6 address counts as the IPv4 address; networks of IPv6,
    /// even `::/0`, hold no IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        let differing = bits(self.address) ^ bits(address);
        self.address.is_ipv4() == address.is_ipv4()
            && differing.leading_zeros() >= u32::from(self.prefix_bits)
    }
}

impl FromStr for Network {
    type Err = InvalidNetwork;

    fn from_str(text: &str) -> Result<Self, InvalidNetwork> {
        let (address, prefix) = text.split_once('/').map_or((text, None), |(one, other)| (one, Some(other)));
        let invalid = |_| InvalidNetwork::Address { text: text.to_owned() };
        let address: IpAddr = address.parse().map_err(invalid)?;
        let bits_max = if address.is_ipv4() { 32 } else { 128 };
        let prefix_bits = match prefix {
            None => bits_max,
            Some(prefix) => read_prefix(prefix, bits_max)
                .ok_or_else(|| InvalidNetwork::Prefix { text: text.to_owned(), bits_max })?,
        };
        let network = first(address, prefix_bits);
        if network != address {
            let network = Self { address: network, prefix_bits };
            return Err(InvalidNetwork::HostBits { text: text.to_owned(), network });
        }
        // The bits that make an address a mapped one are among the first 96: the prefix covers them, or they would have
        // been refused as host bits.
        let mapped_bits = if address.to_canonical() == address { 0 } else { 96 };
        Ok(Self { address: address.to_canonical(), prefix_bits: prefix_bits.saturating_sub(mapped_bits) })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.address, self.prefix_bits)
    }
}

/// An address's bits from the highest of 128.
fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()) << 96,
        IpAddr::V6(address) => address.to_bits(),
    }
}

/// The first address of the network that an address is in.
fn first(address: IpAddr, prefix_bits: u8) -> IpAddr {
    let rest = u128::MAX.checked_shr(prefix_bits.into()).unwrap_or(0);
    let bits = bits(address) & !rest;
    match address {
        IpAddr::V4(_) => Ipv4Addr::from_bits((bits >> 96) as u32).into(),
        IpAddr::V6(_) => Ipv6Addr::from_bits(bits).into(),
    }
}

fn read_prefix(text: &str, bits_max: u8) -> Option<u8> {
    let is_canonical = text == "0" || !text.starts_with(['0', '+']);
    text.parse().ok().filter(|bits| is_canonical && *bits <= bits_max)
}

#[cfg(test)]
mod tests;
