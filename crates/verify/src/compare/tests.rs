use super::*;

fn page(body: &str) -> Reply {
    Reply {
        status: 200,
        headers: vec![("Content-Type".into(), "text/html".into())],
        body: body.as_bytes().to_vec(),
        body_bytes: body.len() as u64,
        ..Reply::default()
    }
}

fn compare(baseline: &[Reply], candidate: &Reply) -> Comparison {
    let mut reference = Reference::default();
    for reply in baseline {
        reference.learn(reply);
    }
    reference.compare(candidate)
}

fn bodies(baseline: &[&str], candidate: &str) -> Comparison {
    let baseline: Vec<_> = baseline.iter().map(|body| page(body)).collect();
    compare(&baseline, &page(candidate))
}

fn identical(comparison: &Comparison) -> bool {
    matches!(comparison, Comparison::Identical { .. })
}

const CSRF: [&str; 4] = [
    "nVqKzT2yF4s8ZxW1pLrD7mHcJbA9eUoG3tQiYk6vNfXwC5hSgE0jBdMuRaPlOzIy",
    "a9XkQ2mWcE7rTyU4iOpL1sDfG8hJzXvB6nMqWeRtYuI3oPaSdFgHjK5lZxCvBnM0",
    "Zx8Lp3Qw5Er7Ty9Ui1Op2As4Df6Gh8Jk0Zl2Xc4Vb6Nm8Qa1Ws3Ed5Rf7Tg9Yh2U",
    "q1W2e3R4t5Y6u7I8o9P0a1S2d3F4g5H6j7K8l9Z0x1C2v3B4n5M6q7W8e9R0t1Y2",
];

fn form(token: &str, title: &str) -> String {
    format!("<input name=\"csrf\" value=\"{token}\"><h1>{title}</h1>")
}

#[test]
fn the_same_page_is_identical() {
    assert_eq!(bodies(&["<li>Dune</li>"], "<li>Dune</li>"), Comparison::Identical { volatile: 0 });
}

#[test]
fn the_first_difference_is_told_with_its_surroundings() {
    let Comparison::Different(difference) =
        bodies(&["<ul><li>Dune</li><li>Emma</li></ul>"], "<ul><li>Emma</li><li>Dune</li></ul>")
    else {
        panic!("another order is another page");
    };
    assert_eq!(difference.part, "body");
    assert!(difference.expected.starts_with("<ul><li>Dune</li>"), "{difference}");
    assert!(difference.found.starts_with("<ul><li>Emma</li>"), "{difference}");
}

#[test]
fn a_longer_page_differs_where_it_goes_on() {
    let Comparison::Different(difference) = bodies(&["one two"], "one two three") else {
        panic!("more text is another page");
    };
    assert_eq!((difference.expected.as_str(), difference.found.as_str()), ("one two", "one two three"));
}

#[test]
fn a_csrf_token_is_learned_from_the_baseline_alone() {
    let [first, second, third] = [CSRF[0], CSRF[1], CSRF[2]].map(|token| form(token, "Dune"));
    assert_eq!(bodies(&[&first, &second], &third), Comparison::Identical { volatile: 1 });
    assert!(!identical(&bodies(&[&first], &third)), "one reply cannot show that a value varies");
}

#[test]
fn beside_a_token_everything_still_counts() {
    let baseline = [form(CSRF[0], "Dune"), form(CSRF[1], "Dune")];
    let Comparison::Different(difference) = bodies(&[&baseline[0], &baseline[1]], &form(CSRF[2], "Emma"))
    else {
        panic!("the title changed");
    };
    assert!(difference.found.contains("Emma"), "{difference}");
}

#[test]
fn a_token_is_not_replaced_by_something_shorter() {
    let baseline = [form(CSRF[0], "Dune"), form(CSRF[1], "Dune")];
    assert!(!identical(&bodies(&[&baseline[0], &baseline[1]], &form("None", "Dune"))));
}

#[test]
fn base64_nonces_are_recognised_although_their_characters_cut_words() {
    let nonce = |value: &str| format!("<script nonce=\"{value}\">go()</script>");
    let baseline = [nonce("q+8vJ1kX/0bZyPn3MdLwAg=="), nonce("Rt5uK9mNcV2xQsW7zYpL4A==")];
    let candidate = nonce("A/b+C1d2E3f4G5h6I7j8Kg==");
    assert!(identical(&bodies(&[&baseline[0], &baseline[1]], &candidate)));
}

#[test]
fn clocks_and_durations_may_move() {
    let footer = |clock: &str, ms: &str| format!("<p>rendered at {clock} in {ms} ms</p>");
    let baseline = [footer("12:00:59", "14"), footer("12:01:00", "9")];
    assert!(identical(&bodies(&[&baseline[0], &baseline[1]], &footer("12:00:59", "12"))));
    assert!(!identical(&bodies(&[&baseline[0], &baseline[1]], &footer("noon", "12"))));
}

#[test]
fn a_page_in_random_order_proves_nothing() {
    let unstable =
        bodies(&["<li>Dune</li><li>Emma</li>", "<li>Emma</li><li>Dune</li>"], "<li>Dune</li><li>Emma</li>");
    assert!(matches!(unstable, Comparison::Unstable(_)), "{unstable:?}");
}

#[test]
fn long_values_that_only_change_places_are_no_tokens() {
    let one = "isbn-9780441172719-paperback";
    let other = "isbn-9780141439587-paperback";
    let titles = ["<i>", "<b>"].map(|tag| format!("{tag}{one}</>{tag}{other}</>"));
    let swapped = format!("<i>{other}</><i>{one}</>");
    // Seventeen of them, so that they cannot pass as short values either.
    let many = |page: &str| page.repeat(9);
    let unstable = bodies(&[&many(&titles[0]), &many(&swapped)], &many(&titles[0]));
    assert!(matches!(unstable, Comparison::Unstable(_)), "{unstable:?}");
}

