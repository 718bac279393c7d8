//! What someone answers who refers themself: nine short pages, twelve answers, most of which may be left blank.

use serde::{Deserialize, Serialize};

use crate::{
    error::Problem,
    people::{About, Contact, Line, Name, Reach, Words},
    values::{Email, Text, VenueId, choice},
    web::form::Typed,
};

/// Fewest digits of a phone number.
const DIGITS: usize = 7;

choice! {
    /// The pages, in their order.
    Step {
        Words = "words", "What you’d like to do";
        GoodAt = "good-at", "What you like or are good at";
        Name = "name", "Your name";
        Contact = "contact", "How to reach you";
        Care = "care", "When, and what not to say";
        Area = "area", "Where you are";
        Needs = "needs", "What makes it easier";
        Helper = "helper", "Who helps you";
        Check = "check", "Check and send";
    }
}

impl Step {
    /// Its number, from 1.
    pub fn number(self) -> usize {
        Self::ALL.iter().position(|step| *step == self).map_or(1, |at| at + 1)
    }

    /// The page after it.
    pub fn next(self) -> Self {
        Self::ALL.get(self.number()).copied().unwrap_or(Self::Check)
    }

    /// The page before it.
    pub fn before(self) -> Option<Self> {
        self.number().checked_sub(2).and_then(|at| Self::ALL.get(at).copied())
    }

    /// Where it is.
    pub fn path(self) -> String {
        match self {
            Self::Words => "/refer/myself".to_owned(),
            step => format!("/refer/myself/{step}"),
        }
    }
}

/// What someone has answered so far. All of it is sealed, as one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Answers {
    /// What they would like to do.
    pub words: Text<5000>,
    /// The place they would like to try.
    pub venue: Option<VenueId>,
    /// What they like or are good at.
    pub good_at: Words,
    /// What to call them.
    pub name: Name,
    /// How to reach them.
    pub reach: Option<Reach>,
    /// The number, address or words that go with it.
    pub reach_at: Text<300>,
    /// When it suits them.
    pub when: Line,
    /// What must not be said in a message.
    pub never_say: Text<500>,
    /// Where they are.
    pub area: Text<100>,
    /// What makes it easier.
    pub access: Words,
    /// Languages.
    pub languages: Line,
    /// Who helps them fill it in.
    pub helper: Name,
}

impl Answers {
    /// Takes what was typed on one page; says what can't be used.
    pub fn take(&mut self, step: Step, typed: &Typed) -> Vec<Problem> {
        let mut problems = Vec::new();
        match step {
            Step::Words => self.take_words(typed, &mut problems),
            Step::GoodAt => self.good_at = typed.text("good_at", &mut problems),
            Step::Name => {
                self.name = typed.text("name", &mut problems);
                problems.extend(self.lacks_name());
            }
            Step::Contact => {
                (self.reach, self.reach_at) = reach(typed, &mut problems);
            }
            Step::Care => {
                self.when = typed.text("when", &mut problems);
                self.never_say = typed.text("never_say", &mut problems);
            }
            Step::Area => self.area = typed.text("area", &mut problems),
            Step::Needs => {
                self.access = typed.text("access", &mut problems);
                self.languages = typed.text("languages", &mut problems);
            }
            Step::Helper => self.helper = typed.text("helper", &mut problems),
            Step::Check => {}
        }
        problems
    }

    fn take_words(&mut self, typed: &Typed, problems: &mut Vec<Problem>) {
        self.words = typed.text("words", problems);
        self.venue = typed.one("venue").parse().ok();
        // From a list of places near somewhere, that is likely where they are; they can change it.
        if self.area.is_empty() {
            self.area = typed.one("near").parse().unwrap_or_default();
        }
    }

    /// What is still lacking before it can be sent; each problem is with a page's first field.
    pub fn lacking(&self) -> Vec<Problem> {
        let mut problems: Vec<Problem> = self.lacks_name().into_iter().collect();
        if self.reach.is_none() || self.reach_at.is_empty() {
            problems.push(Problem::new("reach", "Tell us how to reach you."));
        }
        problems
    }

    fn lacks_name(&self) -> Option<Problem> {
        self.name.is_empty().then(|| Problem::new("name", "Tell us what to call you. Any name will do."))
    }

    /// What they say about themself.
    pub fn about(&self) -> About {
        About {
            chosen_name: self.name.clone(),
            contact: Contact {
                when: self.when.clone(),
                never_say: self.never_say.clone(),
                ..contact(self.reach, &self.reach_at)
            },
            area: self.area.clone(),
            access_needs: self.access.clone(),
            languages: self.languages.clone(),
            strengths: self.good_at.clone(),
            ..About::default()
        }
    }
}

