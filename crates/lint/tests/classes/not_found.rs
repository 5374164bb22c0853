//! Computed, masked and explained values that must not be found.

use crate::{nothing_in, quoted, resource, script, variable};

/// A mapping template of API Gateway.
pub(crate) fn mapping(text: &str) -> String {
    let templates = format!(
        "\"Integration\": {{\"RequestTemplates\": {{\"application/json\": {}}}}}",
        quoted(text)
    );
    resource("AWS::ApiGateway::Method", &templates)
}

#[test]
fn ignores_variables_in_mapping_templates() {
    let cases = [
        "{\"taskToken\": \"$util.base64Decode($token)\"}",
        "{\"taskToken\": \"$util.urlDecode($input.params('token'))\"}",
        "#set($token = $input.params('taskToken'))\n{\"taskToken\": \"$token\", \"output\": \"{}\"}",
        "{\"taskToken\": \"$util.escapeJavaScript($input.path('$.token'))\"}",
        "#set($secret = $util.parseJson($input.body).secret)\n{\"secret\": \"$secret\"}",
        "{\"apiKey\": \"$context.identity.apiKey\"}",
        "{\"password\": \"$!{input.password}\"}",
        "{\"token\": \"$!token\"}",
        "#set($accessToken = $input.params().header.get('X-Access-Token'))",
        "{\"password\": $input.json('$.password')}",
        "Action=SendMessage&token=$util.urlEncode($token)&MessageBody=$input.body",
        "{\"sessionToken\": \"$stageVariables.sessionToken\"}",
        "{\"apiKey\": \"$method.request.header.x-api-key\"}",
        "{\"token\": \"$ctx.stash.token1Value\"}",
    ];
    nothing_in(&cases, mapping);
    nothing_in(&cases, |text| {
        resource(
            "AWS::AppSync::Resolver",
            &format!("\"RequestMappingTemplate\": {}", quoted(text)),
        )
    });
}

#[test]
fn ignores_sql_statements_with_variables() {
    nothing_in(
        &[
            "mysql -e \"CREATE USER 'app'@'%' IDENTIFIED BY '$DB_PASS'\"",
            "mysql -e \"ALTER USER 'root'@'localhost' IDENTIFIED BY '$1'\"",
            "SET PASSWORD FOR 'root'@'localhost' = PASSWORD('$DBRootPassword');",
            "echo \"UPDATE mysql.user SET Password=PASSWORD('$DATABASE_PASS') WHERE User='root';\" | mysql",
            "psql -c \"ALTER USER app WITH PASSWORD '${APP_PW}'\"",
            "psql -c \"CREATE ROLE app LOGIN PASSWORD '$(get_pw app)'\"",
            "psql -c \"ALTER USER app WITH PASSWORD '\"$APP_PW\"'\"",
            "mysql -e \"GRANT ALL ON *.* TO 'app'@'%' IDENTIFIED BY '\"${PW}\"';\"",
            "psql -c \"ALTER USER app WITH PASSWORD '$dbpw1x'\"",
            "mysql -e \"CREATE USER app IDENTIFIED BY '$rpw4Db';\"",
            "cursor.execute(\"ALTER USER app IDENTIFIED BY '%s'\" % password)",
            "cursor.execute(f\"ALTER USER {user} WITH PASSWORD '{new_pw1}'\")",
            "cursor.execute(\"ALTER USER app WITH PASSWORD '\" + pw + \"'\")",
            "CREATE USER app IDENTIFIED BY ':password';",
            "CREATE USER app IDENTIFIED BY '{{ db_password }}';",
            "CREATE USER app WITH PASSWORD '#{node['db']['password']}';",
            "sqlcmd -Q \"CREATE LOGIN app WITH PASSWORD = N'$(APP_PW1)'\"",
            "CREATE LOGIN app WITH PASSWORD='$($Secret.Password)'",
        ],
        script,
    );
}

#[test]
fn ignores_examples_in_comments() {
    nothing_in(
        &[
            "cat > /etc/redis.conf <<'EOF'\n# requirepass foobared\n# masterauth <master-password>\nEOF",
            "# requirepass foobared",
            "#requirepass foobared",
            "[client]\n;password = example",
            ";password = your_password\n; admin_password = admin",
            "// \"password\": \"opensesame\"",
            "  // password: 'opensesame1',",
            "/*\n * password = opensesame1\n */",
            "#   --password opensesame",
            "# password = opensesame",
            "# mysql -u root -popensesame1",
            "# curl -u admin:opensesame https://example.com",
            "# Set PASSWORD=opensesame to log in",
            "#password: opensesame1",
            "-- CREATE USER app IDENTIFIED BY 'opensesame';",
            "REM set PASSWORD=opensesame",
            ":: set PASSWORD=opensesame",
            "rem net user admin opensesame /add",
            "<!-- <password>opensesame</password> -->",
            "dnl password=opensesame",
            "port 6379  # requirepass foobared",
            "const port = 3306; // password = 'opensesame'",
            "echo start # docker login -u bob -p opensesame",
        ],
        script,
    );
}

