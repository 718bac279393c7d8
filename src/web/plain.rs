//! Pages that say things: about, accessibility, privacy, cookies, and what went wrong.
