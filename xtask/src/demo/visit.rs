//! What a visitor of the sample site does.

use anyhow::{Context as _, Result, bail};

use super::http::Client;

/// A page, and the URL pattern that Escala reports it under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) target: &'static str,
    pub(super) route: &'static str,
    pub(super) visitor: Visitor,
}

/// Who visits: knowing its user costs a page two queries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Visitor {
    Anybody,
    User,
}

const fn page(target: &'static str, route: &'static str) -> Page {
    Page { target, route, visitor: Visitor::Anybody }
}

const PAGES: [Page; 14] = [
    page("/", "/"),
    page("/books/", "/books/"),
    page("/books/1/", "/books/<int:pk>/"),
    page("/stores/", "/stores/"),
    page("/stores/offers/", "/stores/offers/"),
    page("/search/?q=the&page=2", "/search/"),
    page("/publishers/", "/publishers/"),
    page("/publishers/1/", "/publishers/<int:pk>/"),
    page("/authors/", "/authors/"),
    page("/reviews/", "/reviews/"),
    page("/bestsellers/", "/bestsellers/"),
    page("/api/orders/", "/api/orders/"),
    Page { visitor: Visitor::User, ..page("/messages/", "/messages/") },
    page("/health/", "/health/"),
];

/// Where one logs in, and as whom; the sample's README names both.
const LOGIN: &str = "/accounts/login/";
const USER: &str = "demo";
const PASSWORD: &str = "paperback";

/// The cookie with the token that Django wants to see in a form, and the name of its field.
const TOKEN_COOKIE: &str = "csrftoken";
const TOKEN_FIELD: &str = "csrfmiddlewaretoken";

/// What one page answered, round after round.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answers {
    pub(super) page: Page,
    /// Without what differs on purpose between two answers to one request.
    pub(super) bodies: Vec<Vec<u8>>,
}

/// Visits every page that many times.
pub(super) fn pages(port: u16, rounds: usize) -> Result<Vec<Answers>> {
    let (mut anybody, mut user) = (Client::new(port), Client::new(port));
    log_in(&mut user).context("cannot log in to the sample site")?;
    let mut all: Vec<Answers> =
        PAGES.iter().map(|page| Answers { page: *page, bodies: Vec::new() }).collect();
    for _ in 0..rounds {
        for answers in &mut all {
            let client = match answers.page.visitor {
                Visitor::Anybody => &mut anybody,
                Visitor::User => &mut user,
            };
            let response = client.get(answers.page.target)?;
            if response.status != 200 {
                bail!("GET {} answered {}", answers.page.target, response.status);
            }
            answers.bodies.push(without_token(response.body));
        }
    }
    Ok(all)
}

fn log_in(client: &mut Client) -> Result<()> {
    client.get(LOGIN)?;
    let token = client.cookie(TOKEN_COOKIE).context("the login page sets no token")?.to_owned();
    let form = format!("{TOKEN_FIELD}={token}&username={USER}&password={PASSWORD}");
    match client.post(LOGIN, &form)?.status {
        302 => Ok(()),
        status => bail!("POST {LOGIN} answered {status}"),
    }
}

/// Blanks the value of each form's token, which Django masks anew in every response.
fn without_token(mut body: Vec<u8>) -> Vec<u8> {
    let before = format!("name=\"{TOKEN_FIELD}\" value=\"").into_bytes();
    let mut from = 0;
    while let Some(at) = body[from..].windows(before.len()).position(|window| window == before) {
        let start = from + at + before.len();
        let length = body[start..].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        body.drain(start..start + length);
        from = start;
    }
    body
}

#[cfg(test)]
mod tests;
