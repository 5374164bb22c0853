//! HTTP clients with limits: plain HTTP only to allowed hosts, and bounded responses.
//!
//! All clients of a connection, including those that fetch credentials, use [`client`]. Environment
//! variables, profiles and service-specific endpoints can't bypass the limits.
//!
//! | Address | Sent with [`PlainHttp::LoopbackOnly`] |
//! | --- | --- |
//! | `https://ssm.us-west-2.amazonaws.com` | through the proxy of the environment, if any |
//! | `http://localhost:5000`, `http://127.0.0.1:5000` | directly, without a proxy |
//! | `http://169.254.169.254` without a signature | directly, without a proxy |
//! | `http://169.254.169.254` with a signature | no |
//! | `http://emulator:5000` | no |
//!
//! The check is in the connector, the last place that every request passes. A check of the
//! configuration would miss the endpoints that the SDK takes from profiles and from services of the
//! machine.

use std::error::Error;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_http_client::{Builder, ConnectorBuilder};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::{
    RuntimeComponents, RuntimeComponentsBuilder,
};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use byref_store::{StoreError, Unreachable};
use http_body_util::{LengthLimitError, Limited};

use crate::failure::Call;

/// The maximum size of a response in bytes. The largest that AWS sends is a template of 1 MB, which
/// may grow several times when it is escaped in XML.
const LARGEST_ANSWER: usize = 16 << 20;

/// The hosts that may receive requests over plain HTTP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PlainHttp {
    /// This machine only, for example an emulator in a test.
    #[default]
    LoopbackOnly,
    /// Any host. The network in between can then read values and credentials.
    Anywhere,
}

/// The error for plain HTTP to a host that is not allowed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("plain HTTP to {host}")]
struct PlainHttpRefused {
    /// The host without its port, for the message.
    host: String,
}

/// Returns the HTTP client for all requests.
///
/// Two clients are needed because a proxy is a property of a client: one sends through the proxy of
/// the environment, the other never does. With [`PlainHttp::Anywhere`], both are the former.
pub(crate) fn client(plain_http: PlainHttp) -> SharedHttpClient {
    // Same settings as the SDK's default, including proxies from the environment.
    let encrypted = Builder::new().build_with_connector_fn(|settings, components| {
        let mut builder = ConnectorBuilder::default()
            .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
            .proxy_config(ProxyConfig::from_env());
        builder.set_connector_settings(settings.cloned());
        builder.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
        builder.build()
    });
    let plain = match plain_http {
        // No proxy: it would send the request to another machine.
        PlainHttp::LoopbackOnly => Builder::new().build_http(),
        PlainHttp::Anywhere => encrypted.clone(),
    };
    SharedHttpClient::new(Bounded {
        encrypted,
        plain,
        plain_http,
    })
}

/// Returns the error for a violated limit of this module, if `error` is one.
///
/// The SDK wraps an error of the connector several times, so all causes are searched.
pub(crate) fn problem(error: &(dyn Error + 'static), call: &Call<'_>) -> Option<StoreError> {
    let mut causes = std::iter::successors(Some(error), |error: &&'_ (dyn Error + 'static)| {
        (*error).source()
    });
    causes.find_map(|cause| {
        if let Some(PlainHttpRefused { host }) = cause.downcast_ref() {
            return Some(StoreError::InsecureEndpoint {
                action: call.action,
                host: host.clone(),
            });
        }
        cause
            .is::<LengthLimitError>()
            .then(|| call.unreachable(Unreachable::TooLarge))
    })
}

/// A client that enforces the limits.
///
/// Creates a [`BoundedConnector`] for each set of timeouts, and leaves everything else to the
/// client of the SDK.
#[derive(Debug)]
struct Bounded {
    encrypted: SharedHttpClient,
    plain: SharedHttpClient,
    plain_http: PlainHttp,
}

impl HttpClient for Bounded {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(BoundedConnector {
            encrypted: self.encrypted.http_connector(settings, components),
            plain: self.plain.http_connector(settings, components),
            plain_http: self.plain_http,
        })
    }

    fn validate_base_client_config(
        &self,
        components: &RuntimeComponentsBuilder,
        bag: &ConfigBag,
    ) -> Result<(), BoxError> {
        HttpClient::validate_base_client_config(&self.encrypted, components, bag)
    }

    fn validate_final_config(
        &self,
        components: &RuntimeComponents,
        bag: &ConfigBag,
    ) -> Result<(), BoxError> {
        HttpClient::validate_final_config(&self.encrypted, components, bag)
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.encrypted.connector_metadata()
    }
}

