//! 判定凭据: the inputs of a verdict, for a replay, offline, to the same bytes.
//!
//! A receipt names everything that a report depends on: the version of the program, the fact dictionary, the items, the
//! positions of their quotes, the profile, the day and the options, each by its digest; and of the report every match by
//! its own. The items are read again from the registry as of a moment, or from the catalogue stored beside the receipt.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::profile::Profile;
use zhaoren_policy::verdict::Verdict;
use zhaoren_registry::{Moment, is_signed};

use crate::error::EngineError;
use crate::rules::Rules;
use crate::written::{json_digest, json_value};
use crate::{Date, MatchOptions, MatchReport};

/// The format of receipts that this version writes.
const FORMAT: &str = "zhaoren-receipt/2";
/// The format of receipts whose reports had neither amounts in words, nor advice, nor standings. This version cannot write
/// their bytes again; what such a receipt proves is its verdicts, on the same items and quotes.
const FORMAT_OF_VERDICTS: &str = "zhaoren-receipt/1";
/// Signature domain of receipts.
pub(crate) const SIGNATURE_DOMAIN: &str = "zhaoren-receipt-signature/1";

/// A receipt for one report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    /// Format.
    pub form: String,
    /// Digest of all other fields.
    pub id: String,
    /// Time of issue, in milliseconds since 1970, UTC.
    pub issued_at: i64,
    /// The version of the program.
    pub engine: String,
    /// Tenant whose items were matched beside the shared catalogue; empty for none.
    pub tenant: String,
    /// The moment as of which the registry was read; `None` for items from files.
    pub believed: Option<i64>,
    /// 判定日.
    pub as_of: Date,
    /// True if ineligible items and items not in force were included.
    pub all: bool,
    /// Maximum number of matches requested.
    pub limit: usize,
    /// True if a bundle was requested.
    pub bundle: bool,
    /// Digest of the fact dictionary.
    pub facts: String,
    /// Digest of all items.
    pub rules: String,
    /// Digest of the positions of their quotes.
    pub evidence: String,
    /// The profile in canonical form.
    pub profile: Profile,
    /// Digests of the matches, in their order.
    pub matches: Vec<MatchMark>,
    /// Digest of the bundle, if there is one.
    pub best: Option<String>,
    /// Digest of the whole report, as one line of JSON.
    pub result: String,
    /// The signature of the installation over the id; `None` in receipts of older versions, and without a signing key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<Signature>,
}

/// The signature of a receipt. The digest in the id excludes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// The public key, 64 hexadecimal digits.
    pub key: String,
    /// The signature, Ed25519, 128 hexadecimal digits.
    pub value: String,
}

/// Result of the check of a receipt's signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SignatureStatus {
    /// Signed with a trusted key.
    Trusted,
    /// Signed, but the trusted keys are not known here.
    Unknown,
    /// Signed with a key that is not trusted.
    Other,
    /// Not signed.
    Unsigned,
    /// The signature does not fit this receipt: the receipt was changed.
    Wrong,
}

/// One match in a receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatchMark {
    /// Id of the item.
    pub policy: String,
    /// Digest of the item as of the match, equal to that of its revision in the registry.
    pub item: String,
    /// The verdict.
    pub verdict: String,
    /// Digest of the match.
    pub result: String,
}

/// A difference between a replay and its receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The part: `receipt`, `form`, `engine`, `facts`, `rules`, `evidence`, `item`, `verdict`, `match`, `matches`, `bundle`
    /// or `result`.
    pub part: &'static str,
    /// The item concerned, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// Value in the receipt.
    pub was: String,
    /// Value of the replay.
    pub now: String,
}

/// Result of a replay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Replay {
    /// The receipt.
    pub id: String,
    /// The enterprise.
    pub enterprise: String,
    /// True if the report is the same, byte for byte, and on the same grounds; of a receipt of an older format, if every verdict is.
    pub same: bool,
    /// Extent of the comparison: `report`, or `verdicts` of a receipt of an older format.
    pub compared: &'static str,
    /// Check of its signature without known keys.
    pub signed: SignatureStatus,
    /// All differences, causes first. A newer version of the program with the same report is also named.
    pub differences: Vec<Difference>,
}

