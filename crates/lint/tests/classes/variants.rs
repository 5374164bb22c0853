//! More values of the same classes, in other words.

use crate::not_found::mapping;
use crate::{all_in, code, nothing_in, quoted, resource, script, variable};

#[test]
fn variants_of_origin_headers() {
    let hv = [
        ("q8Zt2LmW0vRx7KbP", "q8Zt2LmW0vRx7KbP"),
        ("copper-meadow-417", "copper-meadow-417"),
        ("CopperMeadow", "CopperMeadow"),
    ];
    for h in [
        "X-Origin-Verify",
        "x-secret-header",
        "X-Verify-CloudFront",
        "X-My-Shared-Secret",
        "X-ALB-Auth",
        "x-origin-token",
        "X-Guard",
        "X-Access-Key",
        "CloudFront-Auth-Key",
    ] {
        all_in(&hv, |v| {
            resource(
                "AWS::CloudFront::Distribution",
                &format!(
                    "\"DistributionConfig\": {{\"Origins\": [{{\"OriginCustomHeaders\": [{{\"HeaderName\": \"{h}\", \"HeaderValue\": \"{v}\"}}]}}]}}"
                ),
            )
        });
    }
    all_in(&hv, |v| {
        resource(
            "AWS::WAFv2::RuleGroup",
            &format!(
                "\"Rules\": [{{\"Statement\": {{\"NotStatement\": {{\"Statement\": {{\"ByteMatchStatement\": {{\"FieldToMatch\": {{\"SingleHeader\": {{\"Name\": \"x-cdn-auth\"}}}}, \"SearchString\": \"{v}\"}}}}}}}}}}]"
            ),
        )
    });
}

#[test]
fn variants_of_literals_in_programs() {
    let lines = [
        ("define(\"FTP_PASS\", \"meadow\");", "meadow"),
        (
            "define('SECURE_AUTH_SALT', 'k#9vL!2pQ@7xZ$4r');",
            "k#9vL!2pQ@7xZ$4r",
        ),
        ("define('LDAP_PASSWORD','CopperMeadow4');", "CopperMeadow4"),
        (
            "SECRET = os.environ.get(\"APP_SECRET\", \"copper meadow\")",
            "copper meadow",
        ),
        ("os.environ.setdefault('PGPASSWORD', 'meadow')", "meadow"),
        ("os.environ['PGPASSWORD'] = 'coppermeadow'", "coppermeadow"),
        (
            "password = os.getenv('PW') or 'coppermeadow'",
            "coppermeadow",
        ),
        (
            "let p = process.env.MYSQL_ROOT_PASSWORD || `coppermeadow`",
            "coppermeadow",
        ),
        (
            "password: process.env.PGPASS ?? 'copper-meadow-417',",
            "copper-meadow-417",
        ),
        ("auth=(\"svc\", \"coppermeadow\")", "coppermeadow"),
        (
            "auth: { username: 'svc', password: 'coppermeadow' }",
            "coppermeadow",
        ),
        ("ENV.fetch(\"DB_PASSWORD\", \"meadow\")", "meadow"),
        (
            "System.getenv().getOrDefault(\"API_SECRET\", \"copper-meadow-417\")",
            "copper-meadow-417",
        ),
        (
            "Optional.ofNullable(System.getenv(\"DB_PASSWORD\")).orElse(\"coppermeadow\")",
            "coppermeadow",
        ),
        (
            "@Value(\"${spring.datasource.password:coppermeadow}\")",
            "coppermeadow",
        ),
        ("env.str(\"DB_PASSWORD\", default=\"meadow\")", "meadow"),
        ("config('DB_PASSWORD', default='meadow')", "meadow"),
        (
            "password := os.Getenv(\"PW\"); if password == \"\" { password = \"coppermeadow\" }",
            "coppermeadow",
        ),
        ("'password' => env('DB_PASSWORD', 'meadow'),", "meadow"),
        ("'password' => 'coppermeadow',", "coppermeadow"),
        ("$db_password = \"coppermeadow\";", "coppermeadow"),
        ("getenv('DB_PASSWORD') ?: 'coppermeadow'", "coppermeadow"),
        (
            "DriverManager.getConnection(url, \"app\", \"coppermeadow\")",
            "coppermeadow",
        ),
        (
            "new mysqli('db', 'app', 'coppermeadow', 'shop')",
            "coppermeadow",
        ),
        ("client.login('app', 'coppermeadow')", "coppermeadow"),
        (
            "connect(\"Server=db;User Id=app;Password=coppermeadow;\")",
            "coppermeadow",
        ),
        (
            "Environment.GetEnvironmentVariable(\"DB_PASSWORD\") ?? \"coppermeadow\"",
            "coppermeadow",
        ),
        (
            "std::env::var(\"DB_PASSWORD\").unwrap_or(\"coppermeadow\".into())",
            "coppermeadow",
        ),
        ("API_TOKEN = 'q8Zt2LmW0vRx7KbP'", "q8Zt2LmW0vRx7KbP"),
        (
            "db_password = ENV['DB_PASSWORD'] || 'coppermeadow'",
            "coppermeadow",
        ),
        (
            "password = ENV.fetch('DB_PASSWORD') { \"meadow\" }",
            "meadow",
        ),
        (
            "secret_key_base = ENV.fetch('SECRET_KEY_BASE', '8f14e45fceea167a5a36dedd4bea2543')",
            "8f14e45fceea167a5a36dedd4bea2543",
        ),
    ];
    all_in(&lines, code);
    all_in(&lines, script);
}

