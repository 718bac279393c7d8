CREATE INDEX referral_moves_person ON referral_moves (person_id);
DROP INDEX referral_moves_person_at;
ALTER TABLE referral_moves DROP COLUMN paused_until;
