//! 判定凭据: what a verdict was made of, so that it can be made again, offline, to the same bytes.
//!
//! A receipt names everything that a report depends on: the version of the program, the facts there are, the items, where
//! their quotes stand, the profile, the day and the options, each by its digest; and of the report every match by its own.
//! The items are found again in the registry as it was believed at a moment, or in the catalogue beside the receipt.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::profile::Profile;
use zhaoren_policy::verdict::Verdict;
use zhaoren_registry::{Moment, is_signed};

use crate::error::EngineError;
use crate::rules::Rules;
use crate::written::{json_line, json_value};
use crate::{Date, MatchOptions, MatchReport};

/// The form of receipts that this version writes.
const FORM: &str = "zhaoren-receipt/1";
/// What is signed of a receipt is of this kind.
pub(crate) const RECEIPT: &str = "zhaoren-receipt-signature/1";

/// A receipt for one report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    /// Its form.
    pub form: String,
    /// The digest of all the rest.
    pub id: String,
    /// When it was issued, in milliseconds since 1970, UTC.
    pub issued_at: i64,
    /// The version of the program.
    pub engine: String,
    /// Whose items were matched beside those that all share; empty for none.
    pub tenant: String,
    /// The moment as of which the registry was believed; `None` where the items were given in files.
    pub believed: Option<i64>,
    /// 判定日.
    pub as_of: Date,
    /// Whether the ineligible and what is not in force were kept.
    pub all: bool,
    /// How many matches there were to be at most.
    pub limit: usize,
    /// Whether there was to be a bundle.
    pub bundle: bool,
    /// Digest of the fact dictionary.
    pub facts: String,
    /// Digest of all items.
    pub rules: String,
    /// Digest of where their quotes stand.
    pub evidence: String,
    /// The profile, in the program's own form.
    pub profile: Profile,
    /// Digests of the matches, in their order.
    pub matches: Vec<MatchMark>,
    /// Digest of the bundle, where there is one.
    pub best: Option<String>,
    /// Digest of the whole report, as one line of JSON.
    pub result: String,
    /// The signature of the installation over the id; `None` in receipts of older versions, and where there was no key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<Signature>,
}

/// The signature of a receipt. It is no part of what the id is a digest of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// The public key, 64 hexadecimal digits.
    pub key: String,
    /// The signature, Ed25519, 128 hexadecimal digits.
    pub value: String,
}

/// What the signature of a receipt says of where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Signed {
    /// It is signed with a key that is trusted.
    Trusted,
    /// It is signed, and whether with the right key is not known here.
    Unknown,
    /// It is signed with another key than those that are trusted.
    Other,
    /// It is not signed.
    Unsigned,
    /// The signature is not of this receipt: something in it was changed.
    Wrong,
}

/// One match in a receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatchMark {
    /// Id of the item.
    pub policy: String,
    /// Digest of the item as it was, the one that its revision in the registry has.
    pub item: String,
    /// The verdict.
    pub verdict: String,
    /// Digest of the match.
    pub result: String,
}

/// Where a replay does not come to what a receipt says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The part: `receipt`, `form`, `engine`, `facts`, `rules`, `evidence`, `item`, `verdict`, `match`, `matches`, `bundle`
    /// or `result`.
    pub part: &'static str,
    /// The item that it is about, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// What the receipt says.
    pub was: String,
    /// What is found now.
    pub now: String,
}

/// What a replay came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Replay {
    /// The receipt.
    pub id: String,
    /// The enterprise.
    pub enterprise: String,
    /// Whether the report came out the same, byte for byte, and on the same grounds.
    pub same: bool,
    /// What its signature says, without knowing whose it is to be.
    pub signed: Signed,
    /// Everything that differs, causes first. A newer version of the program that comes to the same report is named too.
    pub differences: Vec<Difference>,
}