#[test]
fn variants_of_server_credentials() {
    all_in(
        &[
            (
                "listen stats\n  bind *:8404\n  stats auth ops:meadow",
                "meadow",
            ),
            (
                "    user ops insecure-password CopperMeadow groups G1",
                "CopperMeadow",
            ),
            ("user default on >coppermeadow ~* +@all", "coppermeadow"),
            (
                "java -jar /opt/jenkins-cli.jar -s http://127.0.0.1:8080/ -auth ops:meadow who-am-i",
                "meadow",
            ),
            (
                "export JENKINS_ADMIN_ID=ops JENKINS_ADMIN_PASSWORD=meadow",
                "meadow",
            ),
            (
                "instance.securityRealm.createAccount('ops', 'meadow')",
                "meadow",
            ),
            ("JENKINS_PASS=coppermeadow", "coppermeadow"),
            (
                "sed -i 's/^# requirepass .*/requirepass coppermeadow/' /etc/redis.conf",
                "coppermeadow",
            ),
            ("redis-cli -h r -a meadow info", "meadow"),
            ("redis-cli --pass coppermeadow info", "coppermeadow"),
            ("redis-cli AUTH coppermeadow", "coppermeadow"),
            (
                "echo \"requirepass meadow\" | tee -a /etc/redis.conf",
                "meadow",
            ),
            (
                "redis-server --requirepass meadow --masterauth meadow",
                "meadow",
            ),
            ("echo \"*:*:*:postgres:meadow\" >> /root/.pgpass", "meadow"),
            (
                "printf 'db:5432:*:app:coppermeadow\\n' > /home/app/.pgpass",
                "coppermeadow",
            ),
            (
                "machine git.example.com login ops password meadow",
                "meadow",
            ),
            (
                "cat > /root/.netrc <<EOF\nmachine git.example.com\n  login ops\n  password meadow\nEOF",
                "meadow",
            ),
            (
                "cat <<EOF > /root/.my.cnf\n[mysqldump]\npassword = meadow\nEOF",
                "meadow",
            ),
            ("mysql_config_editor set --password=meadow", "meadow"),
            ("PGPASSWORD=meadow psql -h db", "meadow"),
            ("MYSQL_PWD=meadow mysql", "meadow"),
            ("rabbitmqctl add_user ops meadow", "meadow"),
            ("rabbitmqctl change_password ops meadow", "meadow"),
            ("echo 'root:meadow' | chpasswd", "meadow"),
            ("net user ops meadow /add", "meadow"),
            ("bind_password: coppermeadow", "coppermeadow"),
            ("admin_password = coppermeadow", "coppermeadow"),
            ("spring.datasource.password=coppermeadow", "coppermeadow"),
            (
                "gitlab_rails['initial_root_password'] = 'coppermeadow'",
                "coppermeadow",
            ),
            ("GF_SECURITY_ADMIN_PASSWORD=meadow", "meadow"),
            ("mongosh --username root --password meadow", "meadow"),
            ("htpasswd -cb /etc/nginx/.htpasswd ops meadow", "meadow"),
            ("vault kv put secret/db password=meadow", "meadow"),
            (
                "aws ssm put-parameter --name /db/password --type SecureString --value meadow",
                "meadow",
            ),
            (
                "aws secretsmanager create-secret --name x --secret-string 'meadow'",
                "meadow",
            ),
            (
                "aws rds modify-db-instance --master-user-password coppermeadow",
                "coppermeadow",
            ),
        ],
        script,
    );
}

