//! Harmless values under names, and in places, that only sound like those of secrets.

use crate::{code, nothing_in, quoted, resource, script, variable};

#[test]
fn ignores_arguments_with_names_like_secrets() {
    nothing_in(
        &[
            "blkid --match-token TYPE=ext4 -o device",
            "blkid -t LABEL=data0 --match-token PARTLABEL=root1",
            "sed -i \"s/^password=.*/password=$DB_PASS/\" /etc/app.conf",
            "sed -i \"s|DB_PASSWORD=.*|DB_PASSWORD=${PW}|\" .env",
            "sed -i -e \"s/{{PASSWORD}}/$PW1/g\" app.conf",
            "sed -i '/^#requirepass/a requirepass '\"$PW\"'' /etc/redis.conf",
            "sed -i '/^password /d' /etc/app.conf",
            "sed -n '/password=/p' x",
            "sed -i 's/PasswordAuthentication no/PasswordAuthentication yes/' /etc/ssh/sshd_config",
            "sed -i \"s#^admin_token.*#admin_token = $ADMIN_TOKEN#g\" /etc/x.conf",
            "sed -i -e \"s/password_here/$DBPassword/\" wp-config.php",
            "sed -i 's/^# requirepass foobared/requirepass '\"$1\"'/' redis.conf",
            "sed -i \"/define('DB_PASSWORD'/c define('DB_PASSWORD', '$PW1');\" wp-config.php",
            "echo 'app ALL=(ALL) NOPASSWD:ALL' > /etc/sudoers.d/app",
            "echo \"app ALL=(root) NOPASSWD: /usr/bin/systemctl restart app1\" >> /etc/sudoers",
            "%wheel ALL=(ALL) NOPASSWD: /usr/sbin/lvs4d",
            "$pw = (Get-SECSecretValue -SecretId db1).SecretString",
            "$Password = (Get-SSMParameter -Name /a/b1 -WithDecryption $true).Value",
            "$secret = Get-SECSecretValue -SecretId prod/db1 | ConvertFrom-Json",
            "$pw = ConvertTo-SecureString $plain1 -AsPlainText -Force",
            "$pw = ConvertTo-SecureString ($x.Password1) -AsPlainText -Force",
            "$pw = [System.Web.Security.Membership]::GeneratePassword(16,4)",
            "conn = connect(user=user, password=password)",
            "client.post(url, Key={'token': token})",
            "table.get_item(Key={'token': token, 'id': id1})",
            "connect(host=h, password=db_password1)",
            "x = dict(password=cfg.password1, token=self.token2)",
            "PASSWORD=`aws ssm get-parameter --name x1 --query Parameter.Value`",
            "PASSWORD=$(openssl rand -base64 24)",
            "password = getpass.getpass()",
            "password: process.env.PASSWORD1",
            "password := os.Getenv(\"PW1\")",
            "TOKEN=$(curl -X PUT http://169.254.169.254/latest/api/token -H 'X-aws-ec2-metadata-token-ttl-seconds: 21600')",
            "curl -H \"X-aws-ec2-metadata-token: $TOKEN\" http://169.254.169.254/latest/meta-data/",
            "ssh-keygen -t rsa -b 4096 -f id_rsa4 -N ''",
            "ssh -i key1.pem -o PasswordAuthentication=no host",
            "htpasswd -c /etc/nginx/.htpasswd app1",
            "useradd -p '*' app1",
            "passwd -l app1",
            "chage -d 0 app1",
            "aws iam update-login-profile --password-reset-required --user-name app1",
            "aws secretsmanager get-secret-value --secret-id db1Master --query SecretString --output text",
            "kubectl create secret generic db1 --from-file=password=./pw1.txt",
            "kubectl get secret db1-creds -o yaml",
            "git config credential.helper '!aws codecommit credential-helper $@'",
            "vault token lookup db1",
            "docker secret ls --filter name=db1",
            "jq -r '.password1' /tmp/x",
            "cut -d: -f2 password1.txt",
            "gpasswd -a app1 docker",
            "grep -q '^password' /etc/x1",
            "cloudhsm_mgmt_util /opt/x1.cfg loginHSM PRECO admin1 password",
            "openssl req -newkey rsa:2048 -nodes -keyout key1.pem",
        ],
        script,
    );
    nothing_in(
        &[
            "def handler(e, c):\n    token = e['token']\n    return db.get(Key={'token': token})",
            "password = secret['password']\nconn = pymysql.connect(host, user=user, passwd=password)",
            "pw = json.loads(r['SecretString'])['password']",
            "conn = connect(dsn, password=args.password1)",
            "tokens = 'tokens_table1'.split('_')",
        ],
        code,
    );
}

