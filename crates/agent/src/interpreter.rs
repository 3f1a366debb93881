//! Functions that CPython exports and its limited API does not name, at least not for 3.10.
//!
//! Each is looked up once, by name, so that the one extension loads in every version; where it is missing, its caller
//! goes the longer way through what the limited API has. None has changed since it came.

use std::ffi::{CStr, c_int, c_void};
use std::mem::transmute;
use std::sync::OnceLock;

use pyo3::ffi::{PyFrameObject, PyObject};

/// `PyObject_Vectorcall`: callable, arguments, their number and flag, names of the last of them. A new reference, or
/// null with the exception set.
// SAFETY: declared so by PEP 590; its caller is attached and keeps the arguments alive.
pub(crate) type Vectorcall =
    unsafe extern "C" fn(*mut PyObject, *const *mut PyObject, usize, *mut PyObject) -> *mut PyObject;
/// `PyFrame_GetBack`: a new reference, or null without an exception.
// SAFETY: declared so in CPython's `pyframe.h`; its caller is attached and passes a frame.
pub(crate) type FrameBack = unsafe extern "C" fn(*mut PyFrameObject) -> *mut PyFrameObject;
/// `PyFrame_GetLasti`.
// SAFETY: declared so in CPython's `pyframe.h`; its caller is attached and passes a frame.
pub(crate) type FrameLasti = unsafe extern "C" fn(*mut PyFrameObject) -> c_int;
/// `PyFrame_GetVar`: a new reference, or null with the exception set.
// SAFETY: declared so in CPython's `pyframe.h`; its caller is attached and passes a frame and a string.
pub(crate) type FrameVariable = unsafe extern "C" fn(*mut PyFrameObject, *mut PyObject) -> *mut PyObject;
/// `PyMethod_New`: a new reference to a function bound to an instance, or null with the exception set.
// SAFETY: declared so in CPython's `classobject.h`; its caller is attached and passes two living objects.
pub(crate) type NewMethod = unsafe extern "C" fn(*mut PyObject, *mut PyObject) -> *mut PyObject;

/// What this interpreter exports.
#[derive(Default)]
pub(crate) struct Exports {
    /// From 3.11 on; a function of the headers before.
    pub(crate) vectorcall: Option<Vectorcall>,
    /// From 3.9 on.
    pub(crate) frame_back: Option<FrameBack>,
    /// From 3.11 on.
    pub(crate) frame_lasti: Option<FrameLasti>,
    /// From 3.12 on.
    pub(crate) frame_variable: Option<FrameVariable>,
    pub(crate) new_method: Option<NewMethod>,
}

/// What this interpreter exports.
#[expect(unsafe_code, reason = "a symbol has the type that its name stands for")]
pub(crate) fn exports() -> &'static Exports {
    static KNOWN: OnceLock<Exports> = OnceLock::new();
    // SAFETY: CPython exports functions of these names with these types, or nothing of the name.
    KNOWN.get_or_init(|| unsafe {
        Exports {
            vectorcall: symbol(c"PyObject_Vectorcall").map(|it| transmute::<*mut c_void, Vectorcall>(it)),
            frame_back: symbol(c"PyFrame_GetBack").map(|it| transmute::<*mut c_void, FrameBack>(it)),
            frame_lasti: symbol(c"PyFrame_GetLasti").map(|it| transmute::<*mut c_void, FrameLasti>(it)),
            new_method: symbol(c"PyMethod_New").map(|it| transmute::<*mut c_void, NewMethod>(it)),
            frame_variable: symbol(c"PyFrame_GetVar").map(|it| transmute::<*mut c_void, FrameVariable>(it)),
        }
    })
}

#[expect(unsafe_code, reason = "the dynamic linker is C")]
fn symbol(name: &CStr) -> Option<*mut c_void> {
    // SAFETY: a look-up by a name that ends in zero.
    let address = unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) };
    (!address.is_null()).then_some(address)
}
