DROP INDEX audit_since;
DROP INDEX caseload_one_worker;
