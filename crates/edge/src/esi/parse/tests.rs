use super::*;
use crate::limits::ESI_NAME_BYTES_MAX;

#[track_caller]
fn error(body: &str) -> String {
    parse(body.as_bytes()).map_or_else(|error| error.to_string(), |document| panic!("{body}: {document:?}"))
}

fn element(name: &str) -> Construct {
    Construct::Element { name: name.to_owned() }
}

/// Every fault, with the place where it is said to be: `^` stands before it.
#[track_caller]
fn fails(marked: &str, fault: &Fault) {
    let (before, after) = marked.split_once('^').unwrap();
    let body = format!("{before}{after}");
    let position = Position { offset: before.len(), line: before.split('\n').count() };
    let expected = ParseError { position, fault: fault.clone() };
    assert_eq!(parse(body.as_bytes()), Err(expected), "{marked}");
}

#[test]
fn what_is_not_closed() {
    let unclosed = |name| Fault::Unclosed { opened: element(name) };
    fails("a\n^<esi:remove>b\n", &unclosed("remove"));
    fails("^<esi:vars>", &unclosed("vars"));
    fails("<esi:x>^<esi:vars>", &unclosed("vars"));
    fails("^<esi:try> ", &unclosed("try"));
    fails("<esi:try>^<esi:attempt> ", &unclosed("attempt"));
    fails("a^<!--esi b", &Fault::Unclosed { opened: Construct::Comment });
    fails("^<!--esi", &Fault::Unclosed { opened: Construct::Comment });
    fails("^<!--esi -- >->", &Fault::Unclosed { opened: Construct::Comment });
    fails("^<esi:remove></esi: remove></ESI:remove></esi>", &unclosed("remove"));
}

#[test]
fn what_is_closed_without_being_open() {
    let closes_nothing = |name| Fault::ClosesNothing { closed: element(name) };
    fails("<esi:remove>a</esi:remove>^</esi:remove>", &closes_nothing("remove"));
    fails("<esi:include src='/x'/>^</esi:include>", &closes_nothing("include"));
    fails("<esi:comment/>^</esi:vars>", &closes_nothing("vars"));
}

#[test]
fn what_is_closed_in_the_wrong_order() {
    let crossed = |closed, opened| Fault::Crossed { closed, opened, opened_line: 2 };
    fails("\n<esi:remove>\n^</esi:vars></esi:remove>", &crossed(element("vars"), element("remove")));
    fails("\n<esi:x>^</esi:X></esi:x>", &crossed(element("X"), element("x")));
    fails("<esi:x>\n<esi:y>^</esi:x>", &crossed(element("x"), element("y")));
    fails("\n<esi:try>^</esi:attempt></esi:try>", &crossed(element("attempt"), element("try")));
    fails("<esi:try>\n<esi:attempt>^</esi:try>", &crossed(element("try"), element("attempt")));
    // A comment around an element, and across it.
    fails("<!--esi\n<esi:remove>^--></esi:remove>", &crossed(Construct::Comment, element("remove")));
    fails("<!--esi\n<esi:vars><!-- a ^--></esi:vars>", &crossed(Construct::Comment, element("vars")));
    fails("<!--esi\n<esi:try> ^--></esi:try>", &crossed(Construct::Comment, element("try")));
    fails(
        "<esi:try><esi:attempt>\n<!--esi a^</esi:attempt>-->",
        &crossed(element("attempt"), Construct::Comment),
    );
    fails("\n<!--esi ^</esi:remove>-->", &crossed(element("remove"), Construct::Comment));
}

