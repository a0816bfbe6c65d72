//! Pages of government sites: what is text, what surrounds it, and what they tell beside it.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test that cannot make its input has failed")]

use crate::package;

use package::lines;
use zhaoren_document::{Block, Document, Form, Limits, Origin, Refusal, Role, read};

fn page(html: &str) -> Document {
    read(html.as_bytes(), &Limits::IMPORT).unwrap_or_else(|refusal| panic!("{refusal}: {html}"))
}

fn fact<'a>(document: &'a Document, name: &str) -> Option<&'a str> {
    document.facts.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

const SENTENCES: &str =
    "<p>第一条 为支持企业发展，制定本办法。</p><p>第二条 对符合条件的企业，给予50万元奖励。</p>";

#[test]
fn titles_may_span_centred_lines() {
    let document = page(&format!(
        "<html><body><p style=\"text-align: center\">市政府关于推动小微企业</p><p align=center>贷款贴息的意见</p>\
         <p style='text-align:center'>某政发〔2025〕6号</p>{SENTENCES}<p style=\"text-align:right\">2025年1月22日</p></body></html>"
    ));
    let roles: Vec<Role> = document
        .blocks
        .iter()
        .filter_map(|block| match block {
            Block::Paragraph(paragraph) => Some(paragraph.role),
            Block::Table(_) => None,
        })
        .collect();
    assert_eq!(roles, [Role::Title, Role::Title, Role::Body, Role::Body, Role::Body, Role::Body]);
    assert_eq!(document.title.as_deref(), Some("市政府关于推动小微企业贷款贴息的意见"));
}

#[test]
fn information_tables_give_facts_and_no_text() {
    let document = page(&format!(
        "<html><body><table><tr><td><b>索 引 号：</b></td><td>0001/2025-3</td><td>主题分类：</td><td>医药</td></tr>\
         <tr><td>发文机关：</td><td>某市人民政府</td><td>成文日期：</td><td>2025年3月1日</td></tr><tr><td>标　　题：</td>\
         <td colspan=3>关于某先行区的决定</td></tr><tr><td>发文字号：</td><td>某政〔2025〕9号</td><td>发布日期：</td><td>2025年3月5日</td></tr>\
         </table><p align=center>关于某先行区的决定</p>{SENTENCES}</body></html>"
    ));
    assert_eq!(document.title.as_deref(), Some("关于某先行区的决定"));
    for (name, value) in [
        ("发文机关", "某市人民政府"),
        ("文号", "某政〔2025〕9号"),
        ("成文日期", "2025年3月1日"),
        ("索引号", "0001/2025-3"),
    ] {
        assert_eq!(fact(&document, name), Some(value));
    }
    assert_eq!(lines(&document).len(), 3);
}

#[test]
fn label_lists_give_facts() {
    let document = page(&format!(
        "<html><body><ul><li>索引号：A/1</li><li>发布机构：某局</li><li>文号：某发〔2025〕1号</li></ul><div>{SENTENCES}</div></body></html>"
    ));
    assert_eq!(fact(&document, "发文机关"), Some("某局"));
    assert_eq!(lines(&document).len(), 2);
}

#[test]
fn page_furniture_is_dropped() {
    let document = page(&format!(
        "<!DOCTYPE html><html><head><title>通知公告</title><meta name=ArticleTitle content='关于认定工作的通知'>\
         <meta name=PubDate content='2025-03-14 16:00'><meta name=ContentSource content='某市工信局'></head><body>\
         <div class=nav><ul><li><a href=/>首页</a></li><li><a href=/jg>机构设置</a></li><li><a href=/zw>政务公开</a></li></ul></div>\
         <div>您当前的位置：<a href=/>首页</a> &gt; <a href=/t>通知</a></div><h2>关于认定工作的通知</h2>\
         <div>发布时间：2025-03-14 来源：某市工信局 浏览次数：<span>12</span></div>{SENTENCES}<p>某市工信局</p><p>2025年3月14日</p>\
         <div>分享到：<a>微信</a></div><h3>相关链接</h3><ul><li><a href=/a>关于公布名单的通知</a></li></ul>\
         <div>鲁ICP备12345678号　网站标识码：3709000001</div></body></html>"
    ));
    assert_eq!(document.title.as_deref(), Some("关于认定工作的通知"));
    assert_eq!(fact(&document, "来源"), Some("某市工信局"));
    let lines = lines(&document);
    assert_eq!(lines.len(), 5, "{lines:?}");
    assert_eq!(lines.first().map(String::as_str), Some("关于认定工作的通知"));
}

