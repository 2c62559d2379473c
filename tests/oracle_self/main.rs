//! Proves the conformance oracle on files built here bit by bit: good ones are accepted with the right contents, and for each
//! rule a file that breaks it is rejected with the right words.

#[path = "../oracle/mod.rs"]
mod oracle;

mod jpeg_accepted;
mod jpeg_data_rejected;
mod jpeg_headers_rejected;
mod jpeg_writer;
mod parts;
mod png_accepted;
mod png_rejected;
mod png_writer;

/// Every file must be rejected for the reason that stands beside it, at an offset inside the file.
fn assert_rejected(cases: &[(&str, Vec<u8>)]) {
    let mut wrong = Vec::new();
    for (words, bytes) in cases {
        match oracle::check(bytes) {
            Ok(_) => wrong.push(format!("{words}: accepted")),
            Err(fault) if !fault.what.contains(words) => wrong.push(format!("{words}: {fault}")),
            Err(fault) if fault.offset > bytes.len() => {
                wrong.push(format!("{words}: {fault}, past the end"))
            }
            Err(_) => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Cut off anywhere, no file is accepted.
fn assert_every_truncation_rejected(bytes: &[u8]) {
    for length in 0..bytes.len() {
        assert!(
            oracle::check(&bytes[..length]).is_err(),
            "accepted when cut to {length} bytes"
        );
    }
}

#[test]
fn other_formats_are_rejected() {
    assert_rejected(&[
        ("neither a JPEG", vec![]),
        ("neither a JPEG", b"GIF89a".to_vec()),
        ("neither a JPEG", vec![0xFF]),
        ("neither a JPEG", b"\x89PNG\r\n\x1a".to_vec()),
        ("neither a JPEG", b"\x89PNG\n\x1a\n1234567890".to_vec()),
    ]);
}

#[test]
fn a_fault_says_where_it_is() {
    let fault = oracle::check(b"GIF89a").expect_err("not an image");
    assert_eq!(
        fault.to_string(),
        "at byte 0: neither a JPEG's SOI marker nor a PNG's signature comes first"
    );
}
