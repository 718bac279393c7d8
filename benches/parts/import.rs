//! How long it takes to bring in the large catalogue, and to start with it.

use super::MB;
use crate::{
    catalogue::Size,
    figures::{Figures, Wanted},
    site::Site,
};

pub fn measure(figures: &mut Figures) {
    let filled = Size::Britain.fill();
    let (import, index) = (filled.import, filled.index);
    let label = Size::Britain.label();
    let seconds = import.seconds + index.seconds;
    figures.add("import.seconds", format!("import of {label} with indexing"), seconds, "s", Wanted::AtMost(90.0));
    figures.add("import.index", format!("of these, making the index of {label}"), index.seconds, "s", Wanted::Less);
    let peak = import.usage.peak.max(index.usage.peak) / MB;
    figures.add("import.peak", format!("import of {label} with indexing: most memory"), peak, "MB", Wanted::AtMost(500.0));
    for size in [Size::London, Size::Britain] {
        start(figures, size);
    }
}

fn start(figures: &mut Figures, size: Size) {
    let site = Site::start(&size.folder(), None, &[]);
    let (label, code) = (size.label(), size.code());
    figures.add(format!("start.{code}"), format!("ready with {label} after"), site.ready_after, "s", Wanted::AtMost(1.5));
    let resident = site.usage().resident / MB;
    figures.add(
        format!("start.{code}.resident"),
        format!("in memory with {label} at first"),
        resident,
        "MB",
        Wanted::AtMost(300.0),
    );
}