#[test]
fn bracketed_labels_give_facts_and_outside_titles_are_kept() {
    let document = page(
        "<html><head><title>关于组织申报项目的通知</title></head><body><div class=main><ol class=doc-info><li>[发文机构] <span>某局</span></li>\
         <li>[成文日期] <span>2025年01月20日</span></li><li>[发文字号] <span>某发〔2025〕3号</span></li><li>[废止日期] <span>----</span></li></ol>\
         <div class=header><p>关于组织申报项目的通知</p><p>某发〔2025〕3号</p></div><div class=view><div><p>各有关单位：</p><p>现组织申报。</p>\
         <p>在本市注册</p></div></div><div class=btns><a href='javascript:;'>打印</a><a href='javascript:;'>关闭</a></div></div></body></html>",
    );
    assert_eq!(fact(&document, "发文机关"), Some("某局"));
    assert_eq!(fact(&document, "失效日期"), None);
    assert_eq!(
        lines(&document),
        ["关于组织申报项目的通知", "某发〔2025〕3号", "各有关单位：", "现组织申报。", "在本市注册"]
    );
}

#[test]
fn site_names_are_not_titles() {
    for (title, meta) in [
        ("关于申报专项资金的通知_某市政府网", ""),
        ("某市政府网", "<meta name=ArticleTitle content=关于申报专项资金的通知>"),
    ] {
        let document = page(&format!(
            "<html><head><title>{title}</title>{meta}</head><body><div class=top><h1>某市人民政府门户网站</h1></div><div class=col><h2>通知公告</h2></div>\
             <div class=con><h3 class=title>关于申报专项资金的通知</h3><div>{SENTENCES}</div></div></body></html>"
        ));
        let lines = lines(&document);
        assert_eq!(lines.first().map(String::as_str), Some("关于申报专项资金的通知"), "{title}");
        assert_eq!(lines.len(), 3, "{title}");
        assert_eq!(document.title.as_deref(), Some("关于申报专项资金的通知"));
    }
}

#[test]
fn menus_beside_short_lines_are_dropped() {
    let document = page(
        "<html><body><form action=a.aspx><input value=1><table><tr><td><table><tr><td>政务公开</td></tr><tr><td>通知公告</td></tr></table></td><td>\
         <table><tr><td align=center class=bt>某区关于发放补贴的公告</td></tr><tr><td>信息来源：某局　发布时间：2025-01-01　点击数：33</td></tr><tr><td>\
         <div id=zoom><p>一、补贴对象</p><p>区内小微企业</p><p>二、补贴标准</p><table><tr><td><p>档次</p></td><td><p>标准</p></td></tr><tr>\
         <td>一档</td><td>30元</td></tr></table></div></td></tr></table></td></tr></table></form></body></html>",
    );
    assert_eq!(
        lines(&document),
        ["某区关于发放补贴的公告", "一、补贴对象", "区内小微企业", "二、补贴标准", "档次|标准", "一档|30元"]
    );
    assert_eq!(document.title.as_deref(), Some("某区关于发放补贴的公告"));
    assert_eq!((fact(&document, "来源"), fact(&document, "发布日期")), (Some("某局"), Some("2025-01-01")));
}

#[test]
fn sentences_are_kept_at_every_position() {
    // One in a box named as furniture, one behind a phrase of furniture, one with links, one in a column of its own.
    let document = page(
        "<html><body><div class=content><p>第一条 甲方应当登记。</p></div><div class=tools><p>第二条 乙方应当报告。</p></div>\
         <div><p>上一条规定的企业，应当在三十日内申报。</p></div><p>依照<a href=/1>《甲法》</a>、<a href=/2>《乙法》</a>和<a href=/3>《丙法》</a>办理。</p>\
         <table><tr><td>第五条 奖励50万元。</td></tr></table></body></html>",
    );
    assert_eq!(lines(&document).len(), 5, "{:?}", lines(&document));
}

