//! Places of the user's that are no Python line on the stack: a library's frame says which they are.

use observation::{SiteKind, StringId};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyCode, PyString, PyType};

use crate::frames::{instruction_of, line_of, owned_class, project_file, receiver};
use crate::registry::{Registry, SiteEntry, SiteNumber};

/// The line of a Jinja template that this frame's code was made of.
pub(crate) fn compiled_template(
    frame: &Bound<'_, PyAny>,
    code: &Bound<'_, PyCode>,
    registry: &mut Registry,
) -> PyResult<Option<SiteNumber>> {
    let py = frame.py();
    let address = code.as_ptr() as usize;
    let instruction = instruction_of(frame)?;
    if let Some(&site) = registry.code_sites.get(&(address, instruction)) {
        return Ok(Some(site));
    }
    let globals = frame.getattr(intern!(py, "f_globals"))?;
    let Ok(template) = globals.get_item(intern!(py, "__jinja_template__")) else { return Ok(None) };
    let Ok(line) = template.call_method1(intern!(py, "get_corresponding_lineno"), (line_of(frame),)) else {
        return Ok(None);
    };
    let file = code.getattr(intern!(py, "co_filename"))?;
    let file = project_file(registry, &file.cast::<PyString>()?.to_cow()?);
    let name = template.getattr(intern!(py, "name"))?;
    let name = match name.cast::<PyString>() {
        Ok(name) => registry.string(&name.to_cow()?),
        Err(_) => StringId(0),
    };
    let line = line.extract().unwrap_or(0);
    let entry = SiteEntry { kind: SiteKind::Template, file, line, span: None, name, member: StringId(0) };
    let site = registry.sites.intern(entry);
    if let Some(site) = site.filter(|_| registry.keeps_code(address)) {
        registry.code_sites.insert((address, instruction), site);
    }
    Ok(site)
}

/// The qualified name of a method, for an interpreter whose code objects do not know it (CPython 3.10): that of the
/// function that has this code in a class of its receiver. The plain name otherwise.
pub(crate) fn method_name<'py>(
    frame: &Bound<'py, PyAny>,
    code: &Bound<'py, PyCode>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = frame.py();
    let name = code.getattr(intern!(py, "co_name"))?;
    let Some(receiver) = receiver(frame)? else { return Ok(name) };
    for class in receiver.get_type().mro() {
        let Ok(function) = class.getattr(intern!(py, "__dict__"))?.get_item(&name) else { continue };
        let is_own = function.getattr(intern!(py, "__code__")).is_ok_and(|own| own.is(code));
        if is_own && let Ok(qualified) = function.getattr(intern!(py, "__qualname__")) {
            return Ok(qualified);
        }
    }
    Ok(name)
}

/// The user's `ModelAdmin`, and the column of its list.
pub(crate) fn admin_row(frame: &Bound<'_, PyAny>, registry: &mut Registry) -> PyResult<Option<SiteNumber>> {
    let py = frame.py();
    let locals = frame.getattr(intern!(py, "f_locals"))?;
    let Ok(changelist) = locals.get_item(intern!(py, "cl")) else { return Ok(None) };
    let Some(admin) = changelist.getattr_opt(intern!(py, "model_admin"))? else { return Ok(None) };
    let column = locals.get_item(intern!(py, "field_name")).ok();
    let column = column.and_then(|column| column.extract::<String>().ok()).unwrap_or_default();
    member(&admin.get_type(), &column, registry)
}

/// The user's class behind a GraphQL type (Graphene keeps it there), and its field.
pub(crate) fn graphql_field(
    frame: &Bound<'_, PyAny>,
    registry: &mut Registry,
) -> PyResult<Option<SiteNumber>> {
    let py = frame.py();
    let locals = frame.getattr(intern!(py, "f_locals"))?;
    let Ok(parent) = locals.get_item(intern!(py, "parent_type")) else { return Ok(None) };
    let Some(class) = parent.getattr_opt(intern!(py, "graphene_type"))? else { return Ok(None) };
    let Ok(class) = class.cast_into::<PyType>() else { return Ok(None) };
    let path = locals.get_item(intern!(py, "path"));
    let field =
        path.and_then(|path| path.getattr(intern!(py, "key"))?.extract::<String>()).unwrap_or_default();
    member(&class, &snake_case(&field), registry)
}

/// GraphQL's names are camel-cased from Python's.
fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for character in name.chars() {
        if character.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(character.to_ascii_lowercase());
    }
    snake
}

fn member(class: &Bound<'_, PyType>, member: &str, registry: &mut Registry) -> PyResult<Option<SiteNumber>> {
    let Some(site) = owned_class(class, registry)? else { return Ok(None) };
    let Some(entry) = registry.sites.get(site).copied() else { return Ok(None) };
    let entry = SiteEntry { member: registry.string(member), ..entry };
    Ok(registry.sites.intern(entry))
}

#[cfg(test)]
mod tests;
