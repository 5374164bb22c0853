//! The words of names: those for secrets, and those for aspects of secrets. English comes first,
//! then the languages in which teams most often name things.
//!
//! A word may be on several lists: `cipher` may be a secret, and is an aspect of one. There the
//! order of the rules in [`name`](super) decides.
//!
//! Words are in lower case, and without numbers. Common words with accents are listed in both
//! spellings, since names of variables are often ASCII: `contraseña` and `contrasena`.

use crate::name::NameHint;
use crate::words::WordList;

/// Words for passwords and passphrases, with their common misspellings.
pub(crate) static PASSWORD: WordList = WordList::new(
    "adgangskode clave claves contra contrasena contrasenas contrasenha contrasenia contraseña contrasinal dbpw \
     haslo hasło heslo jelszo katasandi kennw kennwoerter kennwort kodenord kodeord kodord losen losenord lozinka \
     lösenord matkhau mdp mdps mima motdepasse parol parola parolachiave parool pass passcode passe passord \
     passphr passphrase passphrases passw passwd passwds passwor password passwordd passwords passwort passwrd \
     passwrod paswd pasword psswd psw pswd pw pwd pwds pword pwrd requirepass salasana sandi secretphrase senha \
     senhas sifre sshpass userpass userpwd wachtwoord wachtwoorden wachtwort şifre",
);

/// Words for secrets, tokens and credentials, also those that are written together.
pub(crate) static SECRET: WordList = WordList::new(
    "accesscreds accesskey accesstoken apikey apikeys apisecret apitoken appsecret authkey authtok authtoken \
     bearer bottoken clientkey clientsecret cookiesecret cred credenciais credenciales credential credentials \
     credenziali creds dbcreds encryptionkey geheim geheimen geheimnis geheimnisse gizli hemlighet identifiants \
     jeton jetons jwt jwtsecret keygrip masterkey mnemonic pat privatekey privatkey privkey psk rahasia \
     refreshtoken scrt secr secret secreta secretaccesskey secretkey secreto secretos secrets segredo segredos \
     segreti segreto sekret sessionkey sharedsecret signingkey signingsecret skey tajemstvi tajne titok tkn tkns \
     tok token tokens toks webhooksecret zugangsdaten",
);

/// Ends of words that were written together, as in `dbpassword` or `githubtoken`, with the hint
/// that they give.
pub(crate) const JOINED: &[(&str, NameHint)] = &[
    ("password", NameHint::Password),
    ("passwd", NameHint::Password),
    ("passphrase", NameHint::Password),
    ("passcode", NameHint::Password),
    ("passwort", NameHint::Password),
    ("pwd", NameHint::Password),
    ("pass", NameHint::Password),
    ("pw", NameHint::Password),
    ("secret", NameHint::Secret),
    ("secretkey", NameHint::Secret),
    ("apikey", NameHint::Secret),
    ("privatekey", NameHint::Secret),
    ("accesskey", NameHint::Secret),
    ("token", NameHint::Secret),
    ("credentials", NameHint::Secret),
    ("geheimnis", NameHint::Secret),
    ("tok", NameHint::Possible),
    ("salt", NameHint::Possible),
    ("creds", NameHint::Secret),
    ("kennwort", NameHint::Password),
    ("losenord", NameHint::Password),
];

/// Words for `key` in other languages, also as the end of compounds: `apischluessel`.
pub(crate) static KEYS: WordList = WordList::new(
    "anahtar avain cheie key keys klic kljuc kluch klucz klyuch kunci miyao nyckel schluessel schlussel schlüssel \
     sleutel",
);

/// Words for `key` in languages in which it precedes its purpose: `CLE_API`, `chaveCripto`.
pub(crate) static LEADING_KEYS: WordList =
    WordList::new("chave chaves chiave chiavi clef clefs cle cles clé clés llave llaves");

