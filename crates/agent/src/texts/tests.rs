use super::*;

fn sql(texts: &mut Texts, statement: &str) -> u32 {
    texts.sql(statement, || false)
}

#[test]
fn statements_that_differ_in_values_are_one_template() {
    let mut texts = Texts::default();
    let numbers: Vec<u32> = (0..100_000)
        .map(|id| sql(&mut texts, &format!("SELECT a FROM t WHERE id = {}", 1_000 + id)))
        .collect();
    assert!(numbers.iter().all(|number| *number == 0));
    assert_eq!(texts.values().len(), 1);
}

#[test]
fn templates_beyond_the_count_are_one_further_text() {
    let mut texts = Texts::default();
    let count = SQL_TEMPLATES_PER_TRANSACTION_MAX as u32 + 1_000;
    let numbers: Vec<u32> = (0..count).map(|at| sql(&mut texts, &format!("SELECT a{at} FROM t"))).collect();
    let further = texts.further();
    assert_eq!(texts.values().len(), SQL_TEMPLATES_PER_TRANSACTION_MAX + 1);
    assert_eq!(&*texts.values()[further as usize], FURTHER);
    assert_eq!(numbers.iter().filter(|number| **number == further).count(), 1_000);
    assert_eq!(sql(&mut texts, "SELECT a7 FROM t"), 7, "what is known stays apart");
}

#[test]
fn templates_beyond_the_bytes_are_one_further_text() {
    let mut texts = Texts::default();
    let long = "b, ".repeat(SQL_BYTES_MAX);
    for at in 0..200 {
        sql(&mut texts, &format!("SELECT a{at}, {long}"));
    }
    let bytes: usize = texts.values().iter().map(|text| text.len()).sum();
    assert!(bytes <= SQL_BYTES_PER_TRANSACTION_MAX + FURTHER.len(), "{bytes}");
    let last = sql(&mut texts, &format!("SELECT last, {long}"));
    assert_eq!(last, texts.further());
}

#[test]
fn the_database_is_asked_only_about_quotes_it_has_not_seen() {
    let mut texts = Texts::default();
    let asked = std::cell::Cell::new(0);
    for statement in ["SELECT a", "SELECT \"a\"", "SELECT \"a\""] {
        texts.sql(statement, || {
            asked.set(asked.get() + 1);
            true
        });
    }
    assert_eq!(asked.get(), 1);
    assert_eq!(&*texts.values()[1], "SELECT ?");
}
