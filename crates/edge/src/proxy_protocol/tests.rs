use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use proptest::prelude::*;

use super::*;

const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

/// An encoder of what senders send, for round trips.
fn line(source: SocketAddr, destination: SocketAddr) -> Vec<u8> {
    let family = if source.is_ipv4() { "TCP4" } else { "TCP6" };
    let (from, to) = (source.ip(), destination.ip());
    format!("PROXY {family} {from} {to} {} {}\r\n", source.port(), destination.port()).into_bytes()
}

fn block(command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
    let length = u16::try_from(rest.len()).unwrap().to_be_bytes();
    [SIGNATURE, &[command, family], &length, rest].concat()
}

fn addresses(source: SocketAddr, destination: SocketAddr) -> Vec<u8> {
    let ports = [source.port().to_be_bytes(), destination.port().to_be_bytes()].concat();
    let ips: Vec<u8> = [source.ip(), destination.ip()]
        .into_iter()
        .flat_map(|ip| match ip {
            IpAddr::V4(ip) => ip.octets().to_vec(),
            IpAddr::V6(ip) => ip.octets().to_vec(),
        })
        .collect();
    [ips, ports].concat()
}

fn tlv(kind: u8, value: &[u8]) -> Vec<u8> {
    [&[kind], &u16::try_from(value.len()).unwrap().to_be_bytes()[..], value].concat()
}

/// A header with the checksum in its last TLV.
fn summed(family: u8, rest: &[u8]) -> Vec<u8> {
    let mut header = block(0x21, family, &[rest, &tlv(3, &[0; 4])].concat());
    let sum = crc32c(&header).to_be_bytes();
    let at = header.len() - 4;
    header[at..].copy_from_slice(&sum);
    header
}

/// By long division, bit by bit from the front: not how the decoder does it.
fn crc32c(bytes: &[u8]) -> u32 {
    let mut remainder = u32::MAX;
    for bit in bytes.iter().flat_map(|byte| (0..8).map(move |at| u32::from(byte >> at & 1))) {
        let carry = (remainder >> 31) ^ bit;
        remainder = (remainder << 1) ^ (carry * 0x1EDC_6F41);
    }
    (!remainder).reverse_bits()
}

fn done(consumed: usize, source: &str, destination: &str) -> Progress {
    let parse = |end: &str| Some(end.parse().unwrap());
    Progress::Done { consumed, source: parse(source), destination: parse(destination) }
}

fn no_address(consumed: usize) -> Progress {
    Progress::Done { consumed, source: None, destination: None }
}

/// Decodes as bytes come in one by one: the answer, and after how many bytes it was certain.
fn first_answer(input: &[u8]) -> (usize, Result<Progress, Malformed>) {
    let mut lengths = (0..=input.len()).map(|length| (length, decode(&input[..length])));
    lengths.find(|(_, answer)| *answer != Ok(Progress::NeedMore)).unwrap_or((0, Ok(Progress::NeedMore)))
}

#[test]
fn lines_of_version_1_are_read() {
    let example = b"PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\nGET / HTTP/1.1\r\n";
    assert_eq!(decode(example), Ok(done(47, "192.168.0.1:56324", "192.168.0.11:443")));
    let longest = "PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n";
    assert_eq!(decode(longest.as_bytes()), Ok(done(56, "255.255.255.255:65535", "255.255.255.255:65535")));
    let full = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:FFFF";
    let end = format!("[{full}]:65535");
    let longest = format!("PROXY TCP6 {full} {full} 65535 65535\r\n");
    assert_eq!(decode(longest.as_bytes()), Ok(done(104, &end, &end)));
    assert_eq!(decode(b"PROXY TCP6 2001:db8::1 :: 0 1\r\n"), Ok(done(31, "[2001:db8::1]:0", "[::]:1")));
    // As written by inet_ntop where one end speaks IPv4 and the other IPv6.
    let mapped = b"PROXY TCP6 ::ffff:192.0.2.1 2001:db8::1 5 80\r\n";
    assert_eq!(decode(mapped), Ok(done(46, "[::ffff:192.0.2.1]:5", "[2001:db8::1]:80")));
}

#[test]
fn of_an_unknown_connection_only_the_end_of_the_line_counts() {
    assert_eq!(decode(b"PROXY UNKNOWN\r\n"), Ok(no_address(15)));
    assert_eq!(decode(b"PROXY UNKNOWN \r\nGET"), Ok(no_address(16)));
    assert_eq!(decode(b"PROXY UNKNOWN 1.2.3.4 not an address\r\n"), Ok(no_address(38)));
    let longest = format!("PROXY UNKNOWN {}\r\n", "f".repeat(91));
    assert_eq!(decode(longest.as_bytes()), Ok(no_address(PROXY_LINE_BYTES_MAX)));
    let longer = format!("PROXY UNKNOWN {}\r\n", "f".repeat(92));
    assert_eq!(first_answer(longer.as_bytes()), (PROXY_LINE_BYTES_MAX, Err(Malformed::LineTooLong)));
}

