use super::*;
use crate::config::{GateConfig, PathPattern};

fn rate(requests: u32) -> Rate {
    Rate { requests, window: Duration::from_mins(1), burst: requests }
}

fn config(for_all: Option<u32>, of_route: Option<u32>) -> Config {
    let route =
        Route { path: PathPattern::parse("/login/").unwrap(), rate: of_route.map(rate), ..Route::default() };
    Config {
        gate: GateConfig { rate: for_all.map(rate), ..GateConfig::default() },
        routes: vec![route],
        ..Config::default()
    }
}

#[test]
fn a_client_that_asks_too_often_is_told_when_to_come_back() {
    let (rates, config) = (Rates::default(), config(Some(2), None));
    let ask = |client| rates.check(&config, None, client, Duration::from_secs(1)).unwrap();
    assert_eq!(ask(1).limit, "\"default\";r=1;t=30");
    assert_eq!(ask(1).policy, "\"default\";q=2;w=60");
    let refused = ask(1);
    assert_eq!(refused.retry_after, Some(Duration::from_secs(30)));
    assert_eq!(refused.refusal().head.fields.get(Name::RetryAfter), Some(&b"30"[..]));
    assert_eq!(ask(2).retry_after, None);
}

#[test]
fn a_path_with_a_rule_of_its_own_is_counted_by_itself() {
    let (rates, config) = (Rates::default(), config(Some(100), Some(1)));
    let ask = |route| rates.check(&config, route, 1, Duration::from_secs(1)).unwrap();
    let login = config.routes.first();
    assert_eq!(ask(login).policy, "\"/login/\";q=1;w=60");
    assert!(ask(login).retry_after.is_some());
    assert!(ask(None).retry_after.is_none());
}

#[test]
fn without_a_rule_nobody_is_counted() {
    let rates = Rates::default();
    assert_eq!(rates.check(&config(None, None), None, 1, Duration::ZERO), None);
}
