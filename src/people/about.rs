//! What someone says about themself. There is no field for what is wrong with them, and there must be none.

use serde::{Deserialize, Serialize};

use crate::values::{Email, Text, choice};

choice! {
    /// How to get in touch with someone.
    Reach {
        Phone = "phone", "A call";
        Message = "text", "A text message";
        Email = "email", "E-mail";
        Post = "post", "A letter by post";
        Someone = "someone", "Through someone I trust";
    }
}

/// What someone is called.
pub type Name = Text<100>;
/// A line.
pub type Line = Text<200>;
/// A few sentences.
pub type Words = Text<2000>;

/// How and when to get in touch with someone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Contact {
    /// The ways they want, the best first.
    pub ways: Vec<Reach>,
    /// Their phone.
    pub phone: Text<40>,
    /// Where their mail goes.
    pub email: Option<Email>,
    /// Where their post goes.
    pub address: Text<300>,
    /// Through whom, and how.
    pub through: Line,
    /// When it suits them.
    pub when: Line,
    /// What must not be left in a message.
    pub never_say: Text<500>,
}

/// What someone says about themself. All of it is sealed, as one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct About {
    /// What they want to be called.
    pub chosen_name: Name,
    /// "they/them".
    pub pronouns: Text<50>,
    /// How and when to get in touch.
    pub contact: Contact,
    /// A postcode, a district or words, as typed.
    pub area: Text<100>,
    /// What makes it easier for them.
    pub access_needs: Words,
    /// Languages they speak.
    pub languages: Line,
    /// What they are good at and like.
    pub strengths: Words,
    /// What they have learnt to do.
    pub skills: Words,
    /// What interests them.
    pub interests: Words,
    /// What they could teach.
    pub could_teach: Words,
    /// What they could lend a hand with.
    pub could_help_with: Words,
    /// What they could host.
    pub could_host: Words,
    /// What they could start.
    pub could_start: Words,
}

impl About {
    /// What to call them; words where they gave no name.
    pub fn called(&self) -> &str {
        if self.chosen_name.is_empty() { "Someone without a name yet" } else { self.chosen_name.as_str() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_it_shows_in_a_log() {
        let mut about = About { chosen_name: "Morgan Vale".parse().unwrap(), ..About::default() };
        about.contact.email = "morgan@example.org".parse().ok();
        about.contact.phone = "07700 900123".parse().unwrap();
        let log = format!("{about:?}");
        assert!(!log.contains("Morgan") && !log.contains("example") && !log.contains("900123"), "{log}");
    }

    #[test]
    fn a_record_of_an_older_version_can_be_read() {
        let about: About = serde_json::from_str(r#"{"chosen_name":"Morgan","gone":"x","contact":{"phone":"1"}}"#).unwrap();
        assert_eq!((about.called(), about.contact.phone.as_str()), ("Morgan", "1"));
    }
}
