//! Reads the layers of settings, keeping the origin of each value.

use std::path::{Path, PathBuf};
use std::time::Duration;

use toml::de::{DeTable, DeValue};
use zhaoren_courier::ModelSettings;
use zhaoren_engine::parse_length;

use super::kind::{Kind, bytes, origins};
use super::table::{SETTINGS, Setting};
use super::{Fault, Limits, Log, Oidc, Origin, Settings};

/// Layers above the defaults.
#[derive(Clone, Debug, Default)]
pub struct Layers {
    /// File path and text.
    pub file: Option<(PathBuf, String)>,
    /// Environment variables.
    pub environment: Vec<(String, String)>,
    /// Command line: key of the setting, value, and name of the flag.
    pub flags: Vec<(String, String, String)>,
}

/// All settings with their values and origins.
#[derive(Clone, Debug)]
pub struct SettingsSources {
    values: Vec<(&'static Setting, String, Origin)>,
    /// Errors, in the order of the layers.
    pub faults: Vec<Fault>,
}

/// Reads the layers; a later one wins.
pub fn read(layers: &Layers) -> SettingsSources {
    let values =
        SETTINGS.iter().map(|setting| (setting, setting.default.to_owned(), Origin::Default)).collect();
    let mut reading = SettingsSources { values, faults: Vec::new() };
    if let Some((path, text)) = &layers.file {
        reading.file(path, text);
    }
    for (name, value) in &layers.environment {
        if let Some(setting) = SETTINGS.iter().find(|setting| setting.variable() == *name) {
            reading.set(setting.key, value, Origin::Environment(name.clone()));
        }
    }
    for (key, value, flag) in &layers.flags {
        reading.set(key, value, Origin::Flag(flag.clone()));
    }
    reading.together();
    reading
}

impl SettingsSources {
    /// Settings with value and origin, in the order of the table.
    pub fn values(&self) -> impl Iterator<Item = (&'static Setting, &str, &Origin)> {
        self.values.iter().map(|(setting, value, origin)| (*setting, value.as_str(), origin))
    }

    /// Value of a setting as text; empty if unset.
    pub fn text(&self, key: &str) -> &str {
        self.values.iter().find(|(setting, ..)| setting.key == key).map_or("", |(_, value, _)| value)
    }

    /// Converts the values to settings.
    ///
    /// # Errors
    /// All errors found in the layers.
    pub fn settings(&self) -> Result<Settings, Vec<Fault>> {
        if !self.faults.is_empty() {
            return Err(self.faults.clone());
        }
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let path = |key| Some(self.text(key)).filter(|text| !text.is_empty()).map(PathBuf::from);
        let limits = Limits {
            body: self.bytes("limits.body"),
            import: self.bytes("limits.import"),
            line: self.bytes("limits.line"),
            time: self.time("limits.time"),
            import_time: self.time("limits.import_time"),
            silence: self.time("limits.silence"),
            working: Some(self.count("limits.working")).filter(|&n| n > 0).unwrap_or(2 * cores),
            writing: self.count("limits.writing").max(1),
            waiting: self.count("limits.waiting"),
            bodies: self.bytes("limits.bodies"),
            rate: self.bytes("limits.rate").max(1),
            sign_ins: u32::try_from(self.count("limits.sign_ins")).unwrap_or(u32::MAX),
            sessions: self.count("limits.sessions").max(1),
            connections: self.count("limits.connections").max(1),
            per_minute: u32::try_from(self.count("limits.per_minute")).unwrap_or(u32::MAX),
            disk: self.bytes("limits.disk"),
        };
        let oidc = path("oidc.jwks").map(|jwks| Oidc {
            issuer: self.text("oidc.issuer").to_owned(),
            audience: self.text("oidc.audience").to_owned(),
            jwks,
            role_claim: self.text("oidc.role_claim").to_owned(),
            tenant_claim: self.text("oidc.tenant_claim").to_owned(),
        });
        let proposer = Some(self.text("proposer.url")).filter(|url| !url.is_empty());
        let proposer = proposer.map(|url| ModelSettings {
            url: url.to_owned(),
            model: self.text("proposer.model").to_owned(),
            key_file: path("proposer.key_file"),
            timeout: self.time("proposer.timeout"),
        });
        let listen =
            self.text("listen").parse().map_err(|_| vec![self.fault("listen", Kind::Address.expected())])?;
        let names = self.text("hosts").split(',').map(str::trim).filter(|name| !name.is_empty());
        Ok(Settings {
            listen,
            hosts: names.map(str::to_ascii_lowercase).collect(),
            cors: origins(self.text("cors")).unwrap_or_default(),
            runs: path("runs"),
            channels: path("channels"),
            limits,
            oidc,
            proposer,
            grace: self.time("grace"),
            look: self.time("look"),
            log: Log { level: self.text("log.level").to_owned(), format: self.text("log.format").to_owned() },
        })
    }