#[test]
fn variants_of_environment_variables() {
    all_in(
        &[
            (("MANDRILL", "md-q8Zt2LmW0vRx7KbPd4Yn6A"), "md-q8Zt"),
            (
                (
                    "SENDINBLUE",
                    "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",
                ),
                "xkeysib-8f14e45fceea167a5a36dedd4bea25438f14e45fceea167a5a36dedd4bea2543",
            ),
            (
                ("ROLLBAR", "8f14e45fceea167a5a36dedd4bea2543"),
                "8f14e45fceea167a5a36dedd4bea2543",
            ),
            (("PASSWORD_SALT", "q8Zt2LmW"), "q8Zt2LmW"),
            (("AUTH_SALT", "k#9vL!2pQ@7x"), "k#9vL!2pQ@7x"),
            (("DEVISE_PEPPER", "8f14e45fce"), "8f14e45fce"),
            (("SECRET_SALT", "c0pper-Meadow"), "c0pper-Meadow"),
            (
                ("DB_PASSWORD", "copper meadow falcon"),
                "copper meadow falcon",
            ),
            (("DB_PASSWORD", "Copper Meadow 417!"), "Copper Meadow 417!"),
            (("SSH_PASSPHRASE", "copper meadow"), "copper meadow"),
            (("SESSION_SECRET", "copper meadow"), "copper meadow"),
            (("SERVICE_TOKEN", "copper-meadow-417"), "copper-meadow-417"),
            (("ServiceToken", "q8Zt2LmW0vRx7KbP"), "q8Zt2LmW0vRx7KbP"),
            (("CONN", "amqp.username=app;amqp.password=meadow"), "meadow"),
            (
                ("CONN", "postgresql://db/shop?user=app&password=meadow"),
                "meadow",
            ),
            (("CONN", "Server=db;Uid=app;Pwd=meadow"), "meadow"),
            (("OPTS", "-Dhibernate.connection.password=meadow"), "meadow"),
            (
                ("OPTS", "--spring.datasource.password=copper-meadow"),
                "copper-meadow",
            ),
            (("OPTS", "--password meadow"), "meadow"),
            (
                ("CATALINA_OPTS", "-Dkeystore.pass=copper-meadow"),
                "copper-meadow",
            ),
        ],
        variable,
    );
}

#[test]
fn variants_of_descriptions_with_passwords() {
    let s = [
        ("Admin user: ops, password: Meadow417", "Meadow417"),
        (
            "Initial password for the console is CopperMeadow#1",
            "CopperMeadow#1",
        ),
        (
            "Default root password 'Meadow-417!' must be changed",
            "Meadow-417!",
        ),
        ("Login: ops / Password: Meadow417x", "Meadow417x"),
        ("the password will be C0pperMeadow", "C0pperMeadow"),
        ("Bearer token: q8Zt2LmW0vRx7KbPd4Yn", "q8Zt2LmW0vRx7KbPd4Yn"),
        ("(pw Meadow!417)", "Meadow!417"),
    ];
    all_in(&s, |t| {
        resource(
            "AWS::SSM::Parameter",
            &format!("\"Description\": {}", quoted(t)),
        )
    });
}

