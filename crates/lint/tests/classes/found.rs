//! Secrets that must be found.

use crate::{all_in, code, quoted, resource, script, variable};

#[test]
fn finds_secrets_in_comments() {
    all_in(
        &[
            ("# export DB_PASSWORD=x7Kq2LmZ9vTr4WbN", "x7Kq2LmZ9vTr4WbN"),
            ("; password = Heron42!Lagoon", "Heron42!Lagoon"),
            (
                "run # -e TOKEN=8f14e45fceea167a5a36dedd4bea2543",
                "8f14e45fceea167a5a36dedd4bea2543",
            ),
            ("/* apiKey: 'x7Kq2LmZ9vTr4WbN' */", "x7Kq2LmZ9vTr4WbN"),
            ("# postgres://app:Heron42!Lagoon@db/shop", "Heron42!Lagoon"),
            ("echo 'a # b'; export PASSWORD=lagoon", "lagoon"),
            ("echo \"#\" > x; mysql -plagoon896", "lagoon896"),
        ],
        script,
    );
}

#[test]
fn finds_secrets_in_invalid_documents() {
    let mistakes = [
        "\"a\": \"\\d\"",
        "\"a\": 1,",
        "\"a\": /* b */ 1",
        "\"a\": 1 \"b\": 2",
        "\"a\": \"\\u1\"",
    ];
    let cases: Vec<(&str, &str)> = mistakes
        .iter()
        .map(|mistake| (*mistake, "lagoon"))
        .collect();
    all_in(&cases, |mistake| {
        resource(
            "AWS::RDS::DBInstance",
            &format!("{mistake}, \"MasterUserPassword\": \"lagoon\""),
        )
    });
}

#[test]
fn finds_headers_that_authenticate_an_origin() {
    let headers = [
        "X-Origin-Verify",
        "X-Origin-Auth",
        "X-CloudFront-Secret",
        "X-Custom-Header",
        "X-Shared-Secret",
        "X-From-CDN",
        "X-CDN-Verify",
        "x-verify-origin",
        "CF-Verify",
        "X-Origin-Secret",
        "X-Edge-Auth",
        "X-Custom-Auth",
    ];
    let cases: Vec<(&str, &str)> = headers
        .iter()
        .map(|header| (*header, "f3a9c1d27be84065"))
        .collect();
    all_in(&cases, |header| {
        let headers =
            format!("[{{\"HeaderName\": \"{header}\", \"HeaderValue\": \"f3a9c1d27be84065\"}}]");
        resource(
            "AWS::CloudFront::Distribution",
            &format!(
                "\"DistributionConfig\": {{\"Origins\": [{{\"Id\": \"o\", \"OriginCustomHeaders\": {headers}}}]}}"
            ),
        )
    });
    let words: Vec<(&str, &str)> = ["amber-lagoon-896", "Heron!Lagoon42", "let-only-cdn-in-2291"]
        .iter()
        .map(|value| (*value, *value))
        .collect();
    all_in(&words, |value| {
        let headers =
            format!("[{{\"HeaderName\": \"X-Origin-Verify\", \"HeaderValue\": \"{value}\"}}]");
        resource(
            "AWS::CloudFront::Distribution",
            &format!(
                "\"DistributionConfig\": {{\"Origins\": [{{\"Id\": \"o\", \"OriginCustomHeaders\": {headers}}}]}}"
            ),
        )
    });
    all_in(&words, |value| {
        let condition = format!(
            "\"Conditions\": [{{\"Field\": \"http-header\", \"HttpHeaderConfig\": {{\"HttpHeaderName\": \"X-Origin-Verify\", \"Values\": [\"{value}\"]}}}}]"
        );
        resource("AWS::ElasticLoadBalancingV2::ListenerRule", &condition)
    });
    all_in(&words, |value| {
        let statement = format!(
            "\"Rules\": [{{\"Name\": \"r\", \"Statement\": {{\"ByteMatchStatement\": {{\"FieldToMatch\": {{\"SingleHeader\": {{\"Name\": \"x-origin-verify\"}}}}, \"PositionalConstraint\": \"EXACTLY\", \"SearchString\": \"{value}\"}}}}}}]"
        );
        resource("AWS::WAFv2::WebACL", &statement)
    });
}

