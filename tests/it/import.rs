//! Imports, through the library, on both databases; and through the command line, killed again and again.
#![allow(clippy::expect_used, clippy::panic, reason = "tests may stop")]

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use chrono::NaiveDate;
use diesel::prelude::*;
use footbridge::{
    db::Db,
    exchange::{Counts, ImportError, Progress, Summary, postcodes, venues},
    schema::{source_rows, venue_edits, venues as venue_table},
    settings_files::SettingsFiles,
    venues::{Card, Field, How, Status, Venue, store},
};
use tempfile::TempDir;

use crate::harness::{Engine, clock, database, shared};

mod kills;
mod own;

use kills::an_import_that_is_killed_ends_right;
use own::{
    a_clean_run_takes_an_old_list_of_rejects_away, an_edit_that_is_wrong_is_left_out_and_reported,
    dates_and_licences_are_known_ones_or_reported, facts_of_several_rows_are_merged_key_by_key_and_each_source_is_credited,
    our_own_format_is_mended_and_checked_like_any_other, two_imports_at_once_take_turns,
    two_imports_of_postcodes_at_once_take_turns,
};

/// A catalogue and a folder of files to import.
struct Desk {
    db: Db,
    url: String,
    folder: TempDir,
}

macro_rules! on_both_engines {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[test]
            fn $name() {
                $crate::import::on($crate::harness::Engine::Sqlite, super::$name);
            })+
        }
        mod postgres {
            $(#[test]
            fn $name() {
                $crate::import::on($crate::harness::Engine::Postgres, super::$name);
            })+
        }
    };
}

on_both_engines!(
    one_place_in_several_layers_is_one_venue,
    a_second_run_changes_nothing_whatever_the_order_and_the_files_name,
    a_newer_edition_updates_adds_and_marks_as_gone,
    a_layer_that_goes_takes_its_kind_along,
    another_feed_loses_nothing,
    a_great_loss_stops_before_anything_is_written,
    edits_win_and_keep_a_venue,
    two_venues_that_turn_out_to_be_one_become_one,
    a_dry_run_writes_nothing,
    the_order_of_imports_does_not_matter,
    faults_in_a_file_are_mended_or_reported,
    a_file_that_is_not_whole_changes_nothing,
    postcodes_fill_what_is_missing,
    the_demo_is_imported_with_all_its_facts,
    facts_of_several_rows_are_merged_key_by_key_and_each_source_is_credited,
    our_own_format_is_mended_and_checked_like_any_other,
    an_edit_that_is_wrong_is_left_out_and_reported,
    dates_and_licences_are_known_ones_or_reported,
    two_imports_at_once_take_turns,
    two_imports_of_postcodes_at_once_take_turns,
    a_clean_run_takes_an_old_list_of_rejects_away,
    an_import_that_is_killed_ends_right,
    real_files_of_london,
    real_files_of_publishers,
);

fn on(engine: Engine, test: fn(&Desk)) {
    let folder = TempDir::new().expect("a folder");
    let Some(url) = database(engine, folder.path()) else { return };
    let db = Db::open(&url, 2).expect("a database");
    test(&Desk { db, url, folder });
}

const HEAD: &str = "source,source_id,name,category,address,postcode,lat,lon";
const THEATRE: &str = "gla-cim-2023,Theatre#1,The Albany,Theatre,\"Douglas Way, Deptford\",SE8 4AG,51.47800,-0.02590";
const DANCE: &str = "gla-cim-2023,Dance#9,Albany,Dance rehearsal studios,Douglas Way,,51.47850,-0.02600";
const PUB: &str = "gla-cim-2019,Pubs#3,Dog & Bell,Pubs,116 Prince Street,SE8 3JD,51.48390,-0.02950";
const CAFE: &str = "osm-london-cafes,node/7,The Albany,Cafe,,,51.47810,-0.02580";

impl Desk {
    fn file(&self, name: &str, rows: &[&str]) -> PathBuf {
        self.bytes(name, format!("{HEAD}\n{}\n", rows.join("\n")).as_bytes())
    }