/// One way to reach someone, as part of all that is known of it.
pub fn contact(reach: Option<Reach>, at: &Text<300>) -> Contact {
    let mut contact = Contact { ways: reach.into_iter().collect(), ..Contact::default() };
    match reach {
        Some(Reach::Phone | Reach::Message) => contact.phone = at.as_str().parse().unwrap_or_default(),
        Some(Reach::Email) => contact.email = at.as_str().parse().ok(),
        Some(Reach::Post) => contact.address = at.clone(),
        Some(Reach::Someone) => contact.through = at.as_str().parse().unwrap_or_default(),
        None => {}
    }
    contact
}

/// Reads a way to reach someone and what goes with it, `reach` and `reach_at`.
pub fn reach(typed: &Typed, problems: &mut Vec<Problem>) -> (Option<Reach>, Text<300>) {
    let reach = Reach::from_code(typed.one("reach"));
    let at: Text<300> = typed.text("reach_at", problems);
    let Some(reach) = reach else {
        problems.push(Problem::new("reach", "Choose a way to get in touch."));
        return (None, at);
    };
    if let Some(message) = wrong_with(reach, at.as_str()).filter(|_| problems.is_empty()) {
        problems.push(Problem::new("reach_at", message));
    }
    (Some(reach), at)
}

/// What can't be used about where a way leads.
fn wrong_with(reach: Reach, at: &str) -> Option<&'static str> {
    let digits = at.chars().filter(char::is_ascii_digit).count();
    match reach {
        Reach::Phone | Reach::Message if digits < DIGITS || at.chars().count() > 40 => {
            Some("Type a phone number, such as 07700 900123.")
        }
        Reach::Email if at.parse::<Email>().is_err() => Some("Type an e-mail address, such as name@example.org."),
        Reach::Post if at.chars().count() < 8 => Some("Type the whole address, with the postcode."),
        Reach::Someone if at.is_empty() || at.chars().count() > 200 => {
            Some("Tell us who, and how to reach them. A line is enough.")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_nine_pages_in_a_row() {
        let mut step = Step::Words;
        let mut seen = vec![step];
        while step != Step::Check {
            assert_eq!(step.next().before(), Some(step));
            step = step.next();
            seen.push(step);
        }
        assert_eq!((seen.len(), Step::Words.before(), Step::Check.next()), (9, None, Step::Check));
    }

    #[test]
    fn only_a_name_and_a_way_to_reach_them_are_asked_of_anyone() {
        let mut answers = Answers::default();
        for step in Step::ALL.iter().filter(|step| !matches!(step, Step::Name | Step::Contact)) {
            assert_eq!(answers.take(*step, &Typed::default()), [], "{step}");
        }
        let fields: Vec<String> = answers.lacking().into_iter().map(|problem| problem.field).collect();
        assert_eq!(fields, ["name", "reach"]);
    }

    #[test]
    fn every_way_goes_to_its_place() {
        for (code, at) in [
            ("phone", "07700 900123"),
            ("text", "07700 900123"),
            ("email", "Morgan@Example.org"),
            ("post", "1 Canal Row, SE15 4QL"),
            ("someone", "My sister Jo, 07700 900124"),
        ] {
            let mut answers = Answers::default();
            let typed = Typed::default().with("reach", code).with("reach_at", at);
            assert_eq!(answers.take(Step::Contact, &typed), [], "{code}");
            let contact = answers.about().contact;
            let kept = [
                contact.phone.as_str(),
                contact.address.as_str(),
                contact.through.as_str(),
                contact.email.as_ref().map_or("", Email::as_str),
            ];
            assert_eq!(kept.iter().filter(|kept| kept.eq_ignore_ascii_case(at)).count(), 1, "{code}: {kept:?}");
            assert_eq!(contact.ways, [Reach::from_code(code).unwrap()]);
        }
    }

    #[test]
    fn what_can_t_be_used_is_said_and_kept() {
        let take = |code: &str, at: &str| {
            let mut answers = Answers::default();
            let problems = answers.take(Step::Contact, &Typed::default().with("reach", code).with("reach_at", at));
            (problems.into_iter().map(|problem| problem.field).collect::<Vec<_>>(), answers.reach_at)
        };
        for (code, at) in [("phone", "soon"), ("email", "morgan"), ("post", "here"), ("someone", "")] {
            assert_eq!(take(code, at), (vec!["reach_at".to_owned()], at.parse().unwrap()), "{code}");
        }
        assert_eq!(take("smoke", "x").0, ["reach"]);
    }
}