/// Words for aspects in the same languages, which precede the word for the secret: `TIPO_CLAVE`.
pub(crate) static LEADING_POINTERS: WordList = WordList::new(
    "algoritmo chemin caminho duracion fichero formato longitud max min nom nombre nome numero politica politique ruta \
     taille tamano tipo tipos type url",
);

/// Words next to a key of those languages that make it a secret.
pub(crate) static LEADING_SECRET: WordList = WordList::new(
    "acces acceso accesso acesso api chiffrement cifrado cifrada cifrar cifratura crypto cripto criptografia encriptacion \
     firma assinatura jwt maestra mestra privada privata privee privée secret secreta secrete secreto secrète segreta \
     segura signature token",
);

/// Purposes, which may follow the word for a secret: `PASSWORD_DB`, `MOT_DE_PASSE_ADMIN`.
pub(crate) static PURPOSES: WordList = WordList::new(
    "admin administrator bbdd bd bdd database datenbank db ftp ldap mail maria mariadb master mongo mysql oracle pg \
     postgres rabbit rabbitmq redis root sa samba sftp smtp sql ssh vpn web wifi wlan",
);

/// Words before `phrase` that make it a secret.
pub(crate) static PHRASES: WordList =
    WordList::new("backup key master mnemonic recovery secret seed unlock vault wallet");

/// Services that hand out a single key, which is often named after them: `MAILGUN`, `TWILIO_PROD`.
pub(crate) static VENDORS: WordList = WordList::new(
    "airbrake algolia anthropic bugsnag cloudflare datadog fastly honeybadger hubspot intercom loggly logentries mailchimp mailgun \
     mailjet mandrill mapbox mixpanel newrelic openai opsgenie pagerduty papertrail postmark pusher rollbar segment sendgrid \
     sparkpost stripe sumologic telegram twilio vonage zendesk",
);

/// Values that are mixed into hashes and signatures, and are often short.
pub(crate) static SALTS: WordList = WordList::new("pepper peppers salt salts");

/// Short numbers that open something.
pub(crate) static PINS: WordList = WordList::new("pin pincode pins puk");

/// Words between the word for a secret and its purpose: `TOKEN_FOR_SLACK`.
pub(crate) static PREPOSITIONS: WordList =
    WordList::new("das de del della der des die do du for fuer für of para per pour to van voor");

/// Owners of PINs, for words that are written together: `adminpin`.
pub(crate) static PIN_OWNERS: WordList =
    WordList::new("access admin atm card door gate hsm kassen master pos safe security sim user");

/// Ends of words that only name an environment: `apikeyprod`.
pub(crate) static GLUED: WordList =
    WordList::new("prod production dev test staging stage live uat qa old new value");

/// English words that end in `pass` and are unrelated to passwords.
pub(crate) static NO_PASS: WordList =
    WordList::new("bypass compass encompass multipass overpass surpass trespass underpass");

/// Beginnings of words that end in `key` and are unrelated to keys: `monkey`, `hotkey`.
pub(crate) static NO_KEY: WordList =
    WordList::new("don hoc hot joc lac mickey mon pub site tur turn whis");

/// Words before `code` that often make it a secret.
pub(crate) static CODES: WordList = WordList::new(
    "lizenz access activation alarm backup door entry gate invite join license pairing recovery safe security \
     sicherheits unlock vault wifi zugangs",
);

/// Words before `key` that make it a secret.
pub(crate) static SECRET_KEY: WordList = WordList::new(
    "access account admin aes anthropic api app application auth authentication authorization bot cipher client \
     cookie crypt crypto decryption deploy ecdsa enc encrypt encryption fernet geheim gpg hmac host ingest \
     ingestion integration jwe jws jwt krypto licence license master merchant openai passphrase password payment \
     personal pgp preshared priv privat private root rsa sdk secret security server service session shared sig \
     sign signatur signature signing ssh ssl storage symmetric tls token unseal verschluesselungs webhook write \
     zugriffs",
);

