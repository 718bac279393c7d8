//! A person's record, for those who go along: what they can give and want at the top, one timeline below, and short forms to add to it.

mod made;
mod write;

use std::collections::HashMap;

use serde::Serialize;

pub(super) use self::{
    made::{page, wishes, written_for},
    write::{card, cover, end_cover, seen, step, take_out, task, task_done, write},
};
use super::words::{self, CoverLine};
use crate::{
    error::Problem,
    people::{aspirations, timeline},
    referrals::state::State,
    values::AccountId,
    web::{
        form::{Choose, Field, Typed},
        page::Page,
    },
};

/// Something said of oneself, under its heading.
#[derive(Debug, Clone, Serialize)]
pub struct Said {
    /// "Good at".
    pub label: &'static str,
    /// Their words.
    pub text: String,
}

/// An aspiration with the way to its places.
#[derive(Debug, Clone, Serialize)]
pub struct WishLine {
    /// Its id.
    pub id: String,
    /// Where its places are.
    pub href: String,
    /// Their words.
    pub words: String,
    /// How it stands.
    pub state: &'static str,
    /// Whether it is open.
    pub open: bool,
    /// New places for it that the reader hasn't seen: "The Clay Room and Kiln Corner".
    pub fresh: String,
    /// Places that the person likes for it.
    pub liked: Vec<Liked>,
}

/// What someone wrote for another.
#[derive(Debug, Clone, Serialize)]
pub struct WrittenFor {
    /// Who.
    pub by: String,
    /// Their words.
    pub words: String,
    /// Whether it is no wish of the person's yet.
    pub open: bool,
}

/// A place that someone likes.
#[derive(Debug, Clone, Serialize)]
pub struct Liked {
    /// Its page.
    pub href: String,
    /// Its name.
    pub name: String,
    /// Whether they chose to go there.
    pub chosen: bool,
}

/// An entry of the timeline.
#[derive(Debug, Clone, Serialize)]
pub struct EntryLine {
    /// `contact`, `note`, `message`, `move`, `mark`.
    pub sort: &'static str,
    /// "In touch".
    pub label: &'static str,
    /// Who wrote it.
    pub who: String,
    /// When.
    pub when: String,
    /// What it says, line by line.
    pub lines: Vec<String>,
    /// Its id, where the reader wrote it and can take it out.
    pub out: Option<String>,
}

impl EntryLine {
    /// An entry, with what its own writer is called where that is the person, as this account reads it, or the person themself. Only a
    /// message without a writer is theirs; anything else without one was written down by the service.
    pub(super) fn of(entry: &timeline::Entry, own: &str, name: &dyn Fn(&AccountId) -> String, reader: Option<AccountId>) -> Self {
        let who = match (&entry.by, entry.sort) {
            (Some(by), _) => name(by),
            (None, timeline::Sort::Message) => own.to_owned(),
            (None, _) => String::new(),
        };
        Self {
            sort: entry.sort.code(),
            label: entry.sort.label(),
            who,
            when: words::moment(entry.at),
            lines: entry.body.show().lines().map(str::to_owned).collect(),
            out: entry.can_go(reader).then(|| entry.id.to_string()),
        }
    }
}

/// Something to do.
#[derive(Debug, Clone, Serialize)]
pub struct TaskLine {
    /// Its id, where the reader can tick it off.
    pub id: Option<String>,
    /// What.
    pub what: String,
    /// Until when.
    pub due: String,
}

/// A button that moves things on.
#[derive(Debug, Clone, Serialize)]
pub struct MoveButton {
    /// Its code.
    pub code: &'static str,
    /// What it says.
    pub label: &'static str,
}

/// A person's record.
#[derive(Debug, Clone, Serialize)]
pub struct RecordPage {
    /// Where it is.
    pub href: String,
    /// What they are called.
    pub called: String,
    /// Their pronouns.
    pub pronouns: String,
    /// How things stand.
    pub state: &'static str,
    /// The day until which they paused.
    pub paused_until: Option<String>,
    /// Whether the door is open: nobody goes along for now.
    pub open_door: bool,
    /// Who goes along with them.
    pub along: Vec<String>,
    /// Why someone stands in, and until when.
    pub covers: Vec<CoverLine>,
    /// What they can give: strengths first.
    pub gives: Vec<Said>,
    /// What they want.
    pub wishes: Vec<WishLine>,
    /// What others wrote for them.
    pub written_for: Vec<WrittenFor>,
    /// How to get in touch.
    pub reach: Vec<Said>,
    /// What must not be left in a message.
    pub never_say: String,
    /// What helps them.
    pub needs: Vec<Said>,
    /// What is new from them: "2 messages", "Chose a place, 3 December 2026".
    pub news: Vec<String>,
    /// Whether it is for the reader to answer it, or to put it aside.
    pub answers: bool,
    /// When the page was made, so that nothing later is put aside unseen.
    pub shown_at: String,
    /// What is to be done.
    pub tasks: Vec<TaskLine>,
    /// What can be done now.
    pub moves: Vec<MoveButton>,
    /// The words to them when someone steps back.
    pub parting: Field,
    /// The day for a pause that they asked for, where one can be made.
    pub pause: Option<Field>,
    /// The timeline.
    pub entries: Vec<EntryLine>,
    /// The page before.
    pub newer: Option<String>,
    /// The page after.
    pub older: Option<String>,
    /// The form for an entry: sort and words.
    pub sort: Choose,
    /// Its words.
    pub body: Field,
    /// On which day it was.
    pub day: Field,
    /// The form for something to do.
    pub what: Field,
    /// Until when.
    pub due: Field,
    /// The form for someone who stands in; only for coordinators.
    pub cover: Option<CoverForm>,
    /// What is wrong.
    pub problems: Vec<Problem>,
    /// What was done.
    pub done: Option<&'static str>,
    /// Whether the reader writes down with them what they want.
    pub writes: bool,
    /// How they came here and what was decided, for those who take people in.
    pub referral: Option<String>,
}

