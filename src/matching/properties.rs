//! What must hold of every wish and every place.

use std::{
    collections::BTreeSet,
    sync::{Arc, LazyLock},
};

use chrono::NaiveDate;
use proptest::prelude::*;

use super::{
    need::{Need, PartOfDay},
    score::{Circumstances, GotOn, Measure},
    understand::{Reader, Wish},
};
use crate::{
    search::entry::{Hours, Known, Traits, access_bit},
    settings_files::SettingsFiles,
    venues::{Access, Mark},
    vocabulary::{Ref, Vocabulary},
};

static READER: LazyLock<Reader> = LazyLock::new(|| {
    let files = SettingsFiles::default();
    let vocabulary = Arc::new(Vocabulary::load(&files).expect("the shipped vocabulary"));
    Reader::load(&files, vocabulary).expect("the shipped settings")
});

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 21).expect("a day")
}

/// Everything about a place but what a test looks at.
#[derive(Debug, Clone)]
struct Place {
    metres: f64,
    cost: Option<u32>,
    usually_free: bool,
    access: u16,
    traits: Traits,
    hours: Vec<Hours>,
    mark: Option<Mark>,
    closed: bool,
    speaks: bool,
}

impl Place {
    fn circumstances(&self) -> Circumstances<'_> {
        Circumstances {
            metres: Some(self.metres),
            cost: self.cost,
            usually_free: self.usually_free,
            access: self.access,
            traits: &self.traits,
            hours: &self.hours,
            mark: self.mark,
            checked: 9_000,
            assured: false,
            closed: self.closed,
            speaks: self.speaks,
            got_on: None,
        }
    }

    /// The same place, known to fit a need, or known not to.
    fn known(&self, need: &Need, fits: bool) -> Self {
        let mut place = self.clone();
        let known = if fits { Known::Yes } else { Known::No };
        match need {
            Need::Cost(most) => place.cost = Some(if fits { *most } else { most + 1 }),
            Need::Access(access) => {
                let bit = access_bit(*access);
                place.traits.partly &= !bit;
                (place.access, place.traits.never) = if fits {
                    (place.access | bit, place.traits.never & !bit)
                } else {
                    (place.access & !bit, place.traits.never | bit)
                };
            }
            Need::Day(_) | Need::Time(_) => {
                // Open all week, or for a minute on a Wednesday night.
                let (from, to) = if fits { (0, 7 * 24 * 60) } else { (2 * 24 * 60 + 180, 2 * 24 * 60 + 181) };
                place.hours = vec![Hours { from, to, until: u16::MAX }];
            }
            Need::Women => (place.traits.women, place.traits.men) = (fits, !fits),
            Need::Men => (place.traits.women, place.traits.men) = (!fits, fits),
            Need::Age(age) => place.traits.ages = if fits { (0, *age) } else { (age + 1, u8::MAX) },
            Need::Alone => place.traits.alone = known,
            Need::Beginners => place.traits.beginners = known,
            Need::Language(_) => place.speaks = fits,
            Need::Within(_) | Need::Small => {}
        }
        place
    }
}

fn places() -> impl Strategy<Value = Place> {
    let marks = prop::sample::select(vec![None, Some(Mark::Green), Some(Mark::Amber), Some(Mark::Red)]);
    let known = prop::sample::select(vec![Known::Yes, Known::Partly, Known::Unknown, Known::No]);
    let cost = prop::option::of(0_u32..3_000);
    (0.0..60_000.0_f64, cost, any::<bool>(), 0_u16..1_024, marks, known, any::<(bool, bool)>()).prop_map(
        |(metres, cost, usually_free, access, mark, room, (closed, speaks))| Place {
            metres,
            cost,
            usually_free,
            access,
            traits: Traits { room, ..Traits::default() },
            hours: Vec::new(),
            mark,
            closed,
            speaks,
        },
    )
}

