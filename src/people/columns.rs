//! Every column about a person, in one place: what is taken out for them and what is erased. A test finds those that lack here.

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Sealed words, theirs or about them: part of what they take with them.
    Words,
    /// A day, a state, a code: part of what they take with them.
    Fact,
    /// An id that holds rows together.
    Tie,
    /// Who of the staff it was: by name in what they take with them.
    Staff,
    /// A hash by which something is found again, or a secret; of no meaning to anyone.
    Mark,
}

/// Tables and columns about a person, with what each holds.
pub const ABOUT_A_PERSON: &[(&str, &str, Kind)] = &[
    ("people", "id", Kind::Tie),
    ("people", "team_id", Kind::Fact),
    ("people", "about", Kind::Words),
    ("people", "created_at", Kind::Fact),
    ("people", "updated_at", Kind::Fact),
    ("people", "heard_at", Kind::Fact),
    ("likenesses", "person_id", Kind::Tie),
    ("likenesses", "mark", Kind::Mark),
    ("likenesses", "sort", Kind::Mark),
    ("aspirations", "id", Kind::Tie),
    ("aspirations", "person_id", Kind::Tie),
    ("aspirations", "about", Kind::Words),
    ("aspirations", "domains", Kind::Fact),
    ("aspirations", "state", Kind::Fact),
    ("aspirations", "created_at", Kind::Fact),
    ("aspirations", "updated_at", Kind::Fact),
    ("earlier_aspirations", "id", Kind::Tie),
    ("earlier_aspirations", "person_id", Kind::Tie),
    ("earlier_aspirations", "aspiration_id", Kind::Tie),
    ("earlier_aspirations", "about", Kind::Words),
    ("earlier_aspirations", "changed_by", Kind::Staff),
    ("earlier_aspirations", "changed_at", Kind::Fact),
    ("aspiration_marks", "aspiration_id", Kind::Tie),
    ("aspiration_marks", "venue_id", Kind::Fact),
    ("aspiration_marks", "marked_by", Kind::Fact),
    ("aspiration_marks", "mark", Kind::Fact),
    ("aspiration_marks", "why", Kind::Words),
    ("aspiration_marks", "chosen", Kind::Fact),
    ("aspiration_marks", "marked_at", Kind::Fact),
    ("fresh_places", "aspiration_id", Kind::Tie),
    ("fresh_places", "venue_id", Kind::Fact),
    ("fresh_places", "found_at", Kind::Fact),
    ("fresh_places", "seen_by_person", Kind::Fact),
    ("fresh_places", "seen_by_worker", Kind::Fact),
    ("shared_lists", "id", Kind::Tie),
    ("shared_lists", "aspiration_id", Kind::Tie),
    ("shared_lists", "token", Kind::Mark),
    ("shared_lists", "venues", Kind::Fact),
    ("shared_lists", "sent_by", Kind::Staff),
    ("shared_lists", "sent_at", Kind::Fact),
    ("shared_lists", "expires_at", Kind::Fact),
    ("shared_lists", "ended_at", Kind::Fact),
    ("consents", "id", Kind::Tie),
    ("consents", "person_id", Kind::Tie),
    ("consents", "purpose", Kind::Fact),
    ("consents", "given_at", Kind::Fact),
    ("consents", "how", Kind::Fact),
    ("consents", "withdrawn_at", Kind::Fact),
    ("entries", "id", Kind::Tie),
    ("entries", "person_id", Kind::Tie),
    ("entries", "sort", Kind::Fact),
    ("entries", "by_account", Kind::Staff),
    ("entries", "at", Kind::Fact),
    ("entries", "body", Kind::Words),
    ("entries", "seen_at", Kind::Fact),
    ("own_steps", "person_id", Kind::Tie),
    ("own_steps", "step", Kind::Fact),
    ("own_steps", "at", Kind::Fact),
    ("tasks", "id", Kind::Tie),
    ("tasks", "person_id", Kind::Tie),
    ("tasks", "account_id", Kind::Staff),
    ("tasks", "what", Kind::Words),
    ("tasks", "due", Kind::Fact),
    ("tasks", "done_at", Kind::Fact),
    ("caseload", "id", Kind::Tie),
    ("caseload", "person_id", Kind::Tie),
    ("caseload", "account_id", Kind::Staff),
    ("caseload", "role", Kind::Fact),
    ("caseload", "since", Kind::Fact),
    ("caseload", "until", Kind::Fact),
    ("caseload", "chosen_by_person", Kind::Fact),
    ("cover", "id", Kind::Tie),
    ("cover", "person_id", Kind::Tie),
    ("cover", "account_id", Kind::Staff),
    ("cover", "reason", Kind::Words),
    ("cover", "from_at", Kind::Fact),
    ("cover", "until_at", Kind::Fact),
    ("referrals", "id", Kind::Tie),
    ("referrals", "person_id", Kind::Tie),
    ("referrals", "way", Kind::Fact),
    ("referrals", "taken_by", Kind::Fact),
    ("referrals", "state", Kind::Fact),
    ("referrals", "team_id", Kind::Fact),
    ("referrals", "worker_id", Kind::Staff),
    ("referrals", "venue_id", Kind::Fact),
    ("referrals", "received_at", Kind::Fact),
    ("referrals", "first_contact_at", Kind::Fact),
    ("referrals", "paused_until", Kind::Fact),
    ("referrals", "told_at", Kind::Fact),
    ("referrals", "referrer", Kind::Words),
    ("referrals", "words", Kind::Words),
    ("referrals", "reason", Kind::Words),
    ("referrals", "form_mark", Kind::Mark),
    ("referrals", "updated_at", Kind::Fact),
    ("referrals", "referrer_told", Kind::Fact),
    ("referral_moves", "id", Kind::Tie),
    ("referral_moves", "referral_id", Kind::Tie),
    ("referral_moves", "person_id", Kind::Tie),
    ("referral_moves", "from_state", Kind::Fact),
    ("referral_moves", "to_state", Kind::Fact),
    ("referral_moves", "by_account", Kind::Staff),
    ("referral_moves", "at", Kind::Fact),
    ("referral_moves", "why", Kind::Words),
    ("referral_moves", "paused_until", Kind::Fact),
    ("record_ends", "person_id", Kind::Tie),
    ("record_ends", "listed_on", Kind::Fact),
    ("record_ends", "kept_until", Kind::Fact),
    ("record_ends", "reason", Kind::Words),
    ("record_ends", "kept_by", Kind::Staff),
    ("record_ends", "kept_at", Kind::Fact),
    ("referral_drafts", "id", Kind::Tie),
    ("referral_drafts", "browser", Kind::Mark),
    ("referral_drafts", "resume", Kind::Mark),
    ("referral_drafts", "subject_id", Kind::Tie),
    ("referral_drafts", "answers", Kind::Words),
    ("referral_drafts", "step", Kind::Fact),
    ("referral_drafts", "created_at", Kind::Fact),
    ("referral_drafts", "updated_at", Kind::Fact),
    ("referral_drafts", "expires_at", Kind::Fact),
    ("accounts", "id", Kind::Tie),
    ("accounts", "state", Kind::Fact),
    ("accounts", "name", Kind::Words),
    ("accounts", "email", Kind::Words),
    ("accounts", "email_mark", Kind::Mark),
    ("accounts", "password", Kind::Mark),
    ("accounts", "totp", Kind::Mark),
    ("accounts", "totp_step", Kind::Mark),
    ("accounts", "person_id", Kind::Tie),
    ("accounts", "epoch", Kind::Mark),
    ("accounts", "created_at", Kind::Fact),
    ("accounts", "updated_at", Kind::Fact),
    ("grants", "account_id", Kind::Tie),
    ("grants", "role", Kind::Fact),
    ("grants", "team_id", Kind::Fact),
    ("grants", "granted_at", Kind::Fact),
    ("sessions", "id", Kind::Mark),
    ("sessions", "account_id", Kind::Tie),
    ("sessions", "stage", Kind::Mark),
    ("sessions", "epoch", Kind::Mark),
    ("sessions", "device", Kind::Fact),
    ("sessions", "tries", Kind::Mark),
    ("sessions", "began_at", Kind::Fact),
    ("sessions", "seen_at", Kind::Fact),
    ("sessions", "proved_at", Kind::Fact),
    ("tickets", "id", Kind::Tie),
    ("tickets", "purpose", Kind::Fact),
    ("tickets", "account_id", Kind::Tie),
    ("tickets", "email_mark", Kind::Mark),
    ("tickets", "browser", Kind::Mark),
    ("tickets", "token", Kind::Mark),
    ("tickets", "code", Kind::Mark),
    ("tickets", "tries", Kind::Mark),
    ("tickets", "asked_at", Kind::Fact),
    ("tickets", "expires_at", Kind::Fact),
    ("tickets", "used_at", Kind::Fact),
    ("tickets", "known", Kind::Mark),
    ("tickets", "network", Kind::Mark),
    ("tickets", "back", Kind::Mark),
    ("tickets", "address", Kind::Words),
    ("recovery_codes", "account_id", Kind::Tie),
    ("recovery_codes", "code", Kind::Mark),
    ("recovery_codes", "used_at", Kind::Fact),
    ("passkeys", "id", Kind::Mark),
    ("passkeys", "account_id", Kind::Tie),
    ("passkeys", "name", Kind::Words),
    ("passkeys", "passkey", Kind::Mark),
    ("passkeys", "added_at", Kind::Fact),
    ("passkeys", "used_at", Kind::Fact),
    ("passkey_rounds", "id", Kind::Mark),
    ("passkey_rounds", "account_id", Kind::Tie),
    ("passkey_rounds", "asked", Kind::Mark),
    ("passkey_rounds", "asked_at", Kind::Mark),
    ("known_browsers", "id", Kind::Mark),
    ("known_browsers", "account_id", Kind::Tie),
    ("known_browsers", "known_at", Kind::Fact),
    ("mail_choices", "account_id", Kind::Tie),
    ("mail_choices", "choice", Kind::Fact),
    ("mail_choices", "gathered", Kind::Fact),
    ("mail_choices", "told_at", Kind::Fact),
    ("mail_choices", "chosen_at", Kind::Fact),
    ("profiles", "account_id", Kind::Tie),
    ("profiles", "about", Kind::Words),
    ("profiles", "updated_at", Kind::Fact),
];

