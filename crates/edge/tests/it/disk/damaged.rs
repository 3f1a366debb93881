//! Disks that are full or gone, files that are not what they were, processes that are killed.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use edge::cache::purges::Purge;
use edge::config::Profile;
use tempfile::TempDir;

use super::{Stage, files, numbers, written};
use crate::support::{Reply, Site, wait_until};

#[test]
fn files_of_any_kind_cost_nothing_but_a_question() {
    let stage = Stage::rfc();
    let site = stage.start(|request| Reply::fresh(format!("{} {}", request.target, "x".repeat(5_000))));
    let paths = ["/cut", "/changed", "/empty", "/garbage", "/swapped", "/other", "/good"];
    let mut all: Vec<(&str, PathBuf)> = Vec::new();
    for (at, path) in (1..).zip(paths) {
        site.get(path);
        written(&site, at);
        let new = stage.files().into_iter().find(|file| all.iter().all(|(_, known)| known != file));
        all.push((path, new.unwrap()));
    }
    let file = |path: &str| &all.iter().find(|(known, _)| *known == path).unwrap().1;
    let damage = |is_running: bool| {
        let changed = |path: &str, change: &dyn Fn(&mut Vec<u8>)| {
            let mut bytes = fs::read(file(path)).unwrap();
            change(&mut bytes);
            fs::write(file(path), bytes).unwrap();
        };
        if is_running {
            // The head stays as it is: what was found at the start is not looked at again before somebody asks.
            changed("/cut", &|bytes| bytes.truncate(bytes.len() - 1));
            changed("/changed", &|bytes| *bytes.last_mut().unwrap() ^= 1);
        } else {
            changed("/empty", &Vec::clear);
            changed("/garbage", &|bytes| bytes.fill(b'z'));
            fs::copy(file("/other"), file("/swapped")).unwrap();
        }
    };
    let Site { origin, serving } = site;
    serving.drain();
    serving.wait();
    damage(false);
    let site = stage.begin(origin);
    wait_until("it is known what is on disk", || numbers(&site).entries == 4);
    damage(true);
    let asked = site.origin.count();
    for path in paths {
        let page = site.get(path);
        assert_eq!(page.text(), format!("{path} {}", "x".repeat(5_000)));
        assert_eq!(page.is_hit(), matches!(path, "/other" | "/good"), "{path}");
    }
    assert_eq!((site.origin.count() - asked, numbers(&site).corrupt), (5, 5));
    // They are written anew.
    written(&site, 5);
    let site = stage.restart(site);
    assert!(paths.iter().all(|path| site.get(path).is_hit()));
}

#[test]
fn a_directory_that_cannot_be_used_costs_hits_and_nothing_else() {
    let stage = Stage::rfc();
    fs::write(stage.path().join("responses"), "a file").unwrap();
    let site = stage.start(|request| Reply::fresh(&request.target));
    let mut client = site.client();
    for at in 0..50 {
        let path = format!("/{at}");
        assert_eq!(client.get(&path).text(), path);
        assert!(client.get(&path).is_hit());
    }
    wait_until("they are dropped", || numbers(&site).dropped == 50);
    assert_eq!((numbers(&site).written, numbers(&site).entries), (0, 0));
    assert!(numbers(&site).failed > 0);
    assert_eq!(site.serving.edge.purge(Purge::All, false), 50);
    // Once it can be used, it is.
    fs::remove_file(stage.path().join("responses")).unwrap();
    wait_until("it is used", || {
        client.get(&format!("/{}", numbers(&site).dropped));
        numbers(&site).written > 0
    });
    site.serving.drain();
    site.serving.wait();
}

#[test]
fn the_disk_is_never_fuller_than_it_may_be() {
    let bytes_max = 1 << 20;
    let stage = Stage::new(move |config| {
        config.cache.profile = Profile::Rfc;
        config.cache.disk.as_mut().unwrap().bytes_max = bytes_max;
    });
    let site = stage.start(|request| Reply::fresh("x".repeat(request.number * 997 % 40_000)));
    let mut client = site.client();
    let bytes = || {
        stage.files().iter().filter_map(|file| fs::metadata(file).ok()).map(|file| file.len()).sum::<u64>()
    };
    for at in 0..300 {
        client.get(&format!("/{at}"));
        if at % 10 == 0 {
            assert!(bytes() <= bytes_max, "{}", bytes());
        }
    }
    wait_until("all is written", || numbers(&site).written == 300);
    assert!(bytes() > bytes_max / 2 && numbers(&site).evicted > 100);
    let site = stage.restart(site);
    assert!(site.get("/299").is_hit() && !site.get("/0").is_hit());
}

/// A copy of the directory at any moment is what a process that was killed leaves behind.
#[test]
fn a_process_that_is_killed_leaves_nothing_that_cannot_be_read() {
    let stage = Stage::rfc();
    let site = stage.start(|request| Reply::fresh(format!("{} ", request.target).repeat(3_000)));
    let is_done = AtomicBool::new(false);
    let copies: Vec<TempDir> = std::thread::scope(|scope| {
        let copying = scope.spawn(|| {
            let mut copies = Vec::new();
            while !is_done.load(Ordering::Relaxed) && copies.len() < 5 {
                let copy = tempfile::tempdir().unwrap();
                copy_tree(&stage.path().join("responses"), &copy.path().join("responses"));
                copies.push(copy);
                std::thread::sleep(Duration::from_millis(20));
            }
            copies
        });
        let mut client = site.client();
        for at in 0..120 {
            client.get(&format!("/{}", at % 40));
            if at % 3 == 0 {
                let edge = &site.serving.edge;
                edge.purge(Purge::Path(edge.store.hash(format!("/{}", at % 7).as_bytes())), at % 2 == 0);
            }
        }
        is_done.store(true, Ordering::Relaxed);
        copying.join().unwrap()
    });
    assert!(!copies.is_empty());
    for copy in copies {
        let path = copy.path().to_owned();
        let after = Stage::new(move |config| {
            config.cache.profile = Profile::Rfc;
            config.cache.disk.as_mut().unwrap().directory = path.clone();
        });
        let there = files(&copy.path().join("responses")).len();
        let site = after.start(|_| Reply::new(404, &[], "nothing"));
        wait_until("it is known what is on disk", || numbers(&site).entries == there);
        for at in 0..40 {
            let page = site.get(&format!("/{at}"));
            let whole = format!("/{at} ").repeat(3_000);
            assert!(page.status == 404 || page.text() == whole);
        }
        assert_eq!(numbers(&site).corrupt, 0);
        let temporary = fs::read_dir(copy.path().join("responses/tmp")).unwrap().count();
        assert_eq!(temporary, 0, "what was not finished is gone");
    }
}

fn copy_tree(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).into_iter().flatten().flatten() {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_tree(&entry.path(), &target);
        } else {
            // It may go before it is copied.
            let _ = fs::copy(entry.path(), target);
        }
    }
}
