//! Records in tables: lists of structs in Parquet, JSON in a cell and in lines, and tables of their own.

use std::sync::Arc;

use arrow_array::builder::{
    BooleanBuilder, Date32Builder, Int64Builder, ListBuilder, StringBuilder, StructBuilder,
};
use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_schema::{DataType, Field};
use zhaoren_policy::fact::Knowledge;
use zhaoren_policy::profile::Profile;
use zhaoren_push::table::{RecordTable, Rows, TableOptions};

use super::bench::{Folder, open, opened};

/// Rows of the only chunk of a file with this text.
fn rows_of(name: &str, text: &str, options: TableOptions) -> Rows {
    let folder = Folder::new();
    let enterprises = open(&folder.write(name, text), options);
    let chunk = enterprises.chunks().next().unwrap().unwrap();
    enterprises.read(&chunk)
}

fn all(rows: &Rows) -> Vec<Profile> {
    rows.profiles()
}

/// Amounts of the loans of a profile, and whether there are no others.
fn loans(profile: &Profile) -> Option<(Vec<String>, bool)> {
    let list = profile.records("loans")?;
    let amount = |record: &Profile| match record.current("amount") {
        Knowledge::Unknown => "?".to_owned(),
        known => known.to_json().to_string(),
    };
    Some((list.records().iter().map(amount).collect(), list.is_complete()))
}

fn known(amounts: &[&str], complete: bool) -> Option<(Vec<String>, bool)> {
    Some((amounts.iter().map(|&amount| amount.to_owned()).collect(), complete))
}

#[test]
fn lines_and_cells_hold_records_as_json() {
    let text = "{\"id\":\"甲\",\"facts\":{\"loans\":[{\"amount\":5},{\"amount\":\"多\"}]}}\n{\"id\":\"乙\",\"facts\":{\"loans\":{\"known\":[{}]}}}\n";
    let rows = rows_of("t.jsonl", text, TableOptions::default());
    let profiles = all(&rows);
    assert_eq!(loans(&profiles[0]), known(&["5", "?"], true));
    assert_eq!(loans(&profiles[1]), known(&["?"], false));
    let warning = &rows.warnings[0];
    assert_eq!((warning.column.as_str(), warning.value.as_str()), ("facts.loans[1].amount", "多"));
    assert_eq!(warning.reason, "第 2 条记录的贷款金额：应为以元为单位的金额（数字）");

    let text = "id,loans\n甲,\"[{\"\"amount\"\":5}]\"\n乙,三笔\n丙,\n";
    let rows = rows_of("t.csv", text, TableOptions::default());
    let profiles = all(&rows);
    assert_eq!(loans(&profiles[0]), known(&["5"], true));
    // A text that is no list of records is unknown, and named.
    assert_eq!((loans(&profiles[1]), loans(&profiles[2])), (None, None));
    assert!(rows.warnings[0].reason.contains("记录的列表"), "{:?}", rows.warnings);
}

