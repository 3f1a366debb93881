//! What `cargo xtask dist` packs, from `pip install` to `pip uninstall`.

use std::path::Path;

use journeys::{Client, Environment, Site, pythons, required};
use serde_json::Value;

#[test]
fn the_wheel_is_all_that_a_clean_environment_needs() {
    let wheel = required("ESCALA_TEST_WHEEL");
    for (name, python) in pythons() {
        let environment = Environment::like(&python);
        let before = environment.files();
        environment.pip(&["install", "--no-index", "--no-deps", &wheel]);
        let escala = environment.path().join("bin/escala");

        let own_python = environment.python().display().to_string();
        let site = Site::bookstore(&own_python, &[]);
        // As the shell of somebody who activated the environment and knows of no agent's home.
        let installed = |arguments: &[&str]| {
            let mut command = site.command(Path::new(&escala));
            command.env_remove("ESCALA_AGENT_HOME").args(arguments);
            command
        };
        let mut server = site.runserver_by(installed(&["run", "--", &own_python]), &[]);
        assert_eq!(Client::new(server.port()).get("/books/").status, 200, "{name}: {}", server.log());
        server.stop();
        let output = installed(&["report", "--format", "json"]).output().unwrap();
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let endpoints = report["endpoints"].as_array().unwrap();
        let books =
            endpoints.iter().find(|endpoint| endpoint["route"] == "/books/").expect("/books/ was seen");
        assert_eq!(books["queries"]["max"], 101, "{name}");

        environment.pip(&["uninstall", "--yes", "escala"]);
        assert_eq!(environment.files(), before, "{name}");
    }
}