    fn bytes(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, bytes).expect("a file");
        path
    }

    fn options(&self, paths: &[PathBuf]) -> venues::Options {
        venues::Options { paths: paths.to_vec(), rejects: self.folder.path().join("rejects.csv"), ..venues::Options::default() }
    }

    fn run(&self, options: &venues::Options) -> Result<Summary, ImportError> {
        venues::import(&self.db, &SettingsFiles::default(), clock(), options, &mut Progress::Silent)
    }

    fn import(&self, paths: &[PathBuf]) -> Summary {
        self.run(&self.options(paths)).expect("an import")
    }

    fn cards(&self) -> Vec<Card> {
        let read = self.db.read_now(|c| {
            let leads = store::leads_after(c, None, 100_000)?;
            store::cards(c, &leads)
        });
        read.expect("cards")
    }

    fn venues(&self) -> Vec<Venue> {
        let mut all: Vec<Venue> = self.cards().into_iter().flat_map(|card| [vec![card.lead], card.twins].concat()).collect();
        all.sort_by(|a, b| a.facts.name.cmp(&b.facts.name).then(a.id.cmp(&b.id)));
        all
    }

    fn venue(&self, name: &str) -> Venue {
        self.venues().into_iter().find(|venue| venue.facts.name == name).unwrap_or_else(|| panic!("no venue {name}"))
    }

    fn changes(&self) -> i64 {
        self.db.read_now(store::last_change).expect("the change log")
    }

    fn edit(&self, venue: &Venue, field: Field, value: &str) {
        let columns = (
            venue_edits::venue_id.eq(venue.id.to_string()),
            venue_edits::field.eq(field.code()),
            venue_edits::value.eq(value),
            venue_edits::edited_by.eq("someone"),
            venue_edits::edited_at.eq(clock().stamp()),
        );
        let write = self.db.write_now(|c| Ok(diesel::insert_into(venue_edits::table).values(columns).execute(c)?));
        write.expect("an edit");
    }

    fn mistake(&self, path: &Path) -> String {
        self.run(&self.options(&[path.to_owned()])).expect_err("a mistake").to_string()
    }
}

fn counts(list: [u64; 7]) -> Counts {
    let [read, added, updated, unchanged, merged, gone, rejected] = list;
    Counts { read, added, updated, unchanged, merged, gone, rejected }
}

fn kinds(venue: &Venue) -> Vec<&str> {
    venue.facts.kinds.iter().map(|kind| kind.as_str()).collect()
}

fn one_place_in_several_layers_is_one_venue(desk: &Desk) {
    let summary = desk.import(&[desk.file("ogl.csv", &[THEATRE, DANCE, PUB]), desk.file("odbl.csv", &[CAFE])]);
    assert_eq!(summary.total(), counts([4, 3, 0, 0, 1, 0, 0]));
    let cards = desk.cards();
    assert_eq!(cards.len(), 2, "the Albany and its café are one card");
    let albany = cards.iter().find(|card| !card.twins.is_empty()).expect("a card with a twin");
    assert_eq!(albany.lead.licence, "OGL-UK-3.0");
    assert_eq!(kinds(&albany.lead), ["dance-studio", "theatre"]);
    assert_eq!(albany.lead.external_ids(), ["gla-cim-2023/Dance#9", "gla-cim-2023/Theatre#1"]);
    assert_eq!(albany.lead.facts.address.as_deref(), Some("Douglas Way, Deptford"), "the richer address");
    assert_eq!(kinds(&albany.twins[0]), ["cafe"]);
    assert_eq!(albany.twins[0].facts.postcode, None, "values of twins stay apart");
    assert_eq!(summary.venues, 3);
}

fn a_second_run_changes_nothing_whatever_the_order_and_the_files_name(desk: &Desk) {
    desk.import(&[desk.file("ogl.csv", &[THEATRE, DANCE, PUB, CAFE])]);
    let (before, changes) = (desk.venues(), desk.changes());
    for (name, rows) in [
        ("ogl.csv", [THEATRE, DANCE, PUB, CAFE]),
        ("ogl.csv", [CAFE, PUB, DANCE, THEATRE]),
        ("other.csv", [PUB, CAFE, DANCE, THEATRE]),
    ] {
        let summary = desk.import(&[desk.file(name, &rows)]);
        assert_eq!(summary.total(), counts([4, 0, 0, 4, 0, 0, 0]), "{name}");
        assert_eq!(desk.venues(), before);
    }
    assert_eq!(desk.changes(), changes, "nothing is told to the index");
}

