//! diesel's tables, one file for both engines. `migrations/` makes them.
#![allow(missing_docs, reason = "written by diesel's macro")]

diesel::table! {
    settings (name) {
        name -> Text,
        value -> Text,
    }
}

diesel::table! {
    postcodes (postcode) {
        postcode -> Text,
        district -> Text,
        lat -> Double,
        lon -> Double,
        authority -> Nullable<Text>,
    }
}

diesel::table! {
    feeds (name) {
        name -> Text,
        mapping -> Text,
        last_digest -> Nullable<Text>,
        last_imported_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    venues (id) {
        id -> Text,
        card_id -> Text,
        name -> Text,
        licence -> Text,
        status -> Text,
        published -> Bool,
        gone_since -> Nullable<Timestamp>,
        lat -> Nullable<Double>,
        lon -> Nullable<Double>,
        assured_at -> Nullable<Date>,
        facts -> Text,
        digest -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    source_rows (id) {
        id -> Text,
        venue_id -> Text,
        feed -> Text,
        source -> Text,
        source_id -> Nullable<Text>,
        licence -> Text,
        dated -> Nullable<Text>,
        name_key -> Text,
        lat -> Nullable<Double>,
        lon -> Nullable<Double>,
        raw -> Text,
        listing -> Text,
        digest -> Text,
        first_seen_at -> Timestamp,
        last_changed_at -> Timestamp,
        gone_since -> Nullable<Timestamp>,
        rough -> Bool,
        locality -> Nullable<Text>,
    }
}

diesel::table! {
    venue_edits (venue_id, field) {
        venue_id -> Text,
        field -> Text,
        value -> Text,
        edited_by -> Text,
        edited_at -> Timestamp,
    }
}

diesel::table! {
    offers (id) {
        id -> Text,
        venue_id -> Text,
        position -> Integer,
        kind -> Text,
        title -> Text,
        facts -> Text,
    }
}

diesel::table! {
    change_log (position) {
        position -> BigInt,
        card_id -> Text,
        changed_at -> Timestamp,
    }
}

diesel::table! {
    jobs (id) {
        id -> Text,
        kind -> Text,
        payload -> Text,
        state -> Text,
        run_at -> Timestamp,
        lease_holder -> Nullable<Text>,
        lease_until -> Nullable<Timestamp>,
        attempts -> Integer,
        last_error -> Nullable<Text>,
        created_at -> Timestamp,
        finished_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    outbox (id) {
        id -> Text,
        subject_id -> Text,
        kind -> Text,
        heading -> Text,
        address -> Text,
        text_form -> Text,
        html_form -> Text,
        message_id -> Text,
        state -> Text,
        attempts -> Integer,
        last_error -> Nullable<Text>,
        posted_at -> Timestamp,
        of_use_until -> Nullable<Timestamp>,
        ended_at -> Nullable<Timestamp>,
    }
}

diesel::joinable!(source_rows -> venues (venue_id));
diesel::joinable!(offers -> venues (venue_id));
diesel::allow_tables_to_appear_in_same_query!(
    settings,
    postcodes,
    feeds,
    venues,
    source_rows,
    venue_edits,
    offers,
    change_log,
    jobs
);

diesel::table! {
    wish_counts (month, wish, district) {
        month -> Text,
        wish -> Text,
        district -> Text,
        asked -> Integer,
        unmet -> Integer,
    }
}

diesel::table! {
    unknown_words (mark) {
        mark -> Text,
        last_day -> Date,
        askers -> Text,
        word -> Nullable<Text>,
    }
}

diesel::table! {
    subject_keys (subject) {
        subject -> Text,
        master -> Integer,
        wrapped -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    erasures (subject) {
        subject -> Text,
        erased_at -> Timestamp,
    }
}

diesel::table! {
    audit (position) {
        position -> BigInt,
        at -> Text,
        actor -> Text,
        action -> Text,
        subject -> Nullable<Text>,
        about -> Nullable<Text>,
        hash -> Text,
    }
}

diesel::table! {
    organisations (id) {
        id -> Text,
        name -> Text,
        sort -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    teams (id) {
        id -> Text,
        organisation_id -> Text,
        name -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    accounts (id) {
        id -> Text,
        state -> Text,
        name -> Text,
        email -> Nullable<Text>,
        email_mark -> Nullable<Text>,
        password -> Nullable<Text>,
        totp -> Nullable<Text>,
        totp_step -> Nullable<BigInt>,
        person_id -> Nullable<Text>,
        epoch -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    grants (account_id, role, team_id) {
        account_id -> Text,
        role -> Text,
        team_id -> Text,
        granted_at -> Timestamp,
    }
}

diesel::table! {
    sessions (id) {
        id -> Text,
        account_id -> Text,
        stage -> Text,
        epoch -> Integer,
        device -> Text,
        tries -> Integer,
        began_at -> Timestamp,
        seen_at -> Timestamp,
        proved_at -> Timestamp,
    }
}

diesel::table! {
    tickets (id) {
        id -> Text,
        purpose -> Text,
        account_id -> Nullable<Text>,
        email_mark -> Nullable<Text>,
        browser -> Nullable<Text>,
        token -> Nullable<Text>,
        code -> Nullable<Text>,
        tries -> Integer,
        asked_at -> Timestamp,
        expires_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
        known -> Nullable<Text>,
        network -> Nullable<Text>,
        back -> Nullable<Text>,
        address -> Nullable<Text>,
    }
}

diesel::table! {
    recovery_codes (account_id, code) {
        account_id -> Text,
        code -> Text,
        used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    known_browsers (id) {
        id -> Text,
        account_id -> Text,
        known_at -> Timestamp,
    }
}

diesel::table! {
    tries (id) {
        id -> Text,
        count -> Integer,
        since -> Timestamp,
    }
}

diesel::table! {
    passkeys (id) {
        id -> Text,
        account_id -> Text,
        name -> Text,
        passkey -> Text,
        added_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    passkey_rounds (id) {
        id -> Text,
        account_id -> Text,
        asked -> Text,
        asked_at -> Timestamp,
    }
}

diesel::joinable!(teams -> organisations (organisation_id));
diesel::joinable!(grants -> accounts (account_id));
diesel::joinable!(sessions -> accounts (account_id));
diesel::allow_tables_to_appear_in_same_query!(organisations, teams, accounts, grants, sessions);

diesel::table! {
    people (id) {
        id -> Text,
        team_id -> Nullable<Text>,
        about -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        heard_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    likenesses (person_id, mark) {
        person_id -> Text,
        mark -> Text,
        sort -> Text,
    }
}

diesel::table! {
    aspirations (id) {
        id -> Text,
        person_id -> Text,
        about -> Text,
        domains -> Text,
        state -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    aspiration_marks (aspiration_id, venue_id, marked_by) {
        aspiration_id -> Text,
        venue_id -> Text,
        marked_by -> Text,
        mark -> Text,
        why -> Nullable<Text>,
        chosen -> Bool,
        marked_at -> Timestamp,
    }
}

diesel::table! {
    fresh_places (aspiration_id, venue_id) {
        aspiration_id -> Text,
        venue_id -> Text,
        found_at -> Timestamp,
        seen_by_person -> Nullable<Timestamp>,
        seen_by_worker -> Nullable<Timestamp>,
    }
}

diesel::table! {
    consents (id) {
        id -> Text,
        person_id -> Text,
        purpose -> Text,
        given_at -> Timestamp,
        how -> Text,
        withdrawn_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    entries (id) {
        id -> Text,
        person_id -> Text,
        sort -> Text,
        by_account -> Nullable<Text>,
        at -> Timestamp,
        body -> Text,
        seen_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    tasks (id) {
        id -> Text,
        person_id -> Text,
        account_id -> Text,
        what -> Text,
        due -> Date,
        done_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    caseload (id) {
        id -> Text,
        person_id -> Text,
        account_id -> Text,
        role -> Text,
        since -> Timestamp,
        until -> Nullable<Timestamp>,
        chosen_by_person -> Bool,
    }
}

diesel::table! {
    cover (id) {
        id -> Text,
        person_id -> Text,
        account_id -> Text,
        reason -> Text,
        from_at -> Timestamp,
        until_at -> Timestamp,
    }
}

diesel::table! {
    profiles (account_id) {
        account_id -> Text,
        about -> Text,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    referrals (id) {
        id -> Text,
        person_id -> Text,
        way -> Text,
        taken_by -> Text,
        state -> Text,
        team_id -> Nullable<Text>,
        worker_id -> Nullable<Text>,
        venue_id -> Nullable<Text>,
        received_at -> Timestamp,
        first_contact_at -> Nullable<Timestamp>,
        paused_until -> Nullable<Date>,
        told_at -> Nullable<Timestamp>,
        referrer -> Nullable<Text>,
        words -> Text,
        reason -> Nullable<Text>,
        form_mark -> Text,
        updated_at -> Timestamp,
        referrer_told -> Text,
    }
}

diesel::table! {
    referral_moves (id) {
        id -> Text,
        referral_id -> Text,
        person_id -> Text,
        from_state -> Text,
        to_state -> Text,
        by_account -> Nullable<Text>,
        at -> Timestamp,
        why -> Nullable<Text>,
        paused_until -> Nullable<Date>,
    }
}

diesel::table! {
    referral_drafts (id) {
        id -> Text,
        browser -> Text,
        resume -> Nullable<Text>,
        subject_id -> Text,
        answers -> Nullable<Text>,
        step -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    earlier_aspirations (id) {
        id -> Text,
        person_id -> Text,
        aspiration_id -> Text,
        about -> Text,
        changed_by -> Nullable<Text>,
        changed_at -> Timestamp,
    }
}

diesel::table! {
    own_steps (person_id, step) {
        person_id -> Text,
        step -> Text,
        at -> Timestamp,
    }
}

diesel::joinable!(referrals -> people (person_id));
diesel::joinable!(caseload -> people (person_id));
diesel::joinable!(aspirations -> people (person_id));
diesel::allow_tables_to_appear_in_same_query!(people, referrals, caseload, cover, aspirations);
diesel::joinable!(likenesses -> people (person_id));
diesel::allow_tables_to_appear_in_same_query!(likenesses, people);
diesel::allow_tables_to_appear_in_same_query!(aspirations, aspiration_marks);

diesel::table! {
    shared_lists (id) {
        id -> Text,
        aspiration_id -> Text,
        token -> Text,
        venues -> Text,
        sent_by -> Text,
        sent_at -> Timestamp,
        expires_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
    }
}

diesel::joinable!(shared_lists -> aspirations (aspiration_id));
diesel::allow_tables_to_appear_in_same_query!(aspirations, shared_lists);
diesel::joinable!(fresh_places -> aspirations (aspiration_id));
diesel::allow_tables_to_appear_in_same_query!(aspirations, fresh_places);

diesel::table! {
    mail_choices (account_id) {
        account_id -> Text,
        choice -> Text,
        gathered -> Integer,
        told_at -> Nullable<Timestamp>,
        chosen_at -> Timestamp,
    }
}

diesel::table! {
    record_ends (person_id) {
        person_id -> Text,
        listed_on -> Nullable<Date>,
        kept_until -> Nullable<Date>,
        reason -> Nullable<Text>,
        kept_by -> Nullable<Text>,
        kept_at -> Nullable<Timestamp>,
    }
}