#[test]
fn tags_that_are_broken() {
    let unfinished = |name: &str| Fault::UnfinishedTag { name: name.to_owned() };
    fails("a\n^<esi:include", &unfinished("include"));
    fails("^<esi:include src='/x' ", &unfinished("include"));
    fails("<esi:remove>^</esi:remo", &unfinished("remo"));
    let malformed = |name: &str| Fault::MalformedTag { name: name.to_owned() };
    fails("^<esi:include\"/x\"/>", &malformed("include"));
    fails("^<esi:include src='/x'alt='/y'/>", &malformed("include"));
    fails("^<esi:include ='/x'/>", &malformed("include"));
    fails("^<esi:include / src='/x'>", &malformed("include"));
    fails("^<esi:vars<b>", &malformed("vars"));
    fails("<esi:remove>^</esi:remove a='b'>", &malformed("remove"));
    let unquoted = |attribute: &str| Fault::Unquoted { attribute: attribute.to_owned() };
    fails("^<esi:include src=/x />", &unquoted("src"));
    fails("^<esi:include src/>", &unquoted("src"));
    fails("^<esi:include src='/x' defer alt='/y'/>", &unquoted("defer"));
    fails("^<esi:include src=", &unquoted("src"));
    fails("^<esi:include src '/x'/>", &unquoted("src"));
    fails("^<esi:vars name=$(A)>", &unquoted("name"));
    let unclosed = |attribute: &str| Fault::UnclosedQuote { attribute: attribute.to_owned() };
    fails("^<esi:include src='/x\"/>", &unclosed("src"));
    fails("^<esi:include src=\"", &unclosed("src"));
    fails("^<esi:comment text=\"it's/>", &unclosed("text"));
    fails("^<esi:include src='/x' src=\"/y\"/>", &Fault::RepeatedAttribute { attribute: "src" });
    fails("^<esi:include alt='/x' alt=''/>", &Fault::RepeatedAttribute { attribute: "alt" });
    fails(
        "^<esi:include onerror='continue' onerror='continue'/>",
        &Fault::RepeatedAttribute { attribute: "onerror" },
    );
}

#[test]
fn includes_that_are_wrong() {
    fails("a^<esi:include/>", &Fault::NoSource);
    fails("^<esi:include alt='/x' onerror='continue'/>", &Fault::NoSource);
    fails("^<esi:include SRC='/x'/>", &Fault::NoSource);
    fails("^<esi:include src=''/>", &Fault::EmptySource { attribute: "src" });
    fails("^<esi:include src='/x' alt=\"\"/>", &Fault::EmptySource { attribute: "alt" });
    for value in ["", "Continue", "fail", " continue"] {
        fails(&format!("^<esi:include src='/x' onerror='{value}'/>"), &Fault::UnknownOnError);
    }
}

#[test]
fn content_where_none_may_be() {
    fails("^<esi:include src='/x'>", &Fault::HasContent { name: "include" });
    fails("^<esi:include src='/x'>a</esi:include>", &Fault::HasContent { name: "include" });
    fails("^<esi:include src='/x'><esi:param/></esi:include>", &Fault::HasContent { name: "include" });
    fails("^<esi:include src='/x'></esi:comment>", &Fault::HasContent { name: "include" });
    fails("^<esi:comment text='a'></esi:include>", &Fault::HasContent { name: "comment" });
    fails("^<esi:comment text='a'>", &Fault::HasContent { name: "comment" });
    fails("^<esi:comment>a</esi:comment>", &Fault::HasContent { name: "comment" });
}

#[test]
fn what_stands_in_the_wrong_element() {
    let in_remove = |found| Fault::InRemove { found };
    fails("<esi:remove>a^<esi:include src='/x'/></esi:remove>", &in_remove(element("include")));
    fails("<esi:remove>\n^<esi:remove></esi:remove></esi:remove>", &in_remove(element("remove")));
    fails("<esi:remove>^<esi:comment/></esi:remove>", &in_remove(element("comment")));
    fails("<esi:remove>^<!--esi a --></esi:remove>", &in_remove(Construct::Comment));
    let in_try = |found| Fault::InTry { found };
    fails("<esi:try>^<esi:include src='/x'/></esi:try>", &in_try(element("include")));
    fails("<esi:try> ^<esi:comment/></esi:try>", &in_try(element("comment")));
    fails("<esi:try><esi:attempt/>\n^<!--esi <esi:except/>--></esi:try>", &in_try(Construct::Comment));
    fails("<esi:try> ^a</esi:try>", &Fault::TextInTry);
    fails("<esi:try><esi:attempt/>\n ^<!-- b --><esi:except/></esi:try>", &Fault::TextInTry);
    for name in ["attempt", "except"] {
        fails(&format!("a^<esi:{name}>b</esi:{name}>"), &Fault::OutsideTry { name });
        fails(&format!("<esi:try><esi:attempt>^<esi:{name}/>"), &Fault::OutsideTry { name });
    }
}

