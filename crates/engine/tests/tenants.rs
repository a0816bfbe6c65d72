//! A caller finds the shared catalogue, the additions of its tenant and of the tenant's ancestors, and nothing of other
//! tenants: a tenant's answers equal, to the last word and count, those of a catalogue with the visible content only.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use proptest::prelude::*;
use zhaoren_engine::{
    Cursor, Engine, Inquiry, Principal, Profile, SearchRequest, Silent, Sort, Tenant, built_in_facts, now,
    parse_date, read_profiles,
};

const RARE: [&str; 6] = ["量子猫咖", "碳汇渔礁", "冰芯算珠", "氢舟渡口", "玉兰芯谷", "蓝藻酿造"];
const PLAIN: [&str; 8] = ["补贴", "贷款贴息", "研发费用", "稳岗", "奖励", "小微企业", "机器人", "房租减免"];
const ISSUERS: [&str; 3] = ["徐汇区科学技术委员会", "崇明区商务委员会", "上海市经济和信息化委员会"];
/// 徐汇区, 崇明区, 拉萨市: content of the last makes 拉萨 a region name in a query.
const REGIONS: [&str; 3] = ["310104", "310151", "540100"];
const TENANTS: [&str; 5] = ["t0", "t1", "t2", "t3", "t4"];

/// Queries: words of a few items only, as they are, misspelt, in letters; names, numbers, questions.
const ASKED: [&str; 24] = [
    "量子猫咖",
    "量子猫卡",
    "liangzimaoka",
    "lzmk",
    "冰心算珠",
    "碳会渔礁 补贴",
    "玉兰芯谷奖励",
    "玉兰新谷",
    "\"氢舟渡口\"",
    "蓝藻酿造 -贷款",
    "补贴",
    "贷款贴息 小微企业",
    "徐科发〔2026〕2号",
    "徐科发",
    "拉萨 补贴",
    "拉萨市",
    "崇明区",
    "崇明区商务委员会",
    "标题:量子猫咖",
    "小微企业怎么申请量子猫咖的补贴？",
    "在拉萨开机器人公司有没有房租减免和研发费用奖励",
    "氢舟渡口的企业招人稳岗可以领多少奖励呢",
    "",
    "高新技术企业",
];

/// An item whose words follow from its seed.
fn item(id: &str, seed: u32) -> String {
    let mut state = seed.wrapping_mul(2_654_435_761);
    let mut pick = |count: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) as usize % count
    };
    let (rare, plain, other) = (RARE[pick(6)], PLAIN[pick(8)], PLAIN[pick(8)]);
    let number = format!("徐科发〔2026〕{}号", pick(4));
    // Some items quote a shared document, word for word.
    let quote = if pick(3) == 0 {
        ", quote: 量子企业从业人数达到规定数目, article: 第一条"
    } else {
        ""
    };
    let of = if quote.is_empty() {
        format!("title: {rare}{other}办法, number: {number}, issuer: {}", ISSUERS[pick(3)])
    } else {
        "title: 量子产业扶持办法, text: quantum.txt".to_owned()
    };
    let (region, kind, least) = (REGIONS[pick(3)], ["grant", "loan"][pick(2)], 10 * pick(5));
    let amount = 10_000 * (1 + pick(9));
    format!(
        "- id: {id}\n  title: {rare}{plain}\n  tags: [{rare}]\n  \
         document: {{{of}, level: district, region: \"{region}\", published: 2026-0{}-05}}\n  \
         benefit: {{kinds: [{kind}], amount: {{max: {amount}}}}}\n  window: [{{opens: 2026-03-01, closes: 2026-{:02}-30}}]\n  \
         criteria: {{fact: employees, at_least: {least}{quote}}}\n  notes: [在{rare}内给予{other}，见《量子产业扶持办法》]\n",
        1 + pick(8),
        6 + pick(4),
    )
}

const TEXT: &str = "量子产业扶持办法\n徐科发〔2026〕9号\n第一条 量子企业从业人数达到规定数目的，给予补贴。\n\
                    第二条 量子企业上年度营业收入不低于一百万元的，给予奖励。\n第三条 本办法自2026年1月5日起施行。\n";