/// Which rows of a table are a person's, `$1`; what hangs on others comes before them.
pub(super) const ROWS_OF_A_PERSON: &[(&str, &str)] = &[
    ("aspiration_marks", "aspiration_id IN (SELECT id FROM aspirations WHERE person_id = $1)"),
    ("fresh_places", "aspiration_id IN (SELECT id FROM aspirations WHERE person_id = $1)"),
    ("shared_lists", "aspiration_id IN (SELECT id FROM aspirations WHERE person_id = $1)"),
    ("earlier_aspirations", "person_id = $1"),
    ("aspirations", "person_id = $1"),
    ("likenesses", "person_id = $1"),
    ("consents", "person_id = $1"),
    ("entries", "person_id = $1"),
    ("own_steps", "person_id = $1"),
    ("tasks", "person_id = $1"),
    ("caseload", "person_id = $1"),
    ("cover", "person_id = $1"),
    ("referral_moves", "person_id = $1"),
    ("referrals", "person_id = $1"),
    ("referral_drafts", "subject_id = $1"),
    ("record_ends", "person_id = $1"),
    ("people", "id = $1"),
];

/// The same of an account that is a person's own and no one's place of work.
pub(super) const ROWS_OF_AN_ACCOUNT: &[(&str, &str)] = &[
    ("sessions", "account_id = $1"),
    ("grants", "account_id = $1"),
    ("tickets", "account_id = $1"),
    ("recovery_codes", "account_id = $1"),
    ("passkeys", "account_id = $1"),
    ("passkey_rounds", "account_id = $1"),
    ("known_browsers", "account_id = $1"),
    ("profiles", "account_id = $1"),
    ("mail_choices", "account_id = $1"),
    ("accounts", "id = $1"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use diesel::{RunQueryDsl, sql_query, sql_types::Text};

    use super::*;
    use crate::db::{Conn, Db};

    /// What ties a row to a person.
    const TIES: [&str; 4] = ["person_id", "subject", "subject_id", "resume"];
    /// Tables that hold a subject and are looked after elsewhere: its key, that it was erased, what was done, letters to it.
    const ELSEWHERE: [&str; 4] = ["subject_keys", "erasures", "audit", "outbox"];

    #[derive(diesel::QueryableByName)]
    struct Named {
        #[diesel(sql_type = Text)]
        name: String,
    }

    fn names(c: &mut Conn, question: &str) -> Vec<String> {
        let rows: Vec<Named> = sql_query(question).load(c).unwrap();
        rows.into_iter().map(|row| row.name).collect()
    }

    #[test]
    fn every_tagged_table_is_erased() {
        let tagged: BTreeSet<&str> = ABOUT_A_PERSON.iter().map(|(table, ..)| *table).collect();
        let erased: BTreeSet<&str> = ROWS_OF_A_PERSON.iter().chain(ROWS_OF_AN_ACCOUNT).map(|(table, _)| *table).collect();
        assert_eq!(tagged, erased);
    }

    /// Every column of every table that is tied to a person, or to a row of such a table.
    fn columns(c: &mut Conn) -> BTreeSet<(String, String)> {
        let tables = names(c, "SELECT name FROM sqlite_master WHERE type = 'table'");
        let mut theirs: BTreeSet<String> = BTreeSet::from(["people".to_owned()]);
        loop {
            let before = theirs.len();
            for table in &tables {
                let columns = names(c, &format!("SELECT name FROM pragma_table_info('{table}')"));
                let parents = names(c, &format!("SELECT \"table\" AS name FROM pragma_foreign_key_list('{table}')"));
                let tied = columns.iter().any(|column| TIES.contains(&column.as_str()));
                if tied || parents.iter().any(|parent| theirs.contains(parent)) {
                    theirs.insert(table.clone());
                }
            }
            if theirs.len() == before {
                break;
            }
        }
        theirs.retain(|table| !ELSEWHERE.contains(&table.as_str()));
        let of = |c: &mut Conn, table: &String| names(c, &format!("SELECT name FROM pragma_table_info('{table}')"));
        theirs
            .iter()
            .flat_map(|table| of(c, table).into_iter().map(|column| (table.clone(), column)).collect::<Vec<_>>())
            .collect()
    }

    #[test]
    fn every_column_about_a_person_is_tagged() {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(&format!("sqlite://{}", folder.path().join("db").display()), 1).unwrap();
        let there = db.read_now(|c| Ok(columns(c))).unwrap();
        assert!(there.len() > 60, "{there:?}");
        let tagged: BTreeSet<(String, String)> =
            ABOUT_A_PERSON.iter().map(|(table, column, _)| ((*table).to_owned(), (*column).to_owned())).collect();
        assert_eq!(tagged.len(), ABOUT_A_PERSON.len(), "a column is tagged twice");
        let untagged: Vec<_> = there.difference(&tagged).collect();
        assert!(untagged.is_empty(), "columns about a person that nobody tagged: {untagged:?}");
        let gone: Vec<_> = tagged.difference(&there).collect();
        assert!(gone.is_empty(), "tagged, but not there: {gone:?}");
    }
}
