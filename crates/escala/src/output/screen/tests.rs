use super::*;

const PLAIN: Screen = Screen { width: 80, colour: false };
const COLOUR: Screen = Screen { width: 80, colour: true };

#[test]
fn without_colour_there_is_no_escape_sequence() {
    for line in ["--- a/x.py", "@@ -1 +1 @@", "-a", "+b\tc\r", " d"] {
        assert_eq!(PLAIN.diff_line(line), line);
    }
    assert_eq!(PLAIN.heading("x"), "x");
}

#[test]
fn with_colour_every_line_is_closed() {
    assert_eq!(COLOUR.diff_line("+b"), "\u{1b}[32m+b\u{1b}[0m");
    assert_eq!(COLOUR.diff_line(" c"), " c");
}

#[test]
fn a_diff_cannot_drive_the_terminal_either() {
    assert_eq!(PLAIN.diff_line("+\tx = \u{1b}[2J"), "+\tx = \u{fffd}[2J");
}

#[test]
fn text_of_others_cannot_drive_the_terminal() {
    assert_eq!(printable("\tx = \u{1b}[2J\r"), "    x = \u{fffd}[2J\u{fffd}");
}

#[test]
fn what_is_too_long_says_so() {
    assert_eq!(fitted("GET /books/", 11), "GET /books/");
    assert_eq!(fitted("GET /books/<int:pk>/", 11), "GET /books…");
    assert_eq!(fitted("école d'été", 5), "écol…");
    assert_eq!(fitted_at_end("shop/views.py:12", 16), "shop/views.py:12");
    assert_eq!(fitted_at_end("apps/shop/views.py:12", 16), "…hop/views.py:12");
}

#[test]
fn lines_are_broken_between_words() {
    assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
    assert_eq!(wrapped("unbreakable", 4), ["unbreakable"]);
    assert_eq!(
        wrapped("try an eager load: escala fix 503e3c2f0e", 30),
        ["try an eager load:", "escala fix 503e3c2f0e"]
    );
}
