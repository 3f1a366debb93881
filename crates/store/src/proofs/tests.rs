use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::testing::Place;

#[test]
fn the_last_word_on_a_finding_is_kept_and_private() {
    let place = Place::new();
    let proofs = Proofs::of(&place.store());
    assert_eq!(proofs.read("3f2a9c01de"), None);
    proofs.write("3f2a9c01de", "rejected").unwrap();
    proofs.write("3f2a9c01de", "proved").unwrap();
    proofs.write("3f2a9c01de-2", "of its namesake").unwrap();
    assert_eq!(proofs.read("3f2a9c01de").as_deref(), Some("proved"));
    assert_eq!(proofs.read("3f2a9c01de-2").as_deref(), Some("of its namesake"));
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&proofs.dir), 0o700);
    assert_eq!(mode(&proofs.dir.join("3f2a9c01de.json")), 0o600);
}

#[test]
fn a_name_cannot_lead_elsewhere() {
    let place = Place::new();
    let proofs = Proofs::of(&place.store());
    for name in ["", ".", "..", "../lock", "a/b", "a.b", "a\0", "é", &"a".repeat(65)] {
        assert_eq!(proofs.write(name, "").unwrap_err().kind(), io::ErrorKind::InvalidInput, "{name}");
        assert_eq!(proofs.read(name), None);
    }
}

#[test]
fn they_are_bounded_in_size_and_number() {
    let place = Place::new();
    let proofs = Proofs::of(&place.store());
    let large = "x".repeat(usize::try_from(PROOF_BYTES_MAX).unwrap() + 1);
    assert_eq!(proofs.write("a", &large).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
    for number in 0..PROOFS_MAX + 3 {
        proofs.write(&number.to_string(), "").unwrap();
    }
    assert_eq!(fs::read_dir(&proofs.dir).unwrap().count(), PROOFS_MAX);
    assert_eq!(proofs.read(&(PROOFS_MAX + 2).to_string()).as_deref(), Some(""));
}