#[test]
fn parquet_holds_records_as_lists_of_structs() {
    let fields = vec![
        Field::new("amount", DataType::Int64, true),
        Field::new("贷款发放日", DataType::Date32, true),
        Field::new("lender", DataType::Utf8, true),
        Field::new("repaid", DataType::Boolean, true),
    ];
    let mut lists = ListBuilder::new(StructBuilder::from_fields(fields, 4));
    // Amount, day since 1970, lender and whether it is repaid; `None` is a null record.
    type Loan = Option<(Option<i64>, Option<i32>, Option<&'static str>, Option<bool>)>;
    let rows: [Option<Vec<Loan>>; 4] = [
        Some(vec![Some((Some(500), Some(20_000), Some("甲行"), Some(true))), Some((None, None, None, None))]),
        Some(vec![]),
        None,
        Some(vec![Some((Some(-1), None, None, None)), None]),
    ];
    for row in &rows {
        for loan in row.iter().flatten() {
            let values = lists.values();
            let (amount, day, lender, repaid) = loan.unwrap_or_default();
            values.field_builder::<Int64Builder>(0).unwrap().append_option(amount);
            values.field_builder::<Date32Builder>(1).unwrap().append_option(day);
            values.field_builder::<StringBuilder>(2).unwrap().append_option(lender);
            values.field_builder::<BooleanBuilder>(3).unwrap().append_option(repaid);
            values.append(loan.is_some());
        }
        lists.append(row.is_some());
    }
    let ids: ArrayRef = Arc::new(StringArray::from(vec!["a", "b", "c", "d"]));
    let batch = RecordBatch::try_from_iter_with_nullable([
        ("id", ids, false),
        ("loans", Arc::new(lists.finish()) as ArrayRef, true),
    ])
    .unwrap();
    let folder = Folder::new();
    let path = folder.path("t.parquet");
    let file = std::fs::File::create(&path).unwrap();
    let mut writer = parquet::arrow::ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();

    let enterprises = open(&path, TableOptions::default());
    let chunk = enterprises.chunks().next().unwrap().unwrap();
    let rows = enterprises.read(&chunk);
    let profiles = all(&rows);
    assert_eq!(loans(&profiles[0]), known(&["500", "?"], true));
    let first = &profiles[0].records("loans").unwrap().records()[0];
    assert_eq!(first.current("granted_on").to_json(), "2024-10-04");
    assert_eq!(
        (first.current("lender").to_json(), first.current("repaid").to_json()),
        ("甲行".into(), true.into())
    );
    assert_eq!(loans(&profiles[1]), known(&[], true));
    assert_eq!(loans(&profiles[2]), None);
    // A value that is refused is unknown; a record that is null may be anything, so the list is open.
    assert_eq!(loans(&profiles[3]), known(&["?"], false));
    let reasons: Vec<&str> = rows.warnings.iter().map(|warning| warning.reason.as_str()).collect();
    assert!(reasons[0].starts_with("第 1 条记录的贷款金额：-1 超出范围"), "{reasons:?}");
    assert!(reasons[1].starts_with("第 2 条记录："), "{reasons:?}");
}

fn with_loans(folder: &Folder, loans: &str, options: TableOptions) -> Rows {
    let path = folder.write("t.csv", "id,name,employees\n91310104MA1FR000X6,甲,5\n乙,乙,6\n丙,丙,7\n");
    let records = vec![RecordTable { fact: "loans".to_owned(), path: folder.write("loans.csv", loans) }];
    let enterprises = open(&path, TableOptions { records, ..options });
    assert_eq!(enterprises.inputs().len(), 2);
    let chunk = enterprises.chunks().next().unwrap().unwrap();
    enterprises.read(&chunk)
}

#[test]
fn a_table_of_records_is_joined_by_id() {
    let folder = Folder::new();
    let text = "统一社会信用代码,贷款金额（万元）,贷款发放日,是否逾期\n\
                91310104MA1FR000X6,100,2025/3/1,\n乙,50,2025年4月2日,\n91310104ma1fr000x6,abc,,\n别家,1,,\n";
    let rows = with_loans(&folder, text, TableOptions::default());
    let profiles = all(&rows);
    assert_eq!(rows.accepted.len(), 3);
    // A code is one, however it is written; a broken cell is an unknown field of its record.
    assert_eq!(loans(&profiles[0]), known(&["1000000", "?"], true));
    assert_eq!(loans(&profiles[1]), known(&["500000"], true));
    let second = &profiles[1].records("loans").unwrap().records()[0];
    assert_eq!(second.current("granted_on").to_json(), "2025-04-02");
    assert!(second.current("uscc").exact().is_none() && second.id.is_empty());
    // Without a row nothing is known of its loans.
    assert_eq!(loans(&profiles[2]), None);
    let broken = rows.warnings.iter().find(|warning| warning.value == "abc").unwrap();
    assert!(broken.file.ends_with("loans.csv") && broken.row == 4, "{broken:?}");
    assert_eq!(broken.column, "贷款金额（万元）");
}

#[test]
fn rejected_rows_of_records_leave_lists_open() {
    let folder = Folder::new();
    // A row without an id may be anyone's.
    let rows = with_loans(&folder, "id,amount\n乙,5\n,7\n", TableOptions::default());
    assert_eq!(loans(&all(&rows)[1]), known(&["5"], false));
    assert!(
        rows.warnings
            .iter()
            .any(|warning| warning.row == 3 && warning.reason.starts_with("这条记录没有读入"))
    );
    assert_eq!(rows.rejected, 0);
    // With rows rejected for a cell, the list of that enterprise alone is open.
    let options = TableOptions { reject_rows: true, ..TableOptions::default() };
    let rows = with_loans(&folder, "id,amount\n乙,5\n乙,x\n丙,5\n", options);
    let profiles = all(&rows);
    assert_eq!(loans(&profiles[1]), known(&["5"], false));
    assert_eq!(loans(&profiles[2]), known(&["5"], true));
}

#[test]
fn tables_of_records_are_refused_by_name() {
    let folder = Folder::new();
    let path = folder.write("t.csv", "id\n甲\n");
    let refused = |fact: &str, name: &str| {
        let records = vec![RecordTable { fact: fact.to_owned(), path: folder.path(name) }];
        opened(&path, TableOptions { records, ..TableOptions::default() }).unwrap_err()
    };
    folder.write("loans.csv", "amount\n5\n");
    assert!(
        refused("employees", "loans.csv").contains("不是记录类指标"),
        "{}",
        refused("employees", "loans.csv")
    );
    assert!(refused("loans", "loans.csv").contains("没有 id 列"));
    assert!(refused("loans", "missing.csv").contains("missing.csv"));
    assert!(RecordTable::parse("loans").unwrap_err().contains("loans=loans.csv"));
    assert_eq!(RecordTable::parse("loans=a.csv").unwrap().fact, "loans");
}
