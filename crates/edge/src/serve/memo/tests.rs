use super::*;

#[test]
fn a_key_is_known_until_its_time_is_over() {
    let memo = Memo::default();
    memo.put(0x1234_5678_9abc_def0, 10_000, 5);
    assert!(memo.has(0x1234_5678_9abc_def0, 10_000));
    assert!(memo.has(0x1234_5678_9abc_def0, 14_999));
    assert!(!memo.has(0x1234_5678_9abc_def0, 15_000));
    // The same slot, another key.
    assert!(!memo.has(0x1234_5679_9abc_def0, 10_000));
}

#[test]
fn a_key_can_be_forgotten_and_another_stays() {
    let memo = Memo::default();
    memo.put(7, 0, 5);
    memo.forget(7 + (1 << 40));
    assert!(memo.has(7, 0));
    memo.forget(7);
    assert!(!memo.has(7, 0));
}
