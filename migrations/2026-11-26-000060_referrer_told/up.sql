-- What whoever wrote for someone was told, as codes with spaces between, so that they hear each thing once.
ALTER TABLE referrals ADD COLUMN referrer_told TEXT NOT NULL DEFAULT '';
