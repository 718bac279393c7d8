//! Answers come in as few bytes as the asker can unpack.

use std::io::Read;

use flate2::read::GzDecoder;

use crate::{harness::Site, on_both_databases};

on_both_databases!(answers_are_packed_for_who_can_unpack_them, files_come_packed_as_they_were_built);

/// Content encoding, what it varies by, and the body as sent.
async fn sent(site: &Site, path: &str, accepts: &str) -> (String, String, Vec<u8>) {
    let client = reqwest::Client::builder().no_gzip().no_proxy().build().expect("a client");
    let request = client.get(format!("{}{path}", site.base)).header("accept-encoding", accepts);
    let answer = request.send().await.expect("an answer");
    assert_eq!(answer.status(), 200, "{path}");
    let header = |name| {
        let all = answer.headers().get_all(name).iter().map(|value| value.to_str().expect("text"));
        all.collect::<Vec<_>>().join(", ")
    };
    let (encoding, varies) = (header("content-encoding"), header("vary"));
    (encoding, varies, answer.bytes().await.expect("a body").to_vec())
}

async fn answers_are_packed_for_who_can_unpack_them(site: &mut Site) {
    site.load_demo();
    for path in ["/venues?q=music", "/api/v1/venues?q=music"] {
        let (none, varies, whole) = sent(site, path, "gzip;q=0, identity").await;
        assert_eq!(none, "", "{path}");
        assert!(varies.contains("accept-encoding"), "{path} varies by {varies}");
        for accepts in ["gzip", "br, gzip;q=0.5, zstd"] {
            let (encoding, varies, packed) = sent(site, path, accepts).await;
            assert_eq!(encoding, "gzip", "{path}");
            assert!(varies.contains("accept-encoding"), "{path} varies by {varies}");
            assert!(packed.len() * 3 < whole.len(), "{path}: {} of {}", packed.len(), whole.len());
            let mut unpacked = Vec::new();
            GzDecoder::new(&*packed).read_to_end(&mut unpacked).expect("gzip");
            assert_eq!(unpacked, whole, "{path}");
        }
    }
    let (small, _, _) = sent(site, "/health/live", "gzip").await;
    assert_eq!(small, "", "a few bytes would only grow");
}

async fn files_come_packed_as_they_were_built(site: &mut Site) {
    let styles = site.get("/").await.attributes("link[rel=stylesheet]", "href");
    let style = styles.first().expect("a style");
    let (none, varies, whole) = sent(site, style, "identity").await;
    assert_eq!(none, "");
    assert!(varies.contains("accept-encoding"), "varies by {varies}");
    let (encoding, varies, packed) = sent(site, style, "gzip, br").await;
    assert_eq!((encoding.as_str(), varies.as_str()), ("br", "accept-encoding"));
    assert!(packed.len() * 4 < whole.len(), "{} of {}", packed.len(), whole.len());
    assert_eq!(site.get(&format!("{style}.br")).await.status, 404, "only by its own name");
}
