//! The pages themselves: the files of `ui/dist`, inside the binary.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

/// A file, as it is served.
struct Asset {
    path: &'static str,
    content_type: &'static str,
    bytes: &'static [u8],
}

const INDEX: Asset = Asset {
    path: "/",
    content_type: "text/html; charset=utf-8",
    bytes: include_bytes!("../ui/dist/index.html"),
};

const ASSETS: [Asset; 4] = [
    INDEX,
    Asset {
        path: "/app.js",
        content_type: "text/javascript; charset=utf-8",
        bytes: include_bytes!("../ui/dist/app.js"),
    },
    Asset {
        path: "/app.css",
        content_type: "text/css; charset=utf-8",
        bytes: include_bytes!("../ui/dist/app.css"),
    },
    Asset { path: "/icon.svg", content_type: "image/svg+xml", bytes: include_bytes!("../ui/dist/icon.svg") },
];

/// The file of a path. A path that looks like no file is one that the pages have given themselves: it is theirs to read.
pub(crate) fn serve(path: &str, headers: &HeaderMap) -> Option<Response> {
    let found = ASSETS.iter().find(|asset| asset.path == path);
    let asset = match found {
        Some(asset) => asset,
        None if path.contains('.') => return None,
        None => &INDEX,
    };
    let tag = tag(asset.bytes);
    let known = headers.get(IF_NONE_MATCH).is_some_and(|value| value.as_bytes() == tag.as_bytes());
    // Asked for anew each time: after an upgrade the old pages would not understand the new answers.
    let headers = [(CACHE_CONTROL, "no-cache".to_owned()), (ETAG, tag)];
    Some(if known {
        (StatusCode::NOT_MODIFIED, headers).into_response()
    } else {
        (headers, [(CONTENT_TYPE, asset.content_type)], asset.bytes).into_response()
    })
}

/// Another one for other bytes: FNV-1a with 64 bits.
fn tag(bytes: &[u8]) -> String {
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("\"{hash:016x}\"")
}
