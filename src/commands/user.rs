//! Letting people in who work here.

use std::io::Write;

use clap::Subcommand;
use footbridge::{
    accounts::{
        Role, Sort,
        letters::Sender,
        start::{self, First},
        token::Token,
    },
    clock::Clock,
    config::{Config, WebConfig},
    error::Failure,
    vault::Vault,
};

use super::{Outcome, open_db};

/// Whom to let in.
#[derive(Subcommand)]
pub enum User {
    /// Invite someone; prints the link of the invitation, which works once, for 7 days.
    Add(UserAdd),
    /// A new invitation for someone who lost password and phone; prints its link.
    Again {
        /// Their e-mail address.
        email: String,
        #[command(flatten)]
        web: WebConfig,
    },
}

/// Someone new.
#[derive(clap::Args)]
pub struct UserAdd {
    /// Their e-mail address.
    #[arg(long)]
    email: String,
    /// What they are called.
    #[arg(long)]
    name: String,
    /// peer, bridge-builder, coordinator, venue-manager, commissioner or administrator.
    #[arg(long)]
    role: String,
    /// The organisation of their team, for the first three.
    #[arg(long, requires = "team")]
    organisation: Option<String>,
    /// statutory or voluntary, where the organisation is new.
    #[arg(long, default_value = "voluntary")]
    sort: String,
    /// Their team.
    #[arg(long, requires = "organisation")]
    team: Option<String>,
    #[command(flatten)]
    web: WebConfig,
}

/// Invites someone.
pub fn run(config: &Config, what: &User) -> Outcome {
    match what {
        User::Add(args) => add(config, args),
        User::Again { email, web } => again(config, email, web),
    }
}

fn add(config: &Config, args: &UserAdd) -> Outcome {
    let db = open_db(config)?;
    let vault = Vault::open(config, &db, Clock::System)?;
    let sort = Sort::from_code(&args.sort).ok_or("--sort is statutory or voluntary")?;
    let team = args.organisation.clone().zip(args.team.clone()).map(|(organisation, team)| (organisation, sort, team));
    let first = First {
        email: args.email.parse().map_err(|_| "--email is not an e-mail address")?,
        name: args.name.clone(),
        role: Role::from_code(&args.role).filter(|role| *role != Role::Client).ok_or("there is no such --role")?,
        team,
    };
    let link = db.write_now(|c| start::add(c, &vault, &first, Clock::System.stamp())).map_err(|failure| told(&failure))?;
    print_invitation(&args.web, &link)
}

fn again(config: &Config, email: &str, web: &WebConfig) -> Outcome {
    let db = open_db(config)?;
    let sender = Sender { vault: Vault::open(config, &db, Clock::System)?, site: web.public_url() };
    let email = email.parse().map_err(|_| "that is not an e-mail address")?;
    let link = db.write_now(|c| start::again(c, &sender, &email, Clock::System.stamp()))?;
    print_invitation(web, &link.ok_or("nobody has that address")?)
}

fn print_invitation(web: &WebConfig, link: &Token) -> Outcome {
    writeln!(std::io::stdout(), "{}invitation/{}", web.public_url(), link.show())?;
    Ok(())
}

/// What is wrong with what was asked, in words.
fn told(failure: &Failure) -> String {
    if matches!(failure, Failure::Invalid(_)) { failure.next_step() } else { failure.to_string() }
}
