DROP TABLE referral_drafts;
DROP TABLE referral_moves;
DROP TABLE referrals;
