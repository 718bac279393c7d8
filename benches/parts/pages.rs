//! Results as a page: the same questions, asked as a browser does.

use super::{questions, tell};
use crate::{
    catalogue::Size,
    figures::{Figures, Wanted},
    load,
    questions::Question,
    site::Site,
};

/// What browsers send.
const BROWSER: &str = "gzip, deflate, br, zstd";
/// The heaviest page, in bytes on the wire.
const HEAVIEST: f64 = 40_000.0;

pub fn measure(figures: &mut Figures) {
    let questions = questions();
    let size = Size::London;
    let site = Site::start(&size.folder(), None, &[]);
    for (key, how, accepts) in [("packed", "compressed, as browsers ask", Some(BROWSER)), ("plain", "not compressed", None)] {
        let requests: Vec<Vec<u8>> = questions.iter().map(|question: &Question| question.to_page(accepts)).collect();
        let outcome = load::run(&[site.address], &requests, &|| vec![site.pid()]);
        let label = format!("page of results, {}, {how}", size.label());
        tell(figures, &format!("pages.{key}"), &label, &outcome, Wanted::AtLeast(1_000.0), Wanted::Less);
    }
    let bytes = figures.get("pages.packed.bytes").unwrap_or(f64::NAN);
    let label = "page of results, compressed, without style and scripts: on average";
    figures.add("pages.weight", label, bytes, "bytes", Wanted::AtMost(HEAVIEST));
}
