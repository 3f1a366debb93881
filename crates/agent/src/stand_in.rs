//! Callables that stand in Django's classes for the functions on the hot path.
//!
//! A wrapper in Python costs a frame, its arguments taken apart and put together again, and a look-up for whatever it
//! calls: several microseconds on each query. A [`StandIn`] is called with the interpreter's own vector of arguments
//! (PEP 590) and hands that same vector on. It binds like a function, and whatever else it is asked for (its name, its
//! code, its signature) the function behind it answers.

use std::ffi::{CStr, c_char, c_int, c_uint, c_ulong, c_void};
use std::mem::{offset_of, transmute};
use std::ptr;

use pyo3::ffi;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyString, PyTuple, PyType};

use crate::interpreter::{Vectorcall, exports};

/// What a stand-in does around the function behind it. It ends in the result of [`Call::forward`].
pub(crate) type Around = for<'py> fn(&Call<'py>) -> Returned<'py>;

/// What the function behind returned; none when it raised, and then the exception is set.
pub(crate) type Returned<'py> = Option<Bound<'py, PyAny>>;

/// Set on a type whose instances are called by vector; in the limited API by name from 3.12 on only.
const TPFLAGS_HAVE_VECTORCALL: c_ulong = 1 << 11;
/// The rest of a vectorcall's `nargsf` is the number of positional arguments (PEP 590).
const ARGUMENTS_OFFSET: usize = 1 << (usize::BITS - 1);

/// The object. Its layout is Python's business as far as `head`, and known to the type by `__vectorcalloffset__`.
#[repr(C)]
struct StandIn {
    head: ffi::PyObject,
    vectorcall: Option<Vectorcall>,
    original: *mut ffi::PyObject,
    helper: *mut ffi::PyObject,
    around: Option<Around>,
}

/// One call of a stand-in.
pub(crate) struct Call<'py> {
    py: Python<'py>,
    stand_in: &'py StandIn,
    arguments: *const *mut ffi::PyObject,
    /// With the flag of PEP 590, which is handed on.
    nargsf: usize,
    keywords: *mut ffi::PyObject,
}

