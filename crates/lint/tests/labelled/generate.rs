//! Templates with a label for every line that holds a value.

use crate::vocabulary::{DECOYS, Half, PASSWORDS, SECRETS};

/// A template, and the numbers of its lines that hold a secret.
pub(crate) struct Labelled {
    pub(crate) text: String,
    pub(crate) secrets: Vec<usize>,
}

/// Numbers that are the same in every run: xorshift64*.
pub(crate) struct Draw(u64);

impl Draw {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(number).unwrap_or(0) % limit
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    pub(crate) fn text(&mut self, alphabet: &str, length: usize) -> String {
        let letters: Vec<char> = alphabet.chars().collect();
        (0..length)
            .map(|_| letters[self.below(letters.len())])
            .collect()
    }
}

const ALNUM: &str = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
const HEX: &str = "0123456789abcdef";
const WORDS: [&str; 20] = [
    "Summer", "Dragon", "Winter", "Falcon", "Monday", "Orange", "Silver", "Tiger", "Castle",
    "River", "Purple", "Rocket", "Garden", "Hunter", "Coffee", "Planet", "Shadow", "Thunder",
    "Violet", "Wizard",
];

/// A password as people make them up.
fn password(draw: &mut Draw) -> String {
    let (word, number) = (draw.one(&WORDS), draw.below(9000) + 1000);
    let sign = draw.one(&['!', '@', '#', '-', '_', '*']);
    let length = 10 + draw.below(14);
    match draw.below(7) {
        0 => format!("{word}{number}{sign}"),
        1 => format!("{}{sign}{number}", word.to_lowercase()),
        2 => {
            word.to_lowercase()
                .replace('e', "3")
                .replace('o', "0")
                .replace('a', "4")
                + &number.to_string()
        }
        3 => format!(
            "{}{}{number}",
            word.to_lowercase(),
            draw.one(&WORDS).to_lowercase()
        ),
        4 => format!("{sign}{}", draw.text(ALNUM, length))
            .trim_start_matches(['!', '@', '#', '-', '*', '_'])
            .to_owned(),
        5 => format!("P{sign}ss{word}{}", number % 100),
        _ => draw.text(ALNUM, length),
    }
}

/// A key as machines draw them.
fn key(draw: &mut Draw) -> String {
    match draw.below(8) {
        0 => draw.text(HEX, 32),
        1 => draw.text(HEX, 64),
        2 => draw.text(ALNUM, 40),
        3 => format!(
            "{}/{}+{}",
            draw.text(ALNUM, 12),
            draw.text(ALNUM, 14),
            draw.text(ALNUM, 12)
        ),
        4 => format!("{}{}", "ghp_", draw.text(ALNUM, 36)),
        5 => format!("{}{}", "sk_live_", draw.text(ALNUM, 24)),
        6 => [8, 4, 4, 4, 12]
            .map(|length| draw.text(HEX, length))
            .join("-"),
        _ => draw.text(ALNUM, 24) + "==",
    }
}

/// A name and a value, of which one pair in four is a secret.
pub(crate) fn any(half: Half, draw: &mut Draw) -> (String, String, bool) {
    let mut lines = Lines {
        text: Vec::new(),
        secrets: Vec::new(),
        draw,
        half,
    };
    lines.any()
}

/// Whether a value can stand between double quotes as it is.
pub(crate) fn fits_plain(value: &str) -> bool {
    !value.contains(['"', '\\', '\n'])
}

/// A template with values in all places, every line labelled.
pub(crate) fn template(half: Half, seed: u64) -> Labelled {
    let mut draw = Draw::new(seed + if half == Half::Tuned { 1 } else { 1_000_003 });
    let mut lines = Lines {
        text: Vec::new(),
        secrets: Vec::new(),
        draw: &mut draw,
        half,
    };
    lines.parameters();
    lines.mappings();
    lines.plain("Resources:");
    lines.task_definition();
    lines.lambda();
    lines.batch();
    lines.code_build();
    lines.app_runner();
    lines.database();
    lines.instance();
    lines.others();
    lines.outputs();
    Labelled {
        text: lines.text.join("\n") + "\n",
        secrets: lines.secrets,
    }
}

struct Lines<'d> {
    text: Vec<String>,
    secrets: Vec<usize>,
    draw: &'d mut Draw,
    half: Half,
}

