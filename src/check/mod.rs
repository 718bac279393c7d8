//! `footbridge check`: is everything there that a service needs? It looks and changes nothing.

mod database;
mod keys;
mod machine;
mod search;

use std::{
    io::{self, Write},
    net::IpAddr,
};

use crate::{
    config::{Config, WebConfig},
    mail::Transport,
    settings_files::SettingsFiles,
};

/// One line: what was looked at, and how it is or what to do.
pub(crate) struct Finding {
    what: &'static str,
    outcome: Result<String, String>,
}

impl Finding {
    fn new(what: &'static str, outcome: Result<String, String>) -> Self {
        Self { what, outcome }
    }
}

/// Looks at everything and writes one line each. Says how many things are wrong.
pub fn check(config: &Config, web: &WebConfig, out: &mut impl Write) -> io::Result<usize> {
    let findings = findings(config, web);
    for Finding { what, outcome } in &findings {
        match outcome {
            Ok(words) => writeln!(out, "ok     {what}: {words}")?,
            Err(words) => writeln!(out, "wrong  {what}: {}", words.replace('\n', "\n       "))?,
        }
    }
    Ok(findings.iter().filter(|finding| finding.outcome.is_err()).count())
}

fn findings(config: &Config, web: &WebConfig) -> Vec<Finding> {
    let files = SettingsFiles::new(config.search_config.clone());
    let (mut findings, told) = database::look(config);
    findings.insert(0, Finding::new("configuration", configuration(web)));
    findings.push(Finding::new("key file", keys::look(&config.key_file(), told.as_ref())));
    findings.extend(search::look(config, &files, told.as_ref()));
    findings.push(Finding::new("mail", mail(config)));
    findings.push(Finding::new("disk", machine::disk(&config.data_dir)));
    findings.push(Finding::new("clock", machine::clock(told.and_then(|told| told.clock_ahead))));
    findings
}

/// Whether letters would go out; none is sent.
fn mail(config: &Config) -> Result<String, String> {
    Transport::new(config).map_err(str::to_owned)?.look()
}

/// What no single setting shows; each by itself was looked at before we came here.
fn configuration(web: &WebConfig) -> Result<String, String> {
    let everyone = |address: &IpAddr| address.is_unspecified();
    if web.trusted_proxy.iter().any(|network| network.prefix_len() == 0 && everyone(&network.network())) {
        return Err("TRUSTED_PROXY believes everyone; name your proxies' own addresses or networks".to_owned());
    }
    let public = web.public_url();
    if public.scheme() == "https" && web.trusted_proxy.is_empty() {
        return Err(
            "PUBLIC_URL is https, so a proxy stands in front; name its address in TRUSTED_PROXY, or else all visitors count \
                    as one address or aren't limited at all"
                .to_owned(),
        );
    }
    if !web.bind.ip().is_loopback() && web.work.public_url.is_none() {
        return Err("other machines can reach BIND, but PUBLIC_URL doesn't say how people do; set it".to_owned());
    }
    Ok(format!("listens on {}, reached as {}", web.bind, public.as_str().trim_end_matches('/')))
}
