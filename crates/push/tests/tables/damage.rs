//! Files that are damaged, truncated, or changed while they are read.

use std::io::Write;
use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, StringArray};
use encoding_rs::GB18030;

use super::arrow_types::parquet;
use super::bench::{Folder, all, by_rows, open, opened, rejects, rows_of, strict};

fn long(rows: usize) -> String {
    let row = |n: usize| format!("E{n},上海第{n}号有限公司,{}\n", n % 50);
    "id,name,employees\n".to_owned() + &(0..rows).map(row).collect::<String>()
}

#[test]
fn wrong_values_in_late_rows_are_named() {
    let text =
        long(70_000).replacen("E65432,上海第65432号有限公司,32", "E65432,上海第65432号有限公司,三十二", 1);
    for bytes in [text.as_bytes().to_vec(), GB18030.encode(&text).0.into_owned()] {
        let rows = rows_of("t.csv", bytes, by_rows(10_000));
        assert_eq!((rows.accepted.len(), rows.rejected), (69_999, 1));
        assert_eq!(rejects(&rows), ["65434 employees [三十二] 应为整数"]);
        assert_eq!(rows.rejects[0].id, "E65432");
    }
}

#[test]
fn invalid_bytes_reject_their_row() {
    let text = long(5_000);
    let mut bytes = text.clone().into_bytes();
    let at = text.find("上海第4321号").unwrap();
    bytes[at + 1] = b'?';
    let rows = rows_of("t.csv", bytes, strict());
    assert_eq!((rows.accepted.len(), rows.rejected), (4_999, 1));
    assert!(rejects(&rows)[0].starts_with("4323 name"), "{:?}", rows.rejects);
    assert!(rows.rejects[0].reason.starts_with("有无法解码的字节"));
    assert_eq!(rows.rejects[0].id, "E4321");
    // Also in an unused column, and in JSON Lines.
    let rows = rows_of(
        "t.csv",
        b"id,x,name\nE1,\xff,\xe7\x94\xb2\xe7\x94\xb2\xe7\x94\xb2\nE2,y,\xe7\x94\xb2\n",
        by_rows(5),
    );
    assert_eq!((rows.accepted.len(), rejects(&rows).len()), (1, 1));
    assert_eq!(rows.rejects[0].column, "x");
    let line = |name: &[u8]| {
        [b"{\"id\":\"E1\",\"name\":\"\xe7\x94\xb2\xe4\xb9\x99".as_slice(), name, b"\"}\n"].concat()
    };
    let rows = rows_of("t.jsonl", [line(b"\xe7\x94\xb2"), line(b"\xff")].concat(), strict());
    assert_eq!((rows.accepted.len(), rows.rejects[0].row), (1, 2));
    // Half a surrogate pair in UTF-16.
    let mut wide: Vec<u8> = "id,name\nE1,甲\nE2,".encode_utf16().flat_map(u16::to_le_bytes).collect();
    wide.extend([0x00, 0xd8]);
    wide.extend("\n".encode_utf16().flat_map(u16::to_le_bytes));
    let rows = rows_of("t.csv", wide, strict());
    assert_eq!((rows.accepted.len(), rows.rejects[0].row), (1, 3));
}

#[test]
fn ragged_rows_are_rejected_whole() {
    let rows = rows_of("t.csv", "id,name,employees\nE1,甲\nE2,乙,5\n\nE3,丙,5,6\n\"E4\n\",丁\n", strict());
    assert_eq!(
        rejects(&rows),
        [
            "2  [] 这一行有 2 列，表头有 3 列",
            "5  [] 这一行有 4 列，表头有 3 列",
            "6  [] 这一行有 2 列，表头有 3 列；从第 6 行到第 7 行读成了一行，可能有引号没有闭合",
        ]
    );
    assert_eq!(rows.rejects[1].id, "E3");
    assert_eq!(rows.accepted[0].row, 3);
}

#[test]
fn unclosed_quotes_have_bounded_memory() {
    let folder = Folder::new();
    let mut text = "id,name,employees\nE0,甲,1\nE1,\"乙,1\n".to_owned();
    text += &"E2,丙,1\n".repeat(8 << 20);
    let enterprises = open(&folder.write("t.csv", text), strict());
    let error = all(&enterprises).unwrap_err();
    assert!(
        error.contains("t.csv：") && error.contains("从第 3 行起的一行超过 64 MiB，可能有引号没有闭合"),
        "{error}"
    );
}

