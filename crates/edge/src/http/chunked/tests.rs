use proptest::prelude::*;

use super::*;

#[test]
fn chunks_extensions_and_trailers() {
    let body = b"5\r\nhello\r\nA ; name=\"v\"\r\n0123456789\r\n0\r\nX-Sum: 1\r\n\r\nGET";
    assert_eq!(decode_all(body), Ok(Some((b"hello0123456789".to_vec(), body.len() - 3))));
}

#[test]
fn what_smugglers_send_is_refused() {
    for body in [
        "5\nhello\r\n0\r\n\r\n",
        "5\r\nhello0\r\n\r\n",
        "5\r\nhelloX\r\n0\r\n\r\n",
        "0x5\r\nhello\r\n0\r\n\r\n",
        "-1\r\n",
        " 5\r\nhello\r\n",
        "\r\n0\r\n\r\n",
        "5;a\nb\r\nhello\r\n",
        "5;a\rb\r\nhello\r\n",
        "fffffffffffffffff\r\n",
        "0\r\nX: 1\n\r\n",
        "0\r\nX\r: 1\r\n\r\n",
        "5 \u{0}\r\nhello\r\n",
    ] {
        assert_eq!(decode_all(body.as_bytes()), Err(Malformed::Chunk), "{body:?}");
    }
}

#[test]
fn lines_without_end_are_refused() {
    let extension = format!("5;{}", "x".repeat(CHUNK_LINE_BYTES_MAX + 1));
    assert_eq!(decode_all(extension.as_bytes()), Err(Malformed::Chunk));
    let trailers = format!("0\r\n{}", "x: y\r\n".repeat(TRAILER_BYTES_MAX / 4 + 1));
    assert_eq!(decode_all(trailers.as_bytes()), Err(Malformed::Chunk));
}

fn encoded(chunks: &[Vec<u8>]) -> Vec<u8> {
    let mut body = Vec::new();
    for chunk in chunks.iter().filter(|chunk| !chunk.is_empty()) {
        write_size(chunk.len(), &mut body);
        body.extend_from_slice(chunk);
        body.extend_from_slice(CHUNK_END);
    }
    body.extend_from_slice(BODY_END);
    body
}

proptest! {
    #[test]
    fn what_is_encoded_is_decoded(
        chunks in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..300), 0..8)
    ) {
        let body = encoded(&chunks);
        prop_assert_eq!(decode_all(&body), Ok(Some((chunks.concat(), body.len()))));
        for end in 0..body.len() {
            prop_assert_eq!(decode_all(&body[..end]), Ok(None));
        }
    }

    #[test]
    fn reads_of_any_size_give_the_same(
        chunks in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..5), step in 1_usize..9
    ) {
        let body = encoded(&chunks);
        let (mut decoder, mut data, mut is_complete) = (Decoder::default(), Vec::new(), false);
        for part in body.chunks(step) {
            let mut part = part;
            while !part.is_empty() {
                match decoder.decode(part) {
                    Ok(Piece::End { skipped }) => {
                        is_complete = true;
                        part = &part[skipped..];
                    }
                    Ok(Piece::Data { skipped, length }) => {
                        data.extend_from_slice(&part[skipped..skipped + length]);
                        part = &part[skipped + length..];
                    }
                    Err(error) => prop_assert!(false, "{error}"),
                }
            }
        }
        prop_assert!(is_complete);
        prop_assert_eq!(data, chunks.concat());
    }

    #[test]
    fn any_bytes_are_decoded_or_refused(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = decode_all(&body);
    }
}
