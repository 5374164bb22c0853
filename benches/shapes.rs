//! Inputs of a shape in any size, for the benchmark of growth.

use std::fmt::Write as _;

/// What a command reads.
pub(crate) struct Input {
    pub(crate) template: String,
    pub(crate) config: String,
}

/// A command and what its input is made of.
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    pub(crate) command: &'static [&'static str],
    /// How many parts the smallest input has.
    pub(crate) unit: usize,
    /// The input with so many parts.
    pub(crate) input: fn(usize) -> Input,
}

const REWRITE: &[&str] = &["rewrite", "--create-execution-role"];
const LINT: &[&str] = &["lint", "template.yaml"];

pub(crate) const SHAPES: [Shape; 24] = [
    Shape {
        name: "rewrite: task definitions",
        command: REWRITE,
        unit: 30,
        input: |count| tasks(count, "SharedRole"),
    },
    Shape {
        name: "rewrite: roles",
        command: REWRITE,
        unit: 30,
        input: |count| tasks(count, "OwnRole"),
    },
    Shape {
        name: "rewrite: secret lines",
        command: REWRITE,
        unit: 30,
        input: lines,
    },
    Shape {
        name: "rewrite: conditions",
        command: REWRITE,
        unit: 30,
        input: conditions,
    },
    Shape {
        name: "rewrite: parameters",
        command: &["rewrite", "--prune-parameters"],
        unit: 30,
        input: parameters,
    },
    Shape {
        name: "rewrite: copies",
        command: REWRITE,
        unit: 30,
        input: copies,
    },
    Shape {
        name: "rewrite: Fn::Sub variables",
        command: REWRITE,
        unit: 100,
        input: sub_variables,
    },
    Shape {
        name: "rewrite: JSON of one line",
        command: REWRITE,
        unit: 30,
        input: json,
    },
    Shape {
        name: "preview: secret lines",
        command: &["preview"],
        unit: 30,
        input: lines,
    },
    Shape {
        name: "preview: a long value",
        command: &["preview"],
        unit: 3000,
        input: repeating,
    },
    Shape {
        name: "explain: secret lines",
        command: &["explain", "SECRET_1"],
        unit: 30,
        input: lines,
    },
    Shape {
        name: "iam: secret lines",
        command: &["iam"],
        unit: 30,
        input: lines,
    },
    Shape {
        name: "flag: mistakes",
        command: &["flag"],
        unit: 100,
        input: mistakes,
    },
    Shape {
        name: "lint: findings",
        command: LINT,
        unit: 30,
        input: |count| entries(count, secret),
    },
    Shape {
        name: "lint: findings as SARIF",
        command: &["lint", "--format", "sarif", "template.yaml"],
        unit: 30,
        input: |count| entries(count, secret),
    },
    Shape {
        name: "lint: entries",
        command: LINT,
        unit: 100,
        input: |count| entries(count, |index| format!("level-{index}")),
    },
    Shape {
        name: "lint: URLs in one value",
        command: LINT,
        unit: 50,
        input: |count| one_value(count, |index| format!("https://example.com/a/{index} ")),
    },
    Shape {
        name: "lint: words in one value",
        command: LINT,
        unit: 100,
        input: |count| one_value(count, |_| "ab cd ".to_owned()),
    },
    Shape {
        name: "lint: a long value",
        command: LINT,
        unit: 1000,
        input: |count| one_value(count, |_| "x9Q".to_owned()),
    },
    Shape {
        name: "lint: Fn::Sub variables",
        command: LINT,
        unit: 100,
        input: sub_variables,
    },
    Shape {
        name: "lint: JSON in a value",
        command: LINT,
        unit: 30,
        input: json_in_value,
    },
    Shape {
        name: "lint: JSON of one line",
        command: LINT,
        unit: 30,
        input: json,
    },
    Shape {
        name: "lint: parameters",
        command: LINT,
        unit: 30,
        input: parameters,
    },
    Shape {
        name: "lint: commands",
        command: LINT,
        unit: 30,
        input: script,
    },
];

const HEAD: &str = "[environments.production]\naccount = \"111122223333\"\nregions = [\"us-west-2\"]\n[flag]\ndefault = \"reference\"\n\
                    [apps.web]\ntemplates = [\"template.yaml\"]\n[apps.web.secrets]\n";

fn config(count: usize) -> String {
    let mut text = HEAD.to_owned();
    for index in 0..count {
        let _ = writeln!(text, "SECRET_{index} = \"secret-{index}\"");
    }
    text
}

/// A made-up value that differs from all others.
fn secret(index: usize) -> String {
    format!("not-a-secret-Xk9q{index}Zr7")
}

fn role(id: &str) -> String {
    format!(
        "  {id}:\n    Type: AWS::IAM::Role\n    Properties:\n      AssumeRolePolicyDocument: {{Version: '2012-10-17', Statement: [{{Effect: Allow, Principal: {{Service: ecs-tasks.amazonaws.com}}, Action: 'sts:AssumeRole'}}]}}\n"
    )
}

fn task(id: &str, role: &str, environment: &str) -> String {
    format!(
        "  {id}:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      ExecutionRoleArn: !GetAtt {role}.Arn\n      ContainerDefinitions:\n        - Name: {id}\n          Image: nginx\n          Environment:\n{environment}"
    )
}

fn entry(name: &str, value: &str) -> String {
    format!("            - Name: {name}\n              Value: {value}\n")
}

fn of_task(before: &str, environment: &str, count: usize) -> Input {
    let template = format!(
        "{before}Resources:\n{}{}",
        role("Role"),
        task("Task", "Role", environment)
    );
    Input {
        template,
        config: config(count),
    }
}

