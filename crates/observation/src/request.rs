//! A captured request, as plain data.

/// What is kept of an HTTP request so that it can be replayed later.
///
/// Never a cookie, password, token or `Authorization` value: who asked is kept as a primary key, and values of
/// query parameters that look like credentials are blanked by the agent before they get here.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct CapturedRequest {
    /// Request method, upper case.
    pub method: String,
    /// Path as received, still percent-encoded.
    pub path: String,
    /// Query string without the `?`.
    pub query_string: String,
    /// Whether the request came over HTTPS, as Django saw it.
    pub secure: bool,
    /// The few headers that steer a response, lower-case names, in the order received.
    pub headers: Vec<(String, String)>,
    /// Body of an unsafe method. The agent keeps none: forms are where passwords are typed.
    pub body: Option<Vec<u8>>,
    /// Primary key of the authenticated user, as text, when the request looked at its user.
    pub user_pk: Option<String>,
    /// True when something was left out on purpose, the body included, so that a replay would not be the same request.
    pub redacted: bool,
}
