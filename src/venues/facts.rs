//! What is known of a venue. Every field may be unknown, and unknown is not "no".

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::schedule::Schedule;
use crate::{
    values::{Point, Postcode, choice},
    vocabulary::{ActivityId, KindId},
};

choice! {
    /// Getting in and being at ease there.
    Access {
        StepFree = "step_free", "Step-free entrance";
        AccessibleToilet = "accessible_toilet", "Accessible toilet";
        HearingLoop = "hearing_loop", "Hearing loop";
        GentleLighting = "gentle_lighting", "Gentle lighting";
        Quiet = "quiet", "Quiet";
        Seating = "seating", "Somewhere to sit";
        BlueBadgeParking = "blue_badge_parking", "Blue Badge parking";
        PublicTransport = "public_transport", "Bus or train close by";
        AssistanceDogs = "assistance_dogs", "Assistance dogs welcome";
        Wifi = "wifi", "Free Wi-Fi";
    }
}

choice! {
    /// What someone wants to know before they go for the first time.
    FirstVisit {
        QuietTimes = "quiet_times", "When is it quiet?";
        WhereToWait = "where_to_wait", "Where can I wait?";
        JustWatch = "just_watch", "Can I just watch?";
        ComeAlone = "come_alone", "Can I come alone?";
        WhoGreets = "who_greets", "Who will greet me?";
        LeaveEarly = "leave_early", "What if I leave early?";
    }
}

choice! {
    /// What is known about a yes-or-no question. Nothing known is the absence of a `Fact`.
    Answer {
        Yes = "yes", "Yes";
        Partly = "partly", "Partly";
        No = "no", "No";
    }
}

choice! {
    /// How ordinary a setting is.
    Mark {
        Green = "green", "An ordinary place, open to all";
        Amber = "amber", "A group for service users in an ordinary place";
        Red = "red", "Only for people who use services";
    }
}

choice! {
    /// Whether the place is there to go to.
    Status {
        Active = "active", "Open";
        TemporarilyClosed = "temporarily_closed", "Closed for now";
        Closed = "closed", "Closed for good";
    }
}

choice! {
    /// How near the map point is to the door.
    Precision {
        Exact = "exact", "The publisher gave the point";
        Postcode = "postcode", "The middle of the postcode";
        Sector = "sector", "The middle of the postcode sector, so only about here";
        District = "district", "The middle of the postcode district, so only about here";
    }
}

choice! {
    /// What sort of thing an offer is.
    OfferKind {
        Session = "session", "Session";
        Class = "class", "Class or course";
        Hire = "hire", "Room or kit to hire";
        Membership = "membership", "Membership";
        VolunteerRole = "volunteer-role", "Volunteer role";
        Job = "job", "Job";
        RoomToHost = "room-to-host", "Room to host something in";
    }
}

choice! {
    /// The values of a venue that can be traced to where they came from, and edited.
    Field {
        Name = "name", "Name";
        Description = "description", "Description";
        Kinds = "kinds", "Kind of place";
        Activities = "activities", "Activities";
        Address = "address", "Address";
        Postcode = "postcode", "Postcode";
        Point = "point", "Place on the map";
        Borough = "borough", "Borough";
        Phone = "phone", "Phone";
        Email = "email", "E-mail";
        Website = "website", "Website";
        Opening = "opening", "Opening times";
        Access = "access", "Access";
        FirstVisit = "first_visit", "First visit";
        CostToTry = "cost_to_try", "Cost to try once";
        UsualCost = "usual_cost", "Usual cost";
        Setting = "setting", "Setting";
        Status = "status", "Open or closed";
        AssuredAt = "assured_at", "Last checked";
        Offers = "offers", "What you can do there";
    }
}

/// An answer, a remark, or both.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// Yes, partly or no, where the question has such an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
    /// The rest, in plain words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What something costs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Cost {
    /// Whole pence; 0 is free; none where only the note is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pence: Option<u32>,
    /// What one pays for: session, hour, day, week, month, term, year, visit, course.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per: Option<String>,
    /// The rest, in plain words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// How ordinary the setting is, and why someone says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// Green, amber or red.
    pub mark: Mark,
    /// Why.
    pub reason: String,
}

/// Whether there is room on an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "state", rename_all = "snake_case", deny_unknown_fields)]
pub enum Places {
    /// There is room, for so many where the number is known.
    Open {
        /// How many places are left.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        left: Option<u32>,
    },
    /// No room now.
    Full {},
}

/// Who an offer is for, in whole years.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Youngest age.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<u32>,
    /// Oldest age.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<u32>,
}

/// Something one can do at a venue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Offer {
    /// The publisher's own name for it, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What sort of thing it is.
    pub kind: OfferKind,
    /// A short name.
    pub title: String,
    /// What happens there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Activities that the venue names itself; more are read from the title.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>)]
    pub activities: Vec<ActivityId>,
    /// When it is on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Schedule>,
    /// What it costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Cost>,
    /// Whether there is room; none where unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub places: Option<Places>,
    /// Youngest and oldest age.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ages: Option<Limits>,
    /// Other limits, in plain words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<String>,
    /// How to join.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub how_to_join: Option<String>,
    /// Whether it invites beginners; none where unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beginners_welcome: Option<bool>,
}

/// Everything that may be known of a venue. An import fills one for each row; a venue's own is merged from them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Facts {
    /// What the place is called.
    pub name: String,
    /// A few plain sentences.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What sort of place it is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<KindId>,
    /// Activities that someone named; more are read from kind, offers and name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub activities: Vec<ActivityId>,
    /// Street and number, without the postcode where that is known apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Full postcode.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postcode: Option<Postcode>,
    /// Where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub point: Option<Point>,
    /// How near `point` is to the door; none without a point.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub precision: Option<Precision>,
    /// The borough's plain name, such as "Southwark".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub borough: Option<String>,
    /// The public phone number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// The public e-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// An http or https address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub website: Option<url::Url>,
    /// When it is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opening: Option<Schedule>,
    /// Known access facts.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub access: BTreeMap<Access, Fact>,
    /// Known first-visit facts.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub first_visit: BTreeMap<FirstVisit, Fact>,
    /// What it costs to try once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_to_try: Option<Cost>,
    /// What it usually costs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usual_cost: Option<Cost>,
    /// How ordinary the setting is; none is "not marked".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub setting: Option<Setting>,
    /// Whether it is there to go to; none counts as active.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// The day someone last checked the listing with the venue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assured_at: Option<NaiveDate>,
    /// What one can do there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub offers: Vec<Offer>,
}

impl Facts {
    /// Open unless something says otherwise.
    pub fn status(&self) -> Status {
        self.status.unwrap_or(Status::Active)
    }
}