    fn bytes(&self, key: &str) -> usize {
        bytes(self.text(key)).unwrap_or_default()
    }

    fn time(&self, key: &str) -> Duration {
        parse_length(self.text(key)).unwrap_or_default()
    }

    fn count(&self, key: &str) -> usize {
        self.text(key).parse().unwrap_or_default()
    }

    fn file(&mut self, path: &Path, text: &str) {
        let line = |at: usize| text.bytes().take(at).filter(|&byte| byte == b'\n').count() + 1;
        match DeTable::parse(text) {
            Err(error) => self.faults.push(Fault {
                origin: Origin::File(path.to_owned(), error.span().map_or(1, |span| line(span.start))),
                key: "TOML".to_owned(),
                value: None,
                expected: format!("格式有误：{}", error.message()),
            }),
            Ok(table) => self.table(path, "", table.get_ref(), &line),
        }
    }

    fn table(&mut self, path: &Path, above: &str, table: &DeTable<'_>, line: &dyn Fn(usize) -> usize) {
        // In the order of the file, so that its errors are reported in that order.
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        for (key, value) in entries {
            let name = if above.is_empty() {
                key.get_ref().to_string()
            } else {
                format!("{above}.{}", key.get_ref())
            };
            let origin = Origin::File(path.to_owned(), line(key.span().start));
            match value.get_ref() {
                DeValue::Table(inner) if is_group(&name) => self.table(path, &name, inner, line),
                DeValue::String(text) => self.set(&name, text, origin),
                DeValue::Integer(number) => self.set(&name, number.as_str(), origin),
                DeValue::Boolean(flag) => self.set(&name, &flag.to_string(), origin),
                DeValue::Array(list) if list.iter().all(|one| one.get_ref().is_str()) => {
                    let names: Vec<&str> = list.iter().filter_map(|one| one.get_ref().as_str()).collect();
                    self.set(&name, &names.join(","), origin);
                }
                other => {
                    let expected = known(&name).map_or_else(all_known, Setting::accepts);
                    let value = Some(other.type_str().to_owned());
                    self.faults.push(Fault { origin, key: name, value, expected });
                }
            }
        }
    }

    fn set(&mut self, key: &str, value: &str, origin: Origin) {
        let Some(setting) = known(key) else {
            let value = Some(value.to_owned());
            self.faults.push(Fault { origin, key: key.to_owned(), value, expected: all_known() });
            return;
        };
        let unset = value.is_empty() && (setting.default.is_empty() || setting.kind == Kind::Text);
        if !unset && (value.is_empty() || !setting.kind.accepts(value)) {
            let value = Some(value.to_owned());
            self.faults.push(Fault { origin, key: key.to_owned(), value, expected: setting.accepts() });
            return;
        }
        for (setting, text, from) in &mut self.values {
            if setting.key == key {
                value.clone_into(text);
                *from = origin.clone();
            }
        }
    }

    /// Checks settings that depend on each other.
    fn together(&mut self) {
        let (issuer, jwks) = (self.text("oidc.issuer").is_empty(), self.text("oidc.jwks").is_empty());
        if !issuer && jwks {
            self.faults.push(self.fault("oidc.jwks", "给出 oidc.issuer 时须给出公钥文件".to_owned()));
        }
        if issuer && !jwks {
            self.faults.push(self.fault("oidc.issuer", "给出 oidc.jwks 时须给出身份提供方".to_owned()));
        }
        for key in ["limits.body", "limits.import"] {
            if self.bytes(key) > self.bytes("limits.bodies") {
                let expected = format!("应不小于 {key}（{}）", self.text(key));
                self.faults.push(self.fault("limits.bodies", expected));
            }
        }
    }

