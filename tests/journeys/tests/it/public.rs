//! Public projects that nobody here wrote, installed by package name, each behind a small site of ordinary code.
//!
//! What is expected here was first found by hand; `docs/public-projects.md` has the list with the figures.

use std::collections::BTreeMap;

use journeys::{Client, Site, required};
use serde_json::Value;

/// A site under `tests/journeys/sites/`.
struct Public {
    directory: &'static str,
    python: &'static str,
    application: &'static str,
    login: Login,
    /// Findings that were checked by hand and are proved: relation and the file where the queryset is built. Those
    /// whose gain no busy machine can hide.
    expected: &'static [(&'static str, &'static str)],
}

struct Login {
    form: &'static str,
    fields: &'static [(&'static str, &'static str)],
}

/// The pages of `urls.txt` by status, visited twice: the second time without what only the first one pays for.
fn visit(site: &Site, public: &Public, port: u16) -> BTreeMap<String, u16> {
    let mut anonymous = Client::new(port);
    let mut staff = Client::new(port);
    staff.log_in(public.login.form, public.login.fields);
    let urls = site.read("urls.txt");
    let mut statuses = BTreeMap::new();
    for _ in 0..2 {
        for line in urls.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            let answer = match line.strip_prefix("login:") {
                Some(page) => staff.get(page),
                None => anonymous.get(line),
            };
            statuses.insert(line.to_owned(), answer.status);
        }
    }
    statuses
}

fn observe(site: &Site, public: &Public) -> (BTreeMap<String, u16>, Value) {
    let mut server = site.serve(public.application, true);
    let statuses = visit(site, public, server.port());
    assert!(server.stop().success(), "{}", server.log());
    (statuses, site.escala(&["report", "--format", "json"]).ok().json())
}

fn array<'json>(value: &'json Value, key: &str) -> &'json [Value] {
    value[key].as_array().unwrap_or_else(|| panic!("{key} in {value:#}"))
}

fn journey(public: &Public) {
    let source = format!("tests/journeys/sites/{}", public.directory);
    let site = Site::copy_of(&source, &required(public.python), &[]);
    let _ = site.python(&["manage.py", "migrate", "--verbosity", "0"]).ok();
    let _ = site.python(&["manage.py", "seed"]).ok();

    let (statuses, report) = observe(&site, public);
    for (page, status) in &statuses {
        assert!(*status < 400, "{page} answers {status}");
    }
    assert_eq!(report["dropped"], 0);
    let findings = array(&report, "findings");
    let found = |relation: &str, file: &str| {
        findings.iter().find(|finding| finding["relation"] == relation && finding["origin"]["file"] == file)
    };

    let outcome = site.escala(&["fix", "--write", "--format", "json"]).ok().json();
    let fixes = array(&outcome, "fixes");
    for (relation, file) in public.expected {
        let finding = found(relation, file).unwrap_or_else(|| panic!("{relation} in {file} is not found"));
        let fix =
            fixes.iter().find(|fix| fix["finding"] == finding["id"]).expect("a verdict for every finding");
        assert_eq!(fix["status"], "proved", "{relation} in {file}: {fix:#}");
    }
    // Only the site's own code may be proposed, and nothing is proved that was not identical throughout.
    for fix in fixes.iter().filter(|fix| fix["status"] == "proved") {
        assert_eq!(fix["replayed"], fix["identical"], "{fix:#}");
        for edit in array(fix, "edits") {
            assert!(site.path().join(edit["file"].as_str().expect("a file")).is_file(), "{edit}");
        }
    }

    let (statuses_after, report_after) = observe(&site, public);
    assert_eq!(statuses, statuses_after);
    let left = array(&report_after, "findings");
    for (relation, file) in public.expected {
        let again = left
            .iter()
            .find(|finding| finding["relation"] == *relation && finding["origin"]["file"] == *file);
        assert_eq!(again, None, "{relation} in {file} is found again");
    }
}

#[test]
fn an_oscar_shop() {
    journey(&Public {
        directory: "oscarshop",
        python: "ESCALA_TEST_PYTHON_OSCARSHOP",
        application: "shop.wsgi",
        login: Login {
            form: "/accounts/login/",
            fields: &[
                ("login-username", "staff@example.com"),
                ("login-password", "paper-kite-staff"),
                ("login_submit", "Log In"),
            ],
        },
        expected: &[
            ("catalogue.Product.categories", "shop/catalogue/views.py"),
            ("catalogue.Product.stockrecords", "shop/storefront/services.py"),
            ("order.Line.partner", "shop/storefront/api.py"),
            ("reviews.ProductReview.product", "shop/storefront/views.py"),
            ("order.Line.stockrecord", "shop/dashboard/orders/views.py"),
        ],
    });
}

#[test]
fn a_wagtail_site() {
    journey(&Public {
        directory: "wagtailblog",
        python: "ESCALA_TEST_PYTHON_WAGTAILBLOG",
        application: "site_config.wsgi",
        login: Login {
            form: "/admin/login/",
            fields: &[("username", "staff"), ("password", "field-notes-staff")],
        },
        expected: &[
            ("blog.BlogPage.authors", "blog/models.py"),
            ("blog.BlogPage.category", "blog/models.py"),
            ("wagtailcore.Page.owner", "blog/views.py"),
            ("blog.BlogCategory.editor", "blog/views.py"),
            ("blog.BlogPage.authors", "blog/feeds.py"),
        ],
    });
}

#[test]
fn a_helpdesk() {
    journey(&Public {
        directory: "supportdesk",
        python: "ESCALA_TEST_PYTHON_SUPPORTDESK",
        application: "site_config.wsgi",
        login: Login {
            form: "/login/",
            fields: &[("username", "staff"), ("password", "support-desk-staff")],
        },
        expected: &[
            ("helpdesk.Ticket.assigned_to", "desk/views.py"),
            ("helpdesk.FollowUp.ticketchange_set", "desk/views.py"),
            ("helpdesk.Ticket.followup_set", "desk/reports.py"),
            ("helpdesk.FollowUp.user", "desk/reports.py"),
        ],
    });
}