/// Where the line goes wrong: the last byte here is the first that cannot belong to any header.
#[test]
fn lines_of_version_1_are_refused_at_their_first_wrong_byte() {
    let table: &[&str] = &[
        "PROXY  ",
        "PROXY t",
        "PROXY TCP5",
        "PROXY TCP\r",
        "PROXY TCP4  ",
        "PROXY TCP4\r",
        "PROXY TCP4 \r",
        "PROXY TCP4 :",
        "PROXY TCP4 01",
        "PROXY TCP4 256",
        "PROXY TCP4 1..",
        "PROXY TCP4 1.2.3 ",
        "PROXY TCP4 1.2.3.4.",
        "PROXY TCP4 1.2.3.4\t",
        "PROXY TCP4 1.2.3.4\r",
        "PROXY TCP4 1.2.3.4  ",
        "PROXY TCP4 1.2.3.4 a",
        "PROXY TCP4 1.2.3.4 1.2.3.4 +",
        "PROXY TCP4 1.2.3.4 1.2.3.4 -",
        "PROXY TCP4 1.2.3.4 1.2.3.4 00",
        "PROXY TCP4 1.2.3.4 1.2.3.4 65536",
        "PROXY TCP4 1.2.3.4 1.2.3.4 655350",
        "PROXY TCP4 1.2.3.4 1.2.3.4 1\r",
        "PROXY TCP4 1.2.3.4 1.2.3.4 1  ",
        "PROXY TCP4 1.2.3.4 1.2.3.4 1 2 ",
        "PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4 1 2\r\r",
        "PROXY TCP6 1.",
        "PROXY TCP6 g",
        "PROXY TCP6 [",
        "PROXY TCP6 12345",
        "PROXY TCP6 :::",
        "PROXY TCP6 1::2::",
        "PROXY TCP6 1:2:3:4:5:6:7:8:",
        "PROXY TCP6 1:2:3:4:5:6:7 ",
        "PROXY TCP6 ::1%",
        "PROXY TCP6 ::ffff:1.2.3.256",
        "PROXY UNKNOWNX",
        "PROXY UNKNOWN\n",
        "PROXY UNKNOWN\rX",
        "PROXY UNKNOWN 1\n",
        "PROXY UNKNOWN 1\0",
        "PROXY UNKNOWN \u{80}",
        "PROXY U\r",
    ];
    for line in table {
        let certain = line.char_indices().next_back().unwrap().0 + 1;
        for rest in ["", "\r\n", " 1.2.3.4 1 1\r\n"] {
            let input = format!("{line}{rest}");
            assert_eq!(first_answer(input.as_bytes()), (certain, Err(Malformed::Line)), "{line:?}");
        }
    }
}

#[test]
fn whoever_does_not_speak_the_protocol_is_refused_at_once() {
    let table: &[(&[u8], usize)] = &[
        (b"GET / HTTP/1.1\r\n", 1),
        (b"POST / HTTP/1.1\r\n", 2),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 3),
        (b"PROXYTCP4 ", 6),
        (b"PROXY\tTCP4 ", 6),
        (b"proxy TCP4 ", 1),
        (b" PROXY TCP4 ", 1),
        (b"\x16\x03\x01\x02\x00", 1),
        (b"\r\nPROXY ", 3),
        (b"\r\n\r\nGET / HTTP/1.1", 5),
        (b"\r\n\r\n\0\r\nQUIT\r", 12),
        (b"\0", 1),
    ];
    for (input, certain) in table {
        assert_eq!(first_answer(input), (*certain, Err(Malformed::Signature)), "{input:?}");
    }
}

#[test]
fn blocks_of_version_2_are_read() {
    let four = [1, 2, 3, 4, 5, 6, 7, 8, 0x01, 0x00, 0x00, 0x50];
    let (source, destination) = ("1.2.3.4:256", "5.6.7.8:80");
    assert_eq!(decode(&block(0x21, 0x11, &four)), Ok(done(28, source, destination)));
    assert_eq!(decode(&block(0x21, 0x12, &four)), Ok(done(28, source, destination)));
    let with_tlvs = [&four[..], &tlv(0x04, b""), &tlv(0x01, b"h2"), &tlv(0xE0, &[0; 300])].concat();
    let followed = [&block(0x21, 0x11, &with_tlvs)[..], b"GET"].concat();
    assert_eq!(decode(&followed), Ok(done(followed.len() - 3, source, destination)));
    let six: Vec<u8> = (0..32).chain([0, 1, 0xff, 0xff]).collect();
    let (source, destination) =
        ("[1:203:405:607:809:a0b:c0d:e0f]:1", "[1011:1213:1415:1617:1819:1a1b:1c1d:1e1f]:65535");
    assert_eq!(decode(&block(0x21, 0x21, &six)), Ok(done(52, source, destination)));
    let unix = block(0x21, 0x31, &[b'/'; 216]);
    assert_eq!(decode(&unix), Ok(no_address(232)));
}