    fn fault(&self, key: &str, expected: String) -> Fault {
        let found = self.values.iter().find(|(setting, ..)| setting.key == key);
        let origin = found.map_or(Origin::Default, |(.., origin)| origin.clone());
        Fault { origin, key: key.to_owned(), value: None, expected }
    }
}

fn known(key: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.key == key)
}

fn is_group(name: &str) -> bool {
    SETTINGS.iter().any(|setting| setting.key.split_once('.').is_some_and(|(group, _)| group == name))
}

fn all_known() -> String {
    let keys: Vec<&str> = SETTINGS.iter().map(|setting| setting.key).collect();
    format!("没有这一项，可用的有 {}", keys.join("、"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> Layers {
        Layers { file: Some((PathBuf::from("z.toml"), text.to_owned())), ..Layers::default() }
    }

    #[test]
    fn later_settings_layers_win_and_are_named() {
        let mut layers = file("listen = \"127.0.0.1:1\"\n\n[limits]\nbody = \"1MiB\"\nworking = 3\n");
        layers.environment.push(("ZHAOREN_LIMITS_BODY".to_owned(), "2MiB".to_owned()));
        layers.environment.push(("ZHAOREN_LISTEN".to_owned(), "127.0.0.1:2".to_owned()));
        layers.flags.push(("listen".to_owned(), "127.0.0.1:3".to_owned(), "--listen".to_owned()));
        let reading = read(&layers);
        let settings = reading.settings().unwrap();
        assert_eq!(settings.listen.port(), 3);
        assert_eq!((settings.limits.body, settings.limits.working), (2 << 20, 3));
        let origin = |key: &str| {
            reading
                .values()
                .find(|(setting, ..)| setting.key == key)
                .map(|(.., origin)| origin.to_string())
                .unwrap()
        };
        assert_eq!(origin("limits.working"), "z.toml:5");
        assert_eq!(origin("limits.body"), "环境变量 ZHAOREN_LIMITS_BODY");
        assert_eq!(origin("listen"), "参数 --listen");
        assert_eq!(origin("grace"), "默认值");
    }

    #[test]
    fn default_settings_are_valid() {
        assert_eq!(read(&Layers::default()).settings().unwrap().listen.to_string(), "127.0.0.1:8080");
    }

    #[test]
    fn wrong_settings_are_named_with_their_location() {
        let text = "listen = \"8080\"\n[limits]\nbody = \"16MB\"\nbodie = 1\ntime = 30\nline = {}\n[colour]\nred = 1\n";
        let reading = read(&file(text));
        let lines: Vec<String> = reading.faults.iter().map(ToString::to_string).collect();
        for (at, says) in [
            "z.toml:1：listen = `8080`：应为 IP:端口",
            "z.toml:3：limits.body = `16MB`：应为大小",
            "z.toml:4：limits.bodie = `1`：没有这一项",
            "z.toml:5：limits.time = `30`：应为时长",
            "z.toml:6：limits.line = `table`：应为大小",
            "z.toml:7：colour = `table`：没有这一项",
        ]
        .iter()
        .enumerate()
        {
            assert!(lines[at].starts_with(says), "{at}: {lines:#?}");
        }
        assert_eq!(lines.len(), 6);
        assert!(reading.settings().is_err());
        let broken = read(&file("listen = \"127.0.0.1:1\"\nruns = \n")).faults;
        assert_eq!(broken.len(), 1);
        assert!(broken[0].to_string().starts_with("z.toml:2：TOML：格式有误"), "{}", broken[0]);
        let oidc = read(&file("[oidc]\nissuer = \"https://id.example.cn\"\n")).faults;
        assert!(oidc[0].to_string().contains("oidc.jwks"), "{}", oidc[0]);
    }
}
