//! The second step: a code that an app on one's phone makes from a secret and the time, or a recovery code, once each.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use qrcode::{EcLevel, QrCode};
use totp_rs::{Builder, Secret, Totp};
use zeroize::Zeroizing;

use super::{
    store,
    token::{self, letters},
    tries,
};
use crate::{
    db::Conn,
    error::Failure,
    schema::recovery_codes,
    values::{AccountId, SubjectId},
    vault::{Place, Vault},
};

/// Bytes of a secret, as RFC 4226 recommends.
const SECRET: usize = 20;
/// Recovery codes someone gets at once.
const CODES: usize = 10;
/// Groups of four in a recovery code: 60 bits.
const GROUPS: usize = 3;
/// Most wrong codes in one sign-in.
pub const MOST_TRIES: i32 = 5;

/// What an app needs to make codes. Shown once, while it is set up.
pub struct SetUp {
    /// The secret in groups of four letters, to type.
    pub typed: Zeroizing<String>,
    /// The same as a picture to scan: the path of an SVG whose units are its dark squares.
    pub picture: Zeroizing<String>,
    /// How many squares the picture has on a side.
    pub side: usize,
}

/// The secret of an account that isn't set up yet; made at the first look, and the same at each later one. Not found once it is set up.
pub fn set_up(c: &mut Conn, vault: &Vault, account: &store::Row, now: NaiveDateTime) -> Result<SetUp, Failure> {
    if account.totp_step.is_some() {
        return Err(Failure::NotFound);
    }
    let id = id_of(account)?;
    let secret = match secret(c, vault, account)? {
        Some(secret) => secret,
        None => {
            let secret = Zeroizing::new(Secret::from(token::random::<SECRET>()?.to_vec()).to_base32());
            let key = vault.key(c, SubjectId(id.0))?.ok_or(Failure::NotFound)?;
            store::set_totp(c, id, Some(&key.seal(&place(id), &secret)), now)?;
            secret
        }
    };
    drawn(&secret)
}

fn drawn(secret: &str) -> Result<SetUp, Failure> {
    let address = Zeroizing::new(format!("otpauth://totp/Footbridge?secret={secret}&issuer=Footbridge"));
    let code = QrCode::with_error_correction_level(address.as_bytes(), EcLevel::M).map_err(Failure::internal)?;
    let side = code.width();
    let dark = code.to_colors().into_iter().enumerate().filter(|(_, colour)| *colour == qrcode::Color::Dark);
    let picture = dark.map(|(at, _)| format!("M{} {}h1v1h-1z", at % side, at / side)).collect::<String>();
    let typed = secret.as_bytes().chunks(4).map(|four| String::from_utf8_lossy(four).into_owned()).collect::<Vec<_>>().join(" ");
    Ok(SetUp { typed: Zeroizing::new(typed), picture: Zeroizing::new(picture), side })
}

/// Takes a code from the app, once, or a recovery code, once. `false` where it is neither, or there were too many tries.
pub fn take(c: &mut Conn, vault: &Vault, account: &store::Row, code: &str, now: NaiveDateTime) -> Result<bool, Failure> {
    let id = id_of(account)?;
    if !tries::count(c, vault, tries::SECOND, &account.id, now)? {
        return Ok(false);
    }
    let code = token::typed(code);
    if take_from_app(c, vault, account, &code, now)? {
        return Ok(true);
    }
    Ok(account.totp_step.is_some() && take_recovery_code(c, vault, id, &code, now)?)
}

fn take_from_app(c: &mut Conn, vault: &Vault, account: &store::Row, code: &str, now: NaiveDateTime) -> Result<bool, Failure> {
    let Some(secret) = secret(c, vault, account)? else { return Ok(false) };
    let seconds = u64::try_from(now.and_utc().timestamp()).unwrap_or_default();
    let step = totp(&secret)?.check(code, seconds).and_then(|step| i64::try_from(step).ok());
    match step {
        Some(step) => store::take_totp_step(c, id_of(account)?, step),
        None => Ok(false),
    }
}

/// Six digits, thirty seconds, one step of leeway, as the apps expect (RFC 6238).
fn totp(secret: &str) -> Result<Totp, Failure> {
    let secret = Secret::try_from_base32(secret).map_err(|cause| Failure::internal(format!("{cause:?}")))?;
    Builder::new().with_secret(secret).build().map_err(|cause| Failure::internal(format!("{cause:?}")))
}

fn secret(c: &mut Conn, vault: &Vault, account: &store::Row) -> Result<Option<Zeroizing<String>>, Failure> {
    let id = id_of(account)?;
    let Some(sealed) = &account.totp else { return Ok(None) };
    let Some(key) = vault.key(c, SubjectId(id.0))? else { return Ok(None) };
    let opened = key.open(&place(id), sealed)?;
    Ok(Some(Zeroizing::new(opened.show().to_owned())))
}

fn place(id: AccountId) -> Place {
    Place::new("accounts", "totp", id)
}

fn id_of(account: &store::Row) -> Result<AccountId, Failure> {
    account.id.parse().map_err(|_| Failure::internal("an account without an id"))
}

/// New recovery codes in place of the old ones, to be shown once.
pub fn new_codes(c: &mut Conn, vault: &Vault, account: AccountId) -> Result<Vec<Zeroizing<String>>, Failure> {
    diesel::delete(recovery_codes::table.filter(recovery_codes::account_id.eq(account.to_string()))).execute(c)?;
    let codes: Vec<Zeroizing<String>> = (0..CODES).map(|_| letters(GROUPS)).collect::<Result<_, _>>()?;
    for code in &codes {
        let row = (
            recovery_codes::account_id.eq(account.to_string()),
            recovery_codes::code.eq(kept(vault, account, &token::typed(code))),
        );
        diesel::insert_into(recovery_codes::table).values(row).execute(c)?;
    }
    Ok(codes)
}

/// Whether someone ever had recovery codes, and so a second step before this one.
pub fn had_codes(c: &mut Conn, account: AccountId) -> Result<bool, Failure> {
    let theirs = recovery_codes::table.filter(recovery_codes::account_id.eq(account.to_string()));
    Ok(diesel::select(diesel::dsl::exists(theirs)).get_result(c)?)
}

/// How many recovery codes are left.
pub fn codes_left(c: &mut Conn, account: AccountId) -> Result<i64, Failure> {
    let left = recovery_codes::account_id.eq(account.to_string()).and(recovery_codes::used_at.is_null());
    Ok(recovery_codes::table.filter(left).count().get_result(c)?)
}

fn take_recovery_code(c: &mut Conn, vault: &Vault, account: AccountId, code: &str, now: NaiveDateTime) -> Result<bool, Failure> {
    let row = recovery_codes::table.find((account.to_string(), kept(vault, account, code)));
    let taken = diesel::update(row.filter(recovery_codes::used_at.is_null())).set(recovery_codes::used_at.eq(now)).execute(c)?;
    Ok(taken == 1)
}

fn kept(vault: &Vault, account: AccountId, code: &str) -> String {
    vault.mark("recovery-code", &format!("{account} {code}"))
}
