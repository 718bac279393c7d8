-- One bridge builder at a time goes along with someone; of several, the one who came last.
UPDATE caseload SET until = since WHERE role = 'worker' AND until IS NULL AND EXISTS (
    SELECT 1 FROM caseload AS later
    WHERE later.person_id = caseload.person_id AND later.role = 'worker' AND later.until IS NULL
      AND (later.since > caseload.since OR (later.since = caseload.since AND later.id > caseload.id))
);
CREATE UNIQUE INDEX caseload_one_worker ON caseload (person_id) WHERE role = 'worker' AND until IS NULL;

-- Whether someone's look was written down already.
CREATE INDEX audit_since ON audit (subject, action, actor, at);
