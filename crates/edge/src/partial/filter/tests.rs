use super::*;

fn mask(text: &str) -> Mask {
    Mask::parse(text.as_bytes()).unwrap()
}

fn filtered(json: &str, fields: &str) -> Result<String, FilterError> {
    let mut out = Vec::new();
    filter(json.as_bytes(), &mask(fields), &mut out)?;
    Ok(String::from_utf8(out).unwrap())
}

#[track_caller]
fn selects(json: &str, fields: &str, expected: &str) {
    assert_eq!(filtered(json, fields).as_deref(), Ok(expected), "{fields} of {json}");
}

#[test]
fn members_are_selected_by_name() {
    let json = r#"{"id":1,"title":"T","author":{"id":7,"name":"N","home":{"city":"C","zip":"Z"}}}"#;
    for (fields, expected) in [
        ("id", r#"{"id":1}"#),
        ("title,id", r#"{"id":1,"title":"T"}"#),
        ("author", r#"{"author":{"id":7,"name":"N","home":{"city":"C","zip":"Z"}}}"#),
        ("author/name", r#"{"author":{"name":"N"}}"#),
        ("author(id,home/zip)", r#"{"author":{"id":7,"home":{"zip":"Z"}}}"#),
        ("author/*/city", r#"{"author":{"home":{"city":"C"}}}"#),
        ("*/id", r#"{"author":{"id":7}}"#),
        ("*(id),title", r#"{"title":"T","author":{"id":7}}"#),
        ("nothing", "{}"),
        ("author/nothing", r#"{"author":{}}"#),
        ("author(home(nothing))", r#"{"author":{"home":{}}}"#),
        ("Id", "{}"),
        ("i", "{}"),
        ("idx", "{}"),
    ] {
        selects(json, fields, expected);
    }
    selects("{}", "a", "{}");
}

#[test]
fn a_page_of_rest_framework_is_an_object() {
    let json = r#"{"count":2,"next":"http://testserver/api/?page=2","previous":null,"results":[{"id":1,"title":"A","body":"…"},{"id":2,"title":"B","body":"…"}]}"#;
    selects(json, "results(id,title)", r#"{"results":[{"id":1,"title":"A"},{"id":2,"title":"B"}]}"#);
    selects(json, "count,results/id", r#"{"count":2,"results":[{"id":1},{"id":2}]}"#);
    selects(json, "id", "{}");
}

#[test]
fn arrays_are_transparent() {
    for (json, fields, expected) in [
        (r#"[{"a":1,"b":2},{"a":3}]"#, "a", r#"[{"a":1},{"a":3}]"#),
        (r#"[{"b":2},{"b":3}]"#, "a", "[{},{}]"),
        (r#"[[{"a":1,"b":2}],[[{"b":3}]]]"#, "a", r#"[[{"a":1}],[[{}]]]"#),
        (r#"{"a":[{"b":[{"c":1,"d":2}]}]}"#, "a/b/c", r#"{"a":[{"b":[{"c":1}]}]}"#),
        ("[]", "a", "[]"),
        (r#"{"a":[1,2]}"#, "a", r#"{"a":[1,2]}"#),
        (r#"{"a":[[],[[]]]}"#, "a/b", r#"{"a":[[],[[]]]}"#),
    ] {
        selects(json, fields, expected);
    }
}

#[test]
fn scalars_in_the_way_are_left_out_and_null_stays() {
    for (json, fields, expected) in [
        (r#"{"a":1,"b":2}"#, "a/x,b", r#"{"b":2}"#),
        (r#"{"a":"x","b":true,"c":false,"d":-0.5}"#, "*/x", "{}"),
        (r#"{"a":null,"b":null}"#, "a/x", r#"{"a":null}"#),
        (r#"{"a":[1,{"x":2,"y":3},"z",null,{"x":4}]}"#, "a/x", r#"{"a":[{"x":2},null,{"x":4}]}"#),
        (r#"{"a":[1,2],"b":3}"#, "a/x,b", r#"{"b":3}"#),
        (r#"{"a":[[1],[2,[3]]]}"#, "a/x", "{}"),
        (r#"{"a":[[1],[{"x":2}]]}"#, "a/x", r#"{"a":[[{"x":2}]]}"#),
        (r#"{"a":[]}"#, "a/x", r#"{"a":[]}"#),
        ("[1,2]", "a", "[]"),
        ("[[1],[]]", "a", "[[]]"),
    ] {
        selects(json, fields, expected);
    }
}

#[test]
fn selected_values_keep_every_byte() {
    let number = "1234567890123456789012345678901234567890.10e+00";
    let value = format!(" {{ \"b\" : [ {number} ,\t\"\\u00e9\\/é\\\\\" ] , \"a\":\r\n{{ }} }} ");
    let json = format!("\n{{ \"x\" : 0 , \"v\" :{value}, \"w\": 1E5 }}\n");
    selects(&json, "v,w", &format!("{{\"v\":{},\"w\":1E5}}", value.trim()));
    selects(&json, "v/b", &format!("{{\"v\":{{\"b\":[ {number} ,\t\"\\u00e9\\/é\\\\\" ]}}}}"));
}

#[test]
fn order_and_repeated_keys_stay_as_they_come() {
    selects(r#"{"b":1,"a":2,"b":3,"c":4}"#, "a,b", r#"{"b":1,"a":2,"b":3}"#);
    selects(r#"{"a":{"x":1},"a":2,"a":{"y":3}}"#, "a/x", r#"{"a":{"x":1},"a":{}}"#);
}

#[test]
fn keys_are_compared_decoded_and_written_as_they_are() {
    for (json, fields, expected) in [
        (r#"{"\u0061":1,"b":2}"#, "a", r#"{"\u0061":1}"#),
        (r#"{"x\/y":1}"#, r"x\/y", r#"{"x\/y":1}"#),
        (r#"{"\u00E9":1,"é":2,"e\u0301":3}"#, "é", r#"{"\u00E9":1,"é":2}"#),
        (r#"{"\ud83d\uDE00":1}"#, "\\\u{1f600}", r#"{"\ud83d\uDE00":1}"#),
        (r#"{"\"\\\b\f\n\r\t":1}"#, "\\\"\\\\\\\u{8}\\\u{c}\\\n\\\r\\\t", r#"{"\"\\\b\f\n\r\t":1}"#),
        (r#"{"\\u0061":1}"#, "a", "{}"),
        (r#"{"":1,"a":2}"#, "a", r#"{"a":2}"#),
        // Halves of surrogate pairs are no text: no name is equal, and `*` is every key.
        (r#"{"\ud83d":1,"\ude00":2,"\ud83dx":3,"\ud83d\u0061":4}"#, "a,x", "{}"),
        (r#"{"\ud83d":1,"a":2}"#, "*", r#"{"\ud83d":1,"a":2}"#),
        (r#"{"\ud83d":{"x":1,"y":2}}"#, "a,*/x", r#"{"\ud83d":{"x":1}}"#),
    ] {
        selects(json, fields, expected);
    }
}

#[test]
fn what_is_not_json_is_an_error_wherever_it_stands() {
    for (json, at) in [
        ("", 0),
        (" ", 1),
        ("\u{feff}{}", 0),
        ("{", 1),
        ("[", 1),
        ("{}}", 2),
        ("{} {}", 3),
        (r#"{"a"}"#, 4),
        (r#"{"a":}"#, 5),
        (r#"{"a":1,}"#, 7),
        (r#"{"a":1 "b":2}"#, 7),
        (r#"{"a":1]"#, 6),
        ("{a:1}", 1),
        ("{'a':1}", 1),
        ("{1:1}", 1),
        ("[1,]", 3),
        ("[,1]", 1),
        ("[1}", 2),
        ("[1 2]", 3),
        ("[1/**/]", 2),
        ("[01]", 2),
        ("[-]", 2),
        ("[+1]", 1),
        ("[.5]", 1),
        ("[1.]", 3),
        ("[1e]", 3),
        ("[1e+]", 4),
        ("[0x1]", 2),
        ("[NaN]", 1),
        ("[Infinity]", 1),
        ("[-Infinity]", 2),
        ("[nul]", 4),
        ("[nulll]", 5),
        ("[True]", 1),
        ("[tru", 4),
        ("[\"a", 3),
        ("[\"a\nb\"]", 3),
        ("[\"\u{0}\"]", 2),
        ("[\"a\\", 4),
        ("[\"\\x\"]", 3),
        ("[\"\\u12g4\"]", 6),
        ("[\"\\u123\"]", 7),
        ("[1]\u{a0}", 3),
        ("[\u{c}1]", 1),
    ] {
        // Read as part of what is selected, of what is skipped, and on the way.
        let wrapped = format!("[{{\"k\":{json}}}]");
        assert_eq!(filtered(json, "a"), Err(FilterError::Syntax { at }), "{json:?}");
        assert_eq!(filtered(json, "*"), Err(FilterError::Syntax { at }), "{json:?}");
        for fields in ["k", "x", "k/a", "*"] {
            let error = filtered(&wrapped, fields);
            assert!(matches!(error, Err(FilterError::Syntax { .. })), "{wrapped:?} {fields}");
        }
    }
}

#[test]
fn what_is_json_is_accepted() {
    for json in [
        "[-0]",
        "[0.0,1e5,1E+5,-1.5e-10,123456789012345678901234567890]",
        "[1e999]",
        "[true,false,null]",
        "[\"\",\"\u{7f}\u{2028}\u{10ffff}\"]",
        r#"["\"\\\/\b\f\n\r\t\u0000\uD800\uabCD"]"#,
        " \t\r\n[ \t\r\n] \t\r\n",
        "{\"\":{}}",
    ] {
        let wrapped = format!("{{\"k\":{json}}}");
        selects(&wrapped, "k", &format!("{{\"k\":{}}}", json.trim_ascii()));
        selects(&wrapped, "x", "{}");
        assert!(filtered(json, "a").is_ok(), "{json}");
    }
}

#[test]
fn scalars_alone_have_no_fields() {
    for json in ["1", "\"a\"", "true", "null", " -0.5 "] {
        assert_eq!(filtered(json, "*"), Err(FilterError::Scalar), "{json}");
    }
    assert_eq!(filtered("1 1", "*"), Err(FilterError::Syntax { at: 2 }));
}

#[test]
fn bytes_that_are_not_utf8_are_an_error() {
    // Overlong, half of a surrogate pair, beyond the last character, cut off, and none of them.
    for bytes in [&b"\xc0\xaf"[..], b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82", b"\xff"] {
        let json = [b"{\"a\":1,\"b\":\"", bytes, b"\"}"].concat();
        let mut out = b"before".to_vec();
        assert_eq!(filter(&json, &mask("a"), &mut out), Err(FilterError::Encoding { at: 12 }));
        assert_eq!(out, b"before");
    }
}

#[test]
fn an_error_takes_back_what_was_written() {
    let mut out = b"before".to_vec();
    assert!(filter(br#"{"a":1,"b":[1,2}"#, &mask("a,b"), &mut out).is_err());
    assert_eq!(out, b"before");
    filter(br#"{"a":1}"#, &mask("a"), &mut out).unwrap();
    assert_eq!(out, br#"before{"a":1}"#);
}

#[test]
fn nesting_has_a_limit_and_no_effect_on_the_stack() {
    let arrays = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let objects = |levels: usize| format!("{}{{}}{}", "{\"a\":".repeat(levels - 1), "}".repeat(levels - 1));
    for fields in ["a", "b", "*", "a/a/a", "a/b"] {
        for (json, at) in [(arrays(JSON_DEPTH_MAX), None), (arrays(JSON_DEPTH_MAX + 1), Some(JSON_DEPTH_MAX))]
        {
            assert_eq!(filtered(&json, fields).err(), at.map(|at| FilterError::TooDeep { at }), "{fields}");
        }
        for (json, at) in
            [(objects(JSON_DEPTH_MAX), None), (objects(JSON_DEPTH_MAX + 1), Some(5 * JSON_DEPTH_MAX))]
        {
            assert_eq!(filtered(&json, fields).err(), at.map(|at| FilterError::TooDeep { at }), "{fields}");
        }
        let hostile = "[".repeat(1 << 20);
        assert_eq!(filtered(&hostile, fields), Err(FilterError::TooDeep { at: JSON_DEPTH_MAX }));
    }
    // Levels that were left do not count.
    let wide = format!("[{}]", vec!["[[{\"a\":[]}]]"; 1000].join(","));
    selects(&wide, "a", &wide);
}

#[test]
fn brackets_are_told_apart_at_every_level() {
    // Alternating, so that each level's bit matters, skipped and copied.
    let open = "[{\"a\":".repeat(JSON_DEPTH_MAX / 2 - 1);
    let close = "}]".repeat(JSON_DEPTH_MAX / 2 - 1);
    let json = format!("{{\"k\":{open}1{close}}}");
    selects(&json, "k", &json);
    selects(&json, "x", "{}");
    let swapped = format!("{{\"k\":{open}1{}}}", "]}".repeat(JSON_DEPTH_MAX / 2 - 1));
    assert!(matches!(filtered(&swapped, "x"), Err(FilterError::Syntax { .. })));
}
