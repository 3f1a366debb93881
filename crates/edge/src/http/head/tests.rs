use proptest::prelude::*;

use super::*;

fn request(text: &str) -> Result<RequestHead, Malformed> {
    let end = HeadEnd::default().find(text.as_bytes())?.expect("the whole head is there");
    let mut head = RequestHead::default();
    head.read(&text.as_bytes()[..end])?;
    Ok(head)
}

fn response(text: &str) -> Result<ResponseHead, Malformed> {
    let end = HeadEnd::default().find(text.as_bytes())?.expect("the whole head is there");
    let mut head = ResponseHead::default();
    head.read(&text.as_bytes()[..end])?;
    Ok(head)
}

#[test]
fn a_request_is_read() {
    let head =
        request("GET /a?b HTTP/1.1\r\nHost: Shop.Test:80\r\nX-Own:  v \r\nEmpty:\r\n\r\nrest").unwrap();
    assert_eq!(head.method, Method::Get);
    assert_eq!((head.path(), head.query()), (&b"/a"[..], Some(&b"b"[..])));
    assert_eq!(head.host, b"shop.test:80");
    let fields: Vec<_> = head.fields.iter().map(|field| (field.name, field.value)).collect();
    assert_eq!(fields, [(&b"X-Own"[..], &b"v"[..]), (b"Empty", b"")]);
    assert!(head.keeps_alive());
}

#[test]
fn one_empty_line_before_a_request_is_passed_over() {
    assert!(request("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n").is_ok());
    assert_eq!(request("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n").unwrap_err(), Malformed::RequestLine);
}

#[test]
fn the_host_of_a_whole_url_counts() {
    let head = request("GET http://B.test/x HTTP/1.1\r\nHost: a.test\r\n\r\n").unwrap();
    assert_eq!((&head.host[..], &head.target[..]), (&b"b.test"[..], &b"/x"[..]));
    assert_eq!(request("GET http://b.test?q HTTP/1.1\r\nHost: a\r\n\r\n").unwrap().target, b"/?q");
}

#[test]
fn an_old_client_needs_no_host_and_closes() {
    let head = request("GET / HTTP/1.0\r\n\r\n").unwrap();
    assert_eq!(head.host, b"");
    assert!(!head.keeps_alive());
    assert!(request("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").unwrap().keeps_alive());
    assert!(!request("GET / HTTP/1.1\r\nHost: a\r\nConnection: x, CLOSE\r\n\r\n").unwrap().keeps_alive());
}

#[test]
fn what_is_not_the_grammar_is_refused() {
    for (text, error) in [
        ("GET / HTTP/1.1\nHost: a\r\n\r\n", Malformed::LineEnd),
        ("GET / HTTP/1.1\r\nHost: a\n\r\n", Malformed::LineEnd),
        ("GET / HTTP/1.1\r\nHost: a\r\n\n", Malformed::LineEnd),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: b\rY: c\r\n\r\n", Malformed::FieldValue),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: b\0\r\n\r\n", Malformed::FieldValue),
        ("GET / HTTP/1.1\r\nHost: a\r\nX : b\r\n\r\n", Malformed::FieldName),
        ("GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", Malformed::FieldName),
        ("GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n", Malformed::FieldName),
        ("GET / HTTP/1.1\r\nHost: a\r\nX\u{e4}: b\r\n\r\n", Malformed::FieldName),
        ("GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", Malformed::Folded),
        ("GET / HTTP/1.1\r\n Host: a\r\n\r\n", Malformed::Folded),
        ("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", Malformed::RequestLine),
        ("GET /  HTTP/1.1\r\nHost: a\r\n\r\n", Malformed::RequestLine),
        ("GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", Malformed::RequestLine),
        (" GET / HTTP/1.1\r\nHost: a\r\n\r\n", Malformed::RequestLine),
        ("GET /\r\nHost: a\r\n\r\n", Malformed::RequestLine),
        ("GET / HTTP/1.1 \r\nHost: a\r\n\r\n", Malformed::RequestLine),
        ("G(T / HTTP/1.1\r\nHost: a\r\n\r\n", Malformed::RequestLine),
        ("GET / http/1.1\r\nHost: a\r\n\r\n", Malformed::RequestLine),
        ("GET / HTTP/1.2\r\nHost: a\r\n\r\n", Malformed::Version),
        ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", Malformed::Version),
        ("GET / HTTP/1.1\r\n\r\n", Malformed::Host),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", Malformed::Host),
        ("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", Malformed::Host),
        ("GET / HTTP/1.1\r\nHost:\r\n\r\n", Malformed::Host),
        ("GET a HTTP/1.1\r\nHost: a\r\n\r\n", Malformed::Target),
        ("CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", Malformed::Target),
    ] {
        assert_eq!(request(text).unwrap_err(), error, "{text:?}");
    }
}

