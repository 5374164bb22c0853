//! Names and values, in two halves.

/// Which half of the vocabulary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Half {
    Tuned,
    HeldOut,
}

impl Half {
    /// Every second word, from the first or the second on.
    pub(crate) fn of<T: Copy>(self, words: &[T]) -> Vec<T> {
        let offset = usize::from(self == Half::HeldOut);
        words.iter().copied().skip(offset).step_by(2).collect()
    }
}

/// Names of passwords, in upper case with underscores.
pub(crate) const PASSWORDS: &[&str] = &[
    "DB_PASSWORD", "DATABASE_PASSWORD", "POSTGRES_PASSWORD", "MYSQL_ROOT_PASSWORD", "REDIS_PASSWORD", "SMTP_PASSWORD",
    "DB_PASS", "LDAP_BIND_PASSWORD", "ADMIN_PASSWORD", "RDS_PASSWD", "MONGO_PWD", "KEYSTORE_PASSWORD", "FTP_PASS",
    "ELASTIC_PASSWORD", "RABBITMQ_DEFAULT_PASS", "GRAFANA_ADMIN_PASSWORD", "SPRING_DATASOURCE_PASSWORD", "PGPASSWORD",
    "MQ_USER_PASSWORD", "TRUSTSTORE_PASSPHRASE", "SSH_KEY_PASSPHRASE", "WEB_PASSWORD_PROD", "DBPASSWORD", "MAIL_PWD",
    "BASIC_AUTH_PASSWORD", "PROXY_PASSWORD", "KAFKA_SASL_PASSWORD", "CACHE_PASSWORD", "SA_PASSWORD", "REPLICATION_PASSWORD",
];

/// Names of other secrets.
pub(crate) const SECRETS: &[&str] = &[
    "JWT_SECRET", "API_KEY", "STRIPE_SECRET_KEY", "SESSION_SECRET", "GITHUB_TOKEN", "SLACK_BOT_TOKEN", "SECRET_KEY_BASE",
    "AWS_SECRET_ACCESS_KEY", "DD_API_KEY", "NEW_RELIC_LICENSE_KEY", "ENCRYPTION_KEY", "COOKIE_SECRET", "OAUTH_CLIENT_SECRET",
    "AUTH_TOKEN", "SENDGRID_API_KEY", "TWILIO_AUTH_TOKEN", "PRIVATE_KEY", "WEBHOOK_SECRET", "SIGNING_KEY", "ACCESS_TOKEN",
    "DJANGO_SECRET_KEY", "REFRESH_TOKEN", "HMAC_KEY", "SERVICE_ACCOUNT_KEY", "APP_SECRET", "NPM_TOKEN", "MASTER_KEY",
    "CLIENT_SECRET", "HEROKU_API_KEY", "OPENAI_API_KEY", "VAULT_TOKEN", "SENTRY_AUTH_TOKEN", "ACCOUNT_KEY", "SHARED_SECRET",
    "BEARER_TOKEN", "CI_DEPLOY_TOKEN", "ALGOLIA_ADMIN_KEY", "STORAGE_KEY", "PAGERDUTY_TOKEN", "FERNET_KEY",
];