fn a_newer_edition_updates_adds_and_marks_as_gone(desk: &Desk) {
    let many: Vec<String> =
        (0..30).map(|n| format!("gla-cim-2019,Pubs#{n},Pub {n},Pubs,,,51.{:05},-0.1", 40_000 + n * 500)).collect();
    let rows: Vec<&str> = many.iter().map(String::as_str).collect();
    desk.import(&[desk.file("feed.csv", &rows)]);
    let (kept, lost) = (desk.venue("Pub 1"), desk.venue("Pub 0"));
    let renamed = many[1].replace("Pub 1", "New Pub").replace("Pubs,,", "Pubs,1 High Street,");
    let newer: Vec<&str> = rows[2..].iter().copied().chain([renamed.as_str(), THEATRE]).collect();
    let summary = desk.import(&[desk.file("feed.csv", &newer)]);
    assert_eq!(summary.total(), counts([30, 1, 1, 28, 0, 1, 0]));
    assert_eq!(desk.venue("New Pub").id, kept.id, "the id and the point say that it is the same");
    assert_eq!(desk.venue("New Pub").facts.address.as_deref(), Some("1 High Street"));
    assert!(desk.venues().iter().all(|venue| venue.id != lost.id), "what is gone isn't shown");
    assert_eq!(desk.import(&[desk.file("feed.csv", &newer)]).total(), counts([30, 0, 0, 30, 0, 0, 0]));
    let back: Vec<&str> = newer.iter().copied().chain([rows[0]]).collect();
    assert_eq!(desk.import(&[desk.file("feed.csv", &back)]).total(), counts([31, 0, 1, 30, 0, 0, 0]));
    assert_eq!(desk.venue("Pub 0").id, lost.id, "what returns is the same venue");
}

fn a_layer_that_goes_takes_its_kind_along(desk: &Desk) {
    desk.import(&[desk.file("theatres.csv", &[THEATRE]), desk.file("dance.csv", &[DANCE, PUB])]);
    assert_eq!(kinds(&desk.venue("The Albany")), ["dance-studio", "theatre"]);
    let options = venues::Options { allow_gone: true, ..desk.options(&[desk.file("dance.csv", &[PUB])]) };
    desk.run(&options).expect("an import");
    let albany = desk.venue("The Albany");
    assert_eq!((kinds(&albany), albany.external_ids().len()), (vec!["theatre"], 1));
}

fn another_feed_loses_nothing(desk: &Desk) {
    desk.import(&[desk.file("all.csv", &[THEATRE, PUB])]);
    desk.import(&[desk.file("borough.csv", &[THEATRE])]);
    assert_eq!(desk.venues().len(), 2, "one file closes nothing that another brought");
    let allow = |path: PathBuf, feed: &str| {
        let options = venues::Options { allow_gone: true, feed: Some(feed.to_owned()), ..desk.options(&[path]) };
        desk.run(&options).expect("an import").total()
    };
    assert_eq!(allow(desk.file("x.csv", &[PUB]), "all").gone, 1);
    assert_eq!(desk.venues().len(), 2, "the other feed still has it");
    assert_eq!(allow(desk.file("x.csv", &[PUB]), "borough").gone, 1);
    assert_eq!(desk.venues().len(), 1);
}

fn a_great_loss_stops_before_anything_is_written(desk: &Desk) {
    desk.import(&[desk.file("feed.csv", &[THEATRE, PUB, CAFE])]);
    let before = desk.venues();
    let path = desk.file("feed.csv", &[PUB, CAFE, "gla-cim-2019,Pubs#8,Added,Pubs,,,51.5,-0.1"]);
    let message = desk.mistake(&path);
    assert!(message.contains("--allow-gone") && message.contains("1 of the 3"), "{message}");
    assert_eq!(desk.venues(), before);
    desk.run(&venues::Options { allow_gone: true, ..desk.options(&[path]) }).expect("an import");
    assert_eq!(desk.venues().len(), 3);
    let message = desk.mistake(&desk.file("feed.csv", &[]));
    assert!(message.contains("--allow-gone"), "an empty edition: {message}");
}