#[test]
fn ignores_values_about_secrets() {
    nothing_in(
        &[
            ("RESET_PASSWORD_ROUTE", "reset-password?code="),
            ("PASSWORD_RESET_PATH", "/auth/reset-password/:token"),
            ("FORGOT_PASSWORD_ROUTE", "users/forgot_password2"),
            ("RESET_PASSWORD", "/account/reset-password?t={token}"),
            ("CHANGE_PASSWORD", "account/change-password?next=/home"),
            ("AUTH_TOKEN_SCOPE", "read:users write:users"),
            ("TOKEN_SCOPES", "openid profile email"),
            (
                "OAUTH_TOKEN_SCOPE",
                "https://www.googleapis.com/auth/drive.readonly",
            ),
            ("API_TOKEN_PERMISSIONS", "repo:read,repo:write"),
            ("KEY_PAIR_NAME", "prod-bastion-2024"),
            ("EC2_KEY_PAIR", "ops-2024-east"),
            ("SSH_KEY_NAME", "deploy2024"),
            ("SSH_KEYPAIR", "MyKeyPair2"),
            ("PASSWORD_HASH", "pbkdf2_sha256"),
            ("PASSWORD_HASHING", "argon2id$m=65536,t=3"),
            ("PASSWORD_ENCODER", "bcrypt12"),
            ("PASSWORD_ENCRYPTION", "scram-sha-256"),
            ("PASSWORD_ENCRYPTION", "md5"),
            ("SIGNING_KEY_SPEC", "RSA_2048"),
            ("KEY_SPEC", "ECC_NIST_P256"),
            ("ENCRYPTION_KEY_TYPE", "AES_256_GCM"),
            ("MASTER_KEY_SPEC", "HMAC_256"),
            ("JWT_SECRET_ALGORITHM", "HS256"),
            ("SSH_KEY", "ssh-ed25519"),
            ("SECRET_KEY_SIZE", "aes-256-gcm"),
            ("TOKEN_SIGNING", "ES256"),
            ("SESSION_TOKEN", "x-amz-security-token"),
            ("API_TOKEN_HEADER_NAME", "X-Api-Token2"),
            ("PASSWORD_FIELD", "user_password2"),
            ("PASSWORD_CHARS", "abcdefghijklmnopqrstuvwxyz0123456789"),
        ],
        variable,
    );
    let files = [
        ("/root/.aws/credentials", "owner", "root"),
        ("/root/.aws/credentials", "group", "wheel"),
        ("/etc/app/secrets", "mode", "000400"),
        ("/home/app/.my.cnf", "owner", "app4user"),
        ("/etc/app/password.txt", "encoding", "plain"),
        (
            "/etc/app/db-password",
            "source",
            "https://s3.amazonaws.com/bucket/db1",
        ),
        ("/etc/app/token", "authentication", "S3AccessCreds"),
    ];
    nothing_in(&files, |(file, key, value)| {
        format!(
            "{{\"Resources\": {{\"R\": {{\"Type\": \"AWS::EC2::Instance\", \"Metadata\": {{\"AWS::CloudFormation::Init\": {{\"config\": {{\"files\": {{{}: {{{}: {}}}}}}}}}}}}}}}}}",
            quoted(file),
            quoted(key),
            quoted(value)
        )
    });
}

