//! The marks of vendors' credentials: a fixed prefix, the characters that follow it, and their number.
//!
//! Marks of tokens are those that the vendors document, most of them as collected in the rule sets of gitleaks (MIT)
//! and noseyparker (Apache-2.0). Marks of URLs are the addresses at which the vendors accept requests.

/// The alphabet of a token's body, which follows the mark.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Body {
    /// Letters and digits.
    Alnum,
    /// Upper-case letters and digits.
    UpperBase32,
    /// Lower-case hexadecimal digits.
    LowerHex,
    /// Letters, digits, `_` and `-`.
    Word,
    /// The characters of `Word`, `.`, and those of base64, `+/=`.
    Loose,
    /// Any character except spaces and quotes.
    Printable,
    /// Three parts joined by dots, as in a JSON Web Token (RFC 7519).
    WebToken,
    /// The rest of a PEM block (RFC 7468).
    Pem,
    /// A UUID (RFC 9562).
    Uuid,
    /// Lower-case letters and digits.
    LowerAlnum,
    /// Upper-case letters, digits and hyphens.
    UpperDash,
    /// The characters of the path and query of a URL.
    Url,
    /// 14 letters and digits, a dot, and 64 hexadecimal digits.
    AirtableParts,
    /// 24 hexadecimal digits, a hyphen, and 146 hexadecimal digits.
    CloudflareParts,
    /// Digits only.
    Digits,
}

/// The part of a token in front of a mark that is in the middle or at the end of the token.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Head {
    /// The mark begins the token.
    Nothing,
    /// Between this many digits.
    Digits(usize, usize),
    /// Between this many letters, digits, `_`, `~`, `.` and `-`.
    Letters(usize, usize),
    /// Exactly this many lower-case hexadecimal digits.
    Hex(usize),
}

/// One mark, with everything that a text around it has to fulfil.
pub(crate) struct Mark {
    /// The mark itself. Its case counts.
    pub(crate) prefix: &'static str,
    /// The alphabet of what follows the mark.
    pub(crate) body: Body,
    /// The least and the greatest length of the body, in bytes.
    pub(crate) length: (usize, usize),
    /// The noun phrase for messages, with its article.
    pub(crate) what: &'static str,
    /// The part of the token in front of the mark.
    pub(crate) head: Head,
    /// A lower-case word that must occur shortly before the token, for marks that are too common by themselves; empty
    /// for none.
    pub(crate) near: &'static str,
}

/// Returns a mark that begins its token.
const fn mark(prefix: &'static str, body: Body, min: usize, max: usize, what: &'static str) -> Mark {
    Mark { prefix, body, length: (min, max), what, head: Head::Nothing, near: "" }
}

/// Returns a mark that has a part of the token in front of it.
const fn headed(head: Head, prefix: &'static str, body: Body, min: usize, max: usize, what: &'static str) -> Mark {
    Mark { prefix, body, length: (min, max), what, head, near: "" }
}

/// Returns a mark that counts only behind a word.
const fn near(
    near: &'static str,
    prefix: &'static str,
    body: Body,
    min: usize,
    max: usize,
    what: &'static str,
) -> Mark {
    Mark { prefix, body, length: (min, max), what, head: Head::Nothing, near }
}

/// The greatest length of tokens that have no fixed length, in bytes.
const LONG: usize = 4096;