#[test]
fn a_try_has_one_of_both_branches_in_order() {
    fails("a^<esi:try/>", &Fault::NoBranch { name: "attempt" });
    fails("\n^<esi:try>\n</esi:try>", &Fault::NoBranch { name: "attempt" });
    fails("^<esi:try><esi:attempt>a</esi:attempt></esi:try>", &Fault::NoBranch { name: "except" });
    fails("<esi:try>^<esi:except>a</esi:except><esi:attempt/></esi:try>", &Fault::ExceptFirst);
    let twice = |name| Fault::RepeatedBranch { name };
    fails("<esi:try><esi:attempt/>^<esi:attempt/><esi:except/></esi:try>", &twice("attempt"));
    fails("<esi:try><esi:attempt/><esi:except/>^<esi:except>", &twice("except"));
}

#[test]
fn comments_do_not_nest() {
    fails("<!--esi a ^<!--esi b --> -->", &Fault::CommentInComment);
    fails("<!--esi <esi:try><esi:attempt>^<!--esi --></esi:attempt></esi:try>-->", &Fault::CommentInComment);
}

#[test]
fn what_an_author_reads() {
    assert_eq!(
        error("<p>\n<esi:remove>\n"),
        "line 2 (byte 4): `<esi:remove>` is never closed: add `</esi:remove>`"
    );
    assert_eq!(error("<!--esi "), "line 1 (byte 0): `<!--esi` is never closed: add `-->`");
    assert_eq!(
        error("<esi:include/>"),
        "line 1 (byte 0): `<esi:include>` has no `src`: write <esi:include src=\"/path/\"/>"
    );
    assert_eq!(
        error("<esi:try>\n<esi:attempt>\n</esi:try>"),
        "line 3 (byte 24): `</esi:try>` stands where `</esi:attempt>` is due: `<esi:attempt>` of line 2 is still open"
    );
    assert_eq!(
        error("<!--esi <esi:vars>-->"),
        "line 1 (byte 18): `-->` stands where `</esi:vars>` is due: `<esi:vars>` of line 1 is still open"
    );
    assert_eq!(
        error("<esi:comment/></esi:remove>"),
        "line 1 (byte 14): `</esi:remove>` closes nothing: no `<esi:remove>` is open here"
    );
}

#[test]
fn long_names_are_cut_in_messages() {
    let name = "n".repeat(1000);
    let message = error(&format!("<esi:{name}>"));
    assert!(message.contains(&name[..ESI_NAME_BYTES_MAX]) && message.len() < 300, "{message}");
}

#[test]
fn as_many_includes_as_the_limit_and_no_more() {
    let include = "<esi:include src='/x'/>";
    let most = include.repeat(ESI_INCLUDES_MAX);
    assert_eq!(parse(most.as_bytes()).unwrap().pieces.len(), ESI_INCLUDES_MAX);
    fails(&format!("{most}^{include}"), &Fault::TooManyIncludes);
    assert!(error(&(most.clone() + include)).contains("ESI_INCLUDES_MAX"));
    // Those in branches count; those that are left out do not.
    let in_except = format!("<esi:try><esi:attempt>{most}</esi:attempt><esi:except>^{include}");
    fails(&in_except, &Fault::TooManyIncludes);
    let left_out = format!("{most}<esi:vars>{include}</esi:vars><esi:include src='$(A)'/>");
    assert_eq!(parse(left_out.as_bytes()).unwrap().pieces.len(), ESI_INCLUDES_MAX);
}

#[test]
fn as_deep_as_the_limit_and_no_deeper() {
    for (open, close) in
        [("<esi:vars>", "</esi:vars>"), ("<esi:try><esi:attempt>", "</esi:attempt><esi:except/></esi:try>")]
    {
        let levels = ESI_OPEN_MAX / open.matches('<').count();
        let deepest = open.repeat(levels) + &close.repeat(levels);
        assert!(parse(deepest.as_bytes()).is_ok(), "{open}");
        let deeper = format!("{}^<esi:remove>a</esi:remove>{}", open.repeat(levels), close.repeat(levels));
        // What is left out is no less deep.
        fails(&deeper, &Fault::TooDeep);
        assert!(error(&deeper.replace('^', "")).contains("ESI_OPEN_MAX"));
    }
    let side_by_side = "<esi:vars>a</esi:vars><!--esi a -->".repeat(ESI_OPEN_MAX * 2);
    assert!(parse(side_by_side.as_bytes()).is_ok());
}

