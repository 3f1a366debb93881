use std::net::TcpListener;
use std::thread;

use super::*;

/// Answers each connection with the next of these responses, and gives the requests.
fn serve(responses: &'static [&'static str]) -> (u16, thread::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = thread::spawn(move || {
        let answer = |response: &&str| {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 4096];
            let length = stream.read(&mut request).unwrap();
            stream.write_all(response.as_bytes()).unwrap();
            String::from_utf8_lossy(&request[..length]).into_owned()
        };
        responses.iter().map(answer).collect()
    });
    (port, server)
}

#[test]
fn a_cookie_comes_back_with_the_next_request() {
    let (port, server) = serve(&[
        "HTTP/1.0 200 OK\r\nSet-Cookie: csrftoken=abc; Path=/\r\nContent-Length: 2\r\n\r\nhi",
        "HTTP/1.0 302 Found\r\n\r\n",
    ]);
    let mut client = Client::new(port);
    let response = client.get("/login/").unwrap();
    assert_eq!((response.status, response.body.as_slice()), (200, b"hi".as_slice()));
    assert_eq!(client.cookie("csrftoken"), Some("abc"));
    assert_eq!(client.post("/login/", "a=b").unwrap().status, 302);
    let requests = server.join().unwrap();
    assert!(requests[0].starts_with("GET /login/ HTTP/1.0\r\n"), "{}", requests[0]);
    assert!(requests[1].contains("\r\nCookie: csrftoken=abc\r\n"), "{}", requests[1]);
    assert!(requests[1].ends_with("Content-Length: 3\r\n\r\na=b"), "{}", requests[1]);
}

#[test]
fn a_response_that_was_cut_off_is_an_error() {
    let cut = parse(b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhi".to_vec()).unwrap_err();
    assert_eq!(cut.to_string(), "the response was cut off: 2 bytes of 5");
    let headless = parse(b"HTTP/1.0 200 OK\r\nContent".to_vec()).unwrap_err();
    assert_eq!(headless.to_string(), "the response has no end of its headers");
}

#[test]
fn an_answer_that_is_not_http_is_an_error() {
    assert_eq!(parse(b"hello\r\n\r\n".to_vec()).unwrap_err().to_string(), "`hello` is no status line");
}