#[test]
fn ignores_names_in_place_of_references() {
    let names = [
        "dbPasswordProd1",
        "/prod/db/password",
        "prod/db:password::",
        "quiz-prod-db-AbCdEf",
        "prod/quiz:API_KEY:AWSCURRENT:",
        "arn:aws:ssm:eu-west-1:111122223333:parameter/db",
        "${Prefix}-db-password1",
        "/${Env}/db1",
        "$DB_PARAMETER",
        "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:db-x7Kq2LmZ9vTr4WbN",
        "/cdk/8f14e45fceea167a5a36dedd4bea2543/token",
        "rds!cluster-3f2504e0-4f89-41d3-9a0c-0305e82c3301",
        "{{resolve:ssm:/a/b}}",
        "<secret-arn>",
        "prod.db.password",
        "/aws/reference/secretsmanager/prod/db",
        "DB_PASSWORD_PROD",
        "app@prod/db+1",
        "{{ secret_arn }}:password::",
    ];
    nothing_in(&names, |value| {
        let secrets = format!(
            "\"RuntimeEnvironmentSecrets\": [{{\"Name\": \"DB_PASSWORD\", \"Value\": {}}}]",
            quoted(value)
        );
        resource(
            "AWS::AppRunner::Service",
            &format!(
                "\"SourceConfiguration\": {{\"ImageRepository\": {{\"ImageConfiguration\": {{{secrets}}}}}}}"
            ),
        )
    });
    nothing_in(&names, |value| {
        let variables = format!(
            "[{{\"Name\": \"DB_PASSWORD\", \"Type\": \"PARAMETER_STORE\", \"Value\": {}}}]",
            quoted(value)
        );
        resource(
            "AWS::CodeBuild::Project",
            &format!("\"Environment\": {{\"EnvironmentVariables\": {variables}}}"),
        )
    });
    nothing_in(&names, |value| {
        format!(
            "{{\"Parameters\": {{\"DbPassword\": {{\"Type\": \"AWS::SSM::Parameter::Value<String>\", \"Default\": {}}}}}, \"Resources\": {{\"R\": {{\"Type\": \"AWS::S3::Bucket\"}}}}}}",
            quoted(value)
        )
    });
}

#[test]
fn ignores_headers_that_authenticate_nothing() {
    let headers = [
        ("X-Forwarded-Proto", "https"),
        ("Host", "shop.example.com"),
        ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64)"),
        ("X-Environment", "production2"),
        ("X-Origin-Verify", "${OriginSecret}"),
        ("X-Region", "eu-west-1"),
        (
            "X-Origin-Verify",
            "{{resolve:secretsmanager:cdn:SecretString:header}}",
        ),
        ("X-Request-Id", "3f2504e0-4f89-41d3-9a0c-0305e82c3301"),
        ("X-Build", "8f14e45fceea167a5a36dedd4bea2543"),
        ("X-From-CDN", "true"),
        ("X-Custom-Header", "cloudfront"),
        ("Accept", "application/json"),
        ("X-Origin-Verify", "<origin-secret>"),
        ("Strict-Transport-Security", "max-age=63072000"),
    ];
    nothing_in(&headers, |(name, value)| {
        let headers = format!(
            "[{{\"HeaderName\": {}, \"HeaderValue\": {}}}]",
            quoted(name),
            quoted(value)
        );
        resource(
            "AWS::CloudFront::Distribution",
            &format!(
                "\"DistributionConfig\": {{\"Origins\": [{{\"Id\": \"o\", \"OriginCustomHeaders\": {headers}}}]}}"
            ),
        )
    });
    nothing_in(&headers, |(name, value)| {
        let condition = format!(
            "{{\"HttpHeaderName\": {}, \"Values\": [{}]}}",
            quoted(name),
            quoted(value)
        );
        resource(
            "AWS::ElasticLoadBalancingV2::ListenerRule",
            &format!("\"Conditions\": [{{\"HttpHeaderConfig\": {condition}}}]"),
        )
    });
}

