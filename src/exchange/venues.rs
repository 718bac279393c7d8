//! Imports venues: reads all files, plans, and only then writes.
//!
//! A source row belongs to the feed that brought it. The same publisher's row in another feed is a row of its own of the same
//! venue, so that what one feed loses the other keeps; where it says the very same it counts as unchanged.
//! A file that can't be read to its end stops the import before anything is written, so that it can't make things "gone".

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    path::PathBuf,
};

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    again::{Seen, matches},
    alone::{PATIENCE, explain, take_turn},
    apply::{Writer, apply, hex},
    error::ImportError,
    gate::Known,
    gazetteer::Gazetteer,
    identity::Identity,
    incoming::{By, Incoming, Reject},
    mapping_file,
    names::{Names, Sym},
    plan::{Catalogue, Fate, Held, Plan, Standing, key, plan},
    progress::Progress,
    store,
    summary::Summary,
};
use crate::{clock::Clock, db::Db, error::Failure, lease::Lease, settings_files::SettingsFiles, values::Point};

/// What to import, and how.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The files, CSV or GeoJSON, also gzipped.
    pub paths: Vec<PathBuf>,
    /// The mapping; none to let the columns decide.
    pub mapping: Option<String>,
    /// The feed that all files are one run of; none to make each file a feed named after itself.
    pub feed: Option<String>,
    /// Write nothing.
    pub dry_run: bool,
    /// Let more than a tenth of a feed's rows go.
    pub allow_gone: bool,
    /// Where to list rejected rows; if there are none, a list that is there is taken away.
    pub rejects: PathBuf,
}

/// Imports venues into the catalogue; blocks until all is written.
pub fn import(
    db: &Db,
    files: &SettingsFiles,
    clock: Clock,
    options: &Options,
    progress: &mut Progress,
) -> Result<Summary, ImportError> {
    let known = Known::load(files).map_err(ImportError::Mappings)?;
    let mappings = mapping_file::load(files, known.as_ref())?;
    let lease = if options.dry_run { None } else { Some(take_turn(db, PATIENCE, progress)?) };
    let mut incoming = Incoming::default();
    progress.stage("Reading the catalogue", None);
    let catalogue = catalogue(db, &mut incoming.names)?;
    incoming.stored = catalogue.seen.iter().map(|seen| (seen.identity.feed, seen.digest)).collect();
    let gazetteer = gazetteer(db)?;
    let by = By { mappings: &mappings, gazetteer: &gazetteer, known: known.as_ref() };
    for path in &options.paths {
        incoming.read(path, &by, options, progress)?;
    }
    drop(gazetteer);
    incoming.stored = HashSet::new();
    progress.stage("Comparing with the catalogue", None);
    let feeds: HashSet<Sym> = incoming.feeds.iter().copied().collect();
    let matched = matches(&catalogue.seen, &incoming.seen);
    let plan = plan(&catalogue, &incoming.seen, &matched, &feeds, &incoming.names);
    count(&mut incoming, &catalogue, &plan);
    if !options.allow_gone {
        refuse_mass_loss(&incoming, &catalogue, &plan)?;
    }
    let mut summary = Summary { files: incoming.files.clone(), dry_run: options.dry_run, ..Summary::default() };
    summary.venues = published_after(&catalogue, &plan);
    drop(catalogue);
    if let Some(lease) = lease {
        summary.rejects = list_rejects(&incoming.rejects, &options.rejects)?;
        let writer = Writer { plan: &plan, incoming: &incoming, now: clock.stamp(), known: known.as_ref() };
        let written = write(db, &writer, &lease, progress);
        summary.edits_left_out = written.map_err(|failure| explain(&lease, failure))?;
    }
    progress.finish();
    Ok(summary)
}

fn gazetteer(db: &Db) -> Result<Gazetteer, Failure> {
    db.read_now(|c| {
        store::spare_memory(c)?;
        let mut gazetteer = Gazetteer::default();
        store::every_postcode(c, |row| gazetteer.add(&row))?;
        gazetteer.finish();
        Ok(gazetteer)
    })
}

/// The catalogue as it is, without its texts.
fn catalogue(db: &Db, names: &mut Names) -> Result<Catalogue, Failure> {
    db.read_now(|c| {
        store::spare_memory(c)?;
        let mut catalogue = Catalogue::default();
        store::every_row(c, |row| hold(&mut catalogue, names, &row))?;
        store::every_venue(c, |venue| {
            let (id, card) = (uuid(&venue.id), uuid(&venue.card_id));
            let standing = Standing { card, published: venue.published, created: venue.created_at, edited: false, kept: false };
            catalogue.venues.insert(id, standing);
        })?;
        for (venue, field) in store::edited(c)? {
            if let Some(standing) = catalogue.venues.get_mut(&uuid(&venue)) {
                standing.edited = true;
                standing.kept |= matches!(field.as_str(), "status" | "assured_at");
            }
        }
        Ok(catalogue)
    })
}

/// Ids in the database are ours, and sound.
fn uuid(text: &str) -> Uuid {
    text.parse().unwrap_or_default()
}

fn hold(catalogue: &mut Catalogue, names: &mut Names, row: &store::KnownRow) {
    let point = row.lat.zip(row.lon).and_then(|(lat, lon)| Point::new(lat, lon));
    let mut identity = Identity {
        key: Uuid::nil(),
        feed: names.sym(&row.feed),
        source: names.sym(&row.source),
        source_id: row.source_id.as_deref().map(|id| names.sym(id)),
        licence: names.sym(&row.licence),
        name: names.sym(&row.name_key),
        point,
        rough: row.rough,
        locality: row.locality.as_deref().map(|locality| names.sym(locality)),
    };
    identity.key = key(names, &identity);
    let digest = u128::from_str_radix(&row.digest, 16).unwrap_or_default();
    catalogue.rows.push(Held { id: uuid(&row.id), venue: uuid(&row.venue_id) });
    catalogue.seen.push(Seen { identity, digest, gone: row.gone_since.is_some() });
}

