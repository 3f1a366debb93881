use proptest::prelude::*;

use super::*;

fn network(text: &str) -> Network {
    text.parse().unwrap()
}

#[test]
fn networks_hold_their_addresses_and_no_others() {
    let table = [
        (
            "10.0.0.0/8",
            &["10.0.0.0", "10.255.255.255", "::ffff:10.1.2.3"][..],
            &["9.255.255.255", "11.0.0.0", "::10.0.0.1"][..],
        ),
        ("192.0.2.7", &["192.0.2.7"], &["192.0.2.6", "192.0.2.8"]),
        ("192.0.2.128/25", &["192.0.2.128", "192.0.2.255"], &["192.0.2.127"]),
        ("0.0.0.0/0", &["0.0.0.0", "255.255.255.255", "::ffff:1.2.3.4"], &["::", "::1"]),
        ("::/0", &["::", "ffff::"], &["0.0.0.0", "::ffff:1.2.3.4"]),
        ("::1", &["::1"], &["::2", "0.0.0.1"]),
        ("2001:db8::/32", &["2001:db8::", "2001:db8:ffff::1"], &["2001:db9::", "2001:db7:ffff::"]),
        ("fe80::/10", &["febf::1"], &["fec0::"]),
        ("::ffff:10.0.0.0/104", &["10.1.2.3", "::ffff:10.1.2.3"], &["11.0.0.0"]),
        ("::ffff:0:0/96", &["1.2.3.4"], &["::1"]),
    ];
    for (text, inside, outside) in table {
        for address in inside {
            assert!(network(text).contains(address.parse().unwrap()), "{text} {address}");
        }
        for address in outside {
            assert!(!network(text).contains(address.parse().unwrap()), "{text} {address}");
        }
    }
}

#[test]
fn networks_are_shown_as_they_count() {
    for (text, shown) in [
        ("10.0.0.0/8", "10.0.0.0/8"),
        ("127.0.0.1", "127.0.0.1/32"),
        ("::1", "::1/128"),
        ("2001:DB8:0::/32", "2001:db8::/32"),
        ("::ffff:10.0.0.0/104", "10.0.0.0/8"),
        ("::ffff:10.0.0.1", "10.0.0.1/32"),
    ] {
        assert_eq!(network(text).to_string(), shown);
    }
}

#[test]
fn what_is_not_a_network_is_refused_in_one_line() {
    let address = r"does not begin with an IP address: write a network like 10.0.0.0/8 or 2001:db8::/32";
    let table = [
        ("", format!("\"\" {address}")),
        ("proxy.internal", format!("\"proxy.internal\" {address}")),
        ("10.0.0.0.0/8", format!("\"10.0.0.0.0/8\" {address}")),
        ("10/8", format!("\"10/8\" {address}")),
        ("010.0.0.0/8", format!("\"010.0.0.0/8\" {address}")),
        (" 10.0.0.0/8", format!("\" 10.0.0.0/8\" {address}")),
        ("[::1]", format!("\"[::1]\" {address}")),
        ("fe80::1%eth0", format!("\"fe80::1%eth0\" {address}")),
        ("10.0.0.0\n/8", format!("\"10.0.0.0\\n/8\" {address}")),
        ("10.0.0.0/", "the prefix of \"10.0.0.0/\" is not a number from 0 to 32".to_owned()),
        ("10.0.0.0/33", "the prefix of \"10.0.0.0/33\" is not a number from 0 to 32".to_owned()),
        ("10.0.0.0/+8", "the prefix of \"10.0.0.0/+8\" is not a number from 0 to 32".to_owned()),
        ("10.0.0.0/08", "the prefix of \"10.0.0.0/08\" is not a number from 0 to 32".to_owned()),
        ("10.0.0.0/255.0.0.0", "the prefix of \"10.0.0.0/255.0.0.0\" is not a number from 0 to 32".to_owned()),
        ("10.0.0.0/8/8", "the prefix of \"10.0.0.0/8/8\" is not a number from 0 to 32".to_owned()),
        ("::/129", "the prefix of \"::/129\" is not a number from 0 to 128".to_owned()),
        (
            "10.1.2.3/8",
            "\"10.1.2.3/8\" names an address inside of a network: write 10.0.0.0/8 for the whole network".to_owned(),
        ),
        (
            "::ffff:0.0.0.0/90",
            "\"::ffff:0.0.0.0/90\" names an address inside of a network: write ::ffc0:0:0/90 for the whole network"
                .to_owned(),
        ),
    ];
    for (text, expected) in table {
        assert_eq!(text.parse::<Network>().unwrap_err().to_string(), expected, "{text:?}");
    }
}

proptest! {
    #[test]
    fn any_text_gets_an_answer_and_networks_come_through(text in "[0-9a-f:./]{0,20}|.{0,20}") {
        match text.parse::<Network>() {
            Ok(network) => {
                prop_assert_eq!(network.to_string().parse(), Ok(network));
                prop_assert!(network.contains(network.address));
            }
            Err(why) => prop_assert!(!why.to_string().contains('\n')),
        }
    }

    #[test]
    fn an_address_is_in_a_network_exactly_if_it_leads_to_it(
        address in any::<u128>(),
        other in any::<u128>(),
        common in 0_u32..=128,
        prefix_bits in 0_u8..=128,
    ) {
        // An address that shares at least `common` bits.
        let other = address ^ other.checked_shr(common).unwrap_or(0);
        let (address, other) = (Ipv6Addr::from_bits(address).into(), Ipv6Addr::from_bits(other).into());
        let of = |address| Network { address: first(address, prefix_bits), prefix_bits };
        prop_assert_eq!(of(address).contains(other), of(address) == of(other));
    }

    #[test]
    fn a_network_made_by_hand_never_panics(address in any::<IpAddr>(), other in any::<IpAddr>(), prefix_bits in any::<u8>()) {
        let network = Network { address, prefix_bits };
        prop_assert!(!network.contains(other) || network.address.is_ipv4() == other.to_canonical().is_ipv4());
    }
}
