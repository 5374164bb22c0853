//! The commands that take a password, and how they take it, according to their manuals.
//!
//! A row needs the option's exact letter case: `-p` is the password of `mysql`, and the port of
//! `ssh`. An option with a long name, `--password X`, needs no row.

use crate::words::WordList;

/// How a value follows its option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// As the next word or attached: `-p X` and `-pX`.
    Either,
    /// Attached only, `-pX`: with `-p` alone the command asks, and the next word is something else.
    Attached,
    /// As the next word only: `-P X`.
    Next,
    /// As the next word, where words are more likely names than secrets: `-c X` for the communities
    /// of SNMP.
    NextDrawn,
    /// As a user and a password with this separator: `-U user%X`.
    Pair(char),
}

/// Commands that take a password by the same options.
pub(crate) struct Taking {
    /// Names in lower case, without folders and `.exe`.
    pub(crate) commands: WordList,
    /// The options, as they are typed: some commands have `-p` and `-P`.
    pub(crate) options: &'static [&'static str],
    /// How the value follows any of the options.
    pub(crate) form: Form,
}

/// Returns an entry for commands that spaces separate.
const fn taking(commands: &'static str, options: &'static [&'static str], form: Form) -> Taking {
    Taking {
        commands: WordList::new(commands),
        options,
        form,
    }
}

/// The tools of Net-SNMP.
const SNMP: &str = "snmpwalk snmpget snmpgetnext snmpset snmpbulkwalk snmpbulkget snmptrap snmpinform snmptable snmpstatus snmpdf \
     snmpusm";

/// The table. A command may have several entries.
pub(crate) static TAKING: &[Taking] = &[
    taking("openssl", &["-k", "-hmac"], Form::Next),
    taking(
        "mysql mysqldump mysqladmin mysqlimport mysqlcheck mysqlshow mysqlslap mysqlpump mysqlsh mysqlbinlog \
         mariadb mariadb-dump mariadb-admin mariadb-import mariadb-check",
        &["-p"],
        Form::Attached,
    ),
    taking("7z 7za 7zr rar unrar", &["-p", "-hp"], Form::Attached),
    taking(
        "sshpass mongo mongosh mongodump mongorestore mongoimport mongoexport mongostat cqlsh login influx \
         mydumper myloader rabbitmqadmin psexec psexec64 smbmap crackmapexec nxc wsk sonar-scanner vncpasswd \
         certutil clickhouse-client elasticsearch-users opensearch-users add-user-keycloak add-user",
        &["-p", "--password"],
        Form::Either,
    ),
    taking(
        "sqlcmd bcp osql isql tsql ipmitool zip unzip",
        &["-P"],
        Form::Either,
    ),
    taking(
        "mosquitto_pub mosquitto_sub mosquitto_rr mqttx",
        &["-P", "--pw"],
        Form::Next,
    ),
    taking("redis-cli valkey-cli keydb-cli", &["-a"], Form::Next),
    taking(
        "ldapsearch ldapadd ldapmodify ldapdelete ldapwhoami ldapcompare ldapmodrdn ldapexop ldappasswd kinit \
         adcli",
        &["-w"],
        Form::Next,
    ),
    taking("ldappasswd slappasswd", &["-s", "-a"], Form::Next),
    taking(
        "keytool jarsigner",
        &[
            "-storepass",
            "-keypass",
            "-srcstorepass",
            "-deststorepass",
            "-srckeypass",
            "-destkeypass",
            "-new",
        ],
        Form::Next,
    ),
    taking(
        "gpg gpg2 ssh-keygen",
        &["--passphrase", "-N", "-P"],
        Form::Next,
    ),
    taking("plink pscp psftp putty kitty", &["-pw"], Form::Next),
    taking(
        "convertto-securestring",
        &["-String", "-string"],
        Form::Next,
    ),
    taking("schtasks", &["/rp"], Form::Next),
    taking(
        "curl",
        &["--oauth2-bearer", "--pass", "--proxy-pass", "--tlspassword"],
        Form::Next,
    ),
    taking(SNMP, &["-A", "-X"], Form::Next),
    taking(SNMP, &["-c"], Form::NextDrawn),
    taking(
        "smbclient rpcclient smbget smbcacls smbtree smbspool net wbinfo winexe",
        &["-U", "--user"],
        Form::Pair('%'),
    ),
    taking("lftp", &["-u", "--user"], Form::Pair(',')),
    taking(
        "influx nats doctl vercel flyctl fly",
        &["-t", "--auth-token"],
        Form::NextDrawn,
    ),
    taking("nats", &["--user"], Form::Pair(':')),
    taking("http https xh", &["-a", "--auth"], Form::Pair(':')),
    taking("ab oha hey", &["-A", "-a"], Form::Pair(':')),
];

/// Commands whose argument is `user/password@service`.
pub(crate) static BY_SLASH: WordList = WordList::new("sqlplus sqlplusw rman expdp impdp sqlldr");

/// Words in front of a password, whatever the command; also directives in the configuration of
/// servers.
pub(crate) static BEFORE_PASSWORD: WordList = WordList::new(
    "requirepass masterauth converttosecurestring convertto-securestring auth-pass auth_pass -asplaintext storepass \
     passphrase rootpw bindpw insecure-password authldapbindpassword smtp_auth_password setapikey \
     auth-user-pass-inline basic_auth_password primaryauth reset-admin-password --secret-string",
);

/// Words in front of a name and its value.
pub(crate) static SETTERS: WordList = WordList::new(
    "set setx env setenv put write fastcgi_param uwsgi_param scgi_param proxy_set_header add_header grpc_set_header \
     requestheader passenger_env_var passenv config",
);

/// Other words that make a line worth a search.
pub(crate) static OTHERS: WordList = WordList::new(
    "auth -auth change_password -u --user --proxy-user curl net net1 chpasswd newusers --stdin -stdin -s htpasswd \
     add_user authenticate_user password passwd pass pwd token cmdkey passin passout identified realm smbpasswd \
     cryptsetup --password-stdin --with-token --passphrase-fd su alias host user vault http-basic github-oauth \
     gitlab-token acl setuser expect wpa_passphrase nmcli sc secret rp psk --value -value reg iscsiadm xfreerdp \
     wfreerdp mkpasswd rocommunity rwcommunity --body put-parameter",
);