fn edits_win_and_keep_a_venue(desk: &Desk) {
    desk.import(&[desk.file("feed.csv", &[THEATRE, PUB])]);
    let (albany, pub_) = (desk.venue("The Albany"), desk.venue("Dog & Bell"));
    desk.edit(&albany, Field::Name, "\"The Albany, Deptford\"");
    desk.edit(&albany, Field::Status, "\"temporarily_closed\"");
    desk.edit(&pub_, Field::Description, "\"A fine garden.\"");
    desk.import(&[desk.file("feed.csv", &[&THEATRE.replace("Douglas Way", "1 Douglas Way"), &PUB.replace("116", "118")])]);
    let edited = desk.venue("The Albany, Deptford");
    assert_eq!(edited.facts.address.as_deref(), Some("1 Douglas Way, Deptford"), "the rest follows the publisher");
    assert_eq!(edited.facts.status(), Status::TemporarilyClosed);
    let origin = &edited.origins[&Field::Name];
    assert_eq!((origin.how, origin.on), (How::Edited, NaiveDate::from_ymd_opt(2026, 11, 21)));
    let options = venues::Options { allow_gone: true, ..desk.options(&[desk.file("feed.csv", &[CAFE])]) };
    desk.run(&options).expect("an import");
    let names: Vec<String> = desk.venues().into_iter().map(|venue| venue.facts.name).collect();
    assert_eq!(names, ["The Albany", "The Albany, Deptford"], "an edit that says it is there keeps it; another edit doesn't");
}

fn two_venues_that_turn_out_to_be_one_become_one(desk: &Desk) {
    let far = DANCE.replace("51.47850", "51.48850");
    desk.import(&[desk.file("a.csv", &[THEATRE])]);
    desk.import(&[desk.file("b.csv", &[&far])]);
    let (first, second) = (desk.venue("The Albany"), desk.venue("Albany"));
    desk.edit(&second, Field::Phone, "\"020 8692 4446\"");
    desk.import(&[desk.file("b.csv", &[DANCE])]);
    let all = desk.venues();
    assert_eq!(all.len(), 1);
    assert_eq!((all[0].id, all[0].facts.phone.as_deref()), (second.id, Some("020 8692 4446")), "the edited one stays");
    assert_eq!(kinds(&all[0]), ["dance-studio", "theatre"]);
    let lost: String = desk
        .db
        .read_now(|c| Ok(venue_table::table.find(first.id.to_string()).select(venue_table::card_id).first(c)?))
        .expect("the other one");
    assert_eq!(lost, second.id.to_string(), "the other points to it");
    desk.import(&[desk.file("b.csv", &[&far])]);
    assert_eq!(desk.venues().len(), 2, "and two again");
    assert!(desk.venues().iter().any(|venue| venue.id == second.id));
}

fn a_dry_run_writes_nothing(desk: &Desk) {
    let path = desk.file("feed.csv", &[THEATRE, DANCE, ",,,,,,,"]);
    let dry = desk.run(&venues::Options { dry_run: true, ..desk.options(std::slice::from_ref(&path)) }).expect("a dry run");
    let rows: i64 = desk.db.read_now(|c| Ok(source_rows::table.count().get_result(c)?)).expect("a count");
    assert_eq!((rows, desk.changes(), desk.venues().len()), (0, 0, 0));
    assert!(!desk.folder.path().join("rejects.csv").exists());
    let wet = desk.import(&[path]);
    assert_eq!((dry.total(), dry.venues), (wet.total(), wet.venues));
    assert!(dry.to_string().contains("dry run") && wet.to_string().contains("rejected"), "{dry}\n{wet}");
}

fn the_order_of_imports_does_not_matter(desk: &Desk) {
    let other = Desk::beside(desk);
    let files = |desk: &Desk| [desk.file("a.csv", &[THEATRE, DANCE]), desk.file("b.csv", &[CAFE, PUB])];
    let [a, b] = files(desk);
    desk.import(&[a, b]);
    let [a, b] = files(&other);
    other.import(&[b, a]);
    assert_eq!(desk.venues(), other.venues());
}

impl Desk {
    /// Another catalogue, for comparison.
    fn beside(_: &Self) -> Self {
        let folder = TempDir::new().expect("a folder");
        let url = format!("sqlite://{}", folder.path().join("other.db").display());
        Self { db: Db::open(&url, 2).expect("a database"), url, folder }
    }
}

