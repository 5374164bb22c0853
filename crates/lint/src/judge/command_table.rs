//! Which commands take a password, and how: from their manuals.

/// How an option is followed by its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `-p X` and `-pX`.
    Either,
    /// `-pX` alone: without it, the command asks, and what follows is something else.
    Attached,
    /// `-P X` alone.
    Next,
    /// `-c X`, where words are rather names than secrets: communities of SNMP.
    NextDrawn,
    /// `-U user%X`: a user and a password, with this between them.
    Pair(char),
}

/// Commands that take a password by the same options.
pub(super) struct Taking {
    /// In lower case, without folders and `.exe`.
    pub(super) commands: &'static [&'static str],
    pub(super) options: &'static [&'static str],
    pub(super) form: Form,
}

const fn taking(commands: &'static [&'static str], options: &'static [&'static str], form: Form) -> Taking {
    Taking { commands, options, form }
}

/// The tools of Net-SNMP.
const SNMP: &[&str] = &[
    "snmpwalk",
    "snmpget",
    "snmpgetnext",
    "snmpset",
    "snmpbulkwalk",
    "snmpbulkget",
    "snmptrap",
    "snmpinform",
    "snmptable",
    "snmpstatus",
    "snmpdf",
    "snmpusm",
];

pub(super) static TAKING: &[Taking] = &[
    taking(&["openssl"], &["-k", "-hmac"], Form::Next),
    taking(
        &[
            "mysql",
            "mysqldump",
            "mysqladmin",
            "mysqlimport",
            "mysqlcheck",
            "mysqlshow",
            "mysqlslap",
            "mysqlpump",
            "mysqlsh",
            "mysqlbinlog",
            "mariadb",
            "mariadb-dump",
            "mariadb-admin",
            "mariadb-import",
            "mariadb-check",
        ],
        &["-p"],
        Form::Attached,
    ),
    taking(&["7z", "7za", "7zr", "rar", "unrar"], &["-p", "-hp"], Form::Attached),
    taking(
        &[
            "sshpass",
            "mongo",
            "mongosh",
            "mongodump",
            "mongorestore",
            "mongoimport",
            "mongoexport",
            "mongostat",
            "cqlsh",
            "login",
            "influx",
            "mydumper",
            "myloader",
            "rabbitmqadmin",
            "psexec",
            "psexec64",
            "smbmap",
            "crackmapexec",
            "nxc",
            "wsk",
            "sonar-scanner",
            "vncpasswd",
            "certutil",
            "clickhouse-client",
        ],
        &["-p"],
        Form::Either,
    ),
    taking(&["sqlcmd", "bcp", "osql", "isql", "tsql", "ipmitool", "zip", "unzip"], &["-P"], Form::Either),
    taking(&["mosquitto_pub", "mosquitto_sub", "mosquitto_rr", "mqttx"], &["-P", "--pw"], Form::Next),
    taking(&["redis-cli", "valkey-cli", "keydb-cli"], &["-a"], Form::Next),
    taking(
        &[
            "ldapsearch",
            "ldapadd",
            "ldapmodify",
            "ldapdelete",
            "ldapwhoami",
            "ldapcompare",
            "ldapmodrdn",
            "ldapexop",
            "ldappasswd",
            "kinit",
            "adcli",
        ],
        &["-w"],
        Form::Next,
    ),
    taking(&["ldappasswd", "slappasswd"], &["-s", "-a"], Form::Next),
    taking(
        &["keytool", "jarsigner"],
        &["-storepass", "-keypass", "-srcstorepass", "-deststorepass", "-srckeypass", "-destkeypass", "-new"],
        Form::Next,
    ),
    taking(&["gpg", "gpg2", "ssh-keygen"], &["--passphrase", "-N", "-P"], Form::Next),
    taking(&["plink", "pscp", "psftp", "putty", "kitty"], &["-pw"], Form::Next),
    taking(&["convertto-securestring"], &["-String", "-string"], Form::Next),
    taking(&["schtasks"], &["/rp"], Form::Next),
    taking(&["curl"], &["--oauth2-bearer", "--pass", "--proxy-pass", "--tlspassword"], Form::Next),
    taking(SNMP, &["-A", "-X"], Form::Next),
    taking(SNMP, &["-c"], Form::NextDrawn),
    taking(
        &["smbclient", "rpcclient", "smbget", "smbcacls", "smbtree", "smbspool", "net", "wbinfo", "winexe"],
        &["-U", "--user"],
        Form::Pair('%'),
    ),
    taking(&["lftp"], &["-u", "--user"], Form::Pair(',')),
    taking(&["influx", "nats", "doctl", "vercel", "flyctl", "fly"], &["-t", "--auth-token"], Form::NextDrawn),
    taking(&["nats"], &["--user"], Form::Pair(':')),
    taking(&["http", "https", "xh"], &["-a", "--auth"], Form::Pair(':')),
    taking(&["ab", "oha", "hey"], &["-A", "-a"], Form::Pair(':')),
];

/// Commands whose argument is `user/password@service`.
pub(super) const BY_SLASH: [&str; 6] = ["sqlplus", "sqlplusw", "rman", "expdp", "impdp", "sqlldr"];

/// Words after which a password comes, whatever the command: also the directives of servers' configurations.
pub(super) const BEFORE_PASSWORD: [&str; 19] = [
    "requirepass",
    "masterauth",
    "converttosecurestring",
    "convertto-securestring",
    "change_password",
    "auth-pass",
    "auth_pass",
    "-asplaintext",
    "storepass",
    "passphrase",
    "rootpw",
    "bindpw",
    "insecure-password",
    "authldapbindpassword",
    "smtp_auth_password",
    "setapikey",
    "auth-user-pass-inline",
    "basic_auth_password",
    "primaryauth",
];

/// Words after which a name and its value come.
pub(super) const SETTERS: [&str; 16] = [
    "set",
    "setx",
    "env",
    "setenv",
    "put",
    "write",
    "fastcgi_param",
    "uwsgi_param",
    "scgi_param",
    "proxy_set_header",
    "add_header",
    "grpc_set_header",
    "requestheader",
    "passenger_env_var",
    "passenv",
    "config",
];

/// Other words that make a line worth a look.
pub(super) const OTHERS: [&str; 57] = [
    "-u",
    "--user",
    "--proxy-user",
    "curl",
    "net",
    "net1",
    "chpasswd",
    "newusers",
    "--stdin",
    "-stdin",
    "-s",
    "htpasswd",
    "add_user",
    "authenticate_user",
    "password",
    "passwd",
    "pass",
    "pwd",
    "token",
    "cmdkey",
    "passin",
    "passout",
    "identified",
    "realm",
    "smbpasswd",
    "cryptsetup",
    "--password-stdin",
    "--with-token",
    "--passphrase-fd",
    "su",
    "alias",
    "host",
    "user",
    "vault",
    "http-basic",
    "github-oauth",
    "gitlab-token",
    "acl",
    "setuser",
    "expect",
    "wpa_passphrase",
    "nmcli",
    "sc",
    "secret",
    "rp",
    "psk",
    "--value",
    "-value",
    "reg",
    "iscsiadm",
    "xfreerdp",
    "wfreerdp",
    "mkpasswd",
    "rocommunity",
    "rwcommunity",
    "--body",
    "put-parameter",
];
