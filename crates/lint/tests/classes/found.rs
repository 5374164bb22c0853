//! What must be found.

use crate::{all_in, code, quoted, resource, script};

#[test]
fn secrets_that_were_commented_out() {
    all_in(
        &[
            ("# export DB_PASSWORD=x7Kq2LmZ9vTr4WbN", "x7Kq2LmZ9vTr4WbN"),
            ("; password = Heron42!Lagoon", "Heron42!Lagoon"),
            ("run # -e TOKEN=8f14e45fceea167a5a36dedd4bea2543", "8f14e45fceea167a5a36dedd4bea2543"),
            ("/* apiKey: 'x7Kq2LmZ9vTr4WbN' */", "x7Kq2LmZ9vTr4WbN"),
            ("# postgres://app:Heron42!Lagoon@db/shop", "Heron42!Lagoon"),
            ("echo 'a # b'; export PASSWORD=lagoon", "lagoon"),
            ("echo \"#\" > x; mysql -plagoon896", "lagoon896"),
        ],
        script,
    );
}

#[test]
fn secrets_in_documents_with_a_mistake() {
    let mistakes = ["\"a\": \"\\d\"", "\"a\": 1,", "\"a\": /* b */ 1", "\"a\": 1 \"b\": 2", "\"a\": \"\\u1\""];
    let cases: Vec<(&str, &str)> = mistakes.iter().map(|mistake| (*mistake, "lagoon")).collect();
    all_in(&cases, |mistake| {
        resource("AWS::RDS::DBInstance", &format!("{mistake}, \"MasterUserPassword\": \"lagoon\""))
    });
}