#[test]
fn cells_and_links_inside_a_text_are_kept() {
    let document = page(
        "<html><body><div class='con rel'><h1>某清单</h1><table border=1><tr><th>序号</th><th>政策</th><th>操作</th></tr>\
         <tr><td>1</td><td><a href=a.htm>设备补助</a></td><td><a href=b>下载</a></td></tr><tr><td>2</td><td>注册</td><td>返回</td></tr></table>\
         <p>第一条 甲方应当登记。</p><p>来源：国家统计局</p><p><a href=c>https://a.example/apply</a></p>\
         <p>依据<a href=1>《甲法规定》</a><a href=2>《乙法规定》</a><a href=3>《丙法规定》</a>办理。</p></div></body></html>",
    );
    assert_eq!(
        lines(&document),
        [
            "某清单",
            "序号|政策|操作",
            "1|设备补助|下载",
            "2|注册|返回",
            "第一条 甲方应当登记。",
            "来源：国家统计局",
            "https://a.example/apply",
            "依据《甲法规定》《乙法规定》《丙法规定》办理。"
        ]
    );
}

#[test]
fn hidden_parts_are_left_out() {
    let document = page(
        "<html><head><style>@media print{.p{display:none}} .tip, #ad {color:red; display : none}</style></head><body>\
         <p class=p>第一条 奖励50万元。</p><div style=\"DISPLAY: none\">第二条</div><p hidden>第三条</p><div class='a tip'>第四条</div><p id=ad>第五条</p>\
         <p>第六条 <del>旧</del><s>旧</s>新。</p><p style='mso-hide:all'>第七条</p></body></html>",
    );
    assert_eq!(lines(&document), ["第一条 奖励50万元。", "第六条 新。"]);
}

#[test]
fn only_data_tables_become_grids() {
    let document = page(
        "<html><body><h1>某市奖励标准</h1><p>第一条 奖励标准见下表：</p><table border=1><tr><th rowspan=2>类别</th>\
         <th colspan=2>奖励金额（万元）</th></tr><tr><th>首次<th>复审</tr><tr><td>高新技术企业<td>20<td>10</table>\
         <table><tr><td><p>第二条 甲。</p><p>乙</p></td></tr></table></body></html>",
    );
    assert_eq!(
        lines(&document),
        [
            "某市奖励标准",
            "第一条 奖励标准见下表：",
            "类别|奖励金额（万元）|<",
            "<|首次|复审",
            "高新技术企业|20|10",
            "第二条 甲。",
            "乙"
        ]
    );
}

#[test]
fn missing_and_wrong_end_tags_change_nothing() {
    let document = page(
        "<html><body><div><p>第一条 甲。<p>第二条 <b>乙<p>第三条 丙。</b></div></div></p><font>第四条 丁。<div>第五条 戊。</font></div>\
         <ol><li>一<li>二</ol><ol type=A start=3><li>三</ol><ol><li><b>1</b>、甲项<li>（二）乙项</ol></body></html>",
    );
    assert_eq!(
        lines(&document),
        [
            "第一条 甲。",
            "第二条 乙",
            "第三条 丙。",
            "第四条 丁。",
            "第五条 戊。",
            "1. 一",
            "2. 二",
            "C. 三",
            "1、甲项",
            "（二）乙项"
        ]
    );
}

#[test]
fn locations_are_bytes_in_the_encoding_of_the_file() {
    let html = "<html><head><meta charset=gb2312></head><body><p>第一条&nbsp;本办法所称企业，是指在本市登记的企业。</p></body></html>";
    let (bytes, ..) = encoding_rs::GBK.encode(html);
    let document = read(&bytes, &Limits::IMPORT).unwrap();
    let canonical = document.text();
    let Some(Origin::Bytes(place)) = canonical.origin(0) else { panic!("no place") };
    let (text, ..) = encoding_rs::GBK.decode(&bytes[place.clone()]);
    assert_eq!(text, "第一条&nbsp;本办法所称企业，是指在本市登记的企业。");
}