#[test]
fn variants_of_secure_strings() {
    all_in(
        &[
            (
                "ConvertTo-SecureString -String meadow -AsPlainText -Force",
                "meadow",
            ),
            (
                "(ConvertTo-SecureString -String 'copper meadow' -AsPlainText -Force)",
                "copper meadow",
            ),
            (
                "$s = ConvertTo-SecureString (\"meadow417\") -AsPlainText -Force",
                "meadow417",
            ),
            (
                "$s = \"coppermeadow\" | ConvertTo-SecureString -AsPlainText -Force",
                "coppermeadow",
            ),
            (
                "Set-LocalUser -Name ops -Password (ConvertTo-SecureString \"Meadow417\" -AsPlainText -Force)",
                "Meadow417",
            ),
            (
                "[securestring]$p = ConvertTo-SecureString('meadow417') -AsPlainText -Force",
                "meadow417",
            ),
        ],
        script,
    );
}

#[test]
fn variants_of_secret_strings() {
    all_in(
        &[("meadow", "meadow"), ("copper-meadow", "copper-meadow")],
        |v| {
            resource(
                "AWS::SSM::Document",
                &format!(
                    "\"Content\": {{\"schemaVersion\": \"0.3\", \"parameters\": {{\"DomainPassword\": {{\"type\": \"String\", \"default\": \"{v}\"}}}}}}"
                ),
            )
        },
    );
    all_in(
        &[
            ("{\"user\":\"app\",\"pass\":\"meadow\"}", "meadow"),
            ("{\"client_secret\": \"meadow\", \"id\": \"x\"}", "meadow"),
            ("{\"jwt\": {\"key\": \"q8Zt2LmW0vRx\"}}", "q8Zt2LmW0vRx"),
        ],
        |t| {
            resource(
                "AWS::SecretsManager::Secret",
                &format!("\"SecretString\": {}", quoted(t)),
            )
        },
    );
}

#[test]
fn variants_of_computed_passwords() {
    let c = [
        ("{\"Fn::Sub\": \"Meadow417${AWS::Region}\"}", "Meadow417"),
        ("{\"Fn::Sub\": \"${Env}_Copper9\"}", "Copper9"),
        (
            "{\"Fn::Join\": [\"-\", [{\"Ref\": \"E\"}, \"Meadow417\"]]}",
            "Meadow417",
        ),
        ("{\"Fn::Sub\": \"${Env}!Meadow#417\"}", "Meadow#417"),
    ];
    all_in(&c, |v| {
        resource(
            "AWS::Lambda::Function",
            &format!("\"Environment\": {{\"Variables\": {{\"ADMIN_PASSWORD\": {v}}}}}"),
        )
    });
    all_in(&c, |v| {
        resource(
            "AWS::RDS::DBCluster",
            &format!("\"MasterUserPassword\": {v}"),
        )
    });
}

#[test]
fn variants_of_mapping_templates() {
    let m = [
        "{\"callbackToken\": \"$input.path('$.Token')\"}",
        "{\"authToken\": \"$util.escapeJavaScript($input.params('auth')).replaceAll(\\\"'\\\", '')\"}",
        "#set($pw = $util.urlDecode($input.path('$').password))\n{\"password\":\"$pw\"}",
        "{\"token\":\"$input.params().querystring.get('token')\"}",
        "{\"secret\": \"$stageVariables.get('secret')\"}",
        "{\"sessionToken\": \"${stageVariables.token}\"}",
        "{\"token\": \"$util.dynamodb.toDynamoDBJson($ctx.args.token)\"}",
        "{\"accessKey\": \"$ctx.identity.claims[\\\"custom:accessKey\\\"]\"}",
        "{\"token\":$input.json('$.token')}",
    ];
    nothing_in(&m, mapping);
}