/// Words before `key` that make it an ordinary key: of a cache, a table, an object.
pub(crate) static ORDINARY_KEY: WordList = WordList::new(
    "archive artifact asset attribute block bucket cache code column condition config configuration context \
     custom data dedup deduplication dictionary dimension email event feature field file filter flag folder \
     foreign group handler hash header idempotency image index item json kms label lambda layer locale lock \
     log lookup map message metric object option order package parameter partition path primary property pub \
     public publishable query range record row s shard site sort source tag template translation \
     verification zip",
);

/// Words before `token` that make it ordinary: markers of pages, CSRF tokens.
pub(crate) static ORDINARY_TOKEN: WordList = WordList::new(
    "cancellation continuation csrf idempotency marker next page pagination public request result start \
     xsrf",
);

/// Words that make every key, token or secret behind them public.
pub(crate) static PUBLIC: WordList = WordList::new(
    "captcha oeffentlich oeffentlicher openbaar pub pubblica public publica publico publique publishable \
     recaptcha_site sitekey",
);

/// Words that are often those of secrets.
pub(crate) static POSSIBLE: WordList = WordList::new(
    "acceso auth authentication authorization cipher community cookie crypt csrf dsn entropy fernet hmac jwk k \
     kennung key keymaterial keyring keys keystring keytab licence license login mac material mnemonics nonce \
     oauth otp passkey pepper peppers phrase pk salt salts sas sec seed sel seme semente semilla shared sig sign \
     signature signer sk totp unlock unseal vault wif xsrf zugang zugangscodes",
);

/// Words behind the head that only qualify it.
pub(crate) static QUALIFIERS: WordList = WordList::new(
    "a alt b backup base base64 beta blue canary ci clear cleartext content contents ctl current data \
     default demo dev development east encoded env eu gamma global green hex initial input int integration \
     internal json legacy live local main new next old out output outputs override param parameter pem plain \
     plaintext preprod previous primary prod production qa raw sandbox secondary stage staging string test \
     text us value",
);

/// Verbs that begin the name of a switch: `RequirePassword`, `GenerateSecret`.
pub(crate) static VERBS: WordList = WordList::new(
    "allow allowed can disable enable enabled force generate has hide is must require requires rotate should \
     skip use uses",
);

/// Heads for the location of a secret.
pub(crate) static PLACE: WordList = WordList::new(
    "address arn arns bucket caminho chemin cidr dir directory dns domain endpoint file filename files \
     folder fqdn host hostname location mount path paths registry repo repository route routes ruta server source uri url \
     urls volume",
);

/// Heads for the name or id of a secret, and for its owner.
pub(crate) static NAMED: WordList = WordList::new(
    "alias attribute audience claim column field header id identifier ids issuer key label name names nom \
     nombre nome owner param parameter pfad prefix profile provider realm ref reference role scope scopes \
     suffix table user username",
);

/// Heads for quantities and durations.
pub(crate) static MEASURE: WordList = WordList::new(
    "age attempts bits count date days duration expiration expire expires expiry hours interval iterations \
     len length lifetime limit max min minutes ms number period port retries rounds seconds size time \
     timeout timestamp ttl validity",
);

/// Heads for all other aspects of a secret.
pub(crate) static MANNER: WordList = WordList::new(
    "ordenacion particion unica indice grupo primaria foranea ordenamiento action actions adapter alarm alert alerts algo algorithm allowed audit backend bcrypt bucket button \
     callback challenge characters chars check checksum cipher class comment complexity config configuration \
     context crc css decoder description digest disabled doc docs driver enable enabled encoder encoding encryption \
     engine env error errors exclude expression factory fingerprint flow fn foranea format formatter fpr \
     func function generator grant handler hash hasher hashing help hint icon kind lambda locator logging manager md \
     message method metric metrics mode monitor monitoring note notes parser pattern placeholder plugin \
     policy primaria processor prompt protection queue regex region required requirements reset rotation \
     rule rules schedule schema screen selector service setting settings sha spec status storage store strategy \
     strength template thumbprint toggle tooltip type types usage validation validator verification version \
     visibility xpath",
);
