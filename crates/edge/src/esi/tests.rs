use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;

/// Pieces as a line: texts as they are, `{src or alt}`, with `?` if it may be left out, `(attempt else except)`, with `|`
/// between.
fn shown(body: &[u8], pieces: &[Piece]) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let piece = |piece: &Piece| match piece {
        Piece::Text(range) => text(&body[range.clone()]),
        Piece::Include { src, alt, on_error } => {
            let alt = alt.as_ref().map(|alt| format!(" or {}", text(alt))).unwrap_or_default();
            let mark = if *on_error == OnError::Continue { "?" } else { "" };
            format!("{{{}{alt}}}{mark}", text(src))
        }
        Piece::Try { attempt, except } => {
            format!("({} else {})", shown(body, attempt), shown(body, except))
        }
    };
    pieces.iter().map(piece).collect::<Vec<_>>().join("|")
}

#[track_caller]
fn becomes(body: &str, pieces: &str) {
    let document = parse(body.as_bytes()).unwrap_or_else(|error| panic!("{body}: {error}"));
    assert_eq!(shown(body.as_bytes(), &document.pieces), pieces, "{body}");
}

#[track_caller]
fn is_text(body: &str) {
    let pieces = if body.is_empty() { vec![] } else { vec![Piece::Text(0..body.len())] };
    let document = Document { pieces, ..Document::default() };
    assert_eq!(parse(body.as_bytes()), Ok(document), "{body}");
}

#[test]
fn a_page_with_a_hole() {
    let body = br#"<p><esi:include src="/cart/" alt="/empty/" onerror="continue"/></p>"#;
    let include = Piece::Include {
        src: b"/cart/".to_vec(),
        alt: Some(b"/empty/".to_vec()),
        on_error: OnError::Continue,
    };
    let pieces = vec![Piece::Text(0..3), include, Piece::Text(63..67)];
    assert_eq!(parse(body), Ok(Document { pieces, ..Document::default() }));
}

#[test]
fn what_does_not_open_esi_is_text() {
    for body in [
        "",
        "<p>a</p>",
        "<esi>",
        "</esi>",
        "<esimate src=\"/x\"/>",
        "<esi:",
        "<esi:>",
        "<esi:/>",
        "<esi: include src=\"/x\"/>",
        "< esi:include src=\"/x\"/>",
        "<ESI:include src=\"/x\"/>",
        "<esi:<esi:</esi:",
        "<x:esi:include/>",
        "&lt;esi:include src=\"/x\"/>",
        "</esi:remove>",
        "<!-- esi <b> -->",
        "<!--ESI a -->",
        "<!--esimate -->",
        "<!--esi-a -->",
        "<!--esi--",
        "<!-esi -->",
        "a --> b",
        "$(HTTP_HOST)",
    ] {
        is_text(body);
    }
}

#[test]
fn includes() {
    for (body, pieces) in [
        ("<esi:include src='/x'/>", "{/x}"),
        ("a<esi:include src='/x'/>b", "a|{/x}|b"),
        ("<esi:include src='/x'/><esi:include src='/y'/>", "{/x}|{/y}"),
        // In any order, in either quotes, with white space wherever XML has it.
        ("<esi:include onerror='continue' alt=\"/y\" src='/x'/>", "{/x or /y}?"),
        ("<esi:include\n\tsrc = '/x'\r\n alt\t=\n'/y' />", "{/x or /y}"),
        ("<esi:include src='/x?a=\"1\"'/>", "{/x?a=\"1\"}"),
        ("<esi:include src=\"/it's\"/>", "{/it's}"),
        // `>`, `/>` and `-->` in a value end nothing.
        ("<esi:include src='/a>b/>c-->d'/>", "{/a>b/>c-->d}"),
        ("<!--esi <esi:include src='/a-->b'/> -->", " |{/a-->b}| "),
        // Attributes of other processors.
        ("<esi:include src='/x' maxwait='500' data-a.b:c_d='' Src='/y'/>", "{/x}"),
        // What XML writers make of an empty element.
        ("<esi:include src='/x'></esi:include>b", "{/x}|b"),
        ("<esi:include src='/x'>\n</esi:include >b", "{/x}|b"),
        // References are decoded once.
        ("<esi:include src='/?a=1&amp;b=&#x27;&#39;&apos;&quot;&lt;&gt;'/>", "{/?a=1&b='''\"<>}"),
        ("<esi:include src='/?a=1&b=2&copy=3&amp;amp;&'/>", "{/?a=1&b=2&copy=3&amp;&}"),
    ] {
        becomes(body, pieces);
    }
}