fn faults_in_a_file_are_mended_or_reported(desk: &Desk) {
    let long = "x".repeat(10_000_000);
    let text = format!(
        "\u{feff}{HEAD}\r\n\
         gla-cim-2023,1,Kingâ€™s\0 Yard,Cinemas,\"1‚Äì2 Long\r\nLane, E1 6AA\",NA,51.5,-0.07\r\n\
         gla-cim-2023,2,Swapped,Cinemas,-,N/A,-0.12,51.51\r\n\
         gla-cim-2023,3,CØPPERFIELD,Cinemas,,,100,0\r\n\
         gla-cim-2023,4,,Cinemas,,,51.5,-0.1\r\n\
         gla-cim-2023,5,{long},Cinemas,,,51.5,-0.1\r\n\
         nowhere,6,Strange,Cinemas,,,51.5,-0.1\r\n\
         gla-cim-2023,7,Short,Cinemas\r\n"
    );
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(text.encode_utf16().skip(1).flat_map(u16::to_le_bytes)).collect();
    let (plain, wide) = (desk.bytes("plain.csv", text.as_bytes()), desk.bytes("wide.csv", &utf16));
    let summary = desk.import(&[plain]);
    assert_eq!(summary.total(), counts([7, 3, 0, 0, 0, 0, 4]));
    let names: Vec<String> = desk.venues().into_iter().map(|venue| venue.facts.name).collect();
    assert_eq!(names, ["CØPPERFIELD", "King’s Yard", "Swapped"]);
    let yard = desk.venue("King’s Yard");
    assert_eq!(yard.facts.address.as_deref(), Some("1–2 Long Lane"));
    assert_eq!(yard.facts.postcode.map(|postcode| postcode.to_string()).as_deref(), Some("E1 6AA"));
    assert_eq!(desk.venue("Swapped").facts.point.map(|point| (point.lat, point.lon)), Some((51.51, -0.12)));
    assert_eq!(desk.venue("CØPPERFIELD").facts.point, None);
    let rejects = fs::read_to_string(desk.folder.path().join("rejects.csv")).expect("the rejects");
    for part in [
        "6,it has no name,",
        "7,it is longer than 1 MB",
        "8,the mapping `london` knows no data set `nowhere`,Strange",
        "9,it has 4 fields",
    ] {
        assert!(rejects.contains(part), "{part} in {rejects}");
    }
    let summary = desk.import(&[wide]);
    assert_eq!((summary.total().rejected, desk.venues().len()), (4, 3), "the same as UTF-16");
}