#[test]
fn ignores_code_that_names_secrets() {
    let lines = [
        "pw = os.environ.get('DB_PASSWORD', '')",
        "pw = os.environ.get('DB_PASSWORD', None)",
        "pw = os.getenv('DB_PASSWORD', default)",
        "define('DB_PASSWORD', getenv('WORDPRESS_DB_PASSWORD'));",
        "const pw = process.env.DB_PASSWORD || '';",
        "const token = process.env.TOKEN || getToken();",
        "s = ENV.fetch('API_SECRET') { raise 'missing secret' }",
        "System.getProperty(\"db.password\", null)",
        "if (!process.env.DB_PASSWORD) throw new Error('DB_PASSWORD is missing')",
        "password = config.get('db', 'password', fallback=None)",
        "os.environ.setdefault('DB_SECRET_NAME', 'prod/db')",
        "raise ValueError('password must not be empty')",
        "log.info('password', 'changed')",
        "errors = {'password': 'invalid'}",
        "{ name: 'password', type: 'string' }",
        "<input type=\"password\" name=\"password\" placeholder=\"Enter\">",
        "schema = {'password': 'required'}",
        "fields = ('username', 'password')",
        "auth=('user', os.environ['PW'])",
        "client.get_secret_value(SecretId='prod/db')",
        "row.get('token', 'none')",
        "request.args.get('token', 'missing')",
        "headers.get('x-api-key', 'absent')",
        "params = {'Name': 'db-password', 'WithDecryption': True}",
        "key = 'password'",
        "event.get('nextToken', 'start')",
        "password = secrets.token_urlsafe(32)",
        "PASSWORD_FIELD = 'userPassword'",
        "const passwordInput = document.getElementById('password')",
        "password_label = 'Your password'",
        "return {'statusCode': 401, 'body': 'wrong password'}",
        "conn = connect(\"host=db user=app password=%s\" % pw)",
        "conn = connect(f\"host={h} user=app password={pw}\")",
        "'password': 'string', 'username': 'string'",
        "print('password=' + mask(pw))",
        "resource_type: 'Custom::Password'",
    ];
    nothing_in(&lines, code);
}

#[test]
fn ignores_sentences_under_names_of_secrets() {
    nothing_in(
        &[
            ("DB_PASSWORD", "see the wiki"),
            ("DB_PASSWORD", "stored in SSM"),
            ("DB_PASSWORD", "from Secrets Manager"),
            ("DB_PASSWORD", "Managed by RDS"),
            ("DB_PASSWORD", "not used"),
            ("DB_PASSWORD", "Enter a password"),
            ("DB_PASSWORD", "same as admin"),
            ("DB_PASSWORD", "ask ops for it"),
            ("ADMIN_PASSWORD", "set by hand"),
            ("PASSWORD", "${First} ${Second}"),
            ("PASSWORD_NOTE", "amber lagoon"),
            ("PASSWORD_LABEL", "Pass phrase"),
            ("PASSWORD_POLICY", "long and strong"),
            ("API_TOKEN", "vault reads it"),
            ("SESSION_SECRET", "generated at start"),
        ],
        variable,
    );
}

