//! Tables of document numbers in the spellings in use.

use proptest::prelude::*;

use super::*;

fn shown(text: &str) -> Option<String> {
    parse(text).map(|number| number.to_string())
}

#[test]
fn forms_of_one_number() {
    let want = parse("国科发火〔2016〕32号").unwrap();
    for text in [
        "国科发火〔2016〕32号",
        "国科发火[2016]32号",
        "国科发火（2016）32号",
        "国科发火(2016)32号",
        "国科发火【2016】32号",
        "国科发火﹝2016﹞32号",
        "国科发火［2016］32号",
        "国科发火〔2016〕第32号",
        "国科发火〔２０１６〕３２号",
        " 国科发火 〔2016〕 32 号 ",
        "国科发火〔2016〕32",
        "國科發火〔2016〕32號",
        "国科发火〔二〇一六〕三十二号",
        "国科发火2016年32号",
        "国科发火 2016 32号",
        "国科发火2016-32",
        "文号：国科发火〔2016〕32号",
        "（国科发火〔2016〕32号）",
        "国科发火〔2016〕032号",
    ] {
        assert_eq!(parse(text).as_ref(), Some(&want), "{text}");
        assert_eq!(parse(text).unwrap().key(), want.key(), "{text}");
    }
}

#[test]
fn canonical_forms() {
    for (text, want) in [
        ("沪科规〔2020〕8号", "沪科规〔2020〕8号"),
        ("国科发政字〔2000〕063号", "国科发政字〔2000〕63号"),
        ("沪府办发〔2022〕4号", "沪府办发〔2022〕4号"),
        ("云科规[2025]3-1号", "云科规〔2025〕3-1号"),
        ("云溪区公告2025年第3－12号", "云溪区公告2025年第3-12号"),
        ("国务院第707号令", "国务院令第707号"),
        ("中华人民共和国国务院第七〇七号令", "中华人民共和国国务院令第707号"),
        ("国发〔2020〕8号", "国发〔2020〕8号"),
        ("公告2023年第12号", "公告2023年第12号"),
        ("财政部 税务总局公告2023年第12号", "财政部 税务总局公告2023年第12号"),
        ("财政部、税务总局公告 2023 年第 12 号", "财政部 税务总局公告2023年第12号"),
        ("海关总署2023年第12号公告", "海关总署公告2023年第12号"),
        ("国家发展改革委令第58号", "国家发展改革委令第58号"),
        ("国家发展改革委令 第58号", "国家发展改革委令第58号"),
        ("海关总署令第251号", "海关总署令第251号"),
        ("国务院令（第714号）", "国务院令第714号"),
        ("中华人民共和国主席令第二十三号", "中华人民共和国主席令第23号"),
        ("財政部公告２０１９年第７６號", "财政部公告2019年第76号"),
        ("工信部联企业〔2011〕300号", "工信部联企业〔2011〕300号"),
        ("国办发明电〔2022〕1号", "国办发明电〔2022〕1号"),
    ] {
        assert_eq!(shown(text).as_deref(), Some(want), "{text}");
        assert_eq!(parse(want).unwrap().key(), parse(text).unwrap().key());
    }
}

#[test]
fn joint_and_long_names_share_a_key() {
    let key = |text: &str| parse(text).map(|n| n.key());
    assert_eq!(key("财政部税务总局公告2023年第12号"), key("财政部 国家税务总局公告2023年第12号"));
    assert_eq!(key("国家发展和改革委员会令第58号"), key("国家发展改革委令第58号"));
    assert_eq!(key("中华人民共和国国务院令第714号"), key("国务院令第714号"));
}

#[test]
fn decree_names_share_one_key() {
    let key = |text: &str| parse(text).map(|n| n.key());
    for (long, others) in [
        (
            "中华人民共和国国务院令第707号",
            &[
                "国令第707号",
                "国务院令第707号",
                "国务院令（第707号）",
                "国务院令707号",
                "国令707号",
                "国务院第707号令",
                "国令第七百零七号",
                "國務院令第707號",
            ][..],
        ),
        ("中华人民共和国主席令第二十三号", &["主席令第23号", "国家主席令第二十三号", "主席令（第二十三号）"]),
        ("中华人民共和国财政部令第108号", &["财政部令第108号", "财政部令108号", "财政部第108号令"]),
        (
            "国家发展和改革委员会令第58号",
            &["发改委令第58号", "国家发改委令第58号", "国家发展改革委令（第58号）"],
        ),
        ("工业和信息化部令第62号", &["工信部令第62号"]),
        ("人力资源和社会保障部令第53号", &["人社部令第53号"]),
    ] {
        for other in others {
            assert_eq!(key(other), key(long), "{other}");
            assert!(key(other).is_some(), "{other}");
        }
    }
    assert_ne!(key("上海市发改委令第1号"), key("国家发展改革委令第1号"));
    assert_ne!(key("国令第707号"), key("国令第77号"));
    assert_eq!(key("令第707号"), None);
    assert_eq!(key("国务院707号"), None);
}

#[test]
fn not_numbers() {
    for text in [
        "",
        "国科发火",
        "2016",
        "〔2016〕32号",
        "国科发火〔1948〕32号",
        "国科发火〔2101〕32号",
        "国科发火〔2016〕0号",
        "国科发火〔2016〕号",
        "国科发火〔2016〕32号和33号",
        "高新技术企业认定管理办法",
        "专精特新",
        "第三条",
        "政策4.0",
        "AEO(2016)32号",
    ] {
        assert_eq!(shown(text), None, "{text}");
    }
}

