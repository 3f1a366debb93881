//! Walking the interpreter's frames to find where the user's code is.

use observation::limits::{CHAIN_SITES_MAX, STACK_FRAMES_MAX};
use observation::{SiteKind, SourceFile, Span, StringId};
use pyo3::ffi;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyCode, PyString, PyType, PyWeakrefReference};

use crate::code::CodeKind;
use crate::interpreter::exports;
use crate::places;
use crate::registry::{ChainNumber, Registry, SiteEntry, SiteNumber};

/// Library methods whose `self` is looked at for one chain.
const METHODS_LOOKED_AT_MAX: usize = 12;

/// Template nodes whose places are remembered.
const NODES_MAX: usize = 20_000;

/// The chain of user positions on the current stack, innermost first.
///
/// Python frames of the user's code count, and the innermost serializer field. Before the first of them, a library
/// method running for an instance of the user's class (a generic view with only `model = X`, a `ModelAdmin`) counts as
/// that class. The innermost template tag ends the chain: what lies above only says how the template came to be
/// rendered, and templates nest deeply.
pub(crate) fn current_chain(py: Python<'_>, registry: &mut Registry) -> PyResult<ChainNumber> {
    let mut sites = [0_u32; CHAIN_SITES_MAX];
    let mut length = 0;
    let mut serializer_seen = false;
    let mut methods_looked_at = 0;
    let mut frame = current_frame(py);
    for _ in 0..STACK_FRAMES_MAX {
        let Some(current) = frame else { break };
        let code = code_of(&current)?;
        let kind = registry.code_kind(&code)?;
        if kind == CodeKind::UserModule && length > 0 {
            // Below a class body or a module's own statements there are only imports.
            break;
        }
        let site = match kind {
            CodeKind::User | CodeKind::UserModule => Some(user_site(&current, &code, registry)?),
            CodeKind::TemplateNode => template_site(&current, registry)?,
            CodeKind::SerializerField if !serializer_seen => {
                let site = serializer_site(&current, registry)?;
                serializer_seen = site.is_some();
                site
            }
            CodeKind::CompiledTemplate => places::compiled_template(&current, &code, registry)?,
            CodeKind::AdminRow => places::admin_row(&current, registry)?,
            CodeKind::GraphqlField if !serializer_seen => {
                let site = places::graphql_field(&current, registry)?;
                serializer_seen = site.is_some();
                site
            }
            CodeKind::Method if length == 0 && methods_looked_at < METHODS_LOOKED_AT_MAX => {
                methods_looked_at += 1;
                owner_site(&current, registry)?
            }
            CodeKind::Boundary => break,
            _ => None,
        };
        if let Some(site) = site {
            if length == 1 && is_method_of(registry, site, sites[0]) {
                // `super().get_queryset()` in the user's class: the line says more than the class.
                length = 0;
            }
            sites[length] = site;
            length += 1;
            if length == CHAIN_SITES_MAX
                || matches!(kind, CodeKind::TemplateNode | CodeKind::CompiledTemplate)
            {
                break;
            }
        }
        frame = outer(&current)?;
    }
    if length == 0 { awaiting_chain(py) } else { Ok(registry.chain(&sites[..length])) }
}

/// Python's `ContextVar.get`: the chain of calls that awaits what this thread runs.
static AWAITING: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

/// Sets the callable that gives [`AWAITING`].
pub(crate) fn install(py: Python<'_>, awaiting: Py<PyAny>) {
    let _ = AWAITING.set(py, awaiting);
}

fn awaiting_chain(py: Python<'_>) -> PyResult<ChainNumber> {
    AWAITING.get(py).map_or(Ok(0), |awaiting| awaiting.bind(py).call0()?.extract())
}

