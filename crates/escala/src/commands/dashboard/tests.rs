use super::*;

#[test]
fn addresses_are_read_as_people_write_them() {
    let read = |text: &str| text.parse::<Address>().map(|address| address.0.to_string());
    assert_eq!(read("localhost:80").as_deref(), Ok("127.0.0.1:80"));
    assert_eq!(read("0.0.0.0:0").as_deref(), Ok("0.0.0.0:0"));
    assert_eq!(read("[::1]:7357").as_deref(), Ok("[::1]:7357"));
    for wrong in ["", "off", "7357", ":7357", "localhost", "localhost:x", "example.org:80", "127.0.0.1"] {
        assert!(read(wrong).is_err(), "{wrong}");
    }
}
