//! The programs in `examples/` run and say what a reader expects.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use std::path::Path;
use std::process::Command;

/// Output of an example. `cargo test` and `cargo nextest run` build all of them.
fn output(name: &str) -> String {
    let binaries = Path::new(env!("CARGO_BIN_EXE_zhaoren")).parent().unwrap();
    let program = binaries.join("examples").join(name);
    assert!(program.is_file(), "build it first: cargo build --example {name}");
    let output = Command::new(program).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn match_one() {
    let expected = "\
小微企业贷款贴息（示例）：符合
  从业人员少于300人：满足
  注册在徐汇区：满足
高新技术企业奖励（示例）：待定
  持有有效的高新技术企业证书：未知
  待补：qualifications
";
    assert_eq!(output("match_one"), expected);
}

#[test]
fn sweep() {
    let text = output("sweep");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(lines[0].starts_with("1200 家企业 × 104 个事项，0 个未能编译"), "{text}");
    assert!(lines[1].starts_with("符合 ") && !lines[1].starts_with("符合 0 "), "{text}");
}

#[test]
fn search() {
    let text = output("search");
    assert!(text.contains("免申即享 → 小微企业贷款贴息通知（示例）"), "{text}");
    assert!(text.contains("招大学生有什么补贴 → 企业吸纳就业补贴（示例）"), "{text}");
    assert!(text.contains("fangzu → 科技园区房租减免办法（示例）"), "{text}");
}

#[test]
fn read_policy() {
    let text = output("read_policy");
    assert!(text.contains("标题：") && !text.contains("条款：0 条"), "{text}");
}

#[test]
fn push_lists() {
    let expected = "\
读入 3 行，退回 0 行
样例一 sample-growth eligible
样例二 sample-growth undetermined
";
    assert_eq!(output("push_lists"), expected);
}
