use super::*;

#[test]
fn the_declared_encoding_is_found_as_python_finds_it() {
    let cases = [
        ("# -*- coding: latin-1 -*-\n", Some("latin-1")),
        ("#!/usr/bin/env python\n# vim: set fileencoding=koi8_r :\n", Some("koi8_r")),
        ("\u{feff}# coding=utf-8\r\n", Some("utf-8")),
        ("\t# coding:iso8859-15", Some("iso8859-15")),
        ("# coding : latin-1\n", None),
        ("x = 1\n# coding: latin-1\n", None),
        ("#\n#\n# coding: latin-1\n", None),
        ("# encoding\n", None),
        ("", None),
    ];
    for (text, encoding) in cases {
        assert_eq!(declared_encoding(text), encoding, "{text:?}");
    }
    assert!(is_utf8("UTF_8") && is_utf8("utf8") && !is_utf8("latin-1"));
}