/// One catalogue with additions of tenants, and one whose shared part is set to the content visible to a caller.
struct World {
    _folder: tempfile::TempDir,
    many: Engine,
    alone: Engine,
    /// Owner of each item, and its seed.
    held: BTreeMap<String, (String, u32)>,
    /// Content of the second one.
    shown: BTreeMap<String, u32>,
}

fn by(tenant: &str) -> Principal {
    Principal { tenant: tenant.into(), ..Principal::local() }
}

fn receive(engine: &Engine, tenant: &str, items: &str) {
    let report =
        engine.receive(&[("items.yaml".to_owned(), items.as_bytes().to_vec())], &by(tenant)).unwrap();
    assert!(!zhaoren_engine::has_errors(&report.problems), "{:?}", report.problems);
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let open = |name: &str| {
            let (engine, problems) = Engine::open(&folder.path().join(name), &Silent).unwrap();
            assert!(problems.is_empty(), "{problems:?}");
            let text = ("quantum.txt".to_owned(), TEXT.as_bytes().to_vec());
            engine.receive(&[text], &Principal::local()).unwrap();
            engine
        };
        let (many, alone) = (open("many"), open("alone"));
        Self { _folder: folder, many, alone, held: BTreeMap::new(), shown: BTreeMap::new() }
    }

    /// Creates a tree of tenants: the parent of each is an earlier one, or none.
    fn plant(&self, parents: &[usize]) {
        for (place, parent) in parents.iter().enumerate() {
            let parent = if *parent < place { TENANTS[*parent] } else { "" };
            let (id, level) = (TENANTS[place].to_owned(), "district".to_owned());
            let one = Tenant { name: id.clone(), id, level, parent: parent.to_owned() };
            self.many.records().put_tenant(&by("").write_context(now()), &one).unwrap();
        }
    }

    fn put(&mut self, tenant: &str, id: &str, seed: u32) {
        if self.held.get(id).is_none_or(|(whose, _)| whose == tenant) {
            receive(&self.many, tenant, &item(id, seed));
            self.held.insert(id.to_owned(), (tenant.to_owned(), seed));
        }
    }

    fn take(&mut self, id: &str) {
        if let Some((tenant, _)) = self.held.remove(id) {
            self.many.withdraw(id, "", &by(&tenant), None).unwrap();
        }
    }

    /// Sets the second catalogue to the content visible to a tenant.
    fn show(&mut self, lineage: &[&str]) {
        let visible: BTreeMap<String, u32> = self
            .held
            .iter()
            .filter(|(_, (whose, _))| whose.is_empty() || lineage.contains(&whose.as_str()))
            .map(|(id, (_, seed))| (id.clone(), *seed))
            .collect();
        for id in self.shown.keys().filter(|id| !visible.contains_key(*id)) {
            self.alone.withdraw(id, "", &by(""), None).unwrap();
        }
        let items: String = visible
            .iter()
            .filter(|(id, seed)| self.shown.get(*id) != Some(*seed))
            .map(|(id, seed)| item(id, *seed))
            .collect();
        if !items.is_empty() {
            receive(&self.alone, "", &items);
        }
        self.shown = visible;
    }
}

fn world() -> &'static Mutex<World> {
    static WORLD: OnceLock<Mutex<World>> = OnceLock::new();
    WORLD.get_or_init(|| Mutex::new(World::new()))
}

fn profile() -> Profile {
    let json = br#"{"id":"e","facts":{"employees":15,"registered_region":"310104"}}"#;
    read_profiles(json, "profile", built_in_facts(), false).profiles.remove(0)
}

