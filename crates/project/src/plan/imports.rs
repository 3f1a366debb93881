//! The names an edit needs: found among the file's imports, or added to them.

mod placement;

use std::collections::{BTreeMap, BTreeSet};

use ruff_python_ast::{Alias, AnyNodeRef, Stmt, StmtImportFrom};
use ruff_text_size::TextSize;

use crate::edit::TextEdit;
use crate::root::RelativePath;
use crate::scope::{bindings, bound_name, module_binds, precedes};
use crate::syntax::{NodeId, Syntax};
use crate::unsupported::Unsupported;

/// Where the names are going to be used: in this function, by a statement that starts here.
pub(super) type UsedAt = (NodeId, TextSize);

pub(super) struct Imports<'s, 'a> {
    syntax: &'s Syntax<'a>,
    file: ModulePath,
    wanted: BTreeMap<String, BTreeSet<String>>,
}

impl<'s, 'a> Imports<'s, 'a> {
    pub(super) fn new(syntax: &'s Syntax<'a>, path: &RelativePath) -> Self {
        Self { syntax, file: ModulePath::of(path), wanted: BTreeMap::new() }
    }

    /// How to write `django.db.models.Prefetch` in this file.
    pub(super) fn prefetch(&mut self, at: UsedAt) -> Result<String, Unsupported> {
        // The class is defined in a private module and may be imported from there as well.
        self.reference(&["django.db.models", "django.db.models.query"], "Prefetch", at)
    }

    /// How to write a model class in this file.
    pub(super) fn model(&mut self, module: &str, name: &str, at: UsedAt) -> Result<String, Unsupported> {
        self.reference(&[module], name, at)
    }

    /// The edits that add the missing imports.
    pub(super) fn edits(&self) -> Vec<TextEdit> {
        placement::edits(self.syntax, &self.file, &self.wanted)
    }

    /// The expression for `name` of the first of `modules`, importing it from there when the file does not have it.
    fn reference(&mut self, modules: &[&str], name: &str, at: UsedAt) -> Result<String, Unsupported> {
        let taken = |name: &str| Unsupported::NameTaken { name: name.to_owned() };
        let (function, before) = at;
        if let Some(text) = self.imported(modules, name) {
            let root = text.split('.').next().unwrap_or_default();
            let shadowed = !bindings(self.syntax, function, root).is_empty();
            return if shadowed { Err(taken(root)) } else { Ok(text) };
        }
        match bindings(self.syntax, function, name).as_slice() {
            [] => {}
            [import]
                if self.is_import_of(*import, modules, name) && precedes(self.syntax, *import, before) =>
            {
                return Ok(name.to_owned());
            }
            _ => return Err(taken(name)),
        }
        let here = modules.iter().any(|module| self.file.is(module));
        if here && self.syntax.body().iter().any(|statement| defines_class(statement, name)) {
            return Ok(name.to_owned());
        }
        if module_binds(self.syntax, name) {
            return Err(taken(name));
        }
        self.wanted.entry(modules[0].to_owned()).or_default().insert(name.to_owned());
        Ok(name.to_owned())
    }

    /// The expression under which the module's own imports make `name` known.
    fn imported(&self, modules: &[&str], name: &str) -> Option<String> {
        self.syntax.body().iter().find_map(|statement| match statement {
            Stmt::ImportFrom(import) => import.names.iter().find_map(|alias| {
                let from = self.file.resolve(import)?;
                let exact = modules.iter().any(|module| from.is(module) || from.is_package_of(module));
                if alias.name.as_str() == name && exact {
                    return Some(bound_name(alias).to_owned());
                }
                let submodule = from.child(alias.name.as_str());
                let is_module = modules.iter().any(|module| submodule.is(module));
                is_module.then(|| format!("{}.{name}", bound_name(alias)))
            }),
            Stmt::Import(import) => import.names.iter().find_map(|alias| {
                let text = alias.asname.as_ref().map_or(alias.name.as_str(), |name| name.as_str());
                modules.contains(&alias.name.as_str()).then(|| format!("{text}.{name}"))
            }),
            _ => None,
        })
    }

    /// Whether a binding inside a function is `from module import name`.
    fn is_import_of(&self, binding: NodeId, modules: &[&str], name: &str) -> bool {
        let AnyNodeRef::Alias(Alias { name: imported, asname: None, .. }) = self.syntax.node(binding) else {
            return false;
        };
        let Some(AnyNodeRef::StmtImportFrom(import)) =
            self.syntax.parent(binding).map(|parent| self.syntax.node(parent))
        else {
            return false;
        };
        let from = self.file.resolve(import);
        imported.as_str() == name
            && from.is_some_and(|from| {
                modules.iter().any(|module| from.is(module) || from.is_package_of(module))
            })
    }
}

fn defines_class(statement: &Stmt, name: &str) -> bool {
    matches!(statement, Stmt::ClassDef(class) if class.name.as_str() == name)
}

/// A dotted module path. One worked out from a file's place may have directories too many at its front, such as
/// `src.shop.models` for `shop.models`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ModulePath {
    dotted: String,
    from_file: bool,
    is_package: bool,
}

impl ModulePath {
    fn of(path: &RelativePath) -> Self {
        let path = path.as_str().trim_end_matches(".py");
        let (path, is_package) = match path.strip_suffix("__init__") {
            Some(package) => (package.trim_end_matches('/'), true),
            None => (path, false),
        };
        Self { dotted: path.replace('/', "."), from_file: true, is_package }
    }

    /// The module an import statement names.
    fn resolve(&self, import: &StmtImportFrom) -> Option<Self> {
        let module = import.module.as_ref().map_or("", |module| module.as_str());
        if import.level == 0 {
            return Some(Self { dotted: module.to_owned(), from_file: false, is_package: false });
        }
        let mut package: Vec<&str> = self.dotted.split('.').filter(|part| !part.is_empty()).collect();
        let up = import.level as usize - usize::from(self.is_package);
        package.truncate(package.len().checked_sub(up)?);
        package.extend(module.split('.').filter(|part| !part.is_empty()));
        Some(Self { dotted: package.join("."), from_file: true, is_package: false })
    }

    fn child(&self, name: &str) -> Self {
        let dotted = if self.dotted.is_empty() { name.to_owned() } else { format!("{}.{name}", self.dotted) };
        Self { dotted, from_file: self.from_file, is_package: false }
    }

    fn is(&self, module: &str) -> bool {
        self.dotted == module
            || (self.from_file && self.dotted.strip_suffix(module).is_some_and(|front| front.ends_with('.')))
    }

    /// Whether `module` lies inside this package, which then may re-export its names.
    fn is_package_of(&self, module: &str) -> bool {
        module.match_indices('.').any(|(end, _)| self.is(&module[..end]))
    }

    /// The relative name of `module` for an import in this file, when both are in the same package.
    fn relative(&self, module: &str) -> Option<String> {
        let package = if self.is_package {
            self.clone()
        } else {
            let dotted = self.dotted.rsplit_once('.')?.0.to_owned();
            Self { dotted, from_file: true, is_package: true }
        };
        module
            .match_indices('.')
            .find(|(end, _)| package.is(&module[..*end]))
            .map(|(end, _)| module[end..].to_owned())
    }
}