#[test]
fn running_text() {
    for (text, want) in [
        ("根据国科发火〔2016〕32号的规定", vec!["国科发火〔2016〕32号"]),
        ("依据云科规〔2025〕3-1号和云科规〔2025〕3号", vec!["云科规〔2025〕3-1号", "云科规〔2025〕3号"]),
        ("（国发〔2020〕8号、国办发〔2020〕9号）", vec!["国发〔2020〕8号", "国办发〔2020〕9号"]),
        ("依据沪经信规范〔2023〕3号和沪府规〔2020〕8号", vec!["沪经信规范〔2023〕3号", "沪府规〔2020〕8号"]),
        ("按照《公告》（财政部 税务总局公告2023年第12号）执行", vec!["财政部 税务总局公告2023年第12号"]),
        ("《办法》（住房城乡建设部令第11号）、", vec!["住房城乡建设部令第11号"]),
        ("3日原国家工商行政管理局令第1号公布的", vec!["国家工商行政管理局令第1号"]),
        ("有关问题的公告国家税务总局公告2015年第97号根据", vec!["国家税务总局公告2015年第97号"]),
        ("中华人民共和国国务院令第596号公布", vec!["中华人民共和国国务院令第596号"]),
        ("中华人民共和国国务院令\n第707号\n现公布", vec!["中华人民共和国国务院令第707号"]),
        ("中华人民共和国财政部令\n\n 第108号", vec!["中华人民共和国财政部令第108号"]),
        ("《条例》（国令第707号）", vec!["国令第707号"]),
        ("通告\n第3号", vec![]),
        ("京大数据办发〔2019〕1号", vec!["京大数据办发〔2019〕1号"]),
        ("详见海关总署2023年第12号公告。", vec!["海关总署公告2023年第12号"]),
        (
            "京商务财务字〔2017〕47号/京商财务字〔2019〕7号",
            vec!["京商务财务字〔2017〕47号", "京商财务字〔2019〕7号"],
        ),
        ("沪府规〔2020〕8号、9号", vec!["沪府规〔2020〕8号"]),
        ("公司(2016)年度", vec![]),
        ("企业（2016）12家", vec![]),
        ("2023年第12号", vec![]),
        ("本办法第12条", vec![]),
        ("论文[2016]见附录", vec![]),
    ] {
        let found: Vec<String> = find_all(text).into_iter().map(|(_, n)| n.to_string()).collect();
        assert_eq!(found, want, "{text}");
    }
}

#[test]
fn ranges_cut_exactly_the_number() {
    let text = "依据沪府规〔2020〕8号，以及财政部公告2019年第76号。";
    let cut: Vec<&str> = find_all(text).into_iter().filter_map(|(range, _)| text.get(range)).collect();
    assert_eq!(cut, ["沪府规〔2020〕8号", "财政部公告2019年第76号"]);
}

#[test]
fn prefixes() {
    for code in [
        "沪府规",
        "徐府办规",
        "国科发火",
        "沪府办发",
        "国发",
        "财税",
        "沪科规",
        "穗府办规",
        "沪经信规范",
        "国家发展改革委令",
        "滬府辦發",
    ] {
        assert!(organ_prefix(code).is_some(), "{code}");
    }
    for word in [
        "研发",
        "开发",
        "法规",
        "专精特新",
        "高新技术企业",
        "徐汇区",
        "免申即享",
        "信函",
        "a",
        "",
        "国发〔2020〕8号",
        "政策",
        "一网通办",
    ] {
        assert_eq!(organ_prefix(word), None, "{word}");
    }
}

#[test]
fn real_numbers_parse_and_are_found() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/policies");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        zhaoren_prerequisite::skip(
            zhaoren_prerequisite::Prerequisite::Texts,
            "no policy texts beside the repository",
        );
        return;
    };
    let (mut whole, mut inside) = (0, 0);
    let mut strange = Vec::new();
    for entry in entries {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        for line in text.lines() {
            let row: serde_json::Value = serde_json::from_str(line).unwrap();
            let number = row["doc_no"].as_str().unwrap_or("");
            whole += usize::from(parse(number).is_some());
            if number.ends_with('号') && parse(number).is_none() {
                strange.push(number.to_owned());
            }
            inside += find_all(row["text"].as_str().unwrap_or("")).len();
        }
    }
    println!("{whole} whole numbers, {inside} in running text, not read: {strange:?}");
    assert!(whole >= 100 && inside >= 200, "{whole} {inside}");
}

proptest! {
    #[test]
    fn never_panics(text in "[国发令公告第号〔〕（）\\[\\]0-9年 二〇、a《]{0,40}") {
        let _ = parse(&text);
        let _ = organ_prefix(&text);
        let mut end = 0;
        for (range, number) in find_all(&text) {
            prop_assert!(range.start >= end && text.get(range.clone()).is_some());
            prop_assert!(number.year.is_none_or(|y| (1949..=2100).contains(&y)));
            end = range.end;
        }
    }

    #[test]
    fn canonical_form_reads_back(organ in "[国沪京徐][府科财政经][发规函字]", year in 1949u16..=2100, serial in 1u32..=99_999) {
        let text = format!("{organ}〔{year}〕{serial}号");
        let number = parse(&text).unwrap();
        prop_assert_eq!(number.to_string(), text.clone());
        let found = find_all(&format!("，{text}，"));
        prop_assert_eq!(&found[0].1, &number);
    }
}
