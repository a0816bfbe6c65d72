//! Receipts: written beside a match, and replayed by `zhaoren verify`.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};
use zhaoren_engine::{
    Engine, Home, Moment, Principal, Receipt, ReceiptCatalogue, Records, Replay, Rules, SignatureStatus, now,
};

use crate::args::VerifyArgs;
use crate::exit::{CannotRun, Outcome, print_problems};
use crate::progress::Bars;

/// Writes receipts to a file, one per line, after the catalogue they refer to; with a registry they are stored there
/// too.
pub(crate) fn write(
    file: &Path,
    mut receipts: Vec<Receipt>,
    rules: &Rules,
    records: Option<&Records>,
) -> Result<(), CannotRun> {
    if let Some(records) = records {
        receipts = receipts.into_iter().map(|receipt| records.sign_receipt(receipt)).collect();
    }
    let mut text = String::new();
    if let Some(catalogue) = ReceiptCatalogue::of(rules) {
        text.push_str(&json!({"catalogue": catalogue}).to_string());
        text.push('\n');
    }
    for receipt in &receipts {
        text.push_str(&serde_json::to_string(receipt)?);
        text.push('\n');
    }
    // Stored first: a receipt that was handed out can always be looked up.
    if let Some(records) = records {
        records.keep_receipts(&Principal::local().write_context(now()), &receipts)?;
    }
    std::fs::write(file, text).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(())
}

/// `zhaoren verify`
pub(crate) fn verify(home: &Home, json: bool, args: &VerifyArgs) -> Result<Outcome, CannotRun> {
    let mut given = VerificationInput::default();
    for one in &args.receipts {
        given.read(home, one)?;
    }
    if given.receipts.is_empty() {
        return Err("没有可核验的凭据".into());
    }
    let trusted = trusted_keys(home, &args.key)?;
    let (mut found, mut is_signed) = (Vec::new(), !given.has_errors);
    let mut engine = None;
    for receipt in &given.receipts {
        let rules = rules(home, receipt, &given.catalogues, &mut engine)?;
        let mut replay = receipt.replay(&rules);
        replay.signed = receipt.check_signature(&trusted);
        // With `--key`, an unsigned receipt is not accepted.
        is_signed &= match replay.signed {
            SignatureStatus::Trusted | SignatureStatus::Unknown => true,
            SignatureStatus::Unsigned => args.key.is_empty(),
            SignatureStatus::Other | SignatureStatus::Wrong => false,
        };
        let key = receipt.signature.as_ref().map(|one| one.key.clone()).unwrap_or_default();
        found.push((replay, key));
    }
    let mut out = std::io::BufWriter::new(crate::terminal::stdout());
    for (replay, key) in &found {
        if json {
            writeln!(out, "{}", serde_json::to_string(replay)?)?;
        } else {
            print_replay(&mut out, replay, key)?;
        }
    }
    out.flush()?;
    let sound = is_signed && found.iter().all(|(replay, _)| replay.same);
    Ok(if sound { Outcome::Done } else { Outcome::InvalidInput })
}

/// Public keys accepted as signers: those given, otherwise that of the data directory.
fn trusted_keys(home: &Home, given: &[String]) -> Result<Vec<String>, CannotRun> {
    if given.is_empty() {
        let key = home.data().join("signing.key");
        // Verification must not create any file.
        let records = if key.exists() { Records::open_existing(home).ok() } else { None };
        return Ok(records.and_then(|records| records.public_key()).into_iter().collect());
    }
    let is_key = |text: &str| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let read = |one: &String| {
        if is_key(one) {
            return Ok(one.to_ascii_lowercase());
        }
        let text = std::fs::read_to_string(one).map_err(|error| format!("--key {one}：{error}"))?;
        let text = text.trim().to_ascii_lowercase();
        if is_key(&text) {
            Ok(text)
        } else {
            Err(format!("--key {one}：应为公钥，64 位十六进制（见 audit key）").into())
        }
    };
    given.iter().map(read).collect()
}

/// Input of `zhaoren verify`.
#[derive(Default)]
struct VerificationInput {
    receipts: Vec<Receipt>,
    catalogues: BTreeMap<String, AttachedItems>,
    has_errors: bool,
}

/// Catalogue attached to receipts, with its rules if it contains items.
struct AttachedItems {
    catalogue: ReceiptCatalogue,
    rules: Option<Arc<Rules>>,
}