#[test]
fn few_numbers_in_random_order_are_no_clocks() {
    let rows = ["Book 1 (12.50)\nBook 2 (9.90)\nBook 3 (7)", "Book 3 (7)\nBook 1 (12.50)\nBook 2 (9.90)"];
    assert!(matches!(bodies(&rows, rows[0]), Comparison::Unstable(_)));
    // Nor are they beside one.
    let timed: Vec<_> = rows.iter().zip([41, 57]).map(|(rows, ms)| format!("{rows} in {ms} ms")).collect();
    let timed: Vec<_> = timed.iter().map(String::as_str).collect();
    assert!(matches!(bodies(&timed, timed[0]), Comparison::Unstable(_)));
    // A clock may by chance show a number again.
    assert!(identical(&bodies(&["at 10:41:42", "at 10:42:07"], "at 10:42:13")));
}

#[test]
fn many_numbers_that_vary_prove_nothing() {
    let numbers =
        |from: u32| (from..from + 17).map(|number| format!("<i>{number}</i>")).collect::<Vec<_>>().concat();
    let unstable = bodies(&[&numbers(100), &numbers(200)], &numbers(100));
    assert!(matches!(unstable, Comparison::Unstable(_)), "{unstable:?}");
}

/// A list that says how many seconds ago each row was made, with more rows than short values may differ.
fn ages(seconds: u32) -> Reply {
    page(&format!(
        "<form data-token=\"{:032x}ab\">{}",
        7919 * seconds,
        format!("<i>{seconds}s ago</i>").repeat(20)
    ))
}

#[test]
fn what_time_changes_for_good_is_compared_with_what_is_shown_now() {
    let mut reference = Reference::default();
    for seconds in [48, 48, 49] {
        reference.learn(&ages(seconds));
    }
    // Once is no evidence that the page agrees with itself.
    assert!(matches!(reference.compare(&ages(49)), Comparison::Unstable(_)));
    assert_eq!((reference.changes(), reference.may_settle()), (1, true));
    reference.learn(&ages(49));
    assert!(identical(&reference.compare(&ages(49))));
    assert!(matches!(reference.compare(&ages(48)), Comparison::Different(_)));
    assert!(matches!(reference.compare(&ages(50)), Comparison::Different(_)));
}

#[test]
fn what_comes_back_proves_nothing_any_more() {
    let orders = ["<li>Dune</li><li>Emma</li>", "<li>Emma</li><li>Dune</li>"];
    let mut reference = Reference::default();
    for order in [0, 0, 1, 1] {
        reference.learn(&page(orders[order]));
    }
    assert!(identical(&reference.compare(&page(orders[1]))));
    for order in [0, 0, 0] {
        reference.learn(&page(orders[order]));
        assert!(matches!(reference.compare(&page(orders[order])), Comparison::Unstable(_)));
    }
    assert!(!reference.may_settle());
}

#[test]
fn status_and_headers_count_but_not_their_order() {
    let mut moved = page("");
    moved.status = 302;
    assert!(matches!(
        compare(&[page("")], &moved),
        Comparison::Different(Difference { part, .. }) if part == "status"
    ));
    let mut first = page("");
    first.headers.push(("Vary".into(), "Cookie".into()));
    first.headers.push(("Date".into(), "Fri, 21 Nov 2025 10:00:00 GMT".into()));
    let mut second = page("");
    second.headers.insert(0, ("vary".into(), "Cookie".into()));
    assert!(identical(&compare(&[first.clone()], &second)));
    second.headers[0].1 = "Accept-Language".into();
    assert!(matches!(
        compare(&[first], &second),
        Comparison::Different(Difference { part, .. }) if part == "header Vary"
    ));
}

#[test]
fn a_cookie_expires_with_the_clock() {
    let cookie = |moment: &str, age: u32| {
        let mut reply = page("");
        let value = format!("seen=1; expires=Fri, 21 Nov 2025 10:00:{moment} GMT; Max-Age={age}; Path=/");
        reply.headers.push(("Set-Cookie".into(), value));
        reply
    };
    assert!(identical(&compare(&[cookie("01", 60)], &cookie("02", 60))));
    assert!(!identical(&compare(&[cookie("01", 60)], &cookie("01", 61))));
}

#[test]
fn a_body_too_large_to_keep_is_compared_as_a_whole() {
    let large =
        |hash: &str| Reply { body: Vec::new(), body_bytes: 9_000_000, body_sha256: hash.into(), ..page("") };
    assert!(identical(&compare(&[large("aa")], &large("aa"))));
    assert!(matches!(compare(&[large("aa")], &large("bb")), Comparison::Different(_)));
    // Two hashes look exactly like a token that is new in every run; they must not be taken for one.
    assert!(matches!(compare(&[large("aa"), large("bb")], &large("cc")), Comparison::Unstable(_)));
}

#[test]
fn the_newest_sample_is_always_kept() {
    let mut reference = Reference::default();
    for second in 10..30 {
        reference.learn(&page(&format!("12:00:{second}")));
    }
    assert_eq!(reference.samples.len(), SAMPLES_MAX);
    assert!(reference.samples.last().unwrap().text.ends_with(b"12:00:29\n"));
}

#[test]
fn no_sample_no_verdict() {
    assert!(matches!(compare(&[], &page("")), Comparison::Unstable(_)));
}