/// The form for someone who stands in.
#[derive(Debug, Clone, Serialize)]
pub struct CoverForm {
    /// Who.
    pub account: Choose,
    /// Until when.
    pub until: Field,
    /// Why.
    pub reason: Field,
}

impl Page for RecordPage {
    const TEMPLATE: &'static str = "record.html";

    fn title(&self) -> String {
        // The title stands in the browser's history, so it names nobody.
        "A record".to_owned()
    }

    fn is_wrong(&self) -> bool {
        !self.problems.is_empty()
    }

    fn samples() -> Vec<Self> {
        samples()
    }
}

/// A card to print, with a code that lets its owner in once.
#[derive(Debug, Clone, Serialize)]
pub struct CardPage {
    /// Back to the record.
    pub href: String,
    /// The code.
    pub code: String,
    /// Where to type it.
    pub address: String,
    /// Days for which it works.
    pub days: i64,
}

impl Page for CardPage {
    const TEMPLATE: &'static str = "card.html";

    fn title(&self) -> String {
        "A card to print".to_owned()
    }

    fn samples() -> Vec<Self> {
        let href = "/people/6f1ed002-ab5f-4df6-8b4b-0a1fc0a5b6d8".to_owned();
        let address = "https://footbridge.example/sign-in/card".to_owned();
        vec![Self { href, code: "ABCD-EFGH-JKLM".to_owned(), address, days: 28 }]
    }
}

/// The field for the day until which someone wants a pause.
const PAUSE: &str = "pause_until";

fn done(what: &str) -> Option<&'static str> {
    match what {
        "entry" => Some("It is written down."),
        "message" => Some("Your message is on its way."),
        "message-waits" => Some("It waits on their path. They have no way in yet, so ring them or print a card."),
        "about" => Some("It is changed. They can read what you changed."),
        "out" => Some("It is taken out. Nobody can read it any more."),
        "seen" => Some("You have seen it. It is off your desk."),
        "pause" => Some("Their pause is written down."),
        "task" => Some("It is on your list."),
        "task-done" => Some("Done. It is off your list."),
        "move" => Some("It is moved on."),
        "cover" => Some("They can stand in now, and nobody else. The person can read why."),
        "cover-ended" => Some("They stand in no more."),
        _ => None,
    }
}

/// How one was in touch.
const SORTS: [(&str, &str); 6] = [
    ("met", "We met"),
    ("along", "I went along"),
    ("called", "We spoke by phone"),
    ("wrote", "We wrote"),
    ("note", "A note for the team"),
    ("message", "A message to them"),
];

impl RecordPage {
    fn blank() -> Self {
        Self {
            href: String::new(),
            called: String::new(),
            pronouns: String::new(),
            state: "",
            paused_until: None,
            open_door: false,
            along: Vec::new(),
            covers: Vec::new(),
            gives: Vec::new(),
            wishes: Vec::new(),
            written_for: Vec::new(),
            reach: Vec::new(),
            never_say: String::new(),
            needs: Vec::new(),
            news: Vec::new(),
            answers: false,
            shown_at: String::new(),
            tasks: Vec::new(),
            moves: Vec::new(),
            parting: Field::area("parting", "What would you like to say to them?")
                .hint("They can read it on their path. Say that they can come back at any time.")
                .optional(),
            pause: None,
            entries: Vec::new(),
            newer: None,
            older: None,
            sort: Choose::one("sort", "What is it?", &SORTS),
            body: Field::area("body", "In a few words").hint("They can read all that is written here."),
            day: Field {
                sort: "date",
                ..Field::line("day", "On which day was it?").hint("Only for a time that you were in touch.").optional()
            },
            what: Field::line("what", "What is to be done?").hint("They can read this, too."),
            due: Field { sort: "date", ..Field::line("due", "Until which day?") },
            cover: None,
            problems: Vec::new(),
            done: None,
            writes: false,
            referral: None,
        }
    }

