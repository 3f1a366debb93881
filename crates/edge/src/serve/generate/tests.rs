use super::*;
use crate::config::{PathPattern, Profile, Route};
use crate::http::head::Scheme;

fn config(routes: &[(&str, bool)], origins: &[&str]) -> Config {
    let route = |(path, is_saved): &(&str, bool)| Route {
        path: PathPattern::parse(path).unwrap(),
        is_saved: *is_saved,
        ..Route::default()
    };
    Config {
        routes: routes.iter().map(route).collect(),
        generate_for: origins.iter().map(|&origin| origin.to_owned()).collect(),
        ..Config::default()
    }
}

fn urls(config: &Config) -> Vec<String> {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let url = |head: &RequestHead| {
        let accept = if head.fields.has(Name::Accept) { "browser" } else { "other" };
        format!("{}://{}{} {accept}", head.scheme.as_str(), text(&head.host), text(&head.target))
    };
    pages(config).iter().map(url).collect()
}

#[test]
fn saved_paths_are_asked_for_of_each_origin_as_browsers_do_and_as_others_do() {
    let routes = [("/about/", true), ("/", true), ("/books/**", true), ("/a/*/", true), ("/other/", false)];
    let mut config = config(&routes, &["https://Shop.test", "http://b.test:81/"]);
    assert_eq!(
        urls(&config),
        [
            "https://shop.test/about/ browser",
            "https://shop.test/about/ other",
            "https://shop.test/ browser",
            "https://shop.test/ other",
            "http://b.test:81/about/ browser",
            "http://b.test:81/about/ other",
            "http://b.test:81/ browser",
            "http://b.test:81/ other",
        ]
    );
    config.cache.keyed_fields.clear();
    config.cache.profile = Profile::Rfc;
    assert_eq!(urls(&config).len(), 4);
}

#[test]
fn what_is_no_page_of_an_origin_is_passed_over() {
    assert_eq!(urls(&config(&[("/a", true)], &[])), [""; 0]);
    assert_eq!(urls(&config(&[], &["http://a"])), [""; 0]);
    // The first rule that matches counts, and it does not say so.
    assert_eq!(urls(&config(&[("/**", false), ("/a", true)], &["http://a"])), [""; 0]);
    for origin in ["", "a.test", "ftp://a", "http://", "http://a/b", "http://a?b", "http://u@a", "http://a b"]
    {
        assert_eq!(urls(&config(&[("/a", true)], &[origin])), [""; 0], "{origin}");
    }
    for path in ["/a b", "/ä", "/a%2fb", "/a/../b"] {
        assert_eq!(urls(&config(&[(path, true)], &["http://a"])), [""; 0], "{path}");
    }
    assert_eq!(config::origin("HTTPS://A:1/"), Some((Scheme::Https, b"a:1".to_vec())));
}