#[test]
fn esi_counts_wherever_it_stands() {
    for (body, pieces) in [
        ("<!-- <esi:include src='/x'/> -->", "<!-- |{/x}| -->"),
        ("<script>f(\"<esi:include src='/x'/>\")</script>", "<script>f(\"|{/x}|\")</script>"),
        ("<a href='<esi:include src=\"/x\"/>'>", "<a href='|{/x}|'>"),
        ("<![CDATA[<esi:include src='/x'/>]]>", "<![CDATA[|{/x}|]]>"),
        ("a < b <esi:include src='/x'/> <", "a < b |{/x}| <"),
        ("<<esi:include src='/x'/>", "<|{/x}"),
        ("\u{feff}<esi:include src='/x'/>é", "\u{feff}|{/x}|é"),
    ] {
        becomes(body, pieces);
    }
}

#[test]
fn what_is_left_out() {
    for (body, pieces) in [
        ("a<esi:comment text='<b> --> />'/>b", "a|b"),
        ("<esi:comment/>", ""),
        ("<esi:comment text='a'></esi:comment>", ""),
        ("a<esi:remove> <a href='/x'>x</a> <!-- y --> </esi:remove>b", "a|b"),
        ("<esi:remove></esi:remove>", ""),
        ("a<esi:remove/>b", "a|b"),
        ("<esi:remove>a</esi:remove\n><esi:remove>b</esi:remove>", ""),
    ] {
        becomes(body, pieces);
    }
}

#[test]
fn comments_for_browsers_without_a_processor() {
    for (body, pieces) in [
        ("a<!--esi b -->c", "a| b |c"),
        ("<!--esi\n<p><esi:include src='/x'/></p>\n-->", "\n<p>|{/x}|</p>\n"),
        ("<!--esi<b>x</b>-->", "<b>x</b>"),
        ("a<!--esi-->b", "a|b"),
        ("<!--esi --->", " -"),
        ("<!--esi a > b -> c - > d -->", " a > b -> c - > d "),
        ("<!--esi <esi:remove>x</esi:remove>-->", " "),
        // As for a browser, the first one ends it.
        ("<!--esi a <!-- b --> c -->", " a <!-- b | c -->"),
        ("<!--esi a --><!--esi b -->", " a | b "),
        // Only what is contiguous is an end.
        ("<!--esi a --<esi:comment/>> b -->", " a --|> b "),
    ] {
        becomes(body, pieces);
    }
}

#[test]
fn tries() {
    for (body, pieces) in [
        (
            "a<esi:try> <esi:attempt><esi:include src='/x'/>b</esi:attempt>\n<esi:except>c</esi:except> </esi:try>d",
            "a|({/x}|b else c)|d",
        ),
        ("<esi:try><esi:attempt/><esi:except/></esi:try>", "( else )"),
        (
            "<esi:try><esi:attempt><esi:try><esi:attempt>a</esi:attempt><esi:except>b</esi:except></esi:try>\
             </esi:attempt><esi:except>c<esi:remove>d</esi:remove></esi:except></esi:try>",
            "((a else b) else c)",
        ),
        ("<!--esi<esi:try><esi:attempt>a</esi:attempt><esi:except>b</esi:except></esi:try>-->", "(a else b)"),
        (
            "<esi:try><esi:attempt><!--esi a --></esi:attempt><esi:except><!-- b --></esi:except></esi:try>",
            "( a  else <!-- b -->)",
        ),
    ] {
        becomes(body, pieces);
    }
}

fn notices(body: &str) -> Vec<String> {
    parse(body.as_bytes()).unwrap().notices.iter().map(ToString::to_string).collect()
}

