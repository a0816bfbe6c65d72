//! `zhaoren map` as a process: its report and its mapping file, word for word.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise, and says what it saw")]

use std::path::Path;
use std::process::{Command, Output};

fn map(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zhaoren"));
    command.current_dir(folder).arg("map").args(arguments).output().unwrap()
}

const TABLE: &str = "某区企业名单,,,
统一社会信用代码,企业名称,营业收入（万元） 2025,是否高企
91310104MA1FR000X6,甲,4300,是
91310115MA1K000000,乙,约50,否
";

const MAPPING: &str = "# 列映射，由 zhaoren map 生成：名单.csv
# 表头取自第 2 行，其上 1 行是标题或说明，没有读取
# 每列一行：列名: 读作什么。ignore 为不读取；确认后把 ignore 换成候选即可。
columns:
  统一社会信用代码: id
  企业名称: name
  营业收入（万元） 2025: {fact: revenue, year: 2025, unit: 万元}  # 营业收入
  是否高企: {tag: {qualifications: 高新技术企业}}  # 资质称号(有效期内)
";

const REPORT: &str = "名单.csv：4 列，2 行
注意：表头取自第 2 行，其上 1 行是标题或说明，没有读取
   1  统一社会信用代码 → 企业标识，填写 100%
        读不懂 1 处：
          “91310115MA1K000000” 1 处：统一社会信用代码的校验位应为 `3`（GB 32100）
   2  企业名称 → 企业名称，填写 100%
   3  营业收入（万元） 2025 → 营业收入 revenue，2025 年，单位 万元，填写 100%
        读不懂 1 处：
          “约50” 1 处：应为以元为单位的金额（数字）
   4  是否高企 → 资质称号(有效期内) qualifications 中的“高新技术企业”（是/否），填写 100%
读取 4 列，不读取 0 列；读不懂的单元格 2 个；不能作为企业读取的行 0 行
";

#[test]
fn a_report_and_a_mapping() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("名单.csv"), TABLE).unwrap();
    let printed = map(folder.path(), &["名单.csv"]);
    assert_eq!(printed.status.code(), Some(0));
    assert_eq!(String::from_utf8(printed.stdout).unwrap(), MAPPING);
    assert_eq!(String::from_utf8(printed.stderr).unwrap(), REPORT);
    let written = map(folder.path(), &["名单.csv", "--out", "映射.yaml"]);
    let said = String::from_utf8(written.stdout).unwrap();
    assert!(said.starts_with(REPORT) && said.contains("zhaoren push 名单.csv --map 映射.yaml"), "{said}");
    assert_eq!(std::fs::read_to_string(folder.path().join("映射.yaml")).unwrap(), MAPPING);
    // A file of the operator is not overwritten.
    let again = map(folder.path(), &["名单.csv", "--out", "映射.yaml"]);
    assert_eq!(again.status.code(), Some(2));
    let missing = map(folder.path(), &["无.csv"]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(String::from_utf8(missing.stderr).unwrap().contains("没有这个文件"));
}