/// Names of what is no secret, each with a value that fits it.
pub(crate) const DECOYS: &[(&str, &str)] = &[
    ("LOG_LEVEL", "debug"),
    ("SECRET_NAME", "prod/quiz/db"),
    ("PASSWORD_MIN_LENGTH", "12"),
    ("TOKEN_TTL", "3600"),
    ("DB_PASSWORD", "{{resolve:secretsmanager:prod/db:SecretString:password}}"),
    ("API_KEY", "{{resolve:ssm:/prod/quiz/api-key}}"),
    ("SECRET_ARN", "arn:aws:secretsmanager:us-east-1:111122223333:secret:quiz-AbCdEf"),
    ("DB_SECRET", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-x7Kq2L"),
    ("PASSWORD_FILE", "/run/secrets/db-password"),
    ("JWT_PUBLIC_KEY_PATH", "/etc/keys/jwt.pub.pem"),
    ("GIT_COMMIT", "8f14e45fceea167a5a36dedd4bea2543a1b2c3d4"),
    ("IMAGE_DIGEST", "sha256:8f14e45fceea167a5a36dedd4bea25438f14e45fceea167a5a36dedd4bea2543"),
    ("S3_OBJECT_KEY", "assets/8f14e45fceea167a5a36dedd4bea2543.zip"),
    ("CACHE_KEY_PREFIX", "quiz-v2"),
    ("AUTH_URL", "https://auth.example.com/oauth/token"),
    ("TOKEN_ENDPOINT", "https://login.example.com/oauth2/token"),
    ("PUBLIC_KEY", "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAx7Kq2LmZ9vTr4WbN"),
    ("STRIPE_PUBLISHABLE_KEY", "pk_test_x7Kq2LmZ9vTr4WbNs8Yd3Hf6"),
    ("PASSWORD_RESET_ENABLED", "true"),
    ("SECRET_ROTATION_DAYS", "30"),
    ("API_KEY_HEADER", "X-Api-Key"),
    ("TOKEN_ISSUER", "https://issuer.example.com"),
    ("DB_PASSWORD_PARAMETER", "/prod/quiz/db-password"),
    ("SESSION_TOKEN_NAME", "quiz_session"),
    ("ACCOUNT_ID", "111122223333"),
    ("VPC_ID", "vpc-0a1b2c3d4e5f67890"),
    ("KMS_KEY_ID", "3f2504e0-4f89-41d3-9a0c-0305e82c3301"),
    ("TRACE_ID", "1-5759e988-bd862e3fe1be46a994272793"),
    ("AUTH_TYPE", "bearer"),
    ("PASSWORD_POLICY", "strict"),
    ("DATABASE_URL", "postgres://db.example.internal:5432/quiz"),
    ("REDIS_URL", "redis://cache.example.internal:6379/0"),
    ("ENCRYPTION_KEY_ALIAS", "alias/quiz"),
    ("CREDENTIALS_PATH", "/root/.aws/credentials"),
    ("API_TOKEN", "${ApiToken}"),
    ("DB_PASS", "$DB_PASSWORD"),
    ("SMTP_PASSWORD", "<your-password>"),
    ("ADMIN_PASSWORD", ""),
    ("KEYBOARD_LAYOUT", "us"),
    ("MONKEY_NAME", "george"),
    ("PASSENGER_LIMIT", "40"),
    ("AUTHOR", "Jane Example"),
    ("ASSET_HASH", "f1d2d2f924e986ac86fdf7b36c94bcdf32beec15"),
    ("DEPLOYMENT_KEY", "quiz/releases/latest.zip"),
    ("PARTITION_KEY", "userId"),
    ("SORT_KEY", "createdAt"),
    ("RECAPTCHA_SITE_KEY", "6LeIxAcTAAAAAJcZVRqyHh71UMIEGNQx7Kq2LmZ9"),
    ("TOKENIZERS_PARALLELISM", "false"),
    ("OAUTH_SCOPES", "read:user,write:org"),
    ("SECRET_STORE", "aws-secretsmanager"),
    ("ETAG", "\\\"33a64df551425fcc55e4d42a148795d9f25f89d4\\\""),
    ("BUILD_VERSION", "2.14.0-rc1+8f14e45"),
    ("USER_POOL_ID", "us-east-1_aBcDeFgHi"),
    ("CLIENT_ID", "7kq2lmz9vtr4wbns8yd3hf6jg1"),
    ("CERTIFICATE_ARN", "arn:aws:acm:us-east-1:111122223333:certificate/3f2504e0-4f89-41d3-9a0c-0305e82c3301"),
    ("HOSTED_ZONE", "Z0123456789ABCDEFGHIJ"),
    ("CALLBACK_URL", "https://quiz.example.com/auth/callback?state=x"),
    ("PASSWORD_HASH_ALGORITHM", "bcrypt"),
    ("KEY_ROTATION", "enabled"),
    ("TIMEOUT_MS", "30000"),
];