impl Receipt {
    /// The receipt for a report of `rules` for `profile` with `options`.
    pub fn new(
        rules: &Rules,
        profile: &Profile,
        options: MatchOptions,
        report: &MatchReport,
        issued_at: Moment,
    ) -> Self {
        let origin = rules.origin();
        let marks = report.matches.iter().map(|one| MatchMark {
            policy: one.policy.clone(),
            item: rules.item_digest(&one.policy),
            verdict: verdict(one.verdict),
            result: json_digest(one),
        });
        let mut receipt = Self {
            form: FORMAT.to_owned(),
            id: String::new(),
            issued_at: issued_at.0,
            engine: env!("CARGO_PKG_VERSION").to_owned(),
            tenant: origin.tenant.clone(),
            believed: origin.system_time.map(|moment| moment.0),
            as_of: options.as_of,
            all: options.all,
            limit: options.limit,
            bundle: options.bundle,
            facts: rules.digests().facts.clone(),
            rules: rules.digests().items.clone(),
            evidence: rules.digests().evidence.clone(),
            profile: profile.clone(),
            matches: marks.collect(),
            best: report.bundle.as_ref().map(json_digest),
            result: json_digest(report),
            signature: None,
        };
        receipt.id = receipt.own_digest();
        receipt
    }

    /// The digest of all fields but id and signature.
    fn own_digest(&self) -> String {
        json_digest(&Self { id: String::new(), signature: None, ..self.clone() })
    }

    /// Checks its signature; `trusted` holds the public keys of the accepted issuers, and is empty if they are unknown.
    pub fn check_signature(&self, trusted: &[String]) -> SignatureStatus {
        let Some(Signature { key, value }) = &self.signature else { return SignatureStatus::Unsigned };
        if self.id != self.own_digest() || !is_signed(key, SIGNATURE_DOMAIN, &self.id, value) {
            return SignatureStatus::Wrong;
        }
        match trusted {
            [] => SignatureStatus::Unknown,
            _ if trusted.contains(key) => SignatureStatus::Trusted,
            _ => SignatureStatus::Other,
        }
    }

    /// The options of its report.
    pub fn options(&self) -> MatchOptions {
        MatchOptions { as_of: self.as_of, all: self.all, limit: self.limit, bundle: self.bundle }
    }

    /// Repeats the match with `rules` and returns the differences.
    pub fn replay(&self, rules: &Rules) -> Replay {
        let (report, _) = rules.match_profile(&self.profile, self.options());
        let now = Self::new(rules, &self.profile, self.options(), &report, Moment(self.issued_at));
        let mut differences = Vec::new();
        let mut compare = |part, recorded: &str, now: &str| {
            if recorded != now {
                differences.push(Difference {
                    part,
                    policy: None,
                    was: recorded.to_owned(),
                    now: now.to_owned(),
                });
            }
        };
        compare("receipt", &self.id, &self.own_digest());
        let of_report = self.form != FORMAT_OF_VERDICTS;
        if of_report {
            compare("form", &self.form, FORMAT);
            compare("facts", &self.facts, &now.facts);
        }
        compare("engine", &self.engine, &now.engine);
        compare("rules", &self.rules, &now.rules);
        compare("evidence", &self.evidence, &now.evidence);
        differences.extend(self.matches_differ(&now, rules, of_report));
        let none = String::new();
        if of_report && self.best != now.best {
            let (recorded, now) = (self.best.as_ref().unwrap_or(&none), now.best.as_ref().unwrap_or(&none));
            differences.push(Difference {
                part: "bundle",
                policy: None,
                was: recorded.clone(),
                now: now.clone(),
            });
        }
        let signed = self.check_signature(&[]);
        // Another version of the program with the same result on the same grounds confirms the receipt.
        let same = (self.result == now.result || !of_report)
            && signed != SignatureStatus::Wrong
            && differences.iter().all(|one| one.part == "engine");
        if of_report && self.result != now.result {
            let (recorded, now) = (self.result.clone(), now.result);
            differences.push(Difference { part: "result", policy: None, was: recorded, now });
        }
        Replay {
            id: self.id.clone(),
            enterprise: self.profile.id.clone(),
            same,
            compared: if of_report { "report" } else { "verdicts" },
            signed,
            differences,
        }
    }