    fn fill(&mut self, typed: &Typed, problems: Vec<Problem>) {
        self.sort = self.sort.clone().typed(typed, &problems);
        self.body = self.body.clone().typed(typed, &problems);
        self.day = self.day.clone().typed(typed, &problems);
        self.parting = self.parting.clone().typed(typed, &problems);
        self.pause = self.pause.take().map(|pause| pause.typed(typed, &problems));
        self.what = self.what.clone().typed(typed, &problems);
        self.due = self.due.clone().typed(typed, &problems);
        if let Some(form) = &mut self.cover {
            form.account = form.account.clone().typed(typed, &problems);
            form.until = form.until.clone().typed(typed, &problems);
            form.reason = form.reason.clone().typed(typed, &problems);
        }
        self.problems = problems;
    }
}

fn samples() -> Vec<RecordPage> {
    let entry = |sort: timeline::Sort, text: &str| EntryLine {
        sort: sort.code(),
        label: sort.label(),
        who: "Rowan Ashby".to_owned(),
        when: "21 November 2026, midday".to_owned(),
        lines: vec![text.to_owned()],
        out: Some("6f1ed002-ab5f-4df6-8b4b-0a1fc0a5b6d8".to_owned()),
    };
    let said = |label, text: &str| vec![Said { label, text: text.to_owned() }];
    let names: HashMap<&str, &str> = HashMap::from([("a", "Nell Okafor")]);
    let answers: Vec<(&str, &str)> = names.into_iter().collect();
    let full = RecordPage {
        href: "/people/6f1ed002-ab5f-4df6-8b4b-0a1fc0a5b6d8".to_owned(),
        called: "Jo Marsh".to_owned(),
        pronouns: "they/them".to_owned(),
        state: State::Paused.label(),
        paused_until: Some("3 December 2026".to_owned()),
        along: vec!["Rowan Ashby (bridge builder)".to_owned()],
        covers: vec![CoverLine {
            text: "Nell Okafor until 1 December 2026: Rowan is on holiday".to_owned(),
            account: "1".to_owned(),
        }],
        gives: said("Good at", "Rhythm guitar, listening"),
        wishes: vec![WishLine {
            id: "w1".to_owned(),
            href: "/people/6f1ed002-ab5f-4df6-8b4b-0a1fc0a5b6d8/wishes/w1".to_owned(),
            words: "Play with others again, not too loud".to_owned(),
            state: aspirations::State::Open.label(),
            open: true,
            fresh: "The Clay Room".to_owned(),
            liked: vec![Liked {
                href: "/venues/6f1ed002-ab5f-4df6-8b4b-0a1fc0a5b6d8".to_owned(),
                name: "Arches Rehearsal Rooms".to_owned(),
                chosen: true,
            }],
        }],
        written_for: vec![WrittenFor {
            by: "Sam Reid, Harbour surgery".to_owned(),
            words: "They want to drum again".to_owned(),
            open: true,
        }],
        reach: said("How", "A text message"),
        never_say: "Don’t say where you are from".to_owned(),
        needs: said("What helps", "A seat near the door"),
        news: vec!["2 messages".to_owned(), "Chose a place, 3 December 2026".to_owned()],
        answers: true,
        pause: Some(words::pause_field(PAUSE, "Until which day do they want it?")),
        tasks: vec![TaskLine { id: Some("t1".to_owned()), what: "Call the studio".to_owned(), due: "tomorrow".to_owned() }],
        moves: vec![
            MoveButton { code: "resume", label: "They are back" },
            MoveButton { code: "open-door", label: "Step back: open the door" },
        ],
        entries: vec![
            entry(timeline::Sort::Contact, "We met. Had tea at the studio."),
            entry(timeline::Sort::Message, "See you on Tuesday?"),
        ],
        newer: Some("/people/x?page=1".to_owned()),
        older: Some("/people/x?page=3".to_owned()),
        cover: Some(CoverForm {
            account: Choose::one("account", "Who stands in?", &answers),
            until: Field { sort: "date", ..Field::line("until", "Until which day?") },
            reason: Field::line("reason", "Why?").hint("The person can read this."),
        }),
        done: done("entry"),
        writes: true,
        referral: Some("/intake/6f1ed002-ab5f-4df6-8b4b-0a1fc0a5b6d8".to_owned()),
        ..RecordPage::blank()
    };
    let mut wrong = RecordPage { href: full.href.clone(), called: "Jo Marsh".to_owned(), ..RecordPage::blank() };
    wrong.fill(&Typed::default(), vec![Problem::new("body", "Write a few words, up to 2,000 letters.")]);
    vec![wrong, full]
}