fn a_file_that_is_not_whole_changes_nothing(desk: &Desk) {
    desk.import(&[desk.file("feed.csv", &[THEATRE, PUB, CAFE])]);
    let before = desk.venues();
    let text = format!("{HEAD}\n{THEATRE}\n{PUB}\n{CAFE}\n");
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(text.repeat(3).as_bytes()).expect("packs");
    let packed = packed.finish().expect("packs");
    let noise: Vec<u8> = (0..20_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    for (name, bytes, says) in [
        ("feed.csv", &text.as_bytes()[..text.len() - 20], "line 4"),
        ("feed.csv", &text.as_bytes()[..HEAD.len() + 60], "line 2"),
        ("feed.csv.gz", &packed[..packed.len() - 12], "cut short"),
        ("feed.csv.gz", &packed[..40], "cut short"),
        ("feed.csv", &noise, "isn't text"),
        ("feed.csv", b"PK\x03\x04 and so on", "Excel"),
        ("feed.csv", b"", "empty"),
        ("feed.csv", b"Dear sir,\nthank you\n", "There are: "),
        ("feed.geojson", b"{\"type\": \"FeatureCollection\", \"features\": [{\"type\"", "cut short"),
        ("feed.geojson", b"[1, 2]", "FeatureCollection"),
    ] {
        let message = desk.mistake(&desk.bytes(name, bytes));
        assert!(message.contains(says) && message.contains("feed."), "{says:?} in {message}");
        assert_eq!(desk.venues(), before);
    }
    let message = desk.mistake(&desk.folder.path().join("nothing.csv"));
    assert!(message.contains("can't be opened"), "{message}");
    let unknown = venues::Options { mapping: Some("nonsense".to_owned()), ..desk.options(&[desk.file("feed.csv", &[PUB])]) };
    let message = desk.run(&unknown).expect_err("no such mapping").to_string();
    assert!(message.contains("nonsense") && message.contains("gla-2023"), "{message}");
}

fn postcodes_fill_what_is_missing(desk: &Desk) {
    let casc = "hmrc-casc,1,DEPTFORD CRICKET CLUB,Community amateur sports club,London,SE8,51.48,-0.03";
    let no_point = "gla-cim-2023,2,No Point,Cinemas,,SE8 4AG,,";
    let file = desk.file("feed.csv", &[DANCE, casc, no_point]);
    desk.import(std::slice::from_ref(&file));
    assert_eq!(desk.venue("No Point").facts.precision.map(|p| p.code()), Some("sector"));
    assert_eq!(desk.venue("Albany").facts.borough, None);
    let table =
        "postcode,lat,lon,lad25cd\nSE8 4AG,51.47860,-0.02610,E09000023\nSE8 3JD,51.4839,-0.0295,E09000023\nnonsense,1,2,\n";
    let table = desk.bytes("postcodes.csv", table.as_bytes());
    let first = postcodes::import(&desk.db, &table, false, &mut Progress::Silent).expect("postcodes");
    assert_eq!((first.read, first.added, first.rejected), (3, 2, 1));
    let second = postcodes::import(&desk.db, &table, false, &mut Progress::Silent).expect("postcodes");
    assert_eq!((second.added, second.updated, second.unchanged), (0, 0, 2));
    let summary = desk.import(&[file]);
    assert_eq!(summary.total(), counts([3, 0, 2, 1, 0, 0, 0]), "the next import uses them");
    let albany = desk.venue("Albany");
    assert_eq!(albany.facts.postcode.as_ref().map(|p| p.as_str()), Some("SE8 4AG"));
    assert_eq!(albany.facts.borough.as_deref(), Some("Lewisham"));
    assert_eq!((albany.origins[&Field::Postcode].how, albany.origins[&Field::Borough].how), (How::FromPoint, How::FromPoint));
    let point = desk.venue("No Point");
    assert_eq!(
        (point.facts.precision.map(|p| p.code()), point.origins[&Field::Point].how),
        (Some("postcode"), How::FromPostcode)
    );
    let club = desk.venue("DEPTFORD CRICKET CLUB");
    assert_eq!((club.facts.precision.map(|p| p.code()), club.facts.postcode), (Some("sector"), None));
}

fn the_demo_is_imported_with_all_its_facts(desk: &Desk) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/demo/venues.geojson");
    let summary = desk.import(std::slice::from_ref(&path));
    assert!(summary.total().read > 0 && summary.total().rejected == 0, "{summary}");
    let all = desk.venues();
    assert!(all.iter().all(|venue| venue.sources[0].source == "demo" && venue.sources[0].source_id.is_some()));
    assert!(
        all.iter().any(|venue| venue.facts.offers.len() > 1 && venue.facts.access.len() > 3 && venue.facts.opening.is_some())
    );
    assert_eq!(desk.import(&[path]).total().unchanged, summary.total().read);
}

fn real_files_of_london(desk: &Desk) {
    let (Some(ogl), Some(odbl), Some(borough)) =
        (shared("london-venues-ogl.csv"), shared("london-venues-odbl.csv"), shared("raw/gla2023-borough-southwark.csv"))
    else {
        return;
    };
    let first = desk.import(&[ogl.clone(), odbl.clone()]);
    assert_eq!((first.total().read, first.total().rejected), (19_396, 0));
    assert!((16_000..=18_500).contains(&first.venues), "{first}");
    assert_eq!(first.venues, desk.venues().len() as u64);
    let second = desk.import(&[odbl, ogl]);
    assert_eq!((second.total().unchanged, second.venues), (19_396, first.venues));
    let southwark = desk.import(&[borough]);
    assert_eq!((southwark.total().read, southwark.total().gone), (380, 0));
    assert!(southwark.venues >= first.venues && southwark.total().merged > 350, "{southwark}");
}

fn real_files_of_publishers(desk: &Desk) {
    let Some(folder) = shared("raw") else { return };
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    for path in &paths {
        let counts = desk.import(std::slice::from_ref(path)).total();
        assert_eq!(counts.read, counts.added + counts.merged + counts.rejected, "{}", path.display());
        assert_eq!(desk.import(std::slice::from_ref(path)).total().unchanged, counts.read - counts.rejected);
    }
    let library = desk.venue("Barking Learning Centre Community Hub");
    assert_eq!(kinds(&library), ["library"]);
    let hours = library.facts.opening.and_then(|opening| opening.note).unwrap_or_default();
    assert!(hours.starts_with("Monday to Thursday: morning, afternoon and evening; Friday"), "{hours}");
    let closed = desk.venues().iter().filter(|venue| venue.facts.status() == Status::Closed).count();
    assert!((300..=370).contains(&closed), "{closed} are closed");
}