    /// Differences between the matches; without `of_report`, in items and verdicts only.
    fn matches_differ(&self, now: &Self, rules: &Rules, of_report: bool) -> Vec<Difference> {
        let order = |matches: &[MatchMark]| {
            matches.iter().map(|one| one.policy.as_str()).collect::<Vec<_>>().join(" ")
        };
        let (recorded, is) = (order(&self.matches), order(&now.matches));
        let mut differences = Vec::new();
        let listed: BTreeMap<&str, &MatchMark> = by_policy(&now.matches);
        // Matches no longer listed are looked up among all items, so that their verdict can be reported.
        let everything =
            self.matches.iter().any(|one| !listed.contains_key(one.policy.as_str())).then(|| {
                let options = MatchOptions { all: true, limit: usize::MAX, bundle: false, ..self.options() };
                let (report, _) = rules.match_profile(&self.profile, options);
                Self::new(rules, &self.profile, options, &report, Moment(self.issued_at)).matches
            });
        let unlisted = everything.as_deref().map(by_policy).unwrap_or_default();
        for one in &self.matches {
            let policy = one.policy.as_str();
            let Some(again) = listed.get(policy).or_else(|| unlisted.get(policy)) else { continue };
            let about = |part, recorded: &str, now: &str| Difference {
                part,
                policy: Some(one.policy.clone()),
                was: recorded.to_owned(),
                now: now.to_owned(),
            };
            if one.item != again.item {
                differences.push(about("item", &one.item, &again.item));
            }
            if one.verdict != again.verdict {
                differences.push(about("verdict", &one.verdict, &again.verdict));
            } else if of_report && one.result != again.result {
                differences.push(about("match", &one.result, &again.result));
            }
        }
        let known: BTreeSet<&str> = self.matches.iter().map(|one| one.policy.as_str()).collect();
        let is_longer = now.matches.iter().any(|one| !known.contains(one.policy.as_str()));
        if is_longer || (of_report && recorded != is) {
            differences.push(Difference { part: "matches", policy: None, was: recorded, now: is });
        }
        differences
    }
}

/// Matches of a receipt by the ids of their items.
fn by_policy(matches: &[MatchMark]) -> BTreeMap<&str, &MatchMark> {
    matches.iter().map(|one| (one.policy.as_str(), one)).collect()
}

/// Items that a receipt was issued on and that no registry holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReceiptCatalogue {
    /// Digest of all items, as receipts have it.
    pub rules: String,
    /// The facts of the dictionary that differ from the built-in ones or are additional.
    pub facts: Vec<serde_json::Value>,
    /// The items, each with its JSON as read; none if the registry holds them.
    pub items: Vec<String>,
    /// The positions of their quotes.
    pub evidence: crate::Evidence,
}

impl ReceiptCatalogue {
    /// The data to store beside receipts of `rules`; `None` if the registry and the program have all of it.
    pub fn of(rules: &Rules) -> Option<Self> {
        let built_in = FactDictionary::built_in();
        let own = rules.dictionary().iter().filter(|fact| built_in.get(&fact.key) != Some(fact));
        let facts: Vec<serde_json::Value> = own.map(json_value).collect();
        let given = rules.origin().system_time.is_none();
        if !given && facts.is_empty() {
            return None;
        }
        let library = rules.library();
        let bodies = (0..library.len()).filter_map(|index| library.body(index).map(str::to_owned));
        Some(Self {
            rules: rules.digests().items.clone(),
            facts,
            items: if given { bodies.collect() } else { Vec::new() },
            evidence: if given { rules.evidence().clone() } else { crate::Evidence::default() },
        })
    }

    /// The fact dictionary of the receipt, and its problems.
    pub fn dictionary(&self) -> (FactDictionary, Vec<zhaoren_policy::problem::Problem>) {
        let mut dictionary = FactDictionary::built_in().clone();
        let text = serde_json::Value::Array(self.facts.clone()).to_string();
        let problems = dictionary.extend_from(&text, "catalogue.json").problems;
        (dictionary, problems)
    }

    /// The rules restored; `None` if the registry holds the items.
    ///
    /// # Errors
    /// An item cannot be read.
    pub fn rules(&self) -> Result<Option<Rules>, EngineError> {
        use zhaoren_policy::{item::read_item, problem::Report, syntax};
        if self.items.is_empty() && self.evidence == crate::Evidence::default() && !self.facts.is_empty() {
            return Ok(None);
        }
        let (dictionary, _) = self.dictionary();
        let mut report = Report::new("catalogue");
        let mut items = Vec::new();
        for (number, body) in (1..).zip(&self.items) {
            let unreadable = |why: String| EngineError::Unreadable {
                what: "凭据目录中的事项",
                id: format!("第 {number} 项"),
                why,
            };
            let node = syntax::json(body).map_err(|error| unreadable(error.to_string()))?;
            let item = read_item(&node, &dictionary, &mut report).ok_or_else(|| {
                let first = report.problems.first();
                unreadable(first.map_or_else(|| "不是事项".to_owned(), ToString::to_string))
            })?;
            items.push((item, body.clone()));
        }
        Ok(Some(Rules::new(items, dictionary, self.evidence.clone())))
    }
}

/// The word for a verdict, as reports have it.
fn verdict(verdict: Verdict) -> String {
    let word = match verdict {
        Verdict::Eligible => "eligible",
        Verdict::Ineligible => "ineligible",
        Verdict::Undetermined => "undetermined",
    };
    word.to_owned()
}
