//! `cargo xtask demo`: the whole path once, on the sample site: run it, see where it is slow, fix it, see it again.
//!
//! What a person asked to see goes to standard output: the report, the fixes, the table. What happens meanwhile goes
//! to standard error.

mod http;
mod janitor;
mod server;
mod site;
mod table;
mod visit;

use std::time::Instant;

use anyhow::{Result, bail};

use crate::build::{self, Profile};
use crate::workspace::Workspace;
use janitor::Janitor;
use site::Site;
use table::Measured;

pub(crate) use janitor::{COMMAND as JANITOR, clean_up_when_told};

/// Times that every page is asked for before the fix, and again after it.
const ROUNDS: usize = 5;

pub(crate) fn run() -> Result<()> {
    let workspace = Workspace::find()?;
    let python = site::find_python()?;
    let built = build::build(&workspace, Profile::Release)?;
    let start = Instant::now();
    let directory = workspace.target.join("demo");
    let janitor = Janitor::hire(&directory.join("bookstore"))?;
    let site = Site::set_up(&workspace, &python, built, &directory)?;

    say("serving the bookstore with gunicorn under `escala run`, and visiting its pages");
    let before = visit_all(&site, &janitor)?;
    say("where is it slow? `escala report`");
    site.escala(&["report"])?;
    say("what would help, proved on the recorded requests and applied: `escala fix --write`");
    site.apply_fixes()?;

    say("the same database, the same pages, the changed source");
    site.restore_database()?;
    let after = visit_all(&site, &janitor)?;
    print!("\n{}", table::render(&before, &after));
    drop(janitor);
    say(&format!("done in {} s", start.elapsed().as_secs()));

    let different = table::different(&before, &after);
    if !different.is_empty() {
        bail!("the fix changed what the site answers at {}", different.join(", "));
    }
    Ok(())
}

/// Serves the site, visits every page, stops the server, and asks Escala what it saw.
fn visit_all(site: &Site, janitor: &Janitor) -> Result<Measured> {
    let mut server = site.serve(janitor)?;
    let answers = visit::pages(server.port(), ROUNDS)?;
    server.stop()?;
    Measured::bring_together(answers, &site.report()?)
}

fn say(what: &str) {
    eprintln!("demo: {what}");
}