#[test]
fn a_proxy_that_names_no_address_is_let_in_without_one() {
    let noise = [0xff; 40];
    // Of a connection of the proxy's own, family and block are not to be looked at.
    for (command, family) in
        [(0x20, 0x00), (0x20, 0x11), (0x20, 0xff), (0x21, 0x00), (0x21, 0x01), (0x21, 0x20)]
    {
        assert_eq!(decode(&block(command, family, b"")), Ok(no_address(16)), "{command:x} {family:x}");
        assert_eq!(decode(&block(command, family, &noise)), Ok(no_address(56)), "{command:x} {family:x}");
    }
}

#[test]
fn blocks_of_version_2_are_refused_at_their_first_wrong_byte() {
    let four = [1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 0, 80];
    let with = |rest: &[u8]| block(0x21, 0x11, &[&four[..], rest].concat());
    let head = |length: u16| [SIGNATURE, &[0x21, 0x11], &length.to_be_bytes()].concat();
    let bytes_max = u16::try_from(PROXY_HEADER_BYTES_MAX).unwrap();
    let table = [
        (block(0x11, 0x11, &four), 13, Malformed::Version),
        (block(0x31, 0x11, &four), 13, Malformed::Version),
        (block(0x01, 0x11, &four), 13, Malformed::Version),
        (block(0x22, 0x11, &four), 13, Malformed::Command),
        (block(0x2f, 0x11, &four), 13, Malformed::Command),
        (block(0x21, 0x13, &four), 14, Malformed::Family),
        (block(0x21, 0x03, &four), 14, Malformed::Family),
        (block(0x21, 0x41, &four), 14, Malformed::Family),
        (block(0x21, 0x11, &four[..11]), 16, Malformed::TooShort),
        (block(0x21, 0x21, &[0; 35]), 16, Malformed::TooShort),
        (block(0x21, 0x31, &[0; 215]), 16, Malformed::TooShort),
        (head(bytes_max - 15), 16, Malformed::TooLong),
        (head(bytes_max), 15, Malformed::TooLong),
        (head(u16::MAX), 15, Malformed::TooLong),
        (with(&[4]), 16, Malformed::Tlv),
        (with(&[4, 0]), 16, Malformed::Tlv),
        (with(&[4, 0, 1]), 31, Malformed::Tlv),
        (with(&[4, 0, 0, 4, 0]), 31, Malformed::Tlv),
        (with(&[4, 0xff, 0xff, 0, 0]), 31, Malformed::Tlv),
        (with(&tlv(3, &[0; 3])), 31, Malformed::Checksum),
        (with(&tlv(3, &[0; 5])), 31, Malformed::Checksum),
        (with(&[tlv(3, &[0; 4]), tlv(3, &[0; 4])].concat()), 38, Malformed::Checksum),
        (with(&tlv(3, &[0; 4])), 35, Malformed::Checksum),
    ];
    for (input, certain, why) in table {
        assert_eq!(first_answer(&input), (certain, Err(why)), "{input:?}");
    }
    let longest = block(0x21, 0x11, &[&four[..], &tlv(4, &vec![0; PROXY_HEADER_BYTES_MAX - 31])].concat());
    assert_eq!(decode(&longest), Ok(done(PROXY_HEADER_BYTES_MAX, "1.2.3.4:1", "5.6.7.8:80")));
}

#[test]
fn a_damaged_header_with_a_checksum_is_refused_wherever_it_is_damaged() {
    assert_eq!(crc32c(b"123456789"), 0xE306_9283, "the check value of CRC-32C");
    for header in [summed(0x11, &[[1; 12].to_vec(), tlv(4, b"abc")].concat()), summed(0x31, &[2; 216])] {
        assert!(matches!(decode(&header), Ok(Progress::Done { .. })));
        // Only the mark of the checksum itself may be damaged unseen: then there is none.
        let mark = header.len() - 7;
        for at in (16..header.len()).filter(|at| *at != mark) {
            let mut damaged = header.clone();
            damaged[at] ^= 0x10;
            assert!(decode(&damaged).is_err(), "{at}");
        }
    }
}

fn ends() -> impl Strategy<Value = (SocketAddr, SocketAddr)> {
    let four =
        || any::<([u8; 4], u16)>().prop_map(|(ip, port)| SocketAddr::new(Ipv4Addr::from(ip).into(), port));
    let six =
        || any::<([u8; 16], u16)>().prop_map(|(ip, port)| SocketAddr::new(Ipv6Addr::from(ip).into(), port));
    prop_oneof![(four(), four()), (six(), six())]
}

