-- Letters, one row for each recipient. Address and words are sealed under the key of whoever it is to; once they are dropped, they are empty.
CREATE TABLE outbox (
    id TEXT NOT NULL PRIMARY KEY,
    subject_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    heading TEXT NOT NULL,
    address TEXT NOT NULL,
    text_form TEXT NOT NULL,
    html_form TEXT NOT NULL,
    message_id TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    last_error TEXT,
    posted_at TIMESTAMP NOT NULL,
    of_use_until TIMESTAMP,
    ended_at TIMESTAMP
);
CREATE INDEX outbox_by_state ON outbox (state, ended_at);
CREATE INDEX outbox_by_time ON outbox (posted_at);
CREATE INDEX outbox_by_subject ON outbox (subject_id);