impl Receipt {
    /// The receipt for what `rules` said.
    pub(crate) fn new(
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
            result: of_json(one),
        });
        let mut receipt = Self {
            form: FORM.to_owned(),
            id: String::new(),
            issued_at: issued_at.0,
            engine: env!("CARGO_PKG_VERSION").to_owned(),
            tenant: origin.tenant.clone(),
            believed: origin.believed.map(|moment| moment.0),
            as_of: options.as_of,
            all: options.all,
            limit: options.limit,
            bundle: options.bundle,
            facts: rules.digests().facts.clone(),
            rules: rules.digests().items.clone(),
            evidence: rules.digests().evidence.clone(),
            profile: profile.clone(),
            matches: marks.collect(),
            best: report.bundle.as_ref().map(of_json),
            result: of_json(report),
            signature: None,
        };
        receipt.id = receipt.own_digest();
        receipt
    }

    /// The digest of everything but id and signature.
    fn own_digest(&self) -> String {
        of_json(&Self { id: String::new(), signature: None, ..self.clone() })
    }

    /// What its signature says, where `trusted` are the public keys of whoever may have issued it; none where they are not
    /// known.
    pub fn signed(&self, trusted: &[String]) -> Signed {
        let Some(Signature { key, value }) = &self.signature else { return Signed::Unsigned };
        if self.id != self.own_digest() || !is_signed(key, RECEIPT, &self.id, value) {
            return Signed::Wrong;
        }
        match trusted {
            [] => Signed::Unknown,
            _ if trusted.contains(key) => Signed::Trusted,
            _ => Signed::Other,
        }
    }

    /// How its report was made.
    pub fn options(&self) -> MatchOptions {
        MatchOptions { as_of: self.as_of, all: self.all, limit: self.limit, bundle: self.bundle }
    }

    /// Makes the report again with `rules` and says what differs.
    pub fn replay(&self, rules: &Rules) -> Replay {
        let (report, _) = rules.match_profile(&self.profile, self.options());
        let now = Self::new(rules, &self.profile, self.options(), &report, Moment(self.issued_at));
        let mut differences = Vec::new();
        let mut compare = |part, was: &str, now: &str| {
            if was != now {
                differences.push(Difference { part, policy: None, was: was.to_owned(), now: now.to_owned() });
            }
        };
        compare("receipt", &self.id, &self.own_digest());
        compare("form", &self.form, FORM);
        compare("engine", &self.engine, &now.engine);
        compare("facts", &self.facts, &now.facts);
        compare("rules", &self.rules, &now.rules);
        compare("evidence", &self.evidence, &now.evidence);
        differences.extend(self.matches_differ(&now, rules));
        let none = String::new();
        if self.best != now.best {
            let (was, now) = (self.best.as_ref().unwrap_or(&none), now.best.as_ref().unwrap_or(&none));
            differences.push(Difference { part: "bundle", policy: None, was: was.clone(), now: now.clone() });
        }
        let signed = self.signed(&[]);
        // Another version of the program that comes to the same on the same grounds confirms the receipt.
        let same = self.result == now.result
            && signed != Signed::Wrong
            && differences.iter().all(|one| one.part == "engine");
        if self.result != now.result {
            let (was, now) = (self.result.clone(), now.result);
            differences.push(Difference { part: "result", policy: None, was, now });
        }
        Replay { id: self.id.clone(), enterprise: self.profile.id.clone(), same, signed, differences }
    }

    fn matches_differ(&self, now: &Self, rules: &Rules) -> Vec<Difference> {
        let order = |matches: &[MatchMark]| {
            matches.iter().map(|one| one.policy.as_str()).collect::<Vec<_>>().join(" ")
        };
        let (was, is) = (order(&self.matches), order(&now.matches));
        let mut differences = Vec::new();
        let listed = |policy: &str| now.matches.iter().find(|one| one.policy == policy).cloned();
        // What is no longer listed is looked up among everything, so that its verdict can be told.
        let everything = self.matches.iter().any(|one| listed(&one.policy).is_none()).then(|| {
            let options = MatchOptions { all: true, limit: usize::MAX, bundle: false, ..self.options() };
            let (report, _) = rules.match_profile(&self.profile, options);
            Self::new(rules, &self.profile, options, &report, Moment(self.issued_at)).matches
        });
        let unlisted = |policy: &str| everything.iter().flatten().find(|one| one.policy == policy).cloned();
        for one in &self.matches {
            let Some(again) = listed(&one.policy).or_else(|| unlisted(&one.policy)) else { continue };
            let about = |part, was: &str, now: &str| Difference {
                part,
                policy: Some(one.policy.clone()),
                was: was.to_owned(),
                now: now.to_owned(),
            };
            if one.item != again.item {
                differences.push(about("item", &one.item, &again.item));
            }
            if one.verdict != again.verdict {
                differences.push(about("verdict", &one.verdict, &again.verdict));
            } else if one.result != again.result {
                differences.push(about("match", &one.result, &again.result));
            }
        }
        if was != is {
            differences.push(Difference { part: "matches", policy: None, was, now: is });
        }
        differences
    }
}

/// Items that a receipt was issued on and that no registry holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReceiptCatalogue {
    /// Digest of all items, as receipts have it.
    pub rules: String,
    /// What the fact dictionary has beside or in place of what is built in.
    pub facts: Vec<serde_json::Value>,
    /// The items, each with its JSON as it was read; none where the registry holds them.
    pub items: Vec<String>,
    /// Where their quotes stand.
    pub evidence: crate::Evidence,
}

impl ReceiptCatalogue {
    /// What has to lie beside receipts of `rules`; `None` where the registry and the program have it all.
    pub fn of(rules: &Rules) -> Option<Self> {
        let built_in = FactDictionary::built_in();
        let own = rules.dictionary().iter().filter(|fact| built_in.get(&fact.key) != Some(fact));
        let facts: Vec<serde_json::Value> = own.map(json_value).collect();
        let given = rules.origin().believed.is_none();
        if !given && facts.is_empty() {
            return None;
        }
        let library = rules.library();
        let bodies = (0..library.len()).filter_map(|place| library.body(place).map(str::to_owned));
        Some(Self {
            rules: rules.digests().items.clone(),
            facts,
            items: if given { bodies.collect() } else { Vec::new() },
            evidence: if given { rules.evidence().clone() } else { crate::Evidence::default() },
        })
    }

    /// The facts it was read with, and what is wrong with them.
    pub fn dictionary(&self) -> (FactDictionary, Vec<zhaoren_policy::problem::Problem>) {
        let mut dictionary = FactDictionary::built_in().clone();
        let text = serde_json::Value::Array(self.facts.clone()).to_string();
        let problems = dictionary.extend_from(&text, "catalogue.json").problems;
        (dictionary, problems)
    }

    /// The rules again; `None` where the registry holds the items.
    ///
    /// # Errors
    /// When an item cannot be read: what it says of the receipt is then not known.
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

/// SHA-256 of something as one line of JSON.
pub(crate) fn of_json<T: Serialize>(value: &T) -> String {
    Sha256::digest(json_line(value)).iter().map(|byte| format!("{byte:02x}")).collect()
}
