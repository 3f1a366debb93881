use super::*;
use crate::testing::Place;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_directory_that_holds_other_things_is_left_as_it_is() {
    let place = Place::new();
    fs::set_permissions(place.root(), Permissions::from_mode(0o755)).unwrap();
    fs::write(place.root().join("manage.py"), "").unwrap();
    prepare(place.root()).unwrap();
    assert!(!place.root().join(IGNORE_FILE).exists(), "it would hide the project from version control");
    assert_eq!(mode(place.root()), 0o755);
}

#[test]
fn a_directory_that_somebody_made_for_the_store_becomes_private() {
    let place = Place::new();
    fs::create_dir_all(place.store().join("run")).unwrap();
    fs::set_permissions(place.store(), Permissions::from_mode(0o755)).unwrap();
    prepare(&place.store()).unwrap();
    assert_eq!(mode(&place.store()), 0o700);
    assert_eq!(fs::read_to_string(place.store().join(IGNORE_FILE)).unwrap(), "*\n");

    for (before, after) in [("mine", "mine"), ("", "*\n")] {
        fs::write(place.store().join(IGNORE_FILE), before).unwrap();
        prepare(&place.store()).unwrap();
        assert_eq!(fs::read_to_string(place.store().join(IGNORE_FILE)).unwrap(), after);
    }
}

#[test]
fn the_file_in_the_way_is_named() {
    let place = Place::new();
    let file = place.root().join("file");
    fs::write(&file, "").unwrap();
    for dir in [file.clone(), file.join("deeper").join("still")] {
        let error = prepare(&dir).err().unwrap();
        assert!(matches!(&error, OpenError::NotADirectory { path } if *path == file), "{error}");
    }
}

#[test]
fn a_lock_ends_with_its_holder_and_names_it_until_then() {
    let place = Place::new();
    prepare(&place.store()).unwrap();
    fs::write(place.store().join(LOCK_FILE), "4194304999, left by somebody else").unwrap();
    let held = lock(&place.store()).unwrap();
    let error = lock(&place.store()).err().unwrap();
    assert!(matches!(error, RecordError::Locked { pid: Some(pid), .. } if pid == std::process::id()));
    drop(held);
    lock(&place.store()).unwrap();
}

#[test]
fn a_holder_that_has_not_said_its_number_is_not_made_up() {
    let place = Place::new();
    prepare(&place.store()).unwrap();
    let _held = lock(&place.store()).unwrap();
    fs::write(place.store().join(LOCK_FILE), "").unwrap();
    let error = lock(&place.store()).err().unwrap();
    assert_eq!(
        error.to_string(),
        format!(
            "another `escala run` records into {}: wait for its end, or choose another store with --store DIR",
            place.store().display()
        )
    );
}

#[test]
fn a_look_at_the_lock_sees_a_recorder_and_keeps_none_out() {
    let place = Place::new();
    prepare(&place.store()).unwrap();
    assert!(!is_locked(&place.store()), "there is no lock yet");
    let held = lock(&place.store()).unwrap();
    assert!(is_locked(&place.store()) && is_locked(&place.store()));
    drop(held);
    assert!(!is_locked(&place.store()));

    let looking = File::open(place.store().join(LOCK_FILE)).unwrap();
    looking.lock_shared().unwrap();
    let look = thread::spawn(move || {
        thread::sleep(LOCK_RETRY_INTERVAL);
        drop(looking);
    });
    assert!(lock(&place.store()).is_ok());
    look.join().unwrap();
}