#[test]
fn variants_of_sql_statements() {
    nothing_in(
        &[
            "mysql -e \"SET PASSWORD FOR 'app'@'%' = PASSWORD('${DB_PW}')\"",
            "mysql -uroot -p$ROOT -e \"ALTER USER app IDENTIFIED WITH mysql_native_password BY '$NEW1'\"",
            "psql -c \"CREATE USER $U WITH ENCRYPTED PASSWORD '$DB_PASS1'\"",
            "sqlcmd -Q \"ALTER LOGIN sa WITH PASSWORD = '$sa_pw1'\"",
            "CREATE USER x IDENTIFIED BY '@@PASSWORD@@';",
            "CREATE USER x IDENTIFIED BY '<%= password %>';",
            "create user x password '{{pw1}}';",
            "mysql -e \"GRANT ALL ON x.* TO 'a'@'%' IDENTIFIED BY '`cat /root/.pw1`'\"",
            "CREATE USER app IDENTIFIED BY '&1';",
            "cursor.execute(\"CREATE USER x WITH PASSWORD %(pw1)s\")",
            "db.query('ALTER USER x IDENTIFIED BY ?', [pw1])",
            "cur.execute('SET PASSWORD = PASSWORD(?)')",
        ],
        script,
    );
}

#[test]
fn variants_of_comments() {
    nothing_in(
        &[
            "cat > /etc/mongod.conf <<EOF\n#security:\n#  keyFile: /x\n#  password: secretword\nEOF",
            "# DB_PASSWORD=mypass ./run.sh",
            "  # e.g. --password=foobar",
            "// const password = 'foobar';",
            "/** @param password 'foobar' */",
            "<!-- <add key=\"password\" value=\"foobar\"/> -->",
            ";requirepass foobared",
            "# - POSTGRES_PASSWORD=postgres",
            "\t#\tpassword = foobar",
            "# user: admin / password: foobar",
            "#AUTH_TOKEN=foobarbaz",
            "# export REDIS_URL=redis://:foobar@host/0",
            "foo = bar ; comment",
            "//password=foobar",
            "<# password = 'foobar' #>",
            "# echo 'foobar' | passwd --stdin root",
            "listen 80; # password foobar",
        ],
        script,
    );
}

#[test]
fn variants_of_masked_urls() {
    let masks = [
        "*****",
        "xXxXx",
        "<PASSWORD>",
        "<hidden>",
        "[hidden]",
        "{{password}}",
        "(redacted)",
        "%5Bhidden%5D",
        "%3Cpassword%3E",
        "%E2%80%A2%E2%80%A2%E2%80%A2",
        "####",
        "$PASSWORD",
        "%24%7BPW%7D",
        "********",
        "XXX",
        "__REDACTED__",
        "***hidden***",
        "-redacted-",
        "secret-redacted",
        "•",
        "*",
    ];
    nothing_in(&masks, |mask| {
        variable((
            "DATABASE_URL",
            &format!("mysql://app:{mask}@db.example.com/shop"),
        ))
    });
    nothing_in(&masks, |mask| {
        code(&format!("url = 'amqp://app:{mask}@mq.example.com'"))
    });
    nothing_in(&masks, |mask| {
        script(&format!("curl https://bot:{mask}@git.example.com/x.git"))
    });
}

#[test]
fn variants_of_versions() {
    let v = [
        "1.19-bullseye",
        "3.9.18-slim-bullseye",
        "v2.10.1-ls42",
        "8.0-oracle",
        "10.6.12-jammy",
        "4.0.0-beta.12",
        "v20.10.0-ce",
        "6.2.6-v9",
        "2023.11.0-ubi8",
        "v1.28.2-eks-1-28-5",
        "1.0.0-20231204.1",
        "5.15.0-1051-aws",
        "20-alpine",
        "21-jdk-slim",
        "3.2.1.Final-redhat-00001",
        "1.2.3-SNAPSHOT-20240101",
        "release-1.2.3",
        "2.0",
        "9.6.24-alpine3.15",
        "nginx-1.25.3",
        "v4",
        "stable-slim",
    ];
    nothing_in(&v, |x| variable(("PASSWORD_MANAGER", x)));
    nothing_in(&v, |x| variable(("VAULT_TOKEN_RENEWER", x)));
}