#[test]
fn ignores_servers_with_credentials_elsewhere() {
    nothing_in(
        &[
            "  stats auth admin:$STATS_PW",
            "  stats auth ${USER}:${PW}",
            "  stats auth \"$(cat /run/x)\"",
            "stats uri /haproxy?stats",
            "java -jar jenkins-cli.jar -auth admin:$TOKEN list-jobs",
            "java -jar jenkins-cli.jar -auth @/var/lib/auth list-jobs",
            "realm.createAccount(user, password)",
            "realm.createAccount('admin', System.getenv('JENKINS_PASSWORD'))",
            "rabbitmqctl change_password guest $PW",
            "rabbitmqctl change_password guest \"${PW}\"",
            "requirepass $REDIS_PASSWORD",
            "redis-cli -a \"$PW\" ping",
            "redis-cli -a $(cat /run/pw) ping",
            "masterauth ${PW}",
            "echo \"db:5432:shop:app:$PW\" > ~/.pgpass",
            "chmod 600 ~/.pgpass",
            "export PGPASSFILE=~/.pgpass",
            "cat > ~/.netrc <<EOF\nmachine x\nlogin $U\npassword $P\nEOF",
            "login.sh -p 8080",
            "grafana-cli admin reset-admin-password $PW",
            "user kim insecure-password \"$PW\"",
            "user kim password $6$",
            "arn:aws:ssm:eu-west-1:111122223333:parameter",
            "docker run -p 127.0.0.1:8080:80:tcp:x",
            "use_backend app if auth_ok",
            "mongo --eval \"db.auth('u', '$PW')\"",
            "-auth oauth:google",
            "a:*:b:c:d",
            "address 2606:2800:21f:cb07:6820:80da:af6b:8b2c",
        ],
        script,
    );
    nothing_in(
        &[
            ("DB_PASSWORD", "${Env}-db-password1"),
            ("DB_PASSWORD", "${Stage}Database2"),
            ("DB_PASSWORD", "/${Stage}/Heron42"),
            ("DB_PASSWORD", "{{resolve:ssm:/${Stage}/Heron42}}"),
            ("DB_PASSWORD", "${Prefix}-quiz-v2"),
            ("DB_TOKEN", "${Env}-Heron42"),
            ("API_KEY", "release-train"),
            ("API_TOKEN", "quiz-api-100"),
            ("SIGNING_KEY", "quiz-signer-2024"),
        ],
        variable,
    );
    nothing_in(
        &[
            "arn:aws:lambda:eu-west-1:111122223333:function:x",
            "quiz-custom-function-100",
        ],
        |name| resource("Custom::Thing", &format!("\"ServiceToken\": \"{name}\"")),
    );
}

#[test]
fn ignores_sentences_about_secrets() {
    let sentences = [
        "Password for the database; 8-41 characters",
        "The password, min 8 max 41 chars, A-Z0-9",
        "ARN of the secret: see output DbSecretArn2",
        "The API key is stored in /prod/api-key2",
        "Secret: prod/db2/password",
        "Password: ${DbPassword1}",
        "Token TTL is PT15M",
        "Password must match ^[a-zA-Z0-9]{8,41}$",
        "The password of user admin2 in us-east-1",
        "GitHub token with repo:read, admin:org2",
        "password: base64url-encoded",
        "Password is SHA256",
        "Access key id2 of the user",
        "Secret version AWSCURRENT1",
        "Token from https://example.com/oauth2/token",
        "Password (RDS MySQL8.0)",
        "the password is at least 12 characters",
        "Password = ParameterStore",
        "api key of v2.1.0",
        "Use token auth via OAuth2.0/OIDC",
        "passwords: 3 per minute",
        "Password => see KB0012345",
        "This creates a secret named MyApp2Secret",
        "Password; default is none",
        "password: <Your-Passw0rd>",
        "Password: ********",
    ];
    nothing_in(&sentences, |text| {
        resource(
            "AWS::SSM::Parameter",
            &format!("\"Description\": {}", quoted(text)),
        )
    });
}

#[test]
fn ignores_settings_under_names_of_vendors() {
    nothing_in(
        &[
            ("MAILGUN", "mg.example.com"),
            ("STRIPE", "enabled"),
            ("STRIPE", "pk_live_x7Kq2LmZ9vTr4WbNs8Yd3Hf6"),
            ("TWILIO", "+15005550006"),
            ("DATADOG", "datadoghq.eu"),
            ("SEGMENT", "premium-2024"),
            ("TELEGRAM", "@quiz_bot"),
            ("CLOUDFLARE", "quiz-zone"),
            ("MAILGUN_DOMAIN", "mg7Kq2LmZ9vTr4WbN.example.com"),
            ("GITHUB", "8f14e45fceea167a5a36dedd4bea2543a1b2c3d4"),
            ("STRIPE_ACCOUNT_ID", "acct_x7Kq2LmZ9vTr4WbN"),
            ("SALT_ROUNDS", "12"),
            ("SALT_VERSION", "3006.4"),
            ("PASSWORD_SALT", "${Salt}"),
            ("SALT_MASTER", "salt1.example.com"),
            ("PASSWORD_SALT_LENGTH", "16"),
            ("SIGNING_SALT", "signing-salt"),
            ("SALT", "sea"),
        ],
        variable,
    );
}