fn tasks(count: usize, roles: &str) -> Input {
    let mut template = "Resources:\n".to_owned();
    let is_shared = roles == "SharedRole";
    if is_shared {
        template.push_str(&role("Role"));
    }
    for index in 0..count {
        let own = if is_shared {
            "Role".to_owned()
        } else {
            format!("Role{index}")
        };
        if !is_shared {
            template.push_str(&role(&own));
        }
        template.push_str(&task(
            &format!("Task{index}"),
            &own,
            &entry("SECRET_0", "not-a-secret-0"),
        ));
    }
    Input {
        template,
        config: config(1),
    }
}

fn entries(count: usize, value: impl Fn(usize) -> String) -> Input {
    let environment: Vec<String> = (0..count)
        .map(|index| entry(&format!("DB_PASSWORD_{index}"), &value(index)))
        .collect();
    of_task("", &environment.concat(), 1)
}

fn lines(count: usize) -> Input {
    let environment: Vec<String> = (0..count)
        .map(|index| entry(&format!("SECRET_{index}"), &format!("not-a-secret-{index}")))
        .collect();
    of_task("", &environment.concat(), count)
}

/// A declared value that repeats itself, and so the worst case of many a search.
fn repeating(count: usize) -> Input {
    of_task("", &entry("SECRET_0", &"aB9".repeat(count / 3)), 1)
}

/// Each value is in another place as well, and in a comment.
fn copies(count: usize) -> Input {
    let entry = |index: usize| {
        entry(
            &format!("SECRET_{index}"),
            &format!("not-a-secret-{index}x"),
        )
    };
    let copy = |index: usize| {
        format!(
            "  P{index}: {{Type: String, Default: not-a-secret-{index}x}}  # not-a-secret-{index}x\n"
        )
    };
    let environment: Vec<String> = (0..count).map(entry).collect();
    let copies: Vec<String> = (0..count).map(copy).collect();
    of_task(
        &format!("Parameters:\n{}", copies.concat()),
        &environment.concat(),
        count,
    )
}

fn conditions(count: usize) -> Input {
    let declared: Vec<String> = (0..count)
        .map(|index| format!("  C{index}: !Equals [!Ref AWS::Region, r{index}]\n"))
        .collect();
    let entry = |index: usize| {
        format!(
            "            - !If [C{index}, {{Name: SECRET_{index}, Value: not-a-secret-{index}}}, !Ref AWS::NoValue]\n"
        )
    };
    let environment: Vec<String> = (0..count).map(entry).collect();
    of_task(
        &format!("Conditions:\n{}", declared.concat()),
        &environment.concat(),
        count,
    )
}

fn parameters(count: usize) -> Input {
    let declared: Vec<String> = (0..count)
        .map(|index| {
            format!(
                "  P{index}: {{Type: String, NoEcho: true, Default: {}}}\n",
                secret(index)
            )
        })
        .collect();
    let environment: Vec<String> = (0..count)
        .map(|index| entry(&format!("SECRET_{index}"), &format!("!Ref P{index}")))
        .collect();
    of_task(
        &format!("Parameters:\n{}", declared.concat()),
        &environment.concat(),
        count,
    )
}

fn sub_variables(count: usize) -> Input {
    let text: Vec<String> = (0..count).map(|index| format!("${{V{index}}}")).collect();
    let values: Vec<String> = (0..count)
        .map(|index| format!("V{index}: x{index}"))
        .collect();
    let value = format!("!Sub [\"{}\", {{{}}}]", text.concat(), values.join(", "));
    of_task(
        "",
        &(entry("SECRET_0", "not-a-secret-0") + &entry("URL", &value)),
        1,
    )
}

fn json(count: usize) -> Input {
    let task = |index: usize| {
        format!(
            "\"Task{index}\": {{\"Type\": \"AWS::ECS::TaskDefinition\", \"Properties\": {{\"ContainerDefinitions\": [{{\"Name\": \"web\", \"Image\": \"nginx\", \"Environment\": [{{\"Name\": \"SECRET_0\", \"Value\": \"not-a-secret-0\"}}]}}]}}}}"
        )
    };
    let tasks: Vec<String> = (0..count).map(task).collect();
    Input {
        template: format!("{{\"Resources\": {{{}}}}}", tasks.join(", ")),
        config: config(1),
    }
}

fn json_in_value(count: usize) -> Input {
    let pairs: Vec<String> = (0..count)
        .map(|index| format!("\"password{index}\": \"{}\"", secret(index)))
        .collect();
    of_task(
        "",
        &entry("CONFIG", &format!("'{{{}}}'", pairs.join(", "))),
        1,
    )
}

fn one_value(count: usize, part: impl Fn(usize) -> String) -> Input {
    let text: Vec<String> = (0..count).map(part).collect();
    of_task("", &entry("SECRET_0", &format!("\"{}\"", text.concat())), 1)
}

fn script(count: usize) -> Input {
    let commands: Vec<String> = (0..count)
        .map(|index| format!("        curl -fsS https://example.com/{index} -o /tmp/{index} --user web:$PASSWORD\n"))
        .collect();
    let template = format!(
        "Resources:\n  Instance:\n    Type: AWS::EC2::Instance\n    Properties:\n      UserData: |\n{}",
        commands.concat()
    );
    Input {
        template,
        config: config(1),
    }
}

fn mistakes(count: usize) -> Input {
    let mut config = HEAD.to_owned();
    for index in 0..count {
        let _ = writeln!(
            config,
            "SECRET_{index} = {{ key = \"x\", scope = \"nope\" }}"
        );
    }
    Input {
        template: "Resources: {}\n".to_owned(),
        config,
    }
}