fn a_need() -> impl Strategy<Value = Need> {
    prop_oneof![
        (0_u32..5_000).prop_map(Need::Cost),
        prop::sample::select(Access::ALL).prop_map(Need::Access),
        prop::sample::select(vec![0_u8, 1, 5, 6]).prop_map(Need::Day),
        prop::sample::select(vec![PartOfDay::Morning, PartOfDay::Afternoon, PartOfDay::Evening]).prop_map(Need::Time),
        Just(Need::Women),
        Just(Need::Men),
        (12_u8..90).prop_map(Need::Age),
        Just(Need::Alone),
        Just(Need::Beginners),
        Just(Need::Language("polish".to_owned())),
    ]
}

fn some_needs() -> impl Strategy<Value = BTreeSet<Need>> {
    let within = prop::option::of((500_u32..20_000).prop_map(Need::Within));
    (prop::collection::btree_set(a_need(), 0..4), within).prop_map(|(mut needs, within)| {
        needs.extend(within);
        needs
    })
}

/// Words that people may put together, wishes and others.
fn texts() -> impl Strategy<Value = String> {
    const WORDS: [&str; 28] = [
        "chess",
        "guitar",
        "gardening",
        "a library",
        "football",
        "singing",
        "not a pub",
        "no church",
        "on Saturdays",
        "free",
        "quiet",
        "mud under my nails",
        "an old piano",
        "company",
        "cheap",
        "not too far",
        "knitting",
        "somewhere warm",
        "painting",
        "I used to weld",
        "tea",
        "a wheelchair",
        "with other women",
        "films",
        "bread",
        "prayer",
        "swimming",
        "horses",
    ];
    prop::collection::vec(prop::sample::select(WORDS.to_vec()), 1..6).prop_map(|words| words.join(", "))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn known_not_to_fit_never_comes_before_known_to_fit(place in places(), needs in some_needs(), need in a_need()) {
        // Nobody is of two ages, and a place for women only isn't one for men.
        let at_odds = |other: &Need| need.replaces(other) || matches!((&need, other), (Need::Women, Need::Men) | (Need::Men, Need::Women));
        let needs: BTreeSet<Need> = needs.into_iter().filter(|other| !at_odds(other)).chain([need.clone()]).collect();
        let measure = Measure::new(&needs, today());
        let (fits, fits_not) = (place.known(&need, true), place.known(&need, false));
        let (better, worse) = (measure.factor(&fits.circumstances()), measure.factor(&fits_not.circumstances()));
        prop_assert!(better > worse, "{need:?}: {better} {worse}");
    }

    #[test]
    fn nearer_is_never_lower(place in places(), needs in some_needs(), share in 0.0..1.0_f64) {
        let measure = Measure::new(&needs, today());
        let nearer = Place { metres: place.metres * share, ..place.clone() };
        prop_assert!(measure.factor(&nearer.circumstances()) >= measure.factor(&place.circumstances()));
    }

    #[test]
    fn a_factor_is_a_share(place in places(), needs in some_needs()) {
        let measure = Measure::new(&needs, today());
        measure.each(&place.circumstances(), |part, factor| assert!(factor > 0.0 && factor <= 1.0, "{part:?} {factor}"));
    }

    #[test]
    fn few_cases_are_pulled_towards_what_is_usual(well in 0_u32..50, of in 1_u32..50) {
        let well = well.min(of);
        let share = GotOn { well, of }.share();
        #[allow(clippy::cast_precision_loss, reason = "few people")]
        let alone = well as f32 / of as f32;
        let none = GotOn { well: 0, of: 0 }.share();
        prop_assert!(share >= alone.min(none) - 1e-6 && share <= alone.max(none) + 1e-6, "{share} {alone} {none}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn what_was_taken_away_counts_for_nothing(text in texts(), which in 0_usize..6) {
        let wish = Wish { text, ..Wish::default() };
        let before = READER.understand(&wish);
        let Some(one) = before.meant.get(which) else { return Ok(()) };
        let after = READER.understand(&Wish { taken: BTreeSet::from([one.concept]), ..wish });
        prop_assert!(after.wanted.worth(one.concept) == 0.0, "no place has a reason about it");
        prop_assert!(after.meant.iter().all(|other| other.concept != one.concept));
    }

    #[test]
    fn the_same_words_mean_the_same(text in texts()) {
        let wish = Wish { text, ..Wish::default() };
        let (one, other) = (READER.understand(&wish), READER.understand(&wish));
        prop_assert_eq!((one.wanted, one.meant, one.needs, one.refused), (other.wanted, other.meant, other.needs, other.refused));
    }

    #[test]
    fn nothing_refused_is_wanted(text in texts()) {
        let understanding = READER.understand(&Wish { text, ..Wish::default() });
        for concept in &understanding.refused {
            prop_assert!(understanding.wanted.worth(*concept) == 0.0);
        }
    }
}

/// What a text is read as: needs, and the ids of what is refused.
fn read(text: &str) -> (Vec<String>, Vec<String>) {
    let understanding = READER.understand(&Wish { text: text.to_owned(), ..Wish::default() });
    let label = |concept: &Ref| READER.vocabulary.label(&READER.vocabulary.concept(*concept)).to_owned();
    (understanding.needs.iter().map(ToString::to_string).collect(), understanding.refused.iter().map(label).collect())
}

#[test]
fn needs_are_read_from_plain_words() {
    for (text, needs) in [
        ("not too far, nothing that costs much", vec!["within:3000", "cost:500"]),
        ("within 2 miles, at most £7", vec!["within:3218", "cost:700"]),
        ("20 minutes walk and a tenner", vec!["within:1600", "cost:1000"]),
        ("I'm 74 and I use a wheelchair", vec!["access:step_free", "age:74"]),
        ("Gentleman, 61, likes trains", vec!["age:61"]),
        ("Saturday mornings with other women", vec!["day:SA", "time:morning", "women"]),
        ("a small group where they speak Polish", vec!["small", "language:polish"]),
        ("quiet, free, for beginners", vec!["cost:0", "access:quiet", "beginners"]),
        ("twelve years on the buses", vec![]),
        ("I was a chef for 30 years", vec![]),
        ("20 years of cooking", vec![]),
        ("a man of 50 years of age", vec!["age:50"]),
        ("something for my 8 year old", vec!["age:8"]),
        ("just a few people, crowds scare me", vec!["small"]),
        ("I finished in '98", vec![]),
    ] {
        assert_eq!(read(text).0, needs, "{text}");
    }
}

#[test]
fn refusals_are_told_from_other_nots() {
    for (text, refused) in [
        ("company, not a pub", vec!["Pub"]),
        ("no alcohol", vec!["Nightclub", "Pub"]),
        ("anything with a racket except tennis", vec!["Tennis"]),
        ("I don't do synagogue", vec!["Synagogue"]),
        ("not sure, not far, not bad", vec![]),
        ("I don't want to be alone any more", vec![]),
        ("not only chess", vec![]),
        ("I've never been to a museum", vec![]),
    ] {
        assert_eq!(read(text).1, refused, "{text}");
    }
}

#[test]
fn who_speaks_of_dying_is_told_where_help_is() {
    let understood = |text: &str| READER.understand_or_start(&Wish { text: text.to_owned(), ..Wish::default() });
    for text in ["I want to die", "thinking of ending my life, maybe a walk", "i don't want to be here anymore", "I self-harm"] {
        assert!(understood(text).crisis, "{text}");
    }
    assert!(understood("I want to die").to_start, "no place suits that");
    for text in ["cakes to die for", "I could murder a curry", "my plants died", "stage fighting and falling down dead"] {
        assert!(!understood(text).crisis, "{text}");
    }
}

#[test]
fn words_in_a_tongue_we_do_not_know_leave_us_unsure() {
    let unsure = |text: &str| READER.understand(&Wish { text: text.to_owned(), ..Wish::default() }).unsure;
    assert!(unsure("Quiero cantar con otras personas"));
    assert!(!unsure("chess zzqq") && !unsure("sing with other people"));
}
