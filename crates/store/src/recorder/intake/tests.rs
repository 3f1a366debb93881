use observation::frame::decode_details;

use super::*;
use crate::testing::{frame, lying_in, process, transaction};

#[test]
fn tables_and_files_of_a_transaction_are_split_off() {
    let sent = lying_in(transaction(3, 5), "shop/views.py", 11, 12);
    let mut speaker = Some(Arc::new(process(1)));
    let Ok(Event::Transaction(arrival)) = event(frame(sent.clone()), &mut speaker) else {
        panic!("no transaction")
    };
    assert_eq!(arrival.process.pid, 1);
    assert_eq!(
        arrival.files,
        [SeenFile { path: "shop/views.py".into(), modified_at_us: 11, size_bytes: 12 }]
    );
    assert_eq!(arrival.transaction.details, Details::default());
    assert_eq!(decode_details(&arrival.details), Ok(sent.details));
}

#[test]
fn a_connection_speaks_for_the_process_announced_last() {
    let mut speaker = None;
    assert!(matches!(event(frame(transaction(1, 1)), &mut speaker), Err(Problem::Unannounced)));
    for pid in [4, 5] {
        event(Frame::Process(process(pid)), &mut speaker).unwrap();
        let Ok(Event::Transaction(arrival)) = event(frame(transaction(1, 1)), &mut speaker) else {
            panic!("no transaction")
        };
        assert_eq!(arrival.process.pid, pid);
    }
}