#[test]
fn as_many_pieces_as_the_limit_and_no_more() {
    let most = "a<esi:comment/>".repeat(ESI_PIECES_MAX);
    assert_eq!(parse(most.as_bytes()).unwrap().pieces.len(), ESI_PIECES_MAX);
    fails(&format!("{most}^a"), &Fault::TooManyPieces);
    assert!(error(&(most + "a")).contains("ESI_PIECES_MAX"));
}

#[test]
fn addresses_as_long_as_the_limit_and_no_longer() {
    let most = "x".repeat(ESI_SOURCE_BYTES_MAX);
    assert!(parse(format!("<esi:include src='{most}' alt='{most}'/>").as_bytes()).is_ok());
    fails(&format!("^<esi:include src='{most}x'/>"), &Fault::LongSource { attribute: "src" });
    fails(&format!("^<esi:include src='/' alt='{most}x'/>"), &Fault::LongSource { attribute: "alt" });
    assert!(error(&format!("<esi:include src='{most}x'/>")).contains("ESI_SOURCE_BYTES_MAX"));
}

/// How many bytes are looked at to read a body, each as often as it is.
fn examined(body: &str) -> usize {
    let mut parser = Parser::new(body.as_bytes());
    let _ = parser.read();
    parser.cursor.examined()
}

#[test]
fn reading_is_linear_whatever_is_repeated() {
    const BYTES: usize = 1 << 20;
    // A beginning, what is repeated, and an end.
    for (before, unit, after) in [
        ("", "<esi:", ""),
        ("", "<esi:", "x/>"),
        ("", "<!--esi", ""),
        ("", "<!--esimate", "<esi:x/>"),
        ("", "</esi:", "<esi:x/>"),
        ("", "<", "<esi:x/>"),
        ("<!--esi ", "<", "-->"),
        ("<!--esi ", ">", "-->"),
        ("<!--esi ", "-", "-->"),
        ("<!--esi ", "->", ""),
        ("<!--esi ", "<!--esi-", "-->"),
        ("", "<esi:x/>", ""),
        ("", "<!--esi -->", ""),
        ("", "<esi:comment>", ""),
        ("", "<esi:comment></esi:comment>", ""),
        ("", "<esi:x></esi:x>", ""),
        ("", "<esi:x>", ""),
        ("<esi:x>", "<esi:x/>", "</esi:x>"),
        ("<esi:x>", "<!--esi ", "</esi:x>"),
        ("<esi:x>", "</esi:", "</esi:x>"),
        ("<esi:remove>", "</esi:", "</esi:remove>"),
        ("<esi:remove>", "-->", "</esi:remove>"),
        ("<esi:try>", " ", "</esi:try>"),
        ("<esi:comment", " ", "/>"),
        ("<esi:comment", " a=''", "/>"),
        ("<esi:comment", " a='\"'", "/>"),
        ("<esi:comment a='", "&<esi:\"", "'/>"),
        ("<esi:include src='", "&amp;", "'/>"),
        ("<esi:comment>", " ", "</esi:comment>"),
        ("<esi:", "x", "/>"),
        ("<esi:x ", "x", "='/>"),
        ("", "<esi:include src='", ""),
        ("", "a<esi:include src='/'/>", ""),
        ("", "<esi:try><esi:attempt/><esi:except/></esi:try>", ""),
    ] {
        let body = |bytes: usize| format!("{before}{}{after}", unit.repeat(bytes / unit.len()));
        let (half, whole) = (examined(&body(BYTES / 2)), examined(&body(BYTES)));
        // A `<` is held against three beginnings, and counted with the whole length of each.
        assert!(whole <= 24 * BYTES, "{before}{unit}{after}: {whole}");
        assert!(whole <= 2 * half + 200, "{before}{unit}{after}: {half}, {whole}");
    }
}

#[test]
fn all_of_a_body_is_looked_at() {
    // Lest the numbers above be small because nothing is counted.
    let body = "<esi:comment/>".to_owned() + &"a<b>".repeat(1000);
    assert!((body.len()..24 * body.len()).contains(&examined(&body)));
}
