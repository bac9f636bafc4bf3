//! What was judged, by content: `sha256:` and 64 hexadecimal digits (OCI Image Specification 1.1, descriptor digests).

use std::{
    fmt::Write as _,
    fs::File,
    io::{self, Read as _},
    path::Path,
};

use sha2::{Digest, Sha256};

const PREFIX: &str = "sha256:";

/// Checks a digest that was given; the error says what was expected.
pub(super) fn check(text: &str) -> Result<String, String> {
    let sound = text.strip_prefix(PREFIX).is_some_and(|digits| {
        digits.len() == 64
            && digits
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    });
    if sound {
        Ok(text.to_owned())
    } else {
        Err(format!(
            "'{text}' is not a digest; expected {PREFIX} and 64 hexadecimal digits in lower case"
        ))
    }
}

/// The digest that a container image is pinned to. A tag is no digest: it may mean another image tomorrow.
pub(super) fn of_image(reference: &str) -> Result<String, String> {
    match reference.split_once('@') {
        Some((name, digest)) if !name.is_empty() => check(digest),
        _ => Err(format!(
            "'{reference}' names no digest; pin the image as NAME@{PREFIX}…, which `docker image inspect --format \
             '{{{{index .RepoDigests 0}}}}' {reference}` prints"
        )),
    }
}

/// The digest of a file's content.
pub(super) fn of_file(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let count = file.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        hash.update(&buffer[..count]);
    }
    let mut digest = String::from(PREFIX);
    for byte in hash.finalize() {
        let _ = write!(digest, "{byte:02x}");
    }
    Ok(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_digested() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let path = folder.path().join("build");
        std::fs::write(&path, "abc").expect("it can be written");
        // FIPS 180-2, appendix B.1.
        assert_eq!(
            of_file(&path).expect("it can be read"),
            "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert!(of_file(&folder.path().join("none")).is_err());
    }

    #[test]
    fn an_image_is_pinned_or_refused() {
        let digest = format!("sha256:{}", "0a".repeat(32));
        assert_eq!(
            of_image(&format!("registry.example/hub:1.2@{digest}")),
            Ok(digest.clone())
        );
        for wrong in [
            "registry.example/hub:1.2",
            "hub",
            "",
            "hub@sha256:0a",
            &format!("@{digest}"),
        ] {
            assert!(of_image(wrong).is_err(), "{wrong}");
        }
        assert!(check(&digest.to_uppercase()).is_err());
    }
}