/// All answers for a tenant: every query in several ways, and the suggestions during typing.
fn said(engine: &Engine, tenant: &str) -> Vec<String> {
    let (mut said, profile) = (Vec::new(), profile());
    type Filters = &'static [(&'static str, &'static str)];
    let ways: [(Filters, bool, Sort); 4] = [
        (&[], false, Sort::Relevance),
        (&[("region", "310151")], false, Sort::Deadline),
        (&[("kind", "item"), ("method", "grant")], true, Sort::Amount),
        (&[("covers", "310104")], true, Sort::Relevance),
    ];
    for query in ASKED {
        for (filters, own, sort) in ways {
            let filters = filters.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
            let request = SearchRequest {
                query: query.to_owned(),
                limit: 30,
                filters: filters.collect(),
                explain: own,
                as_of: parse_date("2026-05-01"),
                ..SearchRequest::default()
            };
            let inquiry =
                Inquiry { request: &request, sort, profile: Some(&profile).filter(|_| own), tenant };
            let answer = engine.search_for(&inquiry).unwrap();
            said.push(format!("{query} {}", serde_json::to_string(&answer).unwrap()));
        }
        let typed: String = query.chars().take(2).collect();
        said.push(format!("{typed} {:?}", engine.suggest(&typed, 20, tenant).unwrap()));
    }
    said
}

#[derive(Clone, Debug)]
enum Step {
    Put(usize, u8, u32),
    Take(u8),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        // The last index means no tenant: the shared catalogue.
        5 => (0..=TENANTS.len(), 0..10_u8, 0..60_u32).prop_map(|(whose, id, seed)| Step::Put(whose, id, seed)),
        1 => (0..10_u8).prop_map(Step::Take),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn tenant_answers_do_not_depend_on_other_tenants(
        parents in prop::collection::vec(0..5_usize, 5),
        steps in prop::collection::vec(step(), 4..9),
        asks in prop::collection::vec(0..=TENANTS.len(), 2),
    ) {
        let mut world = world().lock().unwrap_or_else(PoisonError::into_inner);
        world.plant(&parents);
        for step in steps {
            match step {
                Step::Put(whose, id, seed) => {
                    let tenant = TENANTS.get(whose).copied().unwrap_or_default();
                    world.put(tenant, &format!("i{id}"), seed);
                }
                Step::Take(id) => world.take(&format!("i{id}")),
            }
        }
        for who in asks {
            let mut lineage = Vec::new();
            let mut next = Some(who).filter(|who| *who < TENANTS.len());
            while let Some(one) = next {
                lineage.push(TENANTS[one]);
                next = Some(parents[one]).filter(|parent| *parent < one);
            }
            world.show(&lineage);
            let tenant = TENANTS.get(who).copied().unwrap_or_default();
            let (with_others, alone) = (said(&world.many, tenant), said(&world.alone, ""));
            for (seen, expected) in with_others.iter().zip(&alone) {
                prop_assert_eq!(seen, expected, "tenant `{}` of {:?}: {:?}", tenant, parents, world.held);
            }
        }
    }
}

#[test]
fn feed_and_ids_reveal_no_other_tenant() {
    let folder = tempfile::tempdir().unwrap();
    let (engine, _) = Engine::open(&folder.path().join("data"), &Silent).unwrap();
    let (records, local) = (engine.records(), by(""));
    for id in ["t0", "t1"] {
        let one = Tenant { id: id.into(), name: id.into(), level: "district".into(), parent: String::new() };
        records.put_tenant(&local.write_context(now()), &one).unwrap();
    }
    let end = |tenant: &str| {
        let mut after = Cursor::start();
        loop {
            let page = records.changes(&after, 7, tenant).unwrap();
            after = Cursor::parse(page["next"].as_str().unwrap()).unwrap();
            if page["changes"].as_array().unwrap().is_empty() {
                return after;
            }
        }
    };
    let before = end("t1");
    receive(&engine, "t0", &item("hidden", 3));
    // A cursor holds an id: that of a returned change.
    let page = records.changes(&before, 10, "t1").unwrap();
    assert_eq!(
        (page["changes"].as_array().unwrap().len(), page["next"].as_str()),
        (0, Some(&*before.encode()))
    );
    assert_eq!(end("t1"), before);
    assert_eq!(end(""), before);
    assert_eq!(records.changes(&before, 10, "t0").unwrap()["changes"][0]["id"], "hidden");
    receive(&engine, "t1", &item("own", 4));
    assert_eq!(records.changes(&before, 10, "t1").unwrap()["changes"].as_array().unwrap().len(), 1);
    // Neither readable nor available as a draft of one's own.
    for tenant in ["t1", ""] {
        assert!(engine.policy_on("hidden", parse_date("2026-05-01").unwrap(), tenant).unwrap().is_none());
        assert!(engine.with_criteria("hidden", "成立满365天", tenant).unwrap().is_none());
    }
    assert!(engine.with_criteria("hidden", "成立满365天", "t0").unwrap().is_some());
    // The id belonged to another tenant: its earlier content is not returned.
    engine.withdraw("hidden", "", &by("t0"), None).unwrap();
    receive(&engine, "t1", &item("hidden", 5));
    let numbers = |tenant: &str| -> Vec<i64> {
        records.revisions("hidden", tenant).unwrap().iter().map(|one| one.revision).collect()
    };
    assert_eq!((numbers("t1"), numbers("t0"), numbers("")), (vec![1], vec![1], vec![]));
}

