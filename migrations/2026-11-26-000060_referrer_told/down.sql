ALTER TABLE referrals DROP COLUMN referrer_told;
