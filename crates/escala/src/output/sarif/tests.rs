use analysis::{Finding, Remedy, Rule};

use super::*;
use crate::output::samples::{finding, located, spot};

#[test]
fn the_document() {
    let finding = finding();
    insta::assert_snapshot!(render(&[located(&finding)]).unwrap());
}

#[test]
fn a_line_outside_the_project_is_left_out() {
    let finding = Finding { remedy: Some(Remedy::ByHand("less")), rule: Rule::QueryInLoop, ..finding() };
    let outside = spot("/usr/lib/python3/shop.py", 3, "f", State::Outside);
    let located = Located { finding: &finding, origin: None, access: Some(outside), before: None };
    let document: serde_json::Value = serde_json::from_str(&render(&[located]).unwrap()).unwrap();
    let result = &document["runs"][0]["results"][0];
    assert_eq!(result["locations"], serde_json::json!([]));
    assert_eq!(result["ruleId"], "query-in-loop");
}

#[test]
fn a_path_is_a_uri() {
    assert_eq!(percent_encoded("shop/größe 1%.html"), "shop/gr%C3%B6%C3%9Fe%201%25.html");
}