#[test]
fn tenant_search_follows_imports() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let (engine, _) = Engine::open(&data, &Silent).unwrap();
    let (second, _) = Engine::open(&data, &Silent).unwrap();
    let one = Tenant { id: "t0".into(), name: "t0".into(), level: "district".into(), parent: String::new() };
    engine.records().put_tenant(&by("").write_context(now()), &one).unwrap();
    let found = |engine: &Engine, tenant: &str| {
        let request = SearchRequest { query: "量子猫咖".into(), limit: 9, ..SearchRequest::default() };
        let inquiry = Inquiry { request: &request, sort: Sort::Relevance, profile: None, tenant };
        let found = engine.search_for(&inquiry).unwrap().found;
        found.hits.into_iter().filter(|one| one.hit.title.contains("量子猫咖")).count()
    };
    let text = |title: &str| format!("- id: own\n  title: {title}\n");
    let generation = engine.status().unwrap().generation;
    assert_eq!((found(&engine, "t0"), found(&second, "t0")), (0, 0));
    receive(&engine, "t0", &text("量子猫咖补贴"));
    assert_eq!((found(&engine, "t0"), found(&engine, "")), (1, 0), "at once, and for nobody else");
    assert_eq!(found(&second, "t0"), 0, "not looked yet");
    second.refresh().unwrap();
    assert_eq!((found(&second, "t0"), found(&second, "")), (1, 0));
    let standing = engine.status().unwrap();
    assert_eq!(
        (standing.generation, standing.up_to_date),
        (generation, true),
        "the index of all is untouched"
    );
    assert_eq!((standing.swaps, second.status().unwrap().swaps), (1, 1), "counted once, by each");
    second.refresh().unwrap();
    engine.refresh().unwrap();
    // A change of the shared catalogue below it.
    receive(&engine, "", "- id: shared\n  title: 量子猫咖奖励\n");
    assert_eq!((found(&engine, "t0"), found(&engine, "")), (2, 1));
    assert_eq!((engine.status().unwrap().swaps, second.status().unwrap().swaps), (2, 1));
    second.refresh().unwrap();
    assert_eq!((found(&second, "t0"), found(&second, "")), (2, 1));
    assert_eq!(second.status().unwrap().swaps, 2);
    // After a rebuild, and in a process that opens the directory anew.
    engine.upkeep().rebuild(&by("").write_context(now()), &Silent).unwrap();
    engine.refresh().unwrap();
    let (third, _) = Engine::open(&data, &Silent).unwrap();
    assert_eq!((found(&engine, "t0"), found(&third, "t0"), found(&third, "")), (2, 2, 1));
    engine.withdraw("own", "", &by("t0"), None).unwrap();
    assert_eq!((found(&engine, "t0"), found(&engine, "")), (1, 1));
    let asked = engine.suggest("量", 9, "nobody");
    assert!(asked.unwrap_err().to_string().contains("租户"), "a tenant that there is not");
}