impl<'py> Call<'py> {
    pub(crate) fn py(&self) -> Python<'py> {
        self.py
    }

    /// What the hook gave this stand-in to work with.
    pub(crate) fn helper(&self) -> Borrowed<'_, 'py, PyAny> {
        borrowed(self.py, &self.stand_in.helper)
    }

    /// How many arguments came by position, `self` included.
    pub(crate) fn positional(&self) -> usize {
        self.nargsf & !ARGUMENTS_OFFSET
    }

    /// The argument at this position, or else of this name.
    pub(crate) fn argument(&self, position: usize, name: &str) -> Option<Borrowed<'_, 'py, PyAny>> {
        if position < self.positional() {
            return Some(self.at(position));
        }
        let names = self.keywords()?;
        let is_asked_for = |index: &usize| {
            names.get_item(*index).is_ok_and(|key| key.cast::<PyString>().is_ok_and(|key| key == name))
        };
        (0..names.len()).find(is_asked_for).map(|index| self.at(self.positional() + index))
    }

    /// The value of the only keyword, when it has this name and the call has `self` and nothing else.
    pub(crate) fn only_keyword(&self, name: &str) -> Option<Borrowed<'_, 'py, PyAny>> {
        let is_alone = self.positional() == 1 && self.keywords().is_some_and(|names| names.len() == 1);
        if is_alone { self.argument(1, name) } else { None }
    }

    #[expect(unsafe_code, reason = "the names of a vectorcall are a tuple")]
    fn keywords(&self) -> Option<Borrowed<'_, 'py, PyTuple>> {
        if self.keywords.is_null() {
            return None;
        }
        // SAFETY: PEP 590: `kwnames` is null or a tuple of strings, which the caller keeps alive during the call.
        Some(unsafe { borrowed(self.py, &self.keywords).cast_unchecked::<PyTuple>() })
    }

    #[expect(unsafe_code, reason = "a vectorcall's arguments are an array in C")]
    fn at(&self, index: usize) -> Borrowed<'_, 'py, PyAny> {
        // SAFETY: callers stay below the number of positional and named arguments, which is the array's length; the
        // caller of the vectorcall keeps them alive during the call.
        borrowed(self.py, unsafe { &*self.arguments.add(index) })
    }

    /// Calls the function behind with the same arguments.
    #[expect(unsafe_code, reason = "the arguments are handed on as they came, without a tuple made of them")]
    pub(crate) fn forward(&self) -> Returned<'py> {
        let original = self.stand_in.original;
        let returned = match exports().vectorcall {
            // SAFETY: arguments, flag and names are those of the call that is under way, whose caller answers for them.
            Some(call) => unsafe { call(original, self.arguments, self.nargsf, self.keywords) },
            None => return self.forward_in_a_tuple(),
        };
        // SAFETY: a call gives a new reference, or null with the exception set.
        unsafe { Bound::from_owned_ptr_or_opt(self.py, returned) }
    }

    /// CPython 3.10 has the call by vector in its headers only.
    #[cold]
    fn forward_in_a_tuple(&self) -> Returned<'py> {
        let positional = (0..self.positional()).map(|index| self.at(index));
        let call = || {
            let keywords = PyDict::new(self.py);
            for (index, name) in self.keywords().iter().flat_map(|names| names.iter()).enumerate() {
                keywords.set_item(name, self.at(self.positional() + index))?;
            }
            let original = borrowed(self.py, &self.stand_in.original);
            original.call(PyTuple::new(self.py, positional)?, Some(&keywords))
        };
        call().map_err(|error| error.restore(self.py)).ok()
    }
}

/// Runs `action` with no exception set, and sets again the one that was.
#[expect(unsafe_code, reason = "a safe take would normalise the exception, and unwind for some")]
pub(crate) fn beside_exception(_: Python<'_>, action: impl FnOnce()) {
    let (mut class, mut value, mut traceback) = (ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
    // SAFETY: the interpreter is attached. What is fetched is owned here until it is restored, and `action` returns: it
    // is one of the agent's, which catch their panics.
    unsafe {
        ffi::PyErr_Fetch(&raw mut class, &raw mut value, &raw mut traceback);
        action();
        ffi::PyErr_Restore(class, value, traceback);
    }
}

#[expect(unsafe_code, reason = "pointers of C that are known to be objects")]
fn borrowed<'a, 'py>(py: Python<'py>, object: &'a *mut ffi::PyObject) -> Borrowed<'a, 'py, PyAny> {
    // SAFETY: callers pass a pointer to a living object that lives as long as the place it was read from.
    unsafe { Borrowed::from_ptr(py, *object) }
}

/// Makes what stands in for `original`. `helper` is whatever `around` needs to know.
#[expect(unsafe_code, reason = "an object of a type that is made by hand")]
pub(crate) fn new<'py>(
    original: &Bound<'py, PyAny>,
    helper: Option<&Bound<'py, PyAny>>,
    around: Around,
) -> PyResult<Bound<'py, PyAny>> {
    static TYPE: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let py = original.py();
    let class = TYPE.get_or_try_init(py, || make_type(py))?.bind(py);
    // SAFETY: the type's size is that of `StandIn`, so that the fields lie in the allocation, which the interpreter has
    // zeroed; it gives a new reference or null with the exception set. `as_ptr()` after `clone().into_ptr()` is owned.
    unsafe {
        let object = ffi::PyType_GenericAlloc(class.as_type_ptr(), 0);
        let object = Bound::from_owned_ptr_or_err(py, object)?;
        let stand_in = &mut *object.as_ptr().cast::<StandIn>();
        stand_in.vectorcall = Some(called);
        stand_in.original = original.clone().into_ptr();
        stand_in.helper = helper.map_or_else(|| py.None().into_bound(py), Clone::clone).into_ptr();
        stand_in.around = Some(around);
        Ok(object)
    }
}

