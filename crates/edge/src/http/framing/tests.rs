use super::*;

fn request(version: Version, lines: &[(&str, &str)]) -> Result<Framing, Malformed> {
    let mut head = RequestHead { version, ..RequestHead::default() };
    for (name, value) in lines {
        head.fields.push(name.as_bytes(), value.as_bytes());
    }
    of_request(&head)
}

fn response(method: &Method, status: u16, lines: &[(&str, &str)]) -> Result<Framing, Malformed> {
    let mut head = ResponseHead { status, ..ResponseHead::default() };
    for (name, value) in lines {
        head.fields.push(name.as_bytes(), value.as_bytes());
    }
    of_response(&head, method)
}

#[test]
fn a_request_says_how_long_it_is_or_has_no_body() {
    let of = |lines: &[(&str, &str)]| request(Version::Http11, lines);
    assert_eq!(of(&[]), Ok(Framing::Empty));
    assert_eq!(of(&[("Content-Length", "0")]), Ok(Framing::Empty));
    assert_eq!(of(&[("content-length", "12")]), Ok(Framing::Length(12)));
    assert_eq!(of(&[("Transfer-Encoding", "Chunked")]), Ok(Framing::Chunked));
}

#[test]
fn what_can_be_read_in_two_ways_is_refused() {
    let cases: [(&[(&str, &str)], Malformed); 15] = [
        (&[("Content-Length", "5"), ("Transfer-Encoding", "chunked")], Malformed::Length),
        (&[("Content-Length", "5"), ("Content-Length", "6")], Malformed::Length),
        (&[("Content-Length", "5"), ("Content-Length", "5")], Malformed::Length),
        (&[("Content-Length", "5, 5")], Malformed::Length),
        (&[("Content-Length", "+5")], Malformed::Length),
        (&[("Content-Length", "-5")], Malformed::Length),
        (&[("Content-Length", "0x5")], Malformed::Length),
        (&[("Content-Length", "")], Malformed::Length),
        (&[("Content-Length", "99999999999999999999")], Malformed::Length),
        (&[("Transfer-Encoding", "chunked"), ("Transfer-Encoding", "chunked")], Malformed::TransferCoding),
        (&[("Transfer-Encoding", "gzip, chunked")], Malformed::TransferCoding),
        (&[("Transfer-Encoding", "chunked, identity")], Malformed::TransferCoding),
        (&[("Transfer-Encoding", "identity")], Malformed::TransferCoding),
        (&[("Transfer-Encoding", "\u{b}chunked")], Malformed::TransferCoding),
        (&[("Transfer-Encoding", "chunked;q=1")], Malformed::TransferCoding),
    ];
    for (lines, error) in cases {
        assert_eq!(request(Version::Http11, lines), Err(error), "{lines:?}");
    }
    let chunked: &[_] = &[("Transfer-Encoding", "chunked")];
    assert_eq!(request(Version::Http10, chunked), Err(Malformed::TransferCoding));
}

#[test]
fn a_response_may_end_with_the_connection() {
    assert_eq!(response(&Method::Get, 200, &[]), Ok(Framing::UntilClose));
    assert_eq!(response(&Method::Get, 200, &[("Content-Length", "7")]), Ok(Framing::Length(7)));
    assert_eq!(
        response(&Method::Get, 200, &[("Content-Length", "7"), ("Content-Length", "8")]),
        Err(Malformed::Length)
    );
}

#[test]
fn some_responses_have_no_body_whatever_they_say() {
    let long: &[_] = &[("Content-Length", "7")];
    for (method, status) in [(Method::Head, 200), (Method::Get, 204), (Method::Get, 304), (Method::Get, 103)]
    {
        assert_eq!(response(&method, status, long), Ok(Framing::Empty), "{status}");
    }
}
