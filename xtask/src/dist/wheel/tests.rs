use std::io::Read as _;

use zip::ZipArchive;

use super::*;

fn wheel() -> Wheel<'static> {
    Wheel {
        name: "escala",
        version: "1.2.3",
        tag: "cp310-abi3-manylinux_2_34_x86_64",
        description: "# Escala\n",
        licences: vec![("LICENSE-MIT", b"Copyright".to_vec())],
        script: Entry::new("escala".into(), b"\x7fELF".to_vec()),
        files: vec![
            Entry::new("escala_agent/arm.py".into(), b"import os\n".to_vec()),
            Entry::new("escala_agent/__init__.py".into(), Vec::new()),
        ],
    }
}

fn opened() -> ZipArchive<Cursor<Vec<u8>>> {
    ZipArchive::new(Cursor::new(wheel().into_bytes().unwrap())).unwrap()
}

fn text(archive: &mut ZipArchive<Cursor<Vec<u8>>>, path: &str) -> String {
    let mut text = String::new();
    archive.by_name(path).unwrap().read_to_string(&mut text).unwrap();
    text
}

#[test]
fn holds_the_files_in_order_with_the_list_at_the_end() {
    assert_eq!(wheel().file_name(), "escala-1.2.3-cp310-abi3-manylinux_2_34_x86_64.whl");
    let mut archive = opened();
    let names: Vec<_> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
    assert_eq!(
        names,
        [
            "escala-1.2.3.data/scripts/escala",
            "escala_agent/__init__.py",
            "escala_agent/arm.py",
            "escala-1.2.3.dist-info/METADATA",
            "escala-1.2.3.dist-info/WHEEL",
            "escala-1.2.3.dist-info/licenses/LICENSE-MIT",
            "escala-1.2.3.dist-info/RECORD",
        ]
    );
    let record = text(&mut archive, "escala-1.2.3.dist-info/RECORD");
    let listed: Vec<_> = record.lines().map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(listed, names);
    assert!(
        record.contains("escala_agent/__init__.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\n"),
        "{record}"
    );
    assert!(record.ends_with("escala-1.2.3.dist-info/RECORD,,\n"));
}

#[test]
fn the_script_alone_may_be_executed() {
    let mut archive = opened();
    for index in 0..archive.len() {
        let file = archive.by_index(index).unwrap();
        let name = file.name().unwrap().into_owned();
        let mode = if name.contains("/scripts/") { 0o755 } else { 0o644 };
        assert_eq!(file.unix_mode().unwrap() & 0o777, mode, "{name}");
    }
}

#[test]
fn metadata_is_what_pip_reads() {
    let mut archive = opened();
    let metadata = text(&mut archive, "escala-1.2.3.dist-info/METADATA");
    let (head, description) = metadata.split_once("\n\n").unwrap();
    assert!(head.lines().all(|line| line.contains(": ")), "{head}");
    assert!(
        head.contains("\nName: escala\nVersion: 1.2.3\n") && head.contains("\nLicense-File: LICENSE-MIT\n")
    );
    assert_eq!(description, "# Escala\n");
    let wheel = text(&mut archive, "escala-1.2.3.dist-info/WHEEL");
    assert!(wheel.contains("Root-Is-Purelib: false\nTag: cp310-abi3-manylinux_2_34_x86_64\n"), "{wheel}");
}

#[test]
fn the_same_files_give_the_same_bytes() {
    let mut turned = wheel();
    turned.files.reverse();
    assert_eq!(turned.into_bytes().unwrap(), wheel().into_bytes().unwrap());
}

#[test]
fn base64_has_no_padding() {
    for (bytes, text) in
        [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("\u{3ff}", "z78")]
    {
        assert_eq!(base64url(bytes.as_bytes()), text);
    }
    assert_eq!(base64url(&[0xfb, 0xff, 0xfe]), "-__-");
}