/// Counts what becomes of every row, file by file.
fn count(incoming: &mut Incoming, catalogue: &Catalogue, plan: &Plan) {
    let told: HashSet<u128> = catalogue.seen.iter().map(|seen| seen.digest).collect();
    let first_file: HashMap<Sym, usize> = incoming.feeds.iter().enumerate().rev().map(|(at, feed)| (*feed, at)).collect();
    for (at, row) in plan.rows.iter().enumerate() {
        let file = match row.incoming {
            Some(new) => usize::from(incoming.texts[new as usize].file),
            None if row.fate == Fate::Goes => {
                let feed = catalogue.seen.get(at).and_then(|seen| first_file.get(&seen.identity.feed));
                feed.copied().unwrap_or_default()
            }
            None => continue,
        };
        let Some(counts) = incoming.files.get_mut(file).map(|file| &mut file.counts) else { continue };
        match (row.fate, row.incoming) {
            (Fate::New, Some(new)) if plan.leads.contains(&new) => counts.added += 1,
            (Fate::New, Some(new)) if told.contains(&incoming.seen[new as usize].digest) => counts.unchanged += 1,
            (Fate::New, _) => counts.merged += 1,
            (Fate::Changed | Fate::Returned, _) => counts.updated += 1,
            (Fate::Kept, _) => counts.unchanged += 1,
            (Fate::Goes, _) => counts.gone += 1,
            (Fate::Gone, _) => {}
        }
    }
}

/// Stops where more than a tenth of what a feed brought would go.
fn refuse_mass_loss(incoming: &Incoming, catalogue: &Catalogue, plan: &Plan) -> Result<(), ImportError> {
    let mut feeds: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for (seen, row) in catalogue.seen.iter().zip(&plan.rows).filter(|(seen, _)| !seen.gone) {
        let (live, goes) = feeds.entry(incoming.names.word(seen.identity.feed)).or_default();
        *live += 1;
        *goes += u64::from(row.fate == Fate::Goes);
    }
    match feeds.into_iter().find(|(_, (live, goes))| goes * 10 > *live) {
        Some((feed, (live, gone))) => Err(ImportError::TooManyGone { feed: feed.to_owned(), gone, live }),
        None => Ok(()),
    }
}

fn published_after(catalogue: &Catalogue, plan: &Plan) -> u64 {
    let was = |id: &Uuid| catalogue.venues.get(id).is_some_and(|venue| venue.published);
    let before = catalogue.venues.values().filter(|venue| venue.published).count();
    let (mut more, mut fewer) = (0, 0);
    for venue in plan.units.iter().flat_map(|unit| &unit.venues) {
        more += usize::from(venue.published && !was(&venue.id));
        fewer += usize::from(!venue.published && was(&venue.id)) + venue.absorbs.iter().filter(|id| was(id)).count();
    }
    (before + more - fewer.min(before)) as u64
}

/// Writes the list of rejected rows, if there are any, and says where; an earlier run's list is taken away.
fn list_rejects(rejects: &[Reject], path: &std::path::Path) -> Result<Option<PathBuf>, ImportError> {
    let failed = |cause: std::io::Error| ImportError::Rejects { file: path.to_owned(), cause };
    if rejects.is_empty() {
        return match std::fs::remove_file(path) {
            Err(cause) if cause.kind() != std::io::ErrorKind::NotFound && !path.as_os_str().is_empty() => Err(failed(cause)),
            _ => Ok(None),
        };
    }
    let mut out = csv::Writer::from_path(path).map_err(|cause| failed(cause.into()))?;
    out.write_record(["file", "line", "reason", "name"]).map_err(|cause| failed(cause.into()))?;
    for reject in rejects {
        let fields = [&reject.file.display().to_string(), &reject.line.to_string(), &reject.reason, &reject.name];
        out.write_record(fields).map_err(|cause| failed(cause.into()))?;
    }
    out.flush().map_err(failed)?;
    Ok(Some(path.to_owned()))
}

/// Writes the plan; gives the edits that were left out.
fn write(db: &Db, writer: &Writer<'_>, lease: &Lease, progress: &mut Progress) -> Result<Vec<String>, Failure> {
    let incoming = writer.incoming;
    let feeds: BTreeMap<&str, &str> = incoming.files.iter().map(|file| (&*file.feed, &*file.mapping)).collect();
    db.write_now(|c| {
        lease.renew(c)?;
        feeds.iter().try_for_each(|(feed, mapping)| store::ensure_feed(c, feed, mapping))
    })?;
    let left_out = apply(db, writer, lease, progress)?;
    let digests: Vec<(&str, &str, String)> =
        feeds.iter().map(|(feed, mapping)| (*feed, *mapping, feed_digest(incoming, feed))).collect();
    db.write_now(|c| {
        lease.renew(c)?;
        digests.iter().try_for_each(|(feed, mapping, digest)| store::finish_feed(c, feed, mapping, digest, writer.now))
    })?;
    Ok(left_out)
}

/// Of all rows of a feed, whatever their order.
fn feed_digest(incoming: &Incoming, feed: &str) -> String {
    let rows = incoming.seen.iter().filter(|seen| incoming.names.word(seen.identity.feed) == feed);
    let mut digests: Vec<u128> = rows.map(|seen| seen.digest).collect();
    digests.sort_unstable();
    let mut hash = Sha256::new();
    digests.iter().for_each(|digest| hash.update(digest.to_be_bytes()));
    hex(&hash.finalize()[..16])
}