#[test]
fn what_is_not_supported_is_left_out_whole_and_said() {
    for (body, pieces, name) in [
        ("a<esi:vars>Hello, $(HTTP_COOKIE{name})!</esi:vars>b", "a|b", "vars"),
        ("<esi:vars name='x'/>", "", "vars"),
        (
            "<esi:choose><esi:when test=\"$(A)>'1'\"><esi:include src='/x'/></esi:when>\
             <esi:otherwise>b</esi:otherwise></esi:choose>",
            "",
            "choose",
        ),
        ("<esi:inline name='/x' fetchable='yes'>a<p></esi:inline>b", "b", "inline"),
        ("<esi:Include src='/x'/>", "", "Include"),
        ("<esi:x><esi:x>a</esi:x>b</esi:x>c", "c", "x"),
        // In there, nothing has a meaning but what opens and closes.
        ("<esi:x><esi:include src='/x'><esi:param name='a'/></esi:include><!--esi --></esi:x>", "", "x"),
        ("<esi:x><esi:attempt/><esi:remove><esi:remove/></esi:remove></esi:x>", "", "x"),
        ("<esi:assign name='a' value='1'/>", "", "assign"),
    ] {
        becomes(body, pieces);
        let at = body.find('<').unwrap();
        let said = format!(
            "line 1 (byte {at}): `<esi:{name}>` is not supported and was left out with all that it contains"
        );
        assert_eq!(notices(body), [said], "{body}");
    }
}

#[test]
fn an_include_with_a_variable_is_left_out_and_said() {
    let said = "line 2 (byte 2): variables are not supported: the `<esi:include>` with `$(` was left out";
    for body in ["a\n<esi:include src='/?q=$(QUERY_STRING{q})'/>b", "a\n<esi:include src='/x' alt='$(A)'/>b"]
    {
        becomes(body, "a\n|b");
        assert_eq!(notices(body), [said]);
    }
    becomes("<esi:include src='/$x/(y)'/>", "{/$x/(y)}");
    assert!(notices("<esi:include src='/$x/(y)'/>").is_empty());
}

#[test]
fn notices_say_where_and_are_bounded() {
    let max = crate::limits::ESI_NOTICES_MAX;
    let body = "<esi:a/>\n".repeat(max + 3);
    let document = parse(body.as_bytes()).unwrap();
    assert_eq!((document.notices.len(), document.further_notices), (max, 3));
    for (index, notice) in document.notices.iter().enumerate() {
        assert_eq!(notice.position, Position { offset: 9 * index, line: index + 1 });
    }
}

/// Bits of documents, which make ESI more often than arbitrary bytes do.
fn any_body() -> impl Strategy<Value = Vec<u8>> {
    const BITS: &[&str] = &[
        "<esi:",
        "</esi:",
        "<!--esi",
        "-->",
        "include",
        "remove",
        "try",
        "attempt",
        "except",
        "comment",
        "vars",
        "<esi:try>",
        "<esi:attempt>",
        "</esi:attempt>",
        "<esi:except>",
        "</esi:except>",
        "</esi:try>",
        "<esi:remove>",
        "</esi:remove>",
        "<esi:vars>",
        "</esi:vars>",
        "<esi:include src=\"/x\"/>",
        "<!--esi ",
        "<esi:include src='/y' alt='/z' onerror='continue'/>",
        "<esi:comment text=''/>",
        " src",
        " alt",
        "=",
        "\"",
        "'",
        "/x",
        "/>",
        ">",
        "<",
        " ",
        "\n",
        "a",
        "é",
        "\0",
        "$(",
    ];
    vec(select(BITS), 0..24).prop_map(|bits| bits.concat().into_bytes())
}

