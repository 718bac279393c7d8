//! How many requests one address may make. The address is the connection's own, or what a trusted proxy says it is.

use std::{
    net::{IpAddr, Ipv6Addr, SocketAddr},
    num::NonZeroU32,
    sync::Arc,
    time::Duration,
};

use actix_web::{
    Error, HttpRequest,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    web::Data,
};
use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    state::keyed::DashMapStateStore,
};
use ipnet::IpNet;

use super::errors::refuse;
use crate::{config::WebConfig, error::Failure};

/// Paths that are never limited: what a page needs, and what a load balancer asks.
const FREE: [&str; 2] = ["/assets/", "/health/"];
/// The JSON interface.
const API: &str = "/api/";
/// How often addresses that have been quiet are forgotten.
const FORGET_EVERY: Duration = Duration::from_secs(60);

type Limiter = RateLimiter<IpAddr, DashMapStateStore<IpAddr>, DefaultClock>;

/// The limits, shared by all workers of this process.
#[derive(Clone)]
pub struct Limits {
    limiter: Option<Arc<Limiter>>,
    trusted: Arc<[IpNet]>,
}

impl Limits {
    /// The limits these settings ask for. Needs a running tokio.
    pub fn new(config: &WebConfig) -> Self {
        let limiter = config.limited().then(|| Arc::new(RateLimiter::dashmap(quota(config.rate_limit))));
        if let Some(limiter) = limiter.clone() {
            tokio::spawn(async move {
                loop {
                    tokio::time::sleep(FORGET_EVERY).await;
                    limiter.retain_recent();
                }
            });
        }
        Self { limiter, trusted: config.trusted_proxy.clone().into() }
    }

    /// Seconds to wait, if this request is one too many.
    fn check(&self, request: &HttpRequest) -> Result<(), Failure> {
        let (Some(limiter), Some(address)) = (&self.limiter, self.address(request)) else { return Ok(()) };
        limiter.check_key(&network(address)).map_err(|early| {
            let wait = early.wait_time_from(DefaultClock::default().now());
            Failure::TooMany(wait.as_secs() + 1)
        })
    }

    /// Who asks. Each hop that a trusted proxy reports is believed from the right, as long as the hop before it is trusted.
    pub fn address(&self, request: &HttpRequest) -> Option<IpAddr> {
        let mut address = request.peer_addr()?.ip().to_canonical();
        let forwarded = request.headers().get_all("x-forwarded-for").filter_map(|value| value.to_str().ok());
        let hops: Vec<&str> = forwarded.flat_map(|value| value.split(',')).collect();
        for hop in hops.into_iter().rev() {
            if !self.trusted.iter().any(|network| network.contains(&address)) {
                break;
            }
            let Some(said) = hop_address(hop.trim()) else { break };
            address = said.to_canonical();
        }
        Some(address)
    }
}

impl Limits {
    /// The network someone asks from, as far as that counts as one asker.
    pub fn network_of(&self, request: &HttpRequest) -> Option<IpAddr> {
        self.address(request).map(network)
    }
}

/// One hop of X-Forwarded-For: an address, perhaps with a port.
fn hop_address(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|both| both.ip()))
}

fn quota(per_minute: u32) -> Quota {
    Quota::per_minute(NonZeroU32::new(per_minute).unwrap_or(NonZeroU32::MIN))
}

/// Home networks get a whole IPv6 /64, so that is what counts as one address.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from(u128::from(v6) & !u128::from(u64::MAX))),
        v4 => v4,
    }
}

/// Refuses requests over the limit. Stands before everything but the JSON interface.
pub async fn limit<B: MessageBody + 'static>(request: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<BoxBody>, Error> {
    if request.path().starts_with(API) {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    limit_api(request, next).await
}

/// The same for the JSON interface, where it stands inside of CORS, so that another site's script can read a refusal.
pub async fn limit_api<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let free = FREE.iter().any(|prefix| request.path().starts_with(prefix));
    let limits = request.app_data::<Data<Limits>>().filter(|_| !free);
    match limits.map_or(Ok(()), |limits| limits.check(request.request())) {
        Ok(()) => Ok(next.call(request).await?.map_into_boxed_body()),
        Err(failure) => Ok(refuse(request, failure)),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn address(peer: &str, forwarded: &'static str) -> Option<String> {
        let limits = Limits { limiter: None, trusted: Arc::new(["10.0.0.0/8".parse().ok()?]) };
        let peer: SocketAddr = peer.parse().ok()?;
        let request = TestRequest::get().peer_addr(peer).insert_header(("x-forwarded-for", forwarded)).to_http_request();
        limits.address(&request).map(|ip| ip.to_string())
    }

    #[test]
    fn only_a_trusted_proxy_may_say_who_asks() {
        assert_eq!(address("10.0.0.1:9", "203.0.113.7").as_deref(), Some("203.0.113.7"));
        assert_eq!(address("198.51.100.9:9", "203.0.113.7").as_deref(), Some("198.51.100.9"));
    }

    #[test]
    fn what_a_visitor_adds_on_the_left_is_not_believed() {
        assert_eq!(address("10.0.0.1:9", "1.1.1.1, 203.0.113.7, 10.0.0.2").as_deref(), Some("203.0.113.7"));
        assert_eq!(address("10.0.0.1:9", "rubbish").as_deref(), Some("10.0.0.1"));
    }

    #[test]
    fn an_address_counts_the_same_however_it_is_written() {
        assert_eq!(address("[::ffff:10.0.0.1]:9", "203.0.113.7").as_deref(), Some("203.0.113.7"));
        assert_eq!(address("10.0.0.1:9", "203.0.113.7:4711").as_deref(), Some("203.0.113.7"));
        assert_eq!(address("10.0.0.1:9", "[2001:db8::7]:4711").as_deref(), Some("2001:db8::7"));
    }

    #[test]
    fn a_home_is_one_address() {
        let one: Option<IpAddr> = "2001:db8:1:2:3::4".parse().ok();
        let other: Option<IpAddr> = "2001:db8:1:2:9::9".parse().ok();
        assert_eq!(one.map(network), other.map(network));
    }
}
