use std::time::Duration;

use super::*;

const LONG: Duration = Duration::from_secs(5);

fn run<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime").block_on(test)
}

fn turns(concurrency: usize) -> Arc<Turns> {
    Arc::new(Turns::new(&GateConfig { concurrency, ..GateConfig::default() }))
}

#[test]
fn a_turn_goes_back_when_it_is_dropped() {
    run(async {
        let turns = turns(1);
        for _ in 0..5 {
            let turn = turns.wait(1, Class::Normal, LONG).await.unwrap();
            assert_eq!(turns.counts(), (1, 0));
            drop(turn);
        }
        assert_eq!(turns.counts(), (0, 0));
    });
}

#[test]
fn who_waits_gets_the_turn_that_comes_back() {
    run(async {
        let turns = turns(1);
        let first = turns.wait(1, Class::Normal, LONG).await.unwrap();
        let release = async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            drop(first);
        };
        let (second, ()) = tokio::join!(turns.wait(2, Class::Normal, LONG), release);
        assert!(second.unwrap().waited >= Duration::from_millis(15));
        assert_eq!(turns.counts(), (0, 0));
    });
}

#[test]
fn who_waits_too_long_is_told_and_leaves_nothing_behind() {
    run(async {
        let turns = turns(1);
        let first = turns.wait(1, Class::Normal, LONG).await.unwrap();
        let shed = turns.wait(2, Class::Normal, Duration::from_millis(20)).await.unwrap_err();
        assert!(shed.waited >= Duration::from_millis(15));
        assert_eq!(turns.counts(), (1, 0));
        drop(first);
        assert!(turns.wait(3, Class::Normal, LONG).await.is_ok());
    });
}

#[test]
fn who_gives_up_loses_no_turn_for_the_others() {
    run(async {
        let turns = turns(1);
        let first = turns.wait(1, Class::Normal, LONG).await.unwrap();
        for client in 0..10 {
            let waiting = turns.wait(client, Class::Normal, LONG);
            assert!(tokio::time::timeout(Duration::from_millis(2), waiting).await.is_err());
        }
        assert_eq!(turns.counts(), (1, 0));
        drop(first);
        assert!(turns.wait(3, Class::Normal, LONG).await.is_ok());
    });
}

#[test]
fn a_larger_app_lets_in_who_waits() {
    run(async {
        let turns = turns(1);
        let _first = turns.wait(1, Class::Normal, LONG).await.unwrap();
        let grow = async {
            tokio::task::yield_now().await;
            turns.resize(2);
        };
        let (second, ()) = tokio::join!(turns.wait(2, Class::Normal, LONG), grow);
        assert!(second.is_ok());
    });
}
