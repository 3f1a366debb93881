//! The findings as SARIF 2.1.0 (OASIS), which code hosts show beside the lines of a pull request.
//!
//! A result stands at the line to change: where the queryset is built, else where the code asks. Lines outside the
//! project are left out, since a code host could not show them; a finding without a line is a result without a place.

use std::collections::BTreeSet;

use analysis::Rule;
use serde::Serialize;

use crate::output::cost;
use crate::output::source::{Located, Spot, State};

/// The whole document.
pub(crate) fn render(findings: &[Located<'_>]) -> serde_json::Result<String> {
    let rules: BTreeSet<Rule> = findings.iter().map(|located| located.finding.rule).collect();
    let log = Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: "escala",
                    semantic_version: env!("CARGO_PKG_VERSION"),
                    rules: rules.into_iter().map(Descriptor::new).collect(),
                },
            },
            results: findings.iter().map(Outcome::new).collect(),
        }],
    };
    serde_json::to_string_pretty(&log).map(|text| text + "\n")
}

#[derive(Serialize)]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Serialize)]
struct Run {
    tool: Tool,
    results: Vec<Outcome>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    semantic_version: &'static str,
    rules: Vec<Descriptor>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    id: &'static str,
    short_description: Message,
}

impl Descriptor {
    fn new(rule: Rule) -> Self {
        Self { id: rule.name(), short_description: Message { text: rule.summary().to_owned() } }
    }
}

#[derive(Serialize)]
struct Message {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    rule_id: &'static str,
    level: &'static str,
    message: Message,
    locations: Vec<Location>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location>,
    partial_fingerprints: Fingerprints,
}

#[derive(Serialize)]
struct Fingerprints {
    /// The finding's id, which outlives edits elsewhere in the file.
    #[serde(rename = "escalaFinding/v1")]
    finding: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: Physical,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Message>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artifact,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Region>,
}

#[derive(Serialize)]
struct Artifact {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
}

impl Outcome {
    fn new(located: &Located<'_>) -> Self {
        let finding = located.finding;
        let touched = located.access.as_ref().and_then(|spot| location(spot, Some("touched here")));
        let built = located.origin.as_ref().and_then(|spot| location(spot, None));
        let (locations, related_locations) = if let Some(built) = built {
            (vec![built], touched.into_iter().collect())
        } else {
            let before = located.before.as_ref().and_then(|spot| location(spot, Some("asked before here")));
            let asked = touched.into_iter().map(|place| Location { message: None, ..place });
            (asked.collect(), before.into_iter().collect())
        };
        Self {
            rule_id: finding.rule.name(),
            level: "warning",
            message: Message { text: text(located) },
            locations,
            related_locations,
            partial_fingerprints: Fingerprints { finding: finding.id.clone() },
        }
    }
}

fn text(located: &Located<'_>) -> String {
    let finding = located.finding;
    let endpoints: Vec<_> = finding.endpoints.iter().map(ToString::to_string).collect();
    let advice = finding.suggestion().map(|advice| format!(" Try {advice}.")).unwrap_or_default();
    format!("{}: {} on {}.{advice}", finding.subject, cost::in_words(finding), endpoints.join(", "))
}

fn location(spot: &Spot, message: Option<&str>) -> Option<Location> {
    if spot.state == State::Outside {
        return None;
    }
    Some(Location {
        physical_location: Physical {
            artifact_location: Artifact { uri: percent_encoded(&spot.file) },
            region: spot.line.map(|start_line| Region { start_line }),
        },
        message: message.map(|text| Message { text: text.to_owned() }),
    })
}

/// A path as a relative URI reference (RFC 3986, section 3.3).
fn percent_encoded(path: &str) -> String {
    let encode = |byte: u8| {
        if byte.is_ascii_alphanumeric() || b"-._~/!$&'()*+,;=@".contains(&byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    path.bytes().map(encode).collect()
}

#[cfg(test)]
mod tests;