impl VerificationInput {
    fn read(&mut self, home: &Home, one: &str) -> Result<(), CannotRun> {
        let is_id = one.len() == 64 && one.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_id && !Path::new(one).exists() {
            match Records::open_existing(home)?.receipt(None, one)? {
                Some(receipt) => self.receipts.push(receipt),
                None => return Err(format!("登记库中没有凭据 `{one}`").into()),
            }
            return Ok(());
        }
        let text = std::fs::read_to_string(one).map_err(|error| format!("{one}: {error}"))?;
        for value in serde_json::Deserializer::from_str(&text).into_iter::<Value>() {
            match value {
                Ok(value) => self.value(one, value),
                Err(error) => {
                    self.refuse(one, &error);
                    break;
                }
            }
        }
        Ok(())
    }

    /// Adds a receipt, a catalogue, or an answer of the HTTP API that contains receipts.
    fn value(&mut self, file: &str, mut value: Value) {
        if let Some(catalogue) = value.get_mut("catalogue").map(Value::take) {
            match serde_json::from_value::<ReceiptCatalogue>(catalogue) {
                Ok(catalogue) => match catalogue.rules() {
                    Ok(rules) => {
                        let rules = rules.map(Arc::new);
                        self.catalogues.insert(catalogue.rules.clone(), AttachedItems { catalogue, rules });
                    }
                    Err(error) => self.refuse(file, &error),
                },
                Err(error) => self.refuse(file, &error),
            }
        } else if let Some(receipt) = value.get_mut("receipt").map(Value::take) {
            self.receipt(file, receipt);
        } else if let Some(Value::Array(results)) = value.get_mut("results").map(Value::take) {
            results.into_iter().for_each(|result| self.value(file, result));
        } else {
            self.receipt(file, value);
        }
    }

    fn receipt(&mut self, file: &str, value: Value) {
        match serde_json::from_value(value) {
            Ok(receipt) => self.receipts.push(receipt),
            Err(error) => self.refuse(file, &error),
        }
    }

    fn refuse(&mut self, file: &str, error: &dyn std::fmt::Display) {
        tell!("{file}: 不是凭据：{error}");
        self.has_errors = true;
    }
}

/// Rules that a receipt was issued on, as far as they are available.
fn rules(
    home: &Home,
    receipt: &Receipt,
    catalogues: &BTreeMap<String, AttachedItems>,
    engine: &mut Option<Engine>,
) -> Result<Arc<Rules>, CannotRun> {
    let beside = catalogues.get(&receipt.rules);
    if let Some(rules) = beside.and_then(|beside| beside.rules.as_ref()) {
        return Ok(Arc::clone(rules));
    }
    let Some(believed) = receipt.believed else {
        let id = &receipt.id;
        return Err(format!(
            "凭据 {id} 是对文件中的事项作出的，须与 match --receipts 所写的整个文件一起核验"
        )
        .into());
    };
    let engine = match engine {
        Some(engine) => engine,
        none => {
            Records::open_existing(home)?;
            none.insert(Engine::open(home, &Bars::new())?.0)
        }
    };
    let dictionary = match beside {
        Some(beside) => beside.catalogue.dictionary().0,
        None => engine.dictionary_for(&receipt.tenant)?,
    };
    let mut problems = Vec::new();
    let moment = Some(Moment(believed));
    let rules = engine.rules_at(&receipt.tenant, moment, &dictionary, &mut problems)?;
    print_problems(&problems);
    Ok(rules)
}

fn print_replay(out: &mut dyn Write, replay: &Replay, key: &str) -> std::io::Result<()> {
    let (mark, word) = if replay.same {
        ("✓", "重做的结果逐字节相同")
    } else {
        ("✗", "与重做的结果不符")
    };
    writeln!(out, "{mark} {}  {}  {word}", replay.enterprise, replay.id)?;
    match replay.signed {
        SignatureStatus::Trusted => writeln!(out, "    签名有效，由 {key} 签署")?,
        SignatureStatus::Unknown => {
            writeln!(out, "    签名有效，由 {key} 签署；是谁的密钥未核对，可用 --key 指定")?
        }
        SignatureStatus::Other => writeln!(out, "    ✗ 由另一把密钥 {key} 签署")?,
        SignatureStatus::Unsigned => writeln!(out, "    未签名：无从得知由谁、何时出具")?,
        SignatureStatus::Wrong => writeln!(out, "    ✗ 签名与内容不符：凭据被改动")?,
    }
    for one in &replay.differences {
        let part = match one.part {
            "receipt" => "凭据本身被改动",
            "form" => "凭据的格式",
            "engine" => "程序版本",
            "facts" => "指标字典",
            "rules" => "事项",
            "evidence" => "原文出处",
            "matches" => "列出的事项及次序",
            "item" => "事项内容",
            "verdict" => "判定",
            "match" => "判定的细节",
            "bundle" => "最优组合",
            _ => "整份结果",
        };
        let policy = one.policy.as_deref().map(|id| format!(" {id}")).unwrap_or_default();
        writeln!(out, "    {part}{policy}：凭据为 {}，现为 {}", one.was, one.now)?;
    }
    Ok(())
}
