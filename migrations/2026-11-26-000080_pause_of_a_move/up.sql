-- The day that someone picked for a pause to end stays with the move, for the timeline.
ALTER TABLE referral_moves ADD COLUMN paused_until DATE;
-- A page of the timeline is read from several tables, the latest first.
CREATE INDEX referral_moves_person_at ON referral_moves (person_id, at);
DROP INDEX referral_moves_person;