#[test]
fn annex_links_are_kept_with_their_names() {
    let document = page(&format!(
        "<html><body><div id=zoom>{SENTENCES}</div><div class=fujian>附件：<a href='./P1.docx?x=1'>申报表</a></div>\
         <div class=foot>主办单位：某局</div></body></html>"
    ));
    assert_eq!(document.annexes, [("申报表".to_owned(), "./P1.docx?x=1".to_owned())]);
    assert!(document.text().text.contains("附件：申报表"), "{}", document.text().text);
    assert!(!document.text().text.contains("主办单位"));
}

#[test]
fn web_archives_are_read() {
    let html = format!("<html><head><meta charset=gb2312></head><body>{SENTENCES}</body></html>");
    let (page, ..) = encoding_rs::GBK.encode(&html);
    let quoted: Vec<String> = page
        .iter()
        .map(|byte| match byte {
            b'a'..=b'z' => char::from(*byte).to_string(),
            byte => format!("={byte:02X}"),
        })
        .collect();
    let quoted: String = quoted.chunks(20).map(|line| format!("{}=\r\n", line.concat())).collect();
    for (encoding, body) in [("quoted-printable", quoted), ("base64", base64(&page))] {
        let archive = format!(
            "From: a\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\tboundary=\"x.y\"\r\n\r\n前言\r\n--x.y\r\n\
             Content-Location: file:///C:/a.htm\r\nContent-Transfer-Encoding: {encoding}\r\nContent-Type: text/html; charset=\"gb2312\"\r\n\r\n\
             {body}\r\n--x.y\r\nContent-Type: image/png\r\n\r\n<p>x</p>\r\n--x.y--\r\n"
        );
        let document = page_of(archive.as_bytes());
        assert_eq!(document.form, Form::Mht);
        assert_eq!(lines(&document).len(), 2, "{encoding}");
        let canonical = document.text();
        assert!(
            matches!(canonical.origin(0), Some(Origin::Entry { entry, .. }) if &**entry == "file:///C:/a.htm")
        );
    }
}

fn page_of(bytes: &[u8]) -> Document {
    read(bytes, &Limits::IMPORT).unwrap()
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine;
    let whole = base64::engine::general_purpose::STANDARD.encode(bytes);
    whole.as_bytes().chunks(76).map(|line| format!("{}\r\n", String::from_utf8_lossy(line))).collect()
}

#[test]
fn pages_without_a_text_are_refused() {
    for html in [
        "<html><body><div id=app></div><script>var text='第一条 甲。'</script></body></html>",
        "<html><body><ul class=menu><li><a href=1>首页</a><li><a href=2>政策</a><li><a href=3>互动</a></ul></body></html>",
    ] {
        assert_eq!(read(html.as_bytes(), &Limits::IMPORT), Err(Refusal::Empty), "{html}");
    }
    let error = "<html><head><title>404 Not Found</title></head><body><center><h1>404 Not Found</h1></center><hr>nginx</body></html>";
    assert!(matches!(read(error.as_bytes(), &Limits::IMPORT), Err(Refusal::ErrorPage(_))));
    let named = "<html><head><title>404号提案的答复</title></head><body><p>404号提案收悉，现答复如下。</p></body></html>";
    assert!(read(named.as_bytes(), &Limits::IMPORT).is_ok());
}

#[test]
fn endless_markup_terminates() {
    let attributes = format!("<html><p {}>甲。</p></html>", "a ".repeat(10_000));
    assert!(matches!(read(attributes.as_bytes(), &Limits::IMPORT), Err(Refusal::Bomb { .. })));
    let deep = format!("<html><body>{}<p>第一条 甲。</p></body></html>", "<div>".repeat(100_000));
    assert_eq!(lines(&page(&deep)), ["第一条 甲。"]);
    let span = "<html><table border=1><tr><td colspan=99999999 rowspan=99999999>甲<td>乙</table></html>";
    assert!(read(span.as_bytes(), &Limits::IMPORT).is_ok());
    // Each row has a cell over all rows below: the grid grows with the square of the page, up to its limit.
    let steps =
        format!("<html><table border=1>{}</table></html>", "<tr><td rowspan=9999>甲<td>乙".repeat(3_000));
    assert!(matches!(read(steps.as_bytes(), &Limits::IMPORT), Err(Refusal::Bomb { .. })));
}
