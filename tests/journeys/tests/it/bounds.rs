//! However much a request does, the process that serves it stays about as large as without Escala, and the report says
//! what it did.

use journeys::{Site, pythons};
use serde_json::Value;

/// Memory that the agent may add, for good or for the time of one request.
const ADDED_MAX_KB: i64 = 10 << 10;

/// What memory may grow by over some hundreds of requests beyond what it grows by without the agent: allocators are not
/// exact.
const GROWTH_MAX_KB: i64 = 1_500;

fn site(python: &str) -> Site {
    let site = Site::copy_of("tests/journeys/sites/endurance", python, &[("PYTHONHASHSEED", "0")]);
    let _ = site.python(&["measure.py", "fill", "20000"]).ok();
    site
}

/// The last line of what a script printed, as JSON: without Escala, and with it.
fn both(site: &Site, arguments: &[&str]) -> [Value; 2] {
    let arguments = [&["measure.py"], arguments].concat();
    [site.python(&arguments), site.escala_run(&arguments)].map(|output| {
        let output = output.ok();
        let line = output.stdout.lines().last().unwrap_or_else(|| panic!("nothing printed: {output:#?}"));
        serde_json::from_str(line).unwrap_or_else(|error| panic!("no JSON ({error}): {output:#?}"))
    })
}

#[test]
fn a_request_that_does_too_much_costs_little_memory_and_is_told_of() {
    let (_, python) = pythons().remove(0);
    let site = site(&python);
    let [bare, seen] = both(
        &site,
        &[
            "requests",
            "same=/same/100000/",
            "distinct=/distinct/100000/",
            "lazy=/lazy/5000/",
            "rows=/rows/20000/",
            "statement=/statement/5000000/",
            "target=/{long}/?q={long}",
            "sites=/sites/3000/",
        ],
    );
    let kb = |requests: &Value, name: &str| requests[name]["peak_kb"].as_i64().unwrap();
    for (name, request) in bare.as_object().unwrap() {
        assert_eq!(request["answer"], seen[name]["answer"], "{name}");
        assert_eq!(request["status"], seen[name]["status"], "{name}");
        let added = kb(&seen, name) - kb(&bare, name);
        assert!(added <= ADDED_MAX_KB, "{name}: {added} kB more\n{bare:#}\n{seen:#}");
    }

    let report = site.escala(&["report", "--format", "json"]).ok().json();
    let queries = |route: &str| {
        let endpoints = report["endpoints"].as_array().unwrap();
        let endpoint = endpoints.iter().find(|endpoint| endpoint["route"] == route);
        endpoint.unwrap_or_else(|| panic!("{route} is missing: {report:#}"))["queries"]["max"]
            .as_u64()
            .unwrap()
    };
    assert_eq!(queries("/same/<int:count>/"), 100_000);
    assert_eq!(queries("/distinct/<int:count>/"), 100_000);
    assert_eq!(queries("/lazy/<int:count>/"), 5_001);
    assert_eq!(queries("/sites/<int:count>/"), 3_000);
    assert_eq!(report["dropped"], 0);
    assert_eq!(report["summed_up_queries"], 2 * (100_000 - 8_192));
    let text = site.escala(&["report"]).ok().stdout;
    assert!(text.contains("183,616 queries"), "{text}");
    // One finding for 5,000 loads, not one for each.
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(findings.iter().filter(|finding| finding["rule"] == "n-plus-one").count(), 1, "{report:#}");
}

#[test]
fn requests_that_all_differ_leave_nothing_behind() {
    let (_, python) = pythons().remove(0);
    let site = site(&python);
    let [bare, seen] = both(&site, &["endure", "1200"]);
    assert_eq!(bare["answer"], seen["answer"]);
    let growth = |run: &Value| run["growth_kb"].as_i64().unwrap();
    assert!(growth(&seen) - growth(&bare) <= GROWTH_MAX_KB, "{bare} {seen}");
    let report = site.escala(&["report", "--format", "json"]).ok().json();
    assert_eq!((&report["transactions"], &report["dropped"]), (&1_200.into(), &0.into()));
}
