//! How many requests of which endpoint were kept for replay in this process.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Requests captured for one endpoint in one process.
const CAPTURES_PER_ENDPOINT_MAX: u32 = 40;
/// Endpoints whose captures are counted; further ones are not captured.
const CAPTURED_ENDPOINTS_MAX: usize = 2_000;

static CAPTURES: Mutex<Option<Captures>> = Mutex::new(None);

/// Captures by route and method. Two maps instead of one with a pair as its key, because asking must not allocate: it
/// is done for every request, long after the last was kept.
#[derive(Default)]
struct Captures {
    routes: HashMap<Box<str>, HashMap<Box<str>, u32>>,
    endpoints: usize,
}

impl Captures {
    fn wants(&self, route: &str, method: &str) -> bool {
        match self.routes.get(route).and_then(|methods| methods.get(method)) {
            Some(&count) => count < CAPTURES_PER_ENDPOINT_MAX,
            None => self.endpoints < CAPTURED_ENDPOINTS_MAX,
        }
    }

    fn take(&mut self, route: &str, method: &str) -> bool {
        if !self.wants(route, method) {
            return false;
        }
        let methods = self.routes.entry(route.into()).or_default();
        let count = methods.entry(method.into()).or_insert_with(|| {
            self.endpoints += 1;
            0
        });
        *count += 1;
        true
    }
}

fn locked() -> Option<MutexGuard<'static, Option<Captures>>> {
    // A panic while counting leaves counts that are still good.
    match CAPTURES.try_lock() {
        Ok(captures) => Some(captures),
        Err(std::sync::TryLockError::Poisoned(error)) => Some(PoisonError::into_inner(error)),
        Err(std::sync::TryLockError::WouldBlock) => None,
    }
}

/// Whether another request of this endpoint should be kept. Asked before the request is looked at more closely.
pub(crate) fn wants(route: &str, method: &str) -> bool {
    locked().is_some_and(|captures| captures.as_ref().is_none_or(|captures| captures.wants(route, method)))
}

/// Counts one more request of this endpoint; false when enough are kept.
pub(crate) fn take(route: &str, method: &str) -> bool {
    locked().is_some_and(|mut captures| captures.get_or_insert_default().take(route, method))
}

#[cfg(test)]
mod tests;
