//! `[edge.log]` and `[edge.admin]`: where the edge says what it does, and takes orders.

use std::net::SocketAddr;

use edge::config::{AccessLog, Admin};

use super::draft::{Draft, refuse_long_socket};
use super::files::{Need, Secret, What};
use super::texts::{self, PATH};
use crate::settings::SettingsError;
use crate::settings::document::Table;
use crate::settings::key::{Key, Section, Standard};
use crate::settings::kind::Text;

pub(super) static LOG: Section =
    Section { name: "edge.log", keys: &[&ACCESS], sections: &[], is_list: false };

pub(super) static ADMIN: Section =
    Section { name: "edge.admin", keys: &[&SOCKET, &TOKEN_FILE, &METRICS], sections: &[], is_list: false };

static ACCESS: Key<Text<String>> = Key {
    name: "access",
    kind: Text { takes: "a path, or `-` for standard output", read: texts::path },
    standard: Standard::Words("none"),
    example: "\"-\"",
    about: "Where each request is written down, as a line of JSON. Lines are added to a file that is there.",
};

static SOCKET: Key<Text<String>> = Key {
    name: "socket",
    kind: Text { takes: "a path", read: texts::path },
    standard: Standard::Words("none: no orders are taken"),
    example: "\".escala/edge/admin.sock\"",
    about: "A Unix socket that takes orders to purge and says how the edge does. Only its owner can use it.",
};

static TOKEN_FILE: Key<Text<String>> = Key {
    name: "token_file",
    kind: PATH,
    standard: Standard::Words("none"),
    example: "\"edge-token\"",
    about: "A file with a secret that orders must carry as well. Nobody but its owner may read it. It is read at the start, and \
            again with the configuration. Only with `socket`.",
};

static METRICS: Key<Text<SocketAddr>> = Key {
    name: "metrics",
    kind: texts::ADDRESS,
    standard: Standard::Words("none"),
    example: "\"127.0.0.1:9464\"",
    about: "Where Prometheus may read how the edge does, as may everybody who reaches the address.",
};

pub(super) fn read_log(table: &Table<'_>, draft: &mut Draft<'_>) -> Result<(), SettingsError> {
    let Some(written) = table.get(&ACCESS)? else { return Ok(()) };
    draft.config.access_log = Some(if written.value == "-" {
        AccessLog::Stdout
    } else {
        let path = draft.absolute(&written.value);
        draft.needs.push(Need { what: What::Appendable, path: path.clone(), written });
        AccessLog::File(path)
    });
    Ok(())
}

pub(super) fn read_admin(table: &Table<'_>, draft: &mut Draft<'_>) -> Result<(), SettingsError> {
    draft.metrics = table.get(&METRICS)?;
    let token_file = table.get(&TOKEN_FILE)?;
    if let Some(written) = table.get(&SOCKET)? {
        let socket = draft.absolute(&written.value);
        refuse_long_socket(&socket, &written.place, &written.value)?;
        draft.config.admin = Some(Admin { socket, token: None });
    } else if let Some(token_file) = token_file {
        return Err(token_file.place.lacks("edge.admin.socket"));
    }
    draft.token = token_file.map(|written| Secret { path: draft.absolute(&written.value), written });
    Ok(())
}