#[expect(unsafe_code, reason = "pyo3 makes no types that are called by vector")]
fn make_type(py: Python<'_>) -> PyResult<Py<PyType>> {
    const NAME: &CStr = c"escala_agent.stand_in";
    const READ_ONLY: c_int = 1;
    let mut members = [
        ffi::PyMemberDef {
            name: c"__vectorcalloffset__".as_ptr(),
            type_code: ffi::Py_T_PYSSIZET,
            offset: offset_of!(StandIn, vectorcall).cast_signed(),
            flags: READ_ONLY,
            doc: ptr::null(),
        },
        ffi::PyMemberDef::default(),
    ];
    let slot = |slot, function| ffi::PyType_Slot { slot, pfunc: function };
    let mut slots = [
        slot(ffi::Py_tp_members, members.as_mut_ptr().cast()),
        slot(ffi::Py_tp_call, PyVectorcall_Call as *mut c_void),
        slot(ffi::Py_tp_descr_get, bound_to as *mut c_void),
        slot(ffi::Py_tp_getattro, attribute as *mut c_void),
        slot(ffi::Py_tp_setattro, set_attribute as *mut c_void),
        slot(ffi::Py_tp_repr, shown as *mut c_void),
        slot(ffi::Py_tp_dealloc, freed as *mut c_void),
        slot(0, ptr::null_mut()),
    ];
    let flags = ffi::Py_TPFLAGS_DEFAULT | ffi::Py_TPFLAGS_METHOD_DESCRIPTOR | TPFLAGS_HAVE_VECTORCALL;
    let mut spec = ffi::PyType_Spec {
        name: NAME.as_ptr().cast::<c_char>(),
        basicsize: c_int::try_from(size_of::<StandIn>()).unwrap_or(c_int::MAX),
        itemsize: 0,
        flags: flags as c_uint,
        slots: slots.as_mut_ptr(),
    };
    // SAFETY: name and functions are static; the interpreter copies members and slots before it returns. It gives a new
    // reference to a type, or null with the exception set.
    unsafe {
        let class = Bound::from_owned_ptr_or_err(py, ffi::PyType_FromSpec(&raw mut spec))?;
        Ok(class.cast_into_unchecked::<PyType>().unbind())
    }
}

#[expect(unsafe_code, reason = "exported since 3.8, named by the limited API since 3.12")]
// SAFETY: declared so in CPython's `abstract.h`; nothing here calls it, it only stands in a slot of the type.
unsafe extern "C" {
    fn PyVectorcall_Call(
        callable: *mut ffi::PyObject,
        arguments: *mut ffi::PyObject,
        keywords: *mut ffi::PyObject,
    ) -> *mut ffi::PyObject;
}

#[expect(unsafe_code, reason = "called by the interpreter")]
// SAFETY: only the interpreter calls it, as the vectorcall of this type's objects.
unsafe extern "C" fn called(
    callable: *mut ffi::PyObject,
    arguments: *const *mut ffi::PyObject,
    nargsf: usize,
    keywords: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: the interpreter is attached when it calls, and calls with an object of this type that lives during it.
    let (py, stand_in) = unsafe { (Python::assume_attached(), &*callable.cast::<StandIn>()) };
    let call = Call { py, stand_in, arguments, nargsf, keywords };
    let returned = match stand_in.around {
        Some(around) => around(&call),
        None => call.forward(),
    };
    returned.map_or(ptr::null_mut(), Bound::into_ptr)
}

