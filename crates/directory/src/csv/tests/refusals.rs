//! What is no staff file gets one plain sentence.

use super::super::CsvError;
use super::*;

#[test]
fn each_its_sentence() {
    for (bytes, sentence) in [
        (&b""[..], "the file is empty"),
        (b"\xef\xbb\xbf\r\n  \r\n", "the file is empty"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "the file is a PDF document"),
        (b"PK\x03\x04\x14\x00\x06\x00", "the file is an Excel workbook"),
        (
            b"<!DOCTYPE html><html><body>Sign in</body></html>",
            "the file is a web page",
        ),
        (b"  <html lang=en>", "the file is a web page"),
        (b"{\"Resources\": []}", "the file is JSON"),
        (b"\x00\x01\x02\x03userName,active", "the file is no text"),
        (b"userName,active\n", "nobody below it"),
        (b"userName,active", "nobody below it"),
        (b"name,shoe size\nAnna,38\n", "found name, shoe size"),
        (b"just some words", "found just some words"),
        (b"a,b,c,d,e,f,g,h\n", "found a, b, c, d, e, f, …"),
        (b"\"userName", "no column holds the userName"),
        (b"userName,UserName\na,b\n", "both hold the same attribute"),
    ] {
        let error = read(bytes).expect_err("refused");
        assert!(error.to_string().contains(sentence), "{error} / {sentence}");
        assert!(!error.to_string().contains('\n'));
    }
    assert_eq!(read(b" "), Err(CsvError::Empty));
}