/// An id that a tenant already has neither blocks a shared import nor shows in the answers of
/// others, and the tenant gets a warning that its own item is hidden.
#[test]
fn ids_taken_by_a_tenant_block_no_shared_import() {
    let folder = tempfile::tempdir().unwrap();
    let (engine, _) = Engine::open(&folder.path().join("data"), &Silent).unwrap();
    let records = engine.records();
    for id in ["t0", "t1"] {
        let one = Tenant { id: id.into(), name: id.into(), level: "district".into(), parent: String::new() };
        records.put_tenant(&by("").write_context(now()), &one).unwrap();
    }
    let text = |id: &str, title: &str| format!("- id: {id}\n  title: {title}\n");
    let title = |tenant: &str| engine.rules_for(tenant).unwrap().item("taken").map(|item| item.title.clone());
    receive(&engine, "t0", &text("taken", "区里的"));
    receive(&engine, "t1", &text("taken", "另一区的"));
    assert_eq!(
        (title("t0").as_deref(), title("t1").as_deref(), title("")),
        (Some("区里的"), Some("另一区的"), None)
    );
    let all = text("taken", "国家的") + &text("other", "国家的二");
    let file = |text: String| [("items.yaml".to_owned(), text.into_bytes())];
    let report = engine.receive(&file(all), &by("")).unwrap();
    assert_eq!((report.items.new, report.refused.len()), (2, 0), "{:?}", report.problems);
    assert!(!zhaoren_engine::has_errors(&report.problems), "{:?}", report.problems);
    assert_eq!((title("t0").as_deref(), title("").as_deref()), (Some("国家的"), Some("国家的")));
    // A refused item affects itself only, and the hidden one is reported to its owner.
    let report = engine.receive(&file(text("taken", "再来") + &text("own", "自己的")), &by("t0")).unwrap();
    let said: String = report.problems.iter().map(|one| format!("{one}\n")).collect();
    assert_eq!((report.items.new, report.refused.len()), (1, 1), "{said}");
    assert!(
        said.contains("共享目录中已有这个编号") && said.contains("遮住") && !said.contains("t1"),
        "{said}"
    );
    // Another notation of an existing id is no second item.
    let report = engine.receive(&file(text("ＯＷＮ", "仿冒")), &by("t0")).unwrap();
    assert_eq!(report.items.new, 0);
    assert!(report.problems.iter().any(|one| one.to_string().contains("只差写法")), "{:?}", report.problems);
    let report = engine.receive(&file(text("ＯＷＮ", "不相干")), &by("t1")).unwrap();
    assert_eq!(report.items.new, 1, "what another tenant has is not told: {:?}", report.problems);
    engine.withdraw("taken", "", &by(""), None).unwrap();
    assert_eq!((title("t0").as_deref(), title("t1").as_deref()), (Some("区里的"), Some("另一区的")));
}

/// A check without a write reads no digests.
#[test]
fn update_checks_without_changes_read_one_row() {
    let folder = tempfile::tempdir().unwrap();
    let (engine, _) = Engine::open(&folder.path().join("data"), &Silent).unwrap();
    // Reading the digests counts as one step.
    let looked = || zhaoren_cancel::count(|| engine.status().unwrap()).1;
    assert!(looked() > 0, "the first look reads them");
    assert_eq!((looked(), looked()), (0, 0));
    receive(&engine, "", "- id: more\n  title: 又一项\n");
    assert!(looked() > 0 && looked() == 0);
    assert!(engine.status().unwrap().up_to_date);
}

/// Maintenance of the index is recorded in the audit.
#[test]
fn index_maintenance_is_audited() {
    let folder = tempfile::tempdir().unwrap();
    let (engine, _) = Engine::open(&folder.path().join("data"), &Silent).unwrap();
    let (who, upkeep) = (by(""), engine.upkeep());
    upkeep.verify(&who.write_context(now())).unwrap();
    let number = upkeep.rebuild(&who.write_context(now()), &Silent).unwrap();
    let (back, _) = upkeep.roll_back(&who.write_context(now()), None, &Silent).unwrap();
    let lines = engine.records().audit(0, 100, None).unwrap();
    let told: Vec<(&str, String)> = lines
        .iter()
        .filter(|line| line.action.starts_with("index."))
        .map(|line| (line.action.as_str(), line.subject.clone()))
        .collect();
    let expected = [
        ("index.verify", String::new()),
        ("index.rebuild", number.to_string()),
        ("index.rollback", back.to_string()),
    ];
    assert_eq!(told, expected);
}