/// A connector that enforces the limits.
///
/// The limit on the size of a response counts bytes as they arrive, so a response without a length,
/// or with a wrong one, is cut off as well.
#[derive(Debug)]
struct BoundedConnector {
    encrypted: SharedHttpConnector,
    plain: SharedHttpConnector,
    plain_http: PlainHttp,
}

impl HttpConnector for BoundedConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let is_signed = request.headers().get("authorization").is_some();
        let is_plain = match Target::of(request.uri()) {
            Target::Encrypted => false,
            Target::Plain(host)
                if self.plain_http == PlainHttp::Anywhere || is_allowed(&host, is_signed) =>
            {
                true
            }
            Target::Plain(host) => {
                return HttpConnectorFuture::ready(Err(ConnectorError::user(Box::new(
                    PlainHttpRefused { host },
                ))));
            }
        };
        let answer = if is_plain {
            self.plain.call(request)
        } else {
            self.encrypted.call(request)
        };
        HttpConnectorFuture::new(async move {
            let answer = answer.await?;
            Ok(answer.map(|body| SdkBody::from_body_1_x(Limited::new(body, LARGEST_ANSWER))))
        })
    }
}

/// The destination of a request.
#[derive(Debug, PartialEq, Eq)]
enum Target {
    /// A host over HTTPS.
    Encrypted,
    /// A host over plain HTTP; empty if the address names none.
    Plain(String),
}

impl Target {
    /// Parses the address of a request. An address that can't be parsed counts as plain HTTP, which
    /// no host allows.
    fn of(address: &str) -> Self {
        match address.parse::<http::Uri>() {
            Ok(address) if address.scheme() == Some(&http::uri::Scheme::HTTPS) => Self::Encrypted,
            Ok(address) => Self::Plain(address.host().unwrap_or_default().to_owned()),
            Err(_) => Self::Plain(String::new()),
        }
    }
}

/// Returns `true` if plain HTTP to a host is allowed: to this machine, and without a signature to
/// the link-local addresses from which AWS machines and containers fetch their credentials.
///
/// Source: EC2 user guide, "Instance metadata"; ECS developer guide, "Task IAM role"; EKS user
/// guide, "Pod Identity".
///
/// A signed request is one to a service of AWS, which never has a link-local
/// address. Any `Authorization` header counts as a signature.
///
/// | Host | Unsigned | Signed |
/// | --- | --- | --- |
/// | `localhost`, `127.0.0.1`, `[::1]` | yes | yes |
/// | `169.254.170.2` | yes | no |
/// | `10.0.0.1`, `example.com` | no | no |
fn is_allowed(host: &str, is_signed: bool) -> bool {
    const METADATA: [IpAddr; 5] = [
        IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254)),
        IpAddr::V4(Ipv4Addr::new(169, 254, 170, 2)),
        IpAddr::V4(Ipv4Addr::new(169, 254, 170, 23)),
        IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
        IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23)),
    ];
    let bare = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host);
    match bare.parse::<IpAddr>() {
        Ok(address) => {
            address.to_canonical().is_loopback() || (!is_signed && METADATA.contains(&address))
        }
        Err(_) => host.eq_ignore_ascii_case("localhost"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_allowed_to_loopback_only() {
        for (address, is_fine) in [
            ("https://ssm.us-west-2.amazonaws.com/", true),
            ("HTTPS://example.com/", true),
            ("http://127.0.0.1:4566/", true),
            ("http://127.8.8.8/", true),
            ("http://localhost:4566/", true),
            ("http://LocalHost/", true),
            ("http://[::1]:4566/", true),
            ("http://[::ffff:127.0.0.1]/", true),
            ("http://0.0.0.0:4566/", false),
            ("http://10.0.0.1/", false),
            ("http://moto:5000/", false),
            ("http://localhost.example.com/", false),
            ("http://127.0.0.1.example.com/", false),
            ("http://127.0.0.1@example.com/", false),
            ("http://169.254.169.254/", false),
            ("http://[2001:db8::1]/", false),
            ("ftp://example.com/", false),
            ("//example.com/", false),
            ("example.com", false),
            ("", false),
        ] {
            let is_allowed = match Target::of(address) {
                Target::Encrypted => true,
                Target::Plain(host) => is_allowed(&host, true),
            };
            assert_eq!(is_allowed, is_fine, "{address}");
        }
        assert!(is_allowed("169.254.170.2", false) && is_allowed("[fd00:ec2::254]", false));
        assert!(!is_allowed("169.254.170.3", false) && !is_allowed("10.0.0.1", false));
    }
}
