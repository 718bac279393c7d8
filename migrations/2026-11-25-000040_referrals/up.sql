-- Ways into the service. A form has one mark, so that it makes one referral however often it is sent.
CREATE TABLE referrals (
    id TEXT NOT NULL PRIMARY KEY,
    person_id TEXT NOT NULL REFERENCES people (id),
    way TEXT NOT NULL,
    taken_by TEXT NOT NULL,
    state TEXT NOT NULL,
    team_id TEXT REFERENCES teams (id),
    worker_id TEXT REFERENCES accounts (id),
    venue_id TEXT,
    received_at TIMESTAMP NOT NULL,
    first_contact_at TIMESTAMP,
    paused_until DATE,
    told_at TIMESTAMP,
    referrer TEXT,
    words TEXT NOT NULL,
    reason TEXT,
    form_mark TEXT NOT NULL UNIQUE,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX referrals_person ON referrals (person_id, received_at);
CREATE INDEX referrals_queue ON referrals (team_id, state, received_at);
CREATE INDEX referrals_worker ON referrals (worker_id, state);

CREATE TABLE referral_moves (
    id TEXT NOT NULL PRIMARY KEY,
    referral_id TEXT NOT NULL REFERENCES referrals (id),
    person_id TEXT NOT NULL REFERENCES people (id),
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    by_account TEXT,
    at TIMESTAMP NOT NULL,
    why TEXT
);
CREATE INDEX referral_moves_referral ON referral_moves (referral_id, at);
CREATE INDEX referral_moves_person ON referral_moves (person_id);

-- Answers of someone who hasn't sent them yet: sealed under a key of their own, which becomes the person's when they are sent.
CREATE TABLE referral_drafts (
    id TEXT NOT NULL PRIMARY KEY,
    browser TEXT NOT NULL UNIQUE,
    resume TEXT UNIQUE,
    subject_id TEXT NOT NULL,
    answers TEXT,
    step TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL
);
CREATE INDEX referral_drafts_expires ON referral_drafts (expires_at);
