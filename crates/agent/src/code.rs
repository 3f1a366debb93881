//! What a code object is to the agent, decided once from its file and name.

use std::path::Path;

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyCode;

/// Directories whose code is the user's, and those inside them whose code is not.
#[derive(Clone, Debug, Default)]
pub(crate) struct ProjectRoots {
    /// The project root, as given and with links resolved; no trailing slash. Recorded paths are relative to it.
    pub(crate) roots: Vec<String>,
    /// Where the user's code is: the roots themselves, unless `escala.toml` says otherwise.
    pub(crate) sources: Vec<String>,
    /// `sys.prefix`, the standard library and the like, when they lie inside a source; what `escala.toml` excludes.
    pub(crate) excluded: Vec<String>,
}

impl ProjectRoots {
    /// Whether the file's code is the user's own.
    pub(crate) fn owns(&self, path: &str) -> bool {
        self.sources.iter().any(|source| self.is_within(source, path))
    }

    /// The path relative to the root, when it lies there and is no installed package's.
    pub(crate) fn relative<'path>(&self, path: &'path str) -> Option<&'path str> {
        let relative = self.roots.iter().find_map(|root| below(root, path))?;
        let is_ours = self.owns(path) || self.roots.iter().any(|root| self.is_within(root, path));
        is_ours.then_some(relative)
    }

    /// Whether `path` lies in `directory` and in nothing excluded there. What is excluded around the directory does
    /// not count: a source inside a virtual environment was named on purpose.
    fn is_within(&self, directory: &str, path: &str) -> bool {
        let Some(rest) = below(directory, path) else { return false };
        let is_packages = |part| matches!(part, "site-packages" | "dist-packages" | "__pypackages__");
        let excludes = |excluded: &String| {
            (excluded == directory || below(directory, excluded).is_some())
                && (excluded == path || below(excluded, path).is_some())
        };
        !rest.split('/').any(is_packages) && !self.excluded.iter().any(excludes)
    }
}

/// The rest of a path below a directory.
fn below<'path>(directory: &str, path: &'path str) -> Option<&'path str> {
    path.strip_prefix(directory)?.strip_prefix('/')
}

/// What a code object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CodeKind {
    /// The user's own code: functions and class bodies.
    User,
    /// The statements of a module of the user's.
    UserModule,
    /// `django.db` and the agent itself: never where a queryset was asked for.
    Machinery,
    /// `Node.render_annotated`: its `self` knows the template and the line.
    TemplateNode,
    /// A serializer field of Django REST framework at work: its `self` knows the serializer.
    SerializerField,
    /// Python that Jinja made of a template: its line is not the template's, but the template's object knows that.
    CompiledTemplate,
    /// The admin's list at work on one row: its `cl` knows the `ModelAdmin`.
    AdminRow,
    /// graphql-core resolving one field: its `parent_type` knows the class.
    GraphqlField,
    /// `BaseHandler._get_response`: what lies above is middleware, not the view.
    Boundary,
    /// A method of some other library: its `self` may be an instance of the user's class.
    Method,
    /// Anything else.
    Other,
}

impl CodeKind {
    pub(crate) fn of(code: &Bound<'_, PyCode>, roots: &ProjectRoots) -> PyResult<Self> {
        let py = code.py();
        let file = code.getattr(intern!(py, "co_filename"))?;
        let file = file.extract::<std::borrow::Cow<'_, str>>()?;
        let name = code.getattr(intern!(py, "co_name"))?;
        let name = name.extract::<std::borrow::Cow<'_, str>>()?;
        let first = code.getattr(intern!(py, "co_varnames"))?.get_item(0);
        let is_method = first.is_ok_and(|first| first.extract::<String>().is_ok_and(|first| first == "self"));
        Ok(Self::from_names(&file, &name, is_method, roots))
    }

    /// Whether the code comes from `exec()` and the like: its like may be made for ever.
    pub(crate) fn is_made_from_text(code: &Bound<'_, PyCode>) -> PyResult<bool> {
        let file = code.getattr(intern!(code.py(), "co_filename"))?;
        Ok(file.extract::<std::borrow::Cow<'_, str>>()?.starts_with('<'))
    }

    fn from_names(file: &str, name: &str, is_method: bool, roots: &ProjectRoots) -> Self {
        if file.starts_with('<') {
            // Made at run time: `<string>` for dataclasses and exec(), `<frozen …>`, `<template>`.
            return Self::Other;
        }
        let is_source = Path::new(file).extension().is_some_and(|extension| extension == "py");
        if !is_source && is_made_by_jinja(name) {
            return Self::CompiledTemplate;
        }
        if roots.owns(file) {
            return if name == "<module>" { Self::UserModule } else { Self::User };
        }
        if file.contains("/django/db/") || file.contains("/escala_agent/") {
            return Self::Machinery;
        }
        if name == "items_for_result" && file.ends_with("/django/contrib/admin/templatetags/admin_list.py") {
            return Self::AdminRow;
        }
        if !is_method {
            return Self::Other;
        }
        if matches!(name, "execute_field" | "resolve_field")
            && file.ends_with("/graphql/execution/execute.py")
        {
            return Self::GraphqlField;
        }
        if file.ends_with("/django/template/base.py") {
            match name {
                "render_annotated" => return Self::TemplateNode,
                // Of variables and filters, which nobody derives from; they stand on the stack of every lazy load.
                "resolve" | "_resolve_lookup" => return Self::Other,
                _ => {}
            }
        }
        if matches!(name, "_get_response" | "_get_response_async")
            && file.ends_with("/django/core/handlers/base.py")
        {
            return Self::Boundary;
        }
        if matches!(name, "get_attribute" | "to_representation") && file.contains("/rest_framework/") {
            return Self::SerializerField;
        }
        Self::Method
    }
}

/// The functions of a compiled template; its file name is the template's own.
fn is_made_by_jinja(name: &str) -> bool {
    matches!(name, "root" | "macro" | "caller" | "loop") || name.starts_with("block_")
}

#[cfg(test)]
mod tests;
