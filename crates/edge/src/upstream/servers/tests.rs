use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn servers(count: u16) -> Servers {
    let addresses: Vec<Address> =
        (1..=count).map(|port| Address::Tcp(([127, 0, 0, 1], port).into())).collect();
    Servers::new(&addresses, BreakerConfig { failures_in_row: 2, ..BreakerConfig::default() })
}

fn end(mut call: Call, is_well: bool) {
    call.report(if is_well { Outcome::Success } else { Outcome::Failure }, SECOND);
}

fn port(call: &Call) -> u16 {
    let Address::Tcp(address) = &call.server.address else { panic!("all listen at TCP") };
    address.port()
}

#[test]
fn the_one_with_the_least_to_do_is_asked() {
    let servers = servers(2);
    let first = servers.call(SECOND, None).unwrap();
    let second = servers.call(SECOND, None).unwrap();
    assert_ne!(port(&first), port(&second));
    let free = port(&first);
    end(first, true);
    assert_eq!(port(&servers.call(SECOND, None).unwrap()), free);
}

#[test]
fn one_that_fails_is_left_alone() {
    let servers = servers(2);
    for _ in 0..4 {
        let call = servers.call(SECOND, None).unwrap();
        let is_well = port(&call) == 2;
        end(call, is_well);
        let other = servers.call(SECOND, Some(&Address::Tcp(([127, 0, 0, 1], 2).into()))).unwrap();
        let is_well = port(&other) == 2;
        end(other, is_well);
    }
    for _ in 0..5 {
        let call = servers.call(SECOND, None).unwrap();
        assert_eq!(port(&call), 2);
        end(call, true);
    }
}

#[test]
fn when_all_fail_it_is_said_when_to_ask_again() {
    let servers = servers(1);
    for _ in 0..2 {
        end(servers.call(SECOND, None).unwrap(), false);
    }
    let wait = servers.call(SECOND, None).unwrap_err();
    assert!(wait > Duration::ZERO);
    assert!(servers.call(SECOND + wait, None).is_ok());
}

#[test]
fn one_that_is_not_well_is_asked_only_for_want_of_a_better() {
    let servers = servers(2);
    servers.list[0].set_well(false);
    let calls: Vec<u16> = (0..3).map(|_| port(&servers.call(SECOND, None).unwrap())).collect();
    assert_eq!(calls, [2, 2, 2]);
    servers.list[1].set_well(false);
    assert!(servers.call(SECOND, None).is_ok());
}