/// Whether `site` is a line in a method of the class at `class_site`.
fn is_method_of(registry: &Registry, site: SiteNumber, class_site: SiteNumber) -> bool {
    let (Some(site), Some(class)) = (registry.sites.get(site), registry.sites.get(class_site)) else {
        return false;
    };
    let name = |entry: &SiteEntry| registry.strings.get(entry.name.0).map_or("", |name| name).to_owned();
    class.kind == SiteKind::Class
        && site.kind == SiteKind::Python
        && site.file == class.file
        && name(site).strip_prefix(&name(class)).is_some_and(|rest| rest.starts_with('.'))
}

#[expect(unsafe_code, reason = "the limited API has no safe wrapper for the current frame")]
pub(crate) fn current_frame(py: Python<'_>) -> Option<Bound<'_, PyAny>> {
    // SAFETY: the interpreter is attached (`py`); the call returns a borrowed reference or null, and
    // `from_borrowed_ptr_or_opt` takes its own reference.
    unsafe { Bound::from_borrowed_ptr_or_opt(py, ffi::PyEval_GetFrame().cast()) }
}

#[expect(unsafe_code, reason = "PyFrame_GetCode skips an attribute look-up on the hottest path")]
pub(crate) fn code_of<'py>(frame: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyCode>> {
    // SAFETY: `frame` came from PyEval_GetFrame or from a frame's `f_back`, so it is a frame object; the call
    // returns a new reference to a code object.
    let code =
        unsafe { Bound::from_owned_ptr(frame.py(), ffi::PyFrame_GetCode(frame.as_ptr().cast()).cast()) };
    code.cast_into::<PyCode>().map_err(Into::into)
}

/// The frame that called this one.
#[expect(unsafe_code, reason = "PyFrame_GetBack skips an attribute look-up on the hottest path")]
fn outer<'py>(frame: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let py = frame.py();
    if let Some(frame_back) = exports().frame_back {
        // SAFETY: as for `code_of`: `frame` is a frame object; the call gives a new reference or null.
        return Ok(unsafe { Bound::from_owned_ptr_or_opt(py, frame_back(frame.as_ptr().cast()).cast()) });
    }
    let outer = frame.getattr(intern!(py, "f_back"))?;
    Ok((!outer.is_none()).then_some(outer))
}

/// Index of the instruction that the frame is at, in bytes.
#[expect(unsafe_code, reason = "PyFrame_GetLasti skips an attribute look-up and a number")]
pub(crate) fn instruction_of(frame: &Bound<'_, PyAny>) -> PyResult<i32> {
    match exports().frame_lasti {
        // SAFETY: as for `code_of`: `frame` is a frame object.
        Some(frame_lasti) => Ok(unsafe { frame_lasti(frame.as_ptr().cast()) }),
        None => frame.getattr(intern!(frame.py(), "f_lasti"))?.extract(),
    }
}

#[expect(unsafe_code, reason = "PyFrame_GetLineNumber has no safe wrapper in the limited API")]
pub(crate) fn line_of(frame: &Bound<'_, PyAny>) -> u32 {
    // SAFETY: as for `code_of`: `frame` is a frame object.
    let line = unsafe { ffi::PyFrame_GetLineNumber(frame.as_ptr().cast()) };
    u32::try_from(line).unwrap_or(0)
}

