-- Which browser asked for a link, from what network, and where the link leads: keyed hashes, and a path of the site. Strangers use up
-- their own letters only.
ALTER TABLE tickets ADD COLUMN known TEXT;
ALTER TABLE tickets ADD COLUMN network TEXT;
ALTER TABLE tickets ADD COLUMN back TEXT;

-- The code of a letter is looked for by the browser that asked.
CREATE INDEX tickets_browser ON tickets (browser);
