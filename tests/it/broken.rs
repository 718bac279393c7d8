//! Requests that nobody means: broken, mutated, hostile. None may be our mistake. FOOTBRIDGE_BROKEN raises their number.

use proptest::{
    prelude::*,
    sample::select,
    strategy::ValueTree,
    test_runner::{Config, TestRng, TestRunner},
};

use crate::{
    harness::{Site, Visit},
    on_both_databases,
};

on_both_databases!(nothing_a_visitor_sends_is_our_mistake);

const PATHS: [&str; 11] = [
    "/",
    "/venues",
    "/venues/suggest",
    "/shortlist",
    "/venues/50f3c019-6287-55f7-8e1a-11117a666eea",
    "/venues/%00",
    "/api/v1/venues",
    "/api/v1/venues/..%2f..%2f",
    "/api/v1/vocabulary",
    "/assets/%2e%2e/manifest.json",
    "/nothing/at/all",
];
const NAMES: [&str; 21] = [
    "q",
    "near",
    "within_km",
    "domain",
    "activity",
    "kind",
    "borough",
    "access",
    "day",
    "time",
    "free",
    "max_cost",
    "setting",
    "places",
    "sort",
    "page",
    "per_page",
    "view",
    "v",
    "add",
    "remove",
];
const VALUES: [&str; 34] = [
    "",
    "guitar",
    "SE29",
    "SE29 2AE",
    "near near in at SE29 E8",
    "-1",
    "0",
    "1e309",
    "NaN",
    "inf,1",
    "51.5,-0.1",
    "99999999999999999999",
    "faith",
    "cafe",
    "step_free",
    "green",
    "nearest",
    "best",
    "sa",
    "10:30",
    "25:61",
    "true",
    "map",
    "' OR 1=1--",
    "<script>",
    "%",
    "%zz",
    "\u{0}",
    "\r\nX: y",
    "🎸🎸🎸",
    "\u{202e}",
    "١٢٣",
    "ｇｕｉｔａｒ",
    "50f3c019-6287-55f7-8e1a-11117a666eea",
];
const METHODS: [&str; 8] = ["GET", "GET", "GET", "GET", "HEAD", "POST", "PUT", "DELETE"];
const HEADERS: [(&str, &str); 7] = [
    ("accept", "*/*"),
    ("if-none-match", "W/\""),
    ("if-none-match", "*"),
    ("referer", "::"),
    ("x-forwarded-for", "::1,,,"),
    ("accept-encoding", "zstd;q=9"),
    ("sec-fetch-site", "same-origin"),
];

type Asked = (&'static str, &'static str, Vec<(&'static str, String)>, (&'static str, &'static str));

fn requests() -> impl Strategy<Value = Asked> {
    let plain = select(&VALUES[..]).prop_map(str::to_owned);
    let joined = (select(&VALUES[..]), any::<String>()).prop_map(|(known, strange)| format!("{known}{strange}"));
    let value = prop_oneof![3 => plain, 1 => any::<String>(), 1 => joined, 1 => "[a-z ]{2000,6000}"];
    let pairs = prop::collection::vec((select(&NAMES[..]), value), 0..7);
    (select(&METHODS[..]), select(&PATHS[..]), pairs, select(&HEADERS[..]))
}

async fn nothing_a_visitor_sends_is_our_mistake(site: &mut Site) {
    site.load_demo();
    let number: usize = std::env::var("FOOTBRIDGE_BROKEN").ok().and_then(|text| text.parse().ok()).unwrap_or(300);
    let rng = TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let mut answered = 0;
    for _ in 0..number {
        let (method, path, pairs, header) = requests().new_tree(&mut runner).expect("a request").current();
        let request = site.request(method, path).query(&pairs).header(header.0, header.1);
        let visit = Visit::read(if method == "POST" { request.form(&pairs) } else { request }).await;
        assert!(visit.status < 500, "{method} {path} {pairs:?} {header:?}: {visit:?}");
        answered += usize::from(visit.status == 200);
    }
    assert!(answered * 10 > number, "only {answered} of {number} got as far as an answer");
}
