//! The page of a wish in its telling states, for the tests of all templates.

use super::{
    Chip, Row, Way, WishPage,
    view::{ticks, untold},
};
use crate::{
    error::Problem,
    matching::{fields::Fields, need::Need},
    venues::Access,
    web::views::{VenueCard, card::Why, samples, unmarked},
};

/// Nothing asked, nothing to ask by, places found, none found.
pub(super) fn sampled() -> Vec<WishPage> {
    let wish = Fields { text: "I used to weld, not too far".to_owned(), near: "SE29".to_owned(), ..Fields::default() };
    let chip = |label: &str, code: &str| Chip { label: label.to_owned(), code: code.to_owned() };
    let problem = [Problem::new("text", "Write what you would like to do. A word or two is enough.")];
    let mut cards: Vec<VenueCard> = samples::cards()
        .iter()
        .map(|card| VenueCard::new(card, Some(900), "SE29", &unmarked, &samples::SampleWords, samples::now()))
        .collect();
    for card in &mut cards {
        card.can_be_corrected = true;
        card.why = vec![
            Why { text: "Makerspace, which suits what you wrote".to_owned(), says: "for" },
            Why { text: format!("{}: not known. Ask them", Access::StepFree.label()), says: "ask" },
            Why { text: "Costs £12 or more, over your £5".to_owned(), says: "against" },
        ];
    }
    let found = WishPage {
        asked: true,
        heading: "Places for you near SE29".to_owned(),
        total: "We found 42 places. Here are the best 10.".to_owned(),
        rows: vec![
            Row { title: "What you’d like", chips: vec![chip("Metalwork and welding", "activity:metalwork")] },
            Row { title: "What you need", chips: vec![chip("Within 3 km", "need:within:3000")] },
            Row { title: "Not wanted", chips: vec![chip("Pub", "not:kind:pub")] },
        ],
        unknown: vec!["zzyx".to_owned()],
        unsure: true,
        cut: true,
        crisis: true,
        untold: untold(&[&Need::Small]),
        ticks: ticks(&[]),
        ways: vec![Way {
            text: "4 places if you can go up to 12 km".to_owned(),
            button: "Look up to 12 km away".to_owned(),
            name: "within_km",
            value: "12".to_owned(),
        }],
        put_aside: 2,
        next_limit: Some(20),
        cards,
        ..WishPage::blank(wish.clone(), &[])
    };
    let none = WishPage {
        asked: true,
        heading: "Places for you".to_owned(),
        total: "We found no place for that.".to_owned(),
        unsure: true,
        ..WishPage::blank(wish, &[])
    };
    vec![WishPage::blank(Fields::default(), &[]), WishPage::blank(Fields::default(), &problem), found, none]
}
