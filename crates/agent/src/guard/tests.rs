use super::*;

#[test]
fn messages_that_may_quote_a_value_are_left_out() {
    for (reason, kept) in [
        ("finish: ValueError: no such customer: Ada", "finish: ValueError"),
        ("finish: InvalidToken: hunter2", "finish: InvalidToken"),
        ("KeyError: 'hunter2'", "KeyError"),
        (
            "begin: AttributeError: 'int' object has no attribute 'x'",
            "begin: AttributeError: 'int' object has no attribute 'x'",
        ),
        (
            "index out of bounds: the len is 3 but the index is 7",
            "index out of bounds: the len is 3 but the index is 7",
        ),
    ] {
        assert_eq!(without_values(reason), kept);
    }
}
