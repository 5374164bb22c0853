//! Direct requests to the emulator, which bypass the code under test and every proxy.

use serde_json::Value;

use crate::message;
use crate::server::{Account, Emulator};

impl Emulator {
    /// Sends one request to Parameter Store and returns the HTTP status and the response.
    ///
    /// # Panics
    ///
    /// If the server does not respond with JSON.
    pub fn ask(
        &self,
        account: &Account,
        region: &str,
        operation: &str,
        body: &Value,
    ) -> (u16, Value) {
        let body = body.to_string();
        let scope = format!(
            "AWS4-HMAC-SHA256 Credential={}/20260101/{region}/ssm/aws4_request",
            account.access_key
        );
        let token = account
            .session_token
            .as_ref()
            .map(|token| format!("x-amz-security-token: {token}\r\n"));
        let request = format!(
            "POST / HTTP/1.1\r\nhost: ssm.{region}.amazonaws.com\r\nauthorization: {scope}\r\n{}\
             x-amz-target: AmazonSSM.{operation}\r\nconnection: close\r\n\
             content-type: application/x-amz-json-1.1\r\ncontent-length: {}\r\n\r\n{body}",
            token.unwrap_or_default(),
            body.len()
        );
        let answer = message::exchange(self.address(), request.as_bytes()).unwrap();
        let head = message::head_end(&answer).unwrap();
        let status = String::from_utf8_lossy(&answer[..head]);
        let status = status.split(' ').nth(1).unwrap().parse().unwrap();
        (status, serde_json::from_slice(&answer[head..]).unwrap())
    }

    /// Returns version and value of a parameter, or `None` if it does not exist.
    ///
    /// # Panics
    ///
    /// If the server does not respond.
    pub fn value_of(&self, account: &Account, region: &str, name: &str) -> Option<(u64, String)> {
        let body = serde_json::json!({ "Names": [name], "WithDecryption": true });
        let (status, answer) = self.ask(account, region, "GetParameters", &body);
        assert_eq!(status, 200, "{answer}");
        let found = answer["Parameters"].get(0)?;
        Some((
            found["Version"].as_u64().unwrap(),
            found["Value"].as_str().unwrap().to_owned(),
        ))
    }

    /// Returns the versions of a parameter with their values, oldest first. The result is empty if
    /// the parameter does not exist.
    ///
    /// # Panics
    ///
    /// If the server does not respond.
    pub fn versions_of(&self, account: &Account, region: &str, name: &str) -> Vec<(u64, String)> {
        let body = serde_json::json!({ "Name": name, "WithDecryption": true, "MaxResults": 50 });
        let (status, answer) = self.ask(account, region, "GetParameterHistory", &body);
        if status != 200 {
            return Vec::new();
        }
        let versions = answer["Parameters"].as_array().unwrap();
        let read = |version: &Value| {
            (
                version["Version"].as_u64().unwrap(),
                version["Value"].as_str().unwrap().to_owned(),
            )
        };
        versions.iter().map(read).collect()
    }

    /// Writes a value and returns the number of its version.
    ///
    /// # Panics
    ///
    /// If the server rejects the value.
    pub fn store(&self, account: &Account, region: &str, name: &str, value: &str) -> u64 {
        let body = serde_json::json!({ "Name": name, "Value": value, "Type": "SecureString", "Overwrite": true });
        let (status, answer) = self.ask(account, region, "PutParameter", &body);
        assert_eq!(status, 200, "{answer}");
        answer["Version"].as_u64().unwrap()
    }
}