/// A valid header of some kind and, where it names them, its ends.
fn header() -> impl Strategy<Value = (Vec<u8>, Option<(SocketAddr, SocketAddr)>)> {
    let tlvs = prop::collection::vec((4_u8..=255, prop::collection::vec(any::<u8>(), 0..40)), 0..4)
        .prop_map(|tlvs| tlvs.iter().flat_map(|(kind, value)| tlv(*kind, value)).collect::<Vec<u8>>());
    let family = |source: SocketAddr| if source.is_ipv4() { 0x11 } else { 0x21 };
    let proxied = (ends(), tlvs, any::<bool>()).prop_map(move |((source, destination), tlvs, is_summed)| {
        let rest = [addresses(source, destination), tlvs].concat();
        let family = family(source);
        let header = if is_summed { summed(family, &rest) } else { block(0x21, family, &rest) };
        (header, Some((source, destination)))
    });
    prop_oneof![
        ends().prop_map(|(source, destination)| (line(source, destination), Some((source, destination)))),
        "[ -~]{0,90}".prop_map(|rest| (format!("PROXY UNKNOWN {rest}\r\n").into_bytes(), None)),
        proxied,
        prop::collection::vec(any::<u8>(), 0..300).prop_map(|rest| (block(0x20, 0, &rest), None)),
    ]
}

/// What may complete a beginning of a line of version 1.
fn completions() -> Vec<String> {
    let words = ["", "0", ":", "::", ":0", ".0", "0.0", ".0.0", "0.0.0", ".0.0.0", "0.0.0.0"];
    let rests = ["", "\n", "\r\n", " 0\r\n", " 0 0\r\n", " :: 0 0\r\n", " 0.0.0.0 0 0\r\n"];
    let tags = [
        "PROXY UNKNOWN\r\n",
        "TCP6 :: :: 0 0\r\n",
        "6 :: :: 0 0\r\n",
        " :: :: 0 0\r\n",
        " 0.0.0.0 0.0.0.0 0 0\r\n",
    ];
    let tags = tags.iter().flat_map(|tag| (0..tag.len()).map(|at| tag[at..].to_owned()));
    words.iter().flat_map(|word| rests.iter().map(move |rest| format!("{word}{rest}"))).chain(tags).collect()
}

/// Asserts that what is certain after some bytes is not taken back after more of them.
fn assert_certain(input: &[u8]) -> Result<(), TestCaseError> {
    let (certain, answer) = first_answer(input);
    for length in certain..=input.len() {
        prop_assert_eq!(decode(&input[..length]), answer, "after {} bytes", length);
    }
    if let Ok(Progress::Done { consumed, source, destination }) = answer {
        prop_assert_eq!(consumed, certain);
        prop_assert!(consumed <= PROXY_HEADER_BYTES_MAX);
        prop_assert_eq!(source.is_some(), destination.is_some());
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_bytes_get_an_answer_that_stays(
        beginning in prop::sample::select(vec![&b""[..], SIGNATURE, b"PROXY TCP4 ", b"PROXY UNKNOWN"]),
        rest in prop::collection::vec(any::<u8>(), 0..400),
    ) {
        assert_certain(&[beginning, &rest].concat())?;
    }

    #[test]
    fn valid_headers_come_through_and_all_their_prefixes_wait(
        (header, ends) in header(),
        payload in prop::collection::vec(any::<u8>(), 0..20),
    ) {
        let (source, destination) = ends.unzip();
        let expected = Ok(Progress::Done { consumed: header.len(), source, destination });
        prop_assert_eq!(first_answer(&header), (header.len(), expected));
        prop_assert_eq!(decode(&[header, payload].concat()), expected);
    }

    #[test]
    fn damaged_headers_get_an_answer_that_stays(
        (mut header, _) in header(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let at = at.index(header.len());
        header[at] = byte;
        assert_certain(&header)?;
    }

    #[test]
    fn a_line_is_waited_for_only_while_it_can_still_become_one(
        (source, destination) in ends(),
        at in any::<prop::sample::Index>(),
        byte in prop_oneof![any::<u8>(), prop::sample::select(&b" .:0159af\r\n"[..])],
    ) {
        let mut line = line(source, destination);
        let at = 1 + at.index(line.len() - 1);
        line[at] = byte;
        let beginning = &line[..=at];
        if decode(beginning) == Ok(Progress::NeedMore) {
            let is_line = |end: &String| matches!(decode(&[beginning, end.as_bytes()].concat()), Ok(Progress::Done { .. }));
            prop_assert!(completions().iter().any(is_line), "{:?}", String::from_utf8_lossy(beginning));
        }
    }
}
