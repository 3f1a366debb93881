use super::*;

fn request(lines: &[&str]) -> Fields {
    let mut fields = Fields::default();
    for line in lines {
        fields.push_known(Name::Cookie, line.as_bytes());
    }
    fields
}

fn texts(lines: &[&str]) -> Vec<(String, String)> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    pairs(&request(lines)).map(|(name, value)| (text(name), text(value))).collect()
}

fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

#[test]
fn cookies_are_pairs_over_all_lines() {
    assert_eq!(
        texts(&["a=1; b=x=y;; c", " d = 2 "]),
        [pair("a", "1"), pair("b", "x=y"), pair("c", ""), pair("d", " 2")]
    );
    assert_eq!(texts(&[]), []);
    assert_eq!(texts(&["=5"]), [pair("", "5")]);
}

#[test]
fn what_the_app_has_set_is_somebodys() {
    let (config, learned) = (Cookies::default(), Learned::default());
    assert_eq!(meaning(b"sessionid", &config, &learned), Meaning::Identity);
    assert_eq!(meaning(b"django_language", &config, &learned), Meaning::Keyed);
    assert_eq!(meaning(b"csrftoken", &config, &learned), Meaning::Nothing);
    assert_eq!(meaning(b"_ga", &config, &learned), Meaning::Nothing);
    assert_eq!(meaning(b"cart", &config, &learned), Meaning::Nothing);
    let mut response = Fields::default();
    response.push_known(Name::SetCookie, b"cart=7; Path=/; HttpOnly");
    response.push_known(Name::SetCookie, b"csrftoken=x; SameSite=Lax");
    learned.learn(&response);
    assert_eq!(meaning(b"cart", &config, &learned), Meaning::Identity);
    assert_eq!(meaning(b"csrftoken", &config, &learned), Meaning::Nothing);
    assert_eq!(meaning(b"_ga", &config, &learned), Meaning::Nothing);
}

#[test]
fn what_is_learned_is_bounded_and_kept() {
    let learned = Learned::default();
    for at in 0..COOKIES_LEARNED_MAX + 10 {
        let mut response = Fields::default();
        response.push_known(Name::SetCookie, format!("cookie{at}=1").as_bytes());
        learned.learn(&response);
    }
    assert_eq!(learned.list().len(), COOKIES_LEARNED_MAX);
    // What cannot be remembered is not taken to mean nothing.
    assert_eq!(meaning(b"_ga", &Cookies::default(), &learned), Meaning::Identity);
    let later = Learned::default();
    later.load(learned.list());
    assert_eq!(later.list(), learned.list());
}