#[test]
fn invalid_json_is_named() {
    let rows = rows_of(
        "t.jsonl",
        "{\"id\":\"E1\"}\n\n{\"id\":\"E2\",\"facts\":{\"employees\":\n{\"facts\":{}}\n[1]\n\
         {\"id\":\"E3\",\"name\":5,\"facts\":{\"revenue\":7,\"employees\":\"甲\",\"foreign_share\":{\"at_least\":0.5,\"at_most\":0.1}}}\n\
         {\"id\":\"E4\",\"facts\":{\"revenue\":{\"25\":1}},\"judged\":{\"好\":1}}\n",
        strict(),
    );
    assert_eq!((rows.accepted.len(), rows.rejected), (1, 5));
    assert_eq!(
        rejects(&rows)[1..],
        [
            "4  [] 缺少 id",
            "5  [] 应为一个企业画像：含 id 与 facts 的对象",
            "6 name [5] 应为文字",
            "6 facts.revenue [7] 应按年度给出，如 {\"2025\": …}",
            "6 facts.employees [甲] 应为整数",
            "6 facts.foreign_share [{\"at_least\":0.5,\"at_most\":0.1}] 从 0.5 到 0.1 的区间里没有值",
            "7 facts.revenue.25 [1] 年度应为四位数字",
            "7 judged.好 [1] 应为 true 或 false",
        ]
    );
    assert!(rejects(&rows)[0].starts_with("3  [{\"id\":\"E2\""), "{:?}", rows.rejects[0]);
    assert_eq!(rows.rejects[3].id, "E3");
    // In a JSON file the line is that of the profile's beginning; a file that is no JSON cannot be read further.
    let rows = rows_of(
        "t.json",
        "[\n{\"id\":\"E1\"},\n {\n\"id\":\"E2\",\"facts\":{\"employees\":true}}, 7]",
        strict(),
    );
    assert_eq!(
        rejects(&rows),
        ["3 facts.employees [true] 应为整数", "4  [] 应为一个企业画像：含 id 与 facts 的对象"]
    );
    let folder = Folder::new();
    let error = all(&open(&folder.write("t.json", "[\n{\"id\":\"E1\"},\n{\"id\":"), strict())).unwrap_err();
    assert!(error.contains("t.json：第 3 行：不是完整的 JSON"), "{error}");
}

fn big_parquet(folder: &Folder) -> std::path::PathBuf {
    let ids: ArrayRef = Arc::new(StringArray::from_iter_values((0..5000).map(|n| format!("E{n}"))));
    let values: ArrayRef = Arc::new(Int64Array::from_iter_values((0..5000).map(|n| n * 7919 % 100_003)));
    parquet(folder, vec![("id", ids), ("employees", values)], 500)
}

#[test]
fn truncated_parquet_files_are_named() {
    let folder = Folder::new();
    let path = big_parquet(&folder);
    let bytes = std::fs::read(&path).unwrap();
    for keep in [0, 3, 8, bytes.len() / 2, bytes.len() - 1] {
        let path = folder.write("cut.parquet", &bytes[..keep]);
        let error = opened(&path, strict()).unwrap_err();
        assert!(error.contains("cut.parquet：不是完整的 Parquet 文件"), "{keep}: {error}");
    }
    // Truncated after opening.
    let enterprises = open(&path, by_rows(300));
    std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let error = all(&enterprises).unwrap_err();
    assert!(error.contains("t.parquet：读取过程中内容发生了变化"), "{error}");
    std::fs::write(&path, &bytes).unwrap();
    assert_eq!(all(&enterprises).unwrap().accepted.len(), 5000);
}

#[test]
fn damaged_pages_name_the_row() {
    let folder = Folder::new();
    let path = big_parquet(&folder);
    let bytes = std::fs::read(&path).unwrap();
    let mut stopped = 0;
    // For damage at any position, the file is refused by name or all of its rows are accounted for.
    for at in (4..bytes.len() - 8).step_by(bytes.len() / 60) {
        let mut bytes = bytes.clone();
        for byte in &mut bytes[at..at + 4] {
            *byte ^= 0xff;
        }
        let path = folder.write("damaged.parquet", &bytes);
        match opened(&path, by_rows(300)).and_then(|enterprises| all(&enterprises)) {
            Ok(rows) => assert_eq!(rows.accepted.len() as u64 + rows.rejected, 5000),
            Err(error) => {
                assert!(error.contains("damaged.parquet：第") || error.contains("不是完整的"), "{error}");
                stopped += 1;
            }
        }
    }
    assert!(stopped > 0);
}

#[test]
fn files_changed_during_a_run_are_named() {
    let folder = Folder::new();
    let text = long(20_000);
    let path = folder.write("t.csv", &text);
    let enterprises = open(&path, by_rows(100));
    enterprises.unchanged().unwrap();
    // While it is read: shorter, longer.
    let mut chunks = enterprises.chunks();
    chunks.next().unwrap().unwrap();
    std::fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(400_000).unwrap();
    let errors: Vec<String> = chunks.filter_map(|chunk| chunk.err().map(|error| error.to_string())).collect();
    assert_eq!(errors.len(), 1, "and nothing behind it: {errors:?}");
    let says = format!("打开时有 {} 字节，读到第 400000 字节（第", text.len());
    assert!(errors[0].contains("t.csv：读取过程中内容发生了变化") && errors[0].contains(&says), "{errors:?}");
    assert!(all(&enterprises).unwrap_err().contains("内容发生了变化"));
    std::fs::write(&path, &text).unwrap();
    let mut chunks = enterprises.chunks();
    chunks.next().unwrap().unwrap();
    let mut file = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
    file.write_all(b"E99999,new,1\n").unwrap();
    assert!(chunks.any(|chunk| chunk.is_err_and(|error| error.to_string().contains("内容发生了变化"))));
    // Afterwards: the same length, other content.
    std::fs::write(&path, text.replace("E777,", "E778,")).unwrap();
    let error = enterprises.unchanged().unwrap_err().to_string();
    assert!(error.contains("t.csv：读取过程中内容发生了变化"), "{error}");
    std::fs::write(&path, &text).unwrap();
    enterprises.unchanged().unwrap();
    std::fs::remove_file(&path).unwrap();
    assert!(enterprises.unchanged().unwrap_err().to_string().contains("t.csv"));
    assert!(all(&enterprises).unwrap_err().contains("t.csv"));
}