/// As a function does: bound to an instance, or itself on the class.
#[expect(unsafe_code, reason = "called by the interpreter")]
// SAFETY: only the interpreter calls it, as `tp_descr_get` of this type.
unsafe extern "C" fn bound_to(
    own: *mut ffi::PyObject,
    instance: *mut ffi::PyObject,
    _class: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: the interpreter is attached when it calls, with a living object and an instance or null.
    unsafe {
        let py = Python::assume_attached();
        if instance.is_null() || ffi::Py_IsNone(instance) != 0 {
            return ffi::Py_NewRef(own);
        }
        if let Some(new_method) = exports().new_method {
            return new_method(own, instance);
        }
        let (own, instance) = (Bound::from_borrowed_ptr(py, own), Bound::from_borrowed_ptr(py, instance));
        let bind =
            || py.import(intern!(py, "types"))?.getattr(intern!(py, "MethodType"))?.call1((own, instance));
        given(py, bind())
    }
}

#[expect(unsafe_code, reason = "called by the interpreter")]
// SAFETY: only the interpreter calls it, as `tp_getattro` of this type.
unsafe extern "C" fn attribute(own: *mut ffi::PyObject, name: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: the interpreter is attached when it calls, with an object of this type and a name, both alive.
    let (py, original, name) = unsafe {
        let py = Python::assume_attached();
        let original = (*own.cast::<StandIn>()).original;
        (py, Bound::from_borrowed_ptr(py, original), Bound::from_borrowed_ptr(py, name))
    };
    let name = match name.cast_into::<PyString>() {
        Ok(name) if name == "__wrapped__" => return original.into_ptr(),
        Ok(name) if name != "__call__" && name != "__get__" => name,
        // Those of the function would pass the stand-in by.
        // SAFETY: as above; the name is asked for by the interpreter.
        Ok(name) => return unsafe { ffi::PyObject_GenericGetAttr(own, name.as_ptr()) },
        Err(error) => return given(py, Err(error.into())),
    };
    given(py, original.getattr(name))
}

#[expect(unsafe_code, reason = "called by the interpreter")]
// SAFETY: only the interpreter calls it, as `tp_setattro` of this type.
unsafe extern "C" fn set_attribute(
    own: *mut ffi::PyObject,
    name: *mut ffi::PyObject,
    value: *mut ffi::PyObject,
) -> c_int {
    // SAFETY: the interpreter is attached when it calls, with an object of this type, a name, and a value or null for
    // deletion, as the function that is called takes it.
    unsafe { ffi::PyObject_SetAttr((*own.cast::<StandIn>()).original, name, value) }
}

#[expect(unsafe_code, reason = "called by the interpreter")]
// SAFETY: only the interpreter calls it, as `tp_repr` of this type.
unsafe extern "C" fn shown(own: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: the interpreter is attached when it calls, with an object of this type.
    unsafe { ffi::PyObject_Repr((*own.cast::<StandIn>()).original) }
}

#[expect(unsafe_code, reason = "called by the interpreter")]
// SAFETY: only the interpreter calls it, as `tp_dealloc` of this type.
unsafe extern "C" fn freed(own: *mut ffi::PyObject) {
    // SAFETY: nobody refers to the object any more. Its fields are owned or null; an instance of a heap type owns a
    // reference to it, and `tp_free` is what `PyType_GenericAlloc` allocated for.
    unsafe {
        let class = ffi::Py_TYPE(own);
        let stand_in = &*own.cast::<StandIn>();
        ffi::Py_XDECREF(stand_in.original);
        ffi::Py_XDECREF(stand_in.helper);
        let free = ffi::PyType_GetSlot(class, ffi::Py_tp_free);
        transmute::<*mut c_void, ffi::freefunc>(free)(own.cast());
        ffi::Py_DECREF(class.cast());
    }
}

fn given(py: Python<'_>, result: PyResult<Bound<'_, PyAny>>) -> *mut ffi::PyObject {
    match result {
        Ok(object) => object.into_ptr(),
        Err(error) => {
            error.restore(py);
            ptr::null_mut()
        }
    }
}