impl Lines<'_> {
    fn plain(&mut self, text: &str) {
        self.text.extend(text.lines().map(str::to_owned));
    }

    fn secret(&mut self, text: String) {
        self.text.push(text);
        self.secrets.push(self.text.len());
    }

    /// A secret's name and value.
    fn pair(&mut self) -> (String, String) {
        let (passwords, secrets) = (self.half.of(PASSWORDS), self.half.of(SECRETS));
        if self.draw.below(2) == 0 {
            (self.draw.one(&passwords).to_owned(), password(self.draw))
        } else {
            (self.draw.one(&secrets).to_owned(), key(self.draw))
        }
    }

    fn decoy(&mut self) -> (&'static str, &'static str) {
        let decoys = self.half.of(DECOYS);
        self.draw.one(&decoys)
    }

    /// A value as YAML may write it.
    fn written(&mut self, value: &str) -> String {
        match self.draw.below(3) {
            0 if !value.contains('\'') => format!("'{value}'"),
            1 if value.starts_with(|first: char| first.is_ascii_alphabetic())
                && !value.contains([':', '#', '{', '*', '&', '"', '\\', ',']) =>
            {
                value.to_owned()
            }
            _ if value.contains('\\') => format!("\"{value}\""),
            _ => format!("\"{}\"", value.replace('"', "\\\"")),
        }
    }

    /// `Name`/`Value` items at an indentation.
    fn items(&mut self, indent: usize, count: usize) {
        let pad = " ".repeat(indent);
        for _ in 0..count {
            let (name, value, is_secret) = self.any();
            let value = self.written(&value);
            if self.draw.below(3) == 0 {
                self.value(
                    format!("{pad}- {{Name: {name}, Value: {value}}}"),
                    is_secret,
                );
            } else {
                self.plain(&format!("{pad}- Name: {name}"));
                self.value(format!("{pad}  Value: {value}"), is_secret);
            }
        }
    }

    /// One in four is a secret.
    fn any(&mut self) -> (String, String, bool) {
        if self.draw.below(4) == 0 {
            let (name, value) = self.pair();
            return (name, value, true);
        }
        let (name, value) = self.decoy();
        (name.to_owned(), value.to_owned(), false)
    }

    fn value(&mut self, line: String, is_secret: bool) {
        if is_secret {
            self.secret(line);
        } else {
            self.text.push(line);
        }
    }

    fn parameters(&mut self) {
        self.plain("AWSTemplateFormatVersion: '2010-09-09'\nDescription: A quiz with an API key, a password and a token\nParameters:");
        for index in 0..4 {
            let (name, value, is_secret) = self.any();
            let value = self.written(&value);
            self.plain(&format!(
                "  {}{index}:\n    Type: String\n    Description: The {} of the service",
                camel(&name),
                name.to_lowercase().replace('_', " ")
            ));
            self.value(format!("    Default: {value}"), is_secret);
        }
        self.plain("  DbPasswordParameterName:\n    Type: AWS::SSM::Parameter::Value<String>\n    Default: /prod/quiz/db-password");
    }

    fn mappings(&mut self) {
        self.plain("Mappings:\n  Settings:\n    prod:");
        for index in 0..4 {
            let (name, value, is_secret) = self.any();
            let value = self.written(&value);
            self.value(format!("      {}{index}: {value}", camel(&name)), is_secret);
        }
    }

    fn task_definition(&mut self) {
        self.plain("  Task:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      ExecutionRoleArn: arn:aws:iam::111122223333:role/x\n      ContainerDefinitions:\n        - Name: web\n          Image: nginx:1.25\n          Environment:");
        self.items(12, 10);
        let (name, value) = self.pair();
        self.plain("            - !If\n              - IsProd");
        self.plain(&format!("              - Name: {name}"));
        self.secret(format!("                Value: '{value}'"));
        self.plain("              - !Ref AWS::NoValue");
        let url = password(self.draw).replace(['@', '#', '*'], "x");
        self.plain("            - Name: BROKER");
        self.secret(format!(
            "              Value: !Sub 'amqps://quiz:{url}@${{Broker.Host}}:5671'"
        ));
        self.plain("          Secrets:\n            - Name: TOKEN\n              ValueFrom: arn:aws:ssm:us-east-1:111122223333:parameter/prod/token\n          Command:\n            - serve\n            - --password");
        let argument = password(self.draw).replace(['!', '#', '*'], "x");
        self.secret(format!("            - '{argument}'"));
        self.plain("            - --token-ttl\n            - '3600'\n          DockerLabels:");
        let (name, value, is_secret) = self.any();
        let value = self.written(&value);
        self.value(
            format!("            com.example.{}: {value}", name.to_lowercase()),
            is_secret,
        );
        self.plain(
            "          LogConfiguration:\n            LogDriver: splunk\n            Options:",
        );
        let token = [8, 4, 4, 4, 12]
            .map(|length| self.draw.text(HEX, length))
            .join("-");
        self.secret(format!("              splunk-token: {token}"));
        self.plain("              splunk-url: https://splunk.example.com:8088");
    }

    fn lambda(&mut self) {
        self.plain("  Function:\n    Type: AWS::Lambda::Function\n    Properties:\n      Runtime: python3.12\n      Handler: index.handler\n      Environment:\n        Variables:");
        for index in 0..6 {
            let (name, value, is_secret) = self.any();
            let value = self.written(&value);
            self.value(format!("          {name}_{index}: {value}"), is_secret);
        }
        self.plain("      Code:\n        ZipFile: |\n          import os\n          password = os.environ['PASSWORD']\n          token = get_token(client)");
        let value = key(self.draw);
        self.secret(format!("          api_key = '{value}'"));
        self.plain("          next_token = response['NextToken']");
    }

    fn batch(&mut self) {
        self.plain("  Job:\n    Type: AWS::Batch::JobDefinition\n    Properties:\n      Type: container\n      ContainerProperties:\n        Image: busybox\n        Environment:");
        self.items(10, 5);
    }

    fn code_build(&mut self) {
        self.plain("  Build:\n    Type: AWS::CodeBuild::Project\n    Properties:\n      Environment:\n        Type: LINUX_CONTAINER\n        Image: aws/codebuild/standard:7.0\n        EnvironmentVariables:");
        self.items(10, 5);
        self.plain("          - Name: DEPLOY_TOKEN\n            Type: SECRETS_MANAGER\n            Value: prod/deploy:token\n          - Name: DB_PASSWORD\n            Type: PARAMETER_STORE\n            Value: dbPasswordProd1");
    }

    fn app_runner(&mut self) {
        self.plain("  Runner:\n    Type: AWS::AppRunner::Service\n    Properties:\n      SourceConfiguration:\n        ImageRepository:\n          ImageConfiguration:\n            RuntimeEnvironmentVariables:");
        self.items(14, 4);
    }

    fn database(&mut self) {
        let value = password(self.draw);
        self.plain("  Database:\n    Type: AWS::RDS::DBInstance\n    Properties:\n      MasterUsername: admin");
        if self.draw.below(2) == 0 {
            self.secret(format!("      MasterUserPassword: '{value}'"));
        } else {
            self.plain("      MasterUserPassword: '{{resolve:secretsmanager:prod/db:SecretString:password}}'");
        }
        let json = key(self.draw);
        self.plain("  Stored:\n    Type: AWS::SecretsManager::Secret\n    Properties:\n      Name: prod/quiz/api");
        self.secret(format!(
            "      SecretString: '{{\"user\": \"quiz\", \"apiKey\": \"{json}\"}}'"
        ));
    }

    fn instance(&mut self) {
        self.plain("  Instance:\n    Type: AWS::EC2::Instance\n    Properties:\n      KeyName: my-key\n      UserData:\n        Fn::Base64: !Sub |\n          #!/bin/bash\n          export PASSWORD=$(aws ssm get-parameter --name /prod/db --with-decryption)");
        let (name, value) = self.pair();
        self.secret(format!("          export {name}='{value}'"));
        let (name, value) = self.decoy();
        self.plain(&format!(
            "          export {name}='{}'",
            value.replace('\\', "")
        ));
        let argument = password(self.draw).replace(['!', '#', '*'], "x");
        match self.draw.below(4) {
            0 => self.secret(format!(
                "          mysql -u root -p{argument}9 -e 'select 1'"
            )),
            1 => self.secret(format!(
                "          curl -u quiz:{argument} https://example.com/x"
            )),
            2 => self.secret(format!("          echo 'admin:{argument}' | chpasswd")),
            _ => self.secret(format!(
                "          docker login -u quiz -p {argument} registry.example.com"
            )),
        }
        self.plain("          yum install -y token-service\n          echo \"Set the password with: passwd\"\n          curl -H \"Authorization: Bearer $TOKEN\" https://example.com");
    }

    fn others(&mut self) {
        let value = key(self.draw);
        self.plain("  Stack:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: https://s3.amazonaws.com/bucket/child.yaml\n      Parameters:\n        SecretArn: arn:aws:secretsmanager:us-east-1:111122223333:secret:x");
        self.secret(format!("        ApiToken: '{value}'"));
        self.plain("  Policy:\n    Type: AWS::IAM::Policy\n    Properties:\n      PolicyName: PasswordReader\n      PolicyDocument:\n        Statement:\n          - Effect: Allow\n            Action: [secretsmanager:GetSecretValue, 'ssm:GetParameters', ecr:GetAuthorizationToken]\n            Resource: '*'");
        self.plain("  Asset:\n    Type: AWS::Lambda::LayerVersion\n    Properties:\n      Content:\n        S3Bucket: cdk-hnb659fds-assets-111122223333-us-east-1");
        let hash = self.draw.text(HEX, 64);
        self.plain(&format!("        S3Key: {hash}.zip"));
    }

    fn outputs(&mut self) {
        self.plain("Outputs:\n  Endpoint:\n    Value: https://quiz.example.com");
        let (name, value, is_secret) = self.any();
        let value = self.written(&value);
        self.plain(&format!(
            "  {}Out:\n    Description: is the {}",
            camel(&name),
            name.to_lowercase()
        ));
        self.value(format!("    Value: {value}"), is_secret);
    }
}

/// `DB_PASSWORD` as `DbPassword`.
fn camel(name: &str) -> String {
    let part = |part: &str| {
        let (first, rest) = part.split_at(1.min(part.len()));
        first.to_uppercase() + &rest.to_lowercase()
    };
    name.split('_').map(part).collect()
}