#[test]
fn too_much_is_refused_before_it_has_all_come() {
    let mut end = HeadEnd::default();
    assert_eq!(end.find(&vec![b'a'; HEAD_BYTES_MAX]), Ok(None));
    assert_eq!(end.find(&vec![b'a'; HEAD_BYTES_MAX + 1]), Err(Malformed::HeadTooLong));
    let many = format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "X: y\r\n".repeat(FIELDS_MAX));
    assert_eq!(request(&many).unwrap_err(), Malformed::TooManyFields);
}

#[test]
fn a_response_is_read() {
    let head = response("HTTP/1.1 404 Not there\r\nA: b\r\n\r\n").unwrap();
    assert_eq!((head.status, &head.reason[..]), (404, &b"Not there"[..]));
    assert_eq!(response("HTTP/1.1 200\r\n\r\n").unwrap().reason, b"");
    assert_eq!(response("HTTP/1.1 999 x\r\n\r\n").unwrap().status, 999);
    for text in [
        "HTTP/1.1 20 x\r\n\r\n",
        "HTTP/1.1 099 x\r\n\r\n",
        "HTTP/1.1  200\r\n\r\n",
        "HTTP/1.1 2000\r\n\r\n",
        "XTTP/1.1 200 a\r\n\r\n",
        "HTTP/1.1\r\n\r\n",
    ] {
        assert_eq!(response(text).unwrap_err(), Malformed::StatusLine, "{text:?}");
    }
}

#[test]
fn a_status_line_is_written_with_the_usual_words() {
    let mut out = Vec::new();
    write_status_line(404, b"", &mut out);
    write_status_line(200, b"Fine", &mut out);
    assert_eq!(out, b"HTTP/1.1 404 Not Found\r\nHTTP/1.1 200 Fine\r\n");
}

proptest! {
    #[test]
    fn the_end_is_found_in_reads_of_any_size(step in 1_usize..20, lines in proptest::collection::vec("[a-z]{1,8}: [a-z]{0,8}", 0..6)) {
        let lines: Vec<String> = lines.iter().map(|line| format!("{line}\r\n")).collect();
        let text = format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", lines.concat());
        let mut end = HeadEnd::default();
        let mut found = None;
        let mut have = 0;
        while found.is_none() && have < text.len() {
            have = (have + step).min(text.len());
            found = end.find(&text.as_bytes()[..have]).unwrap();
            prop_assert!(found.is_none() || have >= text.len());
        }
        prop_assert_eq!(found, Some(text.len()));
        prop_assert!(request(&text).is_ok());
    }

    #[test]
    fn any_bytes_are_a_head_or_not(mut bytes in proptest::collection::vec(any::<u8>(), 0..200), ends: bool) {
        if ends {
            bytes.extend_from_slice(b"\r\n\r\n");
        }
        if let Ok(Some(end)) = HeadEnd::default().find(&bytes) {
            let _ = RequestHead::default().read(&bytes[..end]);
            let _ = ResponseHead::default().read(&bytes[..end]);
        }
    }

    #[test]
    fn what_is_written_is_read_again(lines in proptest::collection::vec(("[A-Za-z-]{1,12}", "[!-~]([ -~]{0,20}[!-~])?"), 0..20)) {
        let mut fields = Fields::default();
        for (name, value) in &lines {
            fields.push(name.as_bytes(), value.as_bytes());
        }
        let mut out = Vec::new();
        write_status_line(200, b"", &mut out);
        fields.write(&mut out);
        out.extend_from_slice(b"\r\n");
        let end = HeadEnd::default().find(&out).unwrap();
        prop_assert_eq!(end, Some(out.len()));
        let mut head = ResponseHead::default();
        head.read(&out).unwrap();
        prop_assert_eq!(head.fields, fields);
    }
}
