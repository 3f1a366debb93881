use super::*;
use crate::testing::{Code, Observed};

fn code() -> Code {
    Code::new("shop/views.py", "def view(request):\n    here()\n    away()\n")
}

fn asked(observed: Observed) -> Vec<(u64, String)> {
    let transaction = observed.transaction();
    let conversation = Conversation::of(&transaction, HashSet::new());
    conversation.questions.iter().map(|question| (question.queries, question.text.to_string())).collect()
}

#[test]
fn what_differs_in_values_is_repeated_from_one_place_only() {
    let code = code();
    let mut request = Observed::get("/");
    request.asks("SELECT a FROM t WHERE b IN (%s)", 1, &[&code.at("here()")]);
    request.asks("SELECT a FROM t WHERE b IN (%s, %s)", 2, &[&code.at("here()")]);
    request.asks("SELECT a FROM t WHERE b IN (%s)", 1, &[&code.at("away()")]);
    let text = "select a from t where b in (?)".to_owned();
    assert_eq!(asked(request), [(3, text.clone()), (1, text)]);
}

#[test]
fn lazy_loads_transactions_and_frameworks_are_left_out() {
    let code = code();
    let mut request = Observed::get("/");
    request.asks("SAVEPOINT s1", 1, &[&code.at("here()")]);
    request.asks("SELECT 1", 1, &[&code.at("here()")]);
    request.asks("SELECT a FROM t", 1, &[]);
    assert_eq!(asked(request), []);
}