#[test]
fn variants_of_arguments() {
    nothing_in(
        &[
            "findmnt --match-token UUID=x1y2",
            "lsblk -o NAME --key-file x1",
            "sed -e 's/PASSWORD=.*/PASSWORD='\"$PW1\"'/' x",
            "sed -i \"s~secret: .*~secret: $S1~\" x.yml",
            "sed -i '/password\\s*=/s/=.*/= '$PW1'/' x",
            "perl -pi -e 's/password=.*/password=$ENV{PW1}/' x",
            "awk '/password/ {print $2}' x1",
            "Defaults:app1 !requiretty, NOPASSWD: ALL",
            "app2 ALL=NOPASSWD:/bin/x1,/bin/y2",
            "$secret = (Get-SECSecretValue -SecretId $id).SecretString | ConvertFrom-Json",
            "$env:DB_PASSWORD = (aws ssm get-parameter --name x1 | ConvertFrom-Json).Parameter.Value",
            "$cred = New-Object System.Management.Automation.PSCredential($user1, $pw1)",
            "token = boto3.client('ecr').get_authorization_token()['authorizationData']",
            "db.connect(passwd=passwd, user=user1)",
            "Key={'token': {'S': token1}}",
            "export TOKEN=$TOKEN1",
            "set -x TOKEN (cat /run/t1)",
            "VAULT_TOKEN=$(vault login -token-only)",
            "--secret id=npmrc,src=$HOME/.npmrc",
            "openssl pkcs12 -passin env:PW1 -passout file:/run/x1",
            "gpg --passphrase-fd 0 --passphrase-file /run/pw1",
            "ansible-vault --vault-password-file=/run/v1",
            "kubectl get secret x1 -o jsonpath='{.data.password}'",
            "aws cognito-idp admin-set-user-password --password \"$PW1\" --permanent",
            "docker login --password-stdin x1.example.com",
            "ssh-add -k ~/.ssh/id_ed25519",
            "PasswordAuthentication no",
            "AuthorizedKeysFile .ssh/authorized_keys2",
        ],
        script,
    );
}

#[test]
fn variants_of_names_and_settings() {
    nothing_in(
        &[
            ("PASSWORD_RESET_ROUTE", "/reset/:token"),
            ("LOGIN_PASSWORD_ROUTE", "login?next=%2Fhome"),
            ("VERIFY_TOKEN", "/verify?token="),
            ("TOKEN_SCOPE", "api.read api.write offline_access"),
            ("OAUTH_TOKEN_SCOPES", "user:email"),
            ("KEY_PAIR", "ops-key-2"),
            ("KeyName", "my-key-pair-1"),
            ("SSH_KEY_PAIR", "bastion-eu"),
            ("PASSWORD_HASH", "sha256"),
            ("PASSWORD_HASHER", "argon2"),
            ("SECRET_KEY_ALGORITHM", "PS512"),
            ("PASSWORD_ALGO", "bcrypt:12"),
            ("PASSWORD_HASH_ROUNDS", "10"),
            ("ENCRYPTION_KEY_SPEC", "SYMMETRIC_DEFAULT"),
            ("SSL_KEY", "ecdsa-p256"),
            ("SESSION_SECRET_ROTATION", "rate(30 days)"),
            ("PASSWORD_REGEX", "^(?=.*[A-Z]).{8,}$"),
            ("TOKEN", "Bearer"),
            ("API_KEY", "X-API-Key"),
            ("SECRET", "prod/quiz/db"),
            ("DB_SECRET", "QuizDbSecret"),
            ("AUTH_TOKEN", "auth_token"),
            ("SECRET_KEY", "db.secretKey"),
            ("TOKEN", "quiz-token"),
            ("API_TOKEN", "QuizApiToken"),
        ],
        variable,
    );
}
