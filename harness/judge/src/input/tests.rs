use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;

use super::*;

fn refused(root: &Path, name: &str, most: u64) -> String {
    let error = read(root, &root.join(name), most).expect_err(name);
    format!("{error}; {}", error.next())
}

#[test]
fn a_file_and_a_link_that_stays_inside_are_read() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("a"), "\u{feff}text").unwrap();
    symlink("a", root.path().join("link")).unwrap();
    for name in ["a", "link"] {
        assert_eq!(
            read(root.path(), &root.path().join(name), 9).unwrap(),
            "text"
        );
    }
}

#[test]
fn what_leads_outside_is_not_read() {
    let root = tempfile::tempdir().unwrap();
    let inner = root.path().join("inner");
    fs::create_dir(&inner).unwrap();
    fs::write(root.path().join("secret"), "secret").unwrap();
    symlink("../secret", inner.join("link")).unwrap();
    symlink("/dev/zero", inner.join("zero")).unwrap();
    for name in ["link", "zero", "../secret"] {
        assert!(refused(&inner, name, 9).contains("outside of"), "{name}");
    }
    symlink("nothing", inner.join("broken")).unwrap();
    assert!(refused(&inner, "broken", 9).contains("cannot be read"));
}

#[test]
fn what_is_no_regular_file_is_not_opened() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join("folder")).unwrap();
    let _socket = UnixListener::bind(root.path().join("socket")).unwrap();
    assert!(refused(root.path(), "folder", 9).contains("this is a folder"));
    assert!(refused(root.path(), "socket", 9).contains("this is a socket"));
    let device = open(Path::new("/"), Path::new("/dev/zero"), 9).expect_err("a device");
    assert!(device.to_string().contains("this is a device"));
}

#[test]
fn a_file_may_be_as_large_as_its_kind_and_no_larger() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("a"), [b'a'; 2048]).unwrap();
    assert!(read(root.path(), &root.path().join("a"), 2048).is_ok());
    assert!(refused(root.path(), "a", 2047).contains("larger than 1 KiB"));
    // Files of /proc say that they are empty.
    let maps = Path::new("/proc/self/maps");
    let grown = read(Path::new("/proc"), maps, 9).expect_err("too large");
    assert!(matches!(grown, InputError::TooLarge { most: 9 }), "{grown}");
}

#[test]
fn text_in_another_encoding_is_told_with_its_name_or_its_line() {
    for (bytes, told) in [
        (&b"\xff\xfea\0b\0"[..], "UTF-16"),
        (b"\xfe\xff\0a\0b", "UTF-16"),
        (b"a\0b\0", "UTF-16"),
        (b"\0a\0b", "UTF-16"),
        (b"\xff\xfe\0\0a\0\0\0", "UTF-32"),
        (b"ok\nr\xe9sum\xe9", "line 2 has the byte 0xe9"),
    ] {
        let error = text(bytes.to_vec()).expect_err(told).to_string();
        assert!(error.contains(told), "{error}");
    }
    assert_eq!(text("é".into()).unwrap(), "é");
    assert_eq!(text(Vec::new()).unwrap(), "");
}