fn user_site(
    frame: &Bound<'_, PyAny>,
    code: &Bound<'_, PyCode>,
    registry: &mut Registry,
) -> PyResult<SiteNumber> {
    let py = frame.py();
    let address = code.as_ptr() as usize;
    let instruction = instruction_of(frame)?;
    if let Some(&site) = registry.code_sites.get(&(address, instruction)) {
        return Ok(site);
    }
    let file = code.getattr(intern!(py, "co_filename"))?;
    let name = match code.getattr_opt(intern!(py, "co_qualname"))? {
        Some(name) => name,
        None => places::method_name(frame, code)?,
    };
    let (line, span) = position(frame, code, instruction);
    let file = project_file(registry, &file.extract::<std::borrow::Cow<'_, str>>()?);
    let name = registry.string(&name.extract::<std::borrow::Cow<'_, str>>()?);
    let entry = SiteEntry { kind: SiteKind::Python, file, line, span, name, member: StringId(0) };
    let site = registry.sites.intern(entry).unwrap_or(0);
    if registry.keeps_code(address) {
        registry.code_sites.insert((address, instruction), site);
    }
    Ok(site)
}

/// The line and, from CPython 3.11 on, the exact range of the running expression.
fn position(frame: &Bound<'_, PyAny>, code: &Bound<'_, PyCode>, instruction: i32) -> (u32, Option<Span>) {
    let exact = || -> PyResult<(u32, Span)> {
        // Two bytes per instruction word since CPython 3.6.
        let index = usize::try_from(instruction / 2).unwrap_or(0);
        let positions = code.call_method0(intern!(code.py(), "co_positions"))?;
        let entry = positions.try_iter()?.nth(index).ok_or_else(|| {
            pyo3::exceptions::PyIndexError::new_err("instruction outside of the position table")
        })??;
        let (line, end_line, column, end_column): (u32, u32, u32, u32) = entry.extract()?;
        Ok((line, Span { column, end_line, end_column }))
    };
    exact().map_or_else(|_| (line_of(frame), None), |(line, span)| (line, Some(span)))
}

/// The string of a file, remembering what the project's own files looked like when first met.
pub(crate) fn project_file(registry: &mut Registry, path: &str) -> StringId {
    let Some(relative) = registry.roots.relative(path) else { return registry.string(path) };
    let number = registry.string(relative);
    registry.files.entry(number).or_insert_with(|| {
        let metadata = std::fs::metadata(path).ok()?;
        let modified = metadata.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
        Some(SourceFile {
            path: number,
            modified_at_us: u64::try_from(modified.as_micros()).unwrap_or(0),
            size_bytes: metadata.len(),
        })
    });
    number
}

/// The `self` of a frame that runs a method; none once the method has deleted it.
#[expect(unsafe_code, reason = "PyFrame_GetVar gives one variable without a mapping of all")]
pub(crate) fn receiver<'py>(frame: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let py = frame.py();
    let name = intern!(py, "self");
    if let Some(frame_variable) = exports().frame_variable {
        // SAFETY: as for `code_of`: `frame` is a frame object; the call gives a new reference, or null with the exception
        // set, which is taken here.
        let receiver = unsafe {
            let receiver = frame_variable(frame.as_ptr().cast(), name.as_ptr());
            Bound::from_owned_ptr_or_err(py, receiver)
        };
        return Ok(receiver.ok());
    }
    let locals = frame.getattr(intern!(py, "f_locals"))?;
    Ok(locals.get_item(name).ok())
}

fn template_site(frame: &Bound<'_, PyAny>, registry: &mut Registry) -> PyResult<Option<SiteNumber>> {
    let Some(node) = receiver(frame)? else { return Ok(None) };
    let address = node.as_ptr() as usize;
    if let Some((known, site)) = registry.node_sites.get(&address)
        && known.bind(node.py()).upgrade().is_some_and(|known| known.is(&node))
    {
        return Ok(Some(*site));
    }
    let site = describe_node(&node, registry)?;
    if let (Some(site), Ok(reference)) = (site, PyWeakrefReference::new(&node)) {
        if registry.node_sites.len() >= NODES_MAX {
            registry.node_sites.clear();
        }
        registry.node_sites.insert(address, (reference.unbind(), site));
    }
    Ok(site)
}

fn describe_node(node: &Bound<'_, PyAny>, registry: &mut Registry) -> PyResult<Option<SiteNumber>> {
    let py = node.py();
    // Nodes made by hand, without the parser, have neither.
    let (Some(token), Some(origin)) =
        (node.getattr_opt(intern!(py, "token"))?, node.getattr_opt(intern!(py, "origin"))?)
    else {
        return Ok(None);
    };
    if token.is_none() || origin.is_none() {
        return Ok(None);
    }
    let line = token.getattr(intern!(py, "lineno"))?.extract().unwrap_or(0);
    let path = origin.getattr(intern!(py, "name"))?;
    let name = origin.getattr(intern!(py, "template_name"))?;
    let file = project_file(registry, &path.cast::<PyString>()?.to_cow()?);
    let name = match name.cast::<PyString>() {
        Ok(name) => registry.string(&name.to_cow()?),
        Err(_) => StringId(0),
    };
    let entry = SiteEntry { kind: SiteKind::Template, file, line, span: None, name, member: StringId(0) };
    Ok(registry.sites.intern(entry))
}

/// A field at work inside a serializer: the serializer's class and the field's name. A nested serializer is a field of
/// the one around it; `many=True` puts a `ListSerializer` without a class of the user's in between.
fn serializer_site(frame: &Bound<'_, PyAny>, registry: &mut Registry) -> PyResult<Option<SiteNumber>> {
    /// Fields of fields: `many=True` twice, a `ListField` of serializers.
    const PARENTS_MAX: u32 = 4;
    let py = frame.py();
    let Some(mut field) = receiver(frame)? else { return Ok(None) };
    let mut member = String::new();
    for _ in 0..PARENTS_MAX {
        let parent = field.getattr_opt(intern!(py, "parent"))?.filter(|parent| !parent.is_none());
        let Some(parent) = parent else { return owned_class(&field.get_type(), registry) };
        if let Some(name) = field.getattr_opt(intern!(py, "field_name"))?
            && let Ok(name) = name.extract::<String>()
            && !name.is_empty()
        {
            member = name;
        }
        field = parent;
        if let Some(class) = owned_class(&field.get_type(), registry)? {
            let Some(entry) = registry.sites.get(class).copied() else { return Ok(None) };
            let entry = SiteEntry { member: registry.string(&member), ..entry };
            return Ok(registry.sites.intern(entry));
        }
    }
    Ok(None)
}

/// The user's class that a library method runs for.
fn owner_site(frame: &Bound<'_, PyAny>, registry: &mut Registry) -> PyResult<Option<SiteNumber>> {
    let Some(receiver) = receiver(frame)? else { return Ok(None) };
    owned_class(&receiver.get_type(), registry)
}

/// The place of a class, when the module that defines it is the user's.
pub(crate) fn owned_class(
    class: &Bound<'_, PyType>,
    registry: &mut Registry,
) -> PyResult<Option<SiteNumber>> {
    let address = class.as_ptr() as usize;
    if let Some(&site) = registry.class_sites.get(&address) {
        return Ok(site);
    }
    let site = describe_class(class, registry)?;
    // A class that goes away could lend its address to another; only classes of modules are remembered.
    if registry.class_sites.len() < 10_000 && is_module_level(class)? {
        registry.class_sites.insert(address, site);
    }
    Ok(site)
}

fn is_module_level(class: &Bound<'_, PyType>) -> PyResult<bool> {
    Ok(!class.qualname()?.to_cow()?.contains("<locals>"))
}

fn describe_class(class: &Bound<'_, PyType>, registry: &mut Registry) -> PyResult<Option<SiteNumber>> {
    let py = class.py();
    let modules = py.import(intern!(py, "sys"))?.getattr(intern!(py, "modules"))?;
    let Ok(module) = modules.get_item(class.module()?) else { return Ok(None) };
    let Some(path) = module.getattr_opt(intern!(py, "__file__"))? else { return Ok(None) };
    let Ok(path) = path.extract::<String>() else { return Ok(None) };
    if !registry.roots.owns(&path) {
        return Ok(None);
    }
    let file = project_file(registry, &path);
    let name = registry.string(&class.qualname()?.to_cow()?);
    let entry = SiteEntry { kind: SiteKind::Class, file, line: 0, span: None, name, member: StringId(0) };
    Ok(registry.sites.intern(entry))
}