#[test]
fn headers_that_prove_an_origin() {
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
    let cases: Vec<(&str, &str)> = headers.iter().map(|header| (*header, "f3a9c1d27be84065")).collect();
    all_in(&cases, |header| {
        let headers = format!("[{{\"HeaderName\": \"{header}\", \"HeaderValue\": \"f3a9c1d27be84065\"}}]");
        resource(
            "AWS::CloudFront::Distribution",
            &format!(
                "\"DistributionConfig\": {{\"Origins\": [{{\"Id\": \"o\", \"OriginCustomHeaders\": {headers}}}]}}"
            ),
        )
    });
    let words: Vec<(&str, &str)> =
        ["amber-lagoon-896", "Heron!Lagoon42", "let-only-cdn-in-2291"].iter().map(|value| (*value, *value)).collect();
    all_in(&words, |value| {
        let headers = format!("[{{\"HeaderName\": \"X-Origin-Verify\", \"HeaderValue\": \"{value}\"}}]");
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
fn literals_in_code() {
    let lines = [
        ("define('DB_PASSWORD', 'wordpress');", "wordpress"),
        ("define( 'DB_PASSWORD', 'heron lagoon' );", "heron lagoon"),
        ("define(\"AUTH_KEY\", \"9vTr4WbN#s8Yd!3Hf6\");", "9vTr4WbN#s8Yd!3Hf6"),
        ("pw = os.environ.get('DB_PASSWORD', 'amber-lagoon-896')", "amber-lagoon-896"),
        ("pw = os.environ.get(\"DB_PASSWORD\", \"lagoon\")", "lagoon"),
        ("s = os.getenv(\"X_SECRET\", \"amber-lagoon-896\")", "amber-lagoon-896"),
        ("const pw = process.env.DB_PASSWORD || 'amberlagoon';", "amberlagoon"),
        ("const pw = process.env.DB_PASSWORD ?? \"amber-lagoon\";", "amber-lagoon"),
        ("const pw = process.env['DB_PASSWORD'] || 'amberlagoon';", "amberlagoon"),
        ("requests.get(u, auth=('robot', 'amberlagoon'))", "amberlagoon"),
        ("requests.get(u, auth=('robot', 'amber-lagoon-896'))", "amber-lagoon-896"),
        ("s = ENV.fetch('API_SECRET', 'amber-lagoon-896')", "amber-lagoon-896"),
        ("s = ENV.fetch('API_SECRET') { 'amber-lagoon-896' }", "amber-lagoon-896"),
        ("s = ENV['DB_PASSWORD'] || 'amberlagoon'", "amberlagoon"),
        ("String p = System.getProperty(\"db.password\", \"amberlagoon\");", "amberlagoon"),
        ("String p = System.getenv().getOrDefault(\"DB_PASSWORD\", \"amber-lagoon-896\");", "amber-lagoon-896"),
        ("env('DB_PASSWORD', 'amberlagoon')", "amberlagoon"),
        ("password = config.get('db', 'password', fallback='amberlagoon')", "amberlagoon"),
        ("pw := getEnv(\"DB_PASSWORD\", \"amberlagoon\")", "amberlagoon"),
        ("viper.SetDefault(\"db.password\", \"amberlagoon\")", "amberlagoon"),
        ("$wgDBpassword = 'amberlagoon';", "amberlagoon"),
        ("conn = pymysql.connect(host='db', user='app', password='amber-lagoon-896')", "amber-lagoon-896"),
        ("conn = psycopg2.connect(\"host=db user=app password=amberlagoon\")", "amberlagoon"),
        ("DB_PASSWORD = 'amber-lagoon-896'", "amber-lagoon-896"),
        ("password = \"amberlagoon\"", "amberlagoon"),
    ];
    all_in(&lines, code);
    all_in(&lines, script);
}

#[test]
fn values_where_references_belong() {
    let values = [
        ("x7Kq2LmZ9vTr4WbN", "x7Kq2LmZ9vTr4WbN"),
        ("Heron42!Lagoon", "Heron42!Lagoon"),
        ("8f14e45fceea167a5a36dedd4bea2543", "8f14e45fceea167a5a36dedd4bea2543"),
        ("arn:x7Kq2LmZ9vTr4WbN", "x7Kq2LmZ9vTr4WbN"),
        ("arn:aws:s3:::x7Kq2LmZ9vTr4WbNs8Yd3Hf6", "x7Kq2LmZ9vTr4WbN"),
        ("/x7Kq2LmZ9vTr4WbNs8Yd3Hf6", "x7Kq2LmZ9vTr4WbN"),
        ("kJ8/fQ2+xZ9vLm4Rt6Yw8Pq1Ns3Bd5Gh7Jk9Mn2", "kJ8/fQ2+xZ9vLm4"),
        ("kJ8/fQ2xZ9vLm4Rt6Yw8/Pq1Ns3Bd5Gh7Jk9Mn2a", "kJ8/fQ2xZ9vLm4"),
        ("postgres://app:Heron42Lagoon@db/shop", "Heron42Lagoon"),
        ("Heron42!${AWS::Region}", "Heron42!"),
    ];
    all_in(&values, |value| {
        let secrets =
            format!("\"RuntimeEnvironmentSecrets\": [{{\"Name\": \"DB_PASSWORD\", \"Value\": {}}}]", quoted(value));
        resource(
            "AWS::AppRunner::Service",
            &format!("\"SourceConfiguration\": {{\"ImageRepository\": {{\"ImageConfiguration\": {{{secrets}}}}}}}"),
        )
    });
    for kind in ["PARAMETER_STORE", "SECRETS_MANAGER"] {
        all_in(&values, |value| {
            let variables =
                format!("[{{\"Name\": \"DB_PASSWORD\", \"Type\": \"{kind}\", \"Value\": {}}}]", quoted(value));
            resource("AWS::CodeBuild::Project", &format!("\"Environment\": {{\"EnvironmentVariables\": {variables}}}"))
        });
    }
    all_in(&values, |value| {
        let secrets = format!(
            "[{{\"Name\": \"web\", \"Image\": \"x\", \"Secrets\": [{{\"Name\": \"DB_PASSWORD\", \"ValueFrom\": {}}}]}}]",
            quoted(value)
        );
        resource(
            "AWS::ECS::TaskDefinition",
            &format!("\"ExecutionRoleArn\": \"arn:aws:iam::111122223333:role/x\", \"ContainerDefinitions\": {secrets}"),
        )
    });
}