/// All marks. If several begin at one place, the longest prefix decides.
pub(crate) static MARKS: &[Mark] = &[
    mark("AKIA", Body::UpperBase32, 16, 16, "an AWS access key id"),
    mark("ASIA", Body::UpperBase32, 16, 16, "a temporary AWS access key id"),
    mark("ABIA", Body::UpperBase32, 16, 16, "an AWS bearer token id"),
    mark("ACCA", Body::UpperBase32, 16, 16, "an AWS context credential"),
    mark("ABSK", Body::Loose, 100, LONG, "an Amazon Bedrock key"),
    mark("IQoJb3JpZ2luX2Vj", Body::Loose, 100, LONG, "an AWS session token"),
    mark("amzn.mws.", Body::Uuid, 36, 36, "an Amazon MWS token"),
    mark("ghp_", Body::Alnum, 36, 36, "a GitHub token"),
    mark("gho_", Body::Alnum, 36, 36, "a GitHub OAuth token"),
    mark("ghu_", Body::Alnum, 36, 36, "a GitHub user token"),
    mark("ghs_", Body::Alnum, 36, 36, "a GitHub server token"),
    mark("ghr_", Body::Alnum, 36, 76, "a GitHub refresh token"),
    mark("github_pat_", Body::Word, 60, 90, "a GitHub token"),
    mark("glpat-", Body::Word, 20, 64, "a GitLab token"),
    mark("gldt-", Body::Word, 20, 64, "a GitLab deploy token"),
    mark("glrt-", Body::Word, 20, 64, "a GitLab runner token"),
    mark("glptt-", Body::Word, 40, 64, "a GitLab trigger token"),
    mark("glcbt-", Body::Word, 20, 80, "a GitLab job token"),
    mark("glsoat-", Body::Word, 20, 64, "a GitLab SCIM token"),
    mark("glft-", Body::Word, 20, 64, "a GitLab feed token"),
    mark("glimt-", Body::Word, 20, 64, "a GitLab mail token"),
    mark("glagent-", Body::Word, 40, 64, "a GitLab agent token"),
    mark("gloas-", Body::Word, 40, 80, "a GitLab application secret"),
    mark("xoxb-", Body::Word, 20, 160, "a Slack bot token"),
    mark("xoxp-", Body::Word, 20, 160, "a Slack user token"),
    mark("xoxa-", Body::Word, 20, 160, "a Slack token"),
    mark("xoxr-", Body::Word, 20, 160, "a Slack refresh token"),
    mark("xoxs-", Body::Word, 20, 160, "a Slack token"),
    mark("xoxe-", Body::Word, 20, 260, "a Slack refresh token"),
    mark("xoxe.xox", Body::Loose, 20, 260, "a Slack refresh token"),
    mark("xapp-", Body::Word, 20, 160, "a Slack app token"),
    mark("hooks.slack.com/services/T", Body::Loose, 30, 90, "a Slack webhook"),
    mark("hooks.slack.com/workflows/T", Body::Loose, 30, 120, "a Slack webhook"),
    mark("discord.com/api/webhooks/", Body::Loose, 60, 120, "a Discord webhook"),
    mark("discordapp.com/api/webhooks/", Body::Loose, 60, 120, "a Discord webhook"),
    mark("hooks.zapier.com/hooks/catch/", Body::Loose, 8, 60, "a Zapier webhook"),
    mark("sk_live_", Body::Alnum, 10, 110, "a Stripe secret key"),
    mark("sk_test_", Body::Alnum, 10, 110, "a Stripe test key"),
    mark("rk_live_", Body::Alnum, 10, 110, "a Stripe restricted key"),
    mark("rk_test_", Body::Alnum, 10, 110, "a Stripe restricted test key"),
    mark("whsec_", Body::Loose, 24, 90, "a webhook's signing secret"),
    mark("SG.", Body::Loose, 60, 80, "a SendGrid key"),
    mark("AIza", Body::Word, 35, 35, "a Google API key"),
    mark("GOCSPX-", Body::Word, 28, 28, "a Google OAuth secret"),
    mark("ya29.", Body::Loose, 30, LONG, "a Google OAuth token"),
    mark("npm_", Body::Alnum, 36, 36, "an npm token"),
    mark("pypi-AgEIcHlwaS", Body::Word, 50, LONG, "a PyPI token"),
    mark("rubygems_", Body::LowerHex, 48, 48, "a RubyGems key"),
    mark("dckr_pat_", Body::Word, 24, 40, "a Docker Hub token"),
    mark("dckr_oat_", Body::Word, 24, 50, "a Docker Hub token"),
    mark("sk-proj-", Body::Word, 32, 220, "an OpenAI key"),
    mark("sk-svcacct-", Body::Word, 32, 220, "an OpenAI key"),
    mark("sk-admin-", Body::Word, 32, 220, "an OpenAI key"),
    mark("sk-ant-", Body::Word, 32, 140, "an Anthropic key"),
    mark("sk-or-v1-", Body::LowerHex, 64, 64, "an OpenRouter key"),
    mark("sk-", Body::Alnum, 32, 64, "an API key"),
    mark("hf_", Body::Alnum, 34, 37, "a Hugging Face token"),
    mark("r8_", Body::Alnum, 37, 37, "a Replicate token"),
    mark("gsk_", Body::Alnum, 52, 52, "a Groq key"),
    mark("xai-", Body::Alnum, 70, 90, "an xAI key"),
    mark("pplx-", Body::Alnum, 48, 56, "a Perplexity key"),
    mark("nvapi-", Body::Word, 60, 72, "an NVIDIA key"),
    mark("lsv2_pt_", Body::Word, 40, 60, "a LangSmith key"),
    mark("dop_v1_", Body::LowerHex, 64, 64, "a DigitalOcean token"),
    mark("doo_v1_", Body::LowerHex, 64, 64, "a DigitalOcean token"),
    mark("dor_v1_", Body::LowerHex, 64, 64, "a DigitalOcean token"),
    mark("NRAK-", Body::Alnum, 27, 27, "a New Relic key"),
    mark("NRII-", Body::Word, 32, 32, "a New Relic key"),
    mark("NRSP-", Body::Alnum, 20, 40, "a New Relic key"),
    mark("shpat_", Body::LowerHex, 32, 32, "a Shopify token"),
    mark("shpca_", Body::LowerHex, 32, 32, "a Shopify token"),
    mark("shppa_", Body::LowerHex, 32, 32, "a Shopify token"),
    mark("shpss_", Body::LowerHex, 32, 32, "a Shopify secret"),
    mark("sq0atp-", Body::Word, 22, 22, "a Square token"),
    mark("sq0csp-", Body::Word, 43, 43, "a Square secret"),
    mark("ATATT3", Body::Loose, 60, LONG, "an Atlassian token"),
    mark("ATCTT3", Body::Loose, 60, LONG, "an Atlassian token"),
    mark("ATBB", Body::Alnum, 32, 32, "a Bitbucket app password"),
    mark("hvs.", Body::Word, 24, 200, "a Vault token"),
    mark("hvb.", Body::Word, 60, 300, "a Vault token"),
    mark("hvr.", Body::Word, 24, 300, "a Vault token"),
    mark("lin_api_", Body::Alnum, 40, 40, "a Linear key"),
    mark("ntn_", Body::Alnum, 40, 60, "a Notion token"),
    mark("figd_", Body::Word, 40, 50, "a Figma token"),
    mark("PMAK-", Body::Word, 59, 60, "a Postman key"),
    mark("pul-", Body::LowerHex, 40, 40, "a Pulumi token"),
    mark("dapi", Body::LowerHex, 32, 32, "a Databricks token"),
    mark("dp.pt.", Body::Alnum, 40, 44, "a Doppler token"),
    mark("dp.st.", Body::Loose, 40, 80, "a Doppler token"),
    mark("pscale_tkn_", Body::Word, 32, 64, "a PlanetScale token"),
    mark("pscale_pw_", Body::Word, 32, 64, "a PlanetScale password"),
    mark("pscale_oauth_", Body::Word, 32, 64, "a PlanetScale token"),
    mark("sbp_", Body::LowerHex, 40, 40, "a Supabase token"),
    mark("sb_secret_", Body::Word, 20, 60, "a Supabase key"),
    mark("nfp_", Body::Alnum, 36, 40, "a Netlify token"),
    mark("HRKU-", Body::Word, 36, 70, "a Heroku key"),
    mark("sntrys_", Body::Loose, 40, LONG, "a Sentry token"),
    mark("sntryu_", Body::LowerHex, 64, 64, "a Sentry token"),
    mark("glc_", Body::Loose, 32, 400, "a Grafana token"),
    mark("glsa_", Body::Word, 41, 41, "a Grafana token"),
    mark("sqp_", Body::LowerHex, 40, 40, "a SonarQube token"),
    mark("squ_", Body::LowerHex, 40, 40, "a SonarQube token"),
    mark("sqa_", Body::LowerHex, 40, 40, "a SonarQube token"),
    mark("bkua_", Body::LowerHex, 40, 40, "a Buildkite token"),
    mark("CCIPAT_", Body::Word, 40, 80, "a CircleCI token"),
    mark("dt0c01.", Body::Loose, 80, 100, "a Dynatrace token"),
    mark("LTAI", Body::Alnum, 16, 26, "an Alibaba Cloud key id"),
    mark("AGE-SECRET-KEY-1", Body::Alnum, 58, 58, "an age private key"),
    mark("AKCp", Body::Alnum, 60, 80, "an Artifactory key"),
    mark("xkeysib-", Body::Word, 70, 90, "a Brevo key"),
    mark("tskey-", Body::Word, 20, 80, "a Tailscale key"),
    mark("pat-na1-", Body::Uuid, 36, 36, "a HubSpot token"),
    mark("pat-eu1-", Body::Uuid, 36, 36, "a HubSpot token"),
    mark("ops_eyJ", Body::Loose, 200, LONG, "a 1Password token"),
    mark("sk.eyJ", Body::Loose, 60, LONG, "a Mapbox secret token"),
    mark("sha256~", Body::Word, 43, 43, "an OpenShift token"),
    mark("waka_", Body::Uuid, 36, 36, "a WakaTime key"),
    mark("EZAK", Body::Alnum, 54, 54, "an EasyPost key"),
    mark("tfp_", Body::Loose, 59, 59, "a Typeform token"),
    mark("duffel_live_", Body::Word, 43, 43, "a Duffel token"),
    mark("FLWSECK-", Body::Word, 32, 60, "a Flutterwave key"),
    mark("FLWSECK_TEST-", Body::Word, 32, 60, "a Flutterwave key"),
    mark("shippo_live_", Body::LowerHex, 40, 40, "a Shippo token"),
    mark("rdme_", Body::Alnum, 70, 70, "a ReadMe key"),
    mark("pnu_", Body::Alnum, 36, 36, "a Prefect token"),
    mark("aio_", Body::Alnum, 28, 28, "an Adafruit key"),
    mark("ico-", Body::Alnum, 32, 32, "an Infracost key"),
    mark("sdk-", Body::Uuid, 36, 36, "a LaunchDarkly SDK key"),
    mark("api-", Body::Uuid, 36, 36, "a LaunchDarkly key"),
    mark("EAACEdEose0cBA", Body::Alnum, 20, LONG, "a Facebook token"),
    mark("django-insecure-", Body::Printable, 24, 80, "a key of Django"),
    mark("hooks.slack.com/triggers/", Body::Loose, 30, 140, "a Slack webhook"),
    mark("hooks.slack-gov.com/services/T", Body::Loose, 30, 90, "a Slack webhook"),
    mark("discord.com/api/v8/webhooks/", Body::Loose, 60, 120, "a Discord webhook"),
    mark("discord.com/api/v9/webhooks/", Body::Loose, 60, 120, "a Discord webhook"),
    mark("discord.com/api/v10/webhooks/", Body::Loose, 60, 120, "a Discord webhook"),
    mark("hooks.zapier.com/hooks/standard/", Body::Loose, 8, 80, "a Zapier webhook"),
    mark("webhook.office.com/webhookb2/", Body::Url, 80, 400, "a Teams webhook"),
    mark("outlook.office.com/webhook/", Body::Url, 80, 400, "a Teams webhook"),
    mark("outlook.office365.com/webhook/", Body::Url, 80, 400, "a Teams webhook"),
    near("ifttt", "with/key/", Body::Word, 20, 60, "an IFTTT webhook"),
    mark("hook.eu1.make.com/", Body::LowerAlnum, 30, 34, "a Make webhook"),
    mark("hook.eu2.make.com/", Body::LowerAlnum, 30, 34, "a Make webhook"),
    mark("hook.us1.make.com/", Body::LowerAlnum, 30, 34, "a Make webhook"),
    mark("hook.us2.make.com/", Body::LowerAlnum, 30, 34, "a Make webhook"),
    mark("hook.integromat.com/", Body::LowerAlnum, 30, 34, "a Make webhook"),
    near("chat.googleapis.com/v1/spaces/", "&token=", Body::Url, 40, 100, "a Google Chat webhook"),
    mark("events.pagerduty.com/integration/", Body::LowerAlnum, 32, 32, "a PagerDuty webhook"),
    mark("events.eu.pagerduty.com/integration/", Body::LowerAlnum, 32, 32, "a PagerDuty webhook"),
    mark("alert.victorops.com/integrations/", Body::Url, 40, 200, "a Splunk On-Call webhook"),
    mark("loggly.com/inputs/", Body::Uuid, 36, 36, "a Loggly token in a URL"),
    mark("loggly.com/bulk/", Body::Uuid, 36, 36, "a Loggly token in a URL"),
    mark("sumologic.com/receiver/v1/http/", Body::Url, 60, 200, "a Sumo Logic collector's URL"),
    mark("webhook.logentries.com/noformat/logs/", Body::Uuid, 36, 36, "a Logentries token in a URL"),
    mark("alchemy.com/v2/", Body::Word, 32, 32, "an Alchemy key in a URL"),
    mark("alchemyapi.io/v2/", Body::Word, 32, 32, "an Alchemy key in a URL"),
    mark("infura.io/v3/", Body::LowerHex, 32, 32, "an Infura key in a URL"),
    mark("infura.io/ws/v3/", Body::LowerHex, 32, 32, "an Infura key in a URL"),
    mark("quiknode.pro/", Body::LowerHex, 40, 40, "a QuickNode key in a URL"),
    mark("p2pify.com/", Body::LowerHex, 32, 32, "a Chainstack key in a URL"),
    mark("chainstack.com/", Body::LowerHex, 32, 32, "a Chainstack key in a URL"),
    mark("blastapi.io/", Body::Uuid, 36, 36, "a Blast key in a URL"),
    mark("open.feishu.cn/open-apis/bot/v2/hook/", Body::Uuid, 36, 36, "a Feishu webhook"),
    mark("open.larksuite.com/open-apis/bot/v2/hook/", Body::Uuid, 36, 36, "a Lark webhook"),
    mark("oapi.dingtalk.com/robot/send?access_token=", Body::LowerHex, 64, 64, "a DingTalk webhook"),
    mark("qyapi.weixin.qq.com/cgi-bin/webhook/send?key=", Body::Uuid, 36, 36, "a WeCom webhook"),
    mark("webexapis.com/v1/webhooks/incoming/", Body::Loose, 60, 120, "a Webex webhook"),
    mark("api.netlify.com/build_hooks/", Body::LowerHex, 24, 24, "a Netlify build hook"),
    mark("api.vercel.com/v1/integrations/deploy/", Body::Loose, 20, 80, "a Vercel deploy hook"),
    mark("?sig=", Body::Url, 43, 70, "a signature in a URL"),
    mark("&sig=", Body::Url, 43, 70, "a signature in a URL"),
    near("azurewebsites.net/", "?code=", Body::Url, 50, 90, "a key of Azure Functions in a URL"),
    near("azurewebsites.net/", "&code=", Body::Url, 50, 90, "a key of Azure Functions in a URL"),
    headed(Head::Digits(8, 10), ":AA", Body::Word, 33, 33, "a Telegram bot's token"),
    headed(Head::Letters(14, 14), ".atlasv1.", Body::Word, 60, 70, "a Terraform Cloud token"),
    headed(Head::Hex(32), "-us", Body::Digits, 1, 2, "a Mailchimp key"),
    headed(Head::Letters(36, 36), "NRAL", Body::Digits, 0, 0, "a New Relic license key"),
    headed(Head::Letters(36, 36), "_mmk", Body::Digits, 0, 0, "a MaxMind license key"),
    headed(Head::Letters(4, 4), "Q~", Body::Loose, 31, 34, "an Entra ID client secret"),
    mark("pat", Body::AirtableParts, 79, 79, "an Airtable token"),
    mark("1//0", Body::Word, 40, 250, "a Google refresh token"),
    mark("pypi-AgENdGVzdC5weXBp", Body::Word, 50, LONG, "a TestPyPI token"),
    near("mailgun", "key-", Body::LowerAlnum, 32, 32, "a Mailgun key"),
    mark("GR1348941", Body::Word, 20, 27, "a GitLab runner token"),
    mark("glffct-", Body::Word, 20, 64, "a GitLab feature flag token"),
    mark("eyJrIjoi", Body::Loose, 70, 403, "a Grafana key"),
    mark("dp.ct.", Body::Alnum, 40, 44, "a Doppler token"),
    mark("dp.sa.", Body::Alnum, 40, 44, "a Doppler token"),
    mark("dp.scim.", Body::Alnum, 40, 44, "a Doppler token"),
    mark("dp.audit.", Body::Alnum, 40, 44, "a Doppler token"),
    mark("fo1_", Body::Word, 43, 43, "a Fly token"),
    mark("fm1a_", Body::Loose, 80, LONG, "a Fly token"),
    mark("fm1r_", Body::Loose, 80, LONG, "a Fly token"),
    mark("fm2_", Body::Loose, 80, LONG, "a Fly token"),
    mark("v1.0-", Body::CloudflareParts, 171, 171, "a Cloudflare origin CA key"),
    mark("vcp_", Body::Word, 56, 56, "a Vercel token"),
    mark("vci_", Body::Word, 56, 56, "a Vercel token"),
    mark("vca_", Body::Word, 56, 56, "a Vercel token"),
    mark("vcr_", Body::Word, 56, 56, "a Vercel token"),
    mark("vck_", Body::Word, 56, 56, "a Vercel key"),
    mark("CFPAT-", Body::Word, 43, 43, "a Contentful token"),
    mark("A3-", Body::UpperDash, 34, 36, "a 1Password secret key"),
    mark("p8e-", Body::LowerAlnum, 32, 32, "an Adobe client secret"),
    mark("CLOJARS_", Body::LowerAlnum, 60, 60, "a Clojars token"),
    mark("dnkey-", Body::Word, 79, 79, "a Defined Networking key"),
    mark("sl.", Body::Word, 130, LONG, "a Dropbox token"),
    mark("duffel_test_", Body::Word, 43, 43, "a Duffel token"),
    mark("EZTK", Body::Alnum, 54, 54, "an EasyPost test key"),
    mark("EAAM", Body::Alnum, 100, LONG, "a Facebook token"),
    mark("EAAC", Body::Alnum, 100, LONG, "a Facebook token"),
    mark("fio-u-", Body::Word, 64, 64, "a Frame.io token"),
    near("gocardless", "live_", Body::Word, 40, 40, "a GoCardless token"),
    mark("api_org_", Body::Alnum, 34, 34, "a Hugging Face token"),
    mark("s-s4t2ud-", Body::LowerHex, 64, 64, "a 42 client secret"),
    mark("cmVmdGtu", Body::Alnum, 56, 56, "an Artifactory token"),
    mark("oy2", Body::LowerAlnum, 43, 43, "a NuGet key"),
    mark("API-", Body::UpperBase32, 26, 26, "an Octopus Deploy key"),
    mark("access-sandbox-", Body::Uuid, 36, 36, "a Plaid token"),
    mark("access-development-", Body::Uuid, 36, 36, "a Plaid token"),
    mark("access-production-", Body::Uuid, 36, 36, "a Plaid token"),
    mark("tk-us-", Body::Word, 48, 48, "a Scalingo token"),
    mark("xsmtpsib-", Body::Word, 70, 90, "a Brevo SMTP key"),
    mark("sm_aat_", Body::Alnum, 16, 16, "a SettleMint token"),
    mark("sm_pat_", Body::Alnum, 16, 16, "a SettleMint token"),
    mark("sm_sat_", Body::Alnum, 16, 16, "a SettleMint token"),
    mark("shippo_test_", Body::LowerHex, 40, 40, "a Shippo token"),
    mark("sgp_", Body::Word, 40, 62, "a Sourcegraph token"),
    mark("EAAA", Body::Word, 60, 60, "a Square token"),
    mark("AQVN", Body::Word, 35, 38, "a Yandex Cloud key"),
    mark("phx_", Body::Word, 43, 43, "a PostHog key"),
    mark("sk-lf-", Body::Uuid, 36, 36, "a Langfuse key"),
    mark("lsv2_sk_", Body::Word, 40, 60, "a LangSmith key"),
    mark("sk_", Body::LowerHex, 48, 48, "an ElevenLabs key"),
    mark("apify_api_", Body::Alnum, 36, 36, "an Apify token"),
    mark("pat.", Body::Loose, 68, 68, "a Harness token"),
    mark("sat.", Body::Loose, 68, 68, "a Harness token"),
    mark("eyJ", Body::WebToken, 40, LONG, "a JSON Web Token"),
    mark("-----BEGIN ", Body::Pem, 40, LONG * 4, "a private key"),
    mark("PuTTY-User-Key-File-", Body::Pem, 40, LONG * 4, "a private key"),
];