#[test]
fn ignores_masked_passwords_in_urls() {
    let masks = [
        "****",
        "*****",
        "***",
        "xxxx",
        "XXXX",
        "xxx",
        "<redacted>",
        "[REDACTED]",
        "REDACTED",
        "%2A%2A",
        "%2A%2A%2A%2A",
        "%2a%2a%2a",
        "•••••",
        "...",
        "…",
        "<password>",
        "[password]",
        "{password}",
        "(hidden)",
        "[hidden]",
        "hidden",
        "<hidden>",
        "***REDACTED***",
        "<masked>",
        "[MASKED]",
        "[FILTERED]",
        "--------",
        "########",
        "_____",
        "<secret>",
        "%3Credacted%3E",
        "%5BREDACTED%5D",
        "//****",
        "/****",
        "xxx-redacted-xxx",
        "<your-password>",
        "YOUR_PASSWORD",
    ];
    nothing_in(&masks, |mask| {
        variable((
            "DATABASE_URL",
            &format!("postgres://user:{mask}@db.example.com:5432/shop"),
        ))
    });
    nothing_in(&masks, |mask| {
        variable(("CACHE_URL", &format!("redis://:{mask}@cache:6379/0")))
    });
    nothing_in(&masks, |mask| {
        script(&format!("export MQ=amqps://svc:{mask}@mq.example.com/x"))
    });
    nothing_in(&masks, |mask| {
        variable((
            "MQ",
            &format!("jdbc:mysql://db/shop?user=app&password={mask}"),
        ))
    });
    nothing_in(&masks, |mask| {
        resource(
            "AWS::SNS::Topic",
            &format!("\"Description\": \"as postgres://user:{mask}@host\""),
        )
    });
}

#[test]
fn ignores_versions_under_names_of_secrets() {
    let versions = [
        "1.24.3-alpine",
        "7.2.4-bookworm",
        "v1.2.3-rc.1",
        "16-alpine3.19",
        "2.0.0-SNAPSHOT",
        "1.0.0+build.5",
        "3.12-slim",
        "8.0.36-debian",
        "3.12.1-slim-bookworm",
        "v0.9.1-beta2",
        "1.27.0-alpine3.19-perl",
        "22.04",
        "2024.1.3-ee",
        "17.0.9_9-jre",
        "5.7.44-log",
        "1.21.0.RELEASE",
        "11.0.21+9",
        "2.14.0-rc1+8f14e45",
        "latest-alpine",
        "6.0.0-preview.3",
        "1.4.0-5-g2f3a1b9",
        "10.11.6-MariaDB",
        "9.0.0.Final",
        "3.0.0b2",
        "1.2.3.post1",
        "4.4.0-rc.2-amd64",
    ];
    nothing_in(&versions, |version| variable(("PASSWORD_SERVICE", version)));
    nothing_in(&versions, |version| variable(("DB_PASSWORD_SYNC", version)));
    nothing_in(&versions, |version| {
        variable(("SECRET_MANAGER_TAG", version))
    });
    nothing_in(&versions, |version| variable(("PWD", version)));
    nothing_in(&versions, |version| variable(("TokenService", version)));
    nothing_in(&versions, |version| variable(("Vault", version)));
}

#[test]
fn ignores_harmless_values_in_invalid_documents() {
    let good = "\"Resources\": {\"R\": {\"Type\": \"AWS::Lambda::Function\", \"Properties\": {\"Description\": \"token: rotates9Daily\", \"Environment\": {\"Variables\": {\"TOKEN_FILE\": \"/run/x\"}}}}}";
    let mistakes = [
        format!("{{\"Description\": \"a bad \\d escape\", {good}}}"),
        format!("{{\"Description\": \"a bad \\' escape\", {good}}}"),
        format!("{{\"Description\": \"a tab \t inside\", {good}}}"),
        format!("{{\"Description\": \"x\",, {good}}}"),
        format!("{{\"Description\": \"x\" {good}}}"),
        format!("{{\"Description\": \"x\", {good},}}"),
        format!("{{\"Description\": \"x\", {good}}}}}"),
        format!("{{\"Description\": \"x\", {good}"),
        format!("{{// a comment\n\"Description\": \"x\", {good}}}"),
        format!("{{/* a comment */\"Description\": \"x\", {good}}}"),
        format!("{{\"Description\": \"\\u12\", {good}}}"),
        format!("{{\"Description\": \"a\nb\", {good}}}"),
    ];
    let cases: Vec<&str> = mistakes.iter().map(String::as_str).collect();
    nothing_in(&cases, str::to_owned);
}