/// A document as a tree, of which the text is known.
#[derive(Clone, Debug)]
enum Node {
    Text(&'static str),
    Include(&'static str),
    Dropped(&'static str),
    Commented(Vec<Node>),
    Try(Vec<Node>, Vec<Node>),
}

fn any_nodes() -> impl Strategy<Value = Vec<Node>> {
    let leaf = prop_oneof![
        select(&["a", "<b>", "<!-- ", "\n", "<esi", "é"][..]).prop_map(Node::Text),
        select(&["/x", "y?z", "../q"][..]).prop_map(Node::Include),
        select(&["<esi:comment/>", "<esi:remove>r</esi:remove>", "<esi:vars>v<esi:u/></esi:vars>"][..])
            .prop_map(Node::Dropped),
    ];
    let node = leaf.prop_recursive(3, 24, 4, |inner| {
        let nodes = || vec(inner.clone(), 0..4);
        prop_oneof![
            nodes().prop_map(Node::Commented),
            (nodes(), nodes()).prop_map(|(attempt, except)| Node::Try(attempt, except)),
        ]
    });
    vec(node, 0..6)
}

fn written(nodes: &[Node], in_comment: bool, body: &mut String) {
    for node in nodes {
        match node {
            Node::Text(text) | Node::Dropped(text) => body.push_str(text),
            Node::Include(src) => body.extend(["<esi:include src='", src, "'/>"]),
            Node::Commented(nodes) if in_comment => written(nodes, true, body),
            Node::Commented(nodes) => {
                body.push_str("<!--esi ");
                written(nodes, true, body);
                body.push_str("-->");
            }
            Node::Try(attempt, except) => {
                body.push_str("<esi:try>\n<esi:attempt>");
                written(attempt, in_comment, body);
                body.push_str("</esi:attempt><esi:except>");
                written(except, in_comment, body);
                body.push_str("</esi:except></esi:try>");
            }
        }
    }
}

fn expected(nodes: &[Node], in_comment: bool) -> String {
    let node = |node: &Node| match node {
        Node::Text(text) => (*text).to_owned(),
        Node::Include(src) => format!("{{{src}}}"),
        Node::Dropped(_) => String::new(),
        Node::Commented(nodes) if in_comment => expected(nodes, true),
        Node::Commented(nodes) => format!(" {}", expected(nodes, true)),
        Node::Try(attempt, except) => {
            format!("({} else {})", expected(attempt, in_comment), expected(except, in_comment))
        }
    };
    nodes.iter().map(node).collect()
}

/// The ranges of all texts, in the order of the pieces.
fn ranges(pieces: &[Piece]) -> Vec<Range<usize>> {
    let of = |piece: &Piece| match piece {
        Piece::Text(range) => vec![range.clone()],
        Piece::Include { .. } => vec![],
        Piece::Try { attempt, except } => [ranges(attempt), ranges(except)].concat(),
    };
    pieces.iter().flat_map(of).collect()
}

fn check(body: &[u8]) {
    match parse(body) {
        Ok(document) => {
            let mut end = 0;
            for range in ranges(&document.pieces) {
                assert!(end <= range.start && range.start < range.end && range.end <= body.len());
                end = range.end;
                let text = &body[range];
                for tag in ["<esi:", "</esi:"].into_iter().filter(|_| contains_esi(body)) {
                    for at in memmem::find_iter(text, tag) {
                        let next = text.get(at + tag.len());
                        assert!(!next.is_some_and(u8::is_ascii_alphabetic), "ESI is sent as it is written");
                    }
                }
            }
        }
        Err(error) => {
            assert!(error.position.offset <= body.len());
            assert!(!error.to_string().contains('\n'));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1024, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_pieces_or_an_error(body in vec(any::<u8>(), 0..200)) {
        check(&body);
    }

    #[test]
    fn any_bits_of_esi_are_pieces_or_an_error(body in any_body()) {
        check(&body);
    }

    #[test]
    fn without_an_opening_all_is_one_text(body in any_body()) {
        if !contains_esi(&body) {
            is_text(&String::from_utf8(body).unwrap());
        }
    }

    #[test]
    fn only_what_contains_esi_is_anything_but_text(body in any_body()) {
        let is_text = parse(&body).is_ok_and(|document| document.pieces == [Piece::Text(0..body.len())]);
        prop_assert!(is_text || body.is_empty() || contains_esi(&body));
    }

    #[test]
    fn well_formed_documents_are_read_as_written(nodes in any_nodes()) {
        let mut body = String::new();
        written(&nodes, false, &mut body);
        let document = parse(body.as_bytes()).map_err(|error| TestCaseError::fail(format!("{error}: {body}")))?;
        prop_assert_eq!(shown(body.as_bytes(), &document.pieces).replace('|', ""), expected(&nodes, false));
    }
}