#[test]
fn finds_literals_in_code() {
    let lines = [
        ("define('DB_PASSWORD', 'wordpress');", "wordpress"),
        ("define( 'DB_PASSWORD', 'heron lagoon' );", "heron lagoon"),
        (
            "define(\"AUTH_KEY\", \"9vTr4WbN#s8Yd!3Hf6\");",
            "9vTr4WbN#s8Yd!3Hf6",
        ),
        (
            "pw = os.environ.get('DB_PASSWORD', 'amber-lagoon-896')",
            "amber-lagoon-896",
        ),
        ("pw = os.environ.get(\"DB_PASSWORD\", \"lagoon\")", "lagoon"),
        (
            "s = os.getenv(\"X_SECRET\", \"amber-lagoon-896\")",
            "amber-lagoon-896",
        ),
        (
            "const pw = process.env.DB_PASSWORD || 'amberlagoon';",
            "amberlagoon",
        ),
        (
            "const pw = process.env.DB_PASSWORD ?? \"amber-lagoon\";",
            "amber-lagoon",
        ),
        (
            "const pw = process.env['DB_PASSWORD'] || 'amberlagoon';",
            "amberlagoon",
        ),
        (
            "requests.get(u, auth=('robot', 'amberlagoon'))",
            "amberlagoon",
        ),
        (
            "requests.get(u, auth=('robot', 'amber-lagoon-896'))",
            "amber-lagoon-896",
        ),
        (
            "s = ENV.fetch('API_SECRET', 'amber-lagoon-896')",
            "amber-lagoon-896",
        ),
        (
            "s = ENV.fetch('API_SECRET') { 'amber-lagoon-896' }",
            "amber-lagoon-896",
        ),
        ("s = ENV['DB_PASSWORD'] || 'amberlagoon'", "amberlagoon"),
        (
            "String p = System.getProperty(\"db.password\", \"amberlagoon\");",
            "amberlagoon",
        ),
        (
            "String p = System.getenv().getOrDefault(\"DB_PASSWORD\", \"amber-lagoon-896\");",
            "amber-lagoon-896",
        ),
        ("env('DB_PASSWORD', 'amberlagoon')", "amberlagoon"),
        (
            "password = config.get('db', 'password', fallback='amberlagoon')",
            "amberlagoon",
        ),
        (
            "pw := getEnv(\"DB_PASSWORD\", \"amberlagoon\")",
            "amberlagoon",
        ),
        (
            "viper.SetDefault(\"db.password\", \"amberlagoon\")",
            "amberlagoon",
        ),
        ("$wgDBpassword = 'amberlagoon';", "amberlagoon"),
        (
            "conn = pymysql.connect(host='db', user='app', password='amber-lagoon-896')",
            "amber-lagoon-896",
        ),
        (
            "conn = psycopg2.connect(\"host=db user=app password=amberlagoon\")",
            "amberlagoon",
        ),
        ("DB_PASSWORD = 'amber-lagoon-896'", "amber-lagoon-896"),
        ("password = \"amberlagoon\"", "amberlagoon"),
    ];
    all_in(&lines, code);
    all_in(&lines, script);
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn finds_credentials_of_servers() {
    all_in(
        &[
            (
                "cat > /etc/haproxy/haproxy.cfg <<EOF\nlisten stats\n  stats auth admin:amberlagoon\nEOF",
                "amberlagoon",
            ),
            ("  stats auth admin:amber-lagoon-896", "amber-lagoon-896"),
            (
                "userlist ops\n  user kim insecure-password amberlagoon",
                "amberlagoon",
            ),
            (
                "  user kim insecure-password amber-lagoon-896 groups ops",
                "amber-lagoon-896",
            ),
            (
                "java -jar jenkins-cli.jar -s http://localhost:8080 -auth admin:amberlagoon install-plugin git",
                "amberlagoon",
            ),
            (
                "java -jar jenkins-cli.jar -auth robot:11f14e45fceea167a5a36dedd4bea25431 list-jobs",
                "11f14e45fceea167a5a36dedd4bea25431",
            ),
            ("JENKINS_ADMIN_PASSWORD=amberlagoon", "amberlagoon"),
            (
                "export JENKINS_ADMIN_PASSWORD=amber-lagoon-896",
                "amber-lagoon-896",
            ),
            (
                "def realm = new HudsonPrivateSecurityRealm(false)\nrealm.createAccount('admin', 'amberlagoon')",
                "amberlagoon",
            ),
            (
                "hudsonRealm.createAccount(\"admin\",\"amber-lagoon-896\")",
                "amber-lagoon-896",
            ),
            ("requirepass amberlagoon", "amberlagoon"),
            (
                "echo 'requirepass amber-lagoon-896' >> /etc/redis.conf",
                "amber-lagoon-896",
            ),
            (
                "echo \"requirepass amber-lagoon-896\" >> /etc/redis.conf",
                "amber-lagoon-896",
            ),
            ("masterauth amberlagoon", "amberlagoon"),
            ("redis-cli -a amberlagoon ping", "amberlagoon"),
            (
                "redis-cli -h cache -p 6379 -a 'amber-lagoon-896' ping",
                "amber-lagoon-896",
            ),
            (
                "redis-server --requirepass amber-lagoon-896",
                "amber-lagoon-896",
            ),
            (
                "redis-server --requirepass amberlagoon --port 6379",
                "amberlagoon",
            ),
            (
                "redis-cli config set requirepass amberlagoon",
                "amberlagoon",
            ),
            ("REDISCLI_AUTH=amberlagoon redis-cli ping", "amberlagoon"),
            (
                "echo 'db:5432:shop:app:amberlagoon' > ~/.pgpass",
                "amberlagoon",
            ),
            (
                "cat > ~/.pgpass <<EOF\ndb.example.com:5432:*:app:amberlagoon\nEOF",
                "amberlagoon",
            ),
            (
                "cat > ~/.pgpass <<EOF\nlocalhost:5432:shop:app:amber-lagoon-896\nEOF",
                "amber-lagoon-896",
            ),
            (
                "cat > ~/.netrc <<EOF\nmachine api.example.com\nlogin kim\npassword amberlagoon\nEOF",
                "amberlagoon",
            ),
            (
                "echo 'machine api.example.com login kim password amberlagoon' > ~/.netrc",
                "amberlagoon",
            ),
            (
                "echo \"default login kim password amber-lagoon-896\" >> ~/.netrc",
                "amber-lagoon-896",
            ),
            (
                "cat > ~/.my.cnf <<EOF\n[client]\nuser=root\npassword=amberlagoon\nEOF",
                "amberlagoon",
            ),
            (
                "cat > ~/.my.cnf <<EOF\n[client]\nuser = root\npassword = amber-lagoon-896\nEOF",
                "amber-lagoon-896",
            ),
            ("[mysql]\npassword=\"amber-lagoon-896\"", "amber-lagoon-896"),
            (
                "rabbitmqctl change_password guest amberlagoon",
                "amberlagoon",
            ),
            (
                "mongo admin --eval \"db.createUser({user: 'root', pwd: 'amberlagoon', roles: []})\"",
                "amberlagoon",
            ),
            (
                "grafana-cli admin reset-admin-password amberlagoon",
                "amberlagoon",
            ),
            (
                "influx setup --username admin --password amberlagoon --force",
                "amberlagoon",
            ),
            (
                "xpack.security.http.ssl.keystore.password: amberlagoon",
                "amberlagoon",
            ),
            (
                "bin/elasticsearch-users useradd kim -p amberlagoon -r superuser",
                "amberlagoon",
            ),
            (
                "keycloak/bin/add-user-keycloak.sh -u admin -p amberlagoon",
                "amberlagoon",
            ),
            (
                "kcadm.sh config credentials --server http://x --realm master --user admin --password amberlagoon",
                "amberlagoon",
            ),
            (
                "wp core install --url=x --admin_user=kim --admin_password=amberlagoon",
                "amberlagoon",
            ),
            (
                "wp config create --dbname=x --dbuser=y --dbpass=amberlagoon",
                "amberlagoon",
            ),
        ],
        script,
    );
}

// Some are put together, so that no scanner of this repository takes them for real ones.
#[test]
fn finds_values_with_a_vendor_prefix() {
    all_in(
        &[
            (
                ("MAILGUN", "key-3ax6xnjp29jd6fds4gc373sgvjxteol0"),
                "key-3ax6xnjp29jd6fds4gc373sgvjxteol0",
            ),
            (
                ("MAILGUN_KEY", "key-3ax6xnjp29jd6fds4gc373sgvjxteol0"),
                "key-3ax6xnjp29jd6fds4gc373sgvjxteol0",
            ),
            (
                ("MANDRILL", "md-r8Yk2LmZ9vTr4WbNs8Yd3H"),
                "md-r8Yk2LmZ9vTr4WbNs8Yd3H",
            ),
            (
                ("STRIPE", concat!("sk_", "live_x7Kq2LmZ9vTr4WbNs8Yd3Hf6")),
                "sk_live_",
            ),
            (
                (
                    "SENDGRID",
                    concat!(
                        "S",
                        "G.x7Kq2LmZ9vTr4WbNs8Yd3H.f6Jg1Pc5Qkx7Kq2LmZ9vTr4WbNs8Yd3Hf6Jg1Pc5Qk"
                    ),
                ),
                concat!("S", "G.x7Kq2LmZ9vTr4WbNs8Yd3H.f6Jg1Pc5Qk"),
            ),
            (
                ("POSTMARK", "3f2504e0-4f89-41d3-9a0c-0305e82c3301"),
                "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
            ),
            (
                ("TWILIO", "8f14e45fceea167a5a36dedd4bea2543"),
                "8f14e45fceea167a5a36dedd4bea2543",
            ),
            (
                ("DATADOG", "8f14e45fceea167a5a36dedd4bea2543"),
                "8f14e45fceea167a5a36dedd4bea2543",
            ),
            (("SIGNING_SALT", "x7Kq2LmZ"), "x7Kq2LmZ"),
            (("SIGNING_SALT", "Zr8+kQ1v"), "Zr8+kQ1v"),
            (("SESSION_SIGNING_SALT", "wN3rT8kLq2"), "wN3rT8kLq2"),
            (("PASSWORD_SALT", "8f14e45fceea"), "8f14e45fceea"),
            (("COOKIE_SALT", "b1tt3r-Heron"), "b1tt3r-Heron"),
            (("HASHIDS_SALT", "x7Kq2LmZ9vTr"), "x7Kq2LmZ9vTr"),
        ],
        variable,
    );
}

#[test]
fn finds_secrets_in_sentences() {
    let sentences = [
        ("The initial password is Xyz12!lagoon", "Xyz12!lagoon"),
        (
            "Jump host; the initial password is Heron!42Lagoon.",
            "Heron!42Lagoon",
        ),
        ("Default password: Heron42Lagoon", "Heron42Lagoon"),
        (
            "Login with admin / password Heron42!Lagoon",
            "Heron42!Lagoon",
        ),
        (
            "Use the API key x7Kq2LmZ9vTr4WbNs8Yd to call it",
            "x7Kq2LmZ9vTr4WbNs8Yd",
        ),
        ("password=Heron42Lagoon for the demo", "Heron42Lagoon"),
        (
            "The admin password was set to 'Heron42Lagoon'",
            "Heron42Lagoon",
        ),
    ];
    all_in(&sentences, |text| {
        format!(
            "{{\"Description\": {}, \"Resources\": {{\"R\": {{\"Type\": \"AWS::S3::Bucket\"}}}}}}",
            quoted(text)
        )
    });
    all_in(&sentences, |text| {
        resource(
            "AWS::SSM::Parameter",
            &format!("\"Description\": {}", quoted(text)),
        )
    });
    all_in(&sentences, |text| {
        format!(
            "{{\"Parameters\": {{\"P\": {{\"Type\": \"String\", \"Description\": {}}}}}, \"Resources\": {{\"R\": {{\"Type\": \"AWS::S3::Bucket\"}}}}}}",
            quoted(text)
        )
    });
}

#[test]
fn finds_passphrases_and_parts_of_computed_values() {
    all_in(
        &[
            (
                ("DB_PASSWORD", "correct horse battery staple"),
                "correct horse battery staple",
            ),
            (("DB_PASSWORD", "Amber Lagoon 896"), "Amber Lagoon 896"),
            (
                ("WIFI_PASSPHRASE", "amber lagoon heron"),
                "amber lagoon heron",
            ),
            (("ADMIN_PASSWORD", "Amber lagoon!"), "Amber lagoon!"),
            (
                ("KEYSTORE_PASSPHRASE", "seven Herons over lagoon"),
                "seven Herons over lagoon",
            ),
            (("DB_PASSWORD", "heron lagoon"), "heron lagoon"),
        ],
        variable,
    );
    let computed = [
        ("{\"Fn::Sub\": \"hunter-${AWS::Region}-Zebra7\"}", "Zebra7"),
        ("{\"Fn::Sub\": \"${AWS::StackName}-Heron42!\"}", "Heron42!"),
        (
            "{\"Fn::Join\": [\"\", [\"Lagoon-\", {\"Ref\": \"E\"}, \"-Zebra7!x\"]]}",
            "Zebra7!x",
        ),
        (
            "{\"Fn::Sub\": \"Winter2024${AWS::AccountId}\"}",
            "Winter2024",
        ),
        (
            "{\"Fn::Join\": [\"\", [\"P@ssw0rd\", {\"Ref\": \"AWS::AccountId\"}]]}",
            "P@ssw0rd",
        ),
        (
            "{\"Fn::Join\": [\"\", [\"amber\", \"-lagoon\", \"-896\"]]}",
            "amber",
        ),
    ];
    all_in(&computed, |value| {
        resource(
            "AWS::Lambda::Function",
            &format!("\"Environment\": {{\"Variables\": {{\"DB_PASSWORD\": {value}}}}}"),
        )
    });
    all_in(&computed, |value| {
        resource(
            "AWS::RDS::DBInstance",
            &format!("\"MasterUserPassword\": {value}"),
        )
    });
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn finds_passwords_made_of_words() {
    all_in(
        &[
            (
                (
                    "CONN",
                    "Server=db;Database=shop;User Id=app;Password=lagoon;",
                ),
                "lagoon",
            ),
            (
                ("CONN", "host=db user=app password=lagoon dbname=shop"),
                "lagoon",
            ),
            (
                (
                    "CONN",
                    "Endpoint=sb://x;SharedAccessKeyName=a;SharedAccessKey=kJ8fQ2xZ9vLm4Rt6Yw8Pq1Ns3Bd5Gh7Jk=;",
                ),
                "kJ8fQ2xZ9vLm4Rt6",
            ),
            (
                ("CONN", "Data Source=db;uid=app;pwd=amber-lagoon;"),
                "amber-lagoon",
            ),
            (
                ("CONN", "jdbc:postgresql://db/shop?user=app&password=lagoon"),
                "lagoon",
            ),
            (
                (
                    "CONN",
                    "jdbc:sqlserver://db;databaseName=shop;user=app;password=amberlagoon",
                ),
                "amberlagoon",
            ),
            (
                (
                    "JAVA_OPTS",
                    "-Xmx1g -Dspring.datasource.password=lagoon -Dx=y",
                ),
                "lagoon",
            ),
            (
                (
                    "JAVA_TOOL_OPTIONS",
                    "-Djavax.net.ssl.trustStorePassword=lagoon",
                ),
                "lagoon",
            ),
            (("JAVA_OPTS", "-Ddb.password=amber-lagoon"), "amber-lagoon"),
            (("ARGS", "--db-user app --db-password lagoon"), "lagoon"),
            (
                ("ARGS", "--admin-password=amber-lagoon --verbose"),
                "amber-lagoon",
            ),
        ],
        variable,
    );
    all_in(
        &[
            ("java -Ddb.password=lagoon -jar app.jar", "lagoon"),
            (
                "java -Djavax.net.ssl.keyStorePassword=amber-lagoon -jar app.jar",
                "amber-lagoon",
            ),
            ("serve --db-password lagoon", "lagoon"),
            ("serve --db-password=amber-lagoon", "amber-lagoon"),
            (
                "serve --admin-password amber-lagoon --port 80",
                "amber-lagoon",
            ),
            (
                "$p = (ConvertTo-SecureString 'lagoon' -AsPlainText -Force)",
                "lagoon",
            ),
            (
                "$p = ConvertTo-SecureString amberlagoon -AsPlainText -Force",
                "amberlagoon",
            ),
            (
                "$p = (ConvertTo-SecureString amber-lagoon -AsPlainText -Force)",
                "amber-lagoon",
            ),
            (
                "$p = ConvertTo-SecureString(\"amberlagoon\") -AsPlainText -Force",
                "amberlagoon",
            ),
            (
                "$p = ConvertTo-SecureString (\"amberlagoon\") -AsPlainText -Force",
                "amberlagoon",
            ),
            (
                "$c = New-Object PSCredential('app', (ConvertTo-SecureString 'amber lagoon' -AsPlainText -Force))",
                "amber lagoon",
            ),
            (
                "$p = ConvertTo-SecureString -AsPlainText -Force -String 'amberlagoon'",
                "amberlagoon",
            ),
            (
                "$p = ConvertTo-SecureString -AsPlainText amberlagoon -Force",
                "amberlagoon",
            ),
        ],
        script,
    );
}

#[test]
fn finds_secrets_in_json_documents() {
    all_in(
        &[
            ("{\"username\":\"app\",\"password\":\"lagoon\"}", "lagoon"),
            ("{\"password\": \"amber-lagoon\"}", "amber-lagoon"),
            (
                "{\"username\": \"app\", \"token\": \"amber-lagoon-896\"}",
                "amber-lagoon-896",
            ),
            ("{\"db\": {\"password\": \"amber lagoon\"}}", "amber lagoon"),
            ("{\"apiKey\": \"lagoon896\"}", "lagoon896"),
            ("amber-lagoon", "amber-lagoon"),
        ],
        |text| {
            resource(
                "AWS::SecretsManager::Secret",
                &format!("\"SecretString\": {}", quoted(text)),
            )
        },
    );
    all_in(
        &[
            ("lagoon", "lagoon"),
            ("amber-lagoon-896", "amber-lagoon-896"),
            ("x7Kq2LmZ9vTr", "x7Kq2LmZ9vTr"),
        ],
        |value| {
            let content = format!(
                "\"DocumentType\": \"Command\", \"Content\": {{\"schemaVersion\": \"2.2\", \"parameters\": {{\"adminPassword\": {{\"type\": \"String\", \"default\": \"{value}\"}}}}, \"mainSteps\": []}}"
            );
            resource("AWS::SSM::Document", &content)
        },
    );
    all_in(
        &[
            (("SERVICE_TOKEN", "x7Kq2LmZ9vTr4WbN"), "x7Kq2LmZ9vTr4WbN"),
            (("ServiceToken", "x7Kq2LmZ9vTr4WbN"), "x7Kq2LmZ9vTr4WbN"),
            (("service_token", "amber-lagoon-896"), "amber-lagoon-896"),
            (
                ("ServiceToken", "8f14e45fceea167a5a36dedd4bea2543"),
                "8f14e45fceea167a5a36dedd4bea2543",
            ),
        ],
        variable,
    );
}

#[test]
fn finds_values_in_place_of_references() {
    let values = [
        ("x7Kq2LmZ9vTr4WbN", "x7Kq2LmZ9vTr4WbN"),
        ("Heron42!Lagoon", "Heron42!Lagoon"),
        (
            "8f14e45fceea167a5a36dedd4bea2543",
            "8f14e45fceea167a5a36dedd4bea2543",
        ),
        ("arn:x7Kq2LmZ9vTr4WbN", "x7Kq2LmZ9vTr4WbN"),
        ("arn:aws:s3:::x7Kq2LmZ9vTr4WbNs8Yd3Hf6", "x7Kq2LmZ9vTr4WbN"),
        ("/x7Kq2LmZ9vTr4WbNs8Yd3Hf6", "x7Kq2LmZ9vTr4WbN"),
        ("kJ8/fQ2+xZ9vLm4Rt6Yw8Pq1Ns3Bd5Gh7Jk9Mn2", "kJ8/fQ2+xZ9vLm4"),
        ("kJ8/fQ2xZ9vLm4Rt6Yw8/Pq1Ns3Bd5Gh7Jk9Mn2a", "kJ8/fQ2xZ9vLm4"),
        ("postgres://app:Heron42Lagoon@db/shop", "Heron42Lagoon"),
        ("Heron42!${AWS::Region}", "Heron42!"),
    ];
    all_in(&values, |value| {
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
    for kind in ["PARAMETER_STORE", "SECRETS_MANAGER"] {
        all_in(&values, |value| {
            let variables = format!(
                "[{{\"Name\": \"DB_PASSWORD\", \"Type\": \"{kind}\", \"Value\": {}}}]",
                quoted(value)
            );
            resource(
                "AWS::CodeBuild::Project",
                &format!("\"Environment\": {{\"EnvironmentVariables\": {variables}}}"),
            )
        });
    }
    all_in(&values, |value| {
        let secrets = format!(
            "[{{\"Name\": \"web\", \"Image\": \"x\", \"Secrets\": [{{\"Name\": \"DB_PASSWORD\", \"ValueFrom\": {}}}]}}]",
            quoted(value)
        );
        resource(
            "AWS::ECS::TaskDefinition",
            &format!(
                "\"ExecutionRoleArn\": \"arn:aws:iam::111122223333:role/x\", \"ContainerDefinitions\": {secrets}"
            ),
        )
    });
}
